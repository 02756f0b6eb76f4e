"""Exchange rates that were stated by somebody, and what a unit of each currency is worth in the reporting currency."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb

from store.errors import InvalidRequest, SourceProblem
from warehouse.literals import literal
from warehouse.workspace import Workspace

STALE_DAYS = 7
"""How old a rate may be, in days: weekends and holidays have none. Older ones are no rates."""

_COLUMNS = ("day", "base", "quote", "rate")
Rate = tuple[date, str, str, Decimal]


def settings_file(workspace: Workspace) -> Path:
    """Where the reporting currency of a workspace is kept."""
    return workspace.root / "reporting.json"


def reporting_currency(workspace: Workspace) -> str | None:
    """The currency that amounts are also shown in; None when nobody chose one."""
    file = settings_file(workspace)
    found: str | None = json.loads(file.read_text(encoding="utf-8")).get("currency") if file.is_file() else None
    return found


def choose_currency(workspace: Workspace, code: str) -> None:
    """Set the reporting currency. Raises `InvalidRequest` for what is no ISO 4217 code."""
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise InvalidRequest(f"“{code}” is not a currency code.", hint="Use three letters, such as EUR.")
    workspace.root.mkdir(parents=True, exist_ok=True)
    draft = settings_file(workspace).with_suffix(".draft")
    draft.write_text(json.dumps({"currency": code.upper()}), encoding="utf-8")
    draft.replace(settings_file(workspace))


def read_file(path: Path) -> list[Rate]:
    """Rates of a CSV file with the columns day, base, quote and rate. Raises `SourceProblem` naming the line."""
    if not path.is_file():
        raise SourceProblem(f"There is no file {path.name}.", code="no_file")
    found: list[Rate] = []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if not set(_COLUMNS) <= set(reader.fieldnames or ()):
            raise SourceProblem("A file of rates has the columns day, base, quote and rate.", code="bad_rates")
        for number, row in enumerate(reader, 2):
            try:
                day, rate = date.fromisoformat(row["day"].strip()), Decimal(row["rate"].strip())
            except (ValueError, InvalidOperation, AttributeError) as error:
                raise SourceProblem(f"Line {number} holds no day and rate.", code="bad_rates") from error
            base, quote = row["base"].strip().upper(), row["quote"].strip().upper()
            if not (rate.is_finite() and rate > 0) or len(base) != 3 or len(quote) != 3:
                raise SourceProblem(f"Line {number} holds no currencies and rate.", code="bad_rates")
            found.append((day, base, quote, rate))
    return found


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


def prepare(connection: duckdb.DuckDBPyConnection, reporting: str | None) -> str:
    """Make the temporary table `fx_day(currency, day, rate)`, rates into `reporting`; gives a mark of what it holds.

    A pair is used as stated, the other way round, or over a currency that both are stated against.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE fx_day (currency VARCHAR, day DATE, rate DECIMAL(38,12))")
    there = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'main'"
        " AND table_name = 'fx_rates'"
    ).fetchone()
    if reporting is None:
        return "none"
    if there:
        connection.execute(_worth(literal(reporting)))
    rows = connection.execute("SELECT currency, day, rate FROM fx_day ORDER BY ALL").fetchall()
    return hashlib.sha256(repr((reporting, rows)).encode()).hexdigest()[:16]


def _worth(code: str) -> str:
    pairs = (
        "SELECT base AS a, quote AS b, day, max(CAST(rate AS DOUBLE)) AS r FROM fx_rates GROUP BY ALL UNION ALL "
        "SELECT quote, base, day, 1 / max(CAST(rate AS DOUBLE)) FROM fx_rates GROUP BY ALL"
    )
    return (
        f"INSERT INTO fx_day WITH pairs AS ({pairs}), direct AS (SELECT a AS currency, day, max(r) AS rate, 0 AS far"
        f" FROM pairs WHERE b = {code} GROUP BY ALL), over_one AS (SELECT f.a AS currency, f.day, max(f.r * g.r)"
        f" AS rate, 1 AS far FROM pairs f JOIN pairs g ON f.b = g.a AND f.day = g.day WHERE g.b = {code}"
        f" AND f.a <> {code} GROUP BY ALL) SELECT currency, day, CAST(rate AS DECIMAL(38,12)) FROM"
        f" (SELECT * FROM direct UNION ALL SELECT * FROM over_one) WHERE currency <> {code}"
        f" QUALIFY row_number() OVER (PARTITION BY currency, day ORDER BY far) = 1"
    )
