"""`plainsay learned`: what people taught, to look through, approve and take back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.ask import WorkspaceOption
from api.commands.common import chosen, telling_errors, write_json

if TYPE_CHECKING:
    from agent.memory import Learned

learned = typer.Typer(help="What people taught: words and approved answers.", no_args_is_help=True)
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
IdArgument = Annotated[str, typer.Argument(help="The id that `plainsay learned list` shows.")]


@learned.command("list")
def show(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List words and answers that were taught, newest first; waiting ones change nothing yet."""
    from agent import memory
    from store.principal import LOCAL_OWNER

    with telling_errors():
        found = memory.listed(chosen(workspace).view().workspace, LOCAL_OWNER)
    if as_json:
        write_json([x.model_dump(mode="json") for x in found])
        return
    for one in found:
        typer.echo(f"{one.id}  {one.state:9} {_whose(one):9} {_text(one)}")
    if not found:
        typer.echo(
            "Nothing yet. Say “By takings I mean net revenue” in a conversation, or use `plainsay learned teach`."
        )


@learned.command("teach")
def teach(
    said: Annotated[str, typer.Argument(help="The word people use.")],
    means: Annotated[str, typer.Argument(help="What it means, in words of the data.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Teach a word; it waits until it is approved."""
    from agent import memory
    from store.principal import LOCAL_OWNER

    with telling_errors():
        made = memory.propose_word(chosen(workspace).view().workspace, LOCAL_OWNER, said, means)
    typer.echo(f"{made.id} waits for review: plainsay learned approve {made.id}")


@learned.command("approve")
def approve(
    learned_id: IdArgument,
    workspace: WorkspaceOption = None,
    everyone: Annotated[bool, typer.Option("--everyone", help="For all people of the workspace.")] = False,
) -> None:
    """Put what was taught in force."""
    from agent import memory
    from store.principal import LOCAL_OWNER

    with telling_errors():
        made = memory.approve(chosen(workspace).view().workspace, LOCAL_OWNER, learned_id, everyone=everyone)
    typer.echo(f"In force {'for everyone' if everyone else 'for you'}: {_text(made)}")


@learned.command("remove")
def remove(learned_id: IdArgument, workspace: WorkspaceOption = None) -> None:
    """Take it out of force; it can be approved again."""
    from agent import memory
    from store.principal import LOCAL_OWNER

    with telling_errors():
        made = memory.remove(chosen(workspace).view().workspace, LOCAL_OWNER, learned_id)
    typer.echo(f"Removed: {_text(made)}")


def _text(one: Learned) -> str:
    if one.kind == "verdict":
        return f"{one.said} was {one.means}"
    return f"“{one.said}” means {one.means}" if one.kind == "word" else f"answer to “{one.said}”"


def _whose(one: Learned) -> str:
    return "everyone" if one.scope == "everyone" else one.owner
