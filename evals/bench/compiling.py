"""What writing the SQL costs by itself, on a model as a small and as a large company has it."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from evals.result import Figure, SuiteResult, percentile
from store.principal import LOCAL_OWNER
from warehouse.compiler import compile_query
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile
from warehouse.query import MetricQuery

AS_OF = datetime(2026, 3, 2, 9)
QUERIES = 200
REPEATS = 5
_TARGETS = {30: 5.0, 200: 15.0}
_FACTS = 5  # one table in so many is a fact


def run() -> SuiteResult:
    """Compile `QUERIES` varied queries on each model after a warm-up of each; milliseconds."""
    figures: list[Figure] = []
    cases: list[dict[str, Any]] = []
    for tables, target in _TARGETS.items():
        took = timed(company(tables), QUERIES)
        figures += [
            Figure(f"compile, {tables} tables, p50", percentile(list(took.values()), 0.5), "ms"),
            Figure(f"compile, {tables} tables, p95", percentile(list(took.values()), 0.95), "ms", target),
        ]
        cases += [{"tables": tables, "query": name, "ms": round(ms, 3)} for name, ms in took.items()]
    return SuiteResult("compile", "speed", figures, cases)


def timed(model: SemanticModel, count: int) -> dict[str, float]:
    """Milliseconds by query, of processor time, best of `REPEATS`: what a warm service needs."""
    rng = random.Random(7)
    asked = {f"{n} {kind}": MetricQuery.model_validate(body) for n, kind, body in questions(model, rng, count)}
    took: dict[str, float] = {}
    for name, query in asked.items():
        times = []
        for _ in range(REPEATS):
            began = time.thread_time()
            compile_query(model, query, profile=DataProfile(), as_of=AS_OF, principal=LOCAL_OWNER)
            times.append((time.thread_time() - began) * 1000)
        took[name] = min(times)
    return took


def company(tables: int) -> SemanticModel:
    """A model of `tables` tables: facts that join to four dimension tables each, which lead on to one more."""
    facts = tables // _FACTS
    dims = tables - facts
    data: dict[str, Any] = {f"dim{n}": _dimension(n, dims) for n in range(dims)}
    data |= {f"fact{n}": _fact(n, dims) for n in range(facts)}
    ratios = {
        f"ratio{n}": {"kind": "ratio", "numerator": f"amount{n}", "denominator": f"rows{n}"} for n in range(facts)
    }
    calendar = {"data_from": "2024-01-01", "data_through": "2026-02-28"}
    return SemanticModel.model_validate({"model": "company", "calendar": calendar, "tables": data, "metrics": ratios})


def _dimension(n: int, dims: int) -> dict[str, Any]:
    parent = dims // 2 + n
    joins = [{"to": f"dim{parent}", "on": {"parent_id": "id"}}] if n < dims // 2 else []
    named = {f"name{n}": {"type": "text"}, f"kind{n}": {"type": "text"}, f"size{n}": {"type": "integer"}}
    return {"source": f"main.dim{n}", "key": ["id"], "joins": joins, "dimensions": named}


def _fact(n: int, dims: int) -> dict[str, Any]:
    near = dict.fromkeys((4 * n + k) % (dims // 2) for k in range(4))
    level = {"agg": "sum", "expr": "stock", "semi_additive": {"over": "happened_on"}}
    return {
        "source": f"main.fact{n}",
        "key": ["id"],
        "joins": [{"to": f"dim{d}", "on": {f"dim{d}_id": "id"}} for d in near],
        "time": {"default": "happened_on", "columns": {"happened_on": {"kind": "date"}}},
        "dimensions": {f"status{n}": {"type": "text"}},
        "measures": {
            f"rows{n}": {"agg": "count"},
            f"amount{n}": {"agg": "sum", "expr": "amount"},
            f"people{n}": {"agg": "count_distinct", "expr": "person_id"},
            f"stock{n}": level,
        },
    }


def questions(model: SemanticModel, rng: random.Random, count: int) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """(number, kind, query) of every kind in turn, each about a fact and its dimensions picked at random."""
    facts = [t for t in model.tables if t.startswith("fact")]
    for number in range(count):
        fact = rng.choice(facts)
        kinds = _kinds(model, fact)
        kind = list(kinds)[number % len(kinds)]
        yield number, kind, kinds[kind]


def _kinds(model: SemanticModel, fact: str) -> dict[str, dict[str, Any]]:
    n = fact.removeprefix("fact")
    near = [j.to.removeprefix("dim") for j in model.tables[fact].joins]
    far = next(j.to for d in near for j in model.tables[f"dim{d}"].joins).removeprefix("dim")
    amount, name, status = {"metric": f"amount{n}"}, {"field": f"name{near[0]}"}, {"field": f"status{n}"}
    by_month, year = {"grain": "month"}, {"start": "2025-01-01", "end": "2026-01-01"}
    return {
        "total": {"metrics": [amount]},
        "breakdown": {"metrics": [amount, {"metric": f"ratio{n}"}], "dimensions": [name, status]},
        "two hops": {"metrics": [{"metric": f"people{n}"}], "dimensions": [{"field": f"kind{far}"}], "time": year},
        "trend": {"metrics": [amount], "dimensions": [status], "time": by_month | year},
        "comparison": {"metrics": [amount], "time": by_month | year, "compare": {"to": "same_date_last_year"}},
        "share": {
            "metrics": [amount], "dimensions": [name], "transforms": [{"kind": "share", "of": f"amount{n}"}],
            "filters": [{"field": status, "values": ["open"]}],
        },
        "top in each": {
            "metrics": [amount], "dimensions": [status, name], "top": {"n": 3, "by": f"amount{n}", "per": [status]},
        },
        "stock": {"metrics": [{"metric": f"stock{n}"}], "dimensions": [name], "time": by_month | year},
        "many side": {"metrics": [{"metric": f"count:dim{near[0]}.name{near[0]}"}], "filters": [
            {"field": status, "values": ["open"]}]},
        "fan-out": {"metrics": [{"metric": f"count:dim{near[0]}.name{near[0]}"}], "dimensions": [status]},
    }  # fmt: skip
