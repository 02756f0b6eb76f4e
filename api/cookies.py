"""The cookie of a signed-in browser: out of reach of scripts and other sites, and bound to encrypted lines."""

from __future__ import annotations

from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from store import settings
from store.sessions import LIFE

PLAIN, SECURE = "plainsay_session", "__Host-plainsay_session"
SIGN_ON = "plainsay_sign_on"


def is_secure(scheme: str) -> bool:
    """Whether the browser's line is encrypted, as the request or the public address says."""
    return scheme == "https" or urlsplit(settings.get("public_url")).scheme == "https"


def read(headers: Headers, scheme: str) -> str | None:
    """The session's cookie in a request."""
    return one(headers, SECURE if is_secure(scheme) else PLAIN)


def one(headers: Headers, name: str) -> str | None:
    """The value of a cookie in a request; of several of one name the first."""
    for line in headers.getlist("cookie"):
        for part in line.split(";"):
            label, _, value = part.strip().partition("=")
            if label == name and value:
                return value
    return None


def given(text: str, scheme: str) -> str:
    """The Set-Cookie line that keeps a session."""
    return _line(SECURE if is_secure(scheme) else PLAIN, text, int(LIFE.total_seconds()), is_secure(scheme))


def taken(scheme: str) -> str:
    """The Set-Cookie line that forgets it."""
    return _line(SECURE if is_secure(scheme) else PLAIN, "", 0, is_secure(scheme))


def sign_on(text: str, scheme: str, seconds: int) -> str:
    """The Set-Cookie line that binds a sign-on under way to this browser; 0 seconds forget it."""
    return _line(SIGN_ON, text, seconds, is_secure(scheme))


def _line(name: str, value: str, seconds: int, secure: bool) -> str:
    jar: SimpleCookie = SimpleCookie()
    jar[name] = value
    for attribute, setting in (("path", "/"), ("max-age", str(seconds)), ("samesite", "Lax")):
        jar[name][attribute] = setting
    for flag in ("httponly", "secure") if secure else ("httponly",):
        jar[name][flag] = True
    return jar[name].OutputString()
