"""A scripted model server, settings that point at it, and an assistant on the small demo."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from agent.answer import Answer
from agent.assistant import Assistant
from agent.llm.endpoint import Endpoint
from agent.llm.model import Model
from agent.llm.wire import Wire
from agent.view import WorkspaceView, WorkspaceViews
from evals.fakes.model_server import MODEL, ModelServer, Script
from evals.llm.stage import ask
from store.principal import LOCAL_OWNER
from tools import registry
from tools.evidence import Evidence
from tools.registry import ToolContext
from warehouse.engines.base import Engine
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.engines.of_run import EngineOfRun

Serve = Callable[..., ModelServer]
Find = Callable[[dict[str, Any]], Evidence]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a scripted server; it is closed after the test."""
    with ExitStack() as stack:
        yield lambda script, **more: stack.enter_context(ModelServer(script, **more))


@pytest.fixture
def wire() -> Iterator[Callable[[Endpoint], Wire]]:
    """Make wires that are closed after the test."""
    with ExitStack() as stack:
        yield lambda endpoint: stack.enter_context(closing(Wire(endpoint)))


@pytest.fixture
def model_of(wire: Callable[[Endpoint], Wire]) -> Callable[[Endpoint], Model]:
    """Make models whose connections are closed after the test."""
    return lambda endpoint: Model(endpoint, wire=wire(endpoint))


@pytest.fixture
def use(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Callable[..., ModelServer]:
    """Start a scripted server and make it the model of this installation."""

    def start(script: Script, url: str = "", settings: dict[str, str] | None = None, **more: Any) -> ModelServer:
        server = serve(script, **more)
        given = {"PLAINSAY_MODEL": MODEL, "OPENAI_BASE_URL": url or server.url, "OPENAI_API_KEY": "k-secret"}
        for name, value in (given | (settings or {})).items():
            monkeypatch.setenv(name, value)
        return server

    return start


@pytest.fixture
async def assistant(retail_home: Path, tmp_path: Path, as_of: datetime, engine: Engine) -> AsyncIterator[Assistant]:
    home = tmp_path / "home"
    home.mkdir()
    (home / "workspaces").symlink_to(retail_home / "workspaces")
    made = Assistant(home=home, engine=EngineOfRun(engine, "tests"), clock=lambda: as_of)
    await made.start()
    yield made
    await made.aclose()


@pytest.fixture
def say(assistant: Assistant, as_of: datetime) -> Callable[..., Any]:
    """Ask the assistant one question."""

    async def asking(text: str, brain: str = "llm", **more: Any) -> Answer:
        return await ask(assistant, text, brain=brain, **more)  # type: ignore[arg-type]

    return asking


@pytest.fixture(scope="session")
def view(retail_home: Path) -> WorkspaceView:
    return WorkspaceViews(retail_home).get("demo-retail")


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """One engine for all tests here: starting its worker takes longer than most of them."""
    with closing(DuckDBEngine(workers=1)) as made:
        yield made


@pytest.fixture(scope="session")
def find(view: WorkspaceView, engine: Engine) -> Find:
    """What a metric query finds in the small demo."""
    context = ToolContext(
        workspace=view.workspace, principal=LOCAL_OWNER, model=view.model, profile=view.profile, engine=engine,
        snapshot=view.snapshot, as_of=datetime(2026, 11, 21, 9),
    )  # fmt: skip
    return lambda query: registry.get("query_metrics").run(context, {"query": query})
