"""Notices when a question that a person approved no longer means what it meant, because the model changed under it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from store.errors import InvalidRequest, PlainsayError
from warehouse.model.adhoc import resolve_measure
from warehouse.model.schema import SemanticModel, VerifiedQuery
from warehouse.profile import DataProfile
from warehouse.query import MetricQuery


@dataclass(frozen=True)
class Stale:
    """A verified query that needs a person's eye: its position in the model, why, and what would bring it back."""

    number: int
    question: str
    code: str
    message: str
    hint: str | None = None


def stale(model: SemanticModel, profile: DataProfile, as_of: datetime) -> Iterator[Stale]:
    """The verified queries that no longer compile, or whose measures are defined differently from when approved."""
    for number, one in enumerate(model.verified):
        try:
            query = _compiled(one, model, profile, as_of)
        except PlainsayError as error:
            yield Stale(number, one.question, "stale_verified", error.message, error.hint)
            continue
        if one.meaning is not None and one.meaning != meaning(query, model):
            text = f"The figures of “{one.question}” are defined differently since it was approved."
            yield Stale(number, one.question, "stale_verified", text, "Look at its answer and approve it again.")


def sealed(one: VerifiedQuery, model: SemanticModel) -> VerifiedQuery:
    """The verified query with the mark of what its figures mean today."""
    return one.model_copy(update={"meaning": meaning(MetricQuery.model_validate(one.query), model)})


def meaning(query: MetricQuery, model: SemanticModel) -> str:
    """A short mark that changes when the definition of any figure of the query changes."""
    told = [_definition(ref.metric, model, ()) for ref in query.metrics]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _compiled(one: VerifiedQuery, model: SemanticModel, profile: DataProfile, as_of: datetime) -> MetricQuery:
    from warehouse.compiler import compile_query

    try:
        query = MetricQuery.model_validate(one.query)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(p) for p in first["loc"])
        raise InvalidRequest(f"The query of “{one.question}” cannot be read: {at}: {first['msg']}.") from error
    compile_query(model, query, profile=profile, as_of=as_of)
    return query


_WORDS = {"label", "description", "synonyms", "confidence", "good", "decimals"}


def _definition(name: str, model: SemanticModel, seen: tuple[str, ...]) -> object:
    """A metric or measure without its words, its parts in full."""
    metric = model.metrics.get(name)
    if metric is None:
        found = resolve_measure(model, name)
        return found and [found[0], found[1].model_dump(mode="json", exclude=_WORDS, exclude_defaults=True)]
    if name in seen:
        return name
    parts = (metric.measure, metric.numerator, metric.denominator, metric.metric, metric.base, metric.then)
    named = [part for part in parts if part] + _names_in(metric.expr, model)
    told = metric.model_dump(mode="json", exclude=_WORDS, exclude_defaults=True)
    return [told, [_definition(part, model, (*seen, name)) for part in named]]


def _names_in(expr: str | None, model: SemanticModel) -> list[str]:
    known = {*model.metrics, *(m for t in model.tables.values() for m in t.measures)}
    return [w for w in re.findall(r"[A-Za-z_]\w*", expr or "") if w in known]
