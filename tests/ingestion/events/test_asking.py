"""Plain questions about events, with no modelling by anybody: pages, visits per person, steps, who did what."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from agent.assistant import Assistant
from agent.turn import Turn
from ingestion.events import settling
from ingestion.events.intake import Intake
from ingestion.events.wording import deeds
from warehouse.workspace import named

NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
DAY = NOW - timedelta(days=8)
PAGES = {"/": 9, "/pricing": 5, "/docs": 2}


def made():
    """Sixteen views by four visitors on two days; three sign up, two of them buy."""
    found = []

    def add(name, who, minute, day=0, **more):
        when = (DAY + timedelta(days=day, minutes=minute)).isoformat()
        found.append({"id": f"{name}{len(found)}", "event": name, "timestamp": when, "anonymous_id": who, **more})

    views = [page for page, count in PAGES.items() for _ in range(count)]
    for n, page in enumerate(views):
        context = {"page_url": page, "country": "DE" if n % 2 else "FR"}
        add("page_view", f"v{n % 4}", n, n % 8 // 4, context=context)
    for who in ("v0", "v1", "v2"):
        add("signup", who, 20, properties={"plan": "pro"})
    for who, revenue in (("v0", 20), ("v1", 30)):
        add("order_completed", who, 25, properties={"revenue": revenue, "currency": "EUR"})
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("asking")
    place = named("shop", home)
    place.lake.mkdir(parents=True)
    with closing(Intake(place)) as intake:
        asyncio.run(intake.take(made(), {}))
        intake.waits()
        settling.settle(place, intake.pace, now=True)
    return home


@pytest.fixture(scope="module")
def answers(home):
    """Every question of this file, answered over one assistant."""

    async def ask():
        assistant = Assistant(home=home)
        await assistant.start()
        try:
            turns = [Turn("shop", f"t{n}", f"t{n}", q, as_of=NOW.replace(tzinfo=None), brain="builtin")
                     for n, q in enumerate(QUESTIONS)]  # fmt: skip
            return {q: await assistant.ask(turn) for q, turn in zip(QUESTIONS, turns, strict=True)}
        finally:
            await assistant.aclose()

    return asyncio.run(ask())


QUESTIONS = {
    "most visited pages": [("/", 9), ("/pricing", 5), ("/docs", 2)],
    "what is the most viewed page?": [("/", 9)],
    "what are the most popular pages?": [("/", 9), ("/pricing", 5), ("/docs", 2)],
    "top 2 pages by views": [("/", 9), ("/pricing", 5)],
    "sessions per user": [(2.0,)],
    "purchases per user": None,
    "orders completed per user": [(0.5,)],
    "average revenue per user": [(12.5,)],
    "how many users signed up?": [(3,)],
    "how many people completed an order?": [(2,)],
    "active users in the last 14 days": [(4,)],
    "signups by plan": [("pro", 3)],
    "conversion from signup to order completed": None,  # of three people no rate is told
    "how many users who signed up purchased?": None,
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_plain_questions_find_what_was_sent(answers, question):
    answer, wanted = answers[question], QUESTIONS[question]
    if wanted is None:
        assert answer.status != "answered", answer.text
        return
    assert answer.status == "answered", answer.declined
    rows = [r for r in answer.result.rows if r[0] is not None]
    found = [(r[0], r[-1]) if len(r) == 2 else (r[0], r[1]) if len(r) > 2 else (r[0],) for r in rows]
    found = [tuple(str(v).lower().replace(" ", "_") if isinstance(v, str) else v for v in row) for row in found]
    assert found[: len(wanted)] == wanted


def test_no_warning_of_currencies_where_no_amount_is_left_out(answers):
    for question in ("average revenue per user", "sessions per user"):
        assert [w.code for w in answers[question].warnings if w.code == "currency_unknown"] == []


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("signup", "signed up"), ("order_completed", "completed an order"), ("productViewed", "viewed a product"),
        ("added_to_cart", "added to cart"), ("start_trial", "started trial"), ("download", "downloaded"),
        ("heartbeat", None),
    ],
)  # fmt: skip
def test_events_are_said_as_deeds(event, said):
    assert (deeds(event) or [None])[0] == said
