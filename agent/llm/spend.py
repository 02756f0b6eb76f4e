"""What models cost and may cost, per question, person and workspace, with ceilings that hold across restarts."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.llm.endpoint import Endpoint
from agent.llm.faults import ModelFault
from store import settings

if TYPE_CHECKING:
    from agent.llm.wire import Reply

_SCHEMA = """
CREATE TABLE IF NOT EXISTS spend (
  day TEXT NOT NULL, workspace TEXT NOT NULL, person TEXT NOT NULL, tokens INTEGER NOT NULL, micros INTEGER NOT NULL,
  PRIMARY KEY (day, workspace, person))
"""
_ADD = """
INSERT INTO spend VALUES (?, ?, ?, ?, ?) ON CONFLICT (day, workspace, person)
DO UPDATE SET tokens = tokens + excluded.tokens, micros = micros + excluded.micros
"""
_MICRO = 1_000_000
FILE = "model-spend.db"


@dataclass(frozen=True)
class Limits:
    """Ceilings; 0 means none. Seconds and steps are of one question, tokens and money of a question or a day."""

    seconds: float = 30.0
    call_seconds: float = 20.0
    steps: int = 8
    turn_tokens: int = 60_000
    turn_cost: Decimal = Decimal(0)
    user_tokens: int = 0
    workspace_tokens: int = 0
    workspace_cost: Decimal = Decimal(0)

    @classmethod
    def from_settings(cls) -> Limits:
        """The ceilings of this installation."""
        return cls(
            seconds=settings.get("model_seconds"),
            call_seconds=settings.get("model_call_seconds"),
            steps=settings.get("model_steps"),
            turn_tokens=settings.get("model_turn_tokens"),
            turn_cost=Decimal(str(settings.get("model_turn_cost"))),
            user_tokens=settings.get("model_user_tokens"),
            workspace_tokens=settings.get("model_workspace_tokens"),
            workspace_cost=Decimal(str(settings.get("model_workspace_cost"))),
        )


class Ledger:
    """A day's tokens and money by workspace and person, in a small file under the home folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def add(self, workspace: str, person: str, tokens: int, cost: Decimal) -> None:
        """Count what a question took; days are UTC."""
        row = (_today(), workspace, person, tokens, int(cost * _MICRO))
        with self._lock, closing(self._open()) as connection, connection:
            connection.execute(_ADD, row)

    def of_day(self, workspace: str, person: str | None = None) -> tuple[int, Decimal]:
        """Today's tokens and money of a workspace, or of one person in it."""
        if not self._path.exists():
            return 0, Decimal(0)
        where, values = "day = ? AND workspace = ?", [_today(), workspace]
        if person is not None:
            where, values = f"{where} AND person = ?", [*values, person]
        with self._lock, closing(self._open()) as connection:
            query = f"SELECT coalesce(sum(tokens), 0), coalesce(sum(micros), 0) FROM spend WHERE {where}"
            tokens, micros = connection.execute(query, values).fetchone()
        return int(tokens), Decimal(micros) / _MICRO

    def days(self, since: str, person: str | None = None) -> list[dict[str, Any]]:
        """Tokens and money by day, workspace and person from day `since` on, of one person or of all."""
        if not self._path.exists():
            return []
        query = "SELECT day, workspace, person, tokens, micros FROM spend WHERE day >= ? AND (? IS NULL OR person = ?)"
        with self._lock, closing(self._open()) as connection:
            rows = connection.execute(f"{query} ORDER BY 1, 2, 3", (since, person, person)).fetchall()
        names = ("day", "workspace", "person", "tokens")
        return [dict(zip(names, row[:4], strict=True)) | {"cost": str(Decimal(row[4]) / _MICRO)} for row in rows]

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=5)
        connection.execute(_SCHEMA)
        return connection


@dataclass
class Meter:
    """The budget of one question: time, steps, tokens, money. Ask `next_call` before each call, `count` after it."""

    endpoint: Endpoint
    limits: Limits
    clock: Callable[[], float] = time.monotonic
    read: int = 0
    written: int = 0
    calls: int = 0
    ms: float = 0.0
    stopped: bool = False
    began: float = field(default=0.0)
    _running: Future[Reply] | None = None

    def __post_init__(self) -> None:
        self.began = self.clock()

    @property
    def cost(self) -> Decimal:
        return self.endpoint.cost(self.read, self.written)

    @property
    def left(self) -> float:
        """Seconds until the question's model time is over."""
        return max(0.0, self.limits.seconds - (self.clock() - self.began))

    def next_call(self) -> float:
        """Seconds that the next call may take. Raises `ModelFault` when a ceiling is reached or the run was stopped."""
        if self.stopped:
            raise ModelFault("stopped")
        if self.left <= 0:
            raise ModelFault("timeout", said="The language model used up its time for this question.")
        if self.limits.turn_tokens and self.read + self.written >= self.limits.turn_tokens:
            raise ModelFault("budget", said="This question used up its tokens for the language model.")
        if self.limits.turn_cost and self.cost >= self.limits.turn_cost:
            raise ModelFault("budget", said="This question used up its money for the language model.")
        return min(self.left, self.limits.call_seconds)

    def count(self, reply: Reply | None, asked: int, seconds: float) -> None:
        """Add a call; without the server's own count, three characters are taken as a token."""
        self.calls += 1
        self.ms += seconds * 1000
        if reply is None:
            self.read += asked // 3
            return
        size = len(reply.text) + sum(len(c.arguments) for c in reply.calls)
        self.read += reply.read if reply.read is not None else asked // 3
        self.written += reply.written if reply.written is not None else -(-size // 3)

    def running(self, future: Future[Reply]) -> None:
        """The call under way, so that it can be stopped."""
        self._running = future
        if self.stopped:
            future.cancel()

    def stop(self) -> None:
        """End the call under way and allow no other."""
        self.stopped = True
        if self._running is not None:
            self._running.cancel()


def check_day(ledger: Ledger, limits: Limits, workspace: str, person: str) -> None:
    """Raises `ModelFault` when a person or a workspace has had its share of the day."""
    if limits.user_tokens and ledger.of_day(workspace, person)[0] >= limits.user_tokens:
        raise ModelFault("budget", said="You have used up today's tokens for the language model.")
    if limits.workspace_tokens or limits.workspace_cost:
        tokens, cost = ledger.of_day(workspace)
        over = limits.workspace_tokens and tokens >= limits.workspace_tokens
        if over or (limits.workspace_cost and cost >= limits.workspace_cost):
            raise ModelFault("budget", said="This workspace has used up today's budget for the language model.")


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
