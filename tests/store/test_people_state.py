"""People, sessions, keys, links, tries and the audit log, each on SQLite and on Postgres."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from store import api_keys, audit, people, sessions, tickets, tries
from store.api_keys import NewKey
from store.audit import Deed, Sought
from store.database import Database
from store.errors import InvalidRequest, UnknownName
from store.models import utc_now
from store.rights import EVERYWHERE


@pytest.fixture
def database(state_url: str) -> Iterator[Database]:
    opened = Database.open(url=state_url)
    yield opened
    opened.close()


async def test_people_their_roles_and_what_goes_with_them(database: Database) -> None:
    def work(c):
        assert not people.any_owner(c)
        boss = people.create(c, name="Bo", email="bo@example.com", first_owner=True)
        people.give_role(c, boss, EVERYWHERE, "owner")
        ana = people.create(c, name="Ana", email="ana@example.com")
        people.give_role(c, ana, "shop", "viewer", "sso")
        people.give_role(c, ana, "shop", "editor")
        people.change(c, ana, attributes={"region": ["north", "west"]}, groups=["sales"])
        with pytest.raises(InvalidRequest):
            people.create(c, name="Two", email="ana@example.com")
        found = people.principal_of(c, ana)
        assert found.role_in("shop") == "editor" and found.role_in("cafe") is None and found.groups == ("sales",)
        assert dict(found.attributes) == {"email": ("ana@example.com",), "region": ("north", "west")}
        assert people.any_owner(c) and people.owners(c) == ["local"] == [boss]
        assert [r["name"] for r in people.listed(c, "shop")] == ["Ana", "Bo"]
        assert [r["name"] for r in people.listed(c, words="AN")] == ["Ana"]
        people.leave_all(c, ana, "direct")
        assert people.principal_of(c, ana).role_in("shop") == "viewer"
        cookie = sessions.start(c, ana, "password", "Firefox")
        _, key = api_keys.create(c, NewKey("ci", ana, ana, "shop", ("ask",), 1))
        assert sessions.find(c, cookie) is not None and api_keys.holder(c, api_keys.find(c, key)).scopes == {"ask"}
        people.change(c, ana, disabled_at=utc_now())
        assert people.principal_of(c, ana) is None and api_keys.holder(c, api_keys.find(c, key)) is None
        people.remove(c, ana)
        assert sessions.find(c, cookie) is None and api_keys.find(c, key) is None
        with pytest.raises(UnknownName):
            people.get(c, ana)

    await database.write(work)


async def test_a_link_opens_once_whoever_is_first(database: Database) -> None:
    _, text = await database.write(lambda c: tickets.issue(c, "invitation", {"email": "a@b.example"}, "local"))
    done = await asyncio.gather(
        *(database.write(lambda c: tickets.spend(c, "invitation", text)) for _ in range(4)), return_exceptions=True
    )
    assert sum(not isinstance(one, Exception) for one in done) == 1
    with pytest.raises(tickets.SpentTicket):
        await database.read(lambda c: tickets.look(c, "password", text))


async def test_waiting_grows_and_success_forgets(database: Database) -> None:
    for _ in range(tries.FREE["pair"]):
        await database.write(lambda c: tries.begin(c, "a@b.example", "1.2.3.4"))
    with pytest.raises(tries.TooManyTries) as caught:
        await database.write(lambda c: tries.begin(c, "a@b.example", "1.2.3.4"))
    assert 0 < (caught.value.retry_after or 0) <= tries.FIRST_WAIT
    await database.write(lambda c: tries.begin(c, "a@b.example", "5.6.7.8"))
    await database.write(lambda c: tries.succeed(c, "a@b.example", "1.2.3.4"))
    await database.write(lambda c: tries.begin(c, "a@b.example", "1.2.3.4"))
    assert await database.write(lambda c: tries.sweep(c, utc_now() + timedelta(days=2))) >= 2


async def test_the_chain_of_the_audit_log_holds_and_shows_a_change(database: Database) -> None:
    await asyncio.gather(
        *(
            database.write(lambda c, n=n: audit.append(c, Deed("u", "Ü. “Q”", "key.made", f"k-{n}", "shop", {"n": n})))
            for n in range(20)
        )
    )
    whole = await database.read(audit.verify)
    assert (whole.entries, whole.broken_at) == (20, None)
    assert await database.read(lambda c: audit.holds(c, whole.head))
    found = await database.read(lambda c: audit.search(c, Sought(words="k-7", workspaces=["shop"])))
    assert [one["target"] for one in found] == ["k-7"]
    assert await database.read(lambda c: audit.search(c, Sought(workspaces=["cafe"]))) == []
    row = audit.AuditRow
    for change in (
        row.__table__.update().where(row.seq == 5).values(detail={"n": 99}), row.__table__.delete().where(row.seq == 3),
    ):  # fmt: skip
        await database.write(lambda c, what=change: c.execute(what))
    broken = await database.read(audit.verify)
    assert broken.broken_at == 4 and broken.entries == 2
