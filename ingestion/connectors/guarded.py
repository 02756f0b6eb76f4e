"""The only way a connector reaches another machine: public addresses of allowed hosts, checked and then pinned."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from fnmatch import fnmatch
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from store import settings
from store.addresses import listed, public
from store.errors import LimitReached, SourceProblem, Unavailable

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 256_000_000
LONGEST_WAIT = 120.0
_SECONDS = 60.0
_TOO_FAST = (429, 420)
_PORTS = {"http": 80, "https": 443}
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What came back, read whole. `skew` is the server's clock less ours in seconds, where it told."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    skew: float | None = None


@dataclass(frozen=True)
class Ask:
    """One request; `params` keep their order and may repeat."""

    method: str
    url: str
    params: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] | None = None
    content: bytes | None = None
    redirects: bool = False
    """Whether an answer that leads elsewhere is given back; whoever asks follows it, and it is checked again."""


class Client:
    """Requests to the hosts of one source, no faster than allowed; waits and tries again where that can help."""

    def __init__(
        self, hosts: Sequence[str], *, per_second: float = 8.0, retries: int = 6,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        import httpx

        self._hosts = tuple(h.lower() for h in hosts)
        self._gap, self._retries, self._sleep = 1.0 / per_second, retries, sleep
        self._next = 0.0
        self._http = httpx.Client(timeout=_SECONDS, follow_redirects=False, trust_env=False, http2=False)
        self.requests = 0
        self.waited = 0.0

    def close(self) -> None:
        """Let go of all sockets."""
        self._http.close()

    def send(self, ask: Ask, *, again: Callable[[Answer], bool] | None = None) -> Answer:
        """The answer, whatever its status but 429 and 5xx. `again` may call an answer one that should be repeated.

        Raises `Unavailable` when trying again did not help, `SourceProblem` for an address that is not allowed.
        """
        import httpx

        for attempt in range(self._retries + 1):
            self._pace()
            try:
                answer = self._once(ask)
            except (httpx.TransportError, httpx.StreamError) as error:
                if attempt == self._retries:
                    raise Unavailable(
                        f"{_host(ask.url)} cannot be reached.", code="source_unreachable", retry_after=60.0
                    ) from error
                self._wait(2.0**attempt * 0.25)
                continue
            if not self._passing(answer, again):
                return answer
            if attempt < self._retries:
                self._wait(_retry_after(answer.headers) or 2.0**attempt * 0.5)
        raise Unavailable(
            f"{_host(ask.url)} does not answer as it should (status {answer.status}).",
            code="source_busy",
            hint="Its service may be down or may ask for fewer calls. What was loaded so far is kept.",
            retry_after=min(_retry_after(answer.headers) or 60.0, 3600.0),
            details={"status": answer.status},
        )

    def _passing(self, answer: Answer, again: Callable[[Answer], bool] | None) -> bool:
        """Trouble that time may heal. 501 and 505 never change."""
        busy = answer.status in _TOO_FAST or (answer.status >= 500 and answer.status not in (501, 504, 505))
        return busy or (again is not None and again(answer))

    def _wait(self, seconds: float) -> None:
        if seconds > LONGEST_WAIT:
            raise Unavailable("The source asks to wait longer.", code="source_busy", retry_after=seconds)
        self.waited += seconds
        self._sleep(seconds)

    def _pace(self) -> None:
        now = time.monotonic()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._gap

    def _once(self, ask: Ask) -> Answer:
        import httpx

        url = httpx.URL(ask.url)
        if ask.params:
            url = url.copy_merge_params(_grouped(ask.params))
        host, port = url.host, url.port or _PORTS.get(url.scheme, 0)
        address = self._address(url.scheme, host, port)
        headers = {"Accept": "application/json", "User-Agent": "plainsay-connector", **(ask.headers or {})}
        shown = host if port == _PORTS[url.scheme] else f"{host}:{port}"
        request = self._http.build_request(
            ask.method, url.copy_with(host=address), headers={**headers, "Host": shown}, content=ask.content,
            extensions={"sni_hostname": host},
        )  # fmt: skip
        self.requests += 1
        started = time.time()
        response = self._http.send(request, stream=True)
        try:
            body = _whole(response)
        finally:
            response.close()
        if response.is_redirect and not ask.redirects:
            raise SourceProblem(
                f"{host} wants to send us elsewhere, which is not followed.",
                code="redirect_refused",
                hint="Check the address that you gave; it must be the final one.",
            )
        return Answer(response.status_code, response.headers, body, str(url), _skew(response.headers, started))

    def _address(self, scheme: str, host: str, port: int) -> str:
        """An address of `host` that may be asked; the connection goes to this very address."""
        private = f"{host}:{port}" in private_hosts()
        if scheme not in _PORTS or (scheme == "http" and not private):
            raise _refused(host, "Only https addresses are asked.")
        if not private and not any(fnmatch(host.lower(), pattern) for pattern in self._hosts):
            raise _refused(host, "It is not one of the hosts of this source.")
        found = _resolve(host, port)
        if not private and not all(public(address) for address in found):
            raise _refused(host, "It lies inside a private network.")
        return found[0]


def private_hosts() -> frozenset[str]:
    """host:port pairs that may be asked although they are private; the setting `connector_private`."""
    return listed(settings.get("connector_private"))


def check_override(url: str) -> None:
    """Whether a person may send a source's requests to `url`. Raises `SourceProblem` unless it is listed."""
    parts = urlsplit(url)
    try:
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        port = 0
    if parts.username or f"{parts.hostname}:{port}" not in private_hosts():
        raise _refused(str(parts.hostname), "Another address than the vendor's must be allowed by the installation.")


