"""Elasticsearch and OpenSearch as stores of documents, over the scroll interface that both of them have."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import orjson

from ingestion.connectors.base import Check
from ingestion.connectors.guarded import Ask, Client
from ingestion.feeds.addresses import web_port
from ingestion.feeds.base import Offered, Place
from ingestion.feeds.documents import DocumentFeed, Row
from store.errors import PlainsayError, SourceProblem

_PAGE = 1_000
_KEEP = "2m"


def opened(place: Place) -> DocumentFeed:
    """The feed of a connection."""
    return DocumentFeed(place, ElasticStore(place.values))


class ElasticStore:
    """The indices of a cluster that do not begin with a dot."""

    def __init__(self, values: dict[str, str]) -> None:
        self._base = values["url"].rstrip("/")
        self._http = Client((web_port(self._base)[0],), per_second=50)
        self._headers = {"Content-Type": "application/json"}
        if values.get("api_key"):
            self._headers["Authorization"] = f"ApiKey {values['api_key']}"
        elif values.get("user"):
            pair = f"{values['user']}:{values.get('password', '')}".encode()
            self._headers["Authorization"] = f"Basic {base64.b64encode(pair).decode('ascii')}"

    def check(self) -> Check:
        """Whether the cluster answers as one."""
        try:
            found = self._ask("GET", "/")
        except PlainsayError as error:
            return Check(False, f"{error.message} {error.hint or ''}".strip())
        version = found.get("version") if isinstance(found, dict) else None
        if not isinstance(version, dict) or "number" not in version:
            return Check(False, "There is no Elasticsearch or OpenSearch at this address.")
        return Check(True, f"{str(version.get('distribution') or 'Elasticsearch').capitalize()} was reached.")

    def lists(self) -> list[Offered]:
        """Indices in name order, with the fields that their mapping names."""
        found = self._ask("GET", "/_mapping")
        if not isinstance(found, dict):
            raise _odd()
        offered = []
        for name, index in sorted(found.items()):
            if name.startswith("."):
                continue
            columns = dict(_fields(index.get("mappings", {}).get("properties", {})))
            growing = tuple(n for n, kind in columns.items() if kind == "moment")
            offered.append(Offered(name, tuple(columns.items()), ("_id",), growing))
        return offered

    def read(self, name: str, cursor: str | None, since: Any) -> Iterator[list[Row]]:
        """Pages of documents. A part of the cluster that does not answer is an error: half of an index is no index."""
        body: dict[str, Any] = {"size": _PAGE, "track_total_hits": True, "sort": ["_doc"]}
        if cursor:
            body["sort"] = [{cursor: {"order": "asc", "missing": "_first"}}]
            if since is not None:
                body["query"] = {"range": {cursor: {"gte": since}}}
        page = self._ask("POST", f"/{quote(name, safe='')}/_search?scroll={_KEEP}", body)
        total, read, scroll = _total(page), 0, None
        try:
            while True:
                rows = [_row(hit) for hit in _hits(page)]
                scroll = page.get("_scroll_id") or scroll
                read += len(rows)
                yield rows
                if not rows or not scroll or read >= total:
                    break
                page = self._ask("POST", "/_search/scroll", {"scroll": _KEEP, "scroll_id": scroll})
        finally:
            if scroll:
                self._ask("DELETE", "/_search/scroll", {"scroll_id": [scroll]}, quiet=True)
        if read < total:
            raise SourceProblem(
                f"Of {total:,} documents only {read:,} came.", code="cut_off", hint="Load it again."
            )  # fmt: skip

    def close(self) -> None:
        """Let go of sockets."""
        self._http.close()

    def _ask(self, method: str, path: str, body: Any = None, *, quiet: bool = False) -> Any:
        content = orjson.dumps(body) if body is not None else None
        answer = self._http.send(Ask(method, f"{self._base}{path}", headers=self._headers, content=content))
        if quiet:
            return {}
        if answer.status in (401, 403):
            raise SourceProblem("The cluster does not let us in.", code="refused", hint="Check the user or the key.")
        if answer.status >= 400:
            raise SourceProblem(f"The cluster refuses (status {answer.status}).", code="refused")
        try:
            return orjson.loads(answer.body) if answer.body else {}
        except orjson.JSONDecodeError as error:
            raise _odd() from error


def _hits(page: Any) -> list[dict[str, Any]]:
    shards = page.get("_shards", {}) if isinstance(page, dict) else {}
    if not isinstance(page, dict) or page.get("timed_out") or shards.get("failed"):
        raise SourceProblem("A part of the index did not answer.", code="shards_failed", hint="Load it again later.")
    return list(page.get("hits", {}).get("hits", []))


def _total(page: Any) -> int:
    """How many documents there are; older servers write a number, newer ones an object."""
    total = page.get("hits", {}).get("total", 0) if isinstance(page, dict) else 0
    return int(total.get("value", 0) if isinstance(total, dict) else total)


def _row(hit: dict[str, Any]) -> Row:
    return {"_id": hit["_id"], **{k: v for k, v in (hit.get("_source") or {}).items() if k != "_id"}}


def _fields(properties: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    names = {"date": "moment", "long": "integer", "integer": "integer", "double": "number", "float": "number",
             "boolean": "boolean"}  # fmt: skip
    for name, spec in properties.items():
        if "properties" in spec:
            yield from _fields(spec["properties"], f"{before}{name}.")
        else:
            yield f"{before}{name}", names.get(str(spec.get("type")), "text")


def _odd() -> SourceProblem:
    return SourceProblem("The cluster gave an answer that cannot be read.", code="bad_answer")
