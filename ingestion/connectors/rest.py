"""Reads any source that has a manifest: one walk over pages and spans of time that may stop and go on anywhere."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ingestion.connectors import exports, paging, shapes, spans
from ingestion.connectors.asking import Fill, Requests, TooMuch
from ingestion.connectors.base import Batch, Check, Plan, State
from ingestion.connectors.guarded import Client
from ingestion.connectors.manifest import Manifest, Resource
from ingestion.connectors.manifest import Mapping as CanonicalMapping
from ingestion.connectors.paging import Page, Place
from ingestion.connectors.places import one
from ingestion.connectors.signing import Signer
from ingestion.connectors.spans import Span
from store.errors import PlainsayError, SourceProblem

_MOST_REPEATS = 3


@dataclass
class _Walk:
    """One read of one resource: its bounds, what was seen, and the place that a crash may go on from."""

    since: datetime | None
    until: datetime
    watermark: str | None
    seen: datetime | None = None
    parent: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def state(self, span: Span | None, place: Place | None) -> State:
        """JSON of the walk once the rows so far are committed; `place` None when the span is finished."""
        walk: dict[str, Any] = {"until": self.until.isoformat(), **self.extra}
        if self.since is not None:
            walk["since"] = self.since.isoformat()
        if self.seen is not None:
            walk["seen"] = self.seen.isoformat()
        if self.parent is not None:
            walk["parent"] = self.parent
        if span is not None:
            walk["span"] = span.to_json() if place is not None else [span.end.isoformat(), None]
        if place:
            walk["place"] = place
        return {"watermark": self.watermark, "walk": walk}


class RestSource:
    """The `Connector` of every manifest that polls. `values` are the connection's settings, secrets opened."""

    def __init__(
        self, manifest: Manifest, values: Mapping[str, str], *, environment: str = "live", base_url: str | None = None,
        client: Client | None = None,
    ) -> None:  # fmt: skip
        self._manifest = manifest
        hosts = [Fill(values).text(h) for h in manifest.hosts]
        self._client = client or Client(hosts, per_second=manifest.rate.per_second, retries=manifest.rate.retries)
        base = base_url or Fill(values).text(manifest.base_url[environment])
        self._signer = Signer(manifest.auth, values, base, self._client, base_url)
        self._requests = Requests(manifest, values, self._signer, hosts, (environment, base_url))
        self._left_out = {s.name for s in manifest.settings if not s.required and not values.get(s.name)}
        self.pages = 0

    def close(self) -> None:
        self._client.close()

    def check(self) -> Check:
        """Ask for the first page of the resource that the manifest names."""
        manifest = self._manifest
        name = manifest.check or next((r.name for r in manifest.listed if r.parent is None), None)
        if name is None:
            return Check(True, "Nothing to ask: this source sends its data by itself.")
        resource, now = manifest.resource(name), self._now()
        try:
            span = next(spans.spans(resource.incremental, self._recent(resource, now), now), None)
            page = self._page(resource, span, {}, {})
        except TooMuch:
            return Check(True, "The source answers.", self._signer.skew)
        except PlainsayError as error:
            return Check(False, str(error), self._signer.skew)
        if not page.rows and (missed := shapes.missed(resource, page.body)):
            return Check(True, f"The source answers, but {missed}.", self._signer.skew)
        return Check(True, f"The source answers ({len(page.rows)} rows on the first page).", self._signer.skew)

    def discover(self) -> list[Resource]:
        """All that the manifest can read; what an account lacks shows when it is loaded."""
        return self._manifest.listed

    def canonical(self) -> tuple[CanonicalMapping, ...]:
        return self._manifest.canonical

    def read(self, resource: str, plan: Plan) -> Iterator[Batch]:
        """Pages of `resource`; each batch carries the state to commit with it, the last one the new watermark."""
        spec = self._manifest.resource(resource)
        walk = self._begin(spec, plan)
        try:
            if spec.parent is not None:
                yield from self._by_parent(spec, walk, plan)
            elif spec.via == "async_export":
                yield from self._exported(spec, walk, plan.state)
            else:
                yield from self._over_spans(spec, walk, {}, plan.state.get("walk"))
        except SourceProblem as error:
            absent = error.details.get("status") in (403, 404) or error.details.get("setting") in self._left_out
            if not (spec.optional and absent):
                raise
        yield Batch([], {"watermark": self._watermark(spec, walk)}, 0)

    def first_page(self, resource: str) -> list[dict[str, Any]]:
        """The rows of one page as they are now, for look-ups that keep nothing."""
        spec, now = self._manifest.resource(resource), self._now()
        return self._page(spec, next(spans.spans(spec.incremental, self._recent(spec, now), now), None), {}, {}).rows

    def page_of(self, spec: Resource, span: Span | None, fields: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows of the first page of one stretch of time, for one parent."""
        return self._page(spec, span, {}, fields).rows

    def use_token(self, token: str) -> None:
        """Use a token that somebody else fetched."""
        self._signer.use(token)

    def _begin(self, spec: Resource, plan: Plan) -> _Walk:
        mark = spans.moment_of(plan.state.get("watermark"))
        old, now = plan.state.get("walk") or {}, self._now()
        if old:
            moments = {n: spans.moment_of(old.get(n)) for n in ("since", "until", "seen")}
            return _Walk(
                moments["since"], moments["until"] or now, plan.state.get("watermark"), moments["seen"],
                old.get("parent"), {k: v for k, v in old.items() if k == "job"},
            )  # fmt: skip
        since = spans.since_of(spec.incremental, mark, plan.first, now)
        return _Walk(since, now, plan.state.get("watermark"))

    def _over_spans(
        self, spec: Resource, walk: _Walk, fields: Mapping[str, Any], old: Mapping[str, Any] | None
    ) -> Iterator[Batch]:
        todo, place = _todo(spec, walk, old)
        while todo:
            span = todo.pop(0)
            try:
                yield from self._over_pages(spec, walk, span, place, fields)
            except TooMuch as much:
                halves = span.halves() if span is not None else None
                if halves is None:
                    raise SourceProblem("The source has too many rows for one second.", code="too_dense") from much
                todo = [*halves, *todo]
            place = {}

    def _over_pages(
        self, spec: Resource, walk: _Walk, span: Span | None, place: Place, fields: Mapping[str, Any]
    ) -> Iterator[Batch]:
        at: Place | None = place
        before, repeats = b"", 0
        for _ in range(spec.paging.most_pages):
            assert at is not None
            page = (
                self._resumed(spec, span, at, fields) if at is place and place else self._page(spec, span, at, fields)
            )
            mark = hashlib.sha256(page.answer.body).digest()
            following = paging.after(spec.paging, at, page)
            if page.rows and (mark == before or following == at):
                repeats += 1
                if repeats >= _MOST_REPEATS:
                    raise SourceProblem("The source gives the same page again and again.", code="same_page")
                continue  # a hiccup: what belongs here is still to come
            before, repeats = mark, 0
            self._note(spec, walk, page.rows)
            if following is not None and _is_past(spec, walk, page.rows):
                following = None
            yield Batch(page.rows, walk.state(span, following))
            if following is None:
                return
            at = following
        raise SourceProblem("The source has more pages than can be.", code="endless_pages")

    def _resumed(self, spec: Resource, span: Span | None, place: Place, fields: Mapping[str, Any]) -> Page:
        """Go on where a read was cut off, one page back where rows may have moved; an old cursor may be gone."""
        back = dict(place)
        if "page" in back:
            back["page"] = max(int(back["page"]) - 1, spec.paging.first)
        if "offset" in back:
            back["offset"] = max(int(back["offset"]) - (spec.paging.size or 100), 0)
        try:
            page = self._page(spec, span, back, fields)
        except SourceProblem:
            place.clear()
            return self._page(spec, span, {}, fields)
        place.update(back)
        return page

    def _by_parent(self, spec: Resource, walk: _Walk, plan: Plan) -> Iterator[Batch]:
        done = walk.parent
        for key, fields in plan.parents:
            if done is not None and key <= done:
                continue
            yield from self._over_spans(spec, walk, fields, None)
            walk.parent = key
            yield Batch([], walk.state(None, None), 0)

    def _exported(self, spec: Resource, walk: _Walk, state: State) -> Iterator[Batch]:
        old = state.get("walk") or {}
        todo, _ = _todo(spec, walk, old)
        for span in todo:
            job = exports.Job(spec, self._requests, self._signer.client)
            job_id = walk.extra.pop("job", None) or job.create(span)
            walk.extra["job"] = job_id
            yield Batch([], walk.state(span, {}), 0)
            rows = job.rows(job_id, time.monotonic() + (spec.export.most_minutes * 60 if spec.export else 0))
            walk.extra.pop("job", None)
            self._note(spec, walk, rows)
            yield Batch(rows, walk.state(span, None))

    def _page(self, spec: Resource, span: Span | None, place: Place, fields: Mapping[str, Any]) -> Page:
        answer = self._requests.fetch(spec, span, place, fields)
        if answer.skew is not None:
            self._signer.skew = answer.skew
        self.pages += 1
        if str(answer.status) in spec.incremental.empty_on:
            return Page({}, [], answer)
        body = shapes.parsed(spec, answer.body)
        rows = shapes.rows(spec, body, answer.body)
        if fields or spec.stamp:
            extra = dict(fields) | self._stamped(spec)
            rows = [row | extra for row in rows]
        return Page(body, rows, answer)

    def _stamped(self, spec: Resource) -> dict[str, str]:
        if spec.stamp is None:
            return {}
        now = self._now()
        return {"_taken": now.date().isoformat() if spec.stamp == "day" else now.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def _note(self, spec: Resource, walk: _Walk, rows: list[dict[str, Any]]) -> None:
        """Remember the newest moment among the rows; it becomes the watermark when the walk is over."""
        place = spec.incremental.field
        if place is None:
            return
        for row in rows:
            moment = spans.moment_of(one(row, place))
            if moment is not None and (walk.seen is None or moment > walk.seen):
                walk.seen = moment

    def _watermark(self, spec: Resource, walk: _Walk) -> str | None:
        """Never later than the source's own present, so that a clock that runs ahead hides nothing."""
        mode, old = spec.incremental.mode, spans.moment_of(walk.watermark)
        if mode in ("full", "none", "push", "file"):
            return None
        best = walk.until if mode in ("window", "slice", "per_parent") else walk.seen
        found = [m for m in (best, old) if m is not None]
        return min(max(found), self._now()).isoformat() if found else None

    def _recent(self, spec: Resource, now: datetime) -> datetime | None:
        if spec.incremental.mode not in ("window", "slice") and not spec.incremental.template:
            return None
        return datetime.fromtimestamp(now.timestamp() - 86_400, UTC)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._signer.now(), UTC).replace(microsecond=0)


