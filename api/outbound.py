"""The only way a webhook leaves the house: https to public addresses, looked up once, checked, then connected to."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from store import settings
from store.addresses import listed, public
from store.errors import InvalidRequest, QueryRefused, Unavailable

if TYPE_CHECKING:
    import httpx

SECONDS = 10.0
MOST_ANSWER = 64_000
LONGEST = 2_000
_PORTS = {"https": 443, "http": 80}


def check_url(url: str) -> None:
    """Whether a webhook may point there, as far as its text tells. Raises `InvalidRequest`."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise InvalidRequest("This is not a web address.", details={"field": "url"}) from error
    plain = len(url) <= LONGEST and url.isascii() and url.isprintable() and "\\" not in url and " " not in url
    if not plain or not host or parts.username or parts.password or parts.fragment:
        raise InvalidRequest("This is not a web address that can be told of events.", details={"field": "url"})
    if parts.scheme != "https" and f"{host}:{port}" not in private_hosts():
        raise InvalidRequest("Webhooks go to https addresses.", details={"field": "url"})
    literal = _literal(host)
    if literal is not None and not public(literal) and f"{host}:{port}" not in private_hosts():
        raise InvalidRequest("Webhooks go to public addresses.", details={"field": "url"})


async def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """POST to a checked address; the status. Raises `QueryRefused` where it may not go, `Unavailable` for no answer.

    The name is looked up once and the connection goes to that very address. Redirects are not followed.
    """
    import httpx

    check_url(url)
    there = httpx.URL(url)
    port = there.port or _PORTS[there.scheme]
    address = await _address(there.host, port)
    shown = there.host if port == _PORTS[there.scheme] else f"{there.host}:{port}"
    request = httpx.Request(
        "POST", there.copy_with(host=address), content=body, extensions={"sni_hostname": there.host},
        headers={"User-Agent": "Plainsay-Webhooks", "Content-Type": "application/json", **headers, "Host": shown},
    )  # fmt: skip
    try:
        async with asyncio.timeout(SECONDS), httpx.AsyncClient(timeout=SECONDS, trust_env=False) as client:
            return await _sent(client, request)
    except (httpx.TransportError, TimeoutError, OSError) as error:
        raise Unavailable("The address of the webhook does not answer.", code="webhook_unreachable") from error


async def _sent(client: httpx.AsyncClient, request: httpx.Request) -> int:
    response = await client.send(request, stream=True, follow_redirects=False)
    try:
        size = 0
        async for part in response.aiter_raw():
            size += len(part)
            if size > MOST_ANSWER:
                break
    finally:
        await response.aclose()
    return response.status_code


async def _address(host: str, port: int) -> str:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unavailable("The host of the webhook cannot be found.", code="webhook_unreachable") from error
    addresses = [str(entry[4][0]) for entry in found]
    if f"{host}:{port}" not in private_hosts() and not all(public(address) for address in addresses):
        raise QueryRefused("The webhook's host lies inside a private network.", code="address_refused")
    return addresses[0]


def private_hosts() -> frozenset[str]:
    """host:port pairs that may be told although they are private; the setting `webhook_private`."""
    return listed(settings.get("webhook_private"))


def _literal(host: str) -> str | None:
    """The address that a host name is, however it is written (`127.1`, `0x7f000001`); None for a name."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None
