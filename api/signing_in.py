"""Signing in: the first owner, passwords with a second factor, and what a browser is told about itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from api import accounts, passwords, second_factor
from api.errors import Conflict, Unauthorised
from api.house import House
from store import people, sessions, settings, tries
from store.audit import Deed
from store.models import utc_now
from store.principal import NOBODY, Principal
from store.rights import EVERYWHERE, RIGHTS
from store.sealed import Seal


@dataclass(frozen=True)
class Browser:
    """Where a request comes from: its address, and what it calls itself."""

    address: str
    agent: str


async def make_owner(home: House, email: str, name: str, password: str, browser: Browser | None = None) -> str:
    """The first owner account; its cookie when a browser asked. Raises `Conflict` when there is an owner already."""
    email, name = people.clean_email(email), people.clean_name(name)
    await asyncio.to_thread(passwords.check, password, email, name)
    kept = await asyncio.to_thread(passwords.hashed, password)

    def make(connection: Connection) -> tuple[str, Principal]:
        if people.any_owner(connection):
            raise Conflict("There is an owner account already.", code="owner_exists", hint="Sign in with it.")
        made = people.create(connection, name=name, email=email, password=kept, first_owner=True)
        people.give_role(connection, made, EVERYWHERE, "owner")
        cookie = sessions.start(connection, made, "password", browser.agent) if browser is not None else ""
        return cookie, people.principal(people.get(connection, made), {EVERYWHERE: "owner"})

    cookie, person = await home.database.write(make)
    accounts.note(email, actor=person)
    return cookie


async def with_password(home: House, email: str, password: str, code: str, browser: Browser) -> str:
    """The cookie of a new session. Raises `Unauthorised`, alike for an unknown address and a wrong password.

    With the code `second_factor_needed` only the second factor is missing. Raises `TooManyTries`.
    """
    if not settings.get("password_sign_in"):
        raise Unauthorised("Passwords are not used here.", code="password_off", hint="Use the sign-on of your company.")
    email = people.clean_email(email)
    await home.database.write(lambda c: tries.begin(c, email, browser.address))
    user = await home.database.read(lambda c: people.by_email(c, email))
    right = await asyncio.to_thread(passwords.matches, user["password"] if user is not None else None, password)
    if user is None or not right or user["disabled_at"] is not None:
        await home.people.record(Deed(NOBODY.user_id, NOBODY.name, "session.refused", email, detail=_where(browser)))
        raise Unauthorised("The e-mail address or the password is wrong.", code="wrong_password")
    rest = await asyncio.to_thread(_rehashed, user["password"], password)
    seal = second_factor.sealing(home.home)
    cookie = await home.database.write(lambda c: _start(c, user["id"], (code, seal), browser, rest))
    if cookie is None:
        raise Unauthorised(
            "A code of your authenticator app is needed." if not code else "That code is wrong, or was used before.",
            code="second_factor_needed" if not code else "wrong_code",
        )
    await home.database.write(lambda c: tries.succeed(c, email, browser.address))
    accounts.note(email, actor=await home.people.person(user["id"]), **_where(browser))
    return cookie


def _start(
    connection: Connection, user_id: str, proof: tuple[str, Seal], browser: Browser, rest: dict[str, Any]
) -> str | None:
    """A session, unless the second factor is missing or wrong; read and spent in one transaction."""
    user = people.get(connection, user_id)
    if user["totp"] is not None:
        spent = second_factor.accepted(user, *proof) if proof[0] else None
        if spent is None:
            return None
        rest = rest | spent
    people.change(connection, user_id, seen_at=utc_now(), **rest)
    return sessions.start(connection, user_id, "password", browser.agent)


def _rehashed(kept: str, password: str) -> dict[str, Any]:
    return {"password": passwords.hashed(password)} if passwords.outdated(kept) else {}


def _where(browser: Browser) -> dict[str, Any]:
    return {"address": browser.address, "agent": browser.agent[:80]}


async def told(home: House) -> dict[str, Any]:
    """What a page needs to know: whether to sign in and how, who sits there, and what they may."""
    caller, needed = accounts.caller(), await home.people.required()
    person = caller.person
    user = await home.database.read(lambda c: _row(c, caller.self.user_id)) if caller.by == "cookie" else None
    return {
        "signed_in": person != NOBODY,
        "needed": needed,
        "setup": not needed and person.may("owners"),
        "by": caller.by,
        "person": None if person == NOBODY else _shown(caller.self, user),
        "viewing_as": {"name": person.name, "workspaces": dict(person.memberships or {})} if caller.real else None,
        "rights": sorted(r for r in RIGHTS if person.may_somewhere(r)),
        "rights_in": _rights_in(person),
        "house_rights": sorted(r for r, g in RIGHTS.items() if g.house and person.may(r)),
        "ways": {
            "password": settings.get("password_sign_in"),
            "sign_on": settings.get("oidc_name") if settings.get("oidc_issuer") else None,
        },
    }


def _rights_in(person: Principal) -> dict[str, list[str]]:
    """What a person may in each workspace that they have a role in; `*` stands for all, those to come included."""
    if person.memberships is None:
        return {EVERYWHERE: sorted(r for r in RIGHTS if person.may(r))}
    return {name: sorted(r for r in RIGHTS if person.within(name).may(r)) for name in person.memberships}


def _row(connection: Connection, user_id: str) -> RowMapping:
    return people.get(connection, user_id)


def _shown(person: Principal, user: RowMapping | None) -> dict[str, Any]:
    roles = dict(person.memberships) if person.memberships is not None else {EVERYWHERE: person.role}
    return {
        "id": person.user_id,
        "name": person.name,
        "email": user["email"] if user is not None else None,
        "roles": roles,
        "second_factor": user is not None and user["totp"] is not None,
        "has_password": user is not None and user["password"] is not None,
    }
