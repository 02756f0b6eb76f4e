"""What rows are called when only columns say it; and which yes-or-no columns give rates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingestion.pipeline import ingest
from warehouse.model import store
from warehouse.model.schema import SemanticModel
from warehouse.workspace import named

Infer = Callable[..., SemanticModel]


@pytest.fixture
def infer(tmp_path: Path) -> Infer:
    def model(name: str, header: str, *lines: str) -> SemanticModel:
        path = tmp_path / name
        path.write_text("\n".join([header, *lines]) + "\n")
        workspace = named("w", tmp_path)
        ingest(workspace, [path])
        return store.load(workspace.model_file)

    return model


def people(n: int = 40) -> list[str]:
    return [f"{i},{'FM'[i % 2]},{20 + i % 40},{1000 + i}" for i in range(n)]


def test_an_id_says_what_a_row_is(infer: Infer) -> None:
    (table,) = infer("q3 user dump v2.csv", "User ID,sex,age,spend", *people()).tables.values()
    assert (table.record, table.records) == ("user", "users")
    counted = next(m for m in table.measures.values() if m.agg == "count")
    assert {"people", "rows"} <= set(counted.words())


def test_a_plain_name_is_kept_and_the_id_is_another_word(infer: Infer) -> None:
    lines = [f"{i},{i % 7},{i * 2}" for i in range(40)]
    (table,) = infer("sales.csv", "order_id,store_no,amount", *lines).tables.values()
    assert table.record == "sale"
    assert "orders" in next(m for m in table.measures.values() if m.agg == "count").words()


def test_columns_of_a_person_make_people(infer: Infer) -> None:
    lines = [f"{20 + i % 30},{'FM'[i % 2]},Nurse,{30000 + i % 9}" for i in range(60)]
    (table,) = infer("Salary Data.csv", "Age,Gender,Job Title,Salary", *lines).tables.values()
    assert (table.record, table.records) == ("person", "people")
    counted = next(m for m in table.measures.values() if m.agg == "count")
    assert "employees" in counted.words() and "passengers" not in counted.words()
    assert table.dimensions["gender"].values["F"] == ("women", "woman", "female", "females")


def test_an_id_that_repeats_names_what_it_stands_for(infer: Infer) -> None:
    lines = [f"{i % 9},2026-01-{1 + i % 28:02},{i}" for i in range(60)]
    (table,) = infer("tx.csv", "customer_id,day,amount", *lines).tables.values()
    assert "customer" in [s.text for s in table.dimensions["customer_id"].synonyms]


def test_the_noun_of_a_quantity_is_its_short_name_unless_two_share_it(infer: Infer) -> None:
    lines = [f"{i},{i % 5},{i % 3},{i % 4}" for i in range(60)]
    (table,) = infer("plans.csv", "Plan ID,Monthly Fee,Base Price,List Price", *lines).tables.values()
    words = {name: m.words() for name, m in table.measures.items()}
    assert "fee" in words["monthly_fee"]
    assert not any("price" in said for said in words.values())


def test_outcomes_get_a_rate(infer: Infer) -> None:
    lines = [f"{i},{'Yes' if i % 4 == 0 else 'No'},{'Yes' if i % 3 else 'No'},{i % 2}" for i in range(60)]
    model = infer("clients.csv", "Client ID,Churn,Parking,VIP", *lines)
    assert model.metrics.keys() == {"churn_rate"}
    (table,) = model.tables.values()
    assert table.measures["churned_clients"].good == "down"
    assert table.dimensions["vip"].type == "boolean"


def test_codes_of_two_kinds_are_no_flag(infer: Infer) -> None:
    lines = [f"{i},{i % 2},{i % 2}" for i in range(60)]
    (table,) = infer("heats.csv", "Heat ID,Shift,Lane Group", *lines).tables.values()
    assert {table.dimensions[n].type for n in ("shift", "lane_group")} == {"integer"}
