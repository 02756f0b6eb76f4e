"""The one interface of all sources: what a load may ask of them, whatever they are underneath."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from ingestion.connectors.manifest import Mapping as CanonicalMapping
from ingestion.connectors.manifest import Resource

State = dict[str, Any]
"""Where reading a resource stands: `watermark` (ISO text), and `walk` while a read is under way. JSON."""


@dataclass(frozen=True)
class Check:
    """What one cheap call found: whether it worked, in words, the clock's skew in seconds and the account reached."""

    ok: bool
    detail: str
    skew: float | None = None
    account: str | None = None


@dataclass(frozen=True)
class Batch:
    """Some rows, and the state that becomes true once these rows are committed, never before."""

    rows: list[dict[str, Any]] = field(repr=False)
    state: State
    pages: int = 1


@dataclass(frozen=True)
class Plan:
    """What to read: where it stands, the first moment wanted at all, and the parents to go through, by their key."""

    state: State
    first: datetime | None = None
    parents: Iterable[tuple[str, Mapping[str, Any]]] = ()


@dataclass(frozen=True)
class Event:
    """One event of a provider's call: `key` never depends on when it came, `at` is the provider's own time."""

    key: str
    resource: str
    row: dict[str, Any] = field(repr=False)
    at: datetime | None = None
    type: str = ""


class Connector(Protocol):
    """A source. Rows come in a stable order; the same plan read twice gives the same rows."""

    def check(self) -> Check:
        """Try the connection with one cheap call. Never raises for what the source says."""
        ...

    def discover(self) -> list[Resource]:
        """What can be loaded from this account."""
        ...

    def read(self, resource: str, plan: Plan) -> Iterator[Batch]:
        """Pages of a resource from where `plan.state` says. Raises `SourceProblem`, `Unavailable`."""
        ...

    def canonical(self) -> tuple[CanonicalMapping, ...]:
        """How its rows become rows of the common tables."""
        ...

    def close(self) -> None:
        """Let go of sockets."""
        ...
