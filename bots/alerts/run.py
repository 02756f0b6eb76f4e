"""Alerts from their moment to their channels; each step is one transaction, so that a stop between any loses nothing.

1. The clock, or new data, writes a parcel for the alerts that one person has due in a workspace and moves them on.
2. The parcel is worked out: looks, incidents, messages and a parcel for each channel are written together.
3. Each channel delivers its parcel; what may or may not have arrived is never sent blindly again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from bots.alerts.desk import AlertDesk, Found, Watched, after
from bots.alerts.judge import Event, Standing
from bots.alerts.message import News, compose
from bots.alerts.quiet import Wishes
from bots.alerts.reading import Reading, worse
from bots.alerts.rule import Escalation
from bots.digests.run import hand_over
from store import alerts, outbox
from store.database import Database
from store.delivery import Handler
from store.errors import PlainsayError, QueryRefused
from store.models import utc_now
from store.outbox import Claimed, Parcel
from store.principal import Principal
from store.schedule import Schedule, every

KIND = "alert"
LOOK_SECONDS = 15.0
WEEK = timedelta(days=7)
_KEPT = timedelta(days=400)
Find = Callable[[str], Awaitable[Principal | None]]


def schedule() -> Schedule:
    """Looks every quarter of a minute which alerts are due, and which incidents nobody acknowledged in time."""
    return Schedule("alerts", every(LOOK_SECONDS), _look)


def _look(connection: Connection, _due: datetime) -> None:
    now = utc_now()
    fire(connection, now)
    escalate(connection, now)
    alerts.prune(connection, now - _KEPT)


def fire(connection: Connection, now: datetime) -> int:
    """Write down what is due now and move it on; how many alerts. Of moments that passed unseen the newest counts."""
    due: dict[tuple[str, str, datetime], list[str]] = {}
    for row in alerts.due(connection, now):
        timing = Watched.of(dict(row)).timing
        moment = timing.latest(now, row["next_at"])
        if not alerts.move_on(connection, row["id"], row["next_at"], timing.following(now)):
            continue
        if row["snoozed_until"] is None or row["snoozed_until"] <= now:
            due.setdefault((row["owner"], row["workspace"], moment), []).append(row["id"])
    for (owner, workspace, moment), ids in due.items():
        put(connection, owner, workspace, moment, ids)
    return sum(len(ids) for ids in due.values())


def put(
    connection: Connection, owner: str, workspace: str, moment: datetime, ids: Sequence[str], mark: str = ""
) -> bool:
    """Have some alerts of a person looked at; false when that is under way for this moment."""
    which = hashlib.blake2s("/".join(sorted(ids)).encode(), digest_size=6).hexdigest()
    named = f"{mark or format(moment, '%Y-%m-%dT%H:%M')}-{which}"
    payload = {"owner": owner, "moment": moment.isoformat(), "alerts": list(ids), "mark": named}
    return outbox.put(connection, Parcel(KIND, f"{owner}/{workspace}/{named}"[:200], payload, workspace))


def new_data(connection: Connection, snapshots: Mapping[str, str], now: datetime) -> int:
    """Have alerts looked at that wait for new data; `snapshots` names the data of each workspace. How many."""
    due: dict[tuple[str, str, str], list[str]] = {}
    for row in alerts.watching_data(connection):
        snapshot = snapshots.get(row["workspace"])
        if snapshot is None or row["snapshot"] == snapshot:
            continue
        if not alerts.saw(connection, row["id"], row["snapshot"], snapshot) or row["snapshot"] is None:
            continue
        if row["snoozed_until"] is None or row["snoozed_until"] <= now:
            due.setdefault((row["owner"], row["workspace"], snapshot), []).append(row["id"])
    for (owner, workspace, snapshot), ids in due.items():
        put(connection, owner, workspace, now, ids, f"data-{snapshot}")
    return sum(len(ids) for ids in due.values())


def escalate(connection: Connection, now: datetime) -> int:
    """Tell the escalation channels of incidents that nobody acknowledged in time, once each; how many."""
    count = 0
    for case in alerts.escalating(connection, now):
        alerts.mark_incident(connection, case["id"], {"escalate_at": None})
        row = alerts.find(connection, case["alert_id"])
        if row is None or row["escalation"] is None:
            continue
        event = Event("reminded", standing_of(case), _reading(case))
        body = compose([News(row["id"], row["name"], [event])])
        body["headline"] = f"Nobody has answered yet. {body['headline']}"
        target = Escalation.model_validate(row["escalation"]).model_dump(mode="json")
        count += _say(connection, dict(row), f"escalated-{case['id']}", "sent", body, (target, [row["id"]], now))
    return count


class Runner:
    """Works alerts out and hands what is news to channels. `person` finds somebody with the rights they have now."""

    def __init__(self, database: Database, desk: AlertDesk, person: Find) -> None:
        self._database = database
        self._desk = desk
        self._person = person

    def handler(self) -> Handler:
        """Works out parcels; one whose worker died is simply worked out by another."""
        return Handler(KIND, self.work, "waiting")

    async def work(self, parcel: Claimed) -> str:
        """Look at the alerts of a parcel; a note of what became of it. Doing it again changes nothing."""
        owner, mark = parcel.payload["owner"], parcel.payload["mark"]
        workspace = str(parcel.workspace)
        moment = datetime.fromisoformat(parcel.payload["moment"])
        rows = await self._database.read(lambda c: alerts.of_ids(c, owner, parcel.payload["alerts"]))
        rows = [row for row in rows if row["active"]]
        reader = await self._person(owner)
        if reader is None or reader.role_in(workspace) is None:
            raise QueryRefused("The reader may not enter this workspace any more.", code="no_reader")
        looks = [await self._looked(row, reader, moment, mark) for row in rows]
        return await self._database.write(lambda c: settle(c, owner, workspace, (mark, moment), looks))

    async def _looked(self, row: RowMapping, reader: Principal, moment: datetime, mark: str) -> Look:
        """A look; what the data cannot carry is a note, trouble that passes is raised so that it is tried again."""
        if await self._database.read(lambda c: alerts.looked(c, row["id"], mark)):
            return Look(row, None, "looked already")
        known = await self._database.read(lambda c: standings(c, row["id"]))
        try:
            return Look(row, await self._desk.found(Watched.of(dict(row)), reader, moment, known), "")
        except PlainsayError as error:
            if error.exit_code == 1 and error.retry == "as_is":
                raise
            return Look(row, None, error.message)


@dataclass(frozen=True)
class Look:
    """An alert and what a look at it found; without `found`, `note` says why."""

    row: RowMapping
    found: Found | None
    note: str


def settle(
    connection: Connection, owner: str, workspace: str, when: tuple[str, datetime], looks: Sequence[Look]
) -> str:
    """The looks, the incidents, one message for alerts that go the same ways, and its parcels, in one transaction."""
    mark, moment = when
    by_target: dict[str, tuple[dict[str, Any], list[News], dict[str, Any]]] = {}
    for look in looks:
        news = _noted(connection, look, mark, moment)
        if news is not None:
            target = dict(look.row["target"])
            kept = by_target.setdefault(repr(sorted(target.items())), (target, [], dict(look.row)))
            kept[1].append(news)
    said = 0
    for number, (target, news_of, row) in enumerate(by_target.values()):
        said += _tell(connection, row, f"{mark}#{number}", target, news_of, moment)
    return "told" if said else "nothing to tell"


def _noted(connection: Connection, look: Look, mark: str, moment: datetime) -> News | None:
    """Write down a look and what it did to incidents; its news. None when it was made before, or found nothing new."""
    row = look.row
    watched = Watched.of(dict(row))
    if look.found is None:
        if look.note != "looked already":
            alerts.look(connection, row["id"], mark, _wall(watched, moment), "failed", look.note)
        return None
    known = standings(connection, row["id"])
    now, events = after(look.found.looked, known, watched.telling, moment)
    looked = look.found.looked
    waiting = looked.waiting
    holds = any(r.holds for readings in looked.rounds for r in readings)
    outcome = "news" if events else "lasts" if holds else "waiting" if waiting else "quiet"
    if not alerts.look(connection, row["id"], mark, _wall(watched, moment), outcome, waiting or looked.shown):
        return None
    told = [_with_why(e, look.found.events) for e in events]
    for member, standing in now.items():
        if known.get(member) != standing:
            alerts.keep(connection, row, _columns(row, standing, known.get(member), moment))
    return News(row["id"], row["name"], told, looked.label) if told else None


def _with_why(event: Event, explained: Sequence[Event]) -> Event:
    """The event as it was explained before; another process may have changed what is news meanwhile."""
    return next((e for e in explained if (e.deed, e.standing.member) == (event.deed, event.standing.member)), event)


def _columns(row: RowMapping, standing: Standing, before: Standing | None, moment: datetime) -> dict[str, Any]:
    """An incident's row; a new one escalates after a while when its alert says so."""
    values: dict[str, Any] = {**vars(standing)}
    if standing.state == "resolved":
        return values | {"resolved_at": moment, "escalate_at": None}
    if before is None or before.since != standing.since:
        values["opened_at"] = moment
    risen = before is not None and before.since == standing.since and worse(standing.severity, before.severity)
    if row["escalation"] is not None and ("opened_at" in values or risen):
        rule = Escalation.model_validate(row["escalation"])
        if not worse(rule.least, standing.severity):
            values["escalate_at"] = moment + timedelta(minutes=rule.after_minutes)
    return values | {"resolved_at": None}


