"""A tool on the small demo: one query worker a module, and the context that every tool is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from store.principal import LOCAL_OWNER
from tools.registry import ToolContext
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.lake import Lake
from warehouse.model import store
from warehouse.profile import DataProfile
from warehouse.workspace import Workspace


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    made = DuckDBEngine(workers=1)
    yield made
    made.close()


@pytest.fixture
def on_day(retail: Workspace, engine: DuckDBEngine) -> Callable[[datetime], ToolContext]:
    """The context of the local owner, with what today means."""

    def made(as_of: datetime) -> ToolContext:
        return ToolContext(
            workspace=retail, principal=LOCAL_OWNER, model=store.load(retail.model_file),
            profile=DataProfile.model_validate_json(retail.profile_file.read_bytes()), engine=engine,
            snapshot=Lake.open(retail.lake).current(), as_of=as_of,
        )  # fmt: skip

    return made


@pytest.fixture
def context(on_day: Callable[[datetime], ToolContext], as_of: datetime) -> ToolContext:
    return on_day(as_of)
