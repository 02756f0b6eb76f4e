"""The dialogue suite compares readings, not wording; its books are large enough and well formed."""

from __future__ import annotations

from datetime import datetime

import pytest

from agent.plan import Decline, Plan, Step
from evals.dialogues import agreement, book, calibration_error, figures
from evals.reading import expected, fits, status_of
from warehouse.model.schema import SemanticModel

AS_OF = datetime(2026, 11, 21, 9)
MODEL = SemanticModel.model_validate({
    "model": "m",
    "tables": {"orders": {
        "source": "orders", "key": ["order_id"],
        "time": {"default": "day", "columns": {"day": {"kind": "date"}}},
        "dimensions": {"channel": {}, "order_id": {"type": "integer"}},
        "measures": {"revenue": {"agg": "sum", "expr": "amount"}, "orders": {"agg": "count"}},
    }},
})  # fmt: skip


def planned(**query: object) -> Plan:
    return Plan(intent="x", steps={"s1": Step(tool="query_metrics", args={"query": query})})


REVENUE = planned(
    metrics=[{"metric": "revenue"}],
    dimensions=[{"field": "orders.channel"}],
    filters=[{"field": {"field": "orders.channel"}, "op": "!=", "values": ["web"]}],
    time={"start": "2026-07-01", "end": "2026-10-01"},
)


def test_a_reading_is_compared_part_by_part() -> None:
    right = {"metric": "revenue", "by": ["channel"], "where": {"channel!": "web"}, "period": "2026-Q3"}
    assert fits(REVENUE, right, MODEL, AS_OF)
    assert fits(REVENUE, {**right, "metric": "amount"}, MODEL, AS_OF)
    for change in ({"metric": "orders"}, {"by": []}, {"where": {"channel": "web"}}, {"period": "2026-Q2"}, {"top": 3}):
        assert not fits(REVENUE, {**right, **change}, MODEL, AS_OF), change


def test_any_of_several_readings_will_do() -> None:
    no = Decline(reason="", code="x")
    assert fits(no, ["clarify", "declined"], MODEL, AS_OF) and not fits(no, "answered", MODEL, AS_OF)
    assert fits(REVENUE, ["declined", "answered"], MODEL, AS_OF)
    assert status_of(Plan(intent="talk", steps={})) == "talk"


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("2025", ("2025-01-01", "2026-01-01")),
        ("2026-Q4", ("2026-10-01", "2027-01-01")),
        ("2026-12", ("2026-12-01", "2027-01-01")),
        ("2026-10-01..2026-10-31", ("2026-10-01", "2026-11-01")),
    ],
)
def test_periods_are_written_short(written: str, days: tuple[str, str]) -> None:
    assert expected({"period": written}).period == days


def test_the_books_are_large_and_every_reading_can_be_read() -> None:
    dialogues, groups = book("dialogues")["dialogues"], book("paraphrases")["groups"]
    turns = [turn for one in dialogues for turn in (one if isinstance(one, list) else one["turns"])]
    assert len(dialogues) >= 60
    assert sum(len(g["say"].strip().splitlines()) for g in groups) >= 300
    assert sum(len(g["say"].strip().splitlines()) for g in book("unanswerable")["questions"].values()) >= 80
    for wanted in [*(w for _, w in turns), *(g["is"] for g in groups)]:
        for option in wanted if isinstance(wanted, list) else [wanted]:
            assert isinstance(option, str) or expected(option) is not None


def test_agreement_and_calibration() -> None:
    cases = [
        {
            "part": "paraphrases",
            "kind": "p",
            "group": 1,
            "status": "answered",
            "verdict": "right",
            "read": "a",
            "confidence": 1.0,
        },
        {
            "part": "paraphrases",
            "kind": "p",
            "group": 1,
            "status": "answered",
            "verdict": "wrong",
            "read": "b",
            "confidence": 1.0,
        },
        {"part": "paraphrases", "kind": "p", "group": 1, "status": "declined", "verdict": "held back", "read": ""},
        {
            "part": "paraphrases",
            "kind": "p",
            "group": 1,
            "status": "answered",
            "verdict": "right",
            "read": "a",
            "confidence": 1.0,
        },
    ]
    assert agreement(cases) == 0.5
    assert calibration_error(cases) == pytest.approx(1 / 3)
    assert {f.name for f in figures(cases)} >= {"dialogues: right", "paraphrases: agreement", "calibration error"}
