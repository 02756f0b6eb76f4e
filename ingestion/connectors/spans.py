"""Which stretch of time to ask for next, so that a late change is read again and a huge period is read in steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ingestion.connectors.manifest import Incremental

FIRST_DAY = datetime(2010, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Span:
    """From `start` up to `end`, both aware and in UTC."""

    start: datetime
    end: datetime

    def halves(self) -> tuple[Span, Span] | None:
        """Two halves; None when it is too short to be cut."""
        if self.end - self.start <= timedelta(seconds=2):
            return None
        middle = (self.start + (self.end - self.start) / 2).replace(microsecond=0)
        return Span(self.start, middle), Span(middle, self.end)

    def to_json(self) -> list[str]:
        return [self.start.isoformat(), self.end.isoformat()]


def since_of(rule: Incremental, watermark: datetime | None, first: datetime | None, now: datetime) -> datetime | None:
    """From when to ask; None means everything. What the source no longer holds is not asked for."""
    start = watermark - timedelta(days=rule.lookback_days) if watermark else first
    if rule.max_age_days is not None:
        oldest = now - timedelta(days=rule.max_age_days) + timedelta(minutes=5)
        start = max(start or oldest, oldest)
    if start is None and (rule.mode in ("window", "slice") or rule.template):
        start = FIRST_DAY
    return start


def spans(rule: Incremental, since: datetime | None, until: datetime) -> Iterator[Span | None]:
    """The stretches to ask for, oldest first. None: one walk without an end."""
    if rule.mode not in ("window", "slice") or since is None:
        yield Span(since, until) if since is not None else None
        return
    step = timedelta(days=rule.step_days or rule.max_days or 3650)
    if rule.mode == "slice":
        step = timedelta(hours=1) if rule.unit == "hour" else timedelta(days=1)
        since = since.replace(minute=0, second=0, microsecond=0)
        since = since.replace(hour=0) if rule.unit == "day" else since
    elif rule.max_days and step > timedelta(days=rule.max_days):
        step = timedelta(days=rule.max_days)
    start = since
    while start < until:
        end = min(start + step, until) if rule.mode == "window" else start + step
        yield Span(start, end)
        start = end


def written(moment: datetime, rule: Incremental) -> str:
    """A moment as the source wants it written."""
    form = rule.format or "iso"
    if form == "unix":
        return str(int(moment.timestamp()))
    if form == "unix_ms":
        return str(int(moment.timestamp() * 1000))
    if form == "iso":
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return moment.astimezone(UTC).strftime(form)


def parameters(rule: Incremental, span: Span | None) -> dict[str, str]:
    """Names and values that ask for `span`. A day that is named as the end is itself included by many sources."""
    if span is None or rule.mode not in ("server", "window", "slice", "per_parent"):
        return {}
    end = span.end
    if rule.end_inclusive and rule.format and "%H" not in rule.format and end > span.start:
        end = max(span.start, end - timedelta(seconds=1))
    if rule.template and rule.start:
        text = rule.template.replace("{start}", written(span.start, rule)).replace("{end}", written(end, rule))
        return {rule.start: text}
    found = {rule.start: written(span.start, rule)} if rule.start else {}
    return found | ({rule.end: written(end, rule)} if rule.end else {})


def moment_of(value: Any) -> datetime | None:
    """A value of any source as a moment in UTC: ISO text, seconds or milliseconds since 1970, compact digits."""
    if value is None or isinstance(value, bool | dict | list):
        return None
    text = str(value).strip()
    if not text.isascii():
        return None
    if isinstance(value, int | float) or text.replace(".", "", 1).isdigit():
        return _from_digits(text)
    found = _from_text(text)
    if found is None:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _from_text(text: str) -> datetime | None:
    """ISO first: nearly all times are, and looking for another form costs thirty times as much."""
    plain = text[10:11] == " "
    with suppress(ValueError):
        found = datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-") if plain else text)
        return found.replace(microsecond=0) if plain and found.tzinfo is None else found
    for form in ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d"):
        with suppress(ValueError):
            return datetime.strptime(text[:19], form)
    return None


def _from_digits(text: str) -> datetime | None:
    whole = text.partition(".")[0]
    try:
        if len(whole) == 14:
            return datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        if len(whole) == 8:
            return datetime.strptime(whole, "%Y%m%d").replace(tzinfo=UTC)
        seconds = float(text)
        return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
