"""Exchange rates that were stated by somebody, and what a unit of each currency is worth in the reporting currency."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb

from store.errors import InvalidRequest, SourceProblem
from warehouse.literals import literal
from warehouse.workspace import Workspace

STALE_DAYS = 7
"""How old a rate may be, in days, when nobody says otherwise: weekends and holidays have none. Older ones are none."""
_MOST_DAYS = 400
_MOST_RATE = Decimal(10) ** 9

_COLUMNS = ("day", "base", "quote", "rate")
Rate = tuple[date, str, str, Decimal]
Gaps = dict[str, dict[str, dict[str, int]]]


def settings_file(workspace: Workspace) -> Path:
    """Where the reporting currency of a workspace is kept."""
    return workspace.root / "reporting.json"


def reporting_currency(workspace: Workspace) -> str | None:
    """The currency that amounts are also shown in; None when nobody chose one."""
    file = settings_file(workspace)
    found: str | None = json.loads(file.read_text(encoding="utf-8")).get("currency") if file.is_file() else None
    return found


def valid_days(workspace: Workspace) -> int:
    """For how many days a rate counts after its own day."""
    file = settings_file(workspace)
    found = json.loads(file.read_text(encoding="utf-8")).get("valid_days") if file.is_file() else None
    return int(found or STALE_DAYS)


def choose_currency(workspace: Workspace, code: str, days: int | None = None) -> None:
    """Set the reporting currency, and for how many days a rate counts. Raises `InvalidRequest` for what is neither."""
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise InvalidRequest(f"“{code}” is not a currency code.", hint="Use three letters, such as EUR.")
    kept = days if days is not None else valid_days(workspace)
    if not 0 < kept <= _MOST_DAYS:
        raise InvalidRequest(f"A rate counts for 1 to {_MOST_DAYS} days.", details={"field": "valid_days"})
    workspace.root.mkdir(parents=True, exist_ok=True)
    _written(settings_file(workspace), {"currency": code.upper(), "valid_days": kept})


def gaps(workspace: Workspace) -> Gaps:
    """Rows whose amount has no rate into the reporting currency: table -> column -> currency -> rows."""
    file = workspace.root / "rate_gaps.json"
    found: Gaps = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return found


def note_gaps(connection: duckdb.DuckDBPyConnection, workspace: Workspace, stored: set[str]) -> None:
    """Count them in the tables `stored`, because a sum over rows with and without a rate would be too small."""
    from ingestion.canonical.tables import all_tables

    found: Gaps = {}
    for name, table in all_tables().items():
        if name not in stored or "currency" not in table.columns:
            continue
        for column in table.money:
            rows = connection.execute(
                f"SELECT currency, count(*) FROM {name} WHERE currency <> '' AND {column} IS NOT NULL"
                f" AND {column}_reporting IS NULL GROUP BY ALL ORDER BY ALL"
            ).fetchall()
            if rows:
                found.setdefault(name, {})[column] = {str(code): int(count) for code, count in rows}
    _written(workspace.root / "rate_gaps.json", found)


def stated(values: Iterable[Mapping[str, str]]) -> list[Rate]:
    """Rates of rows with day, base, quote and rate. Raises `SourceProblem` naming the row."""
    return [_rate(row, f"Rate {number}") for number, row in enumerate(values, 1)]


def _rate(row: Mapping[str, str], where: str) -> Rate:
    try:
        day, rate = date.fromisoformat(row["day"].strip()), Decimal(row["rate"].strip())
    except (ValueError, InvalidOperation, AttributeError) as error:
        raise SourceProblem(f"{where} holds no day and rate.", code="bad_rates") from error
    base, quote = row["base"].strip().upper(), row["quote"].strip().upper()
    if not (rate.is_finite() and 0 < rate < _MOST_RATE) or not all(len(c) == 3 and c.isalpha() for c in (base, quote)):
        raise SourceProblem(f"{where} holds no currencies and rate.", code="bad_rates")
    return day, base, quote, rate


def _written(file: Path, data: object) -> None:
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(data), encoding="utf-8")
    draft.replace(file)


def read_file(path: Path) -> list[Rate]:
    """Rates of a CSV file with the columns day, base, quote and rate. Raises `SourceProblem` naming the rate."""
    return stated(read_rows(path))


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of such a file as they stand there. Raises `SourceProblem` for a file that has other columns."""
    if not path.is_file():
        raise SourceProblem(f"There is no file {path.name}.", code="no_file")
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if not set(_COLUMNS) <= set(reader.fieldnames or ()):
            raise SourceProblem("A file of rates has the columns day, base, quote and rate.", code="bad_rates")
        return list(reader)


