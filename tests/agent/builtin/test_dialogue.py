"""Replies in a thread: what is kept is shown, what is undone is gone, a whole question inherits nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.brain import PastTurn, PlanContext
from agent.builtin.acts import read
from agent.builtin.brain import BuiltinBrain
from agent.builtin.choices import chosen, settled
from agent.builtin.past import last_answer
from agent.builtin.smalltalk import small_talk
from agent.plan import Assumption, Clarify, Decision, Decline, Option, Plan, Step
from agent.reply import first_plan

Talk = Callable[..., Decision]


@pytest.fixture
def talk(shop_context: Callable[..., PlanContext]) -> Talk:
    """Say several texts one after the other; the decision on the last one."""

    def call(*texts: str, rows: tuple[dict[str, Any], ...] = ()) -> Decision:
        history: tuple[PastTurn, ...] = ()
        decision: Decision = Decline(reason="", code="empty")
        for text in texts:
            decision = BuiltinBrain().plan(shop_context(text, history))
            plan = decision if isinstance(decision, Plan) else None
            history += (PastTurn(text, "answered" if plan else "declined", plan, rows),)
        return decision

    return call


def query(decision: Decision) -> dict[str, Any]:
    assert isinstance(decision, Plan), decision
    found: dict[str, Any] = decision.steps["s1"].args["query"]
    return found


def chip(decision: Decision, key: str) -> Assumption | None:
    assert isinstance(decision, Plan)
    return next((a for a in decision.assumptions if a.key == key), None)


def test_what_is_kept_is_a_chip_that_can_be_dropped(talk: Talk) -> None:
    decision = talk("revenue by channel in 2024", "only Germany", "and orders?")
    kept = chip(decision, "kept")
    assert kept is not None and kept.display == "Germany; by channel; 2024"
    option = next(o for o in kept.options if o.label == "Without Germany")
    assert isinstance(decision, Plan)
    assert "filters" not in query(decision.patched(option.patch))


def test_a_whole_question_inherits_nothing(talk: Talk) -> None:
    decision = talk("revenue by channel for Germany in 2024", "revenue by category")
    assert "filters" not in query(decision) and "time" not in query(decision)
    assert chip(decision, "kept") is None


def test_undo_twice_goes_back_twice(talk: Talk) -> None:
    texts = ("revenue in 2024", "by channel", "only Germany")
    assert "filters" not in query(talk(*texts, "undo"))
    assert "dimensions" not in query(talk(*texts, "undo", "go back"))
    assert isinstance(talk("revenue", "undo"), Decline)


def test_nothing_before_a_fresh_start_counts(talk: Talk) -> None:
    decision = talk("revenue in 2024", "start over", "and by channel?")
    assert isinstance(decision, Decline) and decision.code == "no_context"


def test_the_second_one_is_a_row(talk: Talk) -> None:
    rows = ({"channel": "web"}, {"channel": "app"})
    decision = talk("revenue by channel", "the second one", rows=rows)
    assert query(decision)["filters"] == [{"field": {"field": "orders.channel"}, "values": ["app"]}]
    assert "dimensions" not in query(decision)
    assert isinstance(talk("revenue by channel", "the fourth one", rows=rows), Decline)


def test_names_of_the_answer_are_its_rows(talk: Talk) -> None:
    rows = ({"channel": "web"}, {"channel": "app"}, {"channel": "store"})
    both = query(talk("revenue by channel", "only web and store", rows=rows))
    assert both["filters"][0]["values"] == ["web", "store"] and both["dimensions"]
    assert query(talk("revenue by channel", "without app", rows=rows))["filters"][0]["op"] == "!="


def test_a_quarter_belongs_to_the_year_at_hand(talk: Talk) -> None:
    assert query(talk("revenue in 2023", "and in Q2?"))["time"] == {"start": "2023-04-01", "end": "2023-07-01"}


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("and the month before?", ("2024-02-01", "2024-03-01")),
        ("same month last year", ("2023-03-01", "2023-04-01")),
        ("the following month", ("2024-04-01", "2024-05-01")),
    ],
)
def test_periods_beside_the_one_at_hand(talk: Talk, said: str, time: tuple[str, str]) -> None:
    found = query(talk("revenue in March 2024", said))["time"]
    assert (found["start"], found["end"]) == time


def test_shares_only_of_what_adds_up(talk: Talk) -> None:
    assert query(talk("revenue by channel", "in percent"))["transforms"] == [{"kind": "share", "of": "revenue"}]
    assert isinstance(talk("average order value by channel", "in percent"), Decline)
    decision = talk("revenue for Germany", "what share is that?")
    assert isinstance(decision, Plan) and decision.hints["focus"] == "Germany"
    assert query(decision)["dimensions"] == [{"field": "customers.country"}]


def test_total_sort_and_everything(talk: Talk) -> None:
    assert query(talk("revenue by channel in 2024", "total?")).keys() == {"metrics", "time"}
    assert query(talk("revenue by channel", "sort by name"))["order"] == [{"by": "channel"}]
    assert "top" not in query(talk("top 3 channels by revenue", "show all"))
    assert isinstance(talk("revenue", "sort by name"), Decline)


def test_a_chart_needs_something_to_draw(talk: Talk) -> None:
    assert isinstance(talk("revenue", "as a chart"), Decline)
    decision = talk("revenue by channel", "as a chart")
    assert isinstance(decision, Plan) and decision.hints["view"] == "chart"


def test_counted_records_can_be_listed_and_counted(talk: Talk) -> None:
    listed = talk("how many products are there", "list them")
    assert isinstance(listed, Plan) and listed.steps["s1"].tool == "list_records"
    assert query(talk("how many products are there", "list them", "how many?"))["metrics"] == [
        {"metric": "product_count"}
    ]


def test_small_talk_is_short_and_asks_no_data() -> None:
    for text in ("hi", "Hello there!", "thanks", "who are you?", "ok great"):
        plan = small_talk(text)
        assert plan is not None and not plan.steps, text
    assert small_talk("thanks, and revenue?") is None
    assert small_talk("hi revenue") is None


OPTIONS = [
    Option(value="a", label="By net revenue"),
    Option(value="b", label="By units"),
    Option(value="c", label="By orders"),
]


@pytest.mark.parametrize(
    ("said", "value"),
    [("By units", "b"), ("units", "b"), ("2", "b"), ("the second one", "b"), ("option 3", "c"), ("the last one", "c"),
     ("revenue please", "a"), ("a", "a"), ("I meant net revenue", "a")],
)  # fmt: skip
def test_a_typed_reply_picks_its_option(said: str, value: str) -> None:
    option = chosen(said, OPTIONS)
    assert option is not None and option.value == value


@pytest.mark.parametrize("said", ["by", "4", "colour", "", "revenue by region"])
def test_any_other_reply_picks_none(said: str) -> None:
    assert chosen(said, OPTIONS) is None


def plan_with(metric: str) -> dict[str, Any]:
    step = Step(tool="query_metrics", args={"query": {"metrics": [{"metric": metric}]}})
    return Plan(intent="total", steps={"s1": step}).model_dump(mode="json")


def test_options_that_run_the_same_are_no_question() -> None:
    same = [Option(value=str(n), label=str(n), patch=plan_with("revenue")) for n in range(3)]
    assert isinstance(settled(Clarify(question="Which?", options=same)), Plan)
    many = [Option(value=str(n), label=str(n), patch=plan_with(f"m{n}")) for n in range(6)]
    decision = settled(Clarify(question="Which?", options=many))
    assert isinstance(decision, Clarify) and len(decision.options) == 4


def test_the_same_is_never_asked_twice() -> None:
    asked = Clarify(question="Which?", options=OPTIONS)

    class Stubborn(BuiltinBrain):
        def plan(self, context: PlanContext) -> Decision:
            return asked

    assert isinstance(first_plan(Stubborn(), [None], asked), Decline)  # type: ignore[list-item]


def test_leads_and_tails_say_how_a_reply_leans() -> None:
    assert read("and by region?").text == "by region" and read("and by region?").leans
    assert read("Garden too").adds and read("break that down by category").deeper
    assert not read("revenue by region").leans
    assert read("by order count instead").text == "by order count"


def test_an_undone_answer_is_not_the_last_one() -> None:
    one, two = (Plan.model_validate(plan_with(m)) for m in ("a", "b"))
    back = one.model_copy(update={"hints": {"restored": True}})
    past = last_answer(
        [PastTurn("1", "answered", one), PastTurn("2", "answered", two), PastTurn("undo", "answered", back)]
    )
    assert past is not None and past.plan == one and past.before is None
