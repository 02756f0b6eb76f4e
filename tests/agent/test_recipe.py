"""A kept answer is asked again in the same words: its periods move on, its choices stay, its follow-ups follow."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from agent import recipe as recipes
from agent.answer import Answer
from agent.assistant import Assistant
from agent.recipe import Move, Recipe
from agent.turn import Turn
from api import turns
from store.errors import InvalidRequest

LATER = datetime(2026, 12, 21, 9, 0)


class Talk:
    """A conversation whose runs are kept as the state database keeps them."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.thread = f"t-{uuid.uuid4().hex}"
        self.runs: list[dict[str, Any]] = []

    async def say(self, text: str = "", **more: Any) -> Answer:
        asked = Turn("demo-retail", self.thread, uuid.uuid4().hex, text, **more)
        answer = await self.assistant.ask(asked)
        self.runs.append({"turn": turns.to_json(asked), "answer": answer.model_dump(mode="json")})
        return answer

    async def change(self, answer: Answer, key: str, value: str) -> Answer:
        chip = next(a for a in answer.assumptions if a.key == key)
        option = next(o for o in chip.options if o.value == value)
        return await self.say(answer_id=answer.id, patch=option.patch)

    async def again(self, answer: Answer, as_of: datetime | None = None, **changes: str) -> Answer:
        asked = Turn("demo-retail", "again", uuid.uuid4().hex, "", as_of=as_of)
        return await self.assistant.replay(recipes.of_runs(self.runs, answer.id), asked, changes)


@pytest.fixture
async def talk(retail_home: Path, tmp_path: Path, as_of: datetime) -> AsyncIterator[Talk]:
    (tmp_path / "workspaces").symlink_to(retail_home / "workspaces")
    made = Assistant(home=tmp_path, workers=1, clock=lambda: as_of)
    await made.start()
    yield Talk(made)
    await made.aclose()


async def test_the_same_day_gives_the_same_answer(talk: Talk) -> None:
    told = await talk.say("revenue by channel last month")
    again = await talk.again(told)
    assert (again.text, again.result) == (told.text, told.result)
    assert again.charts == told.charts and again.receipt.ms["total"] > 0


async def test_a_period_said_by_today_moves_and_a_named_one_stays(talk: Talk) -> None:
    moving, fixed = await talk.say("revenue last month"), await talk.say("revenue in October 2026")
    assert moving.result is not None and fixed.result is not None
    assert moving.result.rows == fixed.result.rows
    moved, stayed = await talk.again(moving, LATER), await talk.again(fixed, LATER)
    assert "November 2026" in moved.text and "October 2026" in stayed.text


async def test_follow_ups_and_changes_are_followed(talk: Talk) -> None:
    await talk.say("revenue by channel this year")
    by_region = await talk.say("and by region?")
    changed = await talk.change(by_region, "period", "last_month")
    again = await talk.again(changed)
    assert again.result == changed.result and again.text == changed.text
    assert "November 2026" in (await talk.again(changed, LATER)).text


async def test_the_choice_after_a_question_back_is_kept(talk: Talk) -> None:
    asked = await talk.say("best product by margin")
    assert asked.clarification is not None, asked.text
    chosen = await talk.say(resume={"choice": asked.clarification.options[0].value})
    again = await talk.again(chosen)
    assert again.result == chosen.result and again.status == "answered"


async def test_another_period_for_all(talk: Talk) -> None:
    told = await talk.say("revenue by channel this year")
    again = await talk.again(told, period="last_month")
    assert "October 2026" in again.text
    assert (await talk.again(told, period="no such period")).text == told.text


async def test_only_figures_are_kept(talk: Talk) -> None:
    told = await talk.say("hello")
    with pytest.raises(InvalidRequest, match="figures"):
        recipes.of_runs(talk.runs, told.id)
    with pytest.raises(InvalidRequest):
        recipes.of_runs(talk.runs, "a-of-somebody-else")


async def test_words_that_mean_nothing_any_more_are_said_so(talk: Talk) -> None:
    gone = Recipe(moves=[Move(kind="ask", text="zzz by qqq")])
    with pytest.raises(InvalidRequest, match="no longer"):
        await talk.assistant.replay(gone, Turn("demo-retail", "again", "r", ""), {})
