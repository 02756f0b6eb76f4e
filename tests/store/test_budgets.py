"""Budgets of questions a day: their own before that of each, across deletions and processes, anew at midnight."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from store import budgets, runs
from store.budgets import BudgetSpent
from store.database import Database
from store.errors import InvalidRequest


def asked(connection, number: int, person: str = "ann", workspace: str = "shop") -> None:
    turn = runs.NewRun(
        f"r{person}{number}", f"t{person}{workspace}", workspace, person, "total", {"text": "total"}, "a"
    )
    runs.start(connection, turn)
    budgets.spend(connection, person, workspace)


async def test_the_last_question_of_a_day_is_answered_and_the_next_one_refused(state_url: str) -> None:
    database = Database.open(url=state_url)
    try:
        await database.write(lambda c: asked(c, 1))
        await database.write(lambda c: budgets.put(c, "person", budgets.ANY, 3))
        for number in (2, 3):
            await database.write(lambda c, n=number: asked(c, n))
        with pytest.raises(BudgetSpent) as caught:
            await database.write(lambda c: asked(c, 4))
        assert caught.value.http_status == 429 and 0 < (caught.value.retry_after or 0) <= 86_400
        assert "All 3 questions that you may ask today" in caught.value.message and "midnight UTC" in caught.value.hint
        assert await database.read(lambda c: budgets.asked_today(c, "person", "ann")) == 3, "a refused one counts not"
        await database.write(lambda c: runs.delete_thread(c, "tannshop"))
        with pytest.raises(BudgetSpent):
            await database.write(lambda c: asked(c, 5))
        await database.write(lambda c: asked(c, 1, "bob"))
        await database.write(lambda c: budgets.put(c, "person", "ann", 5))
        await database.write(lambda c: asked(c, 6))
        await database.write(lambda c: budgets.put(c, "workspace", "shop", 0))
        with pytest.raises(BudgetSpent, match="No questions are allowed"):
            await database.write(lambda c: asked(c, 2, "bob"))
        await database.write(lambda c: asked(c, 3, "bob", "cafe"))
        await database.write(lambda c: budgets.put(c, "workspace", "shop", None))
        await database.write(lambda c: budgets.forget(c, "person", "ann"))
        assert [dict(row) for row in await database.read(budgets.listed)] == [
            {"kind": "person", "of": "*", "questions": 3}
        ]
        with pytest.raises(InvalidRequest):
            await database.write(lambda c: budgets.put(c, "person", "ann", -1))
    finally:
        database.close()


def test_the_next_day_begins_at_midnight_utc() -> None:
    late = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    assert budgets.next_day(late) == datetime(2027, 1, 1, tzinfo=UTC)