def _todo(spec: Resource, walk: _Walk, old: Mapping[str, Any] | None) -> tuple[list[Span | None], Place]:
    """The spans that are left, and the place inside the first one."""
    bounds = (old or {}).get("span")
    if not bounds:
        place = dict((old or {}).get("place") or {})
        return list(spans.spans(spec.incremental, walk.since, walk.until)), place
    start, end = spans.moment_of(bounds[0]), spans.moment_of(bounds[1])
    if end is not None and start is not None:
        rest = list(spans.spans(spec.incremental, end, walk.until)) if _stepped(spec) else []
        return [Span(start, end), *rest], dict((old or {}).get("place") or {})
    return (list(spans.spans(spec.incremental, start, walk.until)) if _stepped(spec) else []), {}


def _stepped(spec: Resource) -> bool:
    return spec.incremental.mode in ("window", "slice")


def _is_past(spec: Resource, walk: _Walk, rows: list[dict[str, Any]]) -> bool:
    """Newest first: whether a whole page lies before what is wanted."""
    rule = spec.incremental
    if rule.mode != "stop_at_watermark" or walk.since is None or rule.field is None or not rows:
        return False
    moments = [spans.moment_of(one(row, rule.field)) for row in rows]
    return all(m is not None and m < walk.since for m in moments)
