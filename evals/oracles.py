"""Our figures against those of two other semantic layers on generated questions; what differs is listed by reason."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import math
import os
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from evals.result import Figure, SuiteResult
from store.errors import ConfigProblem
from warehouse.compiler import compile_query
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile
from warehouse.query import MetricQuery

HERE = Path(__file__).parents[1] / "tests" / "warehouse" / "oracles"
AS_OF = dt.datetime(2026, 3, 2)
ASK_AGAIN = "PLAINSAY_METRICFLOW"
"""Names a Python that has MetricFlow; without it the answers that it gave last are compared with."""

ROUNDED = "an average of decimals, which the other layer cuts to their own two digits"
ZERO_FOR_NOTHING = "zero for a sum or count of a group that exists, where the other says nothing"
NO_ROW = "a row of zeros for a group without records in the period, which the other leaves out"
PART_MISSING = "a difference of two figures one of which has no records: that one is zero, the other says nothing"
ANEW = "zero for a figure that began anew within the period, where the other keeps its last day with records"
UNEXPLAINED = "unexplained"

Row = list[Any]
Rows = dict[tuple[str, ...], Row]


@dataclass
class Compared:
    """What came of comparing: questions asked and refused by the other, figures, and differences by reason."""

    questions: int = 0
    refused: int = 0
    cells: int = 0
    differences: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)

    def differ(self, reason: str, asked: dict[str, Any], about: str) -> None:
        """Count a difference."""
        self.differences[reason] += 1
        if reason == UNEXPLAINED:
            self.unexplained.append(f"{asked}: {about}")


def asked(name: str) -> dict[str, Any]:
    """The questions of a file with the schemas they are about."""
    found: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return found


def answers(name: str) -> list[dict[str, Any]]:
    """What a layer said, in the order of the questions."""
    found: list[dict[str, Any]] = json.loads(gzip.decompress((HERE / f"golden_{name}.json.gz").read_bytes()))
    return found


class Place:
    """One schema in our words, over its data in DuckDB."""

    def __init__(self, name: str, schema: dict[str, Any], added: dict[str, Any]) -> None:
        self.connection = duckdb.connect()
        for table, sql in schema["data"].items():
            self.connection.execute(f"CREATE TABLE {table} AS {sql}")
        self.model = _model(name, schema, added, self._days(schema["times"]))

    def ask(self, question: dict[str, Any]) -> Rows:
        """Our answer, rows by their keys as text."""
        query = MetricQuery.model_validate(_query(question))
        compiled = compile_query(self.model, query, profile=DataProfile(), as_of=AS_OF)
        names = [c.name for c in compiled.columns]
        wanted = [f"{m}.prev" if "back" in question else m for m in question["metrics"]]
        keys = len(question["dimensions"]) + ("grain" in question)
        places = [*range(keys), *(names.index(w) for w in wanted)]
        rows = self.connection.execute(compiled.sql).fetchall()
        return by_key([[row[p] for p in places] for row in rows], len(wanted))

    def _days(self, times: dict[str, str]) -> dict[str, str]:
        union = " UNION ALL ".join(f"SELECT CAST({c} AS DATE) AS d FROM {t}" for t, c in times.items())
        found = self.connection.execute(f"SELECT min(d), max(d) FROM ({union})").fetchone()
        assert found is not None  # an aggregate has a row
        return {"data_from": str(found[0]), "data_through": str(found[1])}


def _model(name: str, schema: dict[str, Any], added: dict[str, Any], days: dict[str, str]) -> SemanticModel:
    tables = {table: _table(schema, added, table) for table in schema["data"]}
    metrics = {n: {"kind": "ratio", "numerator": a, "denominator": b} for n, (a, b) in schema["ratios"].items()}
    metrics |= {n: _metric(how) for n, how in added.get("metrics", {}).items()}
    return SemanticModel.model_validate({"model": name, "calendar": days, "tables": tables, "metrics": metrics})


def _table(schema: dict[str, Any], added: dict[str, Any], table: str) -> dict[str, Any]:
    keys = schema["keys"]
    measures = schema["measures"].get(table, {}).items()
    made: dict[str, Any] = {
        "source": table,
        "key": [keys[table]] if table in keys else [],
        "joins": [{"to": to, "on": {own: keys[to]}} for child, own, to in schema["joins"] if child == table],
        "dimensions": {d: {} for d in schema["dimensions"].get(table, [])},
        "measures": {n: {"agg": agg} | ({"expr": column} if column else {}) for n, (agg, column) in measures},
    }
    level = added.get("level")
    if level and level["table"] == table:
        rule = {"agg": "sum", "expr": level["column"], "semi_additive": {"over": level["time"]}}
        made |= {"key": level["key"], "measures": {level["measure"]: rule}}
    moment = schema["times"].get(table)
    if moment:
        kind = "date" if "DATE '" in schema["data"][table] else "timestamp"
        made["time"] = {"default": moment, "columns": {moment: {"kind": kind}}}
    return made


def _metric(how: dict[str, Any]) -> dict[str, Any]:
    if how["kind"] == "simple":
        field_, value = how["where"]
        return {"kind": "simple", "measure": how["measure"], "where": f"{field_} = '{value}'"}
    if how["kind"] == "ratio":
        return {"kind": "ratio", "numerator": how["parts"][0], "denominator": how["parts"][1]}
    if how["kind"] == "derived":
        return {"kind": "derived", "expr": how["expr"]}
    made = {"kind": "cumulative", "metric": how["measure"]}
    if "window" in how:
        made["window"] = {"n": how["window"][0], "unit": how["window"][1]}
    return made | ({"reset": how["reset"]} if "reset" in how else {})


def _query(question: dict[str, Any]) -> dict[str, Any]:
    """The question as a metric query; only a running figure has a row for a period without records."""
    conditions = [{"field": {"field": f["field"]}, "op": f["op"], "values": f["values"]} for f in question["filters"]]
    made: dict[str, Any] = {
        "metrics": [{"metric": m} for m in question["metrics"]],
        "dimensions": [{"field": d} for d in question["dimensions"]],
        "filters": conditions,
        "limit": 50_000,
    }
    time: dict[str, Any] = {}
    if "grain" in question:
        time |= {"grain": question["grain"], "fill": question.get("kind") in ("running", "before")}
    if "window" in question:
        time |= dict(zip(("start", "end"), question["window"], strict=True))
    if time:
        made["time"] = time
    if "back" in question:
        made["compare"] = {"to": "offset", "unit": question["back"], "align_partial": False}
    return made


def by_key(rows: list[Row], figures: int) -> Rows:
    """Rows by their keys as text; keys must tell them apart."""
    found = {tuple(str(v) for v in row[: len(row) - figures]): list(row[len(row) - figures :]) for row in rows}
    if len(found) != len(rows):
        raise ValueError("two rows have the same keys")
    return found


def compare(name: str, every: int = 1) -> Compared:
    """The questions that a layer was asked, or every nth of them, against its answers."""
    plain, deeper = asked("asked"), asked("asked_deeper")
    questions = plain["questions"] + (deeper["questions"] if name == "metricflow" else [])
    places = {n: Place(n, schema, deeper["added"][n]) for n, schema in deeper["schemas"].items()}
    told = Compared()
    for question, answer in list(zip(questions, answers(name), strict=True))[::every]:
        told.questions += 1
        if "refused" in answer:
            told.refused += 1
            continue
        hold(told, question, places[question["schema"]].ask(question), answer["rows"])
    return told


def hold(told: Compared, question: dict[str, Any], ours: Rows, rows: list[Row]) -> None:
    """Count the figures of one answer, and what differs between ours and the other's `rows`."""
    theirs = by_key(rows, len(question["metrics"]))
    for key in ours.keys() | theirs.keys():
        if key not in theirs or key not in ours:
            empty = key in ours and not any(ours[key])
            told.differ(NO_ROW if empty else UNEXPLAINED, question, f"{key}: {ours.get(key)} / {theirs.get(key)}")
            continue
        told.cells += len(ours[key])
        for metric, mine, other in zip(question["metrics"], ours[key], theirs[key], strict=True):
            if not same(mine, other):
                row = dict(zip(question["metrics"], theirs[key], strict=True))
                reason = ANEW if mine == 0 and _began_anew(question, metric, key) else _reason(metric, mine, row)
                told.differ(reason, question, f"{key} {metric}: {mine} / {other}")


