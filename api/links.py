"""Links to our own page: never built from a host name that a request brought, unless this server was started for it."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from fastapi import Request

from api import crosssite
from store import settings
from store.errors import ConfigProblem


def base(request: Request) -> str:
    """The address of this installation, without a slash at the end. Raises `ConfigProblem` when it is not known."""
    public: str = settings.get("public_url").rstrip("/")
    if public:
        return public
    named = frozenset(n.strip().lower() for n in settings.get("hosts").split(",") if n.strip())
    host = request.headers.get("host", "")
    if (request.url.hostname or "").lower() not in crosssite.LOOPBACK | named:
        raise ConfigProblem(
            "The address of this installation is not known.", code="no_public_url",
            hint="Set PLAINSAY_PUBLIC_URL, such as https://data.example.com.",
        )  # fmt: skip
    return f"{request.url.scheme}://{host}"


def to_page(request: Request, place: str, token: str) -> str:
    """A link whose secret stands behind the #, so that neither servers nor proxies ever see it."""
    return f"{base(request)}/{place}#{quote(token, safe='')}"


def inside(path: str) -> str:
    """A place of our own page to go on to; anything that leads elsewhere becomes the first page."""
    parts = urlsplit(path)
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path
    clean = not any(ord(c) < 32 or ord(c) == 127 for c in path)
    return path if plain and clean and not parts.scheme and not parts.netloc and len(path) <= 500 else "/"
