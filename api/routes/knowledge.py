"""What a workspace has read, over HTTP: documents added, listed, searched and taken away within the asker's rights."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath
from starlette.responses import Response

from api import accounts, house, spool
from store import settings
from store.errors import InvalidRequest

router = APIRouter(prefix="/v1/knowledge")
Name = Annotated[str | None, Query(max_length=63)]
DocumentId = Annotated[str, InPath(pattern=r"^[a-z0-9][a-z0-9_.-]{0,79}$")]


@router.get("")
async def list_knowledge(request: Request, workspace: Name = None) -> dict[str, Any]:
    """Packs and documents that the asker may look after or read, with how many passages each has."""
    shelf = house.of(request).shelf

    def read() -> dict[str, Any]:
        from knowledge import embedding
        from knowledge.library import Library

        name, person = accounts.entered(shelf, workspace)
        held = Library(shelf.views.get(name).workspace.root, name).listed(person)
        items = [{**h.document.model_dump(mode="json"), "passages": len(h.passages)} for h in held]
        return {"items": items, "by_meaning": embedding.available()}

    return await asyncio.to_thread(read)


@router.get("/search")
async def search_knowledge(
    request: Request,
    q: Annotated[str, Query(min_length=1, max_length=400)],
    workspace: Name = None,
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> dict[str, Any]:
    """The passages that fit best, by meaning and by words, of those that the asker may read."""
    home = house.of(request)

    def find() -> dict[str, Any]:
        from knowledge.search import search

        name, person = accounts.entered(home.shelf, workspace)
        root = home.shelf.views.get(name).workspace.root
        found = search(root, name, q, principal=person, limit=limit, home=home.home)
        items = [{"id": c.id, **c.model_dump(mode="json")} for c in found.passages]
        return {"items": items, "mode": found.mode, "note": found.note}

    return await asyncio.to_thread(find)


@router.post("/documents", status_code=201)
async def add_documents(
    request: Request,
    workspace: Name = None,
    reader: Annotated[list[str] | None, Query(max_length=50)] = None,
    licence: Annotated[str, Query(max_length=120)] = "",
    updated: date | None = None,
) -> dict[str, Any]:
    """Read documents (multipart field `files`) in a limited process and make them searchable for `reader`s.

    Gives {items, problems}: a file that cannot be read is named with its reason and keeps no other from being added.
    """
    home = house.of(request)
    name, _ = await asyncio.to_thread(accounts.entered, home.shelf, workspace)
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="plainsay-papers-"))
    try:
        names = await spool.receive(request, folder, settings.get("upload_bytes"))
        if not names:
            raise InvalidRequest("No file came with the request.", hint="Send files in the multipart field `files`.")

        def read() -> dict[str, Any]:
            from tools import papers

            _, person = accounts.entered(home.shelf, name)
            here = home.shelf.views.get(name).workspace
            about = papers.About(readers=tuple(reader or ("everyone",)), licence=licence, updated=updated)
            return papers.add_all(here, [folder / n for n in names], about, by=person)

        return await asyncio.to_thread(read)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


@router.delete("/documents/{document}", status_code=204)
async def remove_document(request: Request, document: DocumentId, workspace: Name = None) -> Response:
    """Take a document away; what a pack brought goes with the pack."""
    shelf = house.of(request).shelf

    def take() -> None:
        from tools import papers

        if document.startswith("pack."):
            raise InvalidRequest("That belongs to a pack.", hint="Remove the pack.")
        name, person = accounts.entered(shelf, workspace)
        papers.remove(shelf.views.get(name).workspace, document, by=person)

    await asyncio.to_thread(take)
    return Response(status_code=204)
