"""Rates of what came of a row (churned, converted, cancelled), because a yes-or-no column is asked for as a rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from warehouse.model import words
from warehouse.model.flags import MARKS
from warehouse.model.measures import generated
from warehouse.model.reading import ReadTable
from warehouse.model.schema import Dimension, Measure, Metric, Table, Unit

_UP: Final = "up"
_DOWN: Final = "down"
_OUTCOMES: dict[str, tuple[str, str, Literal["up", "down"]]] = {
    "churn": ("churn", "churned", _DOWN), "churned": ("churn", "churned", _DOWN),
    "attrition": ("attrition", "lost", _DOWN), "exited": ("exit", "exited", _DOWN),
    "survived": ("survival", "surviving", _UP), "survival": ("survival", "surviving", _UP),
    "default": ("default", "defaulted", _DOWN), "defaulted": ("default", "defaulted", _DOWN),
    "fraud": ("fraud", "fraudulent", _DOWN), "fraudulent": ("fraud", "fraudulent", _DOWN),
    "converted": ("conversion", "converted", _UP), "conversion": ("conversion", "converted", _UP),
    "clicked": ("click", "clicked", _UP), "click": ("click", "clicked", _UP),
    "subscribed": ("subscription", "subscribed", _UP), "renewed": ("renewal", "renewed", _UP),
    "approved": ("approval", "approved", _UP), "rejected": ("rejection", "rejected", _DOWN),
    "accepted": ("acceptance", "accepted", _UP), "returned": ("return", "returned", _DOWN),
    "cancelled": ("cancellation", "cancelled", _DOWN), "canceled": ("cancellation", "canceled", _DOWN),
    "delayed": ("delay", "delayed", _DOWN), "late": ("lateness", "late", _DOWN),
    "won": ("win", "won", _UP), "success": ("success", "successful", _UP), "successful": ("success", "successful", _UP),
    "passed": ("pass", "passed", _UP), "failed": ("failure", "failed", _DOWN), "failure": ("failure", "failed", _DOWN),
    "completed": ("completion", "completed", _UP), "resolved": ("resolution", "resolved", _UP),
    "refunded": ("refund", "refunded", _DOWN), "readmitted": ("readmission", "readmitted", _DOWN),
    "delivered": ("delivery", "delivered", _UP), "responded": ("response", "responding", _UP),
    "attended": ("attendance", "attended", _UP), "paid": ("payment", "paid", _UP),
}  # fmt: skip


def with_rates(table: ReadTable, made: Table, taken: Mapping[str, object]) -> tuple[Table, dict[str, Metric]]:
    """The table with a count for each outcome it records, and the rates that these counts make of all its rows.

    Only for a table that stands alone: beside others a rate may be of their records. Names in `taken` are left free.
    """
    total = next((n for n, m in made.measures.items() if m.agg == "count"), None)
    if not table.alone or total is None:
        return made, {}
    measures, metrics = dict(made.measures), dict[str, Metric]()
    for name, dimension in made.dimensions.items():
        told = _OUTCOMES.get(_bare(table, name)) if dimension.type == "boolean" else None
        if told is None:
            continue
        noun, state, good = told
        counted, rate = words.identifier([state, *table.records]), f"{noun}_rate"
        if counted in measures or rate in metrics or {counted, rate} & taken.keys():
            continue
        measures[counted] = _count(table, name, dimension, state, good)
        metrics[rate] = Metric(
            kind="ratio", numerator=counted, denominator=total, label=words.label([noun, "rate"]),
            unit=Unit(ratio=True), good=good, synonyms=generated(_rate_words(table, noun, state)), confidence=0.8,
        )  # fmt: skip
    return made.model_copy(update={"measures": measures}), metrics


def _bare(table: ReadTable, name: str) -> str:
    return words.phrase([w for w in table.columns[name].words if w not in MARKS])


def _count(table: ReadTable, name: str, dimension: Dimension, state: str, good: Literal["up", "down"]) -> Measure:
    return Measure(
        label=words.label([state, *table.records]),
        agg="count",
        where=dimension.expr or table.columns[name].stored,
        unit=Unit(name=words.phrase(table.record)),
        good=good,
        decimals=0,
        confidence=0.8,
    )


def _rate_words(table: ReadTable, noun: str, state: str) -> list[str]:
    many = words.phrase(table.records)
    return [f"rate of {noun}", f"{noun} percentage", f"{state} rate", f"share of {state} {many}"]
