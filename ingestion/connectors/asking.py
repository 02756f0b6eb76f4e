"""Makes each request of a manifest, sends it signed, and tells errors of the source apart."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from ingestion.connectors import paging, spans
from ingestion.connectors.guarded import Answer, Ask, same_place
from ingestion.connectors.manifest import Manifest, Resource
from ingestion.connectors.paging import Place
from ingestion.connectors.places import one, put
from ingestion.connectors.signing import Signer
from ingestion.connectors.spans import Span
from store.errors import SourceProblem, Unavailable

_NAME = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_TOLD = 200


class TooMuch(Exception):
    """The source wants a shorter period; whoever holds the period halves it."""


class Fill:
    """Puts settings and fields of a parent into texts that name them as {name}."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def text(self, template: str, *, as_path: bool = False) -> str:
        """The text; in a path each value is one segment. Raises `SourceProblem` for a name that nobody gave."""

        def found(match: re.Match[str]) -> str:
            value = str(self._values.get(match[1]) or "")
            if not value:
                raise SourceProblem(
                    f"The connection lacks “{match[1]}”.", code="setting_missing", details={"setting": match[1]}
                )
            return quote(value, safe=":") if as_path else value

        return _NAME.sub(found, template)

    def deep(self, data: Any) -> Any:
        """The same for all texts of a JSON value; a list setting with commas stays text."""
        if isinstance(data, str):
            return self.text(data)
        if isinstance(data, dict):
            return {k: self.deep(v) for k, v in data.items()}
        return [self.deep(v) for v in data] if isinstance(data, list) else data


class Requests:
    """All requests of one connection."""

    def __init__(
        self, manifest: Manifest, values: Mapping[str, str], signer: Signer, hosts: list[str],
        where: tuple[str, str | None],
    ) -> None:  # fmt: skip
        self._manifest, self._values, self._signer, self._hosts = manifest, values, signer, hosts
        self._environment, self._override = where

    def base(self, spec: Resource) -> str:
        """The address that paths of a resource hang on."""
        if self._override:
            return self._override.rstrip("/") + "/"
        name = self._environment if spec.base == "live" else spec.base
        return Fill(self._values).text(self._manifest.base_url[name]).rstrip("/") + "/"

    def fetch(self, spec: Resource, span: Span | None, place: Place, fields: Mapping[str, Any]) -> Answer:
        """The answer for one page. Raises `TooMuch`, `SourceProblem`, `Unavailable`."""
        ask = self._linked(spec, place) if "link" in place else self._asked(spec, span, place, fields)
        return self.checked(spec, self.send(ask))

    def send(self, ask: Ask) -> Answer:
        """Signed and sent; once more with a new token when the old one was refused."""
        answer = self._signer.client.send(self._signer.signed(ask), again=self._too_fast)
        if answer.status == 401 and self._signer.renew():
            answer = self._signer.client.send(self._signer.signed(ask), again=self._too_fast)
        return answer

    def checked(self, spec: Resource, answer: Answer) -> Answer:
        """The answer when it is one. Raises for everything that is an error, hidden in a 200 or not."""
        rule = spec.incremental
        if str(answer.status) in rule.empty_on:
            return answer
        hidden = self._hidden_error(answer)
        if answer.status < 400 and hidden is None:
            return answer
        text = answer.body[:4000].decode("utf-8", "replace")
        if any(h == str(answer.status) or (not h.isdigit() and h in text) for h in rule.halve_on):
            raise TooMuch
        if answer.status == 504:
            raise Unavailable("The source took too long.", code="source_busy", retry_after=60.0)
        raise _refusal(self._manifest.label, spec.name, answer.status, hidden or _message(text))

    def _asked(self, spec: Resource, span: Span | None, place: Place, fields: Mapping[str, Any]) -> Ask:
        fill = Fill({**self._values, **fields})
        query = [(n, fill.text(_spelled(v))) for n, v in spec.params.items()]
        body = fill.deep(deepcopy(spec.body))
        timed, paged = spans.parameters(spec.incremental, span), paging.parameters(spec.paging, place)
        form: dict[str, str] = {}
        if spec.incremental.where == "query":
            query += timed.items()
        else:
            _put_all(body, timed)
        if spec.paging.where == "query":
            query += paged.items()
        elif spec.paging.where == "body":
            _put_all(body, {n: int(v) if v.isdigit() else v for n, v in paged.items()})
        else:
            form = paged
        headers = {n: fill.text(v) for n, v in {**self._manifest.headers, **spec.headers}.items()}
        content: bytes | None = None
        if spec.method == "POST":
            kind = "application/x-www-form-urlencoded" if spec.paging.where == "form" else "application/json"
            content = urlencode({**body, **form}).encode() if spec.paging.where == "form" else json.dumps(body).encode()
            headers = {"Content-Type": kind, **headers}
        url = self.base(spec) + fill.text(spec.path, as_path=True)
        return Ask(spec.method, url, tuple(query), headers, content)

    def _linked(self, spec: Resource, place: Place) -> Ask:
        """The link that an answer gave; with another address than the vendor's, links stay at that address."""
        base = self.base(spec)
        link = str(place["link"])
        if self._override:
            there = urlsplit(link)
            link = urlunsplit((*urlsplit(base)[:2], there.path, there.query, ""))
        url = same_place(base, link, self._hosts)
        parts = urlsplit(url)
        fill = Fill(self._values)
        headers = {n: fill.text(v) for n, v in {**self._manifest.headers, **spec.headers}.items()}
        plain = urlunsplit((*parts[:3], "", ""))
        return Ask("GET", plain, tuple(parse_qsl(parts.query, keep_blank_values=True)), headers)

    def _too_fast(self, answer: Answer) -> bool:
        rule = self._manifest.errors_in_200
        return rule is not None and bool(rule.retry) and _at(answer, rule.path) in rule.retry

    def _hidden_error(self, answer: Answer) -> str | None:
        rule = self._manifest.errors_in_200
        if rule is None or answer.status >= 400:
            return None
        code = _at(answer, rule.path)
        if code in rule.ok:
            return None
        return f"{_at(answer, rule.message) if rule.message else 'an error'} (code {code})"[:_TOLD]


def _put_all(body: dict[str, Any], values: Mapping[str, Any]) -> None:
    for place, value in values.items():
        put(body, place, value)


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _at(answer: Answer, place: str) -> Any:
    try:
        return one(json.loads(answer.body), place)
    except ValueError:
        return None


def _message(text: str) -> str | None:
    """What the source says went wrong, when it says so in JSON."""
    try:
        data = json.loads(text)
    except ValueError:
        return None
    for place in ("message", "error.message", "error_description", "errors[0].detail", "detail", "error", "title"):
        found = one(data, place)
        if isinstance(found, str):
            return found[:_TOLD]
    return None


def _refusal(label: str, resource: str, status: int, said: str | None) -> SourceProblem:
    tail = f": {said}" if said else ""
    details = {"status": status, "resource": resource}
    if status in (401, 403):
        return SourceProblem(
            f"{label} refuses these credentials for {resource.replace('_', ' ')}{tail}.",
            code="credentials_refused",
            hint="Check the key and that it may read this.",
            details=details,
        )
    return SourceProblem(
        f"{label} does not give {resource.replace('_', ' ')} (status {status}){tail}.",
        code="source_refused",
        details=details,
    )
