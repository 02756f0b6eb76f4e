"""Servers that answer as Elasticsearch, InfluxDB and S3 do, page by page, each holding what a test puts in."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

from evals.fakes.replay import Reply, Request

Row = dict[str, Any]


def _json(found: Any, status: int = 200) -> Reply:
    return status, {"Content-Type": "application/json"}, json.dumps(found).encode()


def _field(hit: Row, place: str) -> str:
    return str(hit["_source"].get(place, ""))


@dataclass
class Elastic:
    """Indices with documents by id. `broken` makes the next pages say that a shard did not answer."""

    indices: dict[str, dict[str, Row]] = field(default_factory=dict)
    fields: dict[str, Row] = field(default_factory=dict)
    broken: bool = False
    scrolls: dict[str, tuple[list[Row], int]] = field(default_factory=dict)
    queries: list[Row] = field(default_factory=list)

    def reply(self, request: Request) -> Reply:
        """The answer to any request."""
        if request.path == "/":
            return _json({"version": {"number": "8.15.0"}})
        if request.path == "/_mapping":
            return _json({n: {"mappings": {"properties": self.fields.get(n, {})}} for n in [*self.indices, ".hidden"]})
        if request.path == "/_search/scroll":
            return self._scrolled(request)
        self.queries.append(request.body)
        name = unquote(request.path.split("/")[1])
        hits: list[Row] = [{"_id": key, "_source": source} for key, source in self.indices[name].items()]
        for place, test in request.body.get("query", {}).get("range", {}).items():
            hits = [h for h in hits if _field(h, place) >= str(test["gte"])]
        sort = request.body["sort"][0]
        if isinstance(sort, dict):
            by = next(iter(sort))
            hits.sort(key=lambda h: _field(h, by))
        mark = f"scroll-{len(self.scrolls)}"
        size = request.body["size"]
        self.scrolls[mark] = (hits[size:], size)
        return self._page(hits[:size], len(hits), mark)

    def _scrolled(self, request: Request) -> Reply:
        if request.method == "DELETE":
            return _json({"succeeded": True})
        rows, size = self.scrolls[request.body["scroll_id"]]
        self.scrolls[request.body["scroll_id"]] = (rows[size:], size)
        return self._page(rows[:size], 0, request.body["scroll_id"])

    def _page(self, hits: list[Row], total: int, mark: str) -> Reply:
        shards = {"total": 2, "successful": 1 if self.broken else 2, "failed": 1 if self.broken else 0}
        found = {"total": {"value": total, "relation": "eq"}, "hits": hits}
        return _json({"_scroll_id": mark, "timed_out": False, "_shards": shards, "hits": found})


@dataclass
class Influx:
    """Measurements with their tags and points; a point is a dict with `time` as text."""

    tags: dict[str, list[str]] = field(default_factory=dict)
    points: dict[str, list[Row]] = field(default_factory=dict)
    queries: list[str] = field(default_factory=list)

    def reply(self, request: Request) -> Reply:
        """The answer to a query."""
        query = parse_qs(request.raw.decode())["q"][0]
        self.queries.append(query)
        named = re.search(r'FROM "((?:[^"\\]|\\.)+)"', query)
        name = named[1].replace('\\"', '"') if named else ""
        if query.startswith("SHOW MEASUREMENTS"):
            return self._series("measurements", ["name"], [[n] for n in self.points])
        if query.startswith("SHOW TAG KEYS"):
            return self._series(name, ["tagKey"], [[t] for t in self.tags.get(name, [])])
        columns = sorted({c for p in self.points[name] for c in p} - {"time"})
        if query.startswith("SHOW FIELD KEYS"):
            fields = [c for c in columns if c not in self.tags.get(name, [])]
            return self._series(name, ["fieldKey", "fieldType"], [[f, "float"] for f in fields])
        since = re.search(r"time >= '([^']+)'", query)
        rows = sorted((p for p in self.points[name] if not since or p["time"] >= since[1]), key=lambda p: p["time"])
        cut = re.search(r"LIMIT (\d+) OFFSET (\d+)", query)
        assert cut is not None
        rows = rows[int(cut[2]) : int(cut[2]) + int(cut[1])]
        return self._series(name, ["time", *columns], [[p["time"], *(p.get(c) for c in columns)] for p in rows])

    def _series(self, name: str, columns: list[str], values: list[list[Any]]) -> Reply:
        series = [{"name": name, "columns": columns, "values": values}] if values else []
        return _json({"results": [{"statement_id": 0, "series": series} if series else {"statement_id": 0}]})


@dataclass
class Bucket:
    """Objects by key, listed `size` a page; requests without a signature are refused."""

    objects: dict[str, bytes] = field(default_factory=dict)
    size: int = 2
    got: list[str] = field(default_factory=list)

    def reply(self, request: Request) -> Reply:
        """The answer to a listing or a download."""
        proof = {k.lower(): v for k, v in request.headers.items()}.get("authorization", "")
        if not re.fullmatch(r"AWS4-HMAC-SHA256 Credential=KEY/\d{8}/.+Signature=[0-9a-f]{64}", proof):
            return 403, {}, b"<Error><Code>AccessDenied</Code></Error>"
        key = unquote(request.path).removeprefix("/shop").removeprefix("/")
        if key:
            self.got.append(key)
            return 200, {}, self.objects[key]
        start = int(request.query.get("continuation-token", "0"))
        keys = sorted(k for k in self.objects if k.startswith(request.query.get("prefix", "")))
        items = "".join(
            f"<Contents><Key>{escape(k)}</Key><Size>{len(self.objects[k])}</Size>"
            f"<ETag>&quot;{hash(self.objects[k])}&quot;</ETag></Contents>"
            for k in keys[start : start + self.size]
        )
        more = start + self.size
        token = f"<NextContinuationToken>{more}</NextContinuationToken>" if more < len(keys) else ""
        text = f'<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{items}{token}'
        return 200, {"Content-Type": "application/xml"}, f"{text}</ListBucketResult>".encode()
