"""Files as people have them: units in headers, digits in names, tickets that close later; all held against SQL."""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from agent import claims
from agent.answer import Answer
from agent.assistant import Assistant
from agent.turn import Turn
from ingestion.pipeline import ingest
from warehouse.model import store
from warehouse.workspace import named


def tickets() -> Iterator[str]:
    yield "ticket_id,created_at,closed_at,agent,priority,channel,response_minutes,satisfaction"
    dice = random.Random(3)
    for number in range(600):
        made = datetime(2025, 1, 1) + timedelta(minutes=dice.randrange(60 * 24 * 300))
        done = made + timedelta(minutes=dice.randrange(30, 6000)) if dice.random() > 0.1 else ""
        agent, mark = dice.choice(("Ana", "Ben", "Cleo")), dice.choice((1, 2, 3, 4, 5))
        level, way = dice.choice(("Low", "Normal", "High")), dice.choice(("Phone", "Chat"))
        yield f"T{number:04},{made},{done},{agent},{level},{way},{dice.randrange(90)},{mark}"


def players() -> Iterator[str]:
    yield "player_id,name,club,position,age,height_cm,goals,market_value_eur,contract_until"
    dice = random.Random(5)
    for number in range(200):
        yield (
            f"{number + 1},Player {chr(65 + number % 26)}{number},{dice.choice(('Ajax', 'Celtic', 'Genoa'))},"
            f"{dice.choice(('Forward', 'Defender'))},{dice.randrange(17, 39)},{dice.randrange(165, 200)},"
            f"{dice.randrange(9)},{dice.randrange(1, 80) * 500_000},{dice.randrange(2025, 2031)}"
        )


def air() -> Iterator[str]:
    yield "date,station,pm25,no2,temperature_c"
    dice = random.Random(9)
    for day in range(300):
        for station in ("North", "Park"):
            when = datetime(2025, 1, 1) + timedelta(days=day)
            fine, gas = dice.randrange(50, 300) / 10, dice.randrange(400) / 10
            yield f"{when:%Y-%m-%d},{station},{fine},{gas},{dice.randrange(30)}"


def employees() -> Iterator[str]:
    yield "employee_id,full_name,department,gender,hire_date,leave_date,salary_gbp,bonus_gbp,days_absent,remote"
    dice = random.Random(11)
    for number in range(300):
        hired = datetime(2016, 1, 1) + timedelta(days=dice.randrange(3500))
        gone = hired + timedelta(days=dice.randrange(100, 2000)) if dice.random() < 0.3 else None
        left = f"{gone:%Y-%m-%d}" if gone is not None and gone < datetime(2026, 1, 1) else ""
        who, part = f"{dice.choice(('Ana', 'Ben'))} Number{number}", dice.choice(("Sales", "Support"))
        rest = f"{dice.randrange(30, 90) * 1000 + number},{dice.randrange(9000)},{dice.randrange(20)}"
        yield (f"{number},{who},{part},{dice.choice('FM')},{hired:%Y-%m-%d},{left},{rest},{dice.choice(('Yes', 'No'))}")


def parcels() -> Iterator[str]:
    yield "Delivery No;Order Date;Delivered On;Driver;Depot;Distance (km);Cost (€);Status;Late"
    dice = random.Random(13)
    for number in range(900):
        made = datetime(2025, 1, 1) + timedelta(minutes=dice.randrange(60 * 24 * 320))
        state = dice.choice(("Delivered", "Delivered", "Delivered", "Failed"))
        done = made + timedelta(hours=dice.randrange(3, 96)) if state == "Delivered" else ""
        rest = f"{dice.randrange(10, 900) / 10};{dice.randrange(400, 9000) / 100};{state};{dice.choice('YNN')}"
        yield f"D{number:04};{made};{done};{dice.choice(('Sam', 'Uma'))};{dice.choice(('North', 'South'))};{rest}"


