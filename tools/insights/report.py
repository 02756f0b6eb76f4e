"""What stands out, as evidence: one table of findings, figures with receipts, the course of the first one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.charts import metric_chart
from tools.conditions import filter_params
from tools.evidence import Caveat, CellRef, Chart, Column, Evidence, Fact, Quality, ResultTable, row_keys
from tools.factbook.weigh import tone
from tools.insights.scan import OddDay, Seen
from tools.params import param_ref, params_table
from tools.run import join_check
from warehouse.compiled import Lineage
from warehouse.model.schema import Unit

if TYPE_CHECKING:
    from tools.insights.judge import Finding
    from tools.insights.panel import Reader
    from tools.insights.tool import InsightsArgs
    from tools.registry import ToolContext

MOST_SHOWN = 30
_KINDS = {"moved": "Moved", "stands_out": "Stands out", "share_shift": "Share shifted", "appeared": "New",
          "vanished": "Gone", "concentrated": "Concentration", "odd_day": "Unusual day"}  # fmt: skip
_SIGNIFICANT = 10
_YES_NO = frozenset({"yes", "no", "true", "false"})
_SHARES = ("share_shift", "concentrated")


@dataclass(frozen=True)
class Told:
    """A finding with where it was seen, ready to be laid out; `day` for unusual days."""

    seen: Seen
    finding: Finding
    day: OddDay | None = None

    @property
    def kind(self) -> str:
        return "odd_day" if self.day is not None else self.finding.test

    @property
    def figure(self) -> Column:
        return self.seen.subject.figures[self.finding.figure].column

    @property
    def rate(self) -> bool:
        return self.seen.subject.figures[self.finding.figure].rate


def evidence(context: ToolContext, args: InsightsArgs, reader: Reader, seen: list[Seen], tests: int) -> Evidence:
    """Everything a brain needs to tell what stands out, or that nothing does."""
    number = context.evidence_id.removeprefix("e")
    told = [Told(s, f) for s in seen for f in s.findings] + [Told(s, d.finding, d) for s in seen for d in s.days]
    told = sorted(told, key=lambda t: (-t.finding.impact, t.kind, t.figure.label))[:MOST_SHOWN]
    params = params_table(f"p{number}", _asked(context, seen, tests) | filter_params(args.filters))
    main = _main(told, seen, f"t{number}")
    sheet = _Sheets(number)
    facts = [_fact(t, main, row, sheet, params, context) for row, t in enumerate(told)]
    if not told:
        names = ("metrics", "dimensions", "tested", "period")
        values = {n: ref for n in names if (ref := param_ref(params, n)) is not None}
        facts = [Fact(kind="all_usual", values=values, impact=1.0)]
    course = [_course(told[0], f"h{number}")] if told else []
    tables = [main, *sheet.tables.values(), *course, params]
    for table in tables:
        table.evidence = context.evidence_id
    compiled = reader.compiled
    return Evidence(
        id=context.evidence_id, tool="insights", args=args.model_dump(mode="json", exclude_defaults=True),
        tables=tables, facts=facts, charts=_charts(told, course, number), warnings=_warnings(reader, seen),
        checks=[join_check(context, compiled)] if compiled else [], sql=";\n\n".join(reader.sql),
        engine=context.engine.dialect, snapshot=context.snapshot.id, rows=len(told), ms=round(reader.ms, 3),
        source_tables=list(reader.tables), quality=_quality(seen, tests, told),
    )  # fmt: skip


def _asked(context: ToolContext, seen: list[Seen], tests: int) -> dict[str, str]:
    frame = seen[0].frame
    asked = {
        "period": frame.label, "prior": frame.before, "tested": f"{tests:,}",
        "metrics": str(sum(len(s.subject.figures) for s in seen)),
        "dimensions": str(len({label for s in seen for _, label in s.subject.splits})),
    }  # fmt: skip
    if frame.season and len(frame.starts) > frame.season:
        asked["year_before"] = f"what it was {frame.year_before(context.model.calendar)}"
    return asked


def _main(told: list[Told], seen: list[Seen], table_id: str) -> ResultTable:
    ratio = Unit(ratio=True)
    columns = [
        Column(name="figure", label="Figure", type="text", role="dimension"),
        Column(name="of", label="Of", type="text", role="dimension"),
        Column(name="by", label="By", type="text", role="dimension"),
        Column(name="kind", label="What", type="text", role="dimension"),
        Column(name="beside", label="Mostly", type="text", role="dimension"),
        Column(name="growth", label="Change", type="float", role="measure", unit=ratio),
        Column(name="points", label="Change in points", type="float", role="measure", unit=ratio),
        Column(name="whole", label="Change of the whole", type="float", role="measure", unit=ratio),
        Column(name="share", label="Share of the whole", type="float", role="measure", unit=ratio),
        Column(name="impact", label="Impact (0-1)", type="float", role="measure", decimals=2),
    ]
    rows = [_row(t) for t in told]
    title = f"What stands out {seen[0].frame.label}"
    return _table(table_id, title, "main", columns, rows, [0, 1, 2, 3])


def _row(told: Told) -> list[Any]:
    f = told.finding
    who = told.day.day.isoformat() if told.day else "Everything" if f.member is None else _who(f)
    in_points = told.rate or f.test in _SHARES
    growth = None if in_points or not f.before else _short(f.after / f.before - 1)
    points = _short(f.after - f.before) if in_points else None
    whole = None
    if f.whole is not None and f.whole[0] and not told.rate:
        whole = _short(f.whole[1] / f.whole[0] - 1)
    names = [told.figure.label, who, f.label or None, _KINDS[told.kind], None if f.cause is None else str(f.cause)]
    return [*names, growth, points, whole, None if f.share is None else _short(f.share), f.impact]


def _who(finding: Finding) -> str:
    """A group by its name; one that is no word, as a model year or “yes”, with the name of its field."""
    said = str(finding.member)
    return said if any(c.isalpha() for c in said) and said.casefold() not in _YES_NO else f"{finding.label} {said}"


def _short(value: float) -> float:
    return float(f"{value:.{_SIGNIFICANT}g}")


class _Sheets:
    """Detail tables with one unit each: a figure's amounts, or shares of the whole."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.tables: dict[str, ResultTable] = {}

    def add(self, told: Told, names: tuple[str, ...], values: list[Any]) -> tuple[ResultTable, int]:
        """A row in the table of the finding's unit; the table and the row's place."""
        shares = told.finding.test in _SHARES
        key = f"{told.figure.name}-{'share' if shares else 'day' if told.day else 'amount'}"
        if key not in self.tables:
            unit = {"unit": Unit(ratio=True), "type": "float", "decimals": None} if shares else {}
            who = Column(name="of", label="Of", type="date" if told.day else "text",
                         role="time" if told.day else "dimension", grain="day" if told.day else None)  # fmt: skip
            plain = {"role": "measure", "lineage": Lineage(), "additive": False}
            columns = [who, *(told.figure.model_copy(update={**plain, **unit, "name": n, "label": n.capitalize()})
                              for n in names)]  # fmt: skip
            title = f"Shares of {told.figure.label.lower()}" if shares else told.figure.label
            table_id = f"f{self.number}-{len(self.tables) + 1}"
            self.tables[key] = _table(table_id, f"{title}: before and after", "detail", columns, [], [0])
        table = self.tables[key]
        table.rows.append(values)
        table.row_keys = row_keys(table.rows, [0])
        table.total_rows = len(table.rows)
        return table, len(table.rows) - 1


