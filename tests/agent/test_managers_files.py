"""Files of a gym, a clinic and a stock room, asked as their managers would; every figure held against plain SQL."""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from agent import claims
from agent.answer import Answer
from agent.assistant import Assistant
from agent.turn import Turn
from ingestion.pipeline import ingest
from warehouse.workspace import named

_LAST = date(2026, 2, 14)


def members() -> Iterator[str]:
    yield "member_id,name,plan,monthly_fee,join_date,cancel_date,status"
    dice = random.Random(21)
    for number in range(300):
        joined = date(2024, 1, 1) + timedelta(days=dice.randrange(774))
        gone = joined + timedelta(days=dice.randrange(30, 400)) if dice.random() < 0.4 else None
        left = gone if gone is not None and gone <= _LAST else ""
        plan, state = dice.choice(("Basic", "Plus", "Premium")), "cancelled" if left else "active"
        yield f"{number},Member {number},{plan},{dice.choice((25, 40))},{joined},{left},{state}"


def visits() -> Iterator[str]:
    yield "visit_id,member_id,checked_in_at,club,minutes"
    dice = random.Random(22)
    for number in range(2500):
        when = datetime(2024, 1, 1, 6) + timedelta(minutes=dice.randrange(775 * 1440))
        yield f"{number},{dice.randrange(280)},{when},{dice.choice(('North', 'South'))},{dice.randrange(20, 120)}"


def appointments() -> Iterator[str]:
    yield "appointment_id,doctor,booked_on,scheduled_at,status,wait_minutes"
    dice = random.Random(23)
    for number in range(1500):
        made = date(2025, 1, 1) + timedelta(days=dice.randrange(410))
        when = datetime(made.year, made.month, made.day, 9) + timedelta(days=dice.randrange(30))
        state = (
            dice.choices(("completed", "no-show", "cancelled"), (7, 1, 2))[0] if when.date() <= _LAST else "scheduled"
        )
        wait = dice.randrange(60) if state == "completed" else ""
        yield f"{number},{dice.choice(('Adams', 'Brown', 'Chen'))},{made},{when},{state},{wait}"


def products() -> Iterator[str]:
    yield "sku,category,unit_cost"
    dice = random.Random(24)
    for number in range(60):
        yield f"S{number},{dice.choice(('Hardware', 'Furniture'))},{dice.randrange(200, 9000) / 100}"


def orders() -> Iterator[str]:
    yield "order_id,order_date,country,total"
    dice = random.Random(25)
    for number in range(400):
        day = date(2025, 1, 1) + timedelta(days=dice.randrange(400))
        yield f"{number},{day},{dice.choice(('DE', 'US'))},{dice.randrange(500, 30000) / 100}"


