"""Interests: learned from use, seen, changed and deleted by their reader; they order, shorten, and change no number."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from agent import personal
from agent.answer import Answer
from agent.assistant import Assistant
from agent.turn import Turn
from store.principal import Principal
from tools.evidence import Evidence
from warehouse.model import store
from warehouse.workspace import named

ANN = Principal("ann", "Ann", "analyst", {})
BOB = Principal("bob", "Bob", "analyst", {})
QUESTIONS = (
    "revenue by channel this year", "What was revenue last month compared with the month before?",
    "top 5 products by revenue in Q3 2026", "Why did revenue fall in May 2026?", "return rate by category",
)  # fmt: skip


@pytest.fixture
async def assistant(retail_home: Path, tmp_path: Path, as_of: datetime) -> AsyncIterator[Assistant]:
    """The demo with its own place for interests, so that nobody else's tests meet them."""
    home, shop = tmp_path / "home", tmp_path / "home" / "workspaces" / "demo-retail"
    shop.mkdir(parents=True)
    for entry in (retail_home / "workspaces" / "demo-retail").iterdir():
        if entry.name != "interests":
            (shop / entry.name).symlink_to(entry)
    made = Assistant(home=home, clock=lambda: as_of)
    await made.start()
    yield made
    await made.aclose()


async def asked(assistant: Assistant, text: str, who: Principal) -> Answer:
    run = uuid.uuid4().hex
    return await assistant.ask(Turn("demo-retail", f"t-{run}", run, text, principal=who))


def figures(answer: Answer) -> Any:
    told = answer.model_dump(mode="json")
    return [told["status"], told["result"], told["tables"], told["facts"], told["assumptions"], told["warnings"]]


async def test_two_readers_with_other_interests_get_the_same_numbers(assistant: Assistant, tmp_path: Path) -> None:
    place = assistant.views().get("demo-retail").workspace
    personal.change(place, ANN, favourites=["return_rate"], detail="short")
    personal.change(place, BOB, favourites=["aov"], detail="full")
    shorter = 0
    for question in QUESTIONS:
        one, other = await asked(assistant, question, ANN), await asked(assistant, question, BOB)
        assert figures(one) == figures(other)
        assert other.text.startswith(one.text.rstrip())
        assert {s.question for s in one.suggestions} == {s.question for s in other.suggestions}
        shorter += len(one.text) < len(other.text)
    assert shorter


async def test_what_is_asked_is_learned_and_can_be_deleted(assistant: Assistant) -> None:
    place = assistant.views().get("demo-retail").workspace
    await asked(assistant, "revenue by channel this year", ANN)
    learned = personal.of(place, ANN).learned
    assert len(learned) == 2 and any("channel" in n for n in learned)
    assert personal.of(place, BOB) == personal.Interests()
    gone = next(n for n in learned if "channel" in n)
    personal.change(place, ANN, forget=[gone])
    await asked(assistant, "revenue by channel this year", ANN)
    assert gone not in personal.of(place, ANN).learned
    personal.change(place, ANN, learning=False)
    before = personal.of(place, ANN)
    await asked(assistant, "orders by region this year", ANN)
    assert personal.of(place, ANN) == before
    personal.forget(place, ANN)
    assert personal.of(place, ANN) == personal.Interests()


def test_favourites_come_first_and_all_else_keeps_its_place(retail_home: Path) -> None:
    model = store.load(named("demo-retail", retail_home).model_file)
    said = ["Orders by region", "Net revenue by channel", "Return rate by category", "Something else"]
    likes = personal.Interests(favourites=("return_rate",))
    assert personal.ordered(said, said, model, likes) == [said[2], said[0], said[1], said[3]]
    assert personal.ordered(said, said, model, personal.Interests(learned={"return_rate": 1.0})) == said
    assert personal.ordered(said, said, model, personal.Interests()) == said


def test_what_is_no_longer_asked_fades(tmp_path: Path) -> None:
    place = named("shop", tmp_path)
    personal.note(place, ANN, [_asked("returns")])
    for _ in range(120):
        personal.note(place, ANN, [_asked("revenue")])
    assert list(personal.of(place, ANN).learned) == ["revenue"]


def test_a_damaged_file_is_no_reason_to_fail(tmp_path: Path) -> None:
    place = named("shop", tmp_path)
    personal.note(place, ANN, [_asked("returns")])
    for file in (place.root / "interests").iterdir():
        file.write_text("{")
    assert personal.of(place, ANN) == personal.Interests()


def _asked(metric: str) -> Evidence:
    return Evidence(id="e1", tool="query_metrics", args={"query": {"metrics": [{"metric": metric}]}})
