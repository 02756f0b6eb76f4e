"""Questions for the causes of a change: five ways to ask, follow-ups, what is no such question, and how it is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from agent import claims
from agent.brain import TellContext
from agent.builtin import narrate
from agent.builtin.why import _subject
from agent.plan import Plan, Step
from tools.evidence import Column, Evidence, Fact, ResultTable, row_keys
from tools.params import params_table
from warehouse.model.schema import SemanticModel, Unit


@pytest.mark.parametrize(
    ("question", "rest", "direction"),
    [
        ("Why did revenue drop in October?", "revenue in October", "down"),
        ("what drove the change in revenue last month", "revenue last month", ""),
        ("Explain the growth of revenue last quarter", "revenue last quarter", "up"),
        ("what changed in revenue last month?", "revenue last month", ""),
        ("why has the return rate gone up this year", "return rate this year", "up"),
        ("reasons for the decline in orders in May", "orders in May", "down"),
        ("why was revenue lower in May than in April?", "revenue in May compared with April", "down"),
        ("which channels drove the rise in revenue in May", "revenue in May by channels", "up"),
    ],
)
def test_what_is_asked_about(question: str, rest: str, direction: str) -> None:
    assert _subject(question) == (rest, direction)


@pytest.mark.parametrize(
    "question", ["why do customers leave us?", "what is revenue?", "explain net revenue", "how many orders?"]
)
def test_what_is_no_question_for_a_change(question: str) -> None:
    assert _subject(question) is None


@pytest.mark.parametrize(
    "question",
    [
        "why did revenue drop in December 2024?",
        "what drove the change in revenue in December 2024",
        "explain the growth of revenue in December 2024",
        "what changed in revenue in December 2024?",
        "what caused the fall in revenue in December 2024",
    ],
)
def test_five_ways_to_ask_are_one_explanation(ask: Callable[..., Any], question: str) -> None:
    args = ask(question).steps["s1"].args
    assert args["metric"] == {"metric": "revenue"} and args["compare"] == {"to": "previous_period"}
    assert (args["period"]["start"], args["period"]["end"]) == ("2024-12-01", "2025-01-01")


def test_without_a_period_it_is_last_month_as_a_chip(ask: Callable[..., Any]) -> None:
    plan = ask("why did revenue fall?")
    assert plan.steps["s1"].args["period"] == {"last": {"n": 1, "unit": "month"}}
    assert {"period", "compare"} <= {a.key for a in plan.assumptions}


def test_the_other_comparison_is_a_click_away(ask: Callable[..., Any]) -> None:
    plan = ask("why did revenue fall in December 2024?")
    chip = next(a for a in plan.assumptions if a.key == "compare")
    year = next(o for o in chip.options if o.value == "same_date_last_year")
    assert plan.patched(year.patch).steps["s1"].args["compare"] == {"to": "same_date_last_year"}


def test_filters_and_groups_come_along(ask: Callable[..., Any]) -> None:
    args = ask("why did revenue in Germany drop in December 2024 by channel?").steps["s1"].args
    assert args["filters"] == [{"field": {"field": "customers.country"}, "values": ["Germany"]}]
    assert args["by"] == [{"field": "orders.channel"}]


MONEY = Unit(currency="USD")


def shown(*, share: float, usual: str, direction: str = "down") -> Evidence:
    """A small explanation: revenue fell by 600 of 5,000, 400 of it in one group."""
    sign = -1 if direction == "down" else 1
    money = {"type": "integer", "role": "measure", "unit": MONEY}
    text = Column(name="driver", label="What moved", type="text", role="dimension")
    part = Column(name="share", label="Share", type="float", role="derived", unit=Unit(ratio=True))
    rows: list[list[Any]] = [["Store in Germany", sign * 400, share], ["Everything else", sign * 200, 1 - share]]
    main = ResultTable(
        id="t1", title="", columns=[text, Column(name="contribution", label="C", **money), part], rows=rows,
        row_keys=row_keys(rows, [0]), total_rows=2,
    )  # fmt: skip
    heads = [Column(name=n, label=n, **money) for n in ("before", "after", "change")]
    growth = Column(name="growth", label="g", type="float", role="derived", unit=Unit(ratio=True))
    whole = ResultTable(
        id="o1", title="", kind="detail", columns=[*heads, growth],
        rows=[[5000, 5000 + sign * 600, sign * 600, sign * 0.12]],
        row_keys=["all"], total_rows=1,
    )  # fmt: skip
    change = Fact(
        kind="explained_change", metric="Net revenue",
        values={n: whole.ref(0, n) for n in ("before", "after", "change", "growth")},
        attributes={"direction": direction, "usual": usual, "spread": "no", "tone": "bad"},
    )  # fmt: skip
    names = {"name": "driver", "contribution": "contribution", "share": "share"}
    driver = Fact(
        kind="driver", metric="Net revenue", values={k: main.ref(0, c) for k, c in names.items()},
        attributes={"status": "there", "way": "with"},
    )  # fmt: skip
    params = params_table("p1", {"period": "October 2026", "prior": "September 2026"})
    return Evidence(id="e1", tool="explain_change", args={}, tables=[main, whole, params], facts=[change, driver])


def told(evidence: Evidence, **hints: str) -> str:
    plan = Plan(intent="explain", steps={"s1": Step(tool="explain_change", args={})}, hints=dict(hints))
    context = TellContext("q", plan, (evidence,), SemanticModel(model="m"), None)  # type: ignore[arg-type]
    rendered = claims.render(narrate.tell(context), evidence.tables)
    assert rendered.dropped == 0
    return re.sub(r"\[((?:[^\]\\]|\\.)*)\]\(#cell:[^)]*\)", r"\1", rendered.text).replace("\\", "")


def test_the_first_sentence_answers() -> None:
    first = told(shown(share=0.66, usual="unknown")).split("\n")[0]
    assert first == (
        "Net revenue fell 12.0% in October 2026 (-$600 against September 2026), mostly because of "
        "Store in Germany (-$400, 66.0% of the drop)."
    )


def test_a_wrong_premise_is_put_right() -> None:
    assert told(shown(share=0.66, usual="unknown"), asked="up").startswith("It did not rise: net revenue went down.")


def test_a_small_share_is_only_partly_the_reason() -> None:
    assert "partly because of Store in Germany" in told(shown(share=0.3, usual="unknown"))


def test_association_is_not_sold_as_proof() -> None:
    assert told(shown(share=0.66, usual="unknown")).endswith("not proof of why.")
