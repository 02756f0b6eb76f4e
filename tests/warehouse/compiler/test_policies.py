"""Rows and columns a person may not see never reach that person, whatever is asked; when in doubt nothing does."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.errors import PlainsayError, QueryRefused, UnknownName
from warehouse.compiler import check_model

OWN = {"name": "own_country", "table": "customers", "where": "country IN (:countries)"}


def refused(shop, **query):
    with pytest.raises(PlainsayError) as error:
        shop.ask(**query)
    return error.value.code


@pytest.fixture
def american(shop):
    shop.data["policies"] = [OWN]
    shop.signed_in(countries=("US",))
    return shop


def test_16_a_policy_filters_the_fact_that_reaches_it(american):
    compiled = american.compile(metrics=["revenue"], dimensions=["channel"])
    assert american.rows(compiled) == [("web", 150), ("app", 65)]
    assert [n.code for n in compiled.notes] == ["policy_filtered"]
    assert compiled.policies == ("own_country",)


def test_17_a_policy_binds_every_fact(american):
    rows = american.ask(metrics=["revenue", "events"], time={"grain": "month"})
    assert [r[1:] for r in rows] == [(180, 4), (30, 1), (0, 0), (5, 0)]


def test_a1_a_fact_without_a_path_is_refused(american):
    assert refused(american, metrics=["on_hand"]) == "policy_no_path"
    assert refused(american, dimensions=["inventory.product_id"]) == "policy_no_path"
    in_stock = {"field": {"field": "inventory.product_id"}, "op": "not_null"}
    assert refused(american, metrics=["count:products.product_name"], filters=[in_stock]) == "policy_no_path"
    with pytest.raises(QueryRefused):
        american.records(table="products", related=[{"table": "inventory"}])


def test_a6_an_attribute_is_a_value_and_never_sql(american):
    american.signed_in(countries=("US' OR 1=1 --",))
    assert american.ask(metrics=["revenue"]) == [(None,)]
    american.signed_in(countries=("O'Brien", "US"))
    assert american.ask(metrics=["revenue"]) == [(215,)]


def test_a14_rows_without_an_owner_are_hidden(american, condition):
    american.run("INSERT INTO orders VALUES (6, 99, '2025-04-01', 'completed', 'web', 7)")
    american.data["policies"] = [{**OWN, "where": "country IN (:countries) OR country IS NULL"}]
    assert american.ask(metrics=["revenue"], dimensions=["country"]) == [("US", 215)]


def test_a21_no_list_no_rows_and_no_attribute_no_answer(american):
    american.signed_in(countries=())
    assert american.ask(metrics=["revenue"]) == [(None,)]
    assert american.records(table="customers") == []
    american.data["policies"] = [{**OWN, "where": "NOT country IN (:countries)"}]
    assert american.ask(metrics=["revenue"]) == [(None,)]
    american.signed_in()
    assert refused(american, metrics=["revenue"]) == "policy_attribute"


def test_nobody_in_particular_sees_nothing_that_is_bound(american):
    american.principal = None
    with pytest.raises(QueryRefused) as error:
        american.compile(metrics=["revenue"])
    assert error.value.code == "policy_attribute"


def test_lists_and_values_are_bound_too(american):
    assert american.ask(dimensions=["country"]) == [("US",)]
    assert american.ask(dimensions=["channel"]) == [("app",), ("web",)]
    rows = american.records(table="orders", columns=[{"field": "order_id"}])
    assert rows == [(1,), (2,), (3,), (5,)]
    assert american.ask(dimensions=["category_name"]) == [("Hats",), ("Shoes",), ("Toys",)]


def test_what_is_related_is_bound_too(american, condition):
    """A product that only a hidden order holds has, for this person, not been ordered."""
    american.run("INSERT INTO products VALUES (5, 'Kite', 3)")
    american.run("INSERT INTO order_items VALUES (9, 4, 5, 1, 5)")
    sold = american.records(
        table="products", columns=[{"field": "product_name"}], related=[{"table": "order_items", "exists": False}]
    )
    assert sold == [("Kite",)]
    ordered = condition("orders.order_id", "not_null")
    assert american.ask(metrics=["count:products.product_name"], filters=[ordered]) == [(4,)]


def test_the_total_of_a_share_is_of_visible_rows(american):
    rows = american.ask(metrics=["revenue"], dimensions=["channel"], transforms=[{"kind": "share", "of": "revenue"}])
    assert [r[2] for r in rows] == [pytest.approx(150 / 215), pytest.approx(65 / 215)]


@pytest.fixture
def shipments(american):
    american.data["tables"]["shipments"] = {
        "source": "shipments",
        "key": ["shipment_id"],
        "joins": [
            {"to": "customers", "on": {"sold_to": "customer_id"}, "role": "sold_to"},
            {"to": "customers", "on": {"ship_to": "customer_id"}, "role": "ship_to"},
        ],
        "measures": {"shipped": {"agg": "sum", "expr": "amount"}},
    }
    american.run("CREATE TABLE shipments (shipment_id INT, sold_to INT, ship_to INT, amount DECIMAL(18,2))")
    american.run("INSERT INTO shipments VALUES (1, 1, 3, 10), (2, 3, 3, 20)")
    return american


def test_a8_all_roles_must_pass_unless_some_are_named(shipments):
    assert shipments.ask(metrics=["shipped"]) == [(None,)]
    shipments.data["policies"] = [{**OWN, "roles": ["sold_to"]}]
    assert shipments.ask(metrics=["shipped"]) == [(10,)]


def test_a8_a_role_that_need_not_pass_shows_no_hidden_owner(shipments):
    shipments.data["policies"] = [{**OWN, "roles": ["sold_to"]}]
    assert shipments.ask(metrics=["shipped"], dimensions=["ship_to.country"]) == [(None, 10)]
    assert shipments.ask(metrics=["shipped"], dimensions=["sold_to.country"]) == [("US", 10)]


def test_attributes_take_the_type_of_their_column(american):
    american.data["policies"] = [{"name": "p", "table": "regions", "where": "region_id = :regions"}]
    american.data["public_facts"] = ["inventory"]
    american.signed_in(regions=("1",))
    american.data["tables"]["regions"]["dimensions"]["region_id"] = {"type": "integer"}
    assert american.ask(metrics=["revenue"]) == [(190,)]
    american.signed_in(regions=("1", "2"))
    assert american.ask(metrics=["revenue"]) == [(255,)]
    american.signed_in(regions=("north",))
    assert refused(american, metrics=["revenue"]) == "policy_attribute"


def test_a_comparison_takes_one_value(american):
    american.data["policies"] = [{**OWN, "where": "country >= :countries"}]
    assert american.ask(metrics=["revenue"]) == [(215,)]
    american.signed_in(countries=("A", "B"))
    assert refused(american, metrics=["revenue"]) == "policy_attribute"


def test_two_policies_both_hold(american):
    american.data["policies"].append({"name": "north", "table": "regions", "where": "territory = 'North'"})
    assert american.ask(metrics=["revenue"]) == [(150,)]


def test_exempt_roles_see_all(american):
    american.data["policies"] = [{**OWN, "exempt": ["owner"]}]
    american.signed_in("owner")
    compiled = american.compile(metrics=["revenue", "on_hand"])
    assert compiled.policy_digest == ""
    american.signed_in("viewer", countries=("US",))
    assert american.ask(metrics=["revenue"]) == [(215,)]


def test_rights_are_told_apart(american):
    query = {"metrics": ["orders"], "dimensions": ["channel"]}
    first = american.compile(**query).policy_digest
    american.signed_in(countries=("GB",))
    assert first
    assert american.compile(**query).policy_digest != first
    assert american.compile(dimensions=["country"]).policy_digest == american.compile(**query).policy_digest


@pytest.mark.parametrize("where", ["country = (SELECT 1)", "read_csv('x') = :countries", "country = :countries; x"])
def test_policies_are_plain_expressions(american, where):
    american.data["policies"] = [{**OWN, "where": where}]
    assert refused(american, metrics=["revenue"]) == "expr_not_allowed"
    assert "expr_not_allowed" in {p.code for p in check_model(american.model, american.profile)}


def test_a_policy_about_no_table_of_the_model_fails_when_it_is_loaded(american):
    american.data["policies"] = [{**OWN, "table": "people"}]
    with pytest.raises(ValueError, match="people"):
        _ = american.model


def test_a_placeholder_is_no_expression_of_a_measure(american):
    american.data["tables"]["orders"]["measures"]["revenue"]["expr"] = ":amount"
    assert refused(american, metrics=["revenue"]) == "expr_not_allowed"


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    countries=st.lists(st.sampled_from(["US", "GB", "DE", "FR"]), min_size=1, max_size=3, unique=True),
    dimension=st.sampled_from(["channel", "status", "territory", "country"]),
)
def test_a_policy_is_the_same_as_the_filter(american, condition, countries, dimension):
    american.signed_in(countries=tuple(countries))
    bound = american.ask(
        metrics=["revenue", "orders", "events"],
        dimensions=[dimension][:1] if dimension in ("territory", "country") else [],
    )
    american.data["policies"] = []
    free = american.ask(
        metrics=["revenue", "orders", "events"],
        dimensions=[dimension] if dimension in ("territory", "country") else [],
        filters=[condition("country", "in", *countries)],
    )
    american.data["policies"] = [OWN]
    assert bound == free


@pytest.fixture
def secretive(shop):
    shop.data["column_policies"] = [{"name": "pay", "table": "orders", "columns": ["amount"]}]
    shop.signed_in("viewer")
    return shop


def test_a_hidden_column_takes_all_that_reads_it_along(secretive):
    for name in ("revenue", "aov", "completed_revenue", "avg:orders.amount", "net_revenue"):
        with pytest.raises(UnknownName):
            secretive.compile(metrics=[name])
    assert secretive.ask(metrics=["orders"]) == [(5,)]
    with pytest.raises(UnknownName):
        secretive.records(table="orders", columns=[{"field": "amount"}])


def test_a_hidden_name_is_as_unknown_as_one_that_is_not_there(secretive):
    messages = []
    for name in ("revenue", "revenux"):
        with pytest.raises(UnknownName) as error:
            secretive.compile(metrics=[name])
        messages.append((error.value.code, error.value.details["near"], error.value.message.replace(name, "")))
    assert messages[0] == messages[1]


def test_owners_see_columns_hidden_from_others(secretive):
    secretive.signed_in("owner")
    assert secretive.ask(metrics=["revenue"]) == [(255,)]


def test_a_masked_column_is_the_same_for_every_row(shop, condition):
    policy = {"name": "where", "table": "customers", "columns": ["country"], "action": "mask", "exempt": []}
    shop.data["column_policies"] = [policy]
    assert shop.ask(metrics=["orders"], dimensions=["country"]) == [("•••", 5)]
    assert shop.ask(metrics=["orders"], filters=[condition("country", "=", "US")]) == [(0,)]
    with pytest.raises(UnknownName):
        shop.compile(metrics=["orders"], filters=[{"term": "american"}])


def test_a_hidden_key_cannot_be_listed(shop):
    policy = {"name": "ids", "table": "orders", "columns": ["customer_id"], "exempt": []}
    shop.data["column_policies"] = [policy]
    with pytest.raises(UnknownName):
        shop.compile(dimensions=["orders.customer_id"])
    with pytest.raises(UnknownName):
        shop.compile(metrics=["buyers"])
    assert shop.ask(metrics=["revenue"], dimensions=["territory"]) == [("North", 190), ("South", 65)]
