"""The common tables as types: columns, keys, closed vocabularies, and the columns that every one of them has."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    import duckdb

_FILE = Path(__file__).with_name("schema.yaml")
_TYPES = {
    "s": "VARCHAR", "i": "BIGINT", "n": "DOUBLE", "m": "DECIMAL(18,4)", "m6": "DECIMAL(18,6)", "t": "TIMESTAMPTZ",
    "d": "DATE", "b": "BOOLEAN", "j": "VARCHAR", "r": "DECIMAL(18,8)",
}  # fmt: skip
_COLUMN = re.compile(r"(?P<name>[a-z_]+) (?P<type>e:(?P<enum>[a-z_]+)|[a-z0-9]+)(?P<must>\*?)")
COMMON = {
    "connection_id": "VARCHAR", "source": "VARCHAR", "raw_ref": "VARCHAR", "loaded_at": "TIMESTAMPTZ",
    "source_updated_at": "TIMESTAMPTZ", "source_tz": "VARCHAR",
}  # fmt: skip
"""Columns of every common table; `raw_ref` names the raw row that a row was made of."""


GAINS = ("likes", "comments", "shares", "saves", "impressions", "views")
DERIVED: dict[str, dict[str, str]] = {
    "ad_performance_daily": {"is_finest": "BOOLEAN"},
    "social_post_metrics_daily": {
        **{f"{g}_gain": "BIGINT" for g in GAINS},
        "watch_seconds_gain": "DOUBLE",
        "engagement_gain": "BIGINT",
    },
    "social_posts": {"post": "VARCHAR"},
}
"""Columns that are worked out over the whole table once its rows are in."""


@dataclass(frozen=True)
class Column:
    """One column; `enum` names its closed vocabulary."""

    name: str
    sql: str
    required: bool
    enum: str | None = None

    @property
    def is_money(self) -> bool:
        """An amount in major units."""
        return self.sql in ("DECIMAL(18,4)", "DECIMAL(18,6)")


@dataclass(frozen=True)
class CommonTable:
    """One common table; its key is the connection and `key`."""

    name: str
    key: tuple[str, ...]
    columns: dict[str, Column]

    @property
    def money(self) -> list[str]:
        """Columns with amounts."""
        return [c.name for c in self.columns.values() if c.is_money]

    @property
    def stored(self) -> dict[str, str]:
        """All columns of the stored table with their SQL types, in order."""
        found = dict(COMMON)
        for column in self.columns.values():
            found[column.name] = column.sql
            if column.enum:
                found[f"{column.name}_raw"] = "VARCHAR"
        return found | {f"{name}_reporting": "DECIMAL(18,6)" for name in self.money} | DERIVED.get(self.name, {})


def stored_in(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The common tables of a lake; a table that somebody loaded under such a name has other columns and is theirs."""
    found: dict[str, set[str]] = defaultdict(set)
    rows = connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'lake' AND schema_name = 'main'"
    )
    for name, column in rows.fetchall():
        found[name].add(column)
    ours = {name: {"connection_id"} & set(t.stored) or set(t.stored) for name, t in all_tables().items()}
    return {name for name, wanted in ours.items() if wanted <= found.get(name, set())}


@lru_cache(maxsize=1)
def all_tables() -> dict[str, CommonTable]:
    """The common tables by name."""
    return {name: _table(name, text) for name, text in _raw()["tables"].items()}


def enum(name: str) -> tuple[str, ...]:
    """The words of a closed vocabulary; what is not among them becomes `unknown`."""
    return tuple(_raw()["enums"][name])


@lru_cache(maxsize=1)
def _raw() -> dict[str, dict[str, str]]:
    raw: dict[str, dict[str, str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return raw


def _table(name: str, text: str) -> CommonTable:
    columns: dict[str, Column] = {}
    head, _, rest = text.partition("|")
    key = tuple(_COLUMN.findall(head)[n][0] for n in range(len(_COLUMN.findall(head))))
    for match in _COLUMN.finditer(f"{head}, {rest}"):
        kind = "VARCHAR" if match["enum"] else _TYPES[match["type"]]
        columns[match["name"]] = Column(match["name"], kind, bool(match["must"]), match["enum"])
    return CommonTable(name, key, columns)