def store(connection: duckdb.DuckDBPyConnection, rates: list[Rate], named: str) -> None:
    """Put stated rates into the lake; those of the same day, pair and name are replaced."""
    from ingestion.canonical.building import ensure_table
    from ingestion.canonical.tables import all_tables

    ensure_table(connection, all_tables()["fx_rates"])
    connection.execute("BEGIN")
    for day, base, quote, _ in rates:
        where = f"day = DATE {literal(day)} AND base = {literal(base)} AND quote = {literal(quote)}"
        connection.execute(f"DELETE FROM fx_rates WHERE {where} AND rate_source = {literal(named)}")
    values = ", ".join(
        f"('stated', 'stated', now(), DATE {literal(d)}, {literal(b)}, {literal(q)}, {literal(named)}, {r})"
        for d, b, q, r in rates
    )
    connection.execute(
        f"INSERT INTO fx_rates (connection_id, source, loaded_at, day, base, quote, rate_source, rate) VALUES {values}"
    )
    connection.execute("COMMIT")


def all_of(connection: duckdb.DuckDBPyConnection, most: int) -> list[dict[str, str]]:
    """The newest stated rates: {day, base, quote, rate, named}, as text."""
    there = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'main'"
        " AND table_name = 'fx_rates'"
    ).fetchone()
    if not there:
        return []
    rows = connection.execute(
        "SELECT day::VARCHAR, base, quote, rate::VARCHAR, rate_source FROM fx_rates ORDER BY ALL DESC"
        f" LIMIT {int(most)}"
    ).fetchall()
    return [dict(zip(("day", "base", "quote", "rate", "named"), row, strict=True)) for row in rows]


def prepare(connection: duckdb.DuckDBPyConnection, reporting: str | None, days: int = STALE_DAYS) -> str:
    """Make the temporary table `fx_day(currency, day, rate, until)`, rates into `reporting`; gives a mark of it.

    A pair is used as stated, the other way round, or over a currency that both are stated against.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE fx_day (currency VARCHAR, day DATE, rate DECIMAL(38,12), until DATE)"
    )
    there = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'main'"
        " AND table_name = 'fx_rates'"
    ).fetchone()
    if reporting is None:
        return "none"
    if there:
        connection.execute(_worth(literal(reporting), days))
    rows = connection.execute("SELECT currency, day, rate, until FROM fx_day ORDER BY ALL").fetchall()
    return hashlib.sha256(repr((reporting, rows)).encode()).hexdigest()[:16]


def _worth(code: str, days: int) -> str:
    pairs = (
        "SELECT base AS a, quote AS b, day, max(CAST(rate AS DOUBLE)) AS r FROM fx_rates GROUP BY ALL UNION ALL "
        "SELECT quote, base, day, 1 / max(CAST(rate AS DOUBLE)) FROM fx_rates GROUP BY ALL"
    )
    return (
        f"INSERT INTO fx_day WITH pairs AS ({pairs}), direct AS (SELECT a AS currency, day, max(r) AS rate, 0 AS far"
        f" FROM pairs WHERE b = {code} GROUP BY ALL), over_one AS (SELECT f.a AS currency, f.day, max(f.r * g.r)"
        f" AS rate, 1 AS far FROM pairs f JOIN pairs g ON f.b = g.a AND f.day = g.day WHERE g.b = {code}"
        f" AND f.a <> {code} GROUP BY ALL) SELECT currency, day, CAST(rate AS DECIMAL(38,12)), day + {int(days)} FROM"
        f" (SELECT * FROM direct UNION ALL SELECT * FROM over_one) WHERE currency <> {code}"
        f" QUALIFY row_number() OVER (PARTITION BY currency, day ORDER BY far) = 1"
    )
