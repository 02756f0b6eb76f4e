"""InfluxDB as a store of points, over the InfluxQL interface that its versions 1, 2 and 3 all answer."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from ingestion.connectors.base import Check
from ingestion.connectors.guarded import Ask, Client
from ingestion.feeds.addresses import web_port
from ingestion.feeds.base import Offered, Place
from ingestion.feeds.documents import DocumentFeed, Row
from store.errors import PlainsayError, SourceProblem

_PAGE = 10_000
_TYPES = {"integer": "integer", "float": "number", "boolean": "boolean"}


def opened(place: Place) -> DocumentFeed:
    """The feed of a connection; time is what only grows here."""
    return DocumentFeed(_ByTime(place.workspace, place.connection, place.values), InfluxStore(place.values))


class _ByTime(Place):
    def cursor_of(self, table: str) -> str | None:
        """Time, for every measurement."""
        return "time"


class InfluxStore:
    """The measurements of a database. A point is known by its time and its tags, as InfluxDB knows it."""

    def __init__(self, values: dict[str, str]) -> None:
        self._base, self._database = values["url"].rstrip("/"), values["database"]
        self._http = Client((web_port(self._base)[0],), per_second=50)
        self._headers = {}
        if values.get("token"):
            self._headers["Authorization"] = f"Token {values['token']}"
        elif values.get("user"):
            pair = f"{values['user']}:{values.get('password', '')}".encode()
            self._headers["Authorization"] = f"Basic {base64.b64encode(pair).decode('ascii')}"

    def check(self) -> Check:
        """Whether the database can be asked."""
        try:
            self._ask("SHOW MEASUREMENTS LIMIT 1")
        except PlainsayError as error:
            return Check(False, f"{error.message} {error.hint or ''}".strip())
        return Check(True, "InfluxDB was reached.")

    def lists(self) -> list[Offered]:
        """Measurements in name order, with their tags and fields."""
        names = [str(row["name"]) for row in self._ask("SHOW MEASUREMENTS")]
        return [self._offered(name) for name in sorted(names)]

    def read(self, name: str, cursor: str | None, since: Any) -> Iterator[list[Row]]:
        """Pages of points in the order of time, up to now; those that come meanwhile are for the next load."""
        until = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        where = f"time <= '{until}'" + (f" AND time >= '{since}'" if since else "")
        place = 0
        while True:
            query = f"SELECT * FROM {_quoted(name)} WHERE {where} ORDER BY time ASC LIMIT {_PAGE} OFFSET {place}"
            rows = self._ask(query)
            yield rows
            if len(rows) < _PAGE:
                return
            place += _PAGE

    def close(self) -> None:
        """Let go of sockets."""
        self._http.close()

    def _offered(self, name: str) -> Offered:
        tags = [str(row["tagKey"]) for row in self._ask(f"SHOW TAG KEYS FROM {_quoted(name)}")]
        fields = [(str(r["fieldKey"]), _TYPES.get(str(r["fieldType"]), "text"))
                  for r in self._ask(f"SHOW FIELD KEYS FROM {_quoted(name)}")]  # fmt: skip
        columns = (("time", "moment"), *((tag, "text") for tag in tags), *fields)
        return Offered(name, columns, ("time", *tags), ("time",))

    def _ask(self, query: str) -> list[Row]:
        body = urlencode({"db": self._database, "q": query}).encode()
        headers = {**self._headers, "Content-Type": "application/x-www-form-urlencoded"}
        answer = self._http.send(Ask("POST", f"{self._base}/query", headers=headers, content=body))
        if answer.status in (401, 403):
            raise SourceProblem("InfluxDB does not let us in.", code="refused", hint="Check the token or the password.")
        try:
            found = orjson.loads(answer.body)
            results = found.get("results", [])
            bad = found.get("error") or next((r["error"] for r in results if r.get("error")), None)
            series = [s for r in results for s in r.get("series", [])]
            partial = any(r.get("partial") for r in results) or any(s.get("partial") for s in series)
        except (orjson.JSONDecodeError, AttributeError, TypeError) as error:
            raise SourceProblem("There is no InfluxDB at this address.", code="bad_answer") from error
        if bad or answer.status >= 400:
            raise SourceProblem(
                f"InfluxDB refuses (status {answer.status}).", code="refused", hint="Check the name of the database."
            )
        if partial:
            raise SourceProblem("InfluxDB gave a part of an answer only.", code="cut_off", hint="Raise its row limit.")
        return [
            dict(zip(s["columns"], values, strict=True)) | s.get("tags", {})
            for s in series
            for values in s.get("values", [])
        ]


def _quoted(name: str) -> str:
    """A measurement's name as InfluxQL reads it, with nothing in it that ends the name."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
