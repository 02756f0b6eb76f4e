"""`plainsay users`, `keys` and `audit`: looking after people from the machine itself, with a server or without."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from api.commands.common import telling_errors, write_json
from api.commands.state import noted, read_state, write_state

users = typer.Typer(help="People and their roles.", no_args_is_help=True)
keys = typer.Typer(help="API keys for programs.", no_args_is_help=True)
audit = typer.Typer(help="What was done, and by whom.", no_args_is_help=True)
Email = Annotated[str, typer.Argument(help="The person's e-mail address.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
RoleOption = Annotated[str, typer.Option(help="owner, admin, editor, analyst or viewer.")]
PlaceOption = Annotated[str, typer.Option("--workspace", help="The one workspace that it is for; without it all.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@users.command("create")
def create_user(
    email: Email,
    role: RoleOption = "viewer",
    name: Annotated[str, typer.Option(help="What to call the person.")] = "",
    workspace: PlaceOption = "*",
    password_stdin: FromStdin = False,
) -> None:
    """Make an account. The first one must be an owner's; from then on everybody signs in."""
    from store import people
    from store.errors import InvalidRequest
    from store.rights import EVERYWHERE

    with telling_errors():
        address, held = people.clean_email(email), people.clean_role(role)
        called = people.clean_name(name or address.partition("@")[0])
        kept = _password(address, called, password_stdin)

        def make(connection: Any) -> str:
            first = not people.any_owner(connection)
            if first and (held != "owner" or workspace != EVERYWHERE):
                raise InvalidRequest(
                    "The first account is the owner's.", code="owner_first", hint="Use --role owner for this one."
                )
            made = people.create(connection, name=called, email=address, password=kept, first_owner=first)
            people.give_role(connection, made, workspace, held)
            noted(connection, "user.made", made, name=called, role=held, place=workspace)
            return made

        write_state(make)
    typer.echo(f"{called} ({address}) can sign in as {held}.")


@users.command("list")
def list_users(as_json: AsJson = False) -> None:
    """Everybody with their roles."""
    from api import looking_after
    from store.principal import LOCAL_OWNER

    with telling_errors():
        found = read_state(lambda connection: looking_after.listed(connection, LOCAL_OWNER, None))
    if as_json:
        write_json(found)
        return
    for one in found:
        roles = ", ".join(role if place == "*" else f"{role} in {place}" for place, role in one["roles"].items())
        state = " (disabled)" if one["disabled"] else ""
        typer.echo(f"{one['email'] or one['name']:40} {roles or 'no role'}{state}")


@users.command("role")
def change_role(
    email: Email,
    role: Annotated[str, typer.Argument(help="The new role, or “none” to take it away.")],
    workspace: PlaceOption = "*",
) -> None:
    """Give a person another role."""
    from api import looking_after
    from store import people
    from store.principal import LOCAL_OWNER

    with telling_errors():
        held = None if role == "none" else people.clean_role(role)

        def put(connection: Any) -> None:
            user = _found(connection, email)
            looking_after.set_roles(connection, LOCAL_OWNER, user["id"], {workspace: held})
            noted(connection, "user.changed", user["id"], name=user["name"], role=role, place=workspace)

        write_state(put)
    typer.echo("Changed.")


@users.command("attributes")
def set_attributes(
    email: Email,
    pairs: Annotated[list[str] | None, typer.Argument(help="NAME=VALUE, again for more values; none clears.")] = None,
    group: Annotated[list[str] | None, typer.Option(help="A group, again for more; replaces those there are.")] = None,
) -> None:
    """Set what row policies read of a person: all attributes at once."""
    from store import people
    from store.errors import InvalidRequest

    with telling_errors():
        given: dict[str, list[str]] = {}
        for pair in pairs or []:
            name, equals, value = pair.partition("=")
            if not equals:
                raise InvalidRequest(f"“{pair}” is not NAME=VALUE.", hint="Write it like region=north.")
            given.setdefault(name, []).append(value)
        values: dict[str, Any] = {"attributes": people.clean_attributes(given)}
        if group is not None:
            values["groups"] = sorted(set(group))

        def put(connection: Any) -> None:
            user = _found(connection, email)
            people.change(connection, user["id"], **values)
            noted(connection, "user.changed", user["id"], name=user["name"], attributes=sorted(given))

        write_state(put)
    typer.echo("Changed.")


@users.command("password")
def set_password(email: Email, password_stdin: FromStdin = False) -> None:
    """Set a new password; the person is signed out everywhere."""
    from store import people, sessions

    with telling_errors():
        user = read_state(lambda connection: _found(connection, email))
        kept = _password(user["email"] or "", user["name"], password_stdin)

        def put(connection: Any) -> None:
            people.change(connection, user["id"], password=kept)
            sessions.end_all(connection, user["id"])
            noted(connection, "password.changed", user["id"], name=user["name"])

        write_state(put)
    typer.echo("Changed.")


@users.command("disable")
def disable_user(email: Email) -> None:
    """Let a person in no more; what is theirs stays."""
    _switch(email, on=False)
    typer.echo("Disabled.")


@users.command("enable")
def enable_user(email: Email) -> None:
    """Let a disabled person in again."""
    _switch(email, on=True)
    typer.echo("Enabled.")


