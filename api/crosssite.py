"""Whose request is this: other sites' pages may neither act in a person's name nor reach us by a borrowed host name."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from api.errors import CrossSite, WrongHost
from store import settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def refuse_foreign_host(headers: Mapping[str, str], hosts: frozenset[str]) -> None:
    """Only names that this server was started for (DNS rebinding). Raises `WrongHost`."""
    if _host_name(headers.get("host", "")) not in hosts:
        raise WrongHost("This server does not answer to that host name.", hint="Use http://localhost with its port.")


def refuse_cross_site(method: str, headers: Mapping[str, str]) -> None:
    """Requests that change something must come from our own page or from no page at all. Raises `CrossSite`."""
    if method in SAFE_METHODS:
        return
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    if origin is not None and origin in origins() and headers.get("authorization"):
        return  # a page that the installation trusts, with a key of its own: no cookie of ours speaks for it
    if site not in (None, "same-origin", "none") or (origin is not None and not _same(origin, headers.get("host", ""))):
        raise CrossSite("Requests from other sites are not accepted.", hint="Open Plainsay itself and try there.")


def refuse_unproven(method: str, headers: Mapping[str, str]) -> None:
    """With a cookie, a request that changes something must prove that our own page sent it. Raises `CrossSite`."""
    if method in SAFE_METHODS:
        return
    proven = headers.get("sec-fetch-site") == "same-origin" or _same(headers.get("origin", ""), headers.get("host", ""))
    if not proven:
        raise CrossSite(
            "This request does not say which page sent it.", hint="Programs use an API key instead of a cookie."
        )


def origins() -> frozenset[str]:
    """Pages elsewhere that may call the API with a key; none unless the installation names them."""
    return frozenset(part.strip() for part in settings.get("origins").split(",") if part.strip() not in ("", "*"))


def _same(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower() != ""


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""
