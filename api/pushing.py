"""What a server tells people unasked: the desks that work digests and alerts out, their schedules and channels."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from api import outbound
from bots.alerts import run as alerting
from bots.alerts.desk import AlertDesk
from bots.digests import run
from bots.digests.channels import Channels, Ways
from bots.digests.desk import Desk
from store import alerts
from store.errors import PlainsayError
from store.models import utc_now

if TYPE_CHECKING:
    from api.house import House

log = structlog.get_logger("plainsay.pushing")

DATA_SECONDS = 20.0
"""How often it is looked whether new data came."""


def start(house: House) -> tuple[Desk, AlertDesk]:
    """Put digests and alerts on the clock and the courier of a house; the desks, for previews and rehearsals."""
    desk = Desk(lambda: house.shelf.views, house.engine)
    alert_desk = AlertDesk(lambda: house.shelf.views, house.engine)
    house.clock.add(run.schedule())
    house.clock.add(alerting.schedule())
    house.courier.add(run.Runner(house.database, desk, house.person).handler())
    house.courier.add(alerting.Runner(house.database, alert_desk, house.person).handler())
    ways = Ways(tell=outbound.post, slack=lambda: house.slack)
    for handler in Channels(house.database, house.home, house.person, ways).handlers():
        house.courier.add(handler)
    return desk, alert_desk


async def watch_data(house: House) -> None:
    """Have alerts looked at when new data was published, until cancelled."""
    while True:
        await asyncio.sleep(DATA_SECONDS)
        try:
            await look_at_data(house, utc_now())
        except PlainsayError as error:
            log.warning("watching_data_waits", code=error.code)


async def look_at_data(house: House, now: datetime) -> int:
    """Compare the data that alerts saw with what there is; how many are due for it."""
    rows = await house.database.read(alerts.watching_data)
    snapshots = {}
    for name in {row["workspace"] for row in rows}:
        try:
            snapshots[name] = (await asyncio.to_thread(house.shelf.views.get, name)).snapshot.id
        except PlainsayError:  # a workspace without data has none that is new
            continue
    if not any(snapshots.get(row["workspace"], row["snapshot"]) != row["snapshot"] for row in rows):
        return 0
    return await house.database.write(lambda c: alerting.new_data(c, snapshots, now))
