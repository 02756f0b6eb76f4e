"""The page on which people read about the API and try it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api import explorer
from store.errors import UnknownName

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def show_docs() -> Response:
    """The page itself."""
    return _file("index.html")


@router.get("/docs/{name}")
def show_docs_file(name: str) -> Response:
    """Its script and its style."""
    return _file(name)


def _file(name: str) -> Response:
    if name not in explorer.FILES:
        raise UnknownName("There is nothing at this address.", code="not_found")
    return Response(explorer.read(name), media_type=explorer.FILES[name], headers={"Cache-Control": "no-cache"})
