"""The tool for “what moves with revenue?”: links beyond chance, with the lag, and never as proof of a cause."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from store.errors import InvalidRequest, NotEnough, unknown
from tools.conditions import filter_params
from tools.evidence import Evidence, Fact, Quality, ResultTable
from tools.fitting import fit
from tools.links import candidates, rows
from tools.links.candidates import Figure, Loaded
from tools.links.engine import chosen
from tools.links.shown import charts, profile
from tools.params import params_table
from tools.registry import ToolContext, tool
from tools.series import floor, step
from tools.sheet import count, plain, sheet, text
from warehouse.model.adhoc import resolve_measure
from warehouse.query import Condition, TimeWindow

LEAST = 30
_MOST_LAG: dict[str, int] = {"day": 14, "week": 8, "month": 3, "quarter": 2}
_KEPT: dict[str, int] = {"day": 1_095, "week": 260, "month": 180, "quarter": 80}
_MOST_FIGURES = 60
_MOST_GAPS = 0.05
_STANDS_ALONE = 0.5
_WEAK = 0.15
Grain = Literal["day", "week", "month", "quarter"]


class CorrelateArgs(BaseModel):
    """The figure that matters, and those that may move with it (all of the model when none are named).

    `lag` is how many periods apart is looked for, both ways, at most 14. `control` is a figure whose ups and downs are
    set aside for a second look, such as all traffic.
    """

    model_config = ConfigDict(extra="forbid")

    metric: str
    candidates: tuple[str, ...] = Field((), max_length=_MOST_FIGURES)
    filters: tuple[Condition, ...] = Field((), max_length=100)
    grain: Grain | None = None
    lag: int | None = Field(None, ge=0, le=14)
    control: str | None = None
    time: TimeWindow | None = None


@tool(
    "correlate",
    example="What moves with revenue?",
    needs="two figures or more with dates (thirty days, weeks or months that they share), or numbers of 30 records",
)
def correlate(context: ToolContext, args: CorrelateArgs) -> Evidence:
    """Find which figures move together with one figure, and by how many days apart. Looking for what moves together.

    Without dates: which numbers of the same records go together.

    Main table: one row per figure that moves with it beyond chance (or the closest that do not): r with its range, lag
    in periods (positive: it runs ahead), p. Raises `NotEnough` with the code `too_little_history` or `no_time`.
    """
    target = candidates.figure(context.model, args.metric)
    if target is not None and context.model.tables[target.table].time is None:
        return rows.linked(context, args.metric, args.candidates, args.filters)
    if target is None:
        _refuse(context, args.metric)
    assert target is not None  # refused above
    others, tied = _others(context, args, target)
    grain = args.grain or _grain(context, target)
    window = _window(context, args, target, grain)
    control = candidates.figure(context.model, args.control) if args.control else None
    wanted = [target, *others, *([control] if control and control not in others else [])]
    loaded = candidates.load(context, wanted, args.filters, window)
    days = _days(window, grain)
    series = {n: _series(loaded, n, days, context) for n in loaded.values}
    if target.name not in series:
        raise NotEnough("I could not read the figure over time.", code="no_time")
    short = _too_short(days, series, target)
    if short is not None:
        raise short
    links = _fitted(args, grain, series, target, [o for o in others if o.name in series])
    if not links:
        raise NotEnough(
            f"{_listed([_label(context, o.name) for o in others])} and {_label(context, target.name).lower()} have too "
            f"few {grain}s in common to tell a link from chance.",
            code="too_little_history", hint="Name a figure that is recorded over the same time.",
        )  # fmt: skip
    return _evidence(context, args, grain, days, loaded, links, (target, tied))


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"The {len(names)} other figures"


def _refuse(context: ToolContext, name: str) -> None:
    known = [f.name for f in candidates.figures(context.model)]
    raise unknown("metric", name, known)


def _others(context: ToolContext, args: CorrelateArgs, target: Figure) -> tuple[list[Figure], list[str]]:
    """What to hold against the target, and what is left out because it is made of the same rows."""
    if args.candidates:
        asked = []
        for name in args.candidates:
            one = candidates.figure(context.model, name)
            if one is None:
                raise unknown("metric", name, [f.name for f in candidates.figures(context.model)])
            asked.append(one)
    else:
        asked = [f for f in candidates.figures(context.model) if f.name != target.name]
    tied = [f for f in asked if candidates.built_in(context.model, target, f)]
    left = [f for f in asked if f not in tied and f.name != target.name]
    if not left:
        named = ", ".join(_label(context, f.name).lower() for f in tied) or "no other figure"
        raise InvalidRequest(
            f"There is nothing to hold it against: {named} must move with it by the way it is counted.",
            code="built_in",
            hint="Name a figure that is counted on other rows.",
        )
    return left[:_MOST_FIGURES], [f.name for f in tied]


def _label(context: ToolContext, name: str) -> str:
    measure = resolve_measure(context.model, name)
    found = context.model.metrics.get(name) or (measure[1] if measure else None)
    return (found.label if found else None) or name.rpartition(".")[2].replace("_", " ").capitalize()


def _grain(context: ToolContext, target: Figure) -> Grain:
    """Days where most days have rows, else weeks, else months."""
    table = context.model.tables[target.table]
    assert table.time is not None  # looked at before
    stored = context.profile.tables.get(table.source)
    column = stored.columns.get(table.time.default) if stored else None
    first, last = context.profile.bounds(table.source, table.time.default)
    if column is None or first is None or last is None:
        return "day"
    share = column.distinct / max(1, (last - first).days + 1)
    return "day" if share > 0.6 else "week" if share > 0.11 else "month"


def _window(context: ToolContext, args: CorrelateArgs, target: Figure, grain: Grain) -> TimeWindow:
    """Whole periods up to the last one that is over, as many as are kept."""
    table = context.model.tables[target.table]
    assert table.time is not None  # looked at before
    first, last = context.profile.bounds(table.source, table.time.default)
    if first is None or last is None:
        raise NotEnough("I know no dates of this figure.", code="no_time")
    if args.time is not None:
        from warehouse.compiler import window

        said = window(args.time, context.as_of, context.model.calendar)
        first = max(first, datetime.fromisoformat(said.start).date()) if said.start else first
        last = min(last, datetime.fromisoformat(said.end).date() - timedelta(days=1)) if said.end else last
    week_start = context.model.calendar.civil.first_weekday
    end = floor(min(last + timedelta(days=1), context.as_of.date()), grain, week_start)
    if grain == "week" and last.weekday() == floor(last, grain, week_start).weekday():
        end = step(floor(last, grain, week_start), grain)  # weekly figures carry the first day of their week
    start = max(floor(first, grain, week_start), step(end, grain, -_KEPT[grain]))
    start = step(start, grain) if start < first else start
    if start >= end:
        raise NotEnough("There is not one complete period of data yet.", code="too_little_history")
    return TimeWindow(grain=grain, calendar="civil", start=start, end=end)


def _days(window: TimeWindow, grain: Grain) -> list[date]:
    found: list[date] = []
    at, end = window.start, window.end
    assert isinstance(at, date) and isinstance(end, date)  # made above
    while at < end:
        found.append(at)
        at = step(at, grain)
    return found


def _series(loaded: Loaded, name: str, days: list[date], context: ToolContext) -> list[float | None]:
    """One value a period: nothing counts as zero inside the time that the figure's own table covers."""
    values, column = loaded.values[name], loaded.columns[name]
    zero = column.additive or (column.type == "integer")
    seen = [d for d in days if d in values]
    if not seen:
        return [None] * len(days)
    found: list[float | None] = []
    for day in days:
        value = values.get(day)
        found.append(0.0 if value is None and zero and seen[0] <= day <= seen[-1] else value)
    inside = found[days.index(seen[0]) : days.index(seen[-1]) + 1]
    return found if sum(v is None for v in inside) <= _MOST_GAPS * len(inside) else [None] * len(days)


