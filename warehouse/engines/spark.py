"""The Spark engine: authorised queries over Spark Connect, in a session whose clock is UTC."""

from __future__ import annotations

import secrets
import threading
from contextlib import suppress
from typing import Any

import pyarrow as pa

from store.errors import PlainsayError
from warehouse.engines import problems
from warehouse.engines.remote import RemoteEngine
from warehouse.engines.rows import cut
from warehouse.engines.running import Task
from warehouse.guard import BoundQuery
from warehouse.snapshot import Snapshot, remote

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
}


class SparkEngine(RemoteEngine):
    """Implements `Engine` on the tables of one Spark session; `url` is `sc://host:port` or `local[2]`."""

    dialect = "spark"

    def __init__(self, url: str) -> None:
        super().__init__()
        try:
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise problems.not_installed("Spark", "spark") from error
        self._errors = (PySparkException, OSError)
        try:
            self.session: Any = SparkSession.builder.remote(url).getOrCreate()
            for name, value in SETTINGS.items():
                self.session.conf.set(name, value)
        except self._errors as error:
            raise problems.unreachable("") from error

    def describe(self) -> Snapshot:
        catalog = self.session.catalog
        tables = [t.name for t in catalog.listTables()]
        return remote("spark", [(table, c.name) for table in tables for c in catalog.listColumns(table)])

    def fetch(self, bound: BoundQuery, task: Task) -> tuple[pa.Table, bool]:
        tag = secrets.token_hex(8)
        task.handle = tag
        late = threading.Event()
        timer = threading.Timer(bound.limits.seconds, self._too_late, (tag, late))
        timer.start()
        self.session.addTag(tag)
        try:
            table = self.session.sql(bound.sql).limit(bound.limits.rows + 1).toArrow()
        except self._errors as error:
            raise problems.too_slow(bound) if late.is_set() else _explained(error, bound) from error
        finally:
            timer.cancel()
            self.session.removeTag(tag)
        return cut(table.to_batches(), table.schema, bound.limits)

    def stop(self, handle: object) -> None:
        with suppress(*self._errors):
            self.session.interruptTag(str(handle))

    def close(self) -> None:
        with suppress(*self._errors):
            self.session.stop()

    def _too_late(self, tag: str, late: threading.Event) -> None:
        late.set()
        self.stop(tag)


def _explained(error: Any, bound: BoundQuery) -> PlainsayError:
    reference = problems.logged(str(error), bound)
    ask = getattr(error, "getSqlState", None)
    state = str(ask() or "") if ask else ""
    if state.startswith("22"):
        return problems.bad_value(reference)
    if bound.raw and state.startswith("42"):
        return problems.does_not_fit(str(error), bound, reference)
    if not state or state.startswith("08"):
        return problems.unreachable(reference)
    return problems.defect(reference)
