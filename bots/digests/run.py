"""A digest from its moment to its channels; each step is one transaction, so that a stop between any two loses nothing.

1. The clock writes a parcel for each digest that is due and moves its next moment on.
2. The parcel is worked out: the message, what is remembered and a parcel for each channel are written together.
3. Each channel delivers its parcel; what may or may not have arrived is never sent blindly again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from bots.digests.desk import Desk, Made, Wanted, said_all, stale
from bots.digests.moments import Timing
from store import digests, outbox
from store.database import Database
from store.delivery import Handler
from store.errors import QueryRefused
from store.models import utc_now
from store.outbox import Claimed, Parcel
from store.principal import Principal
from store.schedule import Schedule, every

if TYPE_CHECKING:
    from bots.digests.memory import Told

KIND = "digest"
EMAIL, WEBHOOK, SLACK, TEAMS = "digest-email", "digest-webhook", "push-slack", "push-teams"
CHANNELS = {"email": EMAIL, "webhook": WEBHOOK, "slack": SLACK, "teams": TEAMS}
LOOK_SECONDS = 15.0
WAIT_SECONDS = 300.0
Find = Callable[[str], Awaitable[Principal | None]]


def schedule() -> Schedule:
    """Looks every quarter of a minute which digests are due."""
    return Schedule("digests", every(LOOK_SECONDS), _look)


def _look(connection: Connection, _due: datetime) -> None:
    fire(connection, utc_now())


def fire(connection: Connection, now: datetime) -> int:
    """Write down what is due now and move it on; how many. Of moments that passed unseen the newest counts."""
    count = 0
    for row in digests.due(connection, now):
        timing = Timing.model_validate(row["timing"])
        moment = timing.latest(now, row["next_at"])
        if not digests.move_on(connection, row["id"], row["next_at"], timing.following(now)):
            continue
        if row["muted_until"] is None or row["muted_until"] <= now:
            count += _put(connection, row, moment, timing.period(moment))
    return count


def _put(connection: Connection, row: RowMapping, moment: datetime, period: str) -> bool:
    payload = {"digest_id": row["id"], "moment": moment.isoformat(), "period": period, "turn": 0}
    return outbox.put(connection, Parcel(KIND, f"{row['id']}/{period}", payload, row["workspace"]))


def now(connection: Connection, row: RowMapping, moment: datetime) -> bool:
    """Send a digest beside its regular times; false when it is on its way for that moment already."""
    return _put(connection, row, moment, f"now-{moment:%Y-%m-%dT%H:%M}")


def deliveries(connection: Connection, message_ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    """How each channel took some messages: state, attempts and note by message."""
    found: dict[str, list[dict[str, Any]]] = {}
    for message_id in message_ids:
        for channel, kind in CHANNELS.items():
            for row in outbox.listed(connection, kind, f"{message_id}/"):
                shown = {"channel": channel, **{k: row[k] for k in ("state", "attempts", "note", "ended_at")}}
                found.setdefault(message_id, []).append(shown)
    return found


class Runner:
    """Works digests out and hands them to their channels. `person` finds somebody with the rights they have now."""

    def __init__(self, database: Database, desk: Desk, person: Find) -> None:
        self._database = database
        self._desk = desk
        self._person = person

    def handler(self) -> Handler:
        """Works out parcels; one whose worker died is simply worked out by another."""
        return Handler(KIND, self.work, "waiting")

    async def work(self, parcel: Claimed) -> str:
        """Work out one message; a note of what became of it. Doing it again changes nothing."""
        digest_id, period = parcel.payload["digest_id"], parcel.payload["period"]
        row = await self._database.read(lambda c: digests.find(c, digest_id))
        if row is None or not row["active"]:
            return "switched off"
        if await self._database.read(lambda c: digests.said(c, digest_id, period)) is not None:
            return "said already"
        reader = await self._person(row["owner"])
        if reader is None or reader.role_in(row["workspace"]) is None:
            raise QueryRefused("The reader may not enter this workspace any more.", code="no_reader")
        moment = datetime.fromisoformat(parcel.payload["moment"])
        told = await self._database.read(lambda c: known(c, digest_id))
        made = await self._desk.made(Wanted.of(dict(row)), reader, moment, told)
        if self._must_wait(row, made, moment):
            due = datetime.now(UTC) + timedelta(seconds=WAIT_SECONDS)
            turn = int(parcel.payload["turn"]) + 1
            again = parcel.payload | {"turn": turn}
            key = f"{digest_id}/{period}/{turn}"
            await self._database.write(lambda c: outbox.put(c, Parcel(KIND, key, again, row["workspace"], due)))
            return "waiting for yesterday's data"
        held = made.message.held or await self._nothing_since(row, made, moment)
        return await self._database.write(lambda c: settle(c, row, period, made, held=held))

    def _must_wait(self, row: RowMapping, made: Made, moment: datetime) -> bool:
        """Whether yesterday's rows are still to come and there is time left to wait for them."""
        timing = Timing.model_validate(row["timing"])
        patience = moment + timedelta(minutes=timing.wait_minutes)
        fresh = made.gathered.missing is None or stale(made.gathered, timing.wall(moment).date())
        return not fresh and utc_now() < patience

    async def _nothing_since(self, row: RowMapping, made: Made, moment: datetime) -> bool:
        """Whether no new data came since the last message: it said all there is."""
        before = await self._database.read(lambda c: digests.inbox(c, row["owner"], digest_id=row["id"], most=20))
        sent = [m["body"].get("through", "") for m in before if m["state"] == "sent"]
        return said_all(made, Timing.model_validate(row["timing"]).wall(moment).date(), sent)


def settle(connection: Connection, row: RowMapping, period: str, made: Made, *, held: bool) -> str:
    """The message, its memory and a parcel for each channel, in one transaction."""
    body = made.message.to_dict() | {"name": row["name"]}
    message_id = digests.say(connection, row, period, "held" if held else "sent", body)
    if message_id is None:
        return "said already"
    for identity, told in made.told.items():
        digests.tell(connection, row["id"], identity, told.day.isoformat(), told.direction, told.size)
    if held:
        return "nothing to tell"
    for channel in row["channels"]:
        hand_over(connection, dict(row), message_id, channel)
    return "told"


def hand_over(
    connection: Connection, row: Mapping[str, Any], message_id: str, channel: str, due: datetime | None = None
) -> bool:
    """Write down a message for one of its channels, once for each; the inbox has it already."""
    if channel not in CHANNELS:
        return False
    payload = {"message_id": message_id}
    return outbox.put(connection, Parcel(CHANNELS[channel], f"{message_id}/{channel}", payload, row["workspace"], due))


def known(connection: Connection, digest_id: str) -> dict[str, Told]:
    """What a digest told of, as memory reads it."""
    from bots.digests.memory import Told

    rows = digests.told(connection, digest_id)
    return {k: Told(date.fromisoformat(r["day"]), r["direction"], r["size"]) for k, r in rows.items()}
