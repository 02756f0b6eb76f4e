"""The tool for “who is about to leave?”: a chance for each, tested on a later day, with reasons and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
from pydantic import Field

from store.errors import NotEnough
from tools import entities
from tools.churn import history, labelled, report
from tools.churn.task import Numbers, Task
from tools.entities import Clock, Entity, EntityArgs
from tools.entity_groups import Grouped, Split, grouped, of_rows
from tools.evidence import Evidence, json_value
from tools.fitting import fit
from tools.registry import ToolContext, tool
from warehouse.compiled import Compiled
from warehouse.model.schema import Unit

USELESS = 0.60


class ChurnArgs(EntityArgs):
    """Who counts as gone, and whom to list. With an outcome column the table's other columns are learnt from."""

    outcome: str | None = Field(None, description="`table.column` that says who left; found by its name when not given")
    silence_days: int | None = Field(None, ge=7, le=1000, description="without an outcome: silent so long means gone")
    without: tuple[str, ...] = Field((), description="columns not to learn from")
    by: Split | None = Field(None, description="a field to tell by which kinds of customers are most at risk, or `rfm`")
    order: Literal["chance", "loss"] = Field("chance", description="list by chance, or by chance × what they bring")
    who: str | int | None = Field(None, description="the id of one customer to tell about")
    most: int = Field(50, ge=1, le=300, description="customers to list")


@dataclass
class Churn:
    """Chances of everybody who has not left, with what the worker found and where the rows came from."""

    args: ChurnArgs
    task: Task
    record: str
    records: str
    chances: Numbers
    fitted: dict[str, Any]
    compiled: Compiled
    entity: Entity | None = None
    clock: Clock | None = None
    table: labelled.Labelled | None = None
    sql: list[str] = field(default_factory=list)
    ms: float = 0.0
    unit: Unit | None = None
    groups: Grouped | None = None

    @property
    def base(self) -> float:
        """The share that left among those learnt from."""
        return float(np.mean(self.task.outcome))

    @property
    def order(self) -> list[int]:
        """Everybody, those to call first in front."""
        worth = self.task.worth if self.args.order == "loss" and self.task.worth is not None else 1.0
        return [int(i) for i in np.argsort(-np.round(self.chances * worth, 9), kind="stable")]


@tool(
    "churn_risk",
    example="Which customers are about to leave?",
    needs="A column that says who left, or dated purchases; 100 who left and 100 who stayed.",
)
def churn_risk(context: ToolContext, args: ChurnArgs) -> Evidence:
    """Say which customers are about to leave, how likely, why and what it would cost. Learning who leaves.

    Main table: one row per listed customer: chance, band, reasons, value at risk. Raises `NotEnough` with code
    `no_entity`, `no_time`, `too_few_rows`, `too_little_history`, `no_outcome`, `leakage` or `not_better_than_baseline`.
    """
    return report.evidence(context, judged(context, args))


def judged(context: ToolContext, args: ChurnArgs) -> Churn:
    """The chances without tables. Raises like the tool."""
    if find_spec("sklearn") is None:
        raise NotEnough(
            "Learning who leaves needs the analytics extra, which is not installed here.", code="missing_extra",
            hint="Install plainsay[analytics].",
        )  # fmt: skip
    table = labelled.find(context.model, args.outcome) if args.silence_days is None else None
    found = _by_table(context, args, table) if table is not None else _by_log(context, args)
    task = found.task
    request = {
        "kinds": task.kinds, "train": task.train, "outcome": task.outcome, "group": task.group, "test": task.test,
        "test_outcome": task.test_outcome, "score": task.score, "known": task.known, "most": args.most,
        "worth": task.worth.tolist() if args.order == "loss" and task.worth is not None else None,
        "only": _only(args, task, found),
    }  # fmt: skip
    found.fitted = fit("churn", request)
    _refuse(found)
    found.chances = np.array(found.fitted["chances"])
    return found


def _by_table(context: ToolContext, args: ChurnArgs, table: labelled.Labelled) -> Churn:
    task, compiled, ms = labelled.prepared(context, table, args.filters, args.without)
    records = table.records
    record = "customer" if records == "customers" else table.table.record or "record"
    found = Churn(args, task, record, records, np.zeros(0), {}, compiled, table=table, sql=[compiled.sql], ms=ms)
    if args.by is not None:
        _group(found, of_rows(context, table.name, table.key, task.ids, args.by, records))
    return found


def _by_log(context: ToolContext, args: ChurnArgs) -> Churn:
    entity = entities.find(context, args)
    clock = entities.clock(context, entity)
    task, found = history.prepared(context, entity, clock, args.filters, args.silence_days)
    churn = Churn(
        args, task, entity.record, entity.records, np.zeros(0), {}, found.compiled, entity=entity, clock=clock,
        sql=found.sql, ms=found.ms, unit=entities.amount_column(context, entity, "worth").unit,
    )  # fmt: skip
    if args.by is not None:
        everybody = grouped(context, entity, found, args.by, args.filters, clock.today)
        name = dict(zip(found.ids, everybody.names, strict=True))
        _group(churn, replace(everybody, names=[name[i] for i in task.ids]))
    return churn


def _group(found: Churn, groups: Grouped) -> None:
    """Tell those who are judged apart by their group."""
    found.groups = groups
    found.sql += [groups.sql] if groups.sql else []


def _only(args: ChurnArgs, task: Task, found: Churn) -> int | None:
    if args.who is None:
        return None
    wanted = str(args.who).strip().casefold()
    place = next((at for at, i in enumerate(task.ids) if str(json_value(i)).casefold() == wanted), None)
    if place is None:
        text = f"I see no {found.record} {args.who} who is still there: either gone already or never seen."
        raise NotEnough(text, code="no_entity", hint="Check the number.")
    return place


def _refuse(found: Churn) -> None:
    fitted, task = found.fitted, found.task
    named = ", ".join(task.labels.get(n, n) for n in fitted["suspects"])
    if fitted["refused"] == "leakage":
        raise NotEnough(
            f"Only {named} could tell who leaves, and that was written after they left: that is no prediction.",
            code="leakage", hint="Load columns that were known before.",
        )  # fmt: skip
    if fitted["refused"]:
        raise NotEnough(f"All {found.records} look alike: nothing tells who leaves.", code="no_variation")
    score = fitted["figures"]["auc"]
    if score < USELESS:
        raise NotEnough(
            f"These data do not tell who leaves: ranking {found.records} by risk was right in {score:.0%} of pairs, "
            "and a coin is right in 50%.",
            code="not_better_than_baseline",
        )
