"""What the model brain costs beside the model itself: tokens of a prompt, time of our loop, time to the first word."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.brain import PlanContext
from agent.llm import offers
from agent.llm.loop import opening
from agent.llm.spend import Meter
from agent.llm.wire import Wire
from evals.bench.compiling import company
from evals.fakes.model_server import Asked, Call, ModelServer, Reply
from evals.llm.stage import assistant, served
from evals.place import AS_OF, WORKSPACE, demo_home
from evals.result import Figure, SuiteResult, percentile
from store.principal import LOCAL_OWNER
from warehouse.model.schema import Dimension, SemanticModel
from warehouse.model.values import ValuesIndex
from warehouse.profile import DataProfile

if TYPE_CHECKING:
    from agent.assistant import Assistant

_TURNS = 30
_QUERY = {
    "metrics": [{"metric": "net_revenue"}],
    "dimensions": [{"field": "order_lines.channel"}],
    "time": {"last": {"n": 1, "unit": "month"}},
}
_WORDS = "In {p1.1.value}, {t1.1.channel} had the highest net revenue, at {t1.1.net_revenue}. "
_COLUMNS = 40


def run(scale: float = 0.05) -> SuiteResult:
    """Prompts on models of 200 tables, then turns behind a model that answers at once."""
    figures = [*_prompts()]
    with demo_home(scale) as home, served(_instant) as server:
        figures += asyncio.run(_turns(home, server))
    return SuiteResult("model-bench", "speed", figures)


def _prompts() -> list[Figure]:
    narrow = prompt_size(company(200), "amount7 by kind12 last month")
    wide = prompt_size(widened(company(200)), "What was amount7 by kind12 last month?")
    began = time.perf_counter()
    prompt_size(widened(company(200)), "What was amount9 by kind14 last month?")
    built = (time.perf_counter() - began) * 1000
    return [
        Figure("prompt, 200 tables (3 characters a token)", narrow / 3, "tokens", 5000),
        Figure("prompt, 200 tables of 40 columns and more", wide / 3, "tokens", 5000),
        Figure("making that prompt, model included", built, "ms"),
    ]


def prompt_size(model: SemanticModel, question: str) -> int:
    """Characters of the first request of a question: rules, tools, the retrieved part of the model, the question."""
    context = PlanContext(question, model, DataProfile(), ValuesIndex(), LOCAL_OWNER, AS_OF)
    return len(json.dumps([opening(context, False), offers.tools(LOCAL_OWNER)], ensure_ascii=False))


def widened(model: SemanticModel) -> SemanticModel:
    """The same model with 40 more columns in each table."""
    more = {f"attribute_{n}": Dimension(description="one of many") for n in range(_COLUMNS)}
    tables = {k: t.model_copy(update={"dimensions": {**t.dimensions, **more}}) for k, t in model.tables.items()}
    return model.model_copy(update={"tables": tables})


def _instant(asked: Asked) -> Reply:
    if asked.tools:
        return Reply(calls=(Call("query_metrics", {"query": _QUERY, "done": True}),))
    return Reply(text=_WORDS + "All of it is in the table below this answer. " * 4)


async def _turns(home: Path, server: ModelServer) -> list[Figure]:
    async with assistant(home) as made:
        for n in range(5):
            await _timed(made, f"warm {n}")
        timed = [await _timed(made, f"question {n}") for n in range(_TURNS)]
    wire = await asyncio.to_thread(_round_trips, server)
    beside = [t["plan"] - t["model_plan"] - t["model_tools"] - t["builtin_plan"] for t in timed]
    first = [t["first"] for t in timed]
    return [
        Figure("loop beside the model call, p50", percentile(beside, 0.5), "ms"),
        Figure("loop beside the model call, p95", percentile(beside, 0.95), "ms"),
        Figure("one call through the client to an instant model, p50", wire, "ms"),
        Figure("first words after telling begins, p50", percentile([t["told"] for t in timed], 0.5), "ms", 50),
        Figure("first words after telling begins, p95", percentile([t["told"] for t in timed], 0.95), "ms"),
        Figure("first words of a whole turn (two calls and a query), p50", percentile(first, 0.5), "ms"),
    ]


async def _timed(made: Assistant, text: str) -> dict[str, Any]:
    from agent.events import RunFinished, TextDelta
    from agent.turn import Turn

    run = uuid.uuid4().hex
    turn = Turn(workspace=WORKSPACE, thread_id=run, run_id=run, text=text, brain="llm", as_of=AS_OF)
    began, first, ms = time.perf_counter(), 0.0, {}
    async for event in made.stream(turn):
        if isinstance(event, TextDelta) and not first:
            first = (time.perf_counter() - began) * 1000
        if isinstance(event, RunFinished):
            ms = event.answer.receipt.ms
    before = ms["plan"] + ms["act"] + ms["check"]
    return {"first": first, "told": max(0.0, first - before), **ms}


def _round_trips(server: ModelServer) -> float:
    from agent.llm.endpoint import Endpoint
    from agent.llm.spend import Limits

    endpoint = Endpoint(server.url, "scripted-1")
    wire, meter = Wire(endpoint), Meter(endpoint, Limits())
    body = {"model": "scripted-1", "stream": True, "messages": [{"role": "user", "content": "hello"}]}
    taken = []
    for _ in range(_TURNS):
        began = time.perf_counter()
        wire.send(body, meter.next_call())
        taken.append((time.perf_counter() - began) * 1000)
    wire.close()
    return percentile(taken, 0.5)
