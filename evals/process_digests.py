"""Digests that are due while processes on one Postgres are killed: each is told, none twice, and soon after a death."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from bots.digests.moments import Timing
from bots.digests.recipe import Recipe
from bots.digests.run import EMAIL, KIND, fire
from evals.fakes import desk
from store import digests
from store.database import Database
from store.errors import Unavailable
from store.models import OutboxRow, utc_now
from store.principal import LOCAL_OWNER
from store.push_tables import DigestMessageRow

WORKSPACES = ("shop", "cafe", "depot")
EACH = digests.MOST
SETTLED_WITHIN = 150.0
_BOX = OutboxRow.__table__.c


@dataclass
class Told:
    """What became of the digests of one round; `again` says how long after the death the last lost one was taken up."""

    wanted: int = 0
    missing: int = 0
    doubled: int = 0
    unknown: int = 0
    in_hand: int = 0
    again: float = 0.0


class Mornings:
    """Digests of one moment on a cluster's state; `home` is the folder of the cluster, where the mails lie."""

    def __init__(self, home: Path, url: str) -> None:
        self._home = home
        self._database = Database.open(url=url)
        self._wanted: list[str] = []

    def close(self) -> None:
        """Let go of the state."""
        self._database.close()

    async def due(self) -> None:
        """Many digests, all of them due; who looks first puts them down, the clocks of the cluster or this one."""
        moment = utc_now() - timedelta(minutes=1)
        values: dict[str, Any] = {
            "name": "Morning", "recipe": Recipe().model_dump(mode="json"), "webhook_id": None, "next_at": moment,
            "timing": Timing(cadence="daily").model_dump(mode="json"), "channels": ["inbox", "email"],
        }  # fmt: skip
        me = LOCAL_OWNER.user_id
        self._wanted = await self._database.write(
            lambda c: [digests.create(c, me, place, values) for place in WORKSPACES for _ in range(EACH)]
        )
        await self._database.write(lambda c: fire(c, utc_now()))

    async def begun(self, pid: int, kind: str) -> None:
        """Wait until a process has parcels of a kind in hand. Raises `Unavailable`."""
        held = select(func.count()).where(_BOX.kind == kind, *_held_by(pid))
        await self._until(lambda c: c.execute(held).scalar() != 0, "No digest is told.")

    async def in_hand(self, pid: int) -> list[str]:
        """The parcels that a process has in hand: what is lost with it unless somebody takes it up."""
        held = select(_BOX.id).where(*_held_by(pid))
        return list(await self._database.read(lambda c: c.execute(held).scalars().all()))

    async def told(self, pid: int, lost: list[str], died: float) -> Told:
        """Wait until the dead process's parcels are taken up and everything is settled, then count."""
        held = select(func.count()).where(_BOX.id.in_(lost), *_held_by(pid))
        await self._until(
            lambda c: c.execute(held).scalar() == 0, "What the dead process had in hand was not taken up."
        )
        again = time.monotonic() - died
        await self._until(self._settled, "Digests are still under way.")
        return await self._database.read(
            lambda c: self._count(c, Told(len(self._wanted), in_hand=len(lost), again=again))
        )

    def _settled(self, connection: Connection) -> bool:
        open_ones = select(func.count()).where(_BOX.kind.in_([KIND, EMAIL]), _BOX.state.in_(["waiting", "sending"]))
        parcels = select(func.count()).where(_BOX.kind == KIND)
        found = connection.execute(parcels).scalar(), connection.execute(open_ones).scalar()
        return found == (len(self._wanted), 0)

    def _count(self, connection: Connection, told: Told) -> Told:
        said = connection.execute(select(DigestMessageRow.id, DigestMessageRow.digest_id)).all()
        unsure = select(_BOX.payload).where(_BOX.kind == EMAIL, _BOX.state == "unknown")
        unknown = {payload["message_id"] for payload in connection.execute(unsure).scalars()}
        mails, messages = Counter(self._mails()), Counter(row.digest_id for row in said)
        told.unknown = len(unknown)
        told.doubled = sum(n - 1 for n in (*mails.values(), *messages.values()))
        reached = {row.digest_id for row in said if row.id in mails or row.id in unknown}
        told.missing = len(set(self._wanted) - reached)
        return told

    def _mails(self) -> list[str]:
        file = self._home / desk.MAILS
        return [line.strip("<>").partition("@")[0] for line in file.read_text().splitlines()] if file.exists() else []

    async def _until(self, look: Callable[[Connection], bool], otherwise: str) -> None:
        deadline = time.monotonic() + SETTLED_WITHIN
        while time.monotonic() < deadline:
            if await self._database.read(look):
                return
            await asyncio.sleep(0.05)
        raise Unavailable(otherwise)


def _held_by(pid: int) -> tuple[Any, ...]:
    return _BOX.state == "sending", _BOX.holder.contains(f"-{pid}-")