def staff() -> Iterator[str]:
    yield "staff_id,full_name,team,hire_date,birth_date,salary"
    dice = random.Random(17)
    for number in range(120):
        hired = datetime(2016, 1, 1) + timedelta(days=dice.randrange(3500))
        born = datetime(1960, 1, 1) + timedelta(days=number * 97 % 12_007)
        pay = dice.randrange(30, 90) * 1000
        yield f"{number},Person{number},{dice.choice(('Sales', 'Support'))},{hired:%Y-%m-%d},{born:%Y-%m-%d},{pay}"


FILES = {"tickets": tickets, "players": players, "air": air, "employees": employees, "parcels": parcels, "staff": staff}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("everyday")
    for name, rows in FILES.items():
        path = made / f"{name}.csv"
        path.write_text("\n".join(rows()) + "\n")
        ingest(named(name, made), [path])
    return made


@pytest.fixture
async def assistant(home: Path) -> AsyncIterator[Assistant]:
    made = Assistant(home=home, workers=1, clock=lambda: datetime(2026, 2, 1, tzinfo=UTC))
    await made.start()
    yield made
    await made.aclose()


async def ask(assistant: Assistant, file: str, question: str) -> Answer:
    run = uuid.uuid4().hex
    return await assistant.ask(Turn(file, run, run, question))


def plain(cell: Any) -> Any:
    try:
        return pytest.approx(float(cell), rel=1e-6)
    except ValueError:
        return cell


def number(cell: Any) -> Any:
    try:
        return float(cell)
    except ValueError:
        return cell


