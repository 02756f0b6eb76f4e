"""Replies that judge the figure at hand, and comparisons of a single day, which are with the same weekday."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from agent.alert_words import heard
from agent.brain import PastTurn, PlanContext
from agent.builtin.brain import BuiltinBrain
from agent.builtin.shorthand import written_out
from agent.builtin.spelling import corrections
from agent.plan import Clarify, Decision, Decline, Plan
from warehouse.model.schema import SemanticModel

REFUNDS = {"label": "Refunds", "agg": "sum", "expr": "amount", "good": "down", "unit": {"currency": "USD"}}
Talk = Callable[..., Decision]


@pytest.fixture
def talk(shop_context: Callable[..., PlanContext]) -> Talk:
    """Say several texts one after the other in a shop that also knows refunds, of which fewer are better."""

    def call(*texts: str, rows: tuple[dict[str, Any], ...] = ()) -> Decision:
        history: tuple[PastTurn, ...] = ()
        decision: Decision = Decline(reason="", code="empty")
        for text in texts:
            context = shop_context(text, history)
            model = context.model.model_dump(mode="json")
            model["tables"]["orders"]["measures"]["refunds"] = REFUNDS
            decision = BuiltinBrain().plan(replace(context, model=SemanticModel.model_validate(model)))
            plan = decision if isinstance(decision, Plan) else None
            history += (PastTurn(text, "answered" if plan else "declined", plan, rows),)
        return decision

    return call


def query(decision: Decision) -> dict[str, Any]:
    assert isinstance(decision, Plan), decision
    found: dict[str, Any] = next(iter(decision.steps.values())).args["query"]
    return found


@pytest.mark.parametrize(("figure", "bottom"), [("revenue", True), ("refunds", False)])
@pytest.mark.parametrize(
    "reply", ["which channel is worst", "which channel is doing worst?", "worst channel", "which channel was the worst"]
)
def test_the_worst_is_that_of_the_figure_at_hand(talk: Talk, figure: str, bottom: bool, reply: str) -> None:
    found = query(talk(f"{figure} last month", reply))
    assert [m["metric"] for m in found["metrics"]] == [figure]
    assert found["time"] == {"last": {"n": 1, "unit": "month"}}
    assert found["top"].get("bottom", False) is bottom


@pytest.mark.parametrize(("figure", "bottom"), [("revenue", True), ("refunds", False)])
def test_which_is_worst_after_a_split(talk: Talk, figure: str, bottom: bool) -> None:
    found = query(talk(f"{figure} by channel last month", "which is worst"))
    assert found["top"].get("bottom", False) is bottom


def test_the_worst_day_keeps_the_period(talk: Talk) -> None:
    found = query(talk("refunds last week", "which day was worst"))
    assert (
        found["time"] == {"grain": "day", "last": {"n": 1, "unit": "week"}}
        and found["metrics"][0]["metric"] == "refunds"
    )


@pytest.mark.parametrize(("figure", "bottom"), [("revenue", True), ("refunds", False)])
def test_who_got_worse_is_who_moved_most_the_wrong_way(talk: Talk, figure: str, bottom: bool) -> None:
    found = query(talk(f"{figure} by country last month", "which country has got worse"))
    assert found["top"]["by"] == f"{figure}.delta" and found["top"].get("bottom", False) is bottom
    assert found["compare"] == {"to": "previous_period"}


@pytest.mark.parametrize(
    ("reply", "bottom"), [("which country grew the most", False), ("which country fell most", True)]
)
def test_who_grew_most_in_the_figure_at_hand(talk: Talk, reply: str, bottom: bool) -> None:
    found = query(talk("refunds", reply))
    assert [m["metric"] for m in found["metrics"]] == ["refunds"] and found["top"]["by"] == "refunds.delta"
    assert found["top"].get("bottom", False) is bottom and found["time"]


def test_worse_is_no_slip_of_worst(shop_context: Callable[..., PlanContext]) -> None:
    from agent.builtin.lexicon import lexicon_of

    context = shop_context("x")
    assert corrections("worse", lexicon_of(context.model), context.values) == []


@pytest.mark.parametrize("reply", ["is that good", "is it good?", "too high?", "is that normal"])
def test_whether_it_is_good_is_told_by_the_year_before(talk: Talk, reply: str) -> None:
    found = query(talk("refunds last month", reply))
    assert found["compare"] == {"to": "same_date_last_year"}


def test_why_after_the_worst_is_about_that_one(talk: Talk) -> None:
    decision = talk(
        "refunds last month", "worst channel", "why is that one so high", rows=({"channel": "web", "refunds": 3},)
    )
    assert isinstance(decision, Plan)
    [step] = decision.steps.values()
    assert step.tool == "explain_change" and step.args["filters"][0]["values"] == ["web"]
    assert decision.hints["asked"] == ""  # “so high” is a level, not a rise that was taken for granted


def test_why_of_two_figures_asks_which(talk: Talk) -> None:
    decision = talk("revenue and refunds last month", "why did it go up")
    assert isinstance(decision, Clarify) and [o.label for o in decision.options] == ["Revenue", "Refunds"]


def test_whom_we_decline_is_no_figure(talk: Talk) -> None:
    decision = talk("revenue last month", "why do we decline")
    assert isinstance(decision, Decline)


def test_a_day_is_held_against_the_same_weekday(talk: Talk) -> None:
    weekly = {"to": "offset", "unit": "week"}
    assert query(talk("revenue yesterday", "vs last week same day?"))["compare"] == weekly
    assert query(talk("revenue yesterday", "vs last week"))["compare"] == weekly
    assert query(talk("revenue yesterday compared with the same weekday last week"))["compare"] == weekly
    year = query(talk("revenue yesterday compared with the same weekday last year"))["compare"]
    assert year == {"to": "same_weekday_last_year"}
    why = talk("revenue yesterday", "why")
    assert isinstance(why, Plan) and why.steps["s1"].args["compare"]["unit"] == "week"


def test_a_figure_without_a_period_is_held_against_the_month_before_its_last_whole_one(talk: Talk) -> None:
    found = query(talk("revenue", "vs last month"))
    assert found["time"] == {"start": "2024-12-01", "end": "2025-01-01"} and found["compare"] == {
        "to": "previous_period"
    }


def test_it_is_the_figure_at_hand(talk: Talk) -> None:
    decision = talk("revenue for Germany last month", "what will it be next month")
    assert isinstance(decision, Plan)
    [step] = decision.steps.values()
    assert step.tool == "forecast" and step.args["filters"][0]["values"] == ["Germany"]
    assert any(a.key == "kept" for a in decision.assumptions)


def test_only_something_unknown_lists_no_records(talk: Talk) -> None:
    assert isinstance(talk("revenue last month", "only products"), Decline)


def test_another_figure_of_the_same_forecast(talk: Talk) -> None:
    decision = talk("forecast revenue next month", "refunds too")
    assert isinstance(decision, Plan)
    [step] = decision.steps.values()
    assert step.tool == "forecast" and step.args["metric"]["metric"] == "refunds"


def test_the_course_of_the_one_that_was_found(talk: Talk) -> None:
    found = query(talk("refunds in 2024", "worst channel", "show me the trend for it", rows=({"channel": "web"},)))
    assert found["filters"][0]["values"] == ["web"] and "top" not in found and found["time"]["grain"] == "month"


def test_a_first_question_that_ends_in_now_is_not_told_to_lean(talk: Talk) -> None:
    decision = talk("how many gnomes do we have right now")
    assert isinstance(decision, Decline) and decision.code != "no_context" and "gnomes" in decision.reason


def test_everyday_spellings() -> None:
    assert written_out("revenue last mnth by daypart") == "revenue last month by daypart"
    assert written_out("only lunch pls") == "only lunch please"


def test_an_alert_on_what_goes_over_an_amount_a_day() -> None:
    rule = heard("fraud losses go over 50k a day")
    assert rule is not None and rule.what == "fraud losses"
    assert rule.fields == {"grain": "day", "direction": "above", "level": 50_000}
