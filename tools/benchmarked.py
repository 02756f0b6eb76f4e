"""A comparison with peers as evidence: a row a member, who is really ahead or behind, what the mix alone explains."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tools.benchmarking import Cube, Standing, all_along, standings, together
from tools.charts import metric_chart
from tools.drivers.fields import described
from tools.evidence import Caveat, CellRef, Column, Evidence, Fact, Quality, ResultTable, row_keys
from tools.factbook.weigh import tone
from tools.forecasting.horizon import label
from tools.forecasting.report import rounded
from tools.params import param_ref, params_table
from tools.run import join_check
from warehouse.compiled import Lineage
from warehouse.model.schema import Unit
from warehouse.model.words import plural

if TYPE_CHECKING:
    from tools.benchmark import BenchmarkArgs
    from tools.insights.panel import Reader
    from warehouse.query import DimRef

Choice = tuple[tuple[date, date], "DimRef | None", Any]
_MOST_TOLD = 3
_WORDS = {
    (True, True): "ahead",
    (True, False): "behind",
    (False, True): "like its peers",
    (False, False): "like its peers",
}


def evidence(reader: Reader, args: BenchmarkArgs, chosen: Choice, cube: Cube, filters: dict[str, str]) -> Evidence:
    """Everything a brain needs to tell how members stand beside their peers."""
    spans, mix, focus = chosen
    context = reader.context
    number = context.evidence_id.removeprefix("e")
    kept = all_along(cube)
    figure = _figure(reader, args)
    found = standings(cube, kept, low_is_good=figure.good == "down")
    noun = plural(described(context.model, args.by)[0].lower())
    main = _main(found, figure, cube, (f"t{number}", noun))
    params = params_table(f"p{number}", _asked(reader, args, (spans, mix, cube), found) | filters)
    facts, extra = _facts(found, (main, params), (figure, cube, focus), f"w{number}")
    tables = [main, *extra, params]
    for table in tables:
        table.evidence = context.evidence_id
    chart = metric_chart(main, main.columns[1], f"c{number}")
    compiled = reader.compiled
    return Evidence(
        id=context.evidence_id, tool="benchmark", args=args.model_dump(mode="json", exclude_defaults=True),
        tables=tables, facts=facts, charts=[chart] if chart is not None else [], warnings=_left_out(cube, noun),
        checks=[join_check(context, compiled)] if compiled else [], sql=";\n\n".join(reader.sql),
        engine=context.engine.dialect, snapshot=context.snapshot.id, rows=len(found), ms=round(reader.ms, 3),
        source_tables=list(reader.tables), quality=_quality(found, cube, spans, mix is not None),
    )  # fmt: skip


def _figure(reader: Reader, args: BenchmarkArgs) -> Column:
    """The metric's own column, as its label, unit and direction stand in the model."""
    from tools.insights.scope import column_of

    return column_of(reader.context, args.ref)


def _asked(
    reader: Reader, args: BenchmarkArgs, of: tuple[tuple[date, date], DimRef | None, Cube], found: list[Standing]
) -> dict[str, str]:
    spans, mix, cube = of
    model = reader.context.model
    noun = described(model, args.by)[0].lower()
    kept = all_along(cube)
    asked = {"period": label(*spans), "members": str(len(found)), "noun": noun, "nouns": plural(noun)}
    if mix is not None:
        asked["mix"] = described(model, mix)[0].lower()
    if not cube.rate:
        start = cube.months_then[:, 0, 0] > 0
        end = cube.months_now[:, -1, 0] > 0
        asked["opened"] = str(int((~kept & ~start & end).sum()))
        asked["closed"] = str(int((~kept & start & ~end).sum()))
    return asked


def _column(figure: Column, cube: Cube, name: str, text: str) -> Column:
    update: dict[str, Any] = {"name": name, "label": text, "role": "measure", "lineage": Lineage(), "additive": False}
    if not cube.rate:
        update |= {"unit": Unit(ratio=True), "type": "float", "decimals": None}
    return figure.model_copy(update=update)


def _main(found: list[Standing], figure: Column, cube: Cube, named: tuple[str, str]) -> ResultTable:
    table_id, noun = named
    what = figure.label if cube.rate else f"Growth of {figure.label.lower()}"
    texts = {"value": what, "fair": "Fair for its mix", "gap": "Its own", "mix": "From its mix", "peers": "Peers"}
    columns = [Column(name="of", label=noun.capitalize(), type="text", role="dimension")]
    columns += [_column(figure, cube, n, t) for n, t in texts.items()]
    columns += [Column(name="rank", label="Rank", type="integer", role="measure"),
                Column(name="chance", label="Chance alone", type="float", role="measure", unit=Unit(ratio=True)),
                Column(name="standing", label="Standing", type="text", role="dimension")]  # fmt: skip
    rows: list[list[Any]] = []
    for rank, each in enumerate(found, start=1):
        cells = [_cell(v, figure, cube) for v in (each.value, each.fair, each.gap, each.mix, each.peers)]
        said = _WORDS[each.real, _better(each, figure)]
        rows.append([str(each.member), *cells, rank, float(f"{each.chance:.4g}"), said])
    title = f"{what}: {noun} beside their peers"
    return ResultTable(
        id=table_id, title=title, kind="main", columns=columns, rows=rows, row_keys=row_keys(rows, [0]),
        total_rows=len(rows),
    )  # fmt: skip


