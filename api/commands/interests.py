"""`plainsay interests`: what you care for, to see, to change and to delete."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from api.commands.ask import WorkspaceOption
from api.commands.common import chosen, telling_errors, write_json

interests = typer.Typer(
    help="What you care for: it orders what you are shown, and never changes a number.", no_args_is_help=True
)
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
NamesArgument = Annotated[list[str], typer.Argument(help="Figures, or fields as table.column.")]


@interests.command("show")
def show(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show your favourites, what was learned from your questions, and the detail you prefer."""
    from agent import personal
    from store.principal import LOCAL_OWNER

    with telling_errors():
        found = personal.of(chosen(workspace).view().workspace, LOCAL_OWNER)
    if as_json:
        write_json(found.model_dump(mode="json"))
        return
    typer.echo(f"Favourites: {', '.join(found.favourites) or 'none yet'}")
    learned = sorted(found.learned, key=lambda n: -found.learned[n])
    typer.echo(f"Asked about most: {', '.join(learned[:10]) or 'nothing yet'}")
    typer.echo(f"Detail: {found.detail}. Learning from questions: {'on' if found.learning else 'off'}.")


@interests.command("like")
def like(names: NamesArgument, workspace: WorkspaceOption = None) -> None:
    """Put figures or fields first in what you are shown."""
    from agent import personal
    from store.errors import unknown
    from store.principal import LOCAL_OWNER

    with telling_errors():
        view = chosen(workspace).view()
        known = personal.labels(view.model)
        for name in names:
            if name not in known:
                raise unknown("figure or field", name, list(known))
        now = personal.of(view.workspace, LOCAL_OWNER)
        personal.change(view.workspace, LOCAL_OWNER, favourites=[*now.favourites, *names])
    typer.echo(f"First from now on: {', '.join(names)}")


@interests.command("set")
def prefer(
    workspace: WorkspaceOption = None,
    detail: Annotated[Literal["short", "full"] | None, typer.Option(help="How much an answer says.")] = None,
    learning: Annotated[bool | None, typer.Option(help="Whether questions teach what you care for.")] = None,
) -> None:
    """Choose how much answers say, and whether your questions are learned from."""
    from agent import personal
    from store.principal import LOCAL_OWNER

    with telling_errors():
        place = chosen(workspace).view().workspace
        changed = personal.change(place, LOCAL_OWNER, detail=detail, learning=learning)
    typer.echo(f"Detail: {changed.detail}. Learning from questions: {'on' if changed.learning else 'off'}.")


@interests.command("forget")
def forget(
    names: Annotated[list[str] | None, typer.Argument(help="What to forget for good; all of it without names.")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Delete what is known of you here, or only some figures and fields."""
    from agent import personal
    from store.principal import LOCAL_OWNER

    with telling_errors():
        place = chosen(workspace).view().workspace
        if names:
            personal.change(place, LOCAL_OWNER, forget=names)
        else:
            personal.forget(place, LOCAL_OWNER)
    typer.echo("Forgotten.")
