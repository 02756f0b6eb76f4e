"""A source on loopback that the test writes, and a workspace to load it into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from evals.fakes.replay import Replay, serving
from ingestion.connectors import connections, guarded
from ingestion.connectors.connections import Connection
from warehouse.lake import Lake
from warehouse.workspace import Workspace, named


@pytest.fixture
def server() -> Iterator[Replay]:
    with serving(Replay()) as running:
        yield running


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("PLAINSAY_HOME", str(tmp_path / "home"))
    return named("shop", tmp_path / "home")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between requests are counted, not waited for."""
    original = guarded.Client.__init__

    def quick(self: Any, hosts: Any, **more: Any) -> None:
        original(self, hosts, **{**more, "sleep": lambda _s: None})

    monkeypatch.setattr(guarded.Client, "__init__", quick)


@pytest.fixture
def connect(
    server: Replay, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Connection]:
    """Connect a source of the product, or one whose manifest is given as a dict, to the loopback server."""

    def made(source: str | dict[str, Any], given: dict[str, str] | None = None) -> Connection:
        monkeypatch.setenv("PLAINSAY_CONNECTOR_PRIVATE", urlsplit(server.url).netloc)
        if isinstance(source, dict):
            folder = tmp_path / "manifests"
            folder.mkdir(exist_ok=True)
            monkeypatch.setenv("PLAINSAY_CONNECTORS", str(folder))
            (folder / f"{source['source']}.yaml").write_text(yaml.safe_dump(source, sort_keys=False))
            source = source["source"]
        connection = connections.make(workspace, source, given or {}, base_url=server.url)
        connections.save(workspace, connection)
        return connection

    return made


@pytest.fixture
def rows(workspace: Workspace) -> Callable[[str], list[tuple[Any, ...]]]:
    """What a SQL statement finds in the lake."""

    def fetch(sql: str) -> list[tuple[Any, ...]]:
        with Lake.open(workspace.lake).writer() as writer:
            return writer.execute(sql).fetchall()

    return fetch
