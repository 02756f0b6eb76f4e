"""An assistant that follows a script, so that doors can be tested without data, a model or a query engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

from agent import events as ours
from agent.answer import Answer, Claim, Clarification, Suggestion
from agent.plan import Option
from agent.recipe import Recipe
from agent.turn import Turn
from store.errors import Defect, LimitReached
from tools.evidence import Column, ResultTable
from warehouse.query import Filter

Script = Callable[[Turn], Iterable[ours.Event | float | Exception]]
"""What a turn does: events to send, numbers to sleep (seconds), exceptions to raise."""

TABLE = ResultTable(
    id="t1",
    title="Revenue by region",
    columns=[
        Column(name="region", label="Region", type="text", role="dimension"),
        Column(name="revenue", label="Revenue", type="decimal", role="measure"),
    ],
    rows=[["North", "114000.00"], ["South", "86000.00"]],
    row_keys=["n", "s"],
    total_rows=2,
)
TEXT = (
    "Revenue was [$114,000.00](#cell:t1:n:revenue)",
    " in the north",
    " and [$86,000.00](#cell:t1:s:revenue) south.",
)
CLAIMS = [
    Claim(text="$114,000.00", value="114000.00", table="t1", row="n", column="revenue"),
    Claim(text="$86,000.00", value="86000.00", table="t1", row="s", column="revenue"),
]


class ScriptedAssistant:
    """Implements what doors use of `agent.assistant.Assistant`; keeps the turns it was asked."""

    def __init__(self, script: Script | None = None, pause: float = 0.0) -> None:
        self._script = script or scenario
        self._pause = pause
        self.turns: list[Turn] = []

    async def start(self) -> None:
        """Nothing to open."""

    async def forget(self, thread_id: str) -> None:
        """Nothing is kept, so nothing is forgotten."""

    async def branch(self, source: str, target: str, answers: Mapping[str, str]) -> None:
        """Nothing is kept, so nothing is copied."""

    async def aclose(self) -> None:
        """Nothing to close."""

    async def stream(self, turn: Turn) -> AsyncIterator[ours.Event]:
        """The script's events, each after the pause."""
        self.turns.append(turn)
        for step in self._script(turn):
            if isinstance(step, Exception):
                raise step
            await asyncio.sleep(step if isinstance(step, float) else self._pause)
            if not isinstance(step, float):
                yield step

    async def replay(
        self, recipe: Recipe, turn: Turn, changes: Mapping[str, str], conditions: Sequence[Filter] = ()
    ) -> Answer:
        """The answer of the script, whatever the recipe says."""
        return await self.ask(turn)

    async def ask(self, turn: Turn) -> Answer:
        """The answer of the script."""
        async for event in self.stream(turn):
            if isinstance(event, ours.RunFinished):
                return event.answer
        raise Defect("The script ends without an answer.")


def scenario(turn: Turn) -> Iterable[ours.Event | float | Exception]:
    """A whole answer; the words clarify, fail, break, slow and hang in a question ask for something else."""
    words = turn.text.split()
    yield ours.RunStarted(run_id=turn.run_id, thread_id=turn.thread_id, question=turn.text)
    yield ours.StepStarted(name="1. Query orders")
    if "hang" in words:
        yield 3600.0
    if "fail" in words:
        yield LimitReached("That took too long.", hint="Ask for a shorter period.")
    if "break" in words:
        yield RuntimeError("engine text with /a/path")
    if "clarify" in words and turn.resume is None:
        yield from _question_back(turn)
        return
    yield ours.ToolStarted(id="e1", tool="query_metrics", args={"query": {"metrics": [{"metric": "revenue"}]}})
    yield ours.ToolFinished(id="e1", evidence="e1", rows=2, ms=3.0)
    yield ours.StepFinished(name="1. Query orders")
    yield ours.TableReady(table=TABLE)
    for part in TEXT * (20 if "slow" in words else 1):
        if "slow" in words:
            yield 0.05
        yield ours.TextDelta(text=part)
    yield ours.ClaimsMade(items=CLAIMS)
    yield ours.SuggestionsReady(items=[Suggestion(question="And by month?")])
    yield ours.RunFinished(answer=answer(turn))


def answer(turn: Turn) -> Answer:
    """The answer that the scenario streams."""
    return Answer(
        id=f"a-{turn.run_id}", thread_id=turn.thread_id, question=turn.text, status="answered", text="".join(TEXT),
        result=TABLE, claims=CLAIMS, confidence=0.9,
    )  # fmt: skip


def _question_back(turn: Turn) -> Iterable[ours.Event]:
    options = [Option(value="net", label="Net revenue"), Option(value="gross", label="Gross revenue")]
    asked = Clarification(question="Which revenue?", options=options)
    yield ours.ClarifyAsked(clarification=asked)
    reply = answer(turn).model_copy(
        update={"status": "clarify", "clarification": asked, "result": None, "text": "", "claims": []}
    )
    yield ours.RunFinished(answer=reply)
