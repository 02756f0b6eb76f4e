"""A server that plays any source as its manifest describes it: credentials, pages, periods, shapes and exports.

Its rules are read from the manifest, so it proves that the engine keeps what a manifest says, not that the manifest is
right about the vendor; labels say so.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from evals.connectors.doorkeeper import Doorkeeper
from evals.connectors.played import Sent, rows
from evals.fakes.replay import Reply, Request
from ingestion.connectors.manifest import Manifest, Resource
from ingestion.connectors.places import one, put, steps

_NAME = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


@dataclass
class Player:
    """Answers for one source. `sent` holds what each list has; `url` is where the server listens."""

    manifest: Manifest
    values: Mapping[str, str]
    doorkeeper: Doorkeeper
    count: int
    newest: datetime
    url: str = ""
    sent: dict[str, list[Sent]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for resource in self.manifest.listed:
            alone = resource.selector == "$" and resource.paging.kind == "none" and resource.shape == "objects"
            many = 1 if alone else 3 if resource.parent else self.count
            self.sent[resource.name] = rows(self.manifest, resource, many, self.newest)

    def reply(self, request: Request) -> Reply:
        """The answer to any request of the source."""
        path = request.path.lstrip("/")
        if path.startswith("download/"):
            return 200, {}, self.files[path]
        token = self.doorkeeper.token(request, self.url)
        if token is not None:
            return token
        if not self.doorkeeper.lets_in(request):
            return 401, {}, b'{"message": "who are you?"}'
        job = self._job(path)
        if job is not None:
            return job
        resource = self._asked(request)
        if resource is None:
            self.unknown.append(f"{request.method} {request.path}")
            return 404, {}, b'{"message": "not here"}'
        found = self._within(resource, request)
        if resource.via == "async_export":
            return self._export(resource, found)
        return self._page(resource, request, found)

    def _asked(self, request: Request) -> Resource | None:
        """Which list a request means: by its path, and where several share one by its parameters."""
        fitting = [r for r in self.manifest.listed if self._fits(r, request)]
        return max(fitting, key=lambda r: (len(r.params), len(r.path)), default=None)

    def _fits(self, resource: Resource, request: Request) -> bool:
        text = self._filled(resource.path)
        pattern = "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", text))
        if not re.fullmatch(pattern, request.path.lstrip("/")):
            return False
        rule = resource.incremental
        if rule.template and rule.start and rule.where == "query" and "__from" not in request.query:
            return (
                rule.template.partition("{start}")[0]
                == str(request.query.get(rule.start, ""))[: rule.template.index("{start}")]
            )
        if "__from" in request.query:
            return request.query.get("__list") == resource.name
        return True

    def _filled(self, text: str) -> str:
        return _NAME.sub(lambda m: self.values.get(m[1]) or m[0], text)

    def _within(self, resource: Resource, request: Request) -> list[dict[str, Any]]:
        """The rows of the period that was asked for."""
        rule, found = resource.incremental, self.sent[resource.name]
        if rule.mode not in ("server", "window", "slice") or not rule.start or "__from" in request.query:
            return [s.row for s in found]
        asked = request.query if rule.where == "query" else request.body or {}
        texts = {n: str(asked.get(n) or one(asked, n) or "") for n in (rule.start, rule.end) if n}
        start, end = self._bounds(resource, texts)
        daily = bool(rule.format and "%H" not in rule.format and rule.format not in ("iso",) and "%" in rule.format)
        if daily:
            last = end.date() if end else (start.date() if rule.mode == "slice" else None)
            return [s.row for s in found if s.when.date() >= start.date() and (last is None or s.when.date() <= last)]
        if end is None and rule.mode == "slice":
            end = start + timedelta(hours=1)
        if rule.mode == "slice" and rule.unit == "hour":
            start, end = start, max(end or start, start + timedelta(hours=1))
        return [s.row for s in found if s.when >= start and (end is None or s.when <= end)]

    def _bounds(self, resource: Resource, texts: Mapping[str, str]) -> tuple[datetime, datetime | None]:
        rule = resource.incremental
        form = rule.format or "iso"
        if rule.template and rule.start:
            pattern = (
                re.escape(rule.template)
                .replace(re.escape("{start}"), "(?P<a>.+?)")
                .replace(re.escape("{end}"), "(?P<b>.+?)")
            )
            match = re.fullmatch(pattern, texts[rule.start])
            assert match is not None, f"{resource.name}: {texts[rule.start]!r}"
            parts = match.groupdict()
            return _parsed(parts["a"], form), _parsed(parts["b"], form) if parts.get("b") else None
        start, end = texts[rule.start or ""], texts.get(rule.end or "")
        return _parsed(start, form), _parsed(end, form) if end else None

    def _page(self, resource: Resource, request: Request, found: list[dict[str, Any]]) -> Reply:
        paging = resource.paging
        size = paging.size or 10
        start = _PLACES[paging.kind](resource, request, found, size)
        shown, more = found[start : start + size] if paging.kind != "none" else found, start + size < len(found)
        if resource.shape in ("ndjson", "gz_ndjson", "zip_of_gz_ndjson"):
            return 200, {}, _packed(resource.shape, shown)
        body = _SHAPES[resource.shape](resource, shown)
        if isinstance(body, dict):
            for place in resource.carry.values():
                _put(body, place, "EUR" if "urrency" in place else False)
            if self.manifest.errors_in_200:
                _put(body, self.manifest.errors_in_200.path, self.manifest.errors_in_200.ok[0])
        headers = self._marks(resource, request, body, (start, size, len(found), more and paging.kind != "none"))
        return 200, headers, json.dumps(body).encode()

    def _marks(self, resource: Resource, request: Request, body: Any, at: tuple[int, int, int, bool]) -> dict[str, str]:
        """Write into the answer what tells whether there is more; the headers that do."""
        paging, (start, size, total, more) = resource.paging, at
        headers: dict[str, str] = {}
        link = f"{self.url}{request.path.lstrip('/')}?" + urlencode(
            {**request.query, "__from": str(start + size), "__list": resource.name}
        )
        if paging.total and paging.total.startswith("header "):
            headers[paging.total.removeprefix("header ")] = str(total)
        if paging.kind == "link_header" and more:
            headers["Link"] = f'<{link}>; rel="next"'
        if not isinstance(body, dict):
            return headers
        marks = {
            paging.total: total, paging.total_pages: (total + size - 1) // size or 1, paging.more: more,
            paging.last: not more,
        }  # fmt: skip
        for place, value in marks.items():
            if place and not place.startswith("header "):
                _put(body, place, value)
        if paging.kind == "cursor" and more:
            _put(body, paging.path or "next", str(start + size))
        if paging.kind == "next_link" and more:
            _put(body, paging.path or "next", link)
        if paging.kind == "page_session":
            body |= {paging.session or "session_id": "s1", paging.size_param or "page_size": size}
        return headers

    def _export(self, resource: Resource, found: list[dict[str, Any]]) -> Reply:
        export = resource.export
        assert export is not None
        name = f"download/{resource.name}-{len(self.files)}"
        self.files[name] = _packed(resource.shape if resource.shape != "objects" else "ndjson", found)
        body: dict[str, Any] = {}
        if export.id is None:
            _put(body, export.url, self.url + name)
        else:
            _put(body, export.id, name.rpartition("/")[2])
        return 200, {}, json.dumps(body).encode()

    def _job(self, path: str) -> Reply | None:
        """The state of an export that was asked for: not ready at first, then with its address."""
        for resource in self.manifest.listed:
            export = resource.export
            if export is None or not export.poll_path:
                continue
            match = re.fullmatch(re.escape(export.poll_path).replace(re.escape("{id}"), "([^/]+)"), path)
            if match is None:
                continue
            body: dict[str, Any] = {}
            asked = self.doorkeeper.polls.get(path, 0)
            self.doorkeeper.polls[path] = asked + 1
            if asked == 0:
                _put(body, export.status or "state", "RUNNING")
                return 200, {}, json.dumps(body).encode()
            if export.status:
                _put(body, export.status, export.done[0] if export.done else "DONE")
            _put(body, export.url, f"{self.url}download/{match[1]}")
            return 200, {}, json.dumps(body).encode()
        return None


def _parsed(text: str, form: str) -> datetime:
    if form == "unix":
        return datetime.fromtimestamp(int(text), UTC)
    if form == "unix_ms":
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    if form == "iso":
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    return datetime.strptime(text, form.replace("%-m", "%m").replace("%-d", "%d")).replace(tzinfo=UTC)


def _put(body: dict[str, Any], place: str, value: Any) -> None:
    """Write at any place: `[*]` makes a list of one, `[?rel==next]` an object that is named so."""
    here: Any = body
    path = steps(place)
    for number, (kind, what) in enumerate(path):
        last = number == len(path) - 1
        if kind == "name":
            following = path[number + 1][0] if not last else ""
            if last:
                here[what] = value
            else:
                here = here.setdefault(what, {} if following == "name" else [])
        else:
            element = {what[0]: what[1]} if kind == "where" else {}
            if last:
                here.append(value)
            else:
                here.append(element)
                here = element


def _asked_number(resource: Resource, request: Request, name: str | None) -> int:
    asked = {**request.query, **(request.body if isinstance(request.body, dict) else {})}
    value = asked.get(name or "", one(asked, name) if name else None)
    return int(str(value)) if str(value or "").isdigit() else 0


def _start_of_page(resource: Resource, request: Request, found: list[Any], size: int) -> int:
    paging = resource.paging
    return max(_asked_number(resource, request, paging.param) - paging.first, 0) * size


def _start_of_offset(resource: Resource, request: Request, found: list[Any], size: int) -> int:
    first = resource.paging.first if resource.paging.first != 1 else 0
    return _asked_number(resource, request, resource.paging.param) - first


def _start_after_id(resource: Resource, request: Request, found: list[Any], size: int) -> int:
    last = request.query.get(resource.paging.param or "")
    ids = [str(one(r, resource.paging.id or "id")) for r in found]
    return ids.index(last) + 1 if last else 0


_PLACES: dict[str, Callable[[Resource, Request, list[Any], int], int]] = {
    "none": lambda _resource, _request, _found, _size: 0,
    "page": _start_of_page,
    "page_session": _start_of_page,
    "offset": _start_of_offset,
    "cursor": lambda resource, request, _found, _size: _asked_number(resource, request, resource.paging.param),
    "last_id": _start_after_id,
    "next_link": lambda resource, request, _found, _size: _asked_number(resource, request, "__from"),
    "link_header": lambda resource, request, _found, _size: _asked_number(resource, request, "__from"),
}


def _objects(resource: Resource, found: list[dict[str, Any]]) -> Any:
    if resource.selector == "$":
        return found[0] if resource.paging.kind == "none" and len(found) == 1 else found
    body: dict[str, Any] = {}
    path = steps(resource.selector)
    stars = [n for n, (kind, _) in enumerate(path) if kind == "all"]
    inner = stars[-1] if stars and stars[-1] < len(path) - 1 else None
    if inner is None:  # the list itself, perhaps deep inside lists of one
        _put(body, resource.selector.removesuffix("[*]"), list(found))
        return body
    rest = ".".join(what for kind, what in path[inner + 1 :] if kind == "name")
    wrapped = []
    for row in found:
        element: dict[str, Any] = {}
        put(element, rest, row)
        wrapped.append(element)
    outer = resource.selector[: resource.selector.rindex("[*]")]
    _put(body, outer, wrapped)
    return body


def _zipped(resource: Resource, found: list[dict[str, Any]]) -> Any:
    names = list(found[0]) if found else list(resource.key)
    cut = len([n for n in names if n in resource.key]) if len(resource.heads) > 1 else len(names)
    names = sorted(names, key=lambda n: n not in resource.key)
    parts = [names[:cut], names[cut:]][: len(resource.heads)]
    body: dict[str, Any] = {}
    for place, chosen in zip(resource.heads, parts, strict=True):
        before, _, after = place.partition("[*].")
        _put(body, before, [{after: name} for name in chosen])
    _put(body, resource.selector, [_cells(resource, parts, row) for row in found])
    return body


def _cells(resource: Resource, parts: list[list[str]], row: dict[str, Any]) -> Any:
    if resource.cells == ("$",):
        return [row.get(n) for n in parts[0]]
    element: dict[str, Any] = {}
    for place, chosen in zip(resource.cells, parts, strict=True):
        before, _, after = place.partition("[*].")
        element[before] = [{after: row.get(n)} for n in chosen]
    return element


def _keyed(resource: Resource, found: list[dict[str, Any]]) -> Any:
    body: dict[str, Any] = {}
    if not resource.keyed_as:
        _put(body, resource.selector, found)
        return body
    top: dict[str, Any] = {}
    for row in found:
        rest = {k: v for k, v in row.items() if k not in resource.keyed_as}
        here = top
        for name in resource.keyed_as[:-1]:
            here = here.setdefault(str(row[name]), {})
        here[str(row[resource.keyed_as[-1]])] = rest["value"] if set(rest) == {"value"} else rest
    _put(body, resource.selector, top)
    return body


def _values(resource: Resource, found: list[dict[str, Any]]) -> Any:
    body: dict[str, Any] = {}
    for name, place in zip(resource.heads, resource.cells, strict=True):
        _put(body, place.removesuffix("[*]"), [row.get(name) for row in found])
    return body


_SHAPES = {"objects": _objects, "zip": _zipped, "keyed": _keyed, "values": _values}


def _packed(shape: str, found: list[dict[str, Any]]) -> bytes:
    text = "".join(json.dumps(row) + "\n" for row in found).encode()
    if shape == "ndjson":
        return text
    if shape == "gz_ndjson":
        return gzip.compress(text)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("1/part.json.gz", gzip.compress(text))
    return out.getvalue()
