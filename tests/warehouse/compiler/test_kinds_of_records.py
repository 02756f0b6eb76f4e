"""One stored table with several kinds of records: each is a table of the model, cut down to its own rows."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType
from typing import Any

import duckdb
import pytest

from store.principal import LOCAL_OWNER, Principal
from warehouse.compiler import check_model, compile_query, compile_records
from warehouse.model.schema import SemanticModel
from warehouse.profile import ColumnProfile, DataProfile, TableProfile
from warehouse.query import DimRef, MetricQuery, MetricRef, RecordQuery

TABLES: dict[str, Any] = {
    "trips": {"source": "trips", "key": ["trip"], "joins": [{"to": "drivers", "on": {"trip": "trip"}},
                                                             {"to": "riders", "on": {"trip": "trip"}}],
              "dimensions": {"trip": {"type": "integer"}}, "measures": {"trip_count": {"agg": "count"}}},
    "drivers": {"source": "roles", "where": "role = 'D'", "key": ["trip"],
                "dimensions": {"trip": {"type": "integer"}, "driver": {"expr": "person"}}},
    "riders": {"source": "roles", "where": "role = 'R'", "key": ["trip"],
               "dimensions": {"trip": {"type": "integer"}, "rider": {"expr": "person"}},
               "measures": {"rides": {"agg": "count"}}},
}  # fmt: skip
MODEL = SemanticModel.model_validate({"model": "cab", "tables": TABLES})
AS_OF = datetime(2025, 1, 1)


def _rows(sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as db:
        db.execute("CREATE TABLE trips AS SELECT * FROM (VALUES (1), (2), (3)) t(trip)")
        db.execute("CREATE TABLE roles AS SELECT * FROM (VALUES (1, 'D', 'Ann'), (1, 'R', 'Bo'), (2, 'D', 'Ann'),"
                   " (2, 'R', 'Cy'), (3, 'D', 'Di')) t(trip, role, person)")  # fmt: skip
        return sorted(db.execute(sql).fetchall(), key=str)


def _asked(query: MetricQuery, model: SemanticModel = MODEL, principal: Principal = LOCAL_OWNER) -> list[Any]:
    columns = {n: ColumnProfile(name=n, duckdb_type="VARCHAR", rows=5, distinct=3) for n in ("role", "person")}
    profile = DataProfile(tables={"roles": TableProfile(name="roles", rows=5, columns=columns)})
    return _rows(compile_query(model, query, profile=profile, as_of=AS_OF, principal=principal).sql)


def test_a_join_meets_only_its_kind() -> None:
    query = MetricQuery(metrics=(MetricRef(metric="trip_count"),), dimensions=(DimRef(field="drivers.driver"),))
    assert _asked(query) == [("Ann", 2), ("Di", 1)]
    riders = query.model_copy(update={"dimensions": (DimRef(field="riders.rider"),)})
    assert _asked(riders) == [("Bo", 1), ("Cy", 1), (None, 1)]


def test_counts_and_lists_of_one_kind() -> None:
    assert _asked(MetricQuery(metrics=(MetricRef(metric="rides"),))) == [(2,)]
    listed = RecordQuery(table="riders", columns=(DimRef(field="riders.rider"),))
    sql = compile_records(MODEL, listed, profile=DataProfile(tables={}), as_of=AS_OF, principal=LOCAL_OWNER).sql
    assert _rows(sql) == [("Bo",), ("Cy",)]


def test_a_policy_is_met_by_the_kind_it_speaks_of() -> None:
    policy = {"name": "own", "table": "drivers", "where": "person = :me"}
    trips = {**TABLES["trips"], "joins": TABLES["trips"]["joins"][:1]}
    model = SemanticModel.model_validate({"model": "cab", "tables": {**TABLES, "trips": trips}, "policies": [policy]})
    rider, driver = (
        Principal(user_id="u", name="U", role="analyst", attributes=MappingProxyType({"me": (name,)}))
        for name in ("Bo", "Ann")
    )
    count = MetricQuery(metrics=(MetricRef(metric="trip_count"),))
    assert _asked(count, model, driver) == [(2,)]
    assert _asked(count, model, rider) in ([(0,)], [])


def test_keys_that_repeat_among_all_rows_are_no_fault() -> None:
    columns = {n: ColumnProfile(name=n, duckdb_type="VARCHAR", rows=5, distinct=3, distinct_exact=True)
               for n in ("trip", "role", "person")}  # fmt: skip
    stored = {"roles": TableProfile(name="roles", rows=5, columns=columns)}
    assert [p.code for p in check_model(MODEL, DataProfile(tables=stored)) if not p.warning] == []
    plain = {**TABLES, "drivers": {k: v for k, v in TABLES["drivers"].items() if k != "where"}}
    codes = [p.code for p in check_model(SemanticModel.model_validate({"model": "cab", "tables": plain}),
                                         DataProfile(tables=stored)) if not p.warning]  # fmt: skip
    assert codes == ["not_unique"]


@pytest.mark.parametrize("where", ["role = (SELECT 1)", "nothing = 'D'"])
def test_a_condition_that_cannot_be_run_is_a_fault(where: str) -> None:
    tables = {**TABLES, "drivers": {**TABLES["drivers"], "where": where}}
    columns = {n: ColumnProfile(name=n, duckdb_type="VARCHAR", rows=5, distinct=3) for n in ("trip", "role", "person")}
    stored = DataProfile(tables={"roles": TableProfile(name="roles", rows=5, columns=columns)})
    found = check_model(SemanticModel.model_validate({"model": "cab", "tables": tables}), stored)
    assert [p.where for p in found if not p.warning] == ["tables.drivers.where"]
