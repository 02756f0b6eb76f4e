"""A workspace, and connections to places that are tried as a person's are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from api import sources
from evals.fakes.replay import Replay, serving
from ingestion.connectors import connections
from warehouse.lake import Lake
from warehouse.workspace import named


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAINSAY_HOME", str(tmp_path / "home"))
    return named("shop", tmp_path / "home")


@pytest.fixture
def server(monkeypatch) -> Iterator[Replay]:
    with serving(Replay()) as running:
        monkeypatch.setenv("PLAINSAY_CONNECTOR_PRIVATE", urlsplit(running.url).netloc)
        yield running


@pytest.fixture
def connect(place) -> Callable[..., Any]:
    def made(source: str, settings: dict[str, str], **more: Any) -> Any:
        return sources.connect(place, sources.Wanted(source, settings, **more))[0]

    return made


@pytest.fixture
def load(place) -> Callable[..., Any]:
    def loaded(connection: Any) -> Any:
        return sources.refresh(place, connections.get(place, connection.id).id, lambda _t, _s: None)

    return loaded


@pytest.fixture
def rows(place) -> Callable[[str], list[tuple[Any, ...]]]:
    def fetch(sql: str) -> list[tuple[Any, ...]]:
        with Lake.open(place.lake).writer() as writer:
            return writer.execute(sql).fetchall()

    return fetch
