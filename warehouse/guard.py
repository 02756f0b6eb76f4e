"""The one gate to data: only what authorize() returns can reach an engine."""

from __future__ import annotations

from dataclasses import dataclass, field

from store.principal import Principal
from warehouse.compiled import Compiled
from warehouse.model.schema import SemanticModel
from warehouse.snapshot import Snapshot


@dataclass(frozen=True)
class Limits:
    """What one query may cost: seconds of wall clock, megabytes of memory, rows and bytes of output."""

    seconds: float = 10.0
    memory_mb: int = 2048
    rows: int = 10_000
    bytes: int = 16_000_000


@dataclass(frozen=True)
class RawSql:
    """SQL text that a person or a model wrote."""

    text: str


@dataclass(frozen=True)
class BoundQuery:
    """An authorised statement over the tables of one snapshot; only the gate makes these."""

    sql: str
    tables: tuple[str, ...]
    principal: Principal
    snapshot: Snapshot
    limits: Limits
    cache_key: str
    _seal: object = field(repr=False, compare=False, default=None)


def authorize(
    query: Compiled | RawSql,
    principal: Principal,
    *,
    model: SemanticModel,
    snapshot: Snapshot,
    limits: Limits | None = None,
) -> BoundQuery:
    """The bound query, or `QueryRefused` naming the rule. Fails closed."""
    raise NotImplementedError
