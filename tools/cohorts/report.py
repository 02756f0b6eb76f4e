"""From cohorts to evidence: tables with ranges, the facts in them, a picture and how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from tools.cohorts.stats import difference, same_rate, trend, wilson
from tools.cohorts.table import LEAST, Cohort, ages, pooled
from tools.conditions import filter_params
from tools.evidence import Caveat, Chart, Check, Column, Evidence, Fact, Quality, ResultTable
from tools.params import params_table
from tools.sheet import count, period, plain, ratio, sheet, text

if TYPE_CHECKING:
    from tools.retention import Found

_MOST_AGES: dict[str, int] = {"day": 30, "week": 26, "month": 18, "quarter": 12}
_MILESTONES: dict[str, tuple[int, ...]] = {
    "day": (7, 14, 30),
    "week": (4, 8, 12),
    "month": (3, 6, 12),
    "quarter": (2, 4),
}
_SURE = 0.05
_TREND_COHORTS = 4
_SPEC = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json"}


def evidence(found: Found) -> Evidence:
    """Tables, facts, chart and quality of a cohort question."""
    asker, number = found.asker, found.asker.context.evidence_id.removeprefix("e")
    tables, facts = _overall(found, number)
    if found.groups or found.windows:
        split, more = _split(found, number)
        tables = [*split, *(t.model_copy(update={"kind": "detail"}) for t in tables)]
        facts = more + facts
    params = params_table(f"p{number}", _params(found))
    made = Evidence(
        id=asker.context.evidence_id,
        tool="cohorts",
        args=found.args.model_dump(mode="json", exclude_defaults=True),
        tables=[*tables, params],
        facts=facts,
        charts=[_chart(found, tables, f"c{number}")],
        sql=";\n\n".join(asker.sql),
        engine=asker.context.engine.dialect,
        snapshot=asker.context.snapshot.id,
        rows=len(found.cohorts),
        ms=round(asker.ms, 3),
        source_tables=list(asker.compiled.tables) if asker.compiled else [],
        checks=[Check(code="fan_out", ok=True, detail=f"each {asker.who.one} is counted once per {found.grain}")],
        warnings=[Caveat(code="cohorts", message=c) for c in _caveats(found)[:2]],
        quality=_quality(found),
    )
    for table in made.tables:
        table.evidence = made.id
    return made


def _age(found: Found) -> int:
    return 1 if found.args.by_days else found.args.age


def _params(found: Found) -> dict[str, str]:
    starts = [c.start for c in found.cohorts if c.known >= _age(found)]
    values = {"period": found.asker.span(found.args.joined)[2] or _between(min(starts), max(starts), found.grain)}
    values |= {"who": found.asker.who.many, "deed": found.asker.who.deed}
    if found.args.days is not None and found.args.by_days:
        values["days"] = str(found.args.days)
    return values | filter_params(found.args.filters)


def _between(first: date, last: date, grain: str) -> str:
    """ "January 2024 – September 2026": the periods in which newcomers joined."""
    if grain == "quarter":
        names = [f"Q{(d.month - 1) // 3 + 1} {d.year}" for d in (first, last)]
    elif grain == "month":
        names = [f"{d:%B} {d.year}" for d in (first, last)]
    else:
        names = [f"{d:%b} {d.day}, {d.year}" for d in (first, last)]
    return names[0] if names[0] == names[1] else f"{names[0]} – {names[1]}"


def _label(found: Found, age: int) -> str:
    if found.args.returned == "within":
        return f"Within {found.args.days} days"
    if found.args.returned == "on_day":
        return f"On day {found.args.days}"
    later = " or later" if found.args.returned == "after" else ""
    return f"{found.grain.capitalize()} {age}{later}"


def _overall(found: Found, number: str) -> tuple[list[ResultTable], list[Fact]]:
    shown = [1] if found.args.by_days else ages(found.cohorts, max(_MOST_AGES[found.grain], found.args.age))
    many = found.asker.who.many
    columns = [period("cohort", f"First {found.asker.who.deed} in", found.grain), count("size", many.capitalize())]
    columns += [ratio(f"age_{a}", _label(found, a), "up") for a in shown]
    rows: list[list[Any]] = [[c.start.isoformat(), c.size, *(_rate(c, a) for a in shown)] for c in found.cohorts]
    main = sheet(f"t{number}", f"{many.capitalize()} who came back", columns, rows, "main")
    curve = _curve(found, shown, f"r{number}")
    facts = [*_focus(found, curve, shown), *_value(found, number)]
    trend_table, trend_fact = _trend(found, f"d{number}")
    value_table = [_value_table(found, number)] if found.args.value and not found.args.by_days else []
    return [main, curve, *([trend_table] if trend_table else []), *value_table], facts + trend_fact


def _rate(cohort: Cohort, age: int) -> float | None:
    cell = cohort.cell(age)
    return cell[0] / cell[1] if cell and cell[1] else None


def _curve(found: Found, shown: Sequence[int], table_id: str) -> ResultTable:
    columns = [
        count("age", found.grain.capitalize()),
        count("returned", "Came back"),
        count("size", "Of"),
        *_rate_columns(),
        count("cohorts", "Cohorts"),
    ]
    rows: list[list[Any]] = []
    for age in shown:
        hits, n, cohorts = pooled(found.cohorts, age)
        rows.append([age, hits, n, hits / n if n else None, *(wilson(hits, n) if n else (None, None)), cohorts])
    return sheet(table_id, "All cohorts together", columns, rows)


def _rate_columns() -> list[Column]:
    return [ratio("rate", "Share who came back", "up"), ratio("low", "Low"), ratio("high", "High")]


def _focus(found: Found, curve: ResultTable, shown: Sequence[int]) -> list[Fact]:
    age = _age(found)
    at = list(shown).index(age)
    values = {n: curve.ref(at, n) for n in ("rate", "low", "high", "size", "returned", "age")}
    said = {
        "one": found.asker.who.one,
        "many": found.asker.who.many,
        "deed": found.asker.who.deed,
        "unit": found.grain,
        "returned": found.args.returned,
        "age": str(age),
    }
    facts = [Fact(kind="retention", metric="Retention", values=values, attributes=said, impact=1.0)]
    for other in _MILESTONES[found.grain] if not found.args.by_days else ():
        if other != age and other in shown and pooled(found.cohorts, other)[2] >= 2:
            row = list(shown).index(other)
            cells = {"age": curve.ref(row, "age"), "rate": curve.ref(row, "rate")}
            facts.append(Fact(kind="retention_at", values=cells, attributes=said, impact=0.6))
    return facts


def _trend(found: Found, table_id: str) -> tuple[ResultTable | None, list[Fact]]:
    """The first and the last third of the cohorts, and whether the rates in between go one way."""
    age = _age(found)
    over = [c for c in found.cohorts if c.known >= age and c.size >= LEAST]
    if len(over) < _TREND_COHORTS:
        return None, []
    third = max(1, len(over) // 3)
    early, late = pooled(over[:third], age), pooled(over[-third:], age)
    way = trend([(c.active.get(age, 0), c.size) for c in over])
    columns = [text("cohorts", "Cohorts"), count("returned", "Came back"), count("size", "Of"), *_rate_columns()]
    names = (
        _between(over[0].start, over[third - 1].start, found.grain),
        _between(over[-third].start, over[-1].start, found.grain),
    )
    rows = [[name, h, n, h / n, *wilson(h, n)] for name, (h, n, _) in zip(names, (early, late), strict=True)]
    table = sheet(table_id, "First and last cohorts", columns, rows)
    direction = "none" if way.p >= _SURE else "up" if way.slope > 0 else "down"
    values = {
        "early": table.ref(0, "rate"),
        "late": table.ref(1, "rate"),
        "early_name": table.ref(0, "cohorts"),
        "late_name": table.ref(1, "cohorts"),
    }
    fact = Fact(
        kind="retention_trend",
        metric="Retention",
        values=values,
        attributes={"direction": direction, "new": "yes" if found.asker.who.surely_new else "no"},
        impact=0.8 if direction != "none" else 0.3,
    )
    return table, [fact]


def _value_table(found: Found, number: str) -> ResultTable:
    """What a newcomer brought up to each age, over the cohorts that have reached it."""
    unit = found.asker.compiled.columns[-1] if found.asker.compiled else None
    columns = [
        count("age", found.grain.capitalize()),
        plain("amount", f"{unit.label if unit else ''} per newcomer", 2, unit.unit if unit else None),
    ]
    rows: list[list[Any]] = []
    for age in range(min(_MOST_AGES[found.grain], max((c.known for c in found.cohorts), default=0)) + 1):
        over = [c for c in found.cohorts if c.known >= age]
        size = sum(c.size for c in over)
        total = sum(sum(c.amount.get(a, 0.0) for a in range(age + 1)) for c in over)
        rows.append([age, round(total / size, 4) if size else None])
    return sheet(f"v{number}", "What a newcomer brings", columns, rows)


def _value(found: Found, number: str) -> list[Fact]:
    if not found.args.value or found.args.by_days:
        return []
    table = _value_table(found, number)
    reach = [i for i, r in enumerate(table.rows) if sum(c.known >= r[0] for c in found.cohorts) >= 2]
    at = min(reach[-1], 12) if reach else 0
    values = {"amount": table.ref(at, "amount"), "age": table.ref(at, "age"), "first": table.ref(0, "amount")}
    said = {"one": found.asker.who.one, "unit": found.grain}
    return [Fact(kind="cohort_value", metric=table.columns[1].label, values=values, attributes=said, impact=0.7)]


def _split(found: Found, number: str) -> tuple[list[ResultTable], list[Fact]]:
    """One row a group or window, at the age asked for, and how the ends of them differ."""
    age = _age(found)
    sides = found.groups or found.windows
    cells = {g: pooled(cs, age) for g, cs in sides.items()}
    kept = {g: (h, n) for g, (h, n, _) in cells.items() if n >= LEAST}
    by = next((c for c in (found.asker.compiled.columns if found.asker.compiled else ()) if c.name == "grp"), None)
    label = by.label if by is not None and found.groups else f"First {found.asker.who.deed} in"
    columns = [text("name", label), count("returned", "Came back"), count("size", "Of"), *_rate_columns()]
    ordered = sorted(kept, key=lambda g: -kept[g][0] / kept[g][1]) if found.groups else list(kept)
    rows: list[list[Any]] = [[_name(g), *kept[g], kept[g][0] / kept[g][1], *wilson(*kept[g])] for g in ordered]
    table = sheet(f"g{number}", f"{found.asker.who.many.capitalize()} who came back", columns, rows, "main")
    facts = [_group_fact(found, table, i) for i in range(len(rows))]
    if len(ordered) < 2:
        return [table], facts
    ends = (kept[ordered[-1]], kept[ordered[0]]) if found.groups else (kept[ordered[0]], kept[ordered[-1]])
    gap = difference(*ends)
    test = [
        text("test", "Test"),
        ratio("difference", "Difference"),
        ratio("low", "Low"),
        ratio("high", "High"),
        plain("p", "Chance without a difference", 4),
    ]
    p = same_rate([kept[g] for g in ordered])
    sides_named = f"{_name(ordered[0 if found.groups else -1])} less {_name(ordered[-1 if found.groups else 0])}"
    tests = sheet(f"x{number}", "Do they differ?", test, [[sides_named, gap.size, gap.low, gap.high, p]])
    said = {
        "sure": "yes" if p < _SURE else "no",
        "many": "yes" if len(ordered) > 2 else "no",
        "kind": "groups" if found.groups else "windows",
        "direction": "up" if gap.size > 0 else "down",
    }
    values = {n: tests.ref(0, n) for n in ("difference", "low", "high")}
    return [table, tests], [*facts, Fact(kind="retention_compare", values=values, attributes=said, impact=0.95)]


def _group_fact(found: Found, table: ResultTable, row: int) -> Fact:
    last = len(table.rows) - 1
    place = (
        ("best" if row == 0 else "worst" if row == last else "other")
        if found.groups
        else ("first" if row == 0 else "other")
    )
    values = {n: table.ref(row, n) for n in ("name", "rate", "low", "high", "size")}
    who = found.asker.who
    said = {
        "place": place,
        "one": who.one,
        "many": who.many,
        "deed": who.deed,
        "unit": found.grain,
        "returned": found.args.returned,
        "age": str(_age(found)),
    }
    return Fact(kind="retention_group", values=values, attributes=said, impact=0.95 if place != "other" else 0.5)


def _name(group: Any) -> str:
    return str(group) if group is not None else "(none)"


def _chart(found: Found, tables: list[ResultTable], chart_id: str) -> Chart:
    percent = {"axis": {"format": "%"}, "title": "Share who came back"}
    if found.groups or found.windows or found.args.by_days:
        table = tables[0]
        first, measure = table.columns[0], "rate" if found.groups or found.windows else "age_1"
        kind = "temporal" if first.type == "date" else "nominal"
        encoding = {
            "x": {"field": measure, "type": "quantitative", **percent},
            "y": {"field": first.name, "type": kind, "title": None, "sort": None},
        }
        spec: dict[str, Any] = {"mark": "bar", "encoding": encoding}
        alt = f"Bar chart of the share who came back by {first.label.lower()}."
    else:
        table = next(t for t in tables if t.id.startswith("r"))
        x = {"field": "age", "type": "quantitative", "title": f"{found.grain.capitalize()}s after the first"}
        line = {
            "mark": {"type": "line", "point": True},
            "encoding": {"x": x, "y": {"field": "rate", "type": "quantitative", **percent}},
        }
        band = {
            "mark": {"type": "area", "opacity": 0.25},
            "encoding": {"x": x, "y": {"field": "low", "type": "quantitative", **percent}, "y2": {"field": "high"}},
        }
        spec = {"layer": [band, line]}
        alt = f"Line chart of the share who came back by {found.grain}s since they joined."
    return Chart(
        id=chart_id, title=tables[0].title, alt=alt, table=table.id, spec={**_SPEC, "data": {"name": table.id}, **spec}
    )


def _caveats(found: Found) -> list[str]:
    who = found.asker.who
    caveats: list[str] = []
    if who.surely_new:
        caveats.append(f"Only {who.many} on record since {who.first.isoformat()}, when the data begin, are followed.")
    elif found.began:
        caveats.append(
            f"{who.many.capitalize()} whose first {who.deed} lies within {round(found.gap or 0)} days of the beginning "
            "of the data are left out: many of them are not new."
        )
    elif not found.args.joined and not found.args.compare:
        caveats.append(f"The data begin on {who.first.isoformat()}: whoever was there before counts as new.")
    small = sum(c.size < LEAST for c in found.cohorts)
    if small:
        caveats.append(f"{small} of {len(found.cohorts)} cohorts have fewer than {LEAST} {who.many}.")
    if found.args.returned == "after":
        caveats.append("Whoever comes back only after the data end is not counted yet, so late cohorts look lower.")
    return caveats


def _quality(found: Found) -> Quality:
    """Trust is high with a thousand newcomers in six cohorts, low with few or when nobody is sure to be new."""
    hits, n, cohorts = pooled(found.cohorts, _age(found))
    solid = n >= 1_000 and cohorts >= 6 and (found.asker.who.surely_new or found.began)
    return Quality(
        trust="high" if solid else "medium" if n >= 200 else "low",
        n=n,
        period=_params(found)["period"],
        method="share of each cohort that was active again; 95 % Wilson ranges",
        figures={
            "cohorts": float(cohorts),
            "came_back": float(hits),
            "ages_complete": float(max(c.known for c in found.cohorts)),
        },
        caveats=_caveats(found),
    )