def _fact(told: Told, main: ResultTable, row: int, sheets: _Sheets, params: ResultTable, context: ToolContext) -> Fact:
    f = told.finding
    values: dict[str, CellRef] = {}
    if told.day is not None:
        cells = [told.day.day.isoformat(), *(_amount(v, told) for v in (f.after, *_limits(told.day)))]
        table, at = sheets.add(told, ("actual", "expected", "low", "high"), cells)
        values = {n: table.ref(at, n) for n in ("actual", "expected", "low", "high")} | {"name": table.ref(at, "of")}
    else:
        who = "Everything" if f.member is None else str(f.member)
        table, at = sheets.add(told, ("before", "after"), [who, _amount(f.before, told), _amount(f.after, told)])
        values = {n: table.ref(at, n) for n in ("before", "after")}
    for name in ("growth", "points", "whole", "share"):
        if main.rows[row][main.column_index(name)] is not None:
            values[name] = main.ref(row, name)
    if f.member is not None:
        values["name"] = main.ref(row, "of")
    values |= {"by": main.ref(row, "by")} | ({"cause": main.ref(row, "beside")} if f.cause is not None else {})
    period, prior = param_ref(params, "period"), param_ref(params, "year_before" if f.yearly else "prior")
    values |= {n: r for n, r in (("period", period), ("prior", prior)) if r is not None}
    return Fact(
        kind=told.kind, metric=told.figure.label, values=_known(told, values), impact=f.impact,
        attributes=_attributes(told),
    )  # fmt: skip


def _known(told: Told, values: dict[str, CellRef]) -> dict[str, CellRef]:
    """Only the values that the kind has."""
    from tools.factbook.book import kind

    known = kind(told.kind)
    return {n: ref for n, ref in values.items() if known.type_of(n) is not None}


