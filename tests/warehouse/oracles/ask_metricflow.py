"""Writes golden_metricflow.json.gz: what MetricFlow says to every question of asked.json and asked_deeper.json.

    python3.11 -m venv /tmp/metricflow && /tmp/metricflow/bin/pip install metricflow==0.213.0 duckdb
    /tmp/metricflow/bin/python tests/warehouse/oracles/ask_metricflow.py

It needs an environment of its own (an older pydantic interface), so the tests only compare with the file it wrote.
MetricFlow writes the SQL; DuckDB runs it, over the same tables that we read.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantic_interfaces.parsing.dir_to_model import parse_yaml_files_to_validation_ready_semantic_manifest
from metricflow_semantic_interfaces.parsing.objects import YamlConfigFile
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

HERE = Path(__file__).parent
AGGREGATIONS = {"avg": "average"}
SEEN = "_seen"  # the view of a fact that carries what its parent has: its date, and whom it belongs to


class Client:
    """What the engine asks of a database client when it only writes SQL."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()


class Place:
    """One schema: its data in DuckDB, and the engine over it."""

    def __init__(self, schema: dict[str, Any], added: dict[str, Any]) -> None:
        self.schema, self.added = schema, added
        self.connection = duckdb.connect()
        for table, sql in schema["data"].items():
            self.connection.execute(f"CREATE TABLE {table} AS {sql}")
        self.parents = {
            table: [(own, to) for child, own, to in schema["joins"] if child == table] for table in schema["data"]
        }
        self._see()
        documents = [self.model(table) for table in schema["data"]] + self.metrics() + [SPINE]
        config = YamlConfigFile(
            filepath="model.yaml", contents="\n---\n".join(json.dumps(d) for d in documents), url=None
        )
        manifest = parse_yaml_files_to_validation_ready_semantic_manifest([config]).semantic_manifest
        self.engine = MetricFlowEngine(SemanticManifestLookup(manifest), Client())  # type: ignore[arg-type]

    def _see(self) -> None:
        """Views for facts without a date, and a calendar from the first day with data to the last."""
        for table in self.schema["measures"]:
            if table not in self.schema["times"]:
                own, parent = next((o, p) for o, p in self.parents[table] if p in self.schema["times"])
                key, moment = self.schema["keys"][parent], self.schema["times"][parent]
                named = ", ".join(f"p.{c}" for c in [moment, *(o for o, _ in self.parents[parent])])
                joined = f"SELECT f.*, {named} FROM {table} f LEFT JOIN {parent} p ON f.{own} = p.{key}"
                self.connection.execute(f"CREATE VIEW {table}{SEEN} AS {joined}")
                self.parents[table] = self.parents[table] + self.parents[parent]
        days = " UNION ALL ".join(f"SELECT CAST({c} AS DATE) AS d FROM {t}" for t, c in self.schema["times"].items())
        every = "CAST(unnest(generate_series(min(d), max(d), INTERVAL 1 DAY)) AS DATE)"
        self.connection.execute(f"CREATE TABLE calendar AS SELECT {every} AS day FROM ({days})")

    def seen(self, table: str) -> str:
        return f"{table}{SEEN}" if table in self.schema["measures"] and table not in self.schema["times"] else table

    def moment(self, table: str) -> str | None:
        times = self.schema["times"]
        return times.get(table) or (next(iter(times.values())) if table in self.schema["measures"] else None)

    def model(self, table: str) -> dict[str, Any]:
        """A table as a semantic model: its key is its primary entity, what it belongs to are foreign ones."""
        entities = [{"name": to, "type": "foreign", "expr": own} for own, to in self.parents[table]]
        made: dict[str, Any] = {
            "name": f"{table}_model",
            "node_relation": {"alias": self.seen(table), "schema_name": "main"},
            "dimensions": [{"name": d, "type": "categorical"} for d in self.schema["dimensions"].get(table, [])],
        }
        key = self.schema["keys"].get(table)
        if key:
            entities.append({"name": table, "type": "primary", "expr": key})
        else:
            made["primary_entity"] = table
        made["entities"] = entities
        moment = self.moment(table)
        if moment:
            made["defaults"] = {"agg_time_dimension": moment}
            made["dimensions"].append({"name": moment, "type": "time", "type_params": {"time_granularity": "day"}})
            made["measures"] = [self.measure(n, *m) for n, m in self.schema["measures"].get(table, {}).items()]
            level = self.added.get("level")
            if level and level["table"] == table:
                last = {"name": moment, "window_choice": "max"}
                made["measures"] = [
                    self.measure(level["measure"], "sum", level["column"]) | {"non_additive_dimension": last}
                ]
        return {"semantic_model": made}

    def measure(self, name: str, kind: str, column: str | None) -> dict[str, Any]:
        return {"name": f"m_{name}", "agg": AGGREGATIONS.get(kind, kind), "expr": column or "1"}

    def metrics(self) -> list[dict[str, Any]]:
        """Every measure as a metric, then the ones made of them, then those of an earlier period."""
        names = [n for measures in self.schema["measures"].values() for n in measures]
        names += [self.added["level"]["measure"]] if "level" in self.added else []
        found = [simple(n) for n in names]
        found += [ratio(n, *parts) for n, parts in self.schema["ratios"].items()]
        found += [self.named(n, how) for n, how in self.added["metrics"].items()]
        for name in self.added["steady"]:
            for unit in ("day", "week", "month", "quarter"):
                earlier = [{"name": name, "alias": "earlier", "offset_window": f"1 {unit}"}]
                found.append(metric(f"{name}_{unit}_back", "derived", {"expr": "earlier", "metrics": earlier}))
        return found

    def named(self, name: str, how: dict[str, Any]) -> dict[str, Any]:
        if how["kind"] == "simple":
            field, value = how["where"]
            return filtered(name, how["measure"], self.dunder(field), value)
        if how["kind"] == "ratio":
            return ratio(name, *how["parts"])
        if how["kind"] == "derived":
            return metric(name, "derived", {"expr": how["expr"], "metrics": [{"name": p} for p in how["parts"]]})
        rule: dict[str, Any] = {"period_agg": "last"}
        if "window" in how:
            rule["window"] = " ".join(str(part) for part in how["window"])
        if "reset" in how:
            rule["grain_to_date"] = how["reset"]
        return metric(name, "cumulative", {"measure": f"m_{how['measure']}", "cumulative_type_params": rule})

    def dunder(self, field: str) -> str:
        """`table.dimension` by the entities on the way there from any fact."""
        table, name = field.split(".")
        facts = [t for t in self.schema["data"] if self.moment(t)]
        if table in facts or any(to == table for fact in facts for _, to in self.parents[fact]):
            return f"{table}__{name}"
        over = next(t for t in self.schema["data"] if any(to == table for _, to in self.parents[t]))
        return f"{over}__{table}__{name}"

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Rows as lists of texts, or why there are none."""
        names = list(asked["metrics"])
        if "back" in asked:
            names = [f"{n}_{asked['back']}_back" for n in names]
        keys = [self.dunder(d) for d in asked["dimensions"]]
        if "grain" in asked:
            keys.insert(0, f"metric_time__{asked['grain']}")
        where = [condition(self.dunder(f["field"]), f["op"], f["values"]) for f in asked["filters"]]
        if "window" in asked:
            day, (start, end) = "{{ TimeDimension('metric_time', 'day') }}", asked["window"]
            where += [f"{day} >= '{start}'", f"{day} < '{end}'"]
        request = MetricFlowQueryRequest.create(metric_names=names, group_by_names=keys, where_constraints=where)
        try:
            sql = self.engine.explain(request).sql_statement.sql
        except Exception as error:  # noqa: BLE001 - whatever it refuses, with whatever class, is an answer too
            return {"refused": type(error).__name__, "why": str(error)[:300]}
        found = self.connection.execute(sql)
        columns = [c[0] for c in found.description]
        places = [columns.index(c) for c in [*keys, *names]]
        return {"rows": [[text(row[p]) for p in places] for row in found.fetchall()]}


SPINE = {
    "project_configuration": {
        "time_spines": [
            {
                "node_relation": {"alias": "calendar", "schema_name": "main"},
                "primary_column": {"name": "day", "time_granularity": "day"},
            }
        ]
    }
}


def metric(name: str, kind: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"metric": {"name": name, "type": kind, "type_params": params}}


def simple(name: str, measure: str | None = None) -> dict[str, Any]:
    return metric(name, "simple", {"measure": f"m_{measure or name}"})


def filtered(name: str, measure: str, field: str, value: str) -> dict[str, Any]:
    made = simple(name, measure)
    made["metric"]["filter"] = condition(field, "=", [value])
    return made


def ratio(name: str, top: str, bottom: str) -> dict[str, Any]:
    return metric(name, "ratio", {"numerator": {"name": top}, "denominator": {"name": bottom}})


def condition(field: str, op: str, values: list[str]) -> str:
    *path, entity, name = field.split("__")
    said = f"{{{{ Dimension('{entity}__{name}', entity_path={path}) }}}}"
    if op in ("is_null", "not_null"):
        return f"{said} IS {'NOT ' if op == 'not_null' else ''}NULL"
    listed = ", ".join(f"'{v}'" for v in values)
    return f"{said} IN ({listed})"


def text(value: Any) -> str | None:
    if value is None or value != value:
        return None
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return str(value.date())
    return str(value)


def main() -> None:
    """Load both schemas, ask everything, write the answers."""
    plain = json.loads((HERE / "asked.json").read_text(encoding="utf-8"))
    deeper = json.loads((HERE / "asked_deeper.json").read_text(encoding="utf-8"))
    places = {name: Place(schema, deeper["added"][name]) for name, schema in deeper["schemas"].items()}
    answers = [places[q["schema"]].answer(q) for q in plain["questions"] + deeper["questions"]]
    written = json.dumps(answers, separators=(",", ":"))
    (HERE / "golden_metricflow.json.gz").write_bytes(gzip.compress(f"{written}\n".encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
