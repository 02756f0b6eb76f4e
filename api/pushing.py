"""What a server tells people unasked: the desk that works digests out, their schedule and their channels, wired up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bots.digests import run
from bots.digests.channels import Channels
from bots.digests.desk import Desk

if TYPE_CHECKING:
    from api.house import House


def start(house: House) -> Desk:
    """Put digests on the clock and the courier of a house; the desk, for previews and rehearsals."""
    desk = Desk(lambda: house.shelf.views, house.engine)
    house.clock.add(run.schedule())
    house.courier.add(run.Runner(house.database, desk, house.person).handler())
    for handler in Channels(house.database, house.home, house.person).handlers():
        house.courier.add(handler)
    return desk