def same(ours: Any, theirs: str | None) -> bool:
    """Whether two figures are one; doubles to nine digits, all else exactly."""
    if ours is None or theirs is None:
        return ours is None and theirs is None
    if isinstance(ours, float):
        return math.isclose(ours, float(theirs), rel_tol=1e-9, abs_tol=1e-12)
    return Decimal(ours) == Decimal(theirs)


def _reason(metric: str, ours: Any, row: dict[str, str | None]) -> str:
    """Why our figure is not the other's; its own row must bear the reason out."""
    theirs = row[metric]
    if theirs is None:
        if ours == 0:
            return ZERO_FOR_NOTHING
        whole, less = (row.get(part) for part in _MADE.get(metric, {}).get("parts", ("", "")))
        left = Decimal(whole or 0) - Decimal(less or 0)
        return PART_MISSING if (whole is None) != (less is None) and left == ours else UNEXPLAINED
    two_digits = metric.startswith("mean_") and len(theirs.partition(".")[2]) == 2
    return ROUNDED if two_digits and abs(Decimal(ours) - Decimal(theirs)) <= Decimal("0.00501") else UNEXPLAINED


def _began_anew(question: dict[str, Any], metric: str, key: tuple[str, ...]) -> bool:
    """Whether a month, quarter or year starts within the week whose figure is one since that start."""
    reset = _MADE.get(metric, {}).get("reset")
    if reset is None or question.get("grain") != "week":
        return False
    start, months = dt.date.fromisoformat(key[0]), {"month": 1, "quarter": 3, "year": 12}[reset]
    last = start + dt.timedelta(days=6)
    return last.month != start.month and (last.month - 1) % months == 0