def sql(home: Path, file: str, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(query.replace("FILE", f"read_csv('{home / file}.csv')")).fetchall()


CASES = (
    ("tickets", "which agent closed the most tickets?",
     "SELECT agent, count(closed_at) n FROM FILE GROUP BY 1 ORDER BY n DESC LIMIT 1"),
    ("tickets", "how many tickets are still open?", "SELECT count(*) FROM FILE WHERE closed_at IS NULL"),
    ("tickets", "how many high priority phone tickets did Ana get in 2025?",
     "SELECT count(*) FROM FILE WHERE priority = 'High' AND channel = 'Phone' AND agent = 'Ana'"),
    ("tickets", "satisfaction by agent", "SELECT agent, avg(satisfaction) a FROM FILE GROUP BY 1 ORDER BY a DESC"),
    ("tickets", "which channel has the lowest satisfaction?",
     "SELECT channel, avg(satisfaction) a FROM FILE GROUP BY 1 ORDER BY a LIMIT 1"),
    ("tickets", "average time to close by agent",
     "SELECT agent, avg(date_diff('second', created_at, closed_at) // 60) / 60 d FROM FILE GROUP BY 1 ORDER BY 2 DESC"),
    ("tickets", "average response time by channel",
     "SELECT channel, avg(response_minutes) m FROM FILE GROUP BY 1 ORDER BY m DESC"),
    ("players", "median height of defenders", "SELECT median(height_cm) FROM FILE WHERE position = 'Defender'"),
    ("players", "total market value of Ajax", "SELECT sum(market_value_eur) FROM FILE WHERE club = 'Ajax'"),
    ("players", "how many players are over 30?", "SELECT count(*) FROM FILE WHERE age > 30"),
    ("players", "average goals of forwards under 23",
     "SELECT avg(goals) FROM FILE WHERE position = 'Forward' AND age < 23"),
    ("players", "how many players have no goals?", "SELECT count(*) FROM FILE WHERE goals = 0"),
    ("players", "which club has the most forwards?",
     "SELECT club, count(*) n FROM FILE WHERE position = 'Forward' GROUP BY 1 ORDER BY n DESC LIMIT 1"),
    ("employees", "headcount by department", "SELECT department, count(*) n FROM FILE GROUP BY 1 ORDER BY n DESC"),
    ("employees", "how many employees left in 2024?", "SELECT count(*) FROM FILE WHERE year(leave_date) = 2024"),
    ("employees", "how many people joined in 2024?", "SELECT count(*) FROM FILE WHERE year(hire_date) = 2024"),
    ("employees", "who got the biggest bonus?", "SELECT employee_id FROM FILE ORDER BY bonus_gbp DESC LIMIT 1"),
    ("employees", "who has the highest salary?", "SELECT employee_id FROM FILE ORDER BY salary_gbp DESC LIMIT 1"),
    ("employees", "gender split", "SELECT gender, count(*) n FROM FILE GROUP BY 1 ORDER BY n DESC"),
    ("employees", "how many people work remotely in each department?",
     "SELECT department, count(*) n FROM FILE WHERE remote = 'Yes' GROUP BY 1 ORDER BY n DESC"),
    ("employees", "average salary of remote employees by department",
     "SELECT department, avg(salary_gbp) a FROM FILE WHERE remote = 'Yes' GROUP BY 1 ORDER BY a DESC"),
    ("employees", "which department has the most remote employees?",
     "SELECT department, count(*) n FROM FILE WHERE remote = 'Yes' GROUP BY 1 "
     "QUALIFY rank() OVER (ORDER BY n DESC) = 1"),
    ("employees", "how many employees are not remote by gender?",
     "SELECT gender, count(*) n FROM FILE WHERE remote <> 'Yes' GROUP BY 1 ORDER BY n DESC"),
    ("parcels", "busiest hour",
     "SELECT strftime(\"Order Date\", '%H:00') h, count(*) n FROM FILE GROUP BY 1 "
     "QUALIFY rank() OVER (ORDER BY n DESC) = 1 ORDER BY h"),
    ("parcels", "cost per delivery by depot", "SELECT Depot, avg(\"Cost (€)\") a FROM FILE GROUP BY 1 ORDER BY a DESC"),
    ("parcels", "what percentage of deliveries failed by depot?",
     "SELECT Depot, avg((Status = 'Failed')::INT) a FROM FILE GROUP BY 1 ORDER BY a DESC"),
    ("parcels", "what share of deliveries were late in each depot?",
     "SELECT Depot, avg((Late = 'Y')::INT) a FROM FILE GROUP BY 1 ORDER BY a DESC"),
    ("parcels", "average delivery time",
     "SELECT avg(date_diff('second', \"Order Date\", \"Delivered On\") // 60) / 60 FROM FILE"),
    ("parcels", "which month had the lowest cost?",
     "SELECT date_trunc('month', \"Order Date\")::DATE::VARCHAR m, sum(\"Cost (€)\") c FROM FILE "
     "WHERE \"Order Date\" < '2025-11-01' GROUP BY 1 ORDER BY c LIMIT 1"),
    ("air", "what is the average pm25?", "SELECT avg(pm25) FROM FILE"),
    ("air", "average no2 by station", "SELECT station, avg(no2) a FROM FILE GROUP BY 1 ORDER BY a DESC"),
    ("air", "average temperature in March 2025", "SELECT avg(temperature_c) FROM FILE WHERE month(date) = 3"),
)  # fmt: skip


async def test_the_figures_are_those_of_plain_sql(assistant: Assistant, home: Path) -> None:
    for file, question, query in CASES:
        told = await ask(assistant, file, question)
        assert told.status == "answered" and told.text and told.result is not None, (question, told.declined)
        expected = [list(row) for row in sql(home, file, query)]
        shown = [[number(cell) for cell in row[: len(expected[0])]] for row in told.result.rows]
        assert shown == [[plain(v) for v in row] for row in expected], question


async def test_a_name_with_a_digit_is_told_and_its_figure_keeps_its_receipt(assistant: Assistant) -> None:
    answer = await ask(assistant, "air", "average pm25 by station")
    assert "average PM25" in answer.text and not claims.problems(answer)
    plain = answer.model_copy(update={"text": answer.text + " It was 12 before."})
    assert claims.problems(plain) == ["a numeral has no receipt"]


async def told(assistant: Assistant, file: str, question: str) -> str:
    return claims.LINK.sub(lambda m: m[1], (await ask(assistant, file, question)).text)


async def test_people_counted_by_a_date_are_said_to_be(assistant: Assistant) -> None:
    assert "have a hire date in 2024" in await told(assistant, "employees", "how many people joined in 2024?")
    assert "Number of employees by hire date" in await told(assistant, "employees", "hires per year")


async def test_the_running_month_is_not_the_lowest_for_being_short(assistant: Assistant) -> None:
    answer = await ask(assistant, "parcels", "which month had the lowest cost?")
    assert any("left out of the comparison" in w.message for w in answer.warnings)


async def test_a_share_of_yes_and_no_is_said_so(assistant: Assistant) -> None:
    assert "Remote is yes for" in await told(assistant, "employees", "what percentage of employees work remotely?")


async def test_a_group_is_named_by_all_that_tells_it_from_others(assistant: Assistant) -> None:
    said = await told(assistant, "employees", "number of employees by department and remote")
    assert re.match(r"\w+, Remote (?:yes|no) had the highest number of employees", said)


async def test_nobody_is_oldest_where_nothing_tells_an_age(assistant: Assistant) -> None:
    answer = await ask(assistant, "employees", "who is the oldest employee?")
    assert answer.status == "declined"


@pytest.mark.parametrize(("word", "order"), [("oldest", ""), ("youngest", "DESC")])
async def test_the_oldest_person_goes_by_birth_beside_a_hire_date(
    assistant: Assistant, home: Path, word: str, order: str
) -> None:
    name = sql(home, "staff", f"SELECT full_name FROM FILE ORDER BY birth_date {order} LIMIT 1")[0][0]
    for asked in (f"who is the {word} person?", f"who is the {word}?"):
        assert name in await told(assistant, "staff", asked)


async def test_the_first_few_of_an_ordered_list_are_named_with_their_figures(assistant: Assistant, home: Path) -> None:
    best = sql(home, "staff", "SELECT full_name, salary FROM FILE ORDER BY salary DESC, staff_id LIMIT 3")
    said = await told(assistant, "staff", "3 highest paid people")
    assert "by salary: " in said and f"({best[0][1]:,})" in said and best[0][0] in said
    assert "beginning with" in await told(assistant, "staff", "oldest people")


@pytest.mark.parametrize("asked", ["who is the best paid?", "highest-paid employee", "who earns the most?"])
async def test_the_best_paid_is_who_has_the_highest_salary(assistant: Assistant, home: Path, asked: str) -> None:
    top = {
        row[0]
        for row in sql(home, "staff", "SELECT full_name FROM FILE QUALIFY rank() OVER (ORDER BY salary DESC) = 1")
    }
    said = await told(assistant, "staff", asked)
    assert any(f"{name} comes first" in said for name in top)


async def test_a_span_in_a_name_is_no_length_of_the_record(assistant: Assistant) -> None:
    answer = await ask(assistant, "employees", "who are the longest serving employees?")
    assert "absent" not in answer.text and answer.result is not None
    at = [c.name for c in answer.result.columns].index("hire_date")
    dates = [row[at] for row in answer.result.rows]
    assert dates == sorted(dates)


async def test_a_deed_is_part_of_what_is_told(assistant: Assistant) -> None:
    answer = await ask(assistant, "tickets", "which agent closed the most tickets?")
    assert "closed at is known" in claims.LINK.sub(lambda m: m[1], answer.text)


def test_headers_lose_their_units_and_keep_their_meaning(home: Path) -> None:
    player = store.load(named("players", home).root / "model.inferred.yaml").tables["players"]
    assert (player.numbers["height_cm"].label, player.numbers["market_value_eur"].label) == ("Height", "Market value")
    assert player.numbers["height_cm"].unit and player.numbers["height_cm"].unit.name == "cm"
    assert "contract_until" not in player.numbers, "years are no amounts"
    ticket = store.load(named("tickets", home).root / "model.inferred.yaml").tables["tickets"]
    assert ticket.time is not None and ticket.time.default == "created_at"
    measured = store.load(named("air", home).root / "model.inferred.yaml").tables["air"]
    assert all(n.additive == "none" for n in measured.numbers.values())
    assert (measured.numbers["no2"].label, measured.numbers["temperature_c"].label) == ("NO2", "Temperature")