@users.command("remove")
def remove_user(email: Email) -> None:
    """Forget a person with their conversations, dashboards and keys."""
    from api import looking_after
    from store import people

    with telling_errors():

        def forget(connection: Any) -> None:
            user = _found(connection, email)
            people.remove(connection, user["id"])
            looking_after.keep_an_owner(connection)
            noted(connection, "user.removed", user["id"], name=user["name"])

        write_state(forget)
    typer.echo("Removed.")


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Option(help="Who or what will use it.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="A right, or a role for all of its rights; again for more.")
    ] = None,
    role: RoleOption = "viewer",
    workspace: PlaceOption = "*",
    days: Annotated[int | None, typer.Option(help="How long it lives; without it until it is revoked.", min=1)] = None,
) -> None:
    """Make an API key with a service account of its own; it is printed once and kept as a hash."""
    from store import api_keys, people
    from store.api_keys import NewKey

    with telling_errors():
        scopes, held = api_keys.clean_scopes(scope or []), people.clean_role(role)

        def make(connection: Any) -> str:
            service = people.create(connection, name=people.clean_name(name), email=None)
            people.give_role(connection, service, workspace, held)
            place = None if workspace == "*" else workspace
            made, text = api_keys.create(connection, NewKey(name, service, "local", place, scopes, days))
            noted(connection, "key.made", made, name=name, role=held, scopes=list(scopes or ()), place=workspace)
            return text

        text = write_state(make)
    typer.echo("Keep this key; it is not shown again.", err=True)
    typer.echo(text)


@keys.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """Keys that are in force, without their text."""
    from store import api_keys

    with telling_errors():
        found = [dict(row) for row in read_state(lambda connection: api_keys.listed(connection))]
    shown = ("id", "name", "workspace", "scopes", "created_at", "expires_at", "used_at")
    if as_json:
        write_json([{key: one[key] for key in shown} for one in found])
        return
    for one in found:
        used = f"used {one['used_at']:%Y-%m-%d}" if one["used_at"] else "never used"
        typer.echo(f"{one['id']:22} {one['name']:24} {', '.join(one['scopes'] or ['all of its holder']):30} {used}")


@keys.command("revoke")
def revoke_key(key_id: Annotated[str, typer.Argument(help="Its id, as `plainsay keys list` shows it.")]) -> None:
    """End a key for good."""
    from store import api_keys

    with telling_errors():

        def end(connection: Any) -> None:
            row = api_keys.get(connection, key_id)
            api_keys.revoke(connection, key_id)
            noted(connection, "key.revoked", key_id, name=row["name"])

        write_state(end)
    typer.echo("Revoked.")


@audit.command("list")
def list_audit(
    words: Annotated[str, typer.Argument(help="Only entries with these words.")] = "",
    action: Annotated[str, typer.Option(help="Only this action, or those that begin so.")] = "",
    limit: Annotated[int, typer.Option(help="How many, the latest first.", min=1)] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the latest entries of the audit log."""
    from store import audit as log

    sought = log.Sought(words=words or None, action=action or None, limit=limit)
    with telling_errors():
        found = read_state(lambda connection: log.search(connection, sought))
    if as_json:
        write_json(found)
        return
    for one in found:
        where = f" in {one['workspace']}" if one["workspace"] else ""
        typer.echo(
            f"{one['seq']:>6} {one['at']:%Y-%m-%d %H:%M:%S} {one['actor_name']}: {one['action']}{where} {one['target']}"
        )


@audit.command("verify")
def verify_audit(
    head: Annotated[str, typer.Option(help="The hash of an entry that was noted before; it must still be there.")] = "",
) -> None:
    """Check that no entry was changed or taken out; note the head that it prints somewhere else."""
    from store import audit as log

    with telling_errors():
        found = read_state(log.verify)
        there = not head or read_state(lambda connection: log.holds(connection, head))
    if found.broken_at is not None:
        typer.secho(f"The entry {found.broken_at} does not fit the one before it.", err=True, fg="red")
        raise typer.Exit(1)
    if not there:
        typer.secho("The entry that was noted is gone: the end of the log was cut off.", err=True, fg="red")
        raise typer.Exit(1)
    typer.echo(f"{found.entries} entries, head {found.head}")


def _switch(email: str, *, on: bool) -> None:
    from api import looking_after
    from store import people, sessions
    from store.models import utc_now

    with telling_errors():

        def put(connection: Any) -> None:
            user = _found(connection, email)
            people.change(connection, user["id"], disabled_at=None if on else utc_now())
            sessions.end_all(connection, user["id"])
            looking_after.keep_an_owner(connection)
            noted(connection, "user.changed", user["id"], name=user["name"], disabled=not on)

        write_state(put)


def _found(connection: Any, email: str) -> Any:
    from store import people
    from store.errors import UnknownName

    row = people.by_email(connection, people.clean_email(email))
    if row is None:
        raise UnknownName("There is nobody with this address.", code="unknown_user")
    return row


def _password(email: str, name: str, from_stdin: bool) -> str:
    """What is kept of a password that is typed twice, or read from standard input."""
    from api import passwords

    if from_stdin:
        text = sys.stdin.readline().rstrip("\r\n")
    else:
        text = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    passwords.check(text, email, name)
    return passwords.hashed(text)
