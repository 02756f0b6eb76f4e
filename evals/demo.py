"""The demo suite: does the assistant say what independent SQL, written by hand, says about the same rows?"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from evals import bare
from evals.place import AS_OF, WORKSPACE, demo_home
from evals.result import Figure, SuiteResult
from store.errors import PlainsayError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from agent.answer import Answer
    from agent.assistant import Assistant
    from agent.turn import Turn

Row = tuple[Any, ...]
TOLERANCE = 1e-6


def questions() -> dict[str, Any]:
    """The question book: views the gold SQL reads, and cases of {q, kind, gold | status}."""
    book: dict[str, Any] = yaml.safe_load(resources.files("evals").joinpath("demo_questions.yaml").read_text("utf-8"))
    return book


def run() -> SuiteResult:
    """Ask every question of the book on the full demo and score the answers right, wrong or held back."""
    book = questions()
    with demo_home() as home:
        answers = asyncio.run(_ask_all(home, [c["q"] for c in book["questions"]]))
        with bare.connect(home, WORKSPACE) as gold:
            gold.execute(book["views"])
            cases = [judge(case, answer, gold) for case, answer in zip(book["questions"], answers, strict=True)]
    counts = Counter(c["verdict"] for c in cases)
    right = 100 * counts["right"] / len(cases)
    figures = [
        Figure("questions", len(cases), ""),
        Figure("right", right, "%", 90, "more"),
        Figure("wrong", 100 * counts["wrong"] / len(cases), "%", 0),
        Figure("held back", 100 * counts["held back"] / len(cases), "%"),
    ]
    return SuiteResult("demo", "accuracy", figures, cases)


async def _ask_all(home: Path, texts: list[str]) -> list[Answer | PlainsayError]:
    from agent.assistant import Assistant
    from agent.turn import Turn

    assistant = Assistant(home=home)
    await assistant.start()
    try:
        turns = [Turn(WORKSPACE, f"t{n}", f"r{n}", t, as_of=AS_OF, brain="builtin") for n, t in enumerate(texts)]
        return [await _ask(assistant, turn) for turn in turns]
    finally:
        await assistant.aclose()


async def _ask(assistant: Assistant, turn: Turn) -> Answer | PlainsayError:
    """An error is an outcome to be scored; the other questions go on."""
    try:
        return await assistant.ask(turn)
    except PlainsayError as error:
        return error


def judge(case: dict[str, Any], answer: Answer | PlainsayError, gold: DuckDBPyConnection) -> dict[str, Any]:
    """One scored case: right, wrong (an error too), or held back (no answer where one was possible)."""
    scored = {"question": case["q"], "kind": case["kind"]}
    if isinstance(answer, PlainsayError):
        return {**scored, "status": "error", "verdict": "wrong", "why": f"{answer.code}: {answer.message}"}
    scored["status"] = answer.status
    wanted = case.get("status", "answered")
    if wanted != "answered" or answer.status != "answered":
        verdict = "right" if answer.status in wanted.split("|") else "held back"
        return {**scored, "verdict": "wrong" if wanted != "answered" and verdict != "right" else verdict}
    if "gold" not in case:
        return {**scored, "verdict": "right" if answer.text else "wrong"}
    expected = bare.rows(gold, case["gold"])
    found = [tuple(row) for row in answer.result.rows] if answer.result else []
    if same_rows(expected, found, ordered=case.get("ordered", False)):
        return {**scored, "verdict": "right"}
    return {**scored, "verdict": "wrong", "why": f"expected {expected[:3]}, found {found[:3]}"}


def same_rows(expected: list[Row], found: list[Row], *, ordered: bool = False) -> bool:
    """Whether some choice of the found columns gives the expected rows; further columns do no harm."""
    if len(expected) != len(found):
        return False
    if not expected:
        return True
    columns = [[_plain(row[i]) for row in found] for i in range(len(found[0]))]
    wanted = [[_plain(row[i]) for row in expected] for i in range(len(expected[0]))]
    return _assign(wanted, columns, [], ordered)


def _assign(wanted: list[list[Any]], columns: list[list[Any]], chosen: list[int], ordered: bool) -> bool:
    """Find a found column for each wanted one; rows are compared only once all are chosen."""
    if len(chosen) == len(wanted):
        left = list(zip(*wanted, strict=True))
        right = list(zip(*(columns[i] for i in chosen), strict=True))
        return _rows_agree(left, right) if ordered else _rows_agree(sorted(left, key=_key), sorted(right, key=_key))
    column = sorted(wanted[len(chosen)], key=_one)
    fitting = (
        i for i, c in enumerate(columns) if i not in chosen and all(map(_agree, column, sorted(c, key=_one)))
    )  # fmt: skip
    return any(_assign(wanted, columns, [*chosen, i], ordered) for i in fitting)


def _rows_agree(left: list[Row], right: list[Row]) -> bool:
    return all(_agree(a, b) for x, y in zip(left, right, strict=True) for a, b in zip(x, y, strict=True))


def _plain(value: Any) -> Any:
    """Dates as ISO days, numbers (also those that travel as text) as floats rounded for sorting, the rest as it is."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()[:10]
    if isinstance(value, (bool, type(None))):
        return value
    if isinstance(value, (int, float, Decimal)):
        return float(value)
    text = str(value)
    try:
        return float(text)
    except ValueError:
        return text[:10] if text[10:] in (" 00:00:00", "T00:00:00") else text


def _one(value: Any) -> tuple[str, Any]:
    return (type(value).__name__, "" if value is None else round(value, 4) if isinstance(value, float) else value)


def _key(row: Row) -> list[tuple[str, Any]]:
    return [_one(v) for v in row]


def _agree(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= TOLERANCE * max(1.0, abs(a), abs(b))
    return bool(a == b)
