"""A reload must bring in what is new and never undo what a person did to the model."""

import duckdb
import pytest

from warehouse.model import store
from warehouse.model.refresh import load_review, refresh
from warehouse.model.schema import Dimension, Metric, SemanticModel, Synonym
from warehouse.model.values import ValuesIndex
from warehouse.workspace import Workspace

ORDERS = """
    CREATE TABLE orders AS SELECT i + 1 AS order_id, i % 5 + 1 AS shop_id, i * 2.5 AS amount, 'c' || i % 3 AS channel,
      DATE '2025-01-01' + CAST(i AS INT) AS order_date FROM range(40) r(i);
    CREATE TABLE shops AS SELECT i + 1 AS shop_id, 'Shop ' || i AS shop_name FROM range(5) r(i);
"""


@pytest.fixture
def workspace(tmp_path):
    return Workspace("demo", tmp_path)


@pytest.fixture
def load(workspace, profiled):
    def run(script):
        with duckdb.connect() as connection:
            connection.execute(script)
            return refresh(workspace, profiled(connection), connection)

    return run


def edit(workspace, **update):
    """Change the orders table of the model on file."""
    model = store.load(workspace.model_file)
    table = model.tables["orders"].model_copy(update=update)
    store.save(model.model_copy(update={"tables": {**model.tables, "orders": table}}), workspace.model_file)


def test_a_first_load_writes_model_values_and_review(workspace, load):
    model = load(ORDERS)
    assert store.load(workspace.model_file) == model
    assert ValuesIndex.load(workspace.values_file).match("shop 3")[0].value == "Shop 3"
    assert isinstance(load_review(workspace), list)
    assert all(t.confidence < 1 for t in model.tables.values())


def test_loading_again_changes_nothing(workspace, load):
    assert load(ORDERS) == load(ORDERS)


def test_new_columns_and_tables_come_in(load):
    load(ORDERS)
    model = load(
        ORDERS + "ALTER TABLE orders ADD COLUMN tax DOUBLE DEFAULT 1.5; CREATE TABLE notes AS SELECT 'x' AS note"
    )
    assert "tax" in model.tables["orders"].numbers
    assert "notes" in model.tables


def test_edits_and_deletions_stay(workspace, load):
    before = load(ORDERS).tables["orders"]
    renamed = before.dimensions["channel"].model_copy(update={"label": "Sales channel"})
    kept = {n: m for n, m in before.measures.items() if n != "amount"}
    edit(workspace, dimensions={**before.dimensions, "channel": renamed}, measures=kept, joins=())
    after = load(ORDERS).tables["orders"]
    assert after.dimensions["channel"].label == "Sales channel"
    assert "amount" not in after.measures
    assert after.joins == ()


def given(**metrics):
    """What a release knows of the table of orders, with two figures that differ in their condition alone."""
    measures = {"buyers": {"agg": "count_distinct", "expr": "channel", "confidence": 0.99}}
    measures["web_buyers"] = measures["buyers"] | {"where": "channel = 'c1'"}
    table = {"source": "orders", "key": ["order_id"], "measures": measures, "confidence": 0.99}
    return SemanticModel.model_validate({"model": "known", "tables": {"orders": table}, "metrics": metrics})


def test_what_a_later_release_knows_better_comes_in_and_what_it_drops_goes(workspace, profiled):
    share = {"kind": "ratio", "numerator": "web_buyers", "denominator": "buyers", "confidence": 0.99}

    def loaded(**metrics):
        with duckdb.connect() as connection:
            connection.execute(ORDERS)
            return refresh(workspace, profiled(connection), connection, given(**metrics))

    first = loaded(web_share=share, old_share=share)
    assert {"buyers", "web_buyers"} <= first.tables["orders"].measures.keys()
    store.save(first.model_copy(update={"metrics": {**first.metrics, "own": Metric(**share | {"confidence": 1})}}),
               workspace.model_file)  # fmt: skip
    later = loaded(web_share={**share, "decimals": 2})
    assert later.metrics["web_share"].decimals == 2
    assert "old_share" not in later.metrics
    assert "own" in later.metrics, "what a person made stays"
    assert {"buyers", "web_buyers"} <= later.tables["orders"].measures.keys()


def test_a_deleted_synonym_never_returns(workspace, load):
    before = load(ORDERS).tables["orders"]
    amount = before.measures["amount"]
    spoken = amount.words()[0]
    fewer = (Synonym(text=spoken, state="deleted"), *(s for s in amount.synonyms if s.text != spoken))
    edit(workspace, measures={**before.measures, "amount": amount.model_copy(update={"synonyms": fewer})})
    assert spoken not in load(ORDERS).tables["orders"].measures["amount"].words()


def test_what_a_person_wrote_before_any_load_is_kept_and_completed(workspace, load):
    workspace.model_file.write_text(
        "model: mine\ntables:\n  orders:\n    source: orders\n    label: Bookings\n    measures:\n"
        "      takings: {agg: sum, expr: amount, label: Takings}\n"
    )
    model = load(ORDERS)
    table = model.tables["orders"]
    assert (model.model, table.label) == ("mine", "Bookings")
    assert list(table.measures) == ["takings"]
    assert {"channel", "order_id"} <= set(table.dimensions)
    assert table.key == ("order_id",)
    assert [j.to for j in table.joins] == ["shops"]
    assert table.time.default == "order_date"


def test_a_list_a_person_began_is_their_choice_but_later_columns_join_it(workspace, load):
    workspace.model_file.write_text(
        "model: mine\ntables:\n  orders:\n    source: orders\n    dimensions:\n      channel: {label: Channel}\n"
    )
    assert list(load(ORDERS).tables["orders"].dimensions) == ["channel"]
    later = load(ORDERS + "ALTER TABLE orders ADD COLUMN coupon TEXT DEFAULT 'none'").tables["orders"]
    assert list(later.dimensions) == ["channel", "coupon"]


def test_vanished_tables_take_their_joins_and_metrics_along_and_are_told(workspace, load):
    model = load(ORDERS)
    metrics = {
        "shops_twice": Metric(kind="derived", expr="shops * 2"),
        "mean": Metric(kind="ratio", numerator="amount", denominator="orders"),
    }
    store.save(model.model_copy(update={"metrics": metrics}), workspace.model_file)
    after = load(ORDERS + "DROP TABLE shops")
    assert "shops" not in after.tables
    assert after.tables["orders"].joins == ()
    assert list(after.metrics) == ["mean"]
    assert {i.name for i in load_review(workspace) if i.kind == "dropped"} == {"shops", "shops_twice"}


def test_a_dimension_a_person_added_by_hand_stays(workspace, load):
    before = load(ORDERS).tables["orders"]
    added = Dimension(expr="upper(channel)", label="Loud channel")
    edit(workspace, dimensions={**before.dimensions, "loud": added})
    assert load(ORDERS).tables["orders"].dimensions["loud"] == added
