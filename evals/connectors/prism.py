"""Loads from mock servers made of the vendors' own specifications: names, types, and rows."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from evals.connectors import totals, trimming
from ingestion.canonical.compiling import promises
from ingestion.connectors import catalog, connections, landing, spans, sync
from ingestion.connectors.asking import TooMuch
from ingestion.connectors.contract import Contract, fits
from ingestion.connectors.manifest import Manifest, Resource
from ingestion.connectors.places import one, put
from ingestion.connectors.rest import RestSource
from store.errors import PlainsayError
from warehouse.lake import Lake
from warehouse.literals import literal
from warehouse.workspace import named

PRISM = Path(__file__).resolve().parents[2] / "tests" / "prism" / "node_modules" / ".bin" / "prism"
_READY_SECONDS = 240.0
_LEAST = 2**53 - 1


@dataclass
class Tried:
    """What one resource gave: rows of the mock, rows in the lake, and why it failed if it did."""

    source: str
    resource: str
    rows: int = 0
    landed: int = 0
    placeholders: int = 0
    error: str = ""
    served: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Outcome:
    """All resources, the common tables built of them with their rows, how many sums were compared, what differs."""

    tried: list[Tried] = field(default_factory=list)
    tables: dict[str, int] = field(default_factory=dict)
    sums: int = 0
    differences: list[str] = field(default_factory=list)


def run(specs: Path, port: int = 8183) -> Outcome:
    """Load every resource that has a specification once, from Prism."""
    outcome = Outcome()
    by_spec: dict[str, list[tuple[Manifest, Resource]]] = {}
    for manifest in catalog.everything():
        for resource in manifest.listed:
            if resource.spec and trimming.place_of(specs, resource.spec).is_file():
                by_spec.setdefault(resource.spec, []).append((manifest, resource))
    with tempfile.TemporaryDirectory() as folder:
        workspace = named("prism", Path(folder))
        os.environ["PLAINSAY_CONNECTOR_PRIVATE"] = f"127.0.0.1:{port}"
        made = {s: _connection(workspace, s, port) for s in {m.source for ms in by_spec.values() for m, _ in ms}}
        for number, (name, resources) in enumerate(sorted(by_spec.items())):
            small = Path(folder) / f"spec-{number}.json"
            cut = trimming.trimmed(trimming.read(trimming.place_of(specs, name)), [r for _, r in resources])
            small.write_text(json.dumps(cut, default=str), encoding="utf-8")
            with serving(small, port):
                outcome.tried += [_try(workspace, made[m.source], r) for m, r in resources]
        tables, _ = sync.publish(workspace)
        with Lake.open(workspace.lake).writer() as writer:
            for table in tables:
                (count,) = writer.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
                outcome.tables[table] = int(count)
            outcome.sums, outcome.differences = _compared(writer, outcome)
    return outcome


@contextmanager
def serving(spec: Path, port: int) -> Iterator[str]:
    """Prism on loopback while the block lasts."""
    process = subprocess.Popen(
        [str(PRISM), "mock", "-h", "127.0.0.1", "-p", str(port), str(spec)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + _READY_SECONDS
        while not listens(port):
            if time.monotonic() > deadline or process.poll() is not None:
                raise TimeoutError(f"Prism did not start with {spec.name}")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


def listens(port: int) -> bool:
    """Whether a server answers on loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _connection(workspace: Any, source: str, port: int) -> Any:
    manifest = catalog.get(source)
    fakes = ("mock_value_1234567890", "1234567890", "0" * 32, "GBP")
    given = {
        s.name: s.default or next(f for f in fakes if not s.pattern or re.fullmatch(s.pattern, f))
        for s in manifest.settings
    }
    made = connections.make(workspace, source, given, base_url=f"http://127.0.0.1:{port}/")
    connections.save(workspace, made)
    return made


def _filled(row: dict[str, Any], promised: Mapping[str, str]) -> int:
    """Put a sensible value where a mock says “string”, the least of all numbers, or a time that is none; how many."""
    done = 0
    for place, kind in ((spot, k) for p, k in promised.items() for spot in _spots(row, p)):
        value = one(row, place)
        if isinstance(value, int) and abs(value) >= _LEAST:
            put(row, place, 1234)
        elif str(value or "").startswith("string") or (value and kind == "moment" and not fits(value, kind)):
            put(row, place, {"moment": "2026-01-02T03:04:05Z", "boolean": True}.get(kind, "12.34"))
        else:
            continue
        done += 1
    return done


def _spots(row: dict[str, Any], place: str) -> list[str]:
    """A place, once for each element of a list in it."""
    head, every, tail = place.partition("[*]")
    if "[?" in place:
        return []
    if not every:
        return [place]
    listed = one(row, head)
    count = len(listed) if isinstance(listed, list) else 0
    return [spot for n in range(count) for spot in _spots(row, f"{head}[{n}]{tail}")]


def _compared(writer: Any, outcome: Outcome) -> tuple[int, list[str]]:
    """How many tables and sums of money were counted beside what the mock served, and which differ."""
    count, wrong = 0, []
    for source in sorted({t.source for t in outcome.tried if t.served}):
        served = {t.resource: t.served for t in outcome.tried if t.source == source}
        for name, wanted in totals.wanted(catalog.get(source), served).items():
            table, _, column = name.partition(".")
            what = f"sum({column})" if column else "count(*)"
            asked = f"SELECT {what} FROM {table} WHERE source = {literal(source)}"
            (there,) = writer.execute(asked).fetchone() if table in outcome.tables else (None,)
            count += 1
            if (there or 0) != wanted:
                wrong.append(f"{source}: {name} is {there}, and {wanted} was served")
    return count, wrong


def _try(workspace: Any, connection: Any, resource: Resource) -> Tried:
    """One page of a resource into the lake; the mock has no second one."""
    found = Tried(connection.source, resource.name)
    source = sync.open_source(workspace, connection)
    assert isinstance(source, RestSource)
    try:
        source.use_token("mock")
        fields = dict.fromkeys(resource.parent.fields.values(), "1") if resource.parent else {}
        now = datetime.now(UTC).replace(microsecond=0)
        span = next(spans.spans(resource.incremental, now - timedelta(days=1), now), None)
        rows = source.page_of(resource, span, fields)
        found.rows = len(rows)
        for row in rows:
            found.placeholders += _filled(row, promises(connection.manifest, resource.name))
        with Lake.create(workspace.lake).writer() as writer:
            landing.prepare(writer, connection.schema, [resource.name])
            contract = Contract(promises(connection.manifest, resource.name))
            done = landing.commit(writer, (connection.id, connection.schema, resource), rows, None, "prism", contract)
        found.landed = done.rows - done.rejected
        found.served = rows if not done.rejected else []
        found.error = "; ".join(done.reasons[:1])
    except (PlainsayError, TooMuch, httpx.HTTPError) as error:
        found.error = str(error)
    finally:
        source.close()
    return found
