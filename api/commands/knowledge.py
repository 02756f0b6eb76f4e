"""`plainsay knowledge`: what a workspace has read: documents added, searched and taken away."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from api.commands.ask import WorkspaceOption
from api.commands.common import chosen, shown_progress, telling_errors, write_json
from store.errors import InvalidRequest

knowledge = typer.Typer(help="What the workspace has read: packs and documents.", no_args_is_help=True)
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@knowledge.command("add")
def add(
    files: Annotated[list[Path], typer.Argument(help="Markdown, PDF, DOCX, HTML, text, or a glossary as CSV.")],
    workspace: WorkspaceOption = None,
    title: Annotated[str, typer.Option(help="A title; by default the file's name.")] = "",
    reader: Annotated[
        list[str] | None, typer.Option(help="Who may read it: everyone, role:admin, group:NAME, person:ID.")
    ] = None,
    licence: Annotated[str, typer.Option(help="Under which licence it may be quoted.")] = "",
    updated: Annotated[str, typer.Option(help="When it was last correct, as 2026-01-31; default today.")] = "",
) -> None:
    """Add documents; one with the same file name is replaced."""
    from store.principal import LOCAL_OWNER
    from tools import papers

    with telling_errors(), shown_progress() as progress:
        here = chosen(workspace).view().workspace
        try:
            day = date.fromisoformat(updated) if updated else None
        except ValueError as error:
            raise InvalidRequest(f"“{updated}” is not a date.", hint="Write it as 2026-01-31.") from error
        about = papers.About(title=title, readers=tuple(reader or ("everyone",)), licence=licence, updated=day)
        for file in files:
            if not file.is_file():
                raise InvalidRequest(f"There is no file {file}.", hint="Check the path and its spelling.")
            held = papers.add(here, file, about, by=LOCAL_OWNER, progress=progress)
            typer.echo(f"{held.document.id}: {held.document.title}, {len(held.passages)} passages")


@knowledge.command("list")
def list_documents(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List packs and documents with who may read them."""
    from knowledge.library import Library
    from store.principal import LOCAL_OWNER

    with telling_errors():
        here = chosen(workspace).view().workspace
        held = Library(here.root, here.name).listed(LOCAL_OWNER)
    if as_json:
        write_json([{**h.document.model_dump(mode="json"), "passages": len(h.passages)} for h in held])
        return
    for one in held:
        told = one.document
        typer.echo(f"{told.id:24} {told.title}: {len(one.passages)} passages, for {', '.join(told.readers)}")
    if not held:
        typer.echo(
            "Nothing has been read. `plainsay knowledge add FILE` adds a document, `plainsay packs install` a pack."
        )


@knowledge.command("search")
def search(
    query: Annotated[str, typer.Argument(help="What to look for, as a question or a few words.")],
    workspace: WorkspaceOption = None,
    limit: Annotated[int, typer.Option(min=1, max=20, help="Most passages.")] = 5,
    as_json: JsonOption = False,
) -> None:
    """Find passages by meaning and by words."""
    from api.commands.render import inert
    from knowledge.search import search as find
    from store.principal import LOCAL_OWNER

    with telling_errors():
        here = chosen(workspace).view().workspace
        found = find(here.root, here.name, query, principal=LOCAL_OWNER, limit=limit)
    if as_json:
        write_json({"mode": found.mode, "note": found.note, "items": [
            {"id": c.id, **c.model_dump(mode="json")} for c in found.passages]})  # fmt: skip
        return
    for one in found.passages:
        typer.secho(inert(f"{one.id}  {one.passage.title} ({one.document.title})"), bold=True)
        typer.echo(inert(" ".join(one.passage.text.split())[:300]))
    if found.note:
        typer.echo(found.note, err=True)
    if not found.passages:
        typer.echo("Nothing fits.")


@knowledge.command("remove")
def remove(
    document: Annotated[str, typer.Argument(help="The id that `plainsay knowledge list` shows.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Take a document away."""
    from store.principal import LOCAL_OWNER
    from tools import papers

    with telling_errors():
        here = chosen(workspace).view().workspace
        if document.startswith("pack."):
            raise InvalidRequest("That belongs to a pack.", hint=f"Use `plainsay packs remove {document[5:]}`.")
        gone = papers.remove(here, document, by=LOCAL_OWNER)
    typer.echo(f"Removed: {gone.title}")
