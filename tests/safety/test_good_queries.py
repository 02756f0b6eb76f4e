"""The gate lets honest work through: gold SQL that analysts wrote for outside databases is bound."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from store import settings
from store.errors import QueryRefused
from store.principal import LOCAL_OWNER
from warehouse.guard import RawSql, authorize
from warehouse.model.schema import SemanticModel, Table
from warehouse.snapshot import Snapshot

NLQ = Path(settings.get("data")) / "nlq"
SETS = ("defog", "defog_idk", "spider_dev", "acme")
LEAST = 200

pytestmark = pytest.mark.data


def gold() -> Iterator[tuple[Path, str]]:
    """(database, statement) of every gold query, alternatives included, each once."""
    seen: set[tuple[Path, str]] = set()
    for name in SETS:
        for line in (NLQ / name / "questions.jsonl").read_text(encoding="utf-8").splitlines():
            question = json.loads(line)
            file = (NLQ / name / question["db_file"]).resolve()
            for sql in dict.fromkeys((question.get("gold_sql"), *question.get("gold_sql_alternatives", ()))):
                if sql and (file, sql) not in seen:
                    seen.add((file, sql))
                    yield file, sql


def catalog(file: Path) -> tuple[SemanticModel, Snapshot]:
    """A model that describes every table of a database, and the snapshot that a lake made of it would have."""
    tables: dict[str, list[str]] = defaultdict(list)
    with duckdb.connect(str(file), read_only=True) as connection:
        query = (
            "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal ORDER BY table_name, column_index"
        )
        for table, column in connection.execute(query).fetchall():
            tables[table].append(column)
    model = SemanticModel(model="gold", tables={name: Table(source=name) for name in tables})
    return model, Snapshot(1, file, file.parent, {name: tuple(found) for name, found in tables.items()}, {})


def test_gold_queries_pass_the_gate() -> None:
    if not NLQ.is_dir():
        pytest.skip(f"the question sets are not at {NLQ} (set PLAINSAY_DATA)")
    catalogs: dict[Path, tuple[SemanticModel, Snapshot]] = {}
    bound, refused = 0, defaultdict(list)
    for file, sql in gold():
        model, snapshot = catalogs.setdefault(file, catalogs.get(file) or catalog(file))
        try:
            query = authorize(RawSql(sql), LOCAL_OWNER, model=model, snapshot=snapshot)
        except QueryRefused as error:
            refused[error.code].append(f"{error.message} | {sql}")
            continue
        assert set(query.tables) <= set(snapshot.tables), sql
        bound += 1
    assert not refused, dict(refused)
    assert bound >= LEAST
