"""The page that shows the API and lets people try it: served from here, with no script or style from elsewhere."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

FILES = {
    "index.html": "text/html; charset=utf-8",
    "explorer.js": "text/javascript; charset=utf-8",
    "explorer.css": "text/css; charset=utf-8",
}


@lru_cache(maxsize=len(FILES))
def read(name: str) -> bytes:
    """A file of the page. Raises `KeyError` for any other name."""
    if name not in FILES:
        raise KeyError(name)
    return resources.files(__name__).joinpath(name).read_bytes()
