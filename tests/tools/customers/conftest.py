"""A small shop whose customers buy and stop by a known law, with names that are personal data."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from agent import claims
from agent.brain import TellContext
from agent.builtin.narrate import tell
from agent.plan import Plan, Step
from agent.view import WorkspaceViews
from ingestion.pipeline import ingest
from store.principal import LOCAL_OWNER
from tools.evidence import Evidence
from tools.registry import ToolContext
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.workspace import named

FIRST, LAST = date(2025, 1, 1), date(2026, 10, 31)
PEOPLE = 700
MODEL = """
  customers:
    source: customers
    record: customer
    records: customers
    name_column: full_name
    key: [customer_id]
    dimensions:
      customer_id: {type: integer, groupable: false, sample: 0}
      full_name: {pii: true, sample: 0}
      country: {label: Country}
  orders:
    source: orders
    record: order
    records: orders
    key: [order_id]
    joins: [{to: customers, on: {customer_id: customer_id}}]
    time: {default: ordered_on, columns: {ordered_on: {kind: date}}}
    dimensions:
      order_id: {type: integer, groupable: false, sample: 0}
      status: {label: Status}
    measures:
      revenue: {label: Revenue, agg: sum, expr: amount, where: "status = 'done'", unit: {currency: USD}, good: up}
      orders: {label: Orders, agg: count, where: "status = 'done'", unit: {name: order}}
"""


def write(folder: Path) -> list[Path]:
    """customers.csv and orders.csv: everybody buys at a rate of their own and stops after a purchase by chance."""
    rng = np.random.default_rng(11)
    people, orders = folder / "customers.csv", folder / "orders.csv"
    with people.open("w", newline="") as file, orders.open("w", newline="") as log:
        out, sold = csv.writer(file), csv.writer(log)
        out.writerow(["customer_id", "full_name", "country"])
        sold.writerow(["order_id", "customer_id", "ordered_on", "amount", "status"])
        number, days = 0, (LAST - FIRST).days
        for who in range(1, PEOPLE + 1):
            out.writerow([who, f"Person {who} Smith", ("Norway", "Spain")[who % 2]])
            gap, worth, stop = rng.gamma(3, 12), rng.gamma(4, 20), rng.beta(0.8, 5)
            at = rng.uniform(0, days * 0.8)
            while at <= days:
                number += 1
                status = "cancelled" if rng.random() < 0.05 else "done"
                amount = round(float(worth * rng.uniform(0.5, 1.5)), 2)
                sold.writerow([number, who, (FIRST + timedelta(days=int(at))).isoformat(), amount, status])
                if rng.random() < stop:
                    break
                at += rng.exponential(gap) + 1
    return [people, orders]


@pytest.fixture
def told() -> Callable[[ToolContext, Evidence], str]:
    return _told


def _told(context: ToolContext, found: Evidence) -> str:
    """The answer as the built-in brain says it; no sentence may have been dropped for a stray digit."""
    plan = Plan(intent=found.tool, steps={"s1": Step(tool=found.tool, args=found.args)})
    scene = TellContext(question="?", plan=plan, evidence=(found,), model=context.model, as_of=context.as_of)
    rendered = claims.render(tell(scene), found.tables)
    assert rendered.dropped == 0
    assert "None" not in rendered.text
    return claims.LINK.sub(lambda link: link[1], rendered.text)


@pytest.fixture
def one_thread() -> Iterator[None]:
    """As in the worker: threads that spin for each other make a busy machine ten times slower."""
    import_module("sklearn.cluster")
    with import_module("threadpoolctl").threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def shop_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the workspace `shop`; tests that change it work on a copy."""
    folder = tmp_path_factory.mktemp("shop")
    workspace = named("shop", folder / "home")
    ingest(workspace, write(folder))
    workspace.model_file.write_text(f"model: shop\ntables:{MODEL}")
    return folder / "home"


@pytest.fixture(scope="session")
def shop(shop_home: Path) -> Iterator[ToolContext]:
    """What a tool gets in that workspace; read it only."""
    view = WorkspaceViews(shop_home).get("shop")
    engine = DuckDBEngine(workers=1)
    yield ToolContext(
        view.workspace, LOCAL_OWNER, view.model, view.profile, engine, view.snapshot, datetime(2026, 11, 1, 9)
    )
    engine.close()
