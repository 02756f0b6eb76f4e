"""A scripted model server and an assistant that uses it, on throw-away settings: what all model suites stand on."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.fakes.model_server import MODEL, Asked, ModelServer, Reply, Script
from evals.place import AS_OF, WORKSPACE

if TYPE_CHECKING:
    from agent.answer import Answer
    from agent.assistant import Assistant
    from agent.turn import BrainChoice
    from warehouse.engines.base import Engine


@contextmanager
def model_settings(url: str, **more: str) -> Iterator[None]:
    """The environment of an installation whose model is at `url`; put back afterwards."""
    wanted = {"PLAINSAY_MODEL": MODEL, "OPENAI_BASE_URL": url, "OPENAI_API_KEY": "scripted", **more}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def served(script: Script | None = None, lacks: tuple[str, ...] = (), **more: str) -> Iterator[ModelServer]:
    """A running server with settings that point at it; give it another `script` at any time."""
    with ModelServer(script or silent, lacks=lacks) as server, model_settings(server.url, **more):
        yield server


def silent(_asked: Asked) -> Reply:
    """No script was set."""
    return Reply(fault="server_error", text="no script")


@asynccontextmanager
async def assistant(home: Path, as_of: datetime = AS_OF, engine: Engine | None = None) -> AsyncIterator[Assistant]:
    """An assistant on `home`, today fixed; it closes `engine` with itself."""
    from agent.assistant import Assistant

    made = Assistant(home=home, engine=engine, workers=1, clock=lambda: as_of)
    await made.start()
    try:
        yield made
    finally:
        await made.aclose()


async def ask(
    made: Assistant, text: str, *, workspace: str = WORKSPACE, brain: BrainChoice = "llm", **more: Any
) -> Answer:
    """One question in a thread of its own."""
    from agent.turn import Turn

    run = uuid.uuid4().hex
    thread = str(more.pop("thread_id", f"t-{run}"))
    return await made.ask(Turn(workspace=workspace, thread_id=thread, run_id=run, text=text, brain=brain, **more))