def _cell(value: float, figure: Column, cube: Cube) -> Any:
    return rounded(value, figure) if cube.rate and not _ratio(figure) else float(f"{value:.6g}")


def _ratio(figure: Column) -> bool:
    return figure.unit is not None and (figure.unit.ratio or figure.unit.percent)


def _facts(
    found: list[Standing], tables: tuple[ResultTable, ResultTable], of: tuple[Column, Cube, Any], whole_id: str
) -> tuple[list[Fact], list[ResultTable]]:
    main, params = tables
    figure, cube, focus = of
    members = param_ref(params, "members")
    assert members is not None  # it is always asked
    facts: list[Fact] = []
    extra: list[ResultTable] = []
    if not cube.rate:
        whole = _whole(figure, cube, whole_id)
        extra.append(whole)
        values = {"value": whole.ref(0, "value"), "whole": whole.ref(0, "whole"), "members": members}
        values |= {n: r for n in ("opened", "closed") if (r := param_ref(params, n)) is not None}
        facts.append(
            Fact(kind="like_for_like", metric=figure.label, values=values, impact=0.9 if focus is None else 0.4)
        )
    real = [(i, s) for i, s in enumerate(found) if s.real]
    ahead = [p for p in real if _better(p[1], figure)]
    behind = [p for p in real if not _better(p[1], figure)][::-1]
    for kind, some, weight in (("ahead_of_peers", ahead, 0.8), ("behind_peers", behind, 0.75)):
        for place, (row, each) in enumerate(some[:_MOST_TOLD]):
            facts.append(_standing(kind, (main, row, members), each, figure, cube, weight - 0.05 * place))
    if not real:
        facts.append(Fact(kind="level_field", metric=figure.label, values={"members": members}, impact=0.7))
    if focus is not None:
        row = next((i for i, s in enumerate(found) if s.member == focus), -1)
        if row >= 0:
            facts.append(_standing("among_peers", (main, row, members), found[row], figure, cube, 1.0))
            mix = param_ref(params, "mix")
            if mix is not None:
                values = {"name": main.ref(row, "of"), "mix": main.ref(row, "mix"), "own": main.ref(row, "gap"),
                          "dimension": mix}  # fmt: skip
                facts.append(Fact(kind="mix_effect", metric=figure.label, values=values, impact=0.6))
    return sorted(facts, key=lambda f: -f.impact), extra


def _better(each: Standing, figure: Column) -> bool:
    """Whether a gap is to the good; more counts as good when the model does not say."""
    return each.gap < 0 if figure.good == "down" else each.gap > 0


def _whole(figure: Column, cube: Cube, table_id: str) -> ResultTable:
    """Growth of all who were there all along, and of everybody: one row."""
    like, whole = together(cube, all_along(cube))
    columns = [Column(name="of", label="Of", type="text", role="dimension"),
               _column(figure, cube, "value", "Like for like"), _column(figure, cube, "whole",
               "All together")]  # fmt: skip
    rows = [["Growth", float(f"{like:.6g}"), float(f"{whole:.6g}")]]
    return ResultTable(
        id=table_id, title="Like for like", kind="detail", columns=columns, rows=rows, row_keys=row_keys(rows, [0]),
        total_rows=1,
    )  # fmt: skip


def _standing(
    kind: str, at: tuple[ResultTable, int, CellRef], each: Standing, figure: Column, cube: Cube, impact: float
) -> Fact:
    main, row, members = at
    values = {"name": main.ref(row, "of"), "members": members, "rank": main.ref(row, "rank")}
    values |= {n: main.ref(row, n) for n in ("value", "fair", "gap", "peers")}
    direction = "up" if each.gap > 0 else "down"
    attributes = {
        "direction": direction,
        "tone": tone(direction, figure.good),
        "shape": "rate" if cube.rate else "growth",
    }
    if kind == "among_peers":
        attributes["beyond"] = "yes" if each.real else "no"
    return Fact(kind=kind, metric=figure.label, values=values, attributes=attributes, impact=round(impact, 3))


def _left_out(cube: Cube, noun: str) -> list[Caveat]:
    gone = [str(m) for m, k in zip(cube.members, all_along(cube), strict=True) if not k]
    if not gone:
        return []
    shown = ", ".join(gone[:6]) + (" and others" if len(gone) > 6 else "")
    text = f"Left out because they were not there in every month: {shown}."
    return [Caveat(code="not_like_for_like", message=text)] if noun else []


def _quality(found: list[Standing], cube: Cube, spans: tuple[date, date], mixed: bool) -> Quality:
    caveats = ["Peers differ in more than their mix: size, place and age are not set aside."]
    return Quality(
        trust="high" if cube.months_now.shape[1] >= 12 else "medium", n=len(found),
        period=f"{spans[0]} to {spans[1] - timedelta(days=1)}",
        method=f"each member against all others{', at its own mix' if mixed else ''}; monthly gaps tested with memory",
        baseline="every member does as its peers do at its mix",
        figures={"members": float(len(cube.members)), "compared": float(len(found)),
                 "real": float(sum(s.real for s in found))},
        caveats=caveats,
    )  # fmt: skip
