"""The built page, served from memory: only names that were there at the start can be asked for, so no path escapes."""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response

from store.errors import UnknownName

STATIC: Final = Path(__file__).parent / "static"
NEVER_PAGE: Final = ("v1", "mcp", "slack", "healthz", "readyz", "metrics")
_IMMUTABLE: Final = "public, max-age=31536000, immutable"
# The best of brotli's eleven takes more than twice as long as the second best and saves another hundredth.
_EFFORT: Final = 10
_COMPRESSIBLE: Final = ("text/", "application/json", "application/manifest", "image/svg")
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass
class _File:
    """One file in memory; its gzip twin is made when first asked for, its brotli twin after that."""

    body: bytes
    media_type: str
    cache: str
    zipped: bytes | None = None
    pressed: bytes | None = None
    wanted: bool = False

    def gzip_twin(self) -> bytes:
        """The same bytes compressed."""
        if self.zipped is None:
            self.zipped = gzip.compress(self.body, compresslevel=9, mtime=0)
        return self.zipped

    def press(self) -> None:
        """Make the brotli twin, a sixth smaller than the other; it takes too long for a reader to wait for it."""
        import pyarrow

        self.pressed = pyarrow.Codec("brotli", compression_level=_EFFORT).compress(self.body, asbytes=True)

    @property
    def compressible(self) -> bool:
        return self.media_type.startswith(_COMPRESSIBLE)


class Page:
    """All files of the built page by their path."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._folder = folder
        self._files: dict[str, _File] | None = None
        self._presser: ThreadPoolExecutor | None = None

    def find(self, path: str) -> _File:
        """The file at `path`; a path without a dot is a place inside the page. Raises `UnknownName`."""
        files = self._loaded()
        if found := files.get(path):
            return found
        first = path.partition("/")[0]
        if "." in path.rpartition("/")[2] or first in NEVER_PAGE or "index.html" not in files:
            hint = None if files else "The page was not built; run `make web`."
            raise UnknownName("There is nothing at this address.", code="not_found", hint=hint)
        return files["index.html"]

    def press_soon(self, file: _File) -> None:
        """Have the brotli twin made for the readers to come, one file at a time beside what else is going on."""
        if file.wanted:
            return
        file.wanted = True
        self._presser = self._presser or ThreadPoolExecutor(1, thread_name_prefix="press")
        self._presser.submit(file.press)

    def _loaded(self) -> dict[str, _File]:
        if self._files is None:
            paths = sorted(p for p in self._folder.rglob("*") if p.is_file() and not p.is_symlink())
            self._files = {p.relative_to(self._folder).as_posix(): _read(p, self._folder) for p in paths}
        return self._files


def _read(path: Path, folder: Path) -> _File:
    hashed = path.relative_to(folder).parts[0] == "assets"
    media_type = _TYPES.get(path.suffix.lower(), "application/octet-stream")
    return _File(path.read_bytes(), media_type, _IMMUTABLE if hashed else "no-cache")


def routes(page: Page) -> APIRouter:
    """The catch-all route of the page; it belongs after all others."""
    router = APIRouter()

    @router.api_route("/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    def serve_page(path: str, request: Request) -> Response:
        """Whatever the page needs."""
        file = page.find(path)
        headers = {"Cache-Control": file.cache, "Vary": "Accept-Encoding"}
        accepted = [part.split(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")]
        if file.compressible and "br" in accepted and file.pressed is not None:
            headers["Content-Encoding"] = "br"
            return Response(file.pressed, media_type=file.media_type, headers=headers)
        if file.compressible and "gzip" in accepted:
            headers["Content-Encoding"] = "gzip"
            if "br" in accepted:
                page.press_soon(file)
            return Response(file.gzip_twin(), media_type=file.media_type, headers=headers)
        return Response(file.body, media_type=file.media_type, headers=headers)

    return router
