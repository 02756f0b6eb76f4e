"""From lengths of stay to evidence: the survival curve, the time by which half are gone, groups held side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.cohorts.ask import Asker
from tools.cohorts.survival import Point, Spell, kaplan_meier, log_rank, quantile, share_at
from tools.conditions import filter_params
from tools.evidence import Chart, Evidence, Fact, Quality, ResultTable
from tools.params import params_table
from tools.sheet import count, plain, ratio, sheet, text

if TYPE_CHECKING:
    from tools.survival import SurvivalArgs

MONTH = 365.25 / 12
_LENGTHS = (0, 1, 2, 3, 6, 9, 12, 18, 24, 30, 36, 48, 60)
_SAID = (3, 12, 24)
_SURE = 0.05
_LEAST_AT_RISK = 30
_SPEC = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json"}


@dataclass(frozen=True)
class Stay:
    """Lengths of stay of all and of groups; the clock of a spell runs on for `silence` days after the last activity."""

    asker: Asker
    args: SurvivalArgs
    silence: int
    gaps: int
    spells: list[Spell]
    groups: dict[Any, list[Spell]]
    settled: bool


def evidence(stay: Stay) -> Evidence:
    """Tables, facts, chart and quality of a length-of-stay question."""
    asker, number = stay.asker, stay.asker.context.evidence_id.removeprefix("e")
    curve = kaplan_meier(stay.spells)
    main, half = _curve_table(stay, curve, f"t{number}"), _half_table(curve, stay.silence, f"h{number}")
    facts = _facts(stay, main, half)
    tables = [main, half]
    if stay.groups:
        grouped, more = _grouped(stay, f"g{number}")
        tables = [*grouped, main.model_copy(update={"kind": "detail"}), half]
        facts = more + facts
    params = {"silence": str(stay.silence), "who": asker.who.many} | filter_params(stay.args.filters)
    if stay.args.joined:
        params["period"] = asker.span(stay.args.joined)[2]
    made = Evidence(
        id=asker.context.evidence_id,
        tool="survival",
        args=stay.args.model_dump(mode="json", exclude_defaults=True),
        tables=[*tables, params_table(f"p{number}", params)],
        facts=facts,
        charts=[_chart(stay, main, f"c{number}")],
        sql=";\n\n".join(asker.sql),
        engine=asker.context.engine.dialect,
        snapshot=asker.context.snapshot.id,
        rows=sum(n for _, _, n in stay.spells),
        ms=round(asker.ms, 3),
        source_tables=list(asker.compiled.tables) if asker.compiled else [],
        quality=_quality(stay),
    )
    for table in made.tables:
        table.evidence = made.id
    return made


def _after(curve: Sequence[Point], days: float, silence: int) -> Point:
    """Who stays longer than so many days: silent for long enough only after as many days more."""
    return share_at(curve, days + silence)


def _curve_table(stay: Stay, curve: Sequence[Point], table_id: str) -> ResultTable:
    """The share that stays beyond each round number of months, as far as enough are watched."""
    many = stay.asker.who.many
    columns = [
        count("months", "Months"),
        ratio("share", "Still there", "up"),
        ratio("low", "Low"),
        ratio("high", "High"),
        count("watched", f"{many.capitalize()} watched that long"),
    ]
    rows: list[list[Any]] = []
    for months in _LENGTHS:
        watched = sum(n for t, _, n in stay.spells if t >= months * MONTH + stay.silence)
        if watched < _LEAST_AT_RISK and months:
            break
        point = _after(curve, months * MONTH, stay.silence)
        rows.append([months, point.share, point.low, point.high, watched])
    return sheet(table_id, f"How long {many} stay", columns, rows, "main")


def _half_table(curve: Sequence[Point], silence: int, table_id: str) -> ResultTable:
    found = [_months(d, silence) for d in quantile(curve)]
    columns = [text("what", "Figure"), plain("months", "Months", 1), plain("low", "Low", 1), plain("high", "High", 1)]
    return sheet(table_id, "When half are gone", columns, [["Half are gone after", *found]])


def _months(days: float | None, silence: int) -> float | None:
    return None if days is None else max(0.0, days - silence) / MONTH


def _facts(stay: Stay, main: ResultTable, half: ResultTable) -> list[Fact]:
    who = stay.asker.who
    said = {
        "one": who.one,
        "many": who.many,
        "deed": who.deed,
        "reached": "yes" if half.rows[0][1] is not None else "no",
    }
    values = {n: half.ref(0, n) for n in ("months", "low", "high") if half.rows[0][half.column_index(n)] is not None}
    facts = [Fact(kind="stay_half", metric="Length of stay", values=values, attributes=said, impact=1.0)]
    lengths = [r[0] for r in main.rows]
    wanted = [m for m in _SAID if m in lengths] or lengths[-1:]
    facts.append(_share_fact(main, 0, said | {"length": "none"}, 0.9))
    facts += [_share_fact(main, lengths.index(m), said | {"length": "some"}, 0.7) for m in wanted]
    return facts


def _share_fact(main: ResultTable, row: int, said: dict[str, str], impact: float) -> Fact:
    values = {n: main.ref(row, n) for n in ("months", "share", "low", "high")}
    return Fact(kind="stay_share", metric="Length of stay", values=values, attributes=said, impact=impact)


def _grouped(stay: Stay, table_id: str) -> tuple[list[ResultTable], list[Fact]]:
    """One row a group: the share there after the longest round time that all are watched for, and its half-time."""
    curves = {g: kaplan_meier(s) for g, s in stay.groups.items()}
    months = max((m for m in _LENGTHS if m in (1, 3, 6, 12) and _all_watched(stay, m)), default=1)
    rows: list[list[Any]] = []
    for group, curve in curves.items():
        point = _after(curve, months * MONTH, stay.silence)
        half = _months(quantile(curve)[0], stay.silence)
        size = sum(n for _, _, n in stay.groups[group])
        rows.append(
            [str(group) if group is not None else "(none)", size, months, point.share, point.low, point.high, half]
        )
    rows.sort(key=lambda r: -r[3])
    by = next((c for c in (stay.asker.compiled.columns if stay.asker.compiled else ()) if c.name == "grp"), None)
    label = by.label if by is not None and stay.args.by else f"First {stay.asker.who.deed} in"
    columns = [
        text("name", label),
        count("size", stay.asker.who.many.capitalize()),
        count("months", "Months"),
        ratio("share", "Still there", "up"),
        ratio("low", "Low"),
        ratio("high", "High"),
        plain("half", "Half are gone after (months)", 1),
    ]
    table = sheet(table_id, f"How long {stay.asker.who.many} stay", columns, rows, "main")
    facts = []
    for row in range(len(rows)):
        place = "best" if row == 0 else "worst" if row == len(rows) - 1 else "other"
        values = {n: table.ref(row, n) for n in ("name", "size", "months", "share", "low", "high")}
        said = {"place": place, "many": stay.asker.who.many}
        facts.append(Fact(kind="stay_group", values=values, attributes=said, impact=0.95 if place != "other" else 0.5))
    if len(rows) > 1:
        p = log_rank(list(stay.groups.values()))
        test = [text("test", "Test"), count("groups", "Groups"), plain("p", "Chance without a difference", 4)]
        tests = sheet(f"q{table_id[1:]}", "Do the groups differ?", test, [["log-rank", len(rows), p]])
        values, said = {"groups": tests.ref(0, "groups")}, {"sure": "yes" if p < _SURE else "no"}
        facts.append(Fact(kind="stay_compare", values=values, attributes=said, impact=0.95))
        return [table, tests], facts
    return [table], facts


def _all_watched(stay: Stay, months: int) -> bool:
    """Whether in every group enough were watched beyond so many months."""
    until = months * MONTH + stay.silence
    return all(sum(n for t, _, n in s if t >= until) >= _LEAST_AT_RISK for s in stay.groups.values())


def _chart(stay: Stay, main: ResultTable, chart_id: str) -> Chart:
    x = {"field": "months", "type": "quantitative", "title": f"Months since the first {stay.asker.who.deed}"}
    y = {"type": "quantitative", "title": "Still there", "axis": {"format": "%"}, "scale": {"domain": [0, 1]}}
    band = {
        "mark": {"type": "area", "opacity": 0.25},
        "encoding": {"x": x, "y": {"field": "low", **y}, "y2": {"field": "high"}},
    }
    line = {"mark": {"type": "line", "point": True}, "encoding": {"x": x, "y": {"field": "share", **y}}}
    spec = {**_SPEC, "data": {"name": main.id}, "layer": [band, line]}
    return Chart(
        id=chart_id,
        title=main.title,
        alt=f"Curve of the share of {stay.asker.who.many} still there over time.",
        table=main.id,
        spec=spec,
    )


def _quality(stay: Stay) -> Quality:
    n = sum(c for _, _, c in stay.spells)
    left = sum(c for _, over, c in stay.spells if over)
    who = stay.asker.who
    caveats = [f"Gone means {stay.silence} days without {who.deed}; whoever returns later counts as gone."]
    if not stay.settled and not stay.args.joined:
        caveats.insert(0, f"The data begin on {who.first.isoformat()}: whoever was there before counts as new.")
    return Quality(
        trust="high" if left >= 300 and stay.settled else "medium" if left >= 100 else "low",
        n=n,
        period=f"{who.first.isoformat()} – {who.last.isoformat()}",
        method="Kaplan-Meier with Greenwood ranges; log-rank between groups",
        figures={"gone": float(left), "still_there": float(n - left), "gaps": float(stay.gaps)},
        caveats=caveats,
    )
