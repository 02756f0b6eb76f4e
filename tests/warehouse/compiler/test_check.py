"""Faults of a model that are found before anyone asks."""

from warehouse.compiler import check_model
from warehouse.profile import ColumnProfile, DataProfile, TableProfile


def profile_of(shop):
    tables = {}
    for name, columns in shop.snapshot().tables.items():
        found = {c: ColumnProfile(name=c, duckdb_type="VARCHAR", rows=5, distinct=5) for c in columns}
        tables[name] = TableProfile(name=name, rows=5, columns=found)
    return DataProfile(tables=tables)


def problems(shop):
    return {(p.where, p.code) for p in check_model(shop.model, profile_of(shop)) if not p.warning}


def test_a_sound_model_has_no_problems(shop):
    assert check_model(shop.model, profile_of(shop)) == []


def test_every_kind_of_fault_is_found_with_its_place(shop):
    tables = shop.data["tables"]
    tables["orders"]["dimensions"]["colour"] = {}
    tables["orders"]["measures"] |= {
        "bad": {"agg": "sum", "expr": "read_csv('x')"},
        "typo": {"agg": "sum", "expr": "amuont"},
        "price": {"agg": "sum", "expr": "amount", "additive": "none"},
        "events": {"agg": "count"},
    }
    tables["orders"]["joins"] += [{"to": "nowhere", "on": {"a": "b"}}, {"to": "customers", "on": {"x": "customer_id"}}]
    tables["orders"]["time"]["default"] = "elsewhen"
    shop.data["metrics"] |= {
        "loop": {"kind": "derived", "expr": "loop + 1"},
        "lost": {"kind": "ratio", "numerator": "revenu", "denominator": "orders"},
    }
    shop.data["filters"]["odd"] = {"where": "status = 'x'"}
    shop.data["terms"]["far"] = "moon.phase = 1"
    assert problems(shop) == {
        ("tables.orders.dimensions.colour", "unknown_name"),
        ("tables.orders.measures.bad", "expr_not_allowed"),
        ("tables.orders.measures.typo", "unknown_name"),
        ("tables.orders.measures.price", "non_additive"),
        ("tables.orders.joins.1", "unknown_name"),
        ("tables.orders.joins.2", "unknown_name"),
        ("tables.orders.time", "unknown_name"),
        ("tables.events.measures.events", "same_name"),
        ("metrics.loop", "metric_cycle"),
        ("metrics.lost", "unknown_name"),
        ("filters.odd", "unknown_name"),
        ("terms.far", "unknown_name"),
    }


def test_near_names_are_offered(shop):
    shop.data["tables"]["orders"]["measures"]["typo"] = {"agg": "sum", "expr": "amuont"}
    (problem,) = check_model(shop.model, profile_of(shop))
    assert problem.hint == "Did you mean amount?"


def test_a_join_to_a_column_that_repeats_is_a_fault(shop):
    profile = profile_of(shop)
    profile.tables["customers"].columns["customer_id"].distinct = 3
    codes = [p.code for p in check_model(shop.model, profile)]
    assert codes == ["not_unique"] * 2


def test_bare_names_of_several_tables_are_a_warning(shop):
    shop.data["tables"]["regions"]["dimensions"]["country"] = {"expr": "territory"}
    (problem,) = check_model(shop.model, profile_of(shop))
    assert (problem.code, problem.warning) == ("ambiguous_name", True)
