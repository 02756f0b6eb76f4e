"""Segments: the grid, ties, independent SQL, sums, members, moves, honest refusals, groups that are really there."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product

import duckdb
import numpy as np
import pytest

from evals.customers_planted import clouds, four, rings
from store.errors import InvalidRequest, NotEnough, UnknownName
from tools import entities
from tools.entities import EntityArgs
from tools.factbook.book import problems
from tools.registry import ToolContext, get
from tools.segments import naming, rfm
from tools.segments.groups import run_json
from tools.segments.tool import SegmentsArgs, segmented
from warehouse.query import DimRef, Filter


def test_the_grid_covers_every_pair_once() -> None:
    assert set(rfm.GRID) == set(product(range(1, 6), repeat=2))
    assert set(rfm.GRID.values()) == set(rfm.NAMES) == set(rfm.MEANING) == set(rfm.ADVICE)
    assert rfm.GRID[5, 5] == rfm.GRID[4, 5] == rfm.CHAMPIONS
    assert rfm.GRID[1, 4] == rfm.GRID[2, 3] == rfm.AT_RISK
    assert rfm.GRID[1, 1] == rfm.GRID[1, 2] == rfm.LOST


def test_equal_figures_have_equal_scores() -> None:
    values = np.array([1.0] * 60 + [2.0] * 30 + [9.0] * 10)
    found = rfm.scores(values)
    assert [set(found[:60]), set(found[60:90]), set(found[90:])] == [{1}, {4}, {5}]
    assert rfm.scores(np.ones(50)).tolist() == [1] * 50


def test_frequency_and_money_round_half_up() -> None:
    last, often = np.arange(5.0), np.arange(5.0)
    _, scores = rfm.segments(last, often, often[::-1].copy())
    assert scores[:, 3].tolist() == [3, 3, 3, 3, 3]
    _, scores = rfm.segments(last, often, np.array([1.0, 0, 2, 3, 4]))
    assert scores[0].tolist() == [1, 1, 2, 2]


def test_segments_equal_independent_sql(shop: ToolContext) -> None:
    found = segmented(shop, SegmentsArgs())
    files = list(shop.snapshot.files["orders"])
    assert files
    cells = ", ".join(f"({r}, {m}, '{n.replace(chr(39), chr(39) * 2)}')" for (r, m), n in rfm.GRID.items())
    sql = f"""
        WITH c AS (SELECT customer_id AS id, max(ordered_on) AS l, count(DISTINCT ordered_on) AS n, sum(amount) AS s
                   FROM read_parquet({files}) WHERE status = 'done' GROUP BY 1),
        q AS (SELECT id, 1 + 5 * (rank() OVER (ORDER BY l) - 1) // count(*) OVER () AS r,
                     1 + 5 * (rank() OVER (ORDER BY n) - 1) // count(*) OVER () AS f,
                     1 + 5 * (rank() OVER (ORDER BY s) - 1) // count(*) OVER () AS m FROM c)
        SELECT id, name FROM q JOIN (VALUES {cells}) g(a, b, name) ON a = r AND b = floor((f + m) / 2.0 + 0.5)"""
    theirs = dict(duckdb.connect().execute(sql).fetchall())
    assert dict(zip(found.activity.ids, found.labels, strict=True)) == theirs


def test_sizes_and_values_add_up_and_facts_point_at_cells(shop: ToolContext) -> None:
    found = get("segments").run(shop, {})
    main = found.main()
    assert main is not None
    whole = next(t for t in found.tables if t.title == "All together")
    assert sum(r[1] for r in main.rows) == whole.rows[0][1] == found.rows
    assert sum(r[3] for r in main.rows) == pytest.approx(whole.rows[0][3], rel=1e-9)
    assert sum(r[2] for r in main.rows) == pytest.approx(1)
    assert problems(found) == []
    assert found.quality is not None
    assert found.charts[0].table == main.id


def test_members_are_listed_without_personal_data_unless_wanted(shop: ToolContext) -> None:
    hidden = get("segments").run(shop, {"only": "Champions", "most": 5})
    shown = get("segments").run(shop, {"only": "Champions", "most": 5, "show_names": True})
    assert "Smith" not in hidden.model_dump_json()
    main = shown.main()
    assert main is not None
    assert [c.name for c in main.columns][:2] == ["id", "name"]
    assert all("Smith" in r[1] for r in main.rows)
    values = [r[-1] for r in main.rows]
    assert values == sorted(values, reverse=True)
    assert problems(shown) == []


def test_ids_that_are_personal_data_are_not_listed(shop: ToolContext) -> None:
    customers = shop.model.tables["customers"]
    key = customers.dimensions["customer_id"].model_copy(update={"pii": True})
    table = customers.model_copy(update={"dimensions": {**customers.dimensions, "customer_id": key}})
    model = shop.model.model_copy(update={"tables": {**shop.model.tables, "customers": table}})
    found = get("segments").run(replace(shop, model=model), {"only": "Champions"})
    assert not any("ID" in c.label for t in found.tables for c in t.columns)


def test_moves_since_a_day_leave_out_who_came_later(shop: ToolContext) -> None:
    found = segmented(shop, SegmentsArgs(since="2026-08-01"))
    assert found.before is not None
    new = [i for i, old in enumerate(found.before) if old is None]
    assert new
    assert all(found.columns["first"][i] >= entities.day_number(SegmentsArgs(since="2026-08-01").since) for i in new)  # type: ignore[arg-type]
    told = get("segments").run(shop, {"since": "2026-08-01"})
    assert [f.kind for f in told.facts].count("segment_moved") == 3


def test_what_is_missing_is_said(shop: ToolContext) -> None:
    few = Filter(field=DimRef(field="orders.order_id"), op="<=", values=(60,))
    with pytest.raises(NotEnough, match="I need at least 100") as caught:
        segmented(shop, SegmentsArgs(filters=(few,)))
    assert caught.value.code == "too_few_rows"
    with pytest.raises(UnknownName, match="Champoins"):
        segmented(shop, SegmentsArgs(only="Champoins"))
    with pytest.raises(InvalidRequest):
        segmented(shop, SegmentsArgs(since="2020-01-01"))
    tables = {"orders": shop.model.tables["orders"].model_copy(update={"joins": ()})}
    nobody = replace(shop, model=shop.model.model_copy(update={"tables": tables}))
    with pytest.raises(NotEnough) as caught:
        segmented(nobody, SegmentsArgs())
    assert caught.value.code == "no_entity"
    timeless = {**shop.model.tables, "orders": shop.model.tables["orders"].model_copy(update={"time": None})}
    with pytest.raises(NotEnough) as caught:
        segmented(replace(shop, model=shop.model.model_copy(update={"tables": timeless})), SegmentsArgs())
    assert caught.value.code == "no_time"


def test_the_entity_is_found_by_its_words(shop: ToolContext) -> None:
    found = entities.find(shop, EntityArgs())
    assert (found.ref.field, found.home, found.amount.metric) == ("orders.customer_id", "customers", "revenue")
    assert entities.find(shop, EntityArgs(entity="orders.customer_id")).home == "customers"
    with pytest.raises(UnknownName):
        entities.find(shop, EntityArgs(entity="clowns"))
    with pytest.raises(UnknownName):
        entities.find(shop, EntityArgs(amount="revenu"))


def columns(points: np.ndarray) -> dict[str, list[float]]:
    return {str(i): c.tolist() for i, c in enumerate(points.T)}


@pytest.mark.usefixtures("one_thread")
def test_four_groups_are_found_whatever_the_order_and_the_units() -> None:
    points, truth = four()
    found = run_json({"columns": columns(points), "method": "kmeans"})
    assert (found["refused"], found["k"]) == ("", 4)
    pairs = Counter(zip(truth.tolist(), found["labels"], strict=True))
    assert sum(sorted(pairs.values())[-4:]) >= 0.98 * len(points)
    order = np.random.default_rng(0).permutation(len(points))
    again = run_json({"columns": columns(points[order] * [1000, 0.001, 3]), "method": "kmeans"})
    assert again["labels"] == np.array(found["labels"])[order].tolist()
    assert again["silhouette"] == pytest.approx(found["silhouette"], abs=1e-9)
    named = naming.named(dict(zip("abc", points.T, strict=True)), np.array(found["labels"]))
    assert len({n.name for n in named.values()}) == 4


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("kind", ["round", "long", "box", "tail"])
def test_no_groups_are_claimed_in_a_cloud(kind: str) -> None:
    for method in ("kmeans", "density"):
        assert run_json({"columns": columns(clouds()[kind]), "method": method})["refused"]


@pytest.mark.usefixtures("one_thread")
def test_rings_are_for_density_and_not_for_k_means() -> None:
    points, truth = rings()
    found = run_json({"columns": columns(points), "method": "density"})
    assert found["refused"] == ""
    assert len(Counter(zip(truth.tolist(), found["labels"], strict=True))) == 2
    assert run_json({"columns": columns(points), "method": "kmeans"})["refused"]


def test_single_buyers_have_no_groups_but_bands() -> None:
    last = np.arange(300.0)
    labels, scores = rfm.segments(last, np.ones(300), np.full(300, 9.0))
    assert set(scores[:, 1]) == {1}
    assert set(labels) == {rfm.NEW, rfm.PROMISING, rfm.SLEEPY, rfm.HIBERNATING, rfm.LOST}
