"""`plainsay budgets`: how many questions a day people and workspaces may ask, set from the machine itself."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.commands.common import telling_errors, write_json
from api.commands.state import noted, read_state, write_state

budgets = typer.Typer(help="Questions a day, for people and workspaces.", no_args_is_help=True)


@budgets.command("set")
def set_budget(
    questions: Annotated[str, typer.Argument(help="How many questions a day (UTC), or “none” for no limit.")],
    person: Annotated[str, typer.Option(help="E-mail address of the one person it is for, or * for each person.")] = "",
    workspace: Annotated[str, typer.Option(help="The one workspace that it is for, or * for each.")] = "",
) -> None:
    """Set the budget of a person or a workspace; * is for each that has none of its own."""
    from store import budgets as table
    from store import people, settings
    from store.errors import InvalidRequest, UnknownName
    from warehouse import workspace as workspaces

    with telling_errors():
        if bool(person) == bool(workspace):
            raise InvalidRequest("Name a person or a workspace.", hint="Use --person EMAIL or --workspace NAME.")
        if questions != "none" and not questions.isdecimal():
            raise InvalidRequest(f"“{questions}” is not a number of questions.", hint="Write 50, or none.")
        most = None if questions == "none" else int(questions)
        if workspace and workspace != table.ANY:
            workspaces.existing(workspace, settings.home())

        def put(connection: Any) -> None:
            of = workspace or person
            if person and person != table.ANY:
                row = people.by_email(connection, people.clean_email(person))
                if row is None:
                    raise UnknownName("There is nobody with this address.", code="unknown_user")
                of = row["id"]
            kind = "workspace" if workspace else "person"
            table.put(connection, kind, of, most)  # type: ignore[arg-type]
            noted(connection, "budget.changed", f"{kind} {of}", questions=most)

        write_state(put)
    typer.echo("There is no limit now." if most is None else f"{most:,} questions a day.")


@budgets.command("list")
def list_budgets(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """All budgets, and what of them is spent today."""
    from store import budgets as table
    from store import people

    def look(connection: Any) -> list[dict[str, Any]]:
        names = {row["id"]: row["email"] or row["name"] for row in people.listed(connection)}
        found = [dict(row) for row in table.listed(connection)]
        for one in found:
            one["name"] = names.get(one["of"], f"each {one['kind']}" if one["of"] == table.ANY else one["of"])
            one["asked"] = None if one["of"] == table.ANY else table.asked_today(connection, one["kind"], one["of"])
        return found

    with telling_errors():
        found = read_state(look)
    if as_json:
        write_json(found)
        return
    for one in found:
        spent = "" if one["asked"] is None else f", {one['asked']:,} asked today"
        typer.echo(f"{one['kind']:10} {one['name']:32} {one['questions']:>8,} a day{spent}")
