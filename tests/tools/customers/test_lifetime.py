"""Lifetime value: the law itself, known estimates, a law that was planted, units, and when the log is too thin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import hyp2f1

from evals.customers import _cdnow_columns
from evals.customers_planted import BUYING, buyers
from store import settings
from store.errors import NotEnough
from tools.evidence import Evidence
from tools.factbook.book import problems
from tools.lifetime import engine
from tools.lifetime.model import Buying, fit_buying, fit_spending
from tools.lifetime.tool import LifetimeArgs, valued
from tools.registry import ToolContext, get
from warehouse.query import DimRef, Filter


def closed_form(law: Buying, x: Any, recency: Any, age: Any, weeks: float) -> Any:
    """Equation 10 of Fader, Hardie and Lee (2005)."""
    r, alpha, a, b = law.r, law.alpha, law.a, law.b
    tail = hyp2f1(r + x, b + x, a + b + x - 1, weeks / (alpha + age + weeks))
    grown = (a + b + x - 1) / (a - 1) * (1 - ((alpha + age) / (alpha + age + weeks)) ** (r + x) * tail)
    gone = a / (b + np.maximum(x, 1) - 1) * ((alpha + age) / (alpha + recency)) ** (r + x)
    return grown / (1 + (x > 0) * gone)


def test_expected_purchases_are_those_of_the_paper() -> None:
    x, recency = np.array([0.0, 1, 2, 7, 25]), np.array([0.0, 3, 30, 30.86, 38])
    age = np.full(5, 38.86)
    for law in (Buying(0.243, 4.414, 0.793, 2.426), Buying(2.0, 30.0, 1.8, 6.0)):
        for weeks in (1.0, 39.0, 260.0):
            found = law.ahead(x, recency, age, weeks)
            assert found == pytest.approx(closed_form(law, x, recency, age, weeks), rel=1e-8)
    assert Buying(0.243, 4.414, 0.793, 2.426).ahead(x[1:3], recency[1:3], age[1:3], 39)[1] == pytest.approx(1.226, 1e-2)


def test_the_pole_at_one_and_heavy_buyers_are_no_trouble() -> None:
    x, recency, age = np.array([3.0, 4_000.0]), np.array([50.0, 99.9]), np.array([60.0, 100.0])
    at = [Buying(0.5, 5, a, 2.5).ahead(x, recency, age, 52) for a in (1 - 1e-6, 1.0, 1 + 1e-6)]
    assert np.isfinite(at).all()
    assert at[0] == pytest.approx(at[1], rel=1e-4)
    assert at[2] == pytest.approx(at[1], rel=1e-4)
    alive = Buying(0.5, 5, 1.0, 2.5).alive(x, recency, age)
    assert ((alive >= 0) & (alive <= 1)).all()


def test_a_planted_law_is_learnt() -> None:
    x, recency, age = buyers(3, 2_500, 78)
    found, truth = fit_buying(x, recency, age), Buying(*BUYING)
    assert found is not None
    assert found.ahead(x, recency, age, 52).sum() == pytest.approx(truth.ahead(x, recency, age, 52).sum(), rel=0.08)
    assert found.r == pytest.approx(truth.r, rel=0.2)
    assert found.alpha == pytest.approx(truth.alpha, rel=0.3)


def test_values_follow_the_unit_exactly() -> None:
    rng = np.random.default_rng(2)
    count = rng.integers(1, 9, 400).astype(float)
    mean = rng.gamma(6, rng.gamma(4, 5, 400) / 6)
    dollars, cents = fit_spending(count, mean), fit_spending(count, mean * 100)
    assert dollars is not None
    assert cents is not None
    assert cents.each(count, mean * 100) == pytest.approx(100 * dollars.each(count, mean), rel=1e-7)
    assert fit_spending(np.zeros(50), np.zeros(50)) is None


@pytest.mark.data
def test_cdnow_parameters_are_the_documented_ones() -> None:
    data = Path(settings.get("data"))
    if not (data / "ml/cdnow").exists():
        pytest.skip("the outside data (cdnow) are not there")
    from datetime import date

    from evals.customers import CUT
    from tools.lifetime.tool import seen

    state = engine.known_at(seen(_cdnow_columns(data), "_cut", CUT))
    law = fit_buying(state.x, state.recency, state.age)
    assert law is not None
    assert len(state.x) == 1_158
    assert (law.r, law.alpha, law.a, law.b) == pytest.approx((0.237, 4.232, 0.811, 2.302), abs=2e-3)
    assert date(1997, 10, 1) == CUT


def test_the_answer_adds_up_and_shows_its_error(
    shop: ToolContext, told: Callable[[ToolContext, Evidence], str]
) -> None:
    found = get("lifetime_value").run(shop, {"most": 500})
    assert problems(found) == []
    groups = next(t for t in found.tables if t.title == "Expected value by segment")
    whole = next(t for t in found.tables if t.title == "All together")
    at = [c.name for c in whole.columns].index("value")
    assert sum(r[2] for r in groups.rows) == pytest.approx(whole.rows[0][at], rel=1e-6)
    assert found.quality is not None
    assert found.quality.figures["rmse"] < found.quality.figures["past_rmse"]
    assert "Smith" not in found.model_dump_json()
    main = found.main()
    assert main is not None
    values = [r[2] for r in main.rows]
    assert values == sorted(values, reverse=True)
    assert "is expected to bring" in told(shop, found)


def test_thin_logs_are_refused(shop: ToolContext) -> None:
    few = Filter(field=DimRef(field="orders.customer_id"), op="<=", values=(150,))
    with pytest.raises(NotEnough, match="I need 200"):
        valued(shop, LifetimeArgs(filters=(few,)))
    january = Filter(field=DimRef(field="orders.ordered_on"), op="<", values=("2025-02-10",))
    with pytest.raises(NotEnough):
        valued(shop, LifetimeArgs(filters=(january,)))
    with pytest.raises(NotEnough, match="no customer 99999"):
        valued(shop, LifetimeArgs(who=99999))