def same_place(base: str, link: str, hosts: Sequence[str]) -> str:
    """A link of an answer made absolute. Raises `SourceProblem` when it leads to a host that is not ours to ask."""
    absolute = urljoin(base, link)
    there, here = urlsplit(absolute), urlsplit(base)
    if (there.scheme, there.hostname, there.port) == (here.scheme, here.hostname, here.port):
        return absolute
    if there.scheme != "https" or not any(fnmatch(str(there.hostname), h) for h in hosts):
        raise _refused(str(there.hostname), "An answer pointed to a host that is not one of this source.")
    return absolute


def _resolve(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unavailable(f"{host} cannot be found.", code="source_unreachable", retry_after=60.0) from error
    return [str(entry[4][0]) for entry in found]


def _refused(host: str, why: str) -> SourceProblem:
    return SourceProblem(f"The address {host} may not be asked. {why}", code="address_refused", retry="never")


def _whole(response: httpx.Response) -> bytes:
    """The body, undone of its compression, up to a limit. A body cut short raises a transport error."""
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > MOST_BYTES:
            raise LimitReached("An answer of the source is too large.", hint="Ask for a shorter period.")
        parts.append(part)
    return b"".join(parts)


def _grouped(params: Pairs) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in params:
        grouped.setdefault(name, []).append(value)
    return grouped


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from a number or a date; None when the answer does not say.

    Many services tell it another way, in seconds from now or since 1970: when the count of calls begins anew.
    """
    text = headers.get("retry-after", "")
    if not text and (reset := _reset(headers)) is not None:
        return reset
    try:
        return max(float(text), 0.0)
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError):
        return None


def _reset(headers: Mapping[str, str]) -> float | None:
    """Until when no call is left, where the headers say that none is."""
    policy = dict(re.findall(r"\b(r|t|remaining|reset)=(\d+)", headers.get("ratelimit", "")))
    told = [(policy.get("r", policy.get("remaining")), policy.get("t", policy.get("reset")))]
    told += [
        (headers.get(f"{x}remaining"), headers.get(f"{x}reset"))
        for x in ("ratelimit-", "x-ratelimit-", "x-rate-limit-")
    ]
    for left, until in told:
        if (left or "").strip() == "0" and re.fullmatch(r"\d{1,13}(\.\d+)?", (until or "").strip()):
            seconds = float(until or 0)
            seconds = seconds / 1000 if seconds > 1e11 else seconds
            return max(seconds - time.time(), 0.0) if seconds > 1e9 else seconds
    return None


def _skew(headers: Mapping[str, str], started: float) -> float | None:
    try:
        told = parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, TypeError):
        return None
    return told - (started + time.time()) / 2


def _host(url: str) -> str:
    return urlsplit(url).hostname or "The source"