_MADE: dict[str, dict[str, Any]] = {
    name: how for added in asked("asked_deeper")["added"].values() for name, how in added["metrics"].items()
}


def run() -> SuiteResult:
    """Compare with both layers; MetricFlow is asked anew where `PLAINSAY_METRICFLOW` names a Python that has it."""
    python = os.environ.get(ASK_AGAIN)
    if python:
        _ask_again(python)
    figures: list[Figure] = []
    cases: list[dict[str, Any]] = []
    for name, title in (("bsl", "boring-semantic-layer"), ("metricflow", "MetricFlow")):
        told = compare(name)
        wrong = len(told.unexplained)
        figures += [
            Figure(f"{title}: questions", told.questions, "questions", 300, "more"),
            Figure(f"{title}: questions it refuses", told.refused, "questions"),
            Figure(f"{title}: figures compared", told.cells, "figures"),
            Figure(f"{title}: differences with a reason", sum(told.differences.values()) - wrong, "figures"),
            Figure(f"{title}: differences without one", wrong, "figures", 0),
        ]
        cases += [{"layer": title, "reason": reason, "figures": n} for reason, n in sorted(told.differences.items())]
        cases += [{"layer": title, "verdict": "wrong", "why": why} for why in told.unexplained[:20]]
    again = "asked in this run" if python else f"kept answers; {ASK_AGAIN}=PYTHON asks again (see ask_metricflow.py)"
    return SuiteResult("oracles", "quality", figures, [*cases, {"layer": "MetricFlow", "answers": again}])


def _ask_again(python: str) -> None:
    try:
        subprocess.run([python, str(HERE / "ask_metricflow.py")], check=True, capture_output=True, timeout=600)
    except (OSError, subprocess.SubprocessError) as error:
        raise ConfigProblem(
            f"{python} cannot ask MetricFlow.",
            hint="Make an environment of its own: python3.11 -m venv /tmp/metricflow && "
            "/tmp/metricflow/bin/pip install metricflow==0.213.0 duckdb",
        ) from error
