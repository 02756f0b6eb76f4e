"""A finding called usual is told no more and the range widens a little, until the verdict is taken back."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from agent import memory
from agent.answer import Answer
from agent.assistant import Assistant
from agent.turn import Turn
from ingestion.pipeline import ingest
from store.principal import LOCAL_OWNER
from tools.anomaly.judged import Judged, is_usual, width
from warehouse.workspace import Workspace, named

END = datetime(2026, 6, 1, 9)
SPIKE = date(2026, 5, 20)


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    days = [END.date() - timedelta(days=n) for n in range(160, 0, -1)]
    rows = [f"{d},{900 if d == SPIKE else 100 + 10 * (d.weekday() < 5) + d.day % 4}" for d in days]
    file = tmp_path / "site.csv"
    file.write_text("\n".join(["date,page_views", *rows]) + "\n")
    made = named("site", tmp_path / "home")
    ingest(made, [file])
    return made


@pytest.fixture
async def assistant(place: Workspace, tmp_path: Path) -> AsyncIterator[Assistant]:
    made = Assistant(home=tmp_path / "home", workers=1, clock=lambda: END)
    await made.start()
    yield made
    await made.aclose()


async def told(assistant: Assistant, text: str, thread: str) -> Answer:
    return await assistant.ask(Turn("site", thread, uuid.uuid4().hex, text))


async def test_what_was_called_usual_is_told_no_more(assistant: Assistant, place: Workspace) -> None:
    asked, thread = "Was anything unusual in page views in May 2026?", uuid.uuid4().hex
    first = await told(assistant, asked, thread)
    assert first.result is not None, (first.declined, first.clarification, first.text)
    assert SPIKE.isoformat() in str(first.result.rows)
    assert "leave that out" in (await told(assistant, "That was not odd.", thread)).text
    again = await told(assistant, asked, uuid.uuid4().hex)
    assert again.result is None or SPIKE.isoformat() not in str(again.result.rows)
    assert any(w.code == "judged_usual" for w in again.warnings)
    (kept,) = memory.listed(place, LOCAL_OWNER)
    assert (kept.kind, kept.means, kept.state) == ("verdict", "usual", "approved")
    memory.remove(place, LOCAL_OWNER, kept.id)
    back = await told(assistant, asked, uuid.uuid4().hex)
    assert back.result is not None
    assert SPIKE.isoformat() in str(back.result.rows)


async def test_the_words_mean_nothing_without_a_finding(assistant: Assistant, place: Workspace) -> None:
    answer = await told(assistant, "That was not odd.", uuid.uuid4().hex)
    assert answer.status != "answered"
    assert memory.listed(place, LOCAL_OWNER) == []


def test_verdicts_move_the_range_within_limits() -> None:
    usual = Judged(start=SPIKE, end=SPIKE)
    odd = Judged(start=SPIKE, end=SPIKE, verdict="odd")
    assert width(()) == 1.0
    assert 1.0 < width((usual,)) < width((usual, usual))
    assert width((odd,)) < 1.0
    assert width((usual,) * 100) == 1.6
    assert width((odd,) * 100) == 0.8


def test_a_longer_finding_than_was_judged_is_news() -> None:
    judged = (Judged(start=SPIKE, end=SPIKE, of="Web"),)
    assert is_usual(judged, "Web", (SPIKE, SPIKE))
    assert not is_usual(judged, "Web", (SPIKE, SPIKE + timedelta(days=1)))
    assert not is_usual(judged, None, (SPIKE, SPIKE))
