"""A model is tried on its data: every fault with its line, every changed figure with both values."""

from datetime import datetime

import pytest

from ingestion.pipeline import ingest
from store.principal import LOCAL_OWNER
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.lake import Lake
from warehouse.model import store, trial, verified
from warehouse.model.schema import VerifiedQuery
from warehouse.profile import DataProfile
from warehouse.query import MetricQuery
from warehouse.workspace import Workspace

MODEL = """\
model: shop
tables:
  orders:
    source: orders
    key: [order_id]
    time: {default: day, columns: {day: {kind: date}}}
    dimensions:
      region: {label: Region}
      big: {expr: amount > 50, type: boolean}
    numbers: {amount: {type: float}}
    measures:
      orders: {agg: count}
      revenue: {agg: sum, expr: amount}
metrics:
  mean: {kind: ratio, numerator: revenue, denominator: orders}
terms: {northern: "orders.region = 'North'"}
"""


@pytest.fixture(scope="module")
def on(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trial")
    rows = "\n".join(
        f"{n},2026-{1 + n % 3:02}-{1 + n % 28:02},{10 + n}.50,{'North' if n % 2 else 'South'}" for n in range(60)
    )
    (folder / "orders.csv").write_text(f"order_id,day,amount,region\n{rows}\n")
    place = Workspace("shop", folder / "shop")
    ingest(place, [folder / "orders.csv"])
    profile = DataProfile.model_validate_json(place.profile_file.read_bytes())
    engine = DuckDBEngine(workers=1)
    yield trial.Trial(profile, Lake.open(place.lake).current(), engine, LOCAL_OWNER, datetime(2026, 6, 1))
    engine.close()


def test_a_good_model_has_no_faults(on):
    assert trial.check(store.parse(MODEL), on, MODEL) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "where", "says"),
    [
        ("expr: amount}", "expr: amuont}", 13, "tables.orders.measures.revenue", "amount"),
        ("expr: amount}", "expr: region}", 13, "tables.orders.measures.revenue", ""),
        ("numerator: revenue", "numerator: revenu", 15, "metrics.mean", "revenue"),
        ("orders.region", "order.region", 16, "terms.northern", "orders"),
        ("region: {label: Region}", "regoin: {label: Region}", 8, "tables.orders.dimensions.regoin", "region"),
        ("expr: amount > 50", "expr: year(region)", 9, "tables.orders.dimensions.big", ""),
    ],
)
def test_every_fault_has_its_line_and_the_likely_word(on, old, new, line, where, says):
    text = MODEL.replace(old, new)
    found = [f for f in trial.check(store.parse(text), on, text) if f.severity == "error"]
    assert (found[0].line, found[0].where) == (line, where)
    assert says in (found[0].hint or "")


def test_a_change_shows_the_metrics_it_moves_and_no_others(on):
    before = trial.figures(store.parse(MODEL), on)
    after = trial.figures(store.parse(MODEL.replace("agg: sum", "agg: max")), on)
    moved = {b.name: (b.total, a.total) for b, a in trial.changed(before, after)}
    assert set(moved) == {"revenue", "mean"}
    assert moved["revenue"] == (pytest.approx(sum(10.5 + n for n in range(60))), pytest.approx(69.5))
    assert before["revenue"].last_month == pytest.approx(sum(10.5 + n for n in range(60) if n % 3 == 1))


def test_new_and_lost_metrics_are_changes(on):
    before = trial.figures(store.parse(MODEL), on)
    after = trial.figures(store.parse(MODEL.replace("mean:", "average:")), on)
    pairs = [(b and b.name, a and a.name) for b, a in trial.changed(before, after)]
    assert pairs == [("mean", None), (None, "average")]


def approved(text: str, metric: str):
    model = store.parse(text)
    one = verified.sealed(VerifiedQuery(question="How much?", query={"metrics": [{"metric": metric}]}), model)
    return model.model_copy(update={"verified": (one,)})


@pytest.mark.parametrize(
    ("old", "new", "stale"),
    [
        ("agg: sum", "agg: max", True),
        ("numerator: revenue", "numerator: orders", True),
        ("mean:", "average:", True),
        ("label: Region", "label: Area", False),
        ("revenue: {agg: sum", "revenue: {label: Turnover, agg: sum", False),
    ],
)
def test_an_approved_question_goes_stale_when_its_figures_mean_something_else(on, old, new, stale):
    kept = approved(MODEL, "mean").verified
    model = store.parse(MODEL.replace(old, new)).model_copy(update={"verified": kept})
    found = [f for f in trial.check(model, on) if f.code == "stale_verified"]
    assert bool(found) == stale
    assert all(f.severity == "warning" for f in found)


def test_a_query_that_cannot_be_read_is_stale_and_not_a_crash(on):
    broken = VerifiedQuery(question="?", query={"metrics": 3})
    model = store.parse(MODEL).model_copy(update={"verified": (broken,)})
    assert [f.where for f in trial.check(model, on)] == ["verified.0"]


def test_the_mark_of_a_meaning_follows_definitions_only():
    query = MetricQuery.model_validate({"metrics": [{"metric": "mean"}]})
    same = MODEL.replace("label: Region", "label: Area")
    assert verified.meaning(query, store.parse(MODEL)) == verified.meaning(query, store.parse(same))