def _tell(
    connection: Connection, row: Mapping[str, Any], mark: str, target: dict[str, Any], news: list[News],
    moment: datetime,
) -> bool:  # fmt: skip
    """One message; beyond the week's budget it stays in the inbox, unless something in it is critical."""
    wishes = Wishes.model_validate(alerts.wishes(connection, row["owner"]))
    pushed = alerts.pushed_since(connection, row["owner"], moment - WEEK, moment)
    kept = alerts.kept_since(connection, row["owner"], moment - WEEK, moment)
    body = compose(news, held_back=kept)
    state = "sent" if pushed < wishes.budget or body["severity"] == "critical" else "kept"
    return _say(connection, row, mark, state, body, (target, [n.alert_id for n in news], moment))


def _say(
    connection: Connection, row: Mapping[str, Any], mark: str, state: str, body: dict[str, Any],
    where: tuple[dict[str, Any], list[str], datetime],
) -> bool:  # fmt: skip
    target, ids, moment = where
    values = {"state": state, "headline": body["headline"], "body": body, "target": target, "alerts": ids,
              "moment": moment}  # fmt: skip
    message_id = alerts.say(connection, row["owner"], row["workspace"], f"{row['workspace']}/{mark}"[:200], values)
    if message_id is None:
        return False
    wishes = Wishes.model_validate(alerts.wishes(connection, row["owner"]))
    now = utc_now()
    due = now if wishes.quiet is None or body["severity"] == "critical" else wishes.quiet.over_at(now)
    for channel in target["channels"] if state == "sent" else ():
        hand_over(connection, row, message_id, channel, due)
    return True


