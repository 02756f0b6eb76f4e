"""Churn: a planted law, a coin, leaks, rare leavers, holes and new words; nothing later is learnt from."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from agent.view import WorkspaceViews
from evals.customers_planted import leavers
from ingestion.pipeline import ingest
from store.errors import InvalidRequest, NotEnough, UnknownName
from store.principal import LOCAL_OWNER
from tools import entities
from tools.churn import history, scoring
from tools.churn.design import learn, numeric, texts
from tools.churn.engine import folds, run_json
from tools.churn.tool import ChurnArgs, judged
from tools.entities import EntityArgs
from tools.evidence import Evidence
from tools.factbook.book import problems
from tools.registry import ToolContext, get
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.query import DimRef, Filter
from warehouse.workspace import named

pytestmark = pytest.mark.usefixtures("one_thread")


def test_figures_of_ranking_are_right() -> None:
    score, outcome = np.array([0.1, 0.4, 0.35, 0.8, 0.4]), np.array([0.0, 0, 1, 1, 1])
    pairs = [(s > t) + 0.5 * (s == t) for s in score[outcome > 0] for t in score[outcome == 0]]
    assert scoring.auc(score, outcome) == pytest.approx(np.mean(pairs))
    low, high = scoring.auc_range(np.arange(200.0), np.repeat([0.0, 1.0], 100))
    assert low == high == 1
    assert scoring.calibration_error(np.full(10, 0.3), np.array([1.0] * 3 + [0] * 7)) == pytest.approx(0)
    assert scoring.lift(np.arange(100.0), (np.arange(100) >= 90).astype(float)) == pytest.approx(10)


def test_a_known_law_is_learnt_and_calibrated() -> None:
    asked = leavers(1, 2_000)
    found = run_json(asked)
    truth = scoring.auc(np.array(asked["truth"]), np.array(asked["outcome"]))
    assert truth - found["figures"]["auc"] < 0.015
    assert found["figures"]["calibration_error"] < 0.03
    assert found["kind"] in ("logistic", "both")
    assert found["overall"][0][0] == "one"
    assert found["reasons"][0][1]
    again = run_json(asked)
    assert again == found


def test_a_coin_is_not_better_than_chance() -> None:
    assert run_json(leavers(2, 1_500, strength=0.0))["figures"]["auc"] < 0.6


def test_columns_written_afterwards_are_left_out() -> None:
    asked = leavers(4, 1_500)
    outcome = asked["outcome"]
    asked["train"] = asked["train"] | {
        "left_on": [None if not y else float(i) for i, y in enumerate(outcome)],
        "reason": ["moved" if y else None for y in outcome],
        "flag": ["yes" if y else "no" for y in outcome],
    }
    asked["kinds"] = asked["kinds"] | {"left_on": "number", "reason": "category", "flag": "category"}
    asked["score"] = asked["train"]
    found = run_json(asked)
    assert sorted(found["suspects"]) == ["flag", "left_on", "reason"]
    assert set(found["features"]) == {"one", "two", "kind"}
    only = {k: {"flag": asked["train"]["flag"]} for k in ("train", "score")}
    assert run_json(asked | only | {"kinds": {"flag": "category"}})["refused"] == "leakage"


def test_holes_and_new_words_are_no_trouble() -> None:
    asked = leavers(5, 1_500)
    asked["train"]["one"] = [None if i % 5 == 0 else v for i, v in enumerate(asked["train"]["one"])]
    asked["score"] = {"one": [None, 0.0], "two": [0.0, None], "kind": ["never seen", None]}
    found = run_json(asked)
    assert all(0 < c < 1 for c in found["chances"])
    assert found["figures"]["auc"] > 0.7


def test_the_design_learns_from_its_rows_alone() -> None:
    columns = {"n": numeric([1.0, 2.0, 3.0, None]), "k": texts(["a", "b", "a", None])}
    design = learn({k: np.repeat(v, 10) for k, v in columns.items()}, {"n": "number", "k": "category"})
    far = {"n": numeric([1e9]), "k": texts(["z"])}
    wide = design.wide(far)
    assert np.abs(wide).max() <= 6
    assert learn({"n": np.ones(5)}, {"n": "number"}).parts == ()


def test_nobody_is_on_both_sides_of_a_fold() -> None:
    group = np.repeat(np.arange(50), 3)
    fold = folds(group, np.tile([0.0, 0, 1], 50))
    assert all(len(set(fold[group == g])) == 1 for g in range(50))
    assert len(set(fold)) == 5


def test_what_happens_later_is_not_learnt_from(shop: ToolContext) -> None:
    """The rows of the test day, and all before it, are the same whether or not anything happened afterwards."""
    entity = entities.find(shop, EntityArgs())
    clock = entities.clock(shop, entity)
    whole, _ = history.prepared(shop, entity, clock, (), 90)
    day = history._snapshots(entity, clock, 90).days[1]
    earlier = Filter(field=DimRef(field="orders.ordered_on"), op="<", values=(day,))
    cut_off, _ = _without_refusal(shop, entity, clock, earlier)
    assert cut_off.train == whole.train
    assert cut_off.outcome == whole.outcome
    assert cut_off.test == whole.test
    assert cut_off.test_outcome != whole.test_outcome


def _without_refusal(shop: ToolContext, entity: Any, clock: Any, earlier: Filter) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "refuse_few", lambda *_: None)
        return history.prepared(shop, entity, clock, (earlier,), 90)


def test_the_answer_from_a_log(shop: ToolContext, told: Callable[[ToolContext, Evidence], str]) -> None:
    found = get("churn_risk").run(shop, {"silence_days": 90, "most": 20})
    assert problems(found) == []
    assert found.quality is not None
    assert {"auc", "auc_logistic", "auc_booster", "calibration_error", "lift"} <= set(found.quality.figures)
    main = found.main()
    assert main is not None
    assert len(main.rows) == 20
    chances = [r[1] for r in main.rows]
    assert chances == sorted(chances, reverse=True)
    text = told(shop, found)
    assert "at high risk of leaving" in text
    assert "no proof of why" in text
    assert "Smith" not in found.model_dump_json()


def test_too_little_is_refused_with_what_is_missing(shop: ToolContext) -> None:
    with pytest.raises(NotEnough, match="I need 1200 days") as caught:
        judged(shop, ChurnArgs(silence_days=400))
    assert caught.value.code == "too_little_history"
    few = Filter(field=DimRef(field="orders.customer_id"), op="<=", values=(60,))
    with pytest.raises(NotEnough) as caught:
        judged(shop, ChurnArgs(filters=(few,), silence_days=60))
    assert caught.value.code == "too_few_rows"
    with pytest.raises(UnknownName):
        judged(shop, ChurnArgs(outcome="customers.gone"))
    with pytest.raises(InvalidRequest, match="not a yes or no"):
        judged(shop, ChurnArgs(outcome="customers.country"))


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ToolContext]:
    """Subscribers with an outcome column, a personal column that tells it, and a reason written afterwards."""
    folder = tmp_path_factory.mktemp("lines")
    asked = leavers(9, 1_200)
    with (folder / "subscribers.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["customer_id", "email", "usage", "calls", "plan", "monthly_charges", "exit_reason", "churned"])
        for i, left in enumerate(asked["outcome"]):
            one, two, kind = (asked["train"][n][i] for n in ("one", "two", "kind"))
            reason = "price" if left else ""
            out.writerow([f"C{i:05}", f"p{i}@mail.example", round(one, 3), round(two, 3), kind, 20 + i % 30, reason,
                          "Yes" if left else "No"])  # fmt: skip
    ingest(named("lines", folder / "home"), [folder / "subscribers.csv"])
    view = WorkspaceViews(folder / "home").get("lines")
    engine = DuckDBEngine(workers=1)
    yield ToolContext(
        view.workspace, LOCAL_OWNER, view.model, view.profile, engine, view.snapshot, datetime(2026, 11, 1)
    )
    engine.close()


def test_the_answer_from_an_outcome_column(lines: ToolContext) -> None:
    found = get("churn_risk").run(lines, {"order": "loss"})
    assert problems(found) == []
    assert found.warnings[0].code == "leakage"
    assert "Exit reason" in found.warnings[0].message
    assert "mail.example" not in found.model_dump_json()
    main = found.main()
    assert main is not None
    losses = [r[-1] for r in main.rows]
    assert losses == sorted(losses, reverse=True)
    whole = next(t for t in found.tables if t.title == "All together")
    assert whole.rows[0][1] == sum(1 for y in leavers(9, 1_200)["outcome"] if not y)


def test_without_a_leaver_there_is_no_outcome(lines: ToolContext) -> None:
    stayed = Filter(field=DimRef(field="subscribers.churned"), op="=", values=(False,))
    with pytest.raises(NotEnough, match="same outcome") as caught:
        judged(lines, ChurnArgs(filters=(stayed,)))
    assert caught.value.code == "no_outcome"
    table = lines.model.tables["subscribers"].model_copy(update={"key": ()})
    keyless = lines.model.model_copy(update={"tables": {"subscribers": table}})
    with pytest.raises(InvalidRequest):
        judged(replace(lines, model=keyless), ChurnArgs(outcome="subscribers.churned"))
