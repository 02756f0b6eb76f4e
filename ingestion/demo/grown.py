"""The demos that are one script of SQL each: a restaurant chain, a dealer group, hospitals and a bank."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from ingestion.demo import building
from ingestion.demo.building import Progress, count
from ingestion.demo.lookups import first_day
from ingestion.demo.report import DemoReport

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.model.schema import SemanticModel
    from warehouse.workspace import Workspace

TABLES: dict[str, tuple[str, ...]] = {
    "restaurant": (
        "locations", "menu_items", "employees", "trading_days", "guest_checks", "check_items", "deliveries",
        "labor_shifts", "food_usage", "waste_log", "guest_feedback",
    ),
    "automotive": (
        "dealerships", "employees", "vehicle_sales", "repair_orders", "service_lines", "inventory_snapshots", "leads",
        "customer_surveys", "operating_expenses",
    ),
    "healthcare": (
        "facilities", "care_units", "providers", "encounters", "appointments", "bed_census", "surgical_cases",
        "staff_hours", "patient_surveys", "compliance_audits",
    ),
    "financial": (
        "branches", "customers", "loans", "loan_balances", "write_offs", "deposit_balances", "card_transactions",
        "applications", "acquisition_costs", "aml_alerts", "liquidity_daily", "income_statement",
    ),
}  # fmt: skip
_MADE = re.compile(r"CREATE (TEMP )?TABLE (\w+)")


def build(
    industry: str,
    workspace: Workspace,
    *,
    progress: Progress | None = None,
    last_day: date | None = None,
    scale: float = 1.0,
) -> DemoReport:
    """Generate, load, publish and describe the demo of `industry` in `workspace`, replacing what was there."""
    grow, describe = partial(generate, industry), partial(described, industry)
    return building.build(workspace, grow, describe, progress=progress, last_day=last_day, scale=scale)


def described(industry: str, inferred: SemanticModel, *_: object) -> str:
    """The model of the demo as YAML text: what the tables tell, and over it the little that a person wrote."""
    from warehouse.model import store
    from warehouse.model.schema import SemanticModel

    folder = resources.files("industry_prompts").joinpath(industry)
    written = yaml.safe_load(folder.joinpath("demo_overlay.yaml").read_text(encoding="utf-8"))
    whole = _laid_over(inferred.model_dump(mode="json", exclude_defaults=True), written)
    return store.dump(SemanticModel.model_validate(whole))


def _laid_over(data: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`data` with `changes` merged in: mappings by key, null removes, everything else replaces."""
    merged = dict(data)
    for key, value in changes.items():
        below = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(below, Mapping):
            merged[key] = _laid_over(below, value)
        else:
            merged[key] = value
    return merged


def generate(
    industry: str, connection: DuckDBPyConnection, last_day: date, scale: float, progress: Progress
) -> dict[str, int]:
    """Create the tables of the demo of `industry` on `connection` and return their row counts; `scale` 1 is full size.

    The same `last_day` gives the same rows everywhere.
    """
    connection.execute(
        "CREATE TEMP TABLE span AS SELECT ?::DATE AS first_day, ?::DATE AS last_day, ?::DOUBLE AS scale",
        [first_day(last_day), last_day, scale],
    )
    work = ["span"]
    try:
        work += _grow(connection, ("macros.sql", f"{industry}.sql"), progress)
    finally:
        connection.execute("RESET disabled_optimizers")
    for name in work:
        connection.execute(f"DROP TABLE temp.{name}")
    return {table: count(connection, table) for table in TABLES[industry]}


def _grow(connection: DuckDBPyConnection, scripts: Sequence[str], progress: Progress) -> list[str]:
    """Run the scripts and return the working tables that they leave behind."""
    folder = resources.files("ingestion.demo")
    texts = [folder.joinpath(name).read_text(encoding="utf-8") for name in scripts]
    statements = [s for text in texts for s in connection.extract_statements(text)]
    work: list[str] = []
    for done, statement in enumerate(statements):
        if made := _MADE.search(statement.query):
            progress(f"Growing {made.group(2).replace('_', ' ')}", 0.75 * done / len(statements))
            work += [made.group(2)] if made.group(1) else []
        connection.execute(statement)
    return work
