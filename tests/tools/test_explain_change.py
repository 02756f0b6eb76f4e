"""An explanation of the small demo: its parts add up, its chart may be drawn, its refusals name what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from store.errors import InvalidRequest, LimitReached, UnknownName
from store.principal import LOCAL_OWNER
from tools import registry
from tools.evidence import Evidence
from tools.registry import ToolContext
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.lake import Lake
from warehouse.model import store
from warehouse.profile import DataProfile
from warehouse.workspace import Workspace

Explain = Callable[..., Evidence]
MARKS = {"type", "field", "title", "sort", "axis", "format"}


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    made = DuckDBEngine(workers=2)
    yield made
    made.close()


@pytest.fixture
def explain(retail: Workspace, engine: DuckDBEngine, as_of: datetime) -> Explain:
    """Explain a metric of the small demo: explain("net_revenue", "2026-10-01", "2026-11-01", …)."""

    def call(metric: str, start: str, end: str, **more: Any) -> Evidence:
        context = ToolContext(
            workspace=retail, principal=LOCAL_OWNER, model=store.load(retail.model_file),
            profile=DataProfile.model_validate_json(retail.profile_file.read_bytes()), engine=engine,
            snapshot=Lake.open(retail.lake).current(), as_of=as_of,
        )  # fmt: skip
        args = {"metric": metric, "period": {"start": start, "end": end}, **more}
        return registry.get("explain_change").run(context, args)

    return call


def column(evidence: Evidence, name: str) -> list[Decimal]:
    main = evidence.main()
    assert main is not None
    return [Decimal(str(row[main.column_index(name)])) for row in main.rows]


def whole(evidence: Evidence, name: str) -> Any:
    table = next(t for t in evidence.tables if t.id == "o1")
    return table.rows[0][table.column_index(name)]


@pytest.mark.parametrize(
    "metric", ["net_revenue", "orders", "units", "return_rate", "average_order_value", "avg:order_lines.unit_price"]
)
@pytest.mark.parametrize("to", ["previous_period", "same_date_last_year"])
def test_contributions_add_up_to_the_change(explain: Explain, metric: str, to: str) -> None:
    evidence = explain(metric, "2026-05-01", "2026-06-01", compare={"to": to})
    change = Decimal(str(whole(evidence, "change")))
    assert abs(sum(column(evidence, "contribution")) - change) <= abs(change) * Decimal("1e-9")
    before, after = Decimal(str(whole(evidence, "before"))), Decimal(str(whole(evidence, "after")))
    points = 100 if metric == "return_rate" else 1
    assert abs((after - before) * points - change) <= abs(change) * Decimal("1e-9")


def test_rate_and_mix_make_up_each_contribution(explain: Explain) -> None:
    evidence = explain("return_rate", "2026-05-01", "2026-06-01")
    parts = zip(
        column(evidence, "contribution"), column(evidence, "rate_effect"), column(evidence, "mix_effect"), strict=True
    )
    assert all(abs(c - r - m) < Decimal("1e-9") for c, r, m in parts)


def test_every_value_of_a_fact_is_a_cell(explain: Explain) -> None:
    evidence = explain("net_revenue", "2026-05-01", "2026-06-01")
    tables = {t.id: t for t in evidence.tables}
    assert {f.kind for f in evidence.facts} >= {"explained_change", "driver", "change_usual", "factor"}
    for fact in evidence.facts:
        assert all(tables[r.table].value(r.row, r.column) is not None for r in fact.values.values())


def test_factors_add_up(explain: Explain) -> None:
    evidence = explain("net_revenue", "2026-05-01", "2026-06-01")
    factors = next(t for t in evidence.tables if t.id == "f1")
    made = sum(Decimal(str(r[factors.column_index("effect")])) for r in factors.rows)
    assert made == Decimal(str(whole(evidence, "change")))


def test_the_models_own_tree_is_followed_to_its_ends(explain: Explain) -> None:
    evidence = explain("margin", "2026-05-01", "2026-06-01")
    below = next(t for t in evidence.tables if t.id == "b1")
    assert {r[0] for r in below.rows} >= {"Orders", "Units per order", "Average selling price"}
    ends = next(t for t in evidence.tables if t.id == "e1")
    made = sum(Decimal(str(r[ends.column_index("change")])) for r in ends.rows[:-1])
    assert made == Decimal(str(whole(evidence, "change"))) and len(evidence.charts) == 2
    assert {f.attributes["tree"] for f in evidence.facts if f.kind == "factor"} == {"given"}
    assert "Shapley" in evidence.quality.method  # type: ignore[union-attr]


def test_the_waterfall_ends_at_the_change(explain: Explain) -> None:
    evidence = explain("net_revenue", "2026-05-01", "2026-06-01")
    chart = evidence.charts[0]
    steps = next(t for t in evidence.tables if t.id == chart.table)
    ends = [Decimal(str(r[steps.column_index("end")])) for r in steps.rows]
    assert ends[-2] == ends[-1] == Decimal(str(whole(evidence, "change")))
    assert chart.spec["data"] == {"name": chart.table} and set(chart.spec) == {"$schema", "data", "mark", "encoding"}
    channels = [c for v in chart.spec["encoding"].values() for c in (v if isinstance(v, list) else [v])]
    assert all(set(c) <= MARKS for c in channels)


def test_by_limits_the_search(explain: Explain) -> None:
    evidence = explain("net_revenue", "2026-05-01", "2026-06-01", by=["products.category"])
    values = {"Garden", "Furniture", "Bedding", "Kitchen", "Lighting", "Decor", "Bath", "Storage", "Outdoor"}
    named = [str(r[0]).removesuffix(" (the rest)") for r in evidence.main().rows]  # type: ignore[union-attr]
    assert set(named[:-1]) <= values | {"Everything else"}


def test_what_can_belong_to_several_groups_is_not_split_by_them(explain: Explain) -> None:
    """An order holds products of several categories: its parts would add up to more than the whole."""
    caveats = explain("orders", "2026-05-01", "2026-06-01").quality.caveats  # type: ignore[union-attr]
    assert any(c.startswith("Category was not searched: one thing counted") for c in caveats)


def test_quality_says_what_was_done(explain: Explain) -> None:
    quality = explain("net_revenue", "2026-05-01", "2026-06-01").quality
    assert quality is not None and quality.trust in ("high", "medium", "low") and quality.n > 100
    assert 0 < quality.figures["noise_p"] <= 1 and quality.figures["combinations_searched"] > 10


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("net_revenue", "2024-02-01", "2024-02-03"), "too_few_rows"),
        (("net_revenue", "2019-02-01", "2019-03-01"), "too_little_history"),
        (("product_count", "2026-02-01", "2026-03-01"), "no_time"),
        (("median:order_lines.net_amount", "2026-02-01", "2026-03-01"), "no_parts"),
    ],
)
def test_honest_refusals(explain: Explain, args: tuple[str, str, str], code: str) -> None:
    with pytest.raises((LimitReached, InvalidRequest)) as refused:
        explain(*args)
    assert refused.value.code == code


def test_unknown_names_are_said(explain: Explain) -> None:
    with pytest.raises(UnknownName):
        explain("glorbix", "2026-02-01", "2026-03-01")
    with pytest.raises(UnknownName):
        explain("net_revenue", "2026-02-01", "2026-03-01", by=["products.glorbix"])
    with pytest.raises(InvalidRequest):
        explain("net_revenue", "2026-02-01", "2026-03-01", depth=9)
