"""Short questions that lean on the last answer change its query and nothing else; chips carry patches that work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.brain import PastTurn
from agent.builtin.brain import BuiltinBrain
from agent.plan import Decline, Plan

BASE = "revenue by channel this year"


@pytest.fixture
def after(ask: Callable) -> Callable[[str], dict[str, Any]]:
    """The query of a follow-up to `revenue by channel this year`."""

    def call(question: str) -> dict[str, Any]:
        decision = ask(question, last=ask(BASE))
        assert isinstance(decision, Plan), decision
        found: dict[str, Any] = decision.steps["s1"].args["query"]
        return found

    return call


def names(query: dict[str, Any]) -> list[str]:
    return [d["field"] for d in query.get("dimensions", [])]


def test_another_group(after: Callable) -> None:
    for text in ("and by country?", "by country", "what about by country", "split it by country"):
        assert names(after(text)) == ["customers.country"]


def test_another_period_keeps_the_rest(after: Callable) -> None:
    found = after("what about last year?")
    assert found["time"] == {"last": {"n": 1, "unit": "year"}}
    assert names(found) == ["orders.channel"]


def test_a_filter_is_added_and_replaced(ask: Callable, after: Callable) -> None:
    assert after("only Germany")["filters"][0]["values"] == ["Germany"]
    first = ask("and for Germany?", last=ask(BASE))
    second = ask("what about France?", last=first).steps["s1"].args["query"]
    assert [f["values"] for f in second["filters"]] == [["France"]]


def test_a_ranking_a_grain_and_another_figure(after: Callable) -> None:
    assert after("top 3 instead")["top"]["n"] == 3
    assert after("as a monthly trend")["time"]["grain"] == "month"
    found = after("what about orders?")
    assert [m["metric"] for m in found["metrics"]] == ["order_count"]
    assert names(found) == ["orders.channel"]
    assert all(o["by"] != "revenue" for o in found.get("order", []))


def test_a_comparison(after: Callable) -> None:
    assert after("compare with the previous year")["compare"]["to"] == "same_date_last_year"


def test_why_is_not_answered_by_the_last_query(ask: Callable) -> None:
    decision = ask("why is that?", last=ask(BASE))
    assert isinstance(decision, Decline) or decision.steps["s1"].tool != "query_metrics"


def test_an_unknown_word_in_a_follow_up_is_not_ignored(ask: Callable) -> None:
    assert isinstance(ask("and by glorbix?", last=ask(BASE)), Decline)


def test_a_whole_question_does_not_lean(ask: Callable) -> None:
    assert (
        ask("how many customers do we have", last=ask(BASE)).model_dump()
        == ask("how many customers do we have").model_dump()
    )


def test_a_figure_of_its_own_is_not_lost(ask: Callable) -> None:
    asked = ask("top 3 channels by revenue this year", last=ask("orders by channel this year"))
    assert isinstance(asked, Plan)
    assert [m["metric"] for m in asked.steps["s1"].args["query"]["metrics"]] == ["revenue"]


def test_the_period_chip_follows_the_query(after: Callable, ask: Callable) -> None:
    decision = ask("as a monthly trend", last=ask("revenue by channel in 2025"))
    assert isinstance(decision, Plan)
    assert next(a.display for a in decision.assumptions if a.key == "period") == "2025"


def test_two_periods_side_by_side_are_one(ask: Callable) -> None:
    decision = ask("orders per quarter in 2024 and 2025")
    assert isinstance(decision, Plan)
    time = decision.steps["s1"].args["query"]["time"]
    assert (time["start"], time["end"]) == ("2024-01-01", "2026-01-01")
    assert isinstance(ask("revenue in 2022 and 2025"), Decline)


def test_today_is_anchored_on_the_data_only_when_it_was_not_given(ask: Callable) -> None:
    late = ask("revenue last month", as_of="2026-06-20", given=False)
    assert late.steps["s1"].args["query"]["time"] == {"start": "2024-12-01", "end": "2025-01-01"}
    chip = next(a for a in late.assumptions if a.key == "today")
    assert "Jan 14, 2025" in chip.display
    strict = late.patched(chip.options[1].patch).steps["s1"].args["query"]["time"]
    assert strict == {"last": {"n": 1, "unit": "month"}}
    given = ask("revenue last month", as_of="2026-06-20", given=True)
    assert given.steps["s1"].args["query"]["time"] == {"last": {"n": 1, "unit": "month"}}
    assert all(a.key != "today" for a in given.assumptions)


def test_fresh_data_is_not_anchored(ask: Callable) -> None:
    plan = ask("revenue yesterday", as_of="2025-01-15", given=False)
    assert plan.steps["s1"].args["query"]["time"] == {"last": {"n": 1, "unit": "day"}}


def test_a_past_period_that_the_data_holds_is_not_anchored(ask: Callable) -> None:
    whole = ask("revenue last month", as_of="2025-01-30", given=False)
    assert whole.steps["s1"].args["query"]["time"] == {"last": {"n": 1, "unit": "month"}}
    assert all(a.key != "today" for a in whole.assumptions)
    cut = ask("revenue last week", as_of="2025-01-30", given=False)
    assert any(a.key == "today" for a in cut.assumptions)


@pytest.mark.parametrize(
    "question", ["top 5 products by revenue", "revenue by channel in 2024", "monthly revenue in 2024"]
)
def test_every_chip_option_is_a_plan_that_compiles(ask: Callable, compiles: Callable, question: str) -> None:
    plan = ask(question)
    assert plan.assumptions
    for chip in plan.assumptions:
        for option in chip.options:
            assert compiles(plan.patched(option.patch).steps["s1"].args["query"])


def test_the_anchor_of_a_follow_up_is_shown(ask: Callable) -> None:
    decision = ask("what about last month?", last=ask(BASE), as_of="2026-06-20", given=False)
    assert isinstance(decision, Plan)
    assert decision.steps["s1"].args["query"]["time"] == {"start": "2024-12-01", "end": "2025-01-01"}
    assert "Jan 14, 2025" in next(a.display for a in decision.assumptions if a.key == "today")


def _thread(shop_context: Any, *texts: str) -> list[Any]:
    """The decisions on a conversation on the shop."""
    brain, history, made = BuiltinBrain(), [], []
    for text in texts:
        decision = brain.plan(shop_context(text, tuple(history)))
        made.append(decision)
        plan = decision if isinstance(decision, Plan) else None
        history.append(PastTurn(text, "answered" if plan else "declined", plan))
    return made


def _query(decision: Any) -> dict[str, Any]:
    assert isinstance(decision, Plan), decision
    return decision.steps["s1"].args["query"]


@pytest.mark.parametrize(("text", "n"), [("make it 10", 10), ("show 7 of them", 7), ("only 2", 2), ("3", 3)])
def test_more_or_fewer_places(shop_context: Any, text: str, n: int) -> None:
    _, changed = _thread(shop_context, "top 5 products by turnover", text)
    assert _query(changed)["top"]["n"] == n


def test_a_split_is_cut_to_a_size(shop_context: Any) -> None:
    _, changed = _thread(shop_context, "turnover by country", "make it 2")
    assert _query(changed)["top"] == {"n": 2, "by": "revenue"}


@pytest.mark.parametrize("text", ["show the SQL", "what is the query behind it?", "how did you calculate this?"])
def test_the_sql_is_pointed_at(shop_context: Any, text: str) -> None:
    first, again = _thread(shop_context, "turnover by country", text)
    assert (_query(again), again.hints["view"]) == (_query(first), "sql")


def test_a_forecast_goes_on(shop_context: Any) -> None:
    first, longer, split = _thread(shop_context, "forecast turnover for next month", "and for 90 days?", "by channel")
    assert [p.steps["s1"].tool for p in (first, longer, split)] == ["forecast"] * 3
    assert longer.steps["s1"].args["horizon"] == "for 90 days"
    assert split.steps["s1"].args["by"] == {"field": "orders.channel"}
    assert split.steps["s1"].args["horizon"] == "for 90 days"


def test_a_new_question_after_a_forecast_stands_alone(shop_context: Any) -> None:
    _, other = _thread(shop_context, "forecast turnover for next month", "turnover by country in 2024")
    assert _query(other)["dimensions"] == [{"field": "customers.country"}]


def test_ranked_by_another_amount_from_below(shop_context: Any) -> None:
    _, other = _thread(shop_context, "which country had the lowest turnover", "by number of orders instead")
    found = _query(other)
    assert (found["top"]["by"], found["top"]["bottom"]) == ("order_count", True)
    assert not found["order"][0].get("desc", False)