def _too_short(days: list[date], series: dict[str, list[float | None]], target: Figure) -> NotEnough | None:
    known = sum(v is not None for v in series[target.name])
    if known >= LEAST + 6:
        return None
    return NotEnough(
        f"There are {known} points of it: too few to tell a link from chance. I need about {LEAST + 6}.",
        code="too_little_history",
        hint="Ask by day or week, or load a longer history.",
    )


def _fitted(
    args: CorrelateArgs, grain: Grain, series: dict[str, list[float | None]], target: Figure, others: list[Figure]
) -> dict[str, dict[str, Any]]:
    """The links of every figure with enough points, with the word whether it holds beyond chance."""
    known = sum(v is not None for v in series[target.name])
    lags = min(args.lag if args.lag is not None else _MOST_LAG[grain], known // 10)
    request = {
        "target": series[target.name],
        "candidates": {o.name: series[o.name] for o in others},
        "grain": grain,
        "lags": lags,
        "control": series.get(args.control) if args.control else None,
    }
    found: dict[str, dict[str, Any]] = fit("links", request)["links"]
    links = {n: one for n, one in found.items() if one.get("n", 0) >= LEAST and "p" in one}
    alike = [n for n, one in links.items() if one["alike"]]
    tested = [n for n in links if n not in alike]
    held = chosen([links[n]["p"] for n in tested]) if tested else []
    for name, holds in zip(tested, held, strict=True):
        links[name]["holds"] = holds and abs(links[name]["r"]) >= _WEAK
    for name in alike:
        links[name]["holds"] = False
    return links


def _evidence(
    context: ToolContext,
    args: CorrelateArgs,
    grain: Grain,
    days: list[date],
    loaded: Loaded,
    links: dict[str, dict[str, Any]],
    about: tuple[Figure, list[str]],
) -> Evidence:
    target, tied = about
    number = context.evidence_id.removeprefix("e")
    label = _label(context, target.name)
    ordered = sorted(links, key=lambda n: (not links[n]["holds"], links[n]["p"], -_surely(links[n]), n))
    ordered = [n for n in ordered if not links[n]["alike"]]
    main = _table(context, f"t{number}", links, ordered, grain)
    alike = [n for n in links if links[n]["alike"]]
    left = [_label(context, n).lower() for n in (*tied, *alike)]
    params = params_table(
        f"p{number}",
        {"tested": str(len(ordered)), "points": f"{len(days):,}", "left_out": ", ".join(left)}
        | filter_params(args.filters),
    )
    facts = _facts(main, params, links, ordered, (label, grain, bool(left)))
    made = Evidence(
        id=context.evidence_id,
        tool="correlate",
        args=args.model_dump(mode="json", exclude_defaults=True),
        tables=[main, *profile(f"l{number}", links, ordered, main), params],
        facts=facts,
        charts=charts(links, ordered, main, f"c{number}", grain),
        sql=";\n\n".join(c.sql for c in loaded.compiled),
        engine=context.engine.dialect,
        snapshot=context.snapshot.id,
        rows=len(days),
        ms=round(loaded.ms, 3),
        source_tables=list(dict.fromkeys(t for c in loaded.compiled for t in c.tables)),
        quality=_quality(days, links, ordered, loaded, grain),
    )
    for table in made.tables:
        table.evidence = made.id
    return made


def _table(
    context: ToolContext, table_id: str, links: dict[str, dict[str, Any]], ordered: list[str], grain: Grain
) -> ResultTable:
    columns = [
        text("figure", "Figure"),
        plain("r", "How closely (−1 to 1)", 2),
        plain("low", "Low", 2),
        plain("high", "High", 2),
        count("lag", f"Runs ahead by ({grain}s)"),
        plain("p", "Chance without a link", 3),
        count("n", "Points"),
        text("holds", "Beyond chance"),
        plain("partial", "With the control set aside", 2),
        plain("elasticity", "Percent more per percent", 2),
        plain("e_low", "Low", 2),
        plain("e_high", "High", 2),
    ]
    rows = [
        [
            _label(context, n),
            *(links[n][k] for k in ("r", "low", "high", "lag", "p", "n")),
            "yes" if links[n]["holds"] else "no",
            links[n].get("partial"),
            *(links[n].get("elasticity") or (None, None, None)),
        ]
        for n in ordered
    ]
    columns[4] = columns[4].model_copy(update={"role": "derived"})
    return sheet(table_id, "What moves together", columns, rows, "main")


def _facts(
    main: ResultTable,
    params: ResultTable,
    links: dict[str, dict[str, Any]],
    ordered: list[str],
    said: tuple[str, Grain, bool],
) -> list[Fact]:
    label, grain, left = said
    facts: list[Fact] = []
    for row, name in enumerate(n for n in ordered if links[n]["holds"]):
        one = links[name]
        values = {
            n: main.ref(row, c)
            for n, c in (("name", "figure"), ("r", "r"), ("low", "low"), ("high", "high"), ("lag", "lag"), ("n", "n"))
        }
        words = {
            "direction": "up" if one["r"] > 0 else "down",
            "grain": grain,
            "timing": "ahead" if one["lag"] > 0 else "behind" if one["lag"] < 0 else "same",
        }
        if one.get("partial") is not None:
            values["partial"] = main.ref(row, "partial")
            words["control"] = "stands" if abs(one["partial"]) >= _STANDS_ALONE * abs(one["r"]) else "falls"
        facts.append(
            Fact(kind="moves_with", metric=label, values=values, attributes=words, impact=min(1.0, abs(one["r"]) + 0.3))
        )
    facts += _associations(main, links, ordered, label, grain)
    cells = {"tested": params.ref(0, "value"), "points": params.ref(1, "value")}
    if not facts and len(ordered) == 1:  # one pair was asked about, so both are named
        named = (("name", "figure"), ("r", "r"), ("low", "low"), ("high", "high"))
        cells |= {n: main.ref(0, c) for n, c in named}
    facts.append(
        Fact(
            kind="no_link",
            metric=label,
            values=cells,
            attributes={"grain": grain, "some": "yes" if facts else "no"},
            impact=0.4 if facts else 1.0,
        )
    )
    if left:
        facts.append(Fact(kind="built_in_link", metric=label, values={"names": params.ref(2, "value")}, impact=0.2))
    return facts


def _surely(link: dict[str, Any]) -> float:
    """How close two figures are at least, by the range."""
    return float(min(abs(link["low"]), abs(link["high"]))) if link["low"] * link["high"] > 0 else 0.0


def _associations(
    main: ResultTable, links: dict[str, dict[str, Any]], ordered: list[str], label: str, grain: Grain
) -> list[Fact]:
    """By how much the figure was higher when another one was 1 % higher, for links whose range has one sign."""
    facts: list[Fact] = []
    for row, name in enumerate(n for n in ordered if links[n]["holds"]):
        found = links[name].get("elasticity")
        if found and found[1] * found[2] > 0:
            cells = (("name", "figure"), ("elasticity", "elasticity"), ("low", "e_low"), ("high", "e_high"), ("n", "n"))
            values = {n: main.ref(row, c) for n, c in cells}
            words = {"direction": "up" if found[0] > 0 else "down", "grain": grain}
            facts.append(Fact(kind="association", metric=label, values=values, attributes=words, impact=0.4))
    return facts


def _quality(
    days: list[date], links: dict[str, dict[str, Any]], ordered: list[str], loaded: Loaded, grain: Grain
) -> Quality:
    held = sum(links[n]["holds"] for n in ordered)
    caveats = ["Figures that move together need not drive one another."]
    if loaded.failed:
        caveats.append(f"{len(loaded.failed)} figures could not be read over time.")
    return Quality(
        trust="high" if len(days) >= 300 and held else "medium" if len(days) >= 100 else "low",
        n=len(days),
        period=f"{days[0].isoformat()} – {days[-1].isoformat()}",
        method="trend and season taken out; Spearman at the best lag; block bootstrap; Benjamini-Hochberg at 10 %",
        figures={"tested": float(len(ordered)), "held": float(held), "missing": float(len(loaded.failed))},
        caveats=caveats,
    )
