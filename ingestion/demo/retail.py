"""The demo retailer: a million and more order lines, grown in seconds from a page of weights and the calendar."""

from __future__ import annotations

import re
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import yaml

from ingestion.demo import building, lookups
from ingestion.demo.building import Progress
from ingestion.demo.report import DemoReport

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.workspace import Workspace

TABLES = ("products", "stores", "customers", "promotions", "order_lines", "orders", "returns", "ad_spend", "web_events")
_WORK = ("shop", "numbered", "cart", "placed", "line", "chosen", "story", "sold", "price", "visit")
_MADE = re.compile(r"CREATE TABLE (\w+)")


def build(
    workspace: Workspace, *, progress: Progress | None = None, last_day: date | None = None, scale: float = 1.0
) -> DemoReport:
    """Generate, load, publish and describe the demo retailer in `workspace`, replacing what was there.

    Data runs through `last_day` (default: yesterday). The same day gives the same rows; a later one only adds rows,
    except that returns keep arriving for 28 days after an order.
    """
    return building.build(
        workspace, generate, lambda *_: authored_model(), progress=progress, last_day=last_day, scale=scale
    )


def authored_model() -> str:
    """The demo's semantic model as YAML text."""
    return resources.files("industry_prompts").joinpath("retail", "demo_model.yaml").read_text(encoding="utf-8")


def generate(connection: DuckDBPyConnection, last_day: date, scale: float, progress: Progress) -> dict[str, int]:
    """Create the tables of the demo on `connection` and return their row counts; `scale` 1 is the full size."""
    folder = resources.files("ingestion.demo")
    book: dict[str, Any] = yaml.safe_load(folder.joinpath("retail.yaml").read_text(encoding="utf-8"))
    names = lookups.all_tables(book, last_day, scale)
    for name, rows in names.items():
        _store(connection, name, rows)
    script = folder.joinpath("retail.sql").read_text(encoding="utf-8")
    statements = connection.extract_statements(script)
    for done, statement in enumerate(statements):
        if made := _MADE.search(statement.query):
            progress(f"Growing {made.group(1).replace('_', ' ')}", 0.75 * done / len(statements))
        connection.execute(statement)
    for name in [*names, *_WORK]:
        connection.execute(f"DROP TABLE temp.{name}")
    return {t: building.count(connection, t) for t in TABLES}


def _store(connection: DuckDBPyConnection, name: str, rows: list[lookups.Row]) -> None:
    connection.register("lookup_rows", pa.Table.from_pylist(rows))
    connection.execute(f"CREATE TEMP TABLE {name} AS FROM lookup_rows")
    connection.unregister("lookup_rows")
