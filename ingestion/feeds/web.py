"""Files at web addresses, which may hold keys: fetched from checked addresses only, and loaded again when changed."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

from ingestion import formats
from ingestion.connectors.base import Check
from ingestion.connectors.guarded import Answer, Ask, Client
from ingestion.feeds.addresses import web_port
from ingestion.feeds.base import Place
from ingestion.feeds.files import FileFeed, Listed, Seen
from store.errors import PlainsayError, SourceProblem

_MOST_REDIRECTS = 4
_ENDINGS = {"text/csv": ".csv", "application/json": ".json", "application/x-ndjson": ".ndjson",
            "application/zip": ".zip", "text/tab-separated-values": ".tsv"}  # fmt: skip


def opened(place: Place) -> WebFeed:
    """The feed of a connection."""
    return WebFeed(place)


class WebFeed(FileFeed):
    """One or several addresses, each a file; their host may be any that is public."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, self._list)
        self._http = Client(("*",))
        self._addresses = place.values["addresses"].split()
        self._authorization = place.values.get("authorization") or None
        self._bodies: dict[str, Answer] = {}

    def check(self) -> Check:
        """Whether each address gives a file that can be read."""
        try:
            found = self._list({})
        except PlainsayError as error:
            return Check(False, f"{error.message} {error.hint or ''}".strip())
        odd = [one.name for one in found if not formats.supported(Path(one.name))]
        if odd or not found:
            return Check(False, f"“{odd[0]}” is no file that can be read." if odd else "No address was given.")
        return Check(True, f"{len(found):,} files were reached.")

    def close(self) -> None:
        """Let go of sockets."""
        self._http.close()

    def _list(self, known: dict[str, Seen]) -> list[Listed]:
        """Each address asked once; an answer is kept until it is loaded. What cannot be reached now is told as such."""
        found: list[Listed] = []
        failed: PlainsayError | None = None
        for address in self._addresses:
            try:
                answer = self._get(address)
            except PlainsayError as error:
                name = name_of(address, "")
                failed = failed or error
                if name in known:
                    known[name] = Seen(known[name].mark, error.message, error.hint or "")
                    found.append(Listed(name, None, lambda _to: None))
                continue
            name = name_of(address, str(answer.headers.get("content-type", "")))
            name = name if name not in {one.name for one in found} else f"{len(found) + 1}-{name}"
            mark = hashlib.sha256(answer.body).hexdigest()
            found.append(Listed(name, mark, partial(_kept, answer.body, name)))
        if failed is not None and not found:
            raise failed
        return found

    def _get(self, address: str) -> Answer:
        url, authorization = address, self._authorization
        for _ in range(_MOST_REDIRECTS):
            web_port(url)
            headers = {"Accept": "*/*"} | ({"Authorization": authorization} if authorization else {})
            answer = self._http.send(Ask("GET", url, headers=headers, redirects=True))
            if answer.status // 100 == 3 and answer.headers.get("location"):
                following = urljoin(url, str(answer.headers["location"]))
                if urlsplit(following)[:2] != urlsplit(url)[:2]:
                    authorization = None  # a key is for the place that it was given for
                url = following
                continue
            if answer.status != 200:
                raise SourceProblem(
                    f"{urlsplit(address).hostname} does not give “{name_of(address, '')}” (status {answer.status}).",
                    code="file_refused", hint="Check the address and what it asks for.",
                )  # fmt: skip
            return answer
        raise SourceProblem("The address leads from one place to the next without an end.", code="redirect_refused")


def name_of(address: str, kind: str) -> str:
    """What people see of an address: the name of its file, without anything that may be a key."""
    parts = urlsplit(address)
    name = re.sub(r"[\x00-\x1f/\\]", "", unquote(PurePosixPath(parts.path).name))[-120:]
    if name and formats.supported(Path(name)):
        return name
    ending = _ENDINGS.get(kind.partition(";")[0].strip().casefold(), "")
    return f"{PurePosixPath(name).stem or parts.hostname or 'file'}{ending}"


def _kept(body: bytes, name: str, to: Path) -> Path:
    target = to / f"file{''.join(Path(name).suffixes[-2:])}"
    target.write_bytes(body)
    return target
