"""Loads every source from a server that plays it, with faults on the way, and counts rows: none lost or doubled."""

from __future__ import annotations

import json
import os
import random
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from evals.connectors.doorkeeper import Doorkeeper
from evals.connectors.player import Player
from evals.fakes.replay import Replay, serving
from ingestion.connectors import catalog, connections, landing, sync
from ingestion.connectors.guarded import Client
from ingestion.connectors.manifest import Manifest
from ingestion.connectors.rest import RestSource
from warehouse.lake import Lake
from warehouse.workspace import Workspace, named

SEED, ROWS, DAYS = 20261121, 23, 6
_FAULTS = ("429", "500", "502", "cut")
_FAKES = ("mock_value_1234567890", "1234567890", "0" * 32, "GBP", "a@example.org")


@dataclass
class Result:
    """What one source did: lists that were exact of those played, rows, faults met, and what was wrong, in words."""

    source: str
    kinds: str
    lists: int = 0
    exact: int = 0
    rows: int = 0
    faults: int = 0
    tokens: int = 0
    built: int = 0
    again: int = 0
    wrong: list[str] = field(default_factory=list)


def run(sources: Sequence[str] = ()) -> list[Result]:
    """Play the sources that can be listed, all of them when none is named."""
    chosen = sources or [m.source for m in catalog.everything() if m.listed]
    return [play(source) for source in chosen]


def play(source: str, *, build: bool = True) -> Result:
    """Load one source twice from its own server: the first time with faults, the second time nothing may change.

    Without `build` the rows stay as they came, which is much quicker.
    """
    manifest = small(catalog.get(source))
    result = Result(source, _kinds(manifest))
    with tempfile.TemporaryDirectory() as folder, serving(Replay()) as server:
        os.environ["PLAINSAY_CONNECTOR_PRIVATE"] = server.url.removeprefix("http://").rstrip("/")
        workspace = named("played", Path(folder))
        made = connections.make(workspace, source, given(manifest), base_url=server.url)
        now = datetime.now(UTC).replace(microsecond=0)
        made.options["since"] = (now - timedelta(days=DAYS)).date().isoformat()
        connections.save(workspace, made)
        values = made.values(connections.home_of(workspace))
        keeper = doorkeeper(manifest, values)
        player = Player(manifest, values, keeper, ROWS, now - timedelta(minutes=5), server.url)
        server.other = player.reply
        dice = random.Random(f"{SEED}{source}")
        server.faults = {n: dice.choice(_FAULTS) for n in sorted(dice.sample(range(2, 24), 6))}
        before = len(server.faults)
        report = load(workspace, made, manifest, build)
        result.faults = before - len(server.faults)
        result.tokens = keeper.issued
        result.wrong += [f"{r.resource}: {r.error or r.reasons}" for r in report.resources if r.error or r.rejected]
        result.wrong += [*keeper.wrong[:3], *sorted(set(player.unknown))[:3]]
        _count(workspace, made, player, result)
        result.built = _built(workspace, made)
        second = load(workspace, made, manifest, False)
        result.again = sum(r.changed for r in second.resources if not _is_snapshot(manifest, r.resource))
    return result


def load(workspace: Workspace, made: Any, manifest: Manifest, build: bool) -> sync.SyncReport:
    """Load once without waiting between requests; common tables too with `build`."""
    values = made.values(connections.home_of(workspace))
    hosts = [h for h in manifest.hosts if "{" not in h]
    client = Client(hosts, per_second=100_000, retries=12, sleep=lambda _s: None)
    source = RestSource(manifest, values, base_url=made.base_url, client=client)
    return (sync.sync if build else sync.load)(workspace, made, source=source)


def _count(workspace: Workspace, made: Any, player: Player, result: Result) -> None:
    with Lake.open(workspace.lake).writer() as writer:
        landing.prepare(writer, made.schema, [r.name for r in made.manifest.listed])
        for resource in player.manifest.listed:
            (rows,) = writer.execute(f'SELECT count(*) FROM "{made.schema}"."{resource.name}"').fetchone() or (0,)
            sent = [s.row for s in player.sent[resource.name]]
            expected = len({landing.key_of(resource, row, json.dumps(row)) for row in sent})
            if resource.parent is not None and _told_apart_by_parent(resource):
                (parents,) = writer.execute(
                    f'SELECT count(*) FROM "{made.schema}"."{resource.parent.resource}"'
                ).fetchone() or (0,)
                expected *= parents
            result.lists += 1
            result.rows += rows
            if rows == expected:
                result.exact += 1
            else:
                result.wrong.append(f"{resource.name}: {rows} rows of {expected}")


def _told_apart_by_parent(resource: Any) -> bool:
    """Whether the key of a child holds a field of its parent: the same row under two parents is then two."""
    return not resource.key or bool(set(resource.key) & set(resource.parent.fields.values()))


def _built(workspace: Workspace, made: Any) -> int:
    """Rows that became rows of common tables."""
    total = 0
    with Lake.open(workspace.lake).writer() as writer:
        for table in {m.table for m in made.manifest.canonical}:
            there = writer.execute(
                f"SELECT 1 FROM duckdb_tables() WHERE schema_name = 'main' AND table_name = '{table}'"
            ).fetchone()
            if there:
                (rows,) = writer.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
                total += rows
    return total


def _is_snapshot(manifest: Manifest, name: str) -> bool:
    """Whether each look is a row of its own."""
    return manifest.resource(name).stamp is not None


def small(manifest: Manifest) -> Manifest:
    """The manifest with pages of ten rows, so that a few rows need several."""
    resources = []
    for one in manifest.resources:
        paging = one.paging.model_copy(update={"size": 10 if one.paging.size else None})
        resources.append(one.model_copy(update={"paging": paging}))
    return manifest.model_copy(update={"resources": tuple(resources)})


def given(manifest: Manifest) -> dict[str, str]:
    """What a person would type in for a source, made up."""
    found = {}
    for spec in manifest.settings:
        if spec.default or spec.choices:
            found[spec.name] = spec.default or spec.choices[0]
        elif spec.name in ("service_account", "private_key"):
            found[spec.name] = _account() if spec.name == "service_account" else _keys()[0]
        elif spec.name != "base_url":
            found[spec.name] = next(f for f in _FAKES if not spec.pattern or re.fullmatch(spec.pattern, f))
    return found


def doorkeeper(manifest: Manifest, values: Mapping[str, str]) -> Doorkeeper:
    """Who lets in whoever holds `values`, signatures of an account included."""
    return Doorkeeper(manifest.auth, values, _keys()[1])


@lru_cache(maxsize=1)
def _keys() -> tuple[str, Any]:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(), key.public_key()


def _account() -> str:
    return json.dumps({"client_email": "load@example.org", "private_key": _keys()[0]})


def _kinds(manifest: Manifest) -> str:
    """The kinds of a manifest that a load goes through."""
    found: set[str] = {manifest.auth.kind}
    for one in manifest.listed:
        found |= {one.paging.kind, one.incremental.mode, one.shape, *([one.via] if one.via != "poll" else [])}
        found |= {f"{one.method} paging"} if one.method == "POST" and one.paging.kind != "none" else set()
    return ", ".join(sorted(found - {"none", "objects"}))
