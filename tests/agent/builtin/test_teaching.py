"""Taught words: read, answered again at once, used in this conversation, and used for good once they are in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.brain import PastTurn, PlanContext
from agent.builtin.brain import BuiltinBrain
from agent.builtin.teaching import lesson
from agent.memory import Learned
from agent.plan import Plan
from warehouse.model.verified import meaning
from warehouse.query import MetricQuery

Context = Callable[..., PlanContext]
BRAIN = BuiltinBrain()


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("By takings I mean turnover", ("takings", "turnover")),
        ("when we say “takings” we mean the turnover.", ("takings", "turnover")),
        ("remember that gizmos means Hats", ("gizmos", "Hats")),
        ("'our town' stands for Germany", ("our town", "Germany")),
        ("no, by sales I mean number of orders", ("sales", "number of orders")),
    ],
)
def test_a_lesson_is_read(text: str, pair: tuple[str, str]) -> None:
    assert lesson(text) == pair


@pytest.mark.parametrize(
    "text",
    ["what does turnover mean", "revenue by channel", "does aov mean average order value?", "the mean of amount",
     "by month",
     "what is meant by takings", "I meant turnover"],
)  # fmt: skip
def test_other_texts_teach_nothing(text: str) -> None:
    assert lesson(text) is None


def _metric(decision: Any) -> str:
    assert isinstance(decision, Plan), decision
    return str(decision.steps["s1"].args["query"]["metrics"][0]["metric"])


def test_the_last_answer_comes_again_in_its_new_sense(shop_context: Context) -> None:
    first = BRAIN.plan(shop_context("sales by channel"))
    assert isinstance(first, Plan)
    past = (PastTurn("sales by channel", "answered", first),)
    again = BRAIN.plan(shop_context("by sales I mean number of orders", past))
    assert isinstance(again, Plan)
    assert _metric(again) == "order_count"
    assert again.hints["teach"] == {"said": "sales", "means": "number of orders"}
    assert [(a.label, a.display) for a in again.assumptions if a.key == "taught"] == [
        ("“sales” is read as", "number of orders")
    ]
    later = BRAIN.plan(
        shop_context("sales by country", (*past, PastTurn("by sales I mean number of orders", "answered", again)))
    )
    assert _metric(later) == "order_count"


def test_a_word_without_an_answer_before_it_is_noted(shop_context: Context) -> None:
    plan = BRAIN.plan(shop_context("by takings I mean turnover"))
    assert isinstance(plan, Plan)
    assert (plan.intent, plan.hints["talk"]) == ("talk", "taught")
    asked = BRAIN.plan(shop_context("takings by channel", (PastTurn("by takings I mean turnover", "answered", plan),)))
    assert _metric(asked) == "revenue"


def test_what_the_data_does_not_know_is_not_learned(shop_context: Context) -> None:
    plan = BRAIN.plan(shop_context("by takings I mean happiness of gnomes"))
    assert plan.kind == "decline"


def _learned(**more: Any) -> Learned:
    return Learned(id="l-1", owner="u", state="approved", at=datetime.now(UTC), **more)


def test_an_approved_word_is_used_and_said(shop_context: Context) -> None:
    word = _learned(kind="word", said="takings", means="turnover")
    plan = BRAIN.plan(replace(shop_context("takings by channel last month"), learned=(word,)))
    assert _metric(plan) == "revenue"
    assert any(a.label == "“takings” is read as" for a in plan.assumptions)  # type: ignore[union-attr]


def test_a_word_inside_its_own_meaning_stays(shop_context: Context) -> None:
    word = _learned(kind="word", said="orders", means="number of orders")
    plan = BRAIN.plan(replace(shop_context("number of orders by channel"), learned=(word,)))
    assert _metric(plan) == "order_count"


def test_an_approved_answer_is_given_while_it_means_the_same(shop_context: Context) -> None:
    context = shop_context("How is our shop doing?")
    query = {"metrics": [{"metric": "aov"}], "dimensions": [{"field": "orders.channel"}]}
    mark = meaning(MetricQuery.model_validate(query), context.model)
    answer = _learned(kind="answer", said="how is our shop doing", query=query, meaning=mark)
    assert _metric(BRAIN.plan(replace(context, learned=(answer,)))) == "aov"
    stale = answer.model_copy(update={"meaning": "another"})
    other = BRAIN.plan(replace(context, learned=(stale,)))
    assert not (isinstance(other, Plan) and _metric(other) == "aov")
