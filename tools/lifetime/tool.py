"""The tool for “what is a customer worth?”: expected purchases and their value, with the error of the last third."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from importlib.util import find_spec
from typing import Any

import numpy as np
from pydantic import Field

from store.errors import NotEnough
from tools import entities
from tools.entities import Activity, Clock, Entity, EntityArgs, Numbers, day_number
from tools.entity_groups import Grouped, Split, grouped
from tools.evidence import Evidence, json_value
from tools.fitting import fit
from tools.lifetime import report
from tools.registry import ToolContext, tool
from warehouse.entity_query import PerEntity

FEWEST, FEWEST_AGAIN, SPANS = 200, 50, 3
_TAKEN = ("first", "last", "days", "amount", "first_amount")


class LifetimeArgs(EntityArgs):
    """How far ahead to value customers, and which to list."""

    months: int = Field(12, ge=1, le=60, description="how far ahead")
    discount: float = Field(0.10, ge=0, le=1, description="a year, for money that comes later")
    by: Split | None = Field(None, description="a field to tell kinds of customers by; RFM segments when not given")
    who: str | int | None = Field(None, description="the id of one customer to tell about")
    most: int = Field(50, ge=1, le=500, description="customers to list, the most valuable first")


@dataclass
class Lifetime:
    """Each entity with expected purchases, their value (None without amounts) and the chance of being still there."""

    args: LifetimeArgs
    entity: Entity
    clock: Clock
    cut: date
    activity: Activity
    expected: Numbers
    value: Numbers | None
    alive: Numbers
    segments: list[str]
    fitted: dict[str, Any]
    groups: Grouped

    @property
    def worth(self) -> Numbers:
        """What they are ranked by: value, or purchases when no amounts are known."""
        return self.value if self.value is not None else self.expected

    @property
    def position(self) -> int | None:
        """Where the one customer asked about is."""
        if self.args.who is None:
            return None
        wanted = str(self.args.who).strip().casefold()
        ids = (str(json_value(i)).casefold() for i in self.activity.ids)
        return next((at for at, who in enumerate(ids) if who == wanted), None)


@tool(
    "lifetime_value",
    example="What is a customer worth?",
    needs="Purchases with a date, an amount and a customer number; 200 customers, 50 who came back.",
)
def lifetime_value(context: ToolContext, args: LifetimeArgs) -> Evidence:
    """Estimate what customers will be worth: future purchases, their value, who is still active. Valuing the customers.

    Main table: one row per listed customer: expected purchases, value, chance of being still there, past value. Raises
    `NotEnough` with code `no_entity`, `no_time`, `too_few_rows` or `too_little_history`.
    """
    return report.evidence(context, valued(context, args))


def valued(context: ToolContext, args: LifetimeArgs) -> Lifetime:
    """The valuation without its tables. Raises like the tool."""
    entity = entities.find(context, args)
    clock = entities.clock(context, entity)
    cuts = _cuts(clock.first, clock.today)
    found = entities.activity(context, entity, args.filters, _wanted(*cuts), clock.today)
    _refuse(context, args, entity, clock, found)
    segments = grouped(context, entity, found, "rfm", args.filters, clock.today)
    split = args.by is not None and args.by != "rfm"
    groups = grouped(context, entity, found, args.by, args.filters, clock.today) if split and args.by else segments
    answer = fit("lifetime", _request(args, found, cuts, clock))
    usable = entity.valued and answer["value"] is not None
    result = Lifetime(
        args, entity, clock, cuts[1], found, np.array(answer["expected"]),
        np.array(answer["value"]) if usable else None, np.array(answer["alive"]), segments.names, answer,
        groups,
    )  # fmt: skip
    if args.who is not None and result.position is None:
        raise NotEnough(
            f"I see no {entity.record} {args.who} with a purchase.", code="no_entity", hint="Check the number."
        )
    return result


def _cuts(first: date, today: date) -> tuple[date, date]:
    """Two thirds of the log, and two thirds of those: what comes after each is the test of what came before."""
    cut = first + timedelta(days=round(2 / 3 * (today - first).days))
    return first + timedelta(days=round(2 / 3 * (cut - first).days)), cut


def _wanted(before: date, cut: date) -> list[PerEntity]:
    wanted = [PerEntity(name=n, take=n) for n in _TAKEN]
    for label, day in (("before", before), ("cut", cut)):
        wanted += [PerEntity(name=f"{n}_{label}", take=n, end=day) for n in _TAKEN]
    return [
        *wanted,
        PerEntity(name="then", take="days", start=before, end=cut),
        PerEntity(name="since", take="days", start=cut),
        PerEntity(name="spent", take="amount", start=cut),
    ]


def _refuse(context: ToolContext, args: LifetimeArgs, entity: Entity, clock: Clock, found: Activity) -> None:
    if find_spec("scipy") is None:
        raise NotEnough(
            "Valuing customers needs the analytics extra, which is not installed here.", code="missing_extra",
            hint="Install plainsay[analytics].",
        )  # fmt: skip
    count, again = len(found.ids), int((found.columns["days"] > 1).sum())
    if count < FEWEST:
        raise NotEnough(
            f"I see only {entities.said(count, entity)} with a purchase; I need {FEWEST} to say what one is worth.",
            code="too_few_rows",
        )
    if again < FEWEST_AGAIN:
        raise NotEnough(
            f"Only {again} of {entities.said(count, entity)} came back; I need {FEWEST_AGAIN} who did to learn from.",
            code="too_few_rows",
        )
    _, median, _ = entities.gaps(context, entity, args.filters, clock.today)
    days = (clock.today - clock.first).days
    if days < SPANS * median or days < 6 * 7:
        raise NotEnough(
            f"Your log covers {days // 7} weeks: too short to see who returns. People usually come back after "
            f"{median:.0f} days, and I need at least {max(6, -(-SPANS * int(median) // 7))} weeks.",
            code="too_little_history",
        )


def _request(args: LifetimeArgs, found: Activity, cuts: tuple[date, date], clock: Clock) -> dict[str, Any]:
    before, cut = cuts
    columns = found.columns
    return {
        "before": seen(columns, "_before", before), "cut": seen(columns, "_cut", cut),
        "now": seen(columns, "", clock.today),
        "then": columns["then"].tolist(), "since": columns["since"].tolist(), "spent": columns["spent"].tolist(),
        "past": columns["amount_cut"].tolist(),
        "weeks": [(cut - before).days / 7, (clock.today - cut).days / 7],
        "months": args.months, "discount": args.discount,
    }  # fmt: skip


def seen(columns: dict[str, Numbers], suffix: str, end: date) -> dict[str, list[float]]:
    """What is known of each before `end`: x is -1 for those not there yet; the mean is of later purchases."""
    days, first, last = (np.nan_to_num(columns[f"{n}{suffix}"]) for n in ("days", "first", "last"))
    there = days > 0
    again = np.nan_to_num(columns[f"amount{suffix}"] - columns[f"first_amount{suffix}"])
    x = np.where(there, days - 1, -1)
    return {
        "x": x.tolist(),
        "recency": np.where(there, (last - first) / 7, 0).tolist(),
        "age": np.where(there, (day_number(end) - 1 - first) / 7, 0).tolist(),
        "mean": np.where(x > 0, again / np.maximum(x, 1), 0).tolist(),
    }
