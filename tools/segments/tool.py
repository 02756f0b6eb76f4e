"""The tool for “who are my best customers?”: groups by recency, frequency and money, or as the data themselves fall."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
from pydantic import Field

from store.errors import InvalidRequest, NotEnough, unknown
from tools import entities
from tools.entities import Activity, Clock, Entity, EntityArgs, Numbers, day_number
from tools.evidence import Evidence
from tools.fitting import fit
from tools.registry import ToolContext, tool
from tools.segments import naming, report, rfm
from warehouse.entity_query import PerEntity

FEWEST = 100
Feature = Literal["recency", "frequency", "value", "average", "tenure"]
_REASONS = {
    "unclear": "the best split was hardly better than none",
    "unstable": "other samples of the same {records} fall into other groups",
    "one_cloud": "a single cloud without any groups would split as well",
}


class SegmentsArgs(EntityArgs):
    """How to group. `auto` looks for groups in the data and gives RFM where there are none."""

    method: Literal["rfm", "auto", "kmeans", "density", "hierarchical"] = "rfm"
    features: tuple[Feature, ...] = Field(
        ("recency", "frequency", "average"), min_length=1, max_length=5,
        description="what groups are made of (not for rfm): days since the last purchase, how many days with one, "
        "all they spent, what they spend a time, days since the first",
    )  # fmt: skip
    k: int | None = Field(None, ge=2, le=8, description="number of groups; chosen when not given")
    only: str | None = Field(None, description="list the members of this segment: “Champions”, “At risk”")
    since: date | None = Field(None, description="rfm only: who changed segment since that day")
    most: int = Field(50, ge=1, le=500, description="members to list")


@dataclass
class Segmented:
    """Entities with their segment. `names` are the segments in order, `labels` the segment of each entity or None.

    `judged` holds the worker's figures when groups were fitted, `before` the segments at an earlier day.
    """

    args: SegmentsArgs
    entity: Entity
    clock: Clock
    activity: Activity
    names: list[str]
    labels: list[str | None]
    method: str
    judged: dict[str, Any] = field(default_factory=dict)
    told_apart: dict[str, list[naming.Trait]] = field(default_factory=dict)
    before: list[str | None] | None = None
    fell_back: str = ""

    @property
    def columns(self) -> dict[str, Numbers]:
        return self.activity.columns

    def members(self, name: str) -> list[int]:
        """Positions of the entities in a segment."""
        return [at for at, label in enumerate(self.labels) if label == name]


@tool(
    "segments",
    example="Who are my best customers?",
    needs="Purchases or visits with a date and a customer number; 100 customers.",
)
def segments(context: ToolContext, args: SegmentsArgs) -> Evidence:
    """Group customers: RFM segments with names, or clusters, with members, sizes and worth. Grouping the customers.

    Main table: one row per segment (customers, share, value, typical figures), or with `only` its members. Raises
    `NotEnough` with code `no_entity`, `no_time`, `too_few_rows`, `no_variation`, or `no_groups` when there are none.
    """
    return report.evidence(context, segmented(context, args))


def segmented(context: ToolContext, args: SegmentsArgs) -> Segmented:
    """The grouping without its tables. Raises like the tool."""
    entity = entities.find(context, args)
    clock = entities.clock(context, entity)
    if args.since is not None and not clock.first < args.since < clock.today:
        raise InvalidRequest(
            "There are no data before that day to compare with.", hint=f"Use a day after {clock.first}.",
            details={"field": "since"},
        )  # fmt: skip
    found = entities.activity(context, entity, args.filters, _wanted(args), clock.today)
    if len(found.ids) < FEWEST:
        raise NotEnough(
            f"I see only {entities.said(len(found.ids), entity)} here; I need at least {FEWEST} to speak of groups.",
            code="too_few_rows",
        )
    made = _by_rfm if args.method == "rfm" else _by_fit
    result = made(args, entity, clock, found)
    if args.only is not None and args.only not in result.names:
        raise unknown("segment", args.only, result.names)
    return result


def _wanted(args: SegmentsArgs) -> list[PerEntity]:
    wanted = [PerEntity(name=n, take=n) for n in ("first", "last", "days", "amount")]
    if args.since is None:
        return wanted
    return wanted + [PerEntity(name=f"{n}_before", take=n, end=args.since) for n in ("last", "days", "amount")]


def _by_rfm(args: SegmentsArgs, entity: Entity, clock: Clock, found: Activity) -> Segmented:
    columns = found.columns
    money = columns["amount"] if entity.valued else None
    if all(c.min() == c.max() for c in (columns["last"], columns["days"])) and (money is None or money.std() == 0):
        raise NotEnough(f"All {entity.records} look alike here: nothing tells them apart.", code="no_variation")
    labels, scores = rfm.segments(columns["last"], columns["days"], money)
    names = [n for n in rfm.NAMES if n in set(labels)]
    result = Segmented(args, entity, clock, found, names, list(labels), "rfm")
    for at, name in enumerate(("r", "f", "m", "fm")):
        columns[name] = scores[:, at].astype(np.float64)
    if args.since is not None:
        result.before = _earlier(columns, entity)
    return result


def _earlier(columns: dict[str, Numbers], entity: Entity) -> list[str | None]:
    """The segments as they were at the earlier day; None for those who had not come yet."""
    there = columns["days_before"] > 0
    before: list[str | None] = [None] * len(there)
    if not there.any():
        return before
    money = columns["amount_before"][there] if entity.valued else None
    names, _ = rfm.segments(columns["last_before"][there], columns["days_before"][there], money)
    for at, name in zip(np.flatnonzero(there), names, strict=True):
        before[at] = name
    return before


def _by_fit(args: SegmentsArgs, entity: Entity, clock: Clock, found: Activity) -> Segmented:
    """Groups that stand out; where there are none `auto` gives RFM and other methods say no."""
    method = "kmeans" if args.method == "auto" else args.method
    if find_spec("sklearn") is None:
        raise NotEnough(
            "Finding groups needs the analytics extra, which is not installed here.", code="missing_extra",
            hint="Install plainsay[analytics], or ask for RFM segments.",
        )  # fmt: skip
    features = figures(found, clock, args.features)
    told = {n: c for n, c in features.items() if c.std() > 0}
    if not told:
        raise NotEnough(f"All {entity.records} look alike here: nothing tells them apart.", code="no_variation")
    request = {"columns": {n: c.tolist() for n, c in told.items()}, "method": method, "k": args.k}
    judged = fit("segments", request)
    if judged["refused"]:
        why = _REASONS[judged["refused"]].format(records=entity.records)
        if args.method == "auto":
            made = _by_rfm(args.model_copy(update={"method": "rfm"}), entity, clock, found)
            made.args, made.fell_back, made.judged = args, why, judged
            return made
        raise NotEnough(
            f"I find no clear groups: {entity.records} differ by degree ({why}).", code="no_groups",
            hint="RFM segments are the better view: ask me to segment them by recency, frequency and money.",
        )  # fmt: skip
    groups = np.array(judged.pop("labels"))
    found.columns |= features
    named = naming.named(told, groups)
    order = sorted(named, key=lambda g: (-float(found.columns["amount"][groups == g].sum()), g))
    labels = [named[int(g)].name if g >= 0 else None for g in groups]
    apart = {named[g].name: named[g].traits for g in order}
    return Segmented(args, entity, clock, found, [named[g].name for g in order], labels, method, judged, apart)


def figures(found: Activity, clock: Clock, wanted: tuple[Feature, ...]) -> dict[str, Numbers]:
    """The features by name: days, counts and amounts per entity."""
    columns, today = found.columns, day_number(clock.today)
    made: dict[str, Numbers] = {
        "recency": today - columns["last"], "frequency": columns["days"], "value": columns["amount"],
        "average": columns["amount"] / np.maximum(1, columns["days"]), "tenure": today - columns["first"],
    }  # fmt: skip
    return {n: made[n] for n in dict.fromkeys(wanted)}
