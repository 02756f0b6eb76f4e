"""What every demo goes through to become a workspace: loaded, profiled, published, and described last of all."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ingestion.demo.report import DemoReport

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.model.schema import SemanticModel
    from warehouse.profile import DataProfile
    from warehouse.workspace import Workspace

Progress = Callable[[str, float | None], None]
Generate = Callable[["DuckDBPyConnection", date, float, Progress], dict[str, int]]
Describe = Callable[["SemanticModel", "DataProfile", "DuckDBPyConnection"], str]
"""The model inferred from the tables, their profile, and the tables -> the model of the workspace as YAML text."""


def build(
    workspace: Workspace,
    generate: Generate,
    describe: Describe,
    *,
    progress: Progress | None = None,
    last_day: date | None = None,
    scale: float = 1.0,
) -> DemoReport:
    """Generate, load, publish and describe a demo in `workspace`, replacing what was there.

    Data runs through `last_day` (default: yesterday). The same day gives the same rows. The model is written last of
    all, so that a demo that was interrupted does not pass for a finished one.
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
        text = _save_meaning(workspace, found, describe, connection)
    profiling.save(found.model_copy(update={"snapshot": lake.publish().version}), workspace.profile_file)
    workspace.model_file.write_text(text, encoding="utf-8")
    tell("Ready", 1.0)
    return DemoReport(workspace.name, counts, through, time.perf_counter() - began)


def _save_meaning(
    workspace: Workspace, profile: DataProfile, describe: Describe, connection: DuckDBPyConnection
) -> str:
    """The values of the model, and what inference alone would say: a later load keeps what was left out on purpose."""
    from warehouse.model import store, value_build
    from warehouse.model.infer import infer
    from warehouse.model.probe import DuckDBProbe
    from warehouse.model.refresh import baseline_file

    inferred = infer(profile, DuckDBProbe(connection), name=workspace.name).model
    store.save(inferred, baseline_file(workspace))
    text = describe(inferred, profile, connection)
    value_build.build(store.parse(text), connection).save(workspace.values_file)
    return text


def count(connection: DuckDBPyConnection, table: str) -> int:
    """Rows of `table`."""
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
