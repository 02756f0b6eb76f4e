"""Alerts in the state database: who watches what, what lasts, what was told of it, and how people want to be told."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.engine import RowMapping

from store import dialects
from store.alert_tables import AlertLookRow, AlertMessageRow, AlertRow, IncidentRow, PushWishRow
from store.errors import LimitReached, UnknownName
from store.models import utc_now

MOST = 100
"""Alerts that one person may have in one workspace."""
BUDGET = 10
"""Alert messages in seven days that go further than the inbox, for who said nothing else."""
_ROW = AlertRow.__table__.c
_LOOK = AlertLookRow.__table__.c
_CASE = IncidentRow.__table__.c
_SAID = AlertMessageRow.__table__.c
_WISH = PushWishRow.__table__.c


def create(connection: Connection, owner: str, workspace: str, values: Mapping[str, Any]) -> str:
    """A new alert (name, rule, looks, target, telling, escalation, next_at …); its id. Raises `LimitReached`."""
    if len(listed(connection, owner, workspace)) >= MOST:
        raise LimitReached(f"You have {MOST} alerts here, the most there may be.", hint="Remove one first.")
    made = f"al-{uuid.uuid4().hex}"
    fixed = {"id": made, "owner": owner, "workspace": workspace, "created_at": utc_now(), "version": 1}
    connection.execute(insert(AlertRow).values({"active": True, "on_data": True, **values, **fixed}))
    return made


def listed(connection: Connection, owner: str, workspace: str | None = None) -> list[RowMapping]:
    """A person's alerts, oldest first."""
    query = select(AlertRow.__table__).where(_ROW.owner == owner)
    if workspace is not None:
        query = query.where(_ROW.workspace == workspace)
    return list(connection.execute(query.order_by(_ROW.created_at, _ROW.id)).mappings())


def of_ids(connection: Connection, owner: str, ids: Sequence[str]) -> list[RowMapping]:
    """Some alerts of a person, oldest first; those that are gone are left out."""
    query = select(AlertRow.__table__).where(_ROW.owner == owner, _ROW.id.in_(list(ids)))
    return list(connection.execute(query.order_by(_ROW.created_at, _ROW.id)).mappings())


def get(connection: Connection, owner: str, alert_id: str) -> RowMapping:
    """An alert of `owner`. Raises `UnknownName`, also for somebody else's."""
    query = select(AlertRow.__table__).where(_ROW.id == alert_id, _ROW.owner == owner)
    found = connection.execute(query).mappings().first()
    if found is None:
        raise UnknownName("There is no such alert.", code="unknown_alert")
    return found


def find(connection: Connection, alert_id: str) -> RowMapping | None:
    """An alert, whoever owns it."""
    return connection.execute(select(AlertRow.__table__).where(_ROW.id == alert_id)).mappings().first()


def change(connection: Connection, alert_id: str, values: Mapping[str, Any]) -> None:
    """Change columns of an alert; its version grows."""
    connection.execute(update(AlertRow).where(_ROW.id == alert_id).values({**values, "version": _ROW.version + 1}))


def remove(connection: Connection, alert_id: str) -> None:
    """Remove an alert with its looks and incidents; what was told stays in the inbox."""
    for table in (AlertLookRow, IncidentRow):
        connection.execute(delete(table).where(table.alert_id == alert_id))
    connection.execute(delete(AlertRow).where(_ROW.id == alert_id))


def remove_all(connection: Connection, *, workspace: str | None = None, owner: str | None = None) -> None:
    """Remove every alert and message of a workspace, or of a person."""
    place = _ROW.workspace == workspace if workspace is not None else _ROW.owner == owner
    for alert_id in connection.execute(select(_ROW.id).where(place)).scalars().all():
        remove(connection, alert_id)
    said = _SAID.workspace == workspace if workspace is not None else _SAID.owner == owner
    connection.execute(delete(AlertMessageRow).where(said))
    if owner is not None:
        connection.execute(delete(PushWishRow).where(_WISH.owner == owner))


def due(connection: Connection, now: datetime, most: int = 2_000) -> list[RowMapping]:
    """Active alerts whose moment has come, the oldest first."""
    query = select(AlertRow.__table__).where(_ROW.active, _ROW.next_at <= now).order_by(_ROW.next_at, _ROW.id)
    return list(connection.execute(query.limit(most)).mappings())


def move_on(connection: Connection, alert_id: str, was: datetime, following: datetime) -> bool:
    """Move the next moment on; false when somebody else did."""
    mine = update(AlertRow).where(_ROW.id == alert_id, _ROW.next_at == was).values(next_at=following)
    return connection.execute(mine).rowcount == 1


def watching_data(connection: Connection) -> list[RowMapping]:
    """Active alerts that are looked at when new data came."""
    return list(connection.execute(select(AlertRow.__table__).where(_ROW.active, _ROW.on_data)).mappings())


def saw(connection: Connection, alert_id: str, was: str | None, snapshot: str) -> bool:
    """Note which data an alert saw; false when somebody else did."""
    before = _ROW.snapshot == was if was is not None else _ROW.snapshot.is_(None)
    mine = update(AlertRow).where(_ROW.id == alert_id, before).values(snapshot=snapshot)
    return connection.execute(mine).rowcount == 1


def look(connection: Connection, alert_id: str, mark: str, wall: str, outcome: str, note: str) -> bool:
    """Write down a look; false when it was made already, and then nothing may be done for it."""
    return dialects.add_new(
        connection, AlertLookRow, id=f"lk-{uuid.uuid4().hex}", alert_id=alert_id, mark=mark, wall=wall,
        outcome=outcome, note=note, looked_at=utc_now(),
    )  # fmt: skip


