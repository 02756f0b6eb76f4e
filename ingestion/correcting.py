"""Changes what a reader of files took a column for, because a person sees better what its values mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ingestion.profiling import SourceFacts
from store.errors import InvalidRequest, unknown
from warehouse.literals import literal, quoted
from warehouse.profile import KEPT_UP

if TYPE_CHECKING:
    import duckdb

    from warehouse.workspace import Workspace

Kind = Literal["text", "whole", "number", "date", "datetime", "yesno"]
How = Literal["point", "comma", "ymd", "dmy", "mdy", "swap", "excel", "unix", ""]
KINDS: dict[Kind, tuple[How, ...]] = {
    "text": ("",), "whole": ("point", "comma"), "number": ("point", "comma"),
    "date": ("ymd", "dmy", "mdy", "swap", "excel", "unix"), "datetime": ("ymd", "dmy", "mdy", "swap", "excel", "unix"),
    "yesno": ("",),
}  # fmt: skip
"""What a column can become, and the ways of writing that its values may have."""

_SHOWN = 5
_MOST_CHARS = 80
_SQL: dict[Kind, str] = {
    "text": "VARCHAR", "whole": "BIGINT", "number": "DOUBLE", "date": "DATE", "datetime": "TIMESTAMP",
    "yesno": "BOOLEAN",
}  # fmt: skip
_ORDERS = {
    "ymd": ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"),
    "dmy": ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%d.%m.%y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y"),
    "mdy": ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%m/%d/%y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y"),
}
_CLOCKS = (
    "",
    " %H:%M:%S",
    " %H:%M",
    "T%H:%M:%S",
    "T%H:%M:%SZ",
    "T%H:%M:%S.%f",
    " %H:%M:%S.%f",
    " %I:%M %p",
    " %I:%M:%S %p",
)


@dataclass(frozen=True)
class Correction:
    """What a column is to be: its kind, how its values are written, and the unit they carry (None: as it is)."""

    kind: Kind
    how: How = ""
    unit: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What a correction does: rows with a value before and after, some values that would be lost, some that change."""

    column: str
    before: str
    after: str
    rows: int
    filled: int
    kept: int
    lost: tuple[str, ...]
    changed: tuple[tuple[str, str], ...]
    applied: bool

    def to_dict(self) -> dict[str, Any]:
        """JSON for doors."""
        return {**vars(self), "lost_rows": self.filled - self.kept, "lost": list(self.lost),
                "changed": [list(pair) for pair in self.changed]}  # fmt: skip


def correct(workspace: Workspace, table: str, column: str, wanted: Correction, *, apply: bool) -> Outcome:
    """What `wanted` makes of a column of a loaded table; with `apply` it is in force when this returns.

    It is remembered: a later load of the same file is corrected in the same way. Raises `UnknownName`,
    `InvalidRequest` for a table that a connected source keeps up, `Unavailable` while something is being loaded.
    """
    from ingestion import pipeline
    from ingestion.catalogue import stored_facts
    from warehouse.lake import Lake

    _check(wanted)
    lake = Lake.open(workspace.lake)
    with lake.writer() as connection:
        facts = _own(stored_facts(connection), table)
        found = _outcome(connection, table, column, wanted, apply)
        if apply:
            remembered: dict[str, list[str]] = {**facts.types, column: [wanted.kind, wanted.how]}
            units = {k: v for k, v in {**facts.units, column: wanted.unit}.items() if v} if wanted.unit is not None \
                else facts.units  # fmt: skip
            facts.types, facts.units = remembered, units
            pipeline.unfinished(workspace).touch()
            connection.execute("BEGIN")
            _rewrite(connection, table, {column: wanted}, facts)
            connection.execute("COMMIT")
            pipeline.complete(workspace, lake, connection)
    return found


