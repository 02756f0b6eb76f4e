"""A whole turn on real (small) data: right order of events, receipts for every numeral, the same answer twice."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from agent import claims, personal
from agent.answer import Answer
from agent.assistant import Assistant
from agent.brain import PlanContext
from agent.builtin.brain import BuiltinBrain
from agent.events import (
    AssumptionsMade,
    ClarifyAsked,
    DeclineGiven,
    Event,
    ReceiptReady,
    RunFinished,
    RunStarted,
    TableReady,
    TextDelta,
    ToolFinished,
)
from agent.plan import Clarify, Decision, Option
from agent.turn import Turn
from store.errors import InvalidRequest, NotEnough, UnknownName
from store.principal import LOCAL_OWNER
from warehouse.workspace import named

QUESTIONS = (
    "What was revenue last month?",
    "revenue by channel this year",
    "monthly revenue trend this year",
    "top 5 products by revenue in Q3 2026",
    "how many orders from Germany in October 2026?",
    "revenue last month compared with the month before",
    "average order value by channel",
    "which region had the highest revenue last quarter?",
    "orders per week in September 2026",
    "revenue by country and channel in 2025",
    "bottom 3 categories by revenue this year",
    "how many customers do we have?",
    "return rate by category",
    "revenue in the last 30 days",
    "revenue in 2025 vs 2024",
    "gross margin by brand this year",
    "what can I ask?",
    "monthly orders by region this year",
    "share of revenue by channel in 2026",
    "units sold by category last month",
)


@pytest.fixture
async def assistant(retail_home: Path, tmp_path: Path, as_of: datetime) -> AsyncIterator[Assistant]:
    home = tmp_path / "home"
    home.mkdir()
    (home / "workspaces").symlink_to(retail_home / "workspaces")
    made = Assistant(home=home, clock=lambda: as_of)
    await made.start()
    yield made
    await made.aclose()


def turn(text: str, thread: str = "", **more: Any) -> Turn:
    run = uuid.uuid4().hex
    return Turn(workspace="demo-retail", thread_id=thread or f"t-{run}", run_id=run, text=text, **more)


async def events_of(assistant: Assistant, asked: Turn) -> list[Event]:
    return [event async for event in assistant.stream(asked)]


def comparable(answer: Answer) -> dict[str, Any]:
    """All of an answer that must be the same when the question is asked again."""
    told = answer.model_dump(mode="json", exclude={"id", "thread_id", "receipt"})
    for item in told["evidence"]:
        item.pop("ms")
    return told


@pytest.fixture
def indifferent(retail_home: Path) -> Iterator[None]:
    """A reader of whom nothing is learned: what one asks orders what is suggested next."""
    place = named("demo-retail", retail_home)
    personal.forget(place, LOCAL_OWNER)
    personal.change(place, LOCAL_OWNER, learning=False)
    yield
    personal.forget(place, LOCAL_OWNER)


@pytest.mark.slow
@pytest.mark.usefixtures("indifferent")
async def test_twenty_questions_twice(assistant: Assistant) -> None:
    for question in QUESTIONS:
        first, second = await assistant.ask(turn(question)), await assistant.ask(turn(question))
        assert first.status == "answered", (question, first.declined or first.clarification)
        assert comparable(first) == comparable(second), question
        assert first.text, question
        assert claims.problems(first) == [], question
        digits = re.findall(r"\d", claims.LINK.sub("", first.text))
        assert not digits, question
        assert first.result is not None and first.result.rows, question


async def test_a_changed_numeral_is_refused(assistant: Assistant) -> None:
    answer = await assistant.ask(turn("revenue last month"))
    answer.text = re.sub(r"(\[\$\d)", r"\g<1>9", answer.text, count=1)
    assert claims.problems(answer)


async def test_order_of_events(assistant: Assistant) -> None:
    events = await events_of(assistant, turn("revenue by channel this year"))
    kinds = [type(e) for e in events]
    assert kinds[0] is RunStarted and kinds[-1] is RunFinished and kinds[-2] is ReceiptReady
    order = [AssumptionsMade, ToolFinished, TableReady, TextDelta]
    assert [kinds.index(k) for k in order] == sorted(kinds.index(k) for k in order)
    finished = events[-1]
    assert isinstance(finished, RunFinished)
    said = "".join(e.text for e in events if isinstance(e, TextDelta))
    assert said == finished.answer.text
    assert finished.answer.receipt.ms["plan"] > 0


async def test_follow_up_keeps_the_thread(assistant: Assistant) -> None:
    await assistant.ask(turn("revenue by channel this year", "thread"))
    follow = await assistant.ask(turn("and by country?", "thread"))
    assert follow.status == "answered" and follow.result is not None
    assert "country" in [c.name for c in follow.result.columns]


async def test_a_changed_assumption_runs_without_planning(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await assistant.ask(turn("revenue last month", "thread"))
    chip, option = next(
        (a, o) for a in first.assumptions for o in a.options if o.value != a.value and o.patch.get("steps")
    )

    def never(_context: object) -> None:
        raise AssertionError("a patch must not plan again")

    monkeypatch.setattr(assistant._brain, "plan", never)
    monkeypatch.setattr(assistant._brain, "suggest", lambda *_: [])
    changed = await assistant.ask(turn("", "thread", answer_id=first.id, patch=option.patch))
    assert changed.question == first.question
    assert next(a.value for a in changed.assumptions if a.key == chip.key) == option.value
    assert comparable(changed)["evidence"] != comparable(first)["evidence"]
    with pytest.raises(UnknownName):
        await assistant.ask(turn("", "thread", answer_id="a-gone", patch=option.patch))


@pytest.mark.parametrize(
    "patch", [{"steps": None}, {"x": {"y": 1}}, {"confidence": 99}, {"steps": {"s1": {"tool": 5}}}]
)
async def test_a_change_that_makes_no_plan_is_refused(assistant: Assistant, patch: dict[str, Any]) -> None:
    first = await assistant.ask(turn("revenue last month", "thread"))
    with pytest.raises(InvalidRequest) as refused:
        await assistant.ask(turn("", "thread", answer_id=first.id, patch=patch))
    assert refused.value.code == "invalid_patch"


class Unsure(BuiltinBrain):
    """Asks back once, whatever the question."""

    def plan(self, context: PlanContext) -> Decision:
        if context.question != "sales":
            return super().plan(context)
        plans = {q: super(Unsure, self).plan(context.asking(q)) for q in ("net revenue in 2025", "orders in 2025")}
        options = [Option(value=q, label=q, patch=p.model_dump(mode="json")) for q, p in plans.items()]
        return Clarify(question="Revenue or orders?", options=options)


@pytest.mark.parametrize(
    ("said", "column"), [({"choice": "orders in 2025"}, "orders"), ({"other": "units sold in 2025"}, "units")]
)
async def test_asking_back_and_choosing(assistant: Assistant, said: dict[str, str], column: str) -> None:
    assistant._brain = Unsure()
    events = await events_of(assistant, turn("sales", "thread"))
    final = events[-1]
    assert isinstance(final, RunFinished) and final.answer.status == "clarify"
    assert any(isinstance(e, ClarifyAsked) for e in events)
    chosen = await assistant.ask(turn("", "thread", resume=said))
    assert chosen.status == "answered" and chosen.result is not None
    assert column in [c.name for c in chosen.result.columns]
    with pytest.raises(UnknownName):
        await assistant.ask(turn("", "thread", resume=said))


async def test_another_question_instead_of_a_reply(assistant: Assistant) -> None:
    assistant._brain = Unsure()
    await assistant.ask(turn("sales", "thread"))
    assert (await assistant.ask(turn("orders in 2025", "thread"))).status == "answered"


async def test_an_answer_is_shown_as_it_is_wanted(assistant: Assistant) -> None:
    drawn = await assistant.ask(turn("revenue by month in 2025", "thread"))
    assert drawn.charts and drawn.charts[0].spec["mark"]["type"] == "line"
    assert not (await assistant.ask(turn("as a table", "thread"))).charts
    bars = await assistant.ask(turn("as a bar chart", "thread"))
    assert bars.charts[0].spec["mark"] == {"type": "bar"} and bars.charts[0].alt.startswith("Bar chart")


@pytest.mark.parametrize("said", ["2", "orders", "the second one", "orders in 2025"])
async def test_a_reply_may_be_typed(assistant: Assistant, said: str) -> None:
    assistant._brain = Unsure()
    await assistant.ask(turn("sales", "thread"))
    answer = await assistant.ask(turn(said, "thread"))
    assert answer.status == "answered" and answer.result is not None
    assert "orders" in [c.name for c in answer.result.columns]


async def test_the_second_row_can_be_asked_about(assistant: Assistant) -> None:
    first = await assistant.ask(turn("revenue by channel in 2025", "thread"))
    assert first.result is not None
    second = await assistant.ask(turn("the second one", "thread"))
    assert second.result is not None and second.result.rows[0][-1] == first.result.rows[1][-1]


async def test_small_talk_is_answered_without_data(assistant: Assistant) -> None:
    answer = await assistant.ask(turn("thanks!"))
    assert answer.status == "answered" and answer.text and answer.result is None and not answer.evidence


async def test_a_forgotten_thread_has_no_past(assistant: Assistant) -> None:
    first = await assistant.ask(turn("revenue last month", "thread"))
    await assistant.forget("thread")
    with pytest.raises(UnknownName):
        await assistant.ask(turn("", "thread", answer_id=first.id, patch={"intent": "total"}))


async def test_declines_say_why_and_what_else(assistant: Assistant) -> None:
    events = await events_of(assistant, turn("what is the capital of France?"))
    final = events[-1]
    assert isinstance(final, RunFinished) and final.answer.status == "declined"
    assert any(isinstance(e, DeclineGiven) for e in events)
    assert final.answer.declined is not None and final.answer.declined.nearest
    assert final.answer.confidence is None and not final.answer.text


async def test_an_unfinished_run_goes_on_from_its_checkpoint(assistant: Assistant) -> None:
    asked = turn("revenue by channel this year", "thread")
    async for event in assistant.stream(asked):
        if isinstance(event, ToolFinished):
            break
    answer = await assistant.ask(asked)
    assert answer.status == "answered" and answer.result is not None and answer.text
    assert claims.problems(answer) == []
    fresh = await assistant.ask(turn("revenue by channel this year"))
    assert comparable(answer)["result"] == comparable(fresh)["result"]
    assert (await assistant.ask(turn("and last year?", "thread"))).status == "answered"


async def test_bad_doors(assistant: Assistant) -> None:
    with pytest.raises(UnknownName):
        await assistant.ask(Turn(workspace="nowhere", thread_id="t", run_id="r", text="revenue"))
    with pytest.raises(InvalidRequest):
        await assistant.ask(turn("revenue", brain="llm"))
    with pytest.raises(UnknownName):
        await assistant.ask(turn("", "quiet", resume={"choice": "x"}))


async def test_a_tool_that_lacks_data_says_which_kind_of_lack_it_is(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lacking(*_: object) -> None:
        raise NotEnough("I have only 19 days of orders.", code="too_little_history")

    monkeypatch.setattr("agent.nodes._run_step", lacking)
    answer = await assistant.ask(turn("revenue last month", "thread"))
    assert answer.status == "declined" and answer.declined is not None
    assert (answer.declined.code, answer.declined.reason) == ("too_little_history", "I have only 19 days of orders.")