def looked(connection: Connection, alert_id: str, mark: str) -> bool:
    """Whether a look was made."""
    query = select(_LOOK.id).where(_LOOK.alert_id == alert_id, _LOOK.mark == mark)
    return connection.execute(query).first() is not None


def looks(connection: Connection, alert_id: str, most: int = 100) -> list[RowMapping]:
    """The looks of an alert, newest first."""
    query = select(AlertLookRow.__table__).where(_LOOK.alert_id == alert_id)
    return list(connection.execute(query.order_by(_LOOK.looked_at.desc(), _LOOK.id).limit(most)).mappings())


def prune(connection: Connection, before: datetime) -> int:
    """Drop looks that were made before a moment."""
    return connection.execute(delete(AlertLookRow).where(_LOOK.looked_at < before)).rowcount


def incidents(
    connection: Connection, *, owner: str | None = None, alert_id: str | None = None, most: int = 500
) -> list[RowMapping]:
    """Incidents of a person or an alert, newest first."""
    query = select(IncidentRow.__table__)
    if owner is not None:
        query = query.where(_CASE.owner == owner)
    if alert_id is not None:
        query = query.where(_CASE.alert_id == alert_id)
    return list(connection.execute(query.order_by(_CASE.opened_at.desc(), _CASE.id).limit(most)).mappings())


def incident(connection: Connection, owner: str, incident_id: str) -> RowMapping:
    """An incident of `owner`. Raises `UnknownName`."""
    query = select(IncidentRow.__table__).where(_CASE.id == incident_id, _CASE.owner == owner)
    found = connection.execute(query).mappings().first()
    if found is None:
        raise UnknownName("There is no such incident.", code="unknown_incident")
    return found


def keep(connection: Connection, alert: RowMapping, values: Mapping[str, Any]) -> str:
    """Write an incident as it stands now, new or known by its alert, member and first day; its id."""
    place = (_CASE.alert_id == alert["id"], _CASE.member == values["member"], _CASE.since == values["since"])
    known = connection.execute(select(_CASE.id).where(*place)).scalar()
    if known is not None:
        connection.execute(update(IncidentRow).where(_CASE.id == known).values(**values))
        return str(known)
    made = f"in-{uuid.uuid4().hex}"
    fixed = {"id": made, "alert_id": alert["id"], "workspace": alert["workspace"], "owner": alert["owner"]}
    connection.execute(insert(IncidentRow).values({**values, **fixed}))
    return made


def mark_incident(connection: Connection, incident_id: str, values: Mapping[str, Any]) -> None:
    """Change columns of an incident: acknowledged, snoozed, resolved."""
    connection.execute(update(IncidentRow).where(_CASE.id == incident_id).values(**values))


def escalating(connection: Connection, now: datetime) -> list[RowMapping]:
    """Incidents that nobody acknowledged in time."""
    query = select(IncidentRow.__table__).where(_CASE.state == "open", _CASE.escalate_at <= now)
    return list(connection.execute(query.order_by(_CASE.escalate_at, _CASE.id)).mappings())


def say(connection: Connection, owner: str, workspace: str, mark: str, values: Mapping[str, Any]) -> str | None:
    """Write down a message (state, headline, body, target, alerts, moment); its id, None when it was said already."""
    made = f"am-{uuid.uuid4().hex}"
    new = dialects.add_new(
        connection, AlertMessageRow, id=made, owner=owner, workspace=workspace, mark=mark, created_at=utc_now(),
        **values,
    )  # fmt: skip
    return made if new else None


def told(connection: Connection, owner: str, most: int = 200) -> list[RowMapping]:
    """What a person was told, newest first."""
    query = select(AlertMessageRow.__table__).where(_SAID.owner == owner)
    return list(connection.execute(query.order_by(_SAID.created_at.desc(), _SAID.id).limit(most)).mappings())


def pushed_since(connection: Connection, owner: str, first: datetime, last: datetime) -> int:
    """How many messages went further than the inbox between two moments."""
    return _counted(connection, owner, "sent", first, last)


def kept_since(connection: Connection, owner: str, first: datetime, last: datetime) -> int:
    """How many messages stayed in the inbox between two moments, since the last one that went further."""
    query = select(func.max(_SAID.moment)).where(_SAID.owner == owner, _SAID.state == "sent", _SAID.moment <= last)
    newest: datetime | None = connection.execute(query).scalar()
    return _counted(connection, owner, "kept", max(first, newest) if newest is not None else first, last)


def _counted(connection: Connection, owner: str, state: str, first: datetime, last: datetime) -> int:
    query = select(func.count()).where(
        _SAID.owner == owner, _SAID.state == state, _SAID.moment > first, _SAID.moment <= last
    )
    return int(connection.execute(query).scalar_one())


def by_id(connection: Connection, message_id: str) -> RowMapping | None:
    """A message, whoever it went to."""
    return connection.execute(select(AlertMessageRow.__table__).where(_SAID.id == message_id)).mappings().first()


def read(connection: Connection, message_id: str) -> None:
    """Note that a message was opened; the first time counts."""
    first = update(AlertMessageRow).where(_SAID.id == message_id, _SAID.read_at.is_(None))
    connection.execute(first.values(read_at=utc_now()))


def wishes(connection: Connection, owner: str) -> dict[str, Any]:
    """How a person wants to be told: `budget` a week and `quiet` hours."""
    found = connection.execute(select(PushWishRow.__table__).where(_WISH.owner == owner)).mappings().first()
    return {"budget": found["budget"], "quiet": found["quiet"]} if found else {"budget": BUDGET, "quiet": None}


def wish(connection: Connection, owner: str, values: Mapping[str, Any]) -> None:
    """Say how a person wants to be told."""
    statement = dialects.insert_into(connection, PushWishRow).values(owner=owner, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=[_WISH.owner], set_=dict(values)))
