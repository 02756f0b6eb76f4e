"""What is told, word for word: the first sentence answers, and what was left out of the figures is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from agent import claims
from agent.brain import TellContext
from agent.builtin import narrate
from agent.check import CheckContext, inspect
from agent.plan import Plan, Step
from store.principal import LOCAL_OWNER
from tools import registry
from tools.evidence import Evidence
from tools.registry import ToolContext
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.lake import Lake
from warehouse.model import store
from warehouse.profile import DataProfile
from warehouse.workspace import Workspace


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    made = DuckDBEngine(workers=1)
    yield made
    made.close()


@pytest.fixture
def tell(retail: Workspace, engine: DuckDBEngine, as_of: datetime) -> Callable[..., str]:
    """The plain text told of a tool call."""

    def call(tool: str, query: dict[str, Any], **hints: Any) -> str:
        model = store.load(retail.model_file)
        profile = DataProfile.model_validate_json(retail.profile_file.read_bytes())
        context = ToolContext(
            workspace=retail, principal=LOCAL_OWNER, model=model, profile=profile, engine=engine,
            snapshot=Lake.open(retail.lake).current(), as_of=as_of,
        )  # fmt: skip
        evidence: Evidence = registry.get(tool).run(context, {"query": query})
        inspect(evidence, CheckContext(model, profile, as_of))
        plan = Plan(intent="x", steps={"s1": Step(tool=tool, args={"query": query})}, hints=hints)
        draft = narrate.tell(TellContext("q", plan, (evidence,), model, as_of))
        rendered = claims.render(draft, evidence.tables)
        assert rendered.dropped == 0
        return claims.LINK.sub(lambda m: f"<{m.group(1)}>", rendered.text)

    return call


REVENUE = {"metrics": [{"metric": "net_revenue"}]}
OCTOBER = {"start": "2026-10-01", "end": "2026-11-01"}


def on(field: str, op: str, *values: Any) -> dict[str, Any]:
    return {"field": {"field": field}, "op": op, "values": list(values)}


def first(text: str) -> str:
    return text.split("\n")[0]


def test_a_total_says_when_and_for_whom(tell: Callable[..., str]) -> None:
    said = tell("query_metrics", REVENUE | {"time": OCTOBER, "filters": [on("country", "=", "Germany")]})
    assert said.startswith("Net revenue for <Germany> came to <$")
    assert said.endswith("in <October 2026>.")


def test_every_filter_is_said(tell: Callable[..., str]) -> None:
    said = tell("query_metrics", REVENUE | {"filters": [on("quantity", ">", 3)], "dimensions": [{"field": "channel"}]})
    assert " where <quantity is over 3>" in first(said)


def test_counts_are_counted(tell: Callable[..., str]) -> None:
    by_country = {"metrics": [{"metric": "orders"}], "dimensions": [{"field": "country"}]}
    said = tell("query_metrics", by_country)
    assert "had the most orders" in said and "had the fewest orders" in said


def test_a_cut_list_says_nothing_about_its_other_end(tell: Callable[..., str]) -> None:
    top = REVENUE | {"dimensions": [{"field": "channel"}], "top": {"n": 2, "by": "net_revenue"}}
    assert "lowest" not in tell("query_metrics", top)
    bottom = REVENUE | {"dimensions": [{"field": "channel"}], "top": {"n": 2, "by": "net_revenue", "bottom": True}}
    assert first(tell("query_metrics", bottom)).count("lowest") == 1
    assert "highest" not in tell("query_metrics", bottom)


def test_a_change_names_both_periods(tell: Callable[..., str]) -> None:
    said = tell("query_metrics", REVENUE | {"time": OCTOBER, "compare": {"to": "previous_period"}})
    assert "in <October 2026>, " in said and "in <September 2026>." in said
    assert "up <" in said or "down <" in said


def test_an_unfinished_month_is_not_the_latest(tell: Callable[..., str]) -> None:
    said = tell("query_metrics", REVENUE | {"time": {"grain": "month", "start": "2026-01-01", "end": "2026-12-01"}})
    assert "from <January 2026> to <October 2026>" in first(said)
    assert "November" not in said


def test_the_share_that_was_asked_for_comes_first(tell: Callable[..., str]) -> None:
    query = REVENUE | {"dimensions": [{"field": "channel"}], "transforms": [{"kind": "share", "of": "net_revenue"}]}
    said = tell("query_metrics", query, focus="Website", focus_dimension="order_lines.channel")
    assert first(said).startswith("<Website> made up <")


def test_nothing_found_is_said(tell: Callable[..., str]) -> None:
    said = tell("query_metrics", REVENUE | {"time": {"start": "2031-01-01", "end": "2031-02-01"}})
    assert said.startswith("There is no data in <January 2031>; the data runs from <") and said.endswith(">.")


def test_records_by_their_name(tell: Callable[..., str]) -> None:
    listed = {"table": "stores", "columns": [{"field": "stores.store_name"}], "limit": 1}
    assert tell("list_records", listed) == "Here is the first of <44> stores."
    many = tell("list_records", {"table": "promotions", "columns": [{"field": "promotions.promotion_name"}]})
    assert many.startswith("I found <") and many.endswith("promotions.")


def test_the_best_of_each_group_is_told_group_by_group(tell: Callable[..., str]) -> None:
    dims = [{"field": "products.category"}, {"field": "products.brand"}]
    top = {"n": 2, "by": "net_revenue", "per": dims[:1]}
    order = [{"by": "category"}, {"by": "net_revenue", "desc": True}]
    text = tell(
        "query_metrics", {"metrics": [{"metric": "net_revenue"}], "dimensions": dims, "top": top, "order": order}
    )
    assert first(text).startswith("In ")
    assert text.count("came first with") > 1
    assert "All of them" not in text


def test_growth_is_told_by_what_grew(tell: Callable[..., str]) -> None:
    query = {
        "metrics": [{"metric": "net_revenue"}],
        "dimensions": [{"field": "products.category"}],
        "time": {"start": "2026-01-01", "end": "2026-07-01"},
        "compare": {"to": "same_date_last_year"},
        "top": {"n": 1, "by": "net_revenue.delta"},
    }
    text = first(tell("query_metrics", query))
    assert "highest" not in text
    assert "grew most in" in text or text.startswith("None of them grew")


def test_the_worst_alone_is_told_as_the_lowest(tell: Callable[..., str]) -> None:
    top = {"n": 1, "by": "net_revenue", "bottom": True}
    query = {"metrics": [{"metric": "net_revenue"}], "dimensions": [{"field": "products.category"}], "top": top}
    assert "had the lowest" in first(tell("query_metrics", query))


def test_a_rate_moves_by_percentage_points(tell: Callable[..., str]) -> None:
    time = {"start": "2026-01-01", "end": "2026-07-01"}
    query = {"metrics": [{"metric": "return_rate"}], "time": time, "compare": {"to": "previous_period"}}
    assert "percentage point" in first(tell("query_metrics", query))


def test_a_running_total_says_where_it_stands(tell: Callable[..., str]) -> None:
    time = {"grain": "month", "start": "2026-01-01", "end": "2026-07-01"}
    running = [{"kind": "running", "of": "net_revenue"}]
    text = tell("query_metrics", {"metrics": [{"metric": "net_revenue"}], "time": time, "transforms": running})
    assert first(text).startswith("The running total of net revenue reached")


def test_shares_are_told_as_shares(tell: Callable[..., str]) -> None:
    query = {
        "metrics": [{"metric": "net_revenue"}], "dimensions": [{"field": "order_lines.channel"}],
        "transforms": [{"kind": "share", "of": "net_revenue"}], "order": [{"by": "net_revenue", "desc": True}],
    }  # fmt: skip
    text = tell("query_metrics", query)
    assert text.startswith("Of net revenue, ")
    assert text.count("%") >= 3 and " had <" in text and "highest" not in text
