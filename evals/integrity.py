"""Seeds the faults that make numbers silently wrong, and counts how many are said or refused, and false alarms."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from agent.check import CheckContext, inspect
from agent.view import WorkspaceView, WorkspaceViews
from evals.result import Figure, SuiteResult
from store.errors import PlainsayError
from store.principal import LOCAL_OWNER
from tools import registry
from warehouse.engines.base import Engine
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.model.schema import SemanticModel
from warehouse.workspace import named

SEEDS = (1, 2, 3, 4, 5)
_LINES = 900
_AFTER = datetime(2026, 4, 1, 9)
_REGIONS = ("north", "south", "east", "west")
# What counts as caught, by fault: the code of a warning or refusal that says it.
CODES = {
    "fan-out": {"fan_out", "refused"},
    "row loss": {"row_loss", "null_share"},
    "null keys": {"null_share", "row_loss"},
    "partial period": {"partial_period"},
    "empty filter": {"empty_filter", "no_data"},
    "mixed units": {"mixed_currency", "mixed_units", "currencies_apart"},
}
ALARMS = set().union(*CODES.values())
Query = dict[str, Any]


def run() -> SuiteResult:
    """Ask clean and faulty questions of small generated lakes."""
    cases: list[dict[str, Any]] = []
    with (
        tempfile.TemporaryDirectory(prefix="plainsay-integrity-") as folder,
        closing(DuckDBEngine(workers=1)) as engine,
    ):
        for seed in SEEDS:
            view = _lake(seed, Path(folder))
            for kind, query, as_of in (*_faulty(), *_clean()):
                codes = _said(view, engine, query, as_of)
                hit = bool(codes & CODES[kind]) if kind in CODES else not codes & ALARMS
                case = {"name": f"{kind}, lake {seed}", "kind": kind, "verdict": "right" if hit else "wrong"}
                cases.append(case | {"codes": sorted(codes), "why": "" if hit else str(query)})
    return SuiteResult("integrity", "quality", figures(cases), [c for c in cases if c["verdict"] == "wrong"])


def figures(cases: list[dict[str, Any]]) -> list[Figure]:
    """Share caught per fault and in all, and the share of clean queries with an alarm."""
    made: list[Figure] = []
    for kind in CODES:
        made.append(Figure(f"{kind}: caught of {sum(c['kind'] == kind for c in cases)}", _share(cases, kind), "%"))
    caught = [c for c in cases if c["kind"] in CODES]
    alarms = 100 - _share(cases, "clean")
    return [
        Figure("faults caught", _right(caught), "%", 95, "more"),
        Figure("faults seeded", len(caught), ""),
        Figure("false alarms", alarms, "%", 5),
        Figure("clean queries", sum(c["kind"] == "clean" for c in cases), ""),
        *made,
    ]


def _share(cases: list[dict[str, Any]], kind: str) -> float:
    return _right([c for c in cases if c["kind"] == kind])


def _right(cases: list[dict[str, Any]]) -> float:
    return 100 * sum(c["verdict"] == "right" for c in cases) / len(cases) if cases else 0.0


def _said(view: WorkspaceView, engine: Engine, query: Query, as_of: datetime) -> set[str]:
    """The codes of the warnings, or of the refusal."""
    context = registry.ToolContext(
        workspace=view.workspace, principal=LOCAL_OWNER, model=MODEL, profile=view.profile, engine=engine,
        snapshot=view.snapshot, as_of=as_of,
    )  # fmt: skip
    try:
        found = registry.get("query_metrics").run(context, {"query": query})
    except PlainsayError as error:
        return {error.code}
    found = inspect(found, CheckContext(MODEL, view.profile, as_of))
    return {w.code for w in found.warnings} | ({"refused"} if found.refusal else set())


def _lake(seed: int, home: Path) -> WorkspaceView:
    from ingestion.pipeline import ingest

    chance = random.Random(seed)
    folder = home / f"files{seed}"
    folder.mkdir()
    people = [(n, chance.choice(_REGIONS), chance.choice(("a", "b"))) for n in range(1, 41)]
    twice = [*people, *chance.sample(people, 10)]
    for name, rows in (("customers", people), ("customers_twice", twice)):
        lines = "".join(f"{n},{region},{tier}\n" for n, region, tier in rows)
        (folder / f"{name}.csv").write_text(f"id,region,tier\n{lines}")
    for name in ("orders", "orders_lost", "orders_nulls", "orders_mixed", "orders_fanned", "orders_cut"):
        (folder / f"{name}.csv").write_text("".join(_lines(name, chance)))
    ingest(named(f"lake{seed}", home), sorted(folder.glob("*.csv")))
    return WorkspaceViews(home).get(f"lake{seed}")


def _lines(name: str, chance: random.Random) -> Iterator[str]:
    """Orders of January to March 2026, with the fault that the name of the table speaks of."""
    yield "id,customer_id,day,channel,amount,quantity,currency\n"
    days = 75 if name == "orders_cut" else 90
    for number in range(_LINES):
        customer: Any = chance.randint(1, 40)
        odd = chance.random() < 0.2
        if odd and name == "orders_lost":
            customer = chance.randint(900, 999)
        if odd and name == "orders_nulls":
            customer = ""
        currency = "USD" if odd and name == "orders_mixed" else "EUR"
        day = date(2026, 1, 1) + timedelta(days=number % days)
        channel = chance.choice(("web", "shop", "phone"))
        yield f"{number},{customer},{day},{channel},{chance.randint(1, 9999) / 100},{chance.randint(1, 9)},{currency}\n"


def _orders(name: str) -> Query:
    to = "customers_twice" if name == "orders_fanned" else "customers"
    unit = {"currency_column": "currency"} if name == "orders_mixed" else {"currency": "EUR"}
    of = name.removeprefix("orders")
    return {
        "source": name, "key": ["id"], "joins": [{"to": to, "on": {"customer_id": "id"}}],
        "time": {"default": "day", "columns": {"day": {"kind": "date"}}},
        "dimensions": {"channel": {}, "currency": {}},
        "measures": {
            f"revenue{of}": {"agg": "sum", "expr": "amount", "unit": unit},
            f"units{of}": {"agg": "sum", "expr": "quantity"},
            f"average{of}": {"agg": "avg", "expr": "amount", "unit": unit, "additive": "none"},
        },
    }  # fmt: skip


_PEOPLE = {"key": ["id"], "dimensions": {"region": {}, "tier": {}}}
_KINDS = ("orders", "orders_lost", "orders_nulls", "orders_mixed", "orders_fanned", "orders_cut")
MODEL = SemanticModel.model_validate(
    {
        "model": "integrity",
        "tables": {n: {"source": n, **_PEOPLE} for n in ("customers", "customers_twice")}
        | {n: _orders(n) for n in _KINDS},
    }
)


def _query(metric: str, *dims: str, **more: Any) -> Query:
    return {"metrics": [{"metric": metric}], "dimensions": [{"field": d} for d in dims], **more}


def _where(field: str, *values: str, op: str = "in") -> list[Query]:
    return [{"field": {"field": field}, "op": op, "values": list(values)}]


def _faulty() -> Iterator[tuple[str, Query, datetime]]:
    for metric, dim in product(("revenue", "units"), ("region", "tier")):
        yield "fan-out", _query(f"{metric}_fanned", f"customers_twice.{dim}"), _AFTER
        yield "row loss", _query(f"{metric}_lost", f"customers.{dim}"), _AFTER
        yield "null keys", _query(f"{metric}_nulls", f"customers.{dim}"), _AFTER
    yield "fan-out", _query("revenue_fanned", filters=_where("customers_twice.tier", "a")), _AFTER
    yield "row loss", _query("revenue_lost", filters=_where("customers.region", "north", op="not_in")), _AFTER
    yield "row loss", _query("units_lost", filters=_where("customers.region", *_REGIONS)), _AFTER
    yield "row loss", _query("average_lost", "customers.region"), _AFTER
    yield "null keys", _query("average_nulls", "customers.region"), _AFTER
    for metric, time in product(
        ("revenue_cut", "units_cut"), ({"grain": "month"}, {"start": "2026-03-01", "end": "2026-04-01"})
    ):
        yield "partial period", _query(metric, time=time), datetime(2026, 3, 17, 9)
    yield (
        "partial period",
        _query("revenue_cut", "orders_cut.channel", time={"to_date": "month"}),
        datetime(2026, 3, 17, 9),
    )
    for field in ("orders.channel", "customers.region"):
        yield "empty filter", _query("revenue", filters=_where(field, "nowhere")), _AFTER
        yield "empty filter", _query("units", "customers.tier", filters=_where(field, "nowhere")), _AFTER
    yield "empty filter", _query("units", time={"start": "2020-01-01", "end": "2020-02-01"}), _AFTER
    for dims in ((), ("customers.region",), ("orders_mixed.channel",), ("customers.tier",)):
        yield "mixed units", _query("revenue_mixed", *dims), _AFTER
    yield "mixed units", _query("average_mixed"), _AFTER


def _clean() -> Iterator[tuple[str, Query, datetime]]:
    groups = (
        (),
        ("customers.region",),
        ("customers.tier",),
        ("orders.channel",),
        ("customers.region", "orders.channel"),
    )
    times: tuple[Query, ...] = (
        {},
        {"time": {"grain": "month"}},
        {"time": {"start": "2026-02-01", "end": "2026-03-01"}},
    )
    for metric, dims, more in product(("revenue", "units", "average"), groups, times):
        yield "clean", _query(metric, *dims, **more), _AFTER
    for currency in ("EUR", "USD"):
        yield "clean", _query("revenue_mixed", filters=_where("orders_mixed.currency", currency)), _AFTER
    yield "clean", _query("revenue_lost"), _AFTER
    yield "clean", _query("units_nulls", "orders_nulls.channel"), _AFTER
    yield "clean", _query("revenue_fanned", "orders_fanned.channel"), _AFTER