def again(connection: duckdb.DuckDBPyConnection, table: str, facts: SourceFacts, before: SourceFacts) -> list[str]:
    """Correct a table that was just loaded anew as the one before was; gives what to tell about it.

    Part of the load's transaction. `facts` are those of the new table, changed in place.
    """
    columns = set(_columns(connection, table))
    wanted = {c: Correction(*known) for c, known in before.types.items() if c in columns}  # type: ignore[arg-type]
    if not wanted:
        return []
    told = []
    for column, one in wanted.items():
        found = _outcome(connection, table, column, one, True)
        lost = found.filled - found.kept
        told.append(f"“{column}” was made {_called(one.kind)}, as you once said.")
        if lost:
            told.append(f"{lost:,} values of “{column}” could not be read so and are empty now.")
    facts.types = dict(before.types)
    facts.units = {**facts.units, **{c: u for c, u in before.units.items() if c in wanted}}
    _rewrite(connection, table, wanted, facts)
    return told


def remove(workspace: Workspace, table: str) -> None:
    """Take a loaded table out, for instance a sheet that is no data. Raises as `correct` does."""
    from ingestion import pipeline
    from ingestion.catalogue import stored_facts
    from warehouse.lake import Lake

    lake = Lake.open(workspace.lake)
    with lake.writer() as connection:
        _own(stored_facts(connection), table)
        pipeline.unfinished(workspace).touch()
        connection.execute(f"DROP TABLE {quoted(table)}")
        pipeline.complete(workspace, lake, connection)


def _check(wanted: Correction) -> None:
    if wanted.how not in KINDS[wanted.kind] and wanted.how:
        raise InvalidRequest(
            f"{_called(wanted.kind).capitalize()} cannot be written that way.", details={"field": "how"},
            hint=f"One of {', '.join(h for h in KINDS[wanted.kind] if h) or 'none'}.",
        )  # fmt: skip


def _own(known: dict[str, SourceFacts], table: str) -> SourceFacts:
    if table not in known:
        raise unknown("table", table, sorted(known))
    if (known[table].origin or "").startswith(KEPT_UP):
        raise InvalidRequest(
            "This table is kept up by what is connected, so it cannot be changed by hand.", code="not_a_file",
            hint="Change the source, or what the column means in the model.",
        )  # fmt: skip
    return known[table]


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.execute(f"DESCRIBE {quoted(table)}").fetchall()}


def _outcome(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, wanted: Correction, applied: bool
) -> Outcome:
    kinds = _columns(connection, table)
    if column not in kinds:
        raise unknown("column", column, sorted(kinds))
    name, made = quoted(column), _made(column, kinds[column], wanted)
    is_filled = f"({name} IS NOT NULL AND trim({name}::VARCHAR) <> '')"
    rows, filled, kept = connection.execute(
        f"SELECT count(*), count(*) FILTER ({is_filled}), count(*) FILTER ({is_filled} AND ({made}) IS NOT NULL)"
        f" FROM {quoted(table)}"
    ).fetchone() or (0, 0, 0)
    was, now = f"{name}::VARCHAR", f"({made})::VARCHAR"
    lost = _some(connection, table, (was, "NULL"), f"{is_filled} AND ({made}) IS NULL")
    changed = _some(connection, table, (was, now), f"({made}) IS NOT NULL")
    return Outcome(
        column, kinds[column], _SQL[wanted.kind], int(rows), int(filled), int(kept), tuple(v for v, _ in lost),
        tuple(changed), applied,
    )  # fmt: skip


def _some(
    connection: duckdb.DuckDBPyConnection, table: str, shown: tuple[str, str], where: str
) -> Sequence[tuple[str, str]]:
    return connection.execute(
        f"SELECT DISTINCT left({shown[0]}, {_MOST_CHARS}), left({shown[1]}, {_MOST_CHARS}) FROM {quoted(table)}"
        f" WHERE {where} ORDER BY 1 LIMIT {_SHOWN}"
    ).fetchall()


