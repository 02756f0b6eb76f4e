"""Exports that a source makes on request: created once, asked for until they are ready, downloaded, never forgotten."""

from __future__ import annotations

import json
import time
from typing import Any

from ingestion.connectors import shapes
from ingestion.connectors.asking import Requests
from ingestion.connectors.guarded import Ask, Client
from ingestion.connectors.manifest import Export, Resource
from ingestion.connectors.places import every, one
from ingestion.connectors.spans import Span
from store.errors import SourceProblem, Unavailable

_PAUSES = (0.5, 1, 2, 5, 10, 20, 30)


class Job:
    """One export of one resource."""

    def __init__(self, spec: Resource, requests: Requests, client: Client) -> None:
        assert spec.export is not None
        self._spec, self._export, self._requests, self._client = spec, spec.export, requests, client

    def create(self, span: Span | None) -> str:
        """Ask for the export; what names it. Where files are listed at once, the list itself as text."""
        answer = self._requests.fetch(self._spec, span, {}, {})
        data = shapes.parsed(self._spec, answer.body)
        if self._export.id is None:
            return json.dumps([str(u) for u in every(data, self._export.url)])
        name = one(data, self._export.id)
        if name is None:
            raise SourceProblem("The source did not say how the export is called.", code="shape_changed")
        return str(name)

    def rows(self, job_id: str, deadline: float) -> list[dict[str, Any]]:
        """All rows of the finished export. Raises `Unavailable` when it is not ready in time; it can be asked again."""
        urls = json.loads(job_id) if self._export.id is None else self._ready(job_id, deadline)
        shape = self._spec.shape if self._spec.shape != "objects" else "ndjson"
        found: list[dict[str, Any]] = []
        for url in urls:
            # Without our credentials: the address itself is the permission, and often another company's.
            answer = self._client.send(Ask("GET", str(url)))
            if answer.status >= 400:
                raise SourceProblem("An export can no longer be downloaded.", code="export_gone", retry="as_is")
            found += shapes.lines(shape, answer.body)
        return found

    def _ready(self, job_id: str, deadline: float) -> list[str]:
        export = self._export
        for attempt in range(1_000_000):
            data = self._asked(export, job_id)
            status = str(one(data, export.status)) if export.status else ""
            if status in export.failed:
                raise SourceProblem("The source could not make the export.", code="export_failed", retry="as_is")
            if status in export.done or (not export.done and every(data, export.url)):
                return [str(u) for u in every(data, export.url)]
            if time.monotonic() > deadline:
                break
            time.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
        raise Unavailable("The export is not ready yet.", code="export_pending", retry_after=300.0)

    def _asked(self, export: Export, job_id: str) -> Any:
        url = self._requests.base(self._spec) + (export.poll_path or "").replace("{id}", job_id)
        answer = self._requests.checked(self._spec, self._requests.send(Ask("GET", url)))
        return json.loads(answer.body)
