"""The demo retailer: a million and more order lines, grown in seconds from a page of weights and the calendar."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from datetime import date, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import yaml

from ingestion.demo import lookups
from ingestion.demo.report import DemoReport

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.profile import DataProfile
    from warehouse.workspace import Workspace

Progress = Callable[[str, float | None], None]
TABLES = ("products", "stores", "customers", "promotions", "order_lines", "orders", "returns", "ad_spend", "web_events")
_WORK = ("shop", "numbered", "cart", "placed", "line", "chosen", "story", "sold", "price", "visit")
_MADE = re.compile(r"CREATE TABLE (\w+)")


def build(
    workspace: Workspace,
    *,
    progress: Progress | None = None,
    last_day: date | None = None,
    scale: float = 1.0,
) -> DemoReport:
    """Generate, load, publish and describe the demo retailer in `workspace`, replacing what was there.

    Data runs through `last_day` (default: yesterday). The same day gives the same rows; a later one only adds rows,
    except that returns keep arriving for 28 days after an order.
    """
    from ingestion import profiling
    from warehouse.lake import Lake

    began, tell = time.perf_counter(), progress or (lambda _text, _share: None)
    through = last_day or date.today() - timedelta(days=1)
    if workspace.root.exists():
        shutil.rmtree(workspace.root)
    lake = Lake.create(workspace.lake)
    with lake.writer() as connection:
        connection.execute("BEGIN")
        counts = generate(connection, through, scale, tell)
        connection.execute("COMMIT")
        tell("Profiling the columns", 0.8)
        found = profiling.profile(connection)
        tell("Reading the semantic model", 0.9)
        _save_meaning(workspace, found, connection)
    profiling.save(found.model_copy(update={"snapshot": lake.publish().version}), workspace.profile_file)
    workspace.model_file.write_text(authored_model(), encoding="utf-8")
    tell("Ready", 1.0)
    return DemoReport(workspace.name, counts, through, time.perf_counter() - began)


def _save_meaning(workspace: Workspace, profile: DataProfile, connection: DuckDBPyConnection) -> None:
    """The values of the authored model, and what inference would say: a later load keeps what was left out on purpose.

    The model itself is written last of all, so that a demo that was interrupted does not pass for a finished one.
    """
    from warehouse.model import store, value_build
    from warehouse.model.infer import infer
    from warehouse.model.probe import DuckDBProbe
    from warehouse.model.refresh import baseline_file

    store.save(infer(profile, DuckDBProbe(connection), name=workspace.name).model, baseline_file(workspace))
    value_build.build(store.parse(authored_model()), connection).save(workspace.values_file)


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
    return {t: _count(connection, t) for t in TABLES}


def _store(connection: DuckDBPyConnection, name: str, rows: list[lookups.Row]) -> None:
    connection.register("lookup_rows", pa.Table.from_pylist(rows))
    connection.execute(f"CREATE TEMP TABLE {name} AS FROM lookup_rows")
    connection.unregister("lookup_rows")


def _count(connection: DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
