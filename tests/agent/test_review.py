"""A report on real (small) data: a visible plan, receipts for every numeral, stoppable, and the same after a crash."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from agent import claims
from agent.answer import Answer
from agent.assistant import Assistant
from agent.events import Event, Progress, RunFinished, StepFinished, StepStarted, ToolFinished
from agent.turn import Turn
from store.errors import NotEnough
from tools import registry


@pytest.fixture
async def assistant(retail_home: Path, tmp_path: Path, as_of: datetime) -> AsyncIterator[Assistant]:
    (tmp_path / "workspaces").symlink_to(retail_home / "workspaces")
    made = Assistant(home=tmp_path, clock=lambda: as_of)
    await made.start()
    yield made
    await made.aclose()


def turn(text: str, **more: object) -> Turn:
    run = uuid.uuid4().hex
    return Turn(workspace="demo-retail", thread_id=f"t-{run}", run_id=run, text=text, brain="builtin", **more)  # type: ignore[arg-type]


async def told(assistant: Assistant, asked: Turn) -> tuple[list[Event], Answer]:
    events = [e async for e in assistant.stream(asked)]
    assert isinstance(events[-1], RunFinished)
    return events, events[-1].answer


async def test_a_review_shows_its_plan_and_has_a_receipt_for_every_numeral(assistant: Assistant) -> None:
    events, answer = await told(assistant, turn("review our quarter"))
    assert answer.status == "answered" and not claims.problems(answer)
    steps = [e.name for e in events if isinstance(e, StepStarted)]
    ended = [e.name for e in events if isinstance(e, StepFinished)]
    assert sorted(steps) == sorted(ended) and len(steps) >= 6
    assert "1. Key figures" in steps
    done = [e for e in events if isinstance(e, ToolFinished) and e.evidence]
    progress = [e.share for e in events if isinstance(e, Progress)]
    assert len(progress) == len(done) and progress == sorted(progress)
    assert len(answer.evidence) >= 5
    headings = [line for line in answer.text.splitlines() if line.startswith("### ")]
    assert headings[:2] == ["### Key figures", "### What moved it"] and "### What is ahead" in headings
    assert not answer.text.startswith("#")
    assert len(answer.warnings) == len({(w.code, w.message) for w in answer.warnings})


async def test_a_step_that_fails_is_left_out_and_said(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_args: object) -> None:
        raise NotEnough("There are only 3 months of data.", code="too_little_history")

    forecast = registry.get("forecast")
    monkeypatch.setitem(registry._TOOLS, "forecast", registry.Tool(**{**forecast.__dict__, "call": none}))
    _, answer = await told(assistant, turn("review our quarter"))
    assert answer.status == "answered" and not claims.problems(answer)
    assert "Left out" in answer.text and "“What is ahead”" in answer.text
    assert any(w.code == "step_left_out" and "3 months" in w.message for w in answer.warnings)


async def test_a_review_that_was_cut_off_goes_on_from_its_plan(assistant: Assistant, as_of: datetime) -> None:
    asked = turn("review our quarter")
    stream = assistant.stream(asked)
    async for event in stream:
        if isinstance(event, Progress):
            break
    await stream.aclose()  # type: ignore[attr-defined]
    again = Assistant(home=assistant._home, clock=lambda: as_of)
    await again.start()
    try:
        events, answer = await told(again, asked)
        assert not any(isinstance(e, StepStarted) and e.name == "Reading the question" for e in events)
        _, whole = await told(again, turn("review our quarter"))
    finally:
        await again.aclose()
    assert answer.status == "answered" and _told_in_time(answer) == _told_in_time(whole)


def _told_in_time(answer: Answer) -> str:
    """Without what is said only where the search for news came to its end in its time."""
    return answer.text.replace(" Nothing else left its usual course by enough to matter.", "")


async def test_a_review_changes_with_its_chips_and_is_the_ground_for_what_follows(assistant: Assistant) -> None:
    first = turn("review our quarter")
    _, answer = await told(assistant, first)
    chip = next(a for a in answer.assumptions if a.key == "period")
    month = next(o for o in chip.options if o.value == "last month")
    changed = turn("", answer_id=answer.id, patch=month.patch)
    changed = Turn(**{**changed.__dict__, "thread_id": first.thread_id})
    _, other = await told(assistant, changed)
    assert other.status == "answered" and other.text != answer.text
    follow = Turn(**{**turn("by channel").__dict__, "thread_id": first.thread_id})
    _, split = await told(assistant, follow)
    assert split.status == "answered" and len(split.evidence) == 1
