"""Writes golden_bsl.json.gz: what boring-semantic-layer says to every question of asked.json.

    python3.11 -m venv /tmp/bsl && /tmp/bsl/bin/pip install boring-semantic-layer==0.3.18 duckdb pyarrow "pandas<3" pytz
    /tmp/bsl/bin/python tests/warehouse/oracles/ask_bsl.py

It needs an environment of its own (an older ibis), so the tests only compare with the file it wrote.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import ibis
from boring_semantic_layer import to_semantic_table

HERE = Path(__file__).parent
UNITS = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}


def column(name: str) -> Any:
    return lambda t: t[name]


def period(name: str, unit: str) -> Any:
    return lambda t: t[name].cast("timestamp").truncate(unit).cast("date")


def measure(kind: str, name: str | None) -> Any:
    made = {
        "count": lambda t: t.count(), "sum": lambda t: t[name].sum(), "avg": lambda t: t[name].mean(),
        "min": lambda t: t[name].min(), "max": lambda t: t[name].max(), "count_distinct": lambda t: t[name].nunique(),
    }  # fmt: skip
    return made[kind]


def quotient(top: str, bottom: str) -> Any:
    return lambda t: t[top] / t[bottom]


def semantic(con: Any, schema: dict[str, Any], table: str) -> Any:
    """A table with its dimensions and measures, joined to all it belongs to."""
    names = [*schema["dimensions"].get(table, []), schema["keys"][table]]
    names += [own for child, own, _ in schema["joins"] if child == table]
    made = to_semantic_table(con.table(table), name=table)
    made = made.with_dimensions(**{n: column(n) for n in names})
    moment = schema["times"].get(table)
    if moment:
        made = made.with_dimensions(**{f"by_{g}": period(moment, u) for g, u in UNITS.items()})
    measures = schema["measures"].get(table, {})
    if measures:
        made = made.with_measures(**{n: measure(*m) for n, m in measures.items()})
        ratios = {n: quotient(*parts) for n, parts in schema["ratios"].items() if parts[0] in measures}
        made = made.with_measures(**ratios)
    for child, own, to in schema["joins"]:
        if child == table:
            key = schema["keys"][to]
            made = made.join_one(semantic(con, schema, to), lambda a, b, o=own, k=key: a[o] == b[k])
    return made


def test(one: dict[str, Any]) -> Any:
    name = one["field"].split(".")[1]
    made = {
        "=": lambda t: t[name] == one["values"][0], "in": lambda t: t[name].isin(one["values"]),
        "is_null": lambda t: t[name].isnull(), "not_null": lambda t: t[name].notnull(),
    }  # fmt: skip
    return made[one["op"]]


def answer(models: dict[Any, Any], schema: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """Rows as lists of texts."""
    query = models[asked["schema"], asked["fact"]]
    for one in asked["filters"]:
        query = query.filter(test(one))
    keys = list(asked["dimensions"])
    if "grain" in asked:
        keys.insert(0, f"{next(iter(schema['times']))}.by_{asked['grain']}")
    made = query.group_by(*keys).aggregate(*(f"{asked['fact']}.{m}" for m in asked["metrics"]))
    rows = made.to_pyarrow().to_pylist()
    names = [*keys, *(f"{asked['fact']}.{m}" for m in asked["metrics"])]
    return {"rows": [[None if r[n] is None or r[n] != r[n] else str(r[n]) for n in names] for r in rows]}


def main() -> None:
    """Load both schemas, ask everything, write the answers."""
    told = json.loads((HERE / "asked.json").read_text(encoding="utf-8"))
    models: dict[Any, Any] = {}
    for name, schema in told["schemas"].items():
        con = ibis.duckdb.connect()
        for table, sql in schema["data"].items():
            con.raw_sql(f"CREATE TABLE {table} AS {sql}")
        for fact in schema["measures"]:
            models[name, fact] = semantic(con, schema, fact)
    answers = [answer(models, told["schemas"][q["schema"]], q) for q in told["questions"]]
    text = json.dumps(answers, separators=(",", ":"))
    (HERE / "golden_bsl.json.gz").write_bytes(gzip.compress(f"{text}\n".encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