def _attributes(told: Told) -> dict[str, str]:
    f = told.finding
    direction = "up" if f.up else "down"
    good = told.figure.good
    labels = [told.seen.subject.figures[i].label for i in f.also]
    said = {
        "direction": direction, "tone": "neutral" if f.test in _SHARES or f.back != "no" else tone(direction, good),
        "also": " and ".join(labels), "grain": told.seen.frame.grain, "back": f.back,
    }  # fmt: skip
    if f.split is not None:
        said["dimension"] = f.label
    return said


def _limits(day: OddDay) -> tuple[float, float, float]:
    return day.expected, day.low, day.high


def _amount(value: float, told: Told) -> Any:
    from tools.forecasting.report import rounded

    if told.finding.test in _SHARES:
        return _short(value)
    return rounded(value, told.figure)


def _course(told: Told, table_id: str) -> ResultTable:
    """The first finding over the periods that were compared."""
    f, seen = told.finding, told.seen
    panel = seen.room.whole if f.split is None or f.member is None else seen.panels[f.split.field]
    at = 0 if panel is seen.room.whole else panel.members.index(f.member)
    figure = seen.subject.figures[f.figure]
    top, bottom = panel.of(figure.top, figure.bottom)
    shares = f.test == "share_shift"
    below = seen.room.whole.of(figure.top, None)[0][0] if shares else bottom[at]
    time = Column(name="period", label=seen.frame.grain.capitalize(), type="date", role="time", grain=seen.frame.grain)
    update: dict[str, Any] = {"name": "value", "role": "measure", "lineage": Lineage(), "additive": False}
    label = figure.label
    if shares:
        update |= {"unit": Unit(ratio=True), "type": "float", "decimals": None}
        label = f"Share of {label.lower()}"
    measure = figure.column.model_copy(update=update | {"label": label})
    rows = [
        [start.isoformat(), _cell(float(top[at, k]), float(below[k]), measure)]
        for k, start in enumerate(seen.frame.starts)
    ]
    of = "" if f.member is None else f" of {f.member}"
    return _table(table_id, f"{label}{of}", "detail", [time, measure], rows, [0])


def _cell(top: float, bottom: float, measure: Column) -> Any:
    from tools.forecasting.report import rounded

    return rounded(top / bottom, measure) if bottom else None


def _charts(told: list[Told], course: list[ResultTable], number: str) -> list[Chart]:
    chart = metric_chart(course[0], course[0].columns[1], f"c{number}") if course else None
    return [chart] if chart is not None else []


def _few(names: list[str]) -> str:
    """The names, of many only the first ones and how many more there are."""
    shown, more = (names[:3], len(names) - 3) if len(names) > 4 else (names, 0)
    return f"{', '.join(shown)} and {more} more" if more else ", ".join(shown)


def _warnings(reader: Reader, seen: list[Seen]) -> list[Caveat]:
    notes = []
    if skipped := sorted({label for s in seen for label in s.skipped}):
        text = f"My time was up before I had looked at {_few(skipped)}."
        notes.append(Caveat(code="time_budget", message=text))
    late = [s.subject.figures[i].label for s in seen for i in sorted(s.room.filling)]
    if late:
        text = f"{' and '.join(late)}: recent figures are still coming in, so I left them out."
        notes.append(Caveat(code="late_data", message=text))
    for label in dict.fromkeys(reader.cut):
        notes.append(Caveat(code="largest_only", message=f"{label}: only the largest members were looked at."))
    return notes


def _quality(seen: list[Seen], tests: int, told: list[Told]) -> Quality:
    frame = seen[0].frame
    years = frame.season > 0 and len(frame.starts) > frame.season + frame.base
    caveats = ["These are moves beyond the usual ups and downs, not their causes."]
    if not years:
        caveats.insert(0, "There is not enough history to tell what comes back every year from what is new.")
    return Quality(
        trust="high" if years else "medium", n=tests, period=frame.label,
        method="robust distance from each member's own course; false discoveries held at a tenth",
        baseline="every member moves with the whole",
        figures={"tests": float(tests), "periods": float(len(frame.starts)), "found": float(len(told))},
        caveats=caveats,
    )  # fmt: skip


def _table(
    table_id: str, title: str, kind: Any, columns: list[Column], rows: list[list[Any]], keys: list[int]
) -> ResultTable:
    return ResultTable(
        id=table_id, title=title, kind=kind, columns=columns, rows=rows, row_keys=row_keys(rows, keys),
        total_rows=len(rows),
    )  # fmt: skip