def order_lines() -> Iterator[str]:
    yield "order_id,order_date,product,quantity,amount"
    dice = random.Random(26)
    for number in range(600):
        day = date(2025, 1, 1) + timedelta(days=number // 2)
        rest = f"{dice.choice(('Mug', 'Pen'))},{dice.randrange(1, 5)},{dice.randrange(300, 4000) / 100}"
        yield f"{number // 2},{day},{rest}"


def staff() -> Iterator[str]:
    yield "employee_id,full_name,department,hire_date,leave_date,salary_gbp,bonus_gbp,remote"
    dice = random.Random(27)
    for number in range(200):
        hired = date(2016, 1, 1) + timedelta(days=number * 17)
        left = hired + timedelta(days=300) if number % 5 == 0 else ""
        rest = f"{dice.randrange(30, 90) * 1000},{dice.randrange(9000)},{dice.choice(('Yes', 'No'))}"
        yield f"{number},Person{number},{dice.choice(('Sales', 'Support'))},{hired},{left},{rest}"


FILES = {
    "shop": (orders,),
    "lines": (order_lines,),
    "staff": (staff,),
    "gym": (members, visits),
    "clinic": (appointments,),
    "stock": (products,),
}
_M, _V, _A, _P = (f"read_csv('HOME/{name}.csv')" for name in ("members", "visits", "appointments", "products"))
_O, _L, _S = (f"read_csv('HOME/{name}.csv')" for name in ("orders", "order_lines", "staff"))
CASES = (
    ("shop", "average order value", f"SELECT avg(total) FROM {_O}"),
    ("shop", "what is our aov by country?", f"SELECT country, avg(total) a FROM {_O} GROUP BY 1 ORDER BY a DESC"),
    ("lines", "average order value", f"SELECT sum(amount) / count(DISTINCT order_id) FROM {_L}"),
    ("staff", "who has been here longest?",
     f"SELECT employee_id FROM {_S} WHERE leave_date IS NULL ORDER BY hire_date LIMIT 1"),
    ("staff", "average salary remote vs non-remote",
     f"SELECT remote, avg(salary_gbp) a FROM {_S} GROUP BY 1 ORDER BY a DESC"),
    ("staff", "bonus as a share of salary by department",
     f"SELECT department, sum(bonus_gbp) / sum(salary_gbp) a FROM {_S} GROUP BY 1 ORDER BY a DESC"),
    ("shop", "total last week vs same week last year",
     f"SELECT sum(total) FILTER (order_date >= '2026-01-26' AND order_date < '2026-02-02'),"
     f" sum(total) FILTER (order_date >= '2025-01-27' AND order_date < '2025-02-03') FROM {_O}"),
    ("shop", "total on black friday 2025 vs 2024",
     f"SELECT sum(total) FILTER (order_date = '2025-11-28') FROM {_O}"),
    ("shop", "daily total last month vs the month before",
     f"SELECT a.d, a.t, b.t FROM (SELECT range::DATE::VARCHAR d, (SELECT coalesce(sum(total), 0) FROM {_O} WHERE"
     f" order_date = range) t FROM range(DATE '2026-01-01', DATE '2026-02-01', INTERVAL 1 DAY)) a JOIN"
     f" (SELECT (range + INTERVAL 31 DAY)::DATE::VARCHAR d, (SELECT coalesce(sum(total), 0) FROM {_O}"
     f" WHERE order_date = range) t FROM range(DATE '2025-12-01', DATE '2026-01-01', INTERVAL 1 DAY)) b"
     " USING (d) ORDER BY 1"),
    ("gym", "how many members cancelled in 2025?",
     f"SELECT count(*) FROM {_M} WHERE year(cancel_date) = 2025"),
    ("gym", "cancelled members last month vs the month before",
     f"SELECT count(*) FILTER (cancel_date >= '2026-01-01' AND cancel_date < '2026-02-01'),"
     f" count(*) FILTER (cancel_date >= '2025-12-01' AND cancel_date < '2026-01-01') FROM {_M}"),
    ("gym", "how many members have not visited in the last 30 days?",
     f"SELECT count(*) FROM {_M} WHERE member_id NOT IN"
     f" (SELECT member_id FROM {_V} WHERE checked_in_at >= '2026-01-16')"),
    ("gym", "how many members have no visits in 2025?",
     f"SELECT count(*) FROM {_M} WHERE member_id NOT IN (SELECT member_id FROM {_V} WHERE year(checked_in_at) = 2025)"),
    ("clinic", "no-show rate by doctor",
     f"SELECT doctor, avg((status = 'no-show')::INT) a FROM {_A} GROUP BY 1 ORDER BY a DESC"),
    ("clinic", "which doctor has the worst no-show rate?",
     f"SELECT doctor, avg((status = 'no-show')::INT) a FROM {_A} GROUP BY 1 ORDER BY a DESC LIMIT 1"),
    ("clinic", "which doctor has the lowest cancellation rate?",
     f"SELECT doctor, avg((status = 'cancelled')::INT) a FROM {_A} GROUP BY 1 ORDER BY a LIMIT 1"),
    ("clinic", "which doctor has the worst wait?",
     f"SELECT doctor, avg(wait_minutes) a FROM {_A} GROUP BY 1 ORDER BY a DESC LIMIT 1"),
    ("stock", "unit cost by category", f"SELECT category, avg(unit_cost) a FROM {_P} GROUP BY 1 ORDER BY a DESC"),
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("managers")
    for name, files in FILES.items():
        paths = [made / f"{rows.__name__}.csv" for rows in files]
        for path, rows in zip(paths, files, strict=True):
            path.write_text("\n".join(rows()) + "\n")
        ingest(named(name, made), paths)
    return made


@pytest.fixture
async def assistant(home: Path) -> AsyncIterator[Assistant]:
    made = Assistant(home=home, workers=1, clock=lambda: datetime(2026, 2, 15, 9, tzinfo=UTC))
    await made.start()
    yield made
    await made.aclose()


async def ask(assistant: Assistant, name: str, question: str, thread: str = "") -> Answer:
    run = uuid.uuid4().hex
    return await assistant.ask(Turn(name, thread or run, run, question))


def said(answer: Answer) -> str:
    return claims.LINK.sub(lambda m: m[1], answer.text)


def cells(rows: Any) -> list[list[Any]]:
    return [[float(v) if re.fullmatch(r"-?[\d.]+(e-?\d+)?", str(v)) else v for v in row] for row in rows]


async def test_the_figures_are_those_of_plain_sql(assistant: Assistant, home: Path) -> None:
    for name, question, query in CASES:
        told = await ask(assistant, name, question)
        assert told.status == "answered" and told.result is not None, (question, told.declined)
        with duckdb.connect() as connection:
            expected = cells(connection.execute(query.replace("HOME", str(home))).fetchall())
        shown = [row[: len(expected[0])] for row in cells(told.result.rows)]
        assert len(shown) == len(expected), question
        for row, other in zip(shown, expected, strict=True):
            assert row == [pytest.approx(v, rel=1e-6) if isinstance(v, float) else v for v in other], question


async def test_last_saturday_is_a_day_in_a_reply_too(assistant: Assistant) -> None:
    thread = uuid.uuid4().hex
    await ask(assistant, "shop", "total by country last month", thread)
    told = await ask(assistant, "shop", "what about last saturday?", thread)
    assert told.evidence[0].args["query"]["time"] == {"start": "2026-01-31", "end": "2026-02-01"}


async def test_what_is_lacking_is_said_with_its_period(assistant: Assistant) -> None:
    text = said(await ask(assistant, "gym", "how many members have no visits in 2025?"))
    assert "without visits (checked in at is not before Jan 1, 2025 and checked in at is before Jan 1, 2026)" in text


async def test_a_state_is_dated_by_its_own_date_and_says_so(assistant: Assistant) -> None:
    assert "have a cancel date in 2025" in said(await ask(assistant, "gym", "how many members cancelled in 2025?"))


async def test_the_worst_of_a_wait_is_the_longest_in_a_reply_too(assistant: Assistant) -> None:
    thread = uuid.uuid4().hex
    ranked = await ask(assistant, "clinic", "average wait by doctor", thread)
    worst = await ask(assistant, "clinic", "which is worst?", thread)
    best = await ask(assistant, "clinic", "which is best?", thread)
    assert ranked.result and worst.result and best.result
    assert worst.result.rows[0][0] == ranked.result.rows[0][0]
    assert best.result.rows[0][0] == ranked.result.rows[-1][0]


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("clinic", "how many appointments are scheduled for next week?"),  # they are in the data, no forecast
        ("gym", "churn rate by plan"),  # of which months?
        ("gym", "which club has the worst attendance?"),
    ],
)
async def test_what_cannot_be_told_is_declined(assistant: Assistant, name: str, question: str) -> None:
    assert (await ask(assistant, name, question)).status == "declined"


async def test_a_campaign_of_that_name_is_meant_before_the_day(
    assistant: Assistant, home: Path, tmp_path: Path
) -> None:
    rows = [f"{n},2025-{n % 12 + 1:02}-05,{'Black Friday 2025' if n % 3 else 'Spring'},{n}" for n in range(1, 90)]
    (tmp_path / "sales.csv").write_text("sale_id,sold_on,campaign,amount\n" + "\n".join(rows) + "\n")
    ingest(named("campaigns", home), [tmp_path / "sales.csv"])
    told = await ask(assistant, "campaigns", "total amount of Black Friday 2025")
    assert told.result is not None and float(told.result.rows[0][0]) == sum(n for n in range(1, 90) if n % 3)
