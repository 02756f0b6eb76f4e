"""One row per currency where a figure would otherwise add up several, because the split is the only right answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from store.errors import InvalidRequest, PlainsayError
from store.principal import Principal
from warehouse.compiled import Compiled
from warehouse.compiler.compile import compile_query
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile
from warehouse.query import DimRef, MetricQuery, Order


def compile_apart(
    model: SemanticModel, query: MetricQuery, *, profile: DataProfile, as_of: datetime, principal: Principal
) -> tuple[MetricQuery, Compiled]:
    """The query compiled; by currency too, where it would add up several, and then that query beside it.

    Raises `InvalidRequest` (`mixed_currency`) where a ranking, a condition or a share would compare currencies, and
    what the compiler raises.
    """
    shared: dict[str, Any] = {"profile": profile, "as_of": as_of, "principal": principal}
    try:
        return query, compile_query(model, query, **shared)
    except InvalidRequest as error:
        field = error.details.get("field") if error.code == "mixed_currency" else None
        if field is None or query.top or query.having or query.transforms:
            raise
        split = _split(query, DimRef(field=str(field)))
        try:
            return split, compile_query(model, split, **shared)
        except PlainsayError:
            raise error from None


def _split(query: MetricQuery, currency: DimRef) -> MetricQuery:
    """The query by currency too, currencies first where an order was asked for."""
    order = query.order and (Order(by=currency.field.rpartition(".")[2]), *query.order)
    return query.model_copy(update={"dimensions": (*query.dimensions, currency), "order": order})
