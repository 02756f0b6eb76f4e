"""The assistant behind every door: turns in, typed events out; a run can be dropped, cancelled or picked up again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent import checkpoints, narrowing, replay, reply
from agent import recipe as recipes
from agent.answer import Answer
from agent.builtin.brain import BuiltinBrain
from agent.desk import Desk
from agent.events import ClarifyAsked, Event, ReceiptReady, RunFinished, RunStarted
from agent.llm.house import ModelHouse, thrifty
from agent.plan import Clarify
from agent.state import TurnState
from agent.turn import Turn
from agent.view import WorkspaceViews
from store import settings
from store.errors import Defect, UnknownName
from warehouse.engines.base import Engine
from warehouse.engines.of_run import EngineOfRun
from warehouse.query import Filter

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph
    from sqlalchemy.engine import URL


class Assistant:
    """Answers turns. Call `start` before and `aclose` after; one assistant serves many turns side by side."""

    def __init__(
        self,
        *,
        home: Path | None = None,
        engine: Engine | None = None,
        workers: int | None = None,
        clock: Callable[[], datetime] = datetime.now,
        state: URL | None = None,
    ) -> None:
        """`state` is the Postgres database that keeps conversations; without it they are kept in a file under home."""
        self._home = home or settings.home()
        self._engine = engine
        self._workers = workers
        self._clock = clock
        self._views = WorkspaceViews(self._home)
        self._brain = BuiltinBrain()
        self._models = ModelHouse(self._home)
        self._desks: dict[str, Desk] = {}
        self._state = state
        self._saver: BaseCheckpointSaver[Any] | None = None
        self._close_saver: Callable[[], Awaitable[None]] | None = None
        self._graph: CompiledStateGraph[TurnState] | None = None

    def prewarm(self, workspace: str) -> None:
        """Read a workspace and start its query workers in the background, so that the first question waits for neither.

        Raises `UnknownName`, or `SourceProblem` when the workspace holds no data.
        """
        self._open_engine().prewarm(self._views.get(workspace).snapshot)

    async def start(self) -> None:
        """Open the checkpoints and wire the graph; imports LangGraph, about a second in a cold process."""
        from agent.graph import build
        from agent.nodes import Nodes

        self._saver, self._close_saver = await checkpoints.opened(self._home, self._state)
        self._open_engine()
        self._models.warm()
        self._graph = build(Nodes(self._desk_of), self._saver)

    def _open_engine(self) -> Engine:
        if self._engine is None:
            from warehouse.engines.duckdb import DuckDBEngine

            self._engine = DuckDBEngine(self._workers)
        return self._engine

    async def aclose(self) -> None:
        """End the query workers and close the checkpoints."""
        await asyncio.to_thread(self._models.close)
        if self._engine is not None:
            await asyncio.to_thread(self._engine.close)
        if self._close_saver is not None:
            await self._close_saver()

    async def forget(self, thread_id: str) -> None:
        """Delete all that is remembered of a thread."""
        if self._saver is not None:
            await self._saver.adelete_thread(thread_id)

    async def branch(self, source: str, target: str, answers: Mapping[str, str]) -> None:
        """Let thread `target` remember what `source` does of `answers` (its answer ids to the new ones)."""
        graph = self._wired()
        before: Any = await graph.aget_state({"configurable": {"thread_id": source}})
        history = before.values.get("history") or []
        kept = [{**h, "answer_id": answers[h["answer_id"]]} for h in history if h["answer_id"] in answers]
        config: Any = {"configurable": {"thread_id": target}}
        await graph.aupdate_state(config, {"history": kept}, as_node="suggest")

    def views(self) -> WorkspaceViews:
        """The workspace views this assistant reads."""
        return self._views

    async def ask(self, turn: Turn) -> Answer:
        """The whole answer of a turn. Raises what the turn raises."""
        answer: Answer | None = None
        async for event in self.stream(turn):
            if isinstance(event, RunFinished):
                answer = event.answer
        if answer is None:
            raise Defect("The question ended without an answer.")
        return answer

    async def replay(
        self, recipe: recipes.Recipe, turn: Turn, changes: Mapping[str, str], conditions: Sequence[Filter] = ()
    ) -> Answer:
        """What `recipe` answers now, outside its conversation; `turn` says where and for whom.

        `changes` are option values by assumption key; one that the answer does not offer leaves it as it is.
        `conditions` narrow all of it.
        Raises `InvalidRequest` when the recipe can no longer be planned, and what the engine raises.
        """
        desk = await asyncio.to_thread(self._lay_desk, turn, {})
        try:
            desk.brain = thrifty(desk.brain)
            plan = await asyncio.to_thread(recipes.replan, recipe, desk.brain, desk.plan_context("", ()))
            for key, value in changes.items():
                plan = recipes.changed(plan, key, value) or plan
            plan = narrowing.narrowed(plan, conditions)
            answer = await replay.answer(desk, plan)
        except asyncio.CancelledError:
            desk.stop()
            raise
        finally:
            await asyncio.to_thread(desk.settle)
        desk.timed("total", desk.started)
        answer.receipt = desk.receipt()
        return answer

    async def stream(self, turn: Turn) -> AsyncIterator[Event]:
        """The events of a turn, from RunStarted to RunFinished; errors are raised, not sent.

        A turn whose run id has an unfinished checkpoint on its thread goes on from there.
        """
        graph = self._wired()
        config: Any = {"configurable": {"thread_id": turn.thread_id}}
        before = await graph.aget_state(config)
        desk = await asyncio.to_thread(self._lay_desk, turn, before.values)
        self._desks[turn.run_id] = desk
        try:
            yield RunStarted(run_id=turn.run_id, thread_id=turn.thread_id, question=desk.answer.question)
            start = self._input(turn, desk, before)
            async for part in graph.astream(start, config, stream_mode="custom", durability="async"):
                yield part  # type: ignore[misc]
            for event in await self._close(desk, config):
                yield event
        except (asyncio.CancelledError, GeneratorExit):
            desk.stop()
            raise
        finally:
            self._desks.pop(turn.run_id, None)
            await asyncio.to_thread(desk.settle)

    def _wired(self) -> CompiledStateGraph[TurnState]:
        if self._graph is None:
            raise Defect("The assistant was not started.")
        return self._graph

    def _desk_of(self, state: TurnState) -> Desk:
        return self._desks[state["turn"]["run_id"]]

    def _lay_desk(self, turn: Turn, values: dict[str, Any]) -> Desk:
        if self._engine is None:
            raise Defect("The assistant was not started.")
        turn = replace(turn, principal=turn.principal.within(turn.workspace))
        view = self._views.seen_by(turn.workspace, turn.principal, self._engine)
        question = turn.text or _question_of(values, turn)
        answer = Answer(id=f"a-{turn.run_id}", thread_id=turn.thread_id, question=question, status="answered")
        engine = EngineOfRun(self._engine, turn.run_id)
        desk = Desk(replace(turn, text=question), view, self._brain, engine, answer, self._clock())
        desk.brain = self._models.brain_for(desk)
        return desk

    def _input(self, turn: Turn, desk: Desk, before: Any) -> Any:
        """A fresh question, a reply to the open question back, or None to go on from the checkpoint."""
        from langgraph.types import Command

        state: dict[str, Any] = {"turn": {"run_id": turn.run_id, "question": desk.answer.question}}
        waiting = bool(before.next) and (before.values.get("turn") or {}).get("run_id") == turn.run_id
        asked_back = any(task.interrupts for task in before.tasks)
        if waiting and not asked_back:
            return None
        if turn.resume is not None:
            if not asked_back:
                raise UnknownName("There is no open question to reply to.", code="nothing_asked")
            return Command(resume=turn.resume, update=state)
        if asked_back and turn.text and turn.patch is None:
            return Command(resume={"other": turn.text}, update=state)
        return state

    async def _close(self, desk: Desk, config: Any) -> list[Event]:
        """The receipt and the last event; a run that stopped to ask ends with its question."""
        after = await self._wired().aget_state(config)
        events: list[Event] = []
        asked = next((i.value for task in after.tasks for i in task.interrupts), None)
        if asked is not None:
            reply.clarify(desk.answer, Clarify.model_validate(asked))
            if desk.answer.clarification is not None:
                events.append(ClarifyAsked(clarification=desk.answer.clarification))
        desk.timed("total", desk.started)
        desk.answer.receipt = desk.receipt()
        return [*events, ReceiptReady(receipt=desk.answer.receipt), RunFinished(answer=desk.answer)]


def _question_of(values: dict[str, Any], turn: Turn) -> str:
    """The question a patch or a reply belongs to."""
    if turn.answer_id is not None:
        for past in values.get("history") or []:
            if past["answer_id"] == turn.answer_id:
                return str(past["question"])
    return str((values.get("turn") or {}).get("question", ""))
