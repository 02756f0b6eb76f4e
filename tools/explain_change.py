"""The tool for “why did it drop?”: which groups a change came from, exactly, and whether it is out of the ordinary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from store.errors import LimitReached, UnknownName
from tools.conditions import filter_params
from tools.drivers.fields import candidates, conditions_of, described
from tools.drivers.parts import Parts, parts_of
from tools.drivers.waterfall import waterfall
from tools.evidence import Caveat, Chart, Evidence, Quality
from tools.params import params_table
from tools.registry import ToolContext, tool
from tools.run import join_check
from warehouse.compiled import Compiled, OutputColumn, Period
from warehouse.model.adhoc import adhoc_name
from warehouse.query import Compare, Condition, DimRef, MetricQuery, MetricRef, TimeWindow

if TYPE_CHECKING:
    from tools.drivers.ask import Asked
    from tools.drivers.explain import Finding
    from tools.drivers.followed import Down
    from tools.drivers.found import Sheets
    from tools.drivers.past import Span
    from tools.drivers.sheets import Measured

LEAST_ROWS = 100
_UNEQUAL = 1.15
_SOLID = 0.5


def _named(value: Any) -> Any:
    return {"metric": value} if isinstance(value, str) else value


def _fields(value: Any) -> Any:
    return [{"field": v} if isinstance(v, str) else v for v in value] if isinstance(value, list | tuple) else value


class ExplainChangeArgs(BaseModel):
    """The figure and its two periods; `by` limits the search to some dimensions, `depth` says how many combine."""

    model_config = ConfigDict(extra="forbid")

    metric: Annotated[MetricRef, BeforeValidator(_named)]
    period: TimeWindow
    compare: Compare = Compare(to="previous_period")
    filters: tuple[Condition, ...] = ()
    by: Literal["auto"] | Annotated[tuple[DimRef, ...], BeforeValidator(_fields)] = "auto"
    depth: int = Field(2, ge=1, le=3)


@tool(
    "explain_change",
    example="Why did revenue fall in May 2026?",
    needs="a figure with dates and columns to split it by; 100 rows in both periods",
)
def explain_change(context: ToolContext, args: ExplainChangeArgs) -> Evidence:
    """Explain why a metric changed between two periods, by groups that add up. Looking for what moved the figure.

    Main table: one row a driver and one for everything else, with columns driver, before, after, change, contribution
    (adds up to the change exactly) and share (0-1). Further tables: the whole, waterfall steps, how usual such a change
    is, calendar, rate and mix, factors, who is new or gone. Raises `LimitReached` with the code `no_time`,
    `too_little_history`, `too_few_rows`, `no_variation` or `no_parts` when nothing honest can be said.
    """
    from tools.drivers.ask import Asked
    from tools.drivers.explain import explain
    from tools.drivers.past import both_spans

    parts = parts_of(context.model, args.metric)
    asked = Asked(context, parts, args.period.model_copy(update={"grain": None}), args.compare, args.filters)
    compiled = _compiled(asked)
    now, prior = _periods(compiled)
    rows = _counted(asked, now, prior)
    whole_days = both_spans(now, prior)
    finding = explain(asked, _searched(context, args, parts), whole_days, args.depth, rows)
    if finding is None:
        raise LimitReached(
            f"There is no {_figure(compiled).label.lower()} in one of the two periods.", code="no_variation",
            hint="Choose periods in which there is something to divide by.",
        )  # fmt: skip
    return _evidence(asked, args, compiled, finding, _Extra(rows, whole_days))


@dataclass
class _Extra:
    """What is known beside the finding: stored rows, both periods in days, and the driver tree when there is one."""

    rows: int
    spans: tuple[Span, Span] | None
    tree: Down | None = None


def _compiled(asked: Asked) -> Compiled:
    """The metric itself over both periods: its label, unit, periods and notes. Nothing is run."""
    query = MetricQuery(metrics=(asked.parts.metric,), filters=asked.filters, time=asked.period, compare=asked.compare)
    return asked.compiled(query)


def _figure(compiled: Compiled) -> OutputColumn:
    return next(c for c in compiled.columns if c.role == "measure")


def _periods(compiled: Compiled) -> tuple[Period, Period]:
    period, prior = compiled.period, compiled.prior
    if period is None or prior is None or not period.start or not period.end:
        raise LimitReached(
            "A change needs two periods to compare.", code="no_time", hint="Name a period, such as last month.",
        )  # fmt: skip
    return period, prior


def _counted(asked: Asked, now: Period, prior: Period) -> int:
    """Stored rows of both periods together. Raises `LimitReached` when they are too few."""
    table = asked.context.model.tables[asked.parts.table]
    if table.time is None:
        raise LimitReached("This figure has no date, so it has no before and after.", code="no_time")
    column = (asked.period.column or f"{asked.parts.table}.{table.time.default}").rpartition(".")[2]
    stored = MetricRef(metric=adhoc_name("count", asked.parts.table, column), alias="stored")
    query = MetricQuery(metrics=(stored,), filters=asked.filters, time=asked.period, compare=asked.compare)
    made = asked.compiled(query)
    row = dict(zip([c.name for c in made.columns], (c[0].as_py() for c in asked.run(made).table.columns), strict=True))
    after, before = int(row["stored"] or 0), int(row["stored.prev"] or 0)
    _enough(asked, now, prior, (before, after))
    return after + before


def _enough(asked: Asked, now: Period, prior: Period, rows: tuple[int, int]) -> None:
    before, after = rows
    table = asked.context.model.tables[asked.parts.table]
    noun = table.records or "rows"
    if not before:
        first = asked.context.profile.bounds(table.source, table.time.default)[0] if table.time else None
        begins = f" The data begins on {first.isoformat()}." if first else ""
        raise LimitReached(f"There is nothing in {prior.label} to compare with.{begins}", code="too_little_history")
    if before + after < LEAST_ROWS:
        raise LimitReached(
            f"{now.label} and {prior.label} have {before + after} {noun} together: too few to name a cause.",
            code="too_few_rows", hint="Ask for a longer period, or with fewer filters.",
        )  # fmt: skip


def _searched(context: ToolContext, args: ExplainChangeArgs, parts: Parts) -> Sequence[DimRef]:
    if args.by == "auto":
        made_of = {f for each in parts.sums for f in conditions_of(context.model, parts.table, each.metric)}
        found = candidates(context.model, context.profile, parts.table)
        return [ref for ref in found if ref.field not in made_of] or found  # what defines a figure explains nothing
    for ref in args.by:
        if described(context.model, ref)[1] is None:
            raise UnknownName(f"There is no dimension called “{ref.field}”.", details={"kind": "dimension"})
    return args.by


def _evidence(asked: Asked, args: ExplainChangeArgs, compiled: Compiled, finding: Finding, extra: _Extra) -> Evidence:
    from tools.drivers.followed import down
    from tools.drivers.found import facts_of
    from tools.drivers.sheets import Measured

    number = asked.context.evidence_id.removeprefix("e")
    figure = _figure(compiled)
    now, prior = _periods(compiled)
    how = Measured(figure, prior.label, now.label, asked.parts.ratio)
    extra.tree = down(asked, finding, how.rounded)
    sheets = _sheets(asked, finding, how, number, extra.tree)
    params = params_table(f"p{number}", {"period": now.label, "prior": prior.label} | filter_params(args.filters))
    evidence = Evidence(
        id=asked.context.evidence_id,
        tool="explain_change",
        args=args.model_dump(mode="json", exclude_defaults=True),
        tables=[*sheets.all(), params],
        facts=facts_of(finding, sheets, figure.label, figure.good),
        charts=_charts(sheets, number, how),
        sql=";\n\n".join(asked.sql),
        engine=asked.context.engine.dialect,
        snapshot=asked.context.snapshot.id,
        rows=extra.rows,
        ms=round(asked.ms, 3),
        source_tables=list(asked.tables),
        checks=[join_check(asked.context, compiled)],
        warnings=[Caveat(code=n.code, message=n.text) for n in compiled.notes],
        quality=_quality(finding, extra, now, prior),
    )
    for table in evidence.tables:
        table.evidence = evidence.id
    return evidence


def _sheets(asked: Asked, finding: Finding, how: Measured, number: str, tree: Down | None) -> Sheets:
    from tools.drivers import sheets
    from tools.drivers.found import Sheets

    model = asked.context.model
    title = f"What moved {how.figure.label.lower() if not how.figure.label[:2].isupper() else how.figure.label}"
    main = sheets.main_table((f"t{number}", title), finding, model, how) if finding.drivers else None
    whole = sheets.whole_table(f"o{number}", finding, how)
    followed = tree.followed if tree is not None else None
    return Sheets(
        main=main,
        whole=whole if main is not None else whole.model_copy(update={"kind": "main"}),
        steps=sheets.steps_table(f"w{number}", main, whole, how) if main is not None else None,
        usual=sheets.usual_table(f"u{number}", finding),
        calendar=sheets.calendar_table(f"k{number}", finding, how),
        events=sheets.events_table(f"v{number}", finding, how),
        mix=sheets.mix_table(f"m{number}", finding, model, how),
        factors=sheets.factor_table(f"f{number}", tree, how) if tree and followed else None,
        below=sheets.below_table(f"b{number}", tree, how) if tree and followed else None,
        ends=sheets.ends_table(f"e{number}", tree, whole, how) if tree and followed and followed.given else None,
        newcomers=sheets.newcomer_table(f"n{number}", finding, model, how),
    )


def _charts(sheets: Sheets, number: str, how: Measured) -> list[Chart]:
    """The groups as a waterfall, and the ends of a driver tree when the model gives one."""
    both = (("c", sheets.steps), ("r", sheets.ends))
    return [waterfall(steps, f"{mark}{number}", how) for mark, steps in both if steps is not None]


def _quality(finding: Finding, extra: _Extra, now: Period, prior: Period) -> Quality:
    """Trust is high for an unusual change that few groups explain, low for one that is usual or cannot be judged."""
    explained = 1.0 - abs(float(finding.rest.contribution / finding.change)) if finding.rest and finding.change else 0.0
    caveats = ["These are the groups in which the figure moved, not proof of a cause."]
    if finding.mix_rate is not None and finding.mix_rate.against_all:
        caveats.insert(0, "Every group moved one way and the whole the other: their weights shifted.")
    if extra.spans is not None and not 1 / _UNEQUAL <= extra.spans[0].days / extra.spans[1].days <= _UNEQUAL:
        caveats.insert(0, f"The periods differ in length: {extra.spans[0].days} and {extra.spans[1].days} days.")
    if finding.usual is None:
        caveats.insert(0, "There is too little history to say whether a change of this size is usual.")
    followed = extra.tree.followed if extra.tree is not None else None
    if extra.tree is not None and extra.tree.problem:
        caveats.append(extra.tree.problem)
    caveats += [f"{label} was not searched: {why}." for label, why in finding.left_out]
    solid = finding.usual is not None and not finding.usual.inside
    return Quality(
        trust="high" if solid and explained >= _SOLID and finding.spread_over is None else "medium" if solid else "low",
        n=extra.rows,
        period=f"{now.label} against {prior.label}",
        method="exact contributions; search over groups and their combinations"
        + (f"; driver tree by {followed.method}" if followed else ""),
        baseline="every group moves in proportion to its size",
        figures={
            "explained_share": round(explained, 6),
            "combinations_searched": float(finding.looked_at),
            **({"noise_p": round(finding.usual.p, 4)} if finding.usual is not None else {}),
        },
        caveats=caveats,
    )