def answered(connection: Connection, body: Mapping[str, Any], now: datetime, until: datetime | None) -> None:
    """Somebody says that they know of what a message (its body) tells, or wants it quiet until a moment."""
    values: dict[str, Any] = {"escalate_at": None}
    values |= {"snoozed_until": until} if until else {"state": "acknowledged", "acknowledged_at": now}
    told = {(i["alert_id"], i["deed"]) for i in body["items"]}
    for alert_id in {a for a, deed in told if deed != "ended"}:
        for case in alerts.incidents(connection, alert_id=alert_id):
            if case["state"] == "open":
                alerts.mark_incident(connection, case["id"], values)


def standings(connection: Connection, alert_id: str) -> dict[str, Standing]:
    """The newest incident of each segment, as the judge reads it."""
    found: dict[str, Standing] = {}
    for row in alerts.incidents(connection, alert_id=alert_id):
        known = found.get(row["member"])
        if known is None or row["since"] > known.since:
            found[row["member"]] = standing_of(row)
    return found


def standing_of(row: RowMapping) -> Standing:
    """An incident's row as the judge reads it."""
    names = ("member", "since", "last", "told", "severity", "size", "text", "state", "snoozed_until")
    return Standing(**{name: row[name] for name in names})


def _reading(case: RowMapping) -> Reading:
    return Reading(case["member"], True, case["last"], case["severity"], case["size"], case["text"])


def _wall(watched: Watched, moment: datetime) -> str:
    return watched.timing.wall(moment.astimezone(UTC)).isoformat(timespec="minutes")