def _rewrite(
    connection: duckdb.DuckDBPyConnection, table: str, wanted: dict[str, Correction], facts: SourceFacts
) -> None:
    """The table with the corrected columns in their places, and with its facts."""
    from ingestion.catalogue import keep_facts

    kinds = _columns(connection, table)
    changed = ", ".join(f"({_made(c, kinds[c], one)}) AS {quoted(c)}" for c, one in wanted.items())
    # By way of a copy: a table that this transaction made cannot be read while it is replaced.
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE plainsay_corrected AS SELECT * REPLACE ({changed}) FROM {quoted(table)}"
    )
    connection.execute(f"CREATE OR REPLACE TABLE {quoted(table)} AS SELECT * FROM temp.plainsay_corrected")
    connection.execute("DROP TABLE temp.plainsay_corrected")
    keep_facts(connection, table, facts)


def _made(column: str, was: str, wanted: Correction) -> str:
    """The SQL that reads a column as what it is to be; NULL where that is not possible."""
    name, kind = quoted(column), wanted.kind
    text = f"trim({name}::VARCHAR)"
    if kind == "text":
        return f"{name}::VARCHAR"
    if kind in ("whole", "number"):
        return _number(name, text, was, wanted)
    if kind == "yesno":
        return (
            f"CASE WHEN lower({text}) IN ('true', 'yes', 'y', 't', '1', 'on') THEN true"
            f" WHEN lower({text}) IN ('false', 'no', 'n', 'f', '0', 'off') THEN false END"
        )
    return f"CAST({_moment(name, text, was, wanted.how)} AS {_SQL[kind]})"


def _number(name: str, text: str, was: str, wanted: Correction) -> str:
    if was.startswith(("DATE", "TIME", "BOOLEAN")):
        return "NULL" if not was.startswith("BOOLEAN") else f"CAST({name} AS {_SQL[wanted.kind]})"
    bare = f"regexp_replace({text}, '[\\s$€£¥%_'']', '', 'g')"
    if was == "VARCHAR":
        bare = f"replace(replace({bare}, '.', ''), ',', '.')" if wanted.how == "comma" else f"replace({bare}, ',', '')"
    number = f"TRY_CAST({bare} AS DOUBLE)"
    if wanted.kind == "number":
        return number
    return (
        f"CASE WHEN regexp_matches({bare}, '^[+-]?[0-9]+$') THEN TRY_CAST({bare} AS BIGINT)"
        f" WHEN {number} = trunc({number}) THEN TRY_CAST({number} AS BIGINT) END"
    )


def _moment(name: str, text: str, was: str, how: How) -> str:
    dated = was.startswith(("DATE", "TIMESTAMP"))
    if how == "swap":
        if not dated:
            return "NULL::TIMESTAMP"
        clock = f" + ({name}::TIMESTAMP - date_trunc('day', {name}::TIMESTAMP))"
        swapped = f"make_date(year({name}), day({name}), month({name}))::TIMESTAMP"
        return f"CASE WHEN day({name}) <= 12 THEN {swapped}{clock} END"
    if dated:
        return f"{name}::TIMESTAMP"
    if how == "excel":
        return f"(TIMESTAMP '1899-12-30' + to_seconds(round(TRY_CAST({text} AS DOUBLE) * 86400)))"
    if how == "unix":
        number = f"TRY_CAST({text} AS DOUBLE)"
        scale = f"CASE WHEN {number} > 1e11 THEN 1000 ELSE 1000000 END"  # milliseconds, or seconds
        return f"make_timestamp(CAST({number} * {scale} AS BIGINT))"
    formats = [day + clock for day in _ORDERS[how or "ymd"] for clock in _CLOCKS]
    return f"try_strptime({text}, [{', '.join(literal(f) for f in formats)}])"


def _called(kind: Kind) -> str:
    return {
        "text": "text", "whole": "a whole number", "number": "a number", "date": "a date",
        "datetime": "a date with time", "yesno": "yes or no",
    }[kind]  # fmt: skip
