"""The tool for “where do they drop out?”: steps in order, the share that goes on from each, and how long it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from store.errors import InvalidRequest, NotEnough
from tools.evidence import Evidence
from tools.funnels import events as known
from tools.funnels import report
from tools.funnels.events import Events
from tools.registry import ToolContext, tool
from tools.run import fetch
from warehouse.compiled import Compiled
from warehouse.journeys import FunnelQuery, Step
from warehouse.model.schema import Stretch
from warehouse.query import Condition, DimRef, TimeWindow

LEAST = 100
_SECONDS = {"hour": 3_600, "day": 86_400, "week": 604_800, "month": 2_629_746, "quarter": 7_889_238, "year": 31_556_952}


class FunnelArgs(BaseModel):
    """The steps by name, or none for all that the data know, most taken first; custom `stages` replace the names.

    `within` is the time from the first step to the last that counts; `ordered` false takes steps in any order.
    `time` holds when the first step was taken, `compare` another such period.
    """

    model_config = ConfigDict(extra="forbid")

    steps: tuple[str, ...] = Field((), max_length=8)
    stages: tuple[Step, ...] = Field((), max_length=8)
    table: str | None = None
    entity: str | None = None
    filters: tuple[Condition, ...] = Field((), max_length=100)
    by: DimRef | None = None
    time: TimeWindow | None = None
    compare: TimeWindow | None = None
    within: Stretch | None = None
    ordered: bool = True


@dataclass
class Asked:
    """A funnel on its way to evidence: the steps, and the SQL and time of its requests."""

    context: ToolContext
    args: FunnelArgs
    events: Events
    stages: tuple[Step, ...]
    sql: list[str]
    ms: float = 0.0
    compiled: Compiled | None = None

    def rows(self, time: TimeWindow | None, by: DimRef | None) -> list[dict[str, Any]]:
        """The counts of a period, one row or one a group."""
        from warehouse.compiler.funnels import compile_funnel

        args, context = self.args, self.context
        within = args.within.n * _SECONDS[args.within.unit] if args.within else None
        query = FunnelQuery(
            table=self.events.table, entity=args.entity or self.events.entity, steps=self.stages, filters=args.filters,
            time=time, window_seconds=within, ordered=args.ordered, by=by,
        )  # fmt: skip
        made = compile_funnel(
            context.model, query, profile=context.profile, as_of=context.as_of, principal=context.principal
        )
        found = fetch(context, made)
        self.sql.append(made.sql)
        self.ms += found.ms
        self.compiled = made
        rows: list[dict[str, Any]] = found.table.to_pylist()
        return rows


@tool(
    "funnel",
    example="Where do visitors drop out?",
    needs="a table of events: who (a visit or customer number), which step, when; a hundred at the first step",
)
def funnel(context: ToolContext, args: FunnelArgs) -> Evidence:
    """Show how many go from step to step, where they drop out and how long it takes. Following them through the steps.

    Main table: one row per step (reached, rate from the step before and from the first with its range, lost, times), or
    with `by` one row per group. Raises `NotEnough` with the code `no_events` or `too_few_rows`, and `UnknownName` for a
    step that the data do not have.
    """
    events = known.find(context, args.table, args.entity)
    asked = Asked(context, args, events, args.stages or _stages(context, args, events), [])
    if len(asked.stages) < 2:
        raise InvalidRequest(
            "A funnel takes two steps or more.", hint="Name the first and the last step.", code="too_few_steps"
        )
    whole = asked.rows(args.time, None)[0]
    if int(whole["reached_1"]) < LEAST:
        raise NotEnough(
            f"Only {int(whole['reached_1'])} {events.many} took the first step, “{asked.stages[0].label}”: too few for "
            f"rates. I need {LEAST}.",
            code="too_few_rows",
            hint="Ask about a longer period.",
        )
    groups = asked.rows(args.time, args.by) if args.by else []
    before = asked.rows(args.compare, None)[0] if args.compare else None
    before_groups = asked.rows(args.compare, args.by) if args.compare and args.by else []
    if before is not None and int(before["reached_1"]) < LEAST:
        raise NotEnough(
            f"Only {int(before['reached_1'])} {events.many} in the period to compare with: too few.",
            code="too_few_rows",
        )
    return report.evidence(report.Counted(asked, whole, groups, before, before_groups))


def _stages(context: ToolContext, args: FunnelArgs, events: Events) -> tuple[Step, ...]:
    counts = known.reached(context, events, args.filters, args.time)
    values = known.steps_of(events, counts, args.steps)
    return tuple(Step(label=_label(v), filters=(known.condition(events, v),)) for v in values)


def _label(value: str) -> str:
    text = value.replace("_", " ").strip()
    return text[:1].upper() + text[1:]
