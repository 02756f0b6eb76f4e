"""Our figures against another semantic layer's on 340 generated questions; what differs is listed by reason."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse.compiler import compile_query
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile
from warehouse.query import MetricQuery

HERE = Path(__file__).parent
ASKED = json.loads((HERE / "asked.json").read_text(encoding="utf-8"))
GOLDEN = json.loads(gzip.decompress((HERE / "golden_bsl.json.gz").read_bytes()))
ROUNDED = "an average of decimals, which the other layer cuts to their own two digits"
ZERO_FOR_NOTHING = "zero for a sum of a group that exists, where the other says nothing"


def model_of(name: str) -> SemanticModel:
    schema = ASKED["schemas"][name]
    tables = {table: table_of(schema, table) for table in schema["data"]}
    metrics = {n: {"kind": "ratio", "numerator": a, "denominator": b} for n, (a, b) in schema["ratios"].items()}
    return SemanticModel.model_validate({"model": name, "tables": tables, "metrics": metrics})


def table_of(schema: dict[str, Any], table: str) -> dict[str, Any]:
    keys = schema["keys"]
    measures = schema["measures"].get(table, {}).items()
    made: dict[str, Any] = {
        "source": table,
        "key": [keys[table]],
        "joins": [{"to": to, "on": {own: keys[to]}} for child, own, to in schema["joins"] if child == table],
        "dimensions": {d: {} for d in schema["dimensions"].get(table, [])},
        "measures": {n: {"agg": agg} | ({"expr": column} if column else {}) for n, (agg, column) in measures},
    }
    moment = schema["times"].get(table)
    if moment:
        kind = "date" if "DATE '" in schema["data"][table] else "timestamp"
        made["time"] = {"default": moment, "columns": {moment: {"kind": kind}}}
    return made


@pytest.fixture(scope="module")
def places():
    found = {}
    for name, schema in ASKED["schemas"].items():
        connection = duckdb.connect()
        for table, sql in schema["data"].items():
            connection.execute(f"CREATE TABLE {table} AS {sql}")
        found[name] = (model_of(name), connection)
    return found


def ask(places, asked: dict[str, Any]) -> dict[tuple[str, ...], list[Any]]:
    model, connection = places[asked["schema"]]
    filters = [{"field": {"field": f["field"]}, "op": f["op"], "values": f["values"]} for f in asked["filters"]]
    body: dict[str, Any] = {
        "metrics": [{"metric": m} for m in asked["metrics"]],
        "dimensions": [{"field": d} for d in asked["dimensions"]],
        "filters": filters,
        "limit": 50_000,
    }
    if "grain" in asked:
        body["time"] = {"grain": asked["grain"], "fill": False}
    query = MetricQuery.model_validate(body)
    compiled = compile_query(model, query, profile=DataProfile(), as_of=dt.datetime(2026, 3, 2))
    return by_key(connection.execute(compiled.sql).fetchall(), len(asked["metrics"]))


def by_key(rows: list[Any], figures: int) -> dict[tuple[str, ...], list[Any]]:
    """Rows by their keys as text; keys must tell them apart."""
    found = {tuple(str(v) for v in row[: len(row) - figures]): list(row[len(row) - figures :]) for row in rows}
    assert len(found) == len(rows)
    return found


def same(ours: Any, theirs: str | None) -> bool:
    if ours is None or theirs is None:
        return ours is None and theirs is None
    if isinstance(ours, float):
        return ours == pytest.approx(float(theirs), rel=1e-9, abs=1e-12)
    return Decimal(ours) == Decimal(theirs)


def reason(metric: str, ours: Any, theirs: str | None) -> str:
    if theirs is None:
        return ZERO_FOR_NOTHING if ours == 0 else "unexplained"
    two_digits = metric.startswith("mean_") and len(theirs.partition(".")[2]) == 2
    return ROUNDED if two_digits and abs(Decimal(ours) - Decimal(theirs)) <= Decimal("0.00501") else "unexplained"


def test_every_figure_is_the_other_layers_or_has_a_reason(places):
    differences: Counter[str] = Counter()
    cells = 0
    for asked, golden in zip(ASKED["questions"], GOLDEN, strict=True):
        ours, theirs = ask(places, asked), by_key(golden["rows"], len(asked["metrics"]))
        assert set(ours) == set(theirs), asked
        for key, row in ours.items():
            cells += len(row)
            for metric, mine, other in zip(asked["metrics"], row, theirs[key], strict=True):
                if not same(mine, other):
                    differences[reason(metric, mine, other)] += 1
    assert len(GOLDEN) >= 300
    assert cells > 5_000
    assert set(differences) == {ZERO_FOR_NOTHING, ROUNDED}
