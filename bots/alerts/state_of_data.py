"""Rules about the data itself: rows that stopped coming, cells that are empty, numbers of rows out of the ordinary."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import median

from agent.claims import Ref
from bots.alerts.course import looks_late, row_counts
from bots.alerts.reading import Looked, Reading
from bots.alerts.rule import DataQuality, Freshness, Severity
from bots.alerts.sheet import Sheet
from bots.digests.gather import Reader
from store.errors import NotEnough, unknown
from tools import registry
from tools.derive import number
from tools.series import day_of, floor, step
from warehouse.model.adhoc import adhoc_name, humanize, resolve_measure
from warehouse.model.schema import Table

_CRITICAL_DAYS = 3
_USUAL = 8
_FEWEST = 4


def freshness(reader: Reader, rule: Freshness) -> Looked:
    """Whether a table has no rows for the last days, or none where it usually has some."""
    name, spec, column = _table(reader, rule.table)
    yesterday = reader.wall.date() - timedelta(days=1)
    rows = row_counts(reader, column, yesterday)
    last = max(rows, default=None) or _last(reader, spec, yesterday)
    if last is None:
        raise NotEnough(f"There are no {name} yet.", code="too_few_rows")
    away = (yesterday - last).days
    expected = [last + timedelta(days=k + 1) for k in range(away)]
    usual = sum(_usually(rows, day) for day in expected[:_USUAL])
    holds = away >= rule.days if rule.days is not None else usual > 0
    sheet = Sheet()
    many = away != 1
    silent: list[str | Ref] = [sheet.count(away), " days" if many else " day"]
    text = sheet.write(
        f"No new {name} for ", *silent, ": the last are of ", sheet.period(last, "day"),
        ". Figures that rest on them stop there too." if many else ".",
    )  # fmt: skip
    over = sheet.write(f"New {name} have come: the last are of ", sheet.period(last, "day"), ".")
    silence = f"It goes quiet when rows of a later day come. Alerts on figures of {name} wait meanwhile."
    severity: Severity = "critical" if away >= _CRITICAL_DAYS else "warning"
    reading = Reading("", holds, yesterday.isoformat(), severity, float(away), text if away else "", "bad",
                      silence if holds else "", over, f"How many {name} were there by day?")  # fmt: skip
    shown = sheet.write(f"The last {name} are of ", sheet.period(last, "day"), ".")
    return Looked(((reading,),), shown=shown, label=humanize(name))


def _usually(rows: dict[date, int], day: date) -> bool:
    """Whether a weekday had rows in two of the four weeks before."""
    return sum(bool(rows.get(day - timedelta(days=7 * k))) for k in range(1, 5)) >= 2


def _last(reader: Reader, spec: Table, yesterday: date) -> date | None:
    if spec.time is None:
        return None
    last = reader.view.profile.bounds(spec.source, spec.time.default)[1]
    return min(last, yesterday) if last is not None else None


def quality(reader: Reader, rule: DataQuality) -> Looked:
    """Whether the rows of the last complete period lack cells, repeat values, or are too few or too many."""
    name, spec, column = _table(reader, rule.table)
    if rule.column is not None and resolve_measure(reader.view.model, _count(rule.table, rule.column)) is None:
        raise unknown("column", rule.column, [*spec.dimensions, *spec.numbers])
    week_start = reader.view.model.calendar.civil.first_weekday
    end = day_of(floor(reader.wall.date(), rule.grain, week_start))
    start = day_of(step(end, rule.grain, -1))
    rows = row_counts(reader, column, end - timedelta(days=1))
    if rule.check in ("few", "many"):
        return _numbers(reader, rule, name, column, (start, end))
    late = looks_late(rows, end - timedelta(days=1))
    if late or not rows.get(end - timedelta(days=1)):
        return Looked(waiting="The data of the last day is not all in yet.", label=humanize(name))
    return _cells(reader, rule, name, column, (start, end))


def _count(table: str, column: str) -> str:
    return adhoc_name("count", table, column)


def _cells(reader: Reader, rule: DataQuality, name: str, column: str, span: tuple[date, date]) -> Looked:
    table, _, time = column.rpartition(".")
    field = str(rule.column)
    agg = "count" if rule.check == "empty" else "count_distinct"
    names = [_count(table, time), _count(table, field)]
    names += [adhoc_name("count_distinct", table, field)] if agg == "count_distinct" else []
    found = _counted(reader, names, column, span)
    whole, filled = found[0], found[1]
    bad = whole - filled if rule.check == "empty" else filled - found[2]
    of = whole if rule.check == "empty" else filled
    share = bad / of if of else 0.0
    sheet = Sheet()
    label = _label(reader, table, field)
    head: list[str | Ref] = [sheet.count(bad), " of ", sheet.count(of), f" {name}", *_when(sheet, rule, span, reader)]
    what = f" have no {label}" if rule.check == "empty" else f" repeat a {label} that another one has"
    text = sheet.write(*head, what, ": ", sheet.share(share), ", above your limit of ", sheet.share(rule.share), ".")
    over = sheet.write(f"{humanize(name)} are in order again: ", sheet.share(share), what, ".")
    silence = sheet.write("It goes quiet when at most ", sheet.share(rule.share), what, ".")
    severity: Severity = "critical" if share >= 2 * rule.share else "warning"
    holds = share > rule.share
    day = (span[1] - timedelta(days=1)).isoformat()
    reading = Reading("", holds, day, severity, share, text, "bad", silence if holds else "", over,
                      f"How many {name} were there by day?")  # fmt: skip
    return Looked(((reading,),), shown=sheet.write(sheet.share(share), f" of {name}", what, "."), label=humanize(name))


def _numbers(reader: Reader, rule: DataQuality, name: str, column: str, span: tuple[date, date]) -> Looked:
    """The number of rows beside the middle of the periods before it (of the same weekday, where days are watched)."""
    table, _, time = column.rpartition(".")
    metric = [_count(table, time)]
    back = -7 if rule.grain == "day" else -1
    spans = [_shifted(span, rule, back * k) for k in range(_USUAL + 1)]
    counts = [_counted(reader, metric, column, one)[0] for one in spans]
    before = [c for c in counts[1:] if c]
    if len(before) < _FEWEST:
        raise NotEnough(f"There is too little history to know how many {name} are usual.", code="too_little_history")
    usual = float(median(before))
    gap = (counts[0] - usual) / usual
    holds = gap <= -rule.share if rule.check == "few" else gap >= rule.share
    sheet = Sheet()
    word = "fewer" if gap < 0 else "more"
    came: list[str | Ref] = [f" {name} came in", *_came(_when(sheet, rule, span, reader))]
    if counts[0]:
        far: list[str | Ref] = [": ", sheet.share(abs(gap)), f" {word} than usual (", sheet.count(round(usual)), ")."]
        text = sheet.write("Only " if gap < 0 else "", sheet.count(counts[0]), *came, *far)
    else:
        text = sheet.write("No", *came, "; ", sheet.count(round(usual)), " are usual.")
    over = sheet.write(f"As many {name} as usual came in: ", sheet.count(counts[0]), ".")
    silence = sheet.write("It goes quiet when the number is within ", sheet.share(rule.share), " of what is usual.")
    severity: Severity = "critical" if abs(gap) >= 2 * rule.share else "warning"
    day = (span[1] - timedelta(days=1)).isoformat()
    reading = Reading("", holds, day, severity, abs(gap), text, "bad", silence if holds else "", over,
                      f"How many {name} were there by day?")  # fmt: skip
    return Looked(((reading,),), shown=text, label=humanize(name))


def _shifted(span: tuple[date, date], rule: DataQuality, n: int) -> tuple[date, date]:
    return day_of(step(span[0], rule.grain, n)), day_of(step(span[1], rule.grain, n))


def _counted(reader: Reader, metrics: list[str], column: str, span: tuple[date, date]) -> list[int]:
    query = {
        "metrics": [{"metric": m, "alias": f"n{k}"} for k, m in enumerate(metrics)],
        "time": {"column": column, "start": span[0].isoformat(), "end": span[1].isoformat()},
    }  # fmt: skip
    found = registry.get("query_metrics").run(reader.tools(), {"query": query}).main()
    row = found.rows[0] if found is not None and found.rows else [0] * len(metrics)
    return [int(number(v) or 0) for v in row[: len(metrics)]]


def _when(sheet: Sheet, rule: DataQuality, span: tuple[date, date], reader: Reader) -> list[str | Ref]:
    if rule.grain == "day":
        yesterday = span[1] == reader.wall.date()
        return [" of yesterday"] if yesterday else [" of ", sheet.period(span[0], "day")]
    return [f" of last {rule.grain}"]


def _came(when: list[str | Ref]) -> list[str | Ref]:
    """Orders “of yesterday” have no customer, and they “came in yesterday”, “on Nov 20”."""
    first = str(when[0]).replace(" of ", " " if len(when) == 1 else " on ")
    return [first, *when[1:]]


def _table(reader: Reader, name: str) -> tuple[str, Table, str]:
    """What its rows are called, the table and its date column. Raises `UnknownName`, `NotEnough`."""
    model = reader.view.model
    spec = model.tables.get(name)
    if spec is None:
        raise unknown("table", name, model.tables)
    if spec.time is None:
        raise NotEnough(f"The table {name} has no date, so its rows cannot be late.", code="no_time")
    return spec.records or humanize(name).lower(), spec, f"{name}.{spec.time.default}"


def _label(reader: Reader, table: str, field: str) -> str:
    spec = reader.view.model.tables[table]
    found = spec.dimensions.get(field)
    label = found.label if found is not None and found.label else humanize(field)
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
