"""What doors tell of the common tables and do with them: stated exchange rates, and where each column comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from store.errors import InvalidRequest, unknown
from warehouse.workspace import Workspace

_MOST_SHOWN = 1000


def rates_of(workspace: Workspace) -> dict[str, Any]:
    """{currency, valid_days, rates, missing}: the reporting currency, the newest stated rates, amounts without one."""
    from ingestion.canonical import rates
    from warehouse.lake import Lake

    with Lake.create(workspace.lake).writer() as writer:
        stated = rates.all_of(writer, _MOST_SHOWN)
    missing = [
        {"table": table, "column": column, "currency": code, "rows": rows}
        for table, columns in rates.gaps(workspace).items()
        for column, codes in columns.items()
        for code, rows in codes.items()
    ]
    return {
        "currency": rates.reporting_currency(workspace), "valid_days": rates.valid_days(workspace), "rates": stated,
        "missing": missing,
    }  # fmt: skip


def state_rates(
    workspace: Workspace, values: Sequence[dict[str, str]], *, named: str = "stated", currency: str | None = None,
    valid_days: int | None = None,
) -> int:  # fmt: skip
    """State rates, choose the reporting currency, and build the common tables with them; gives how many were stated.

    Raises `SourceProblem` naming the rate that is none, `InvalidRequest` for what is no currency.
    """
    from ingestion.canonical import rates
    from ingestion.connectors import sync
    from warehouse.lake import Lake

    found = rates.stated(values)
    chosen = currency or rates.reporting_currency(workspace)
    if valid_days is not None and chosen is None:
        raise InvalidRequest("Choose a reporting currency first.", details={"field": "currency"})
    if chosen is not None and (currency or valid_days is not None):
        rates.choose_currency(workspace, chosen, valid_days)
    if found:
        with Lake.create(workspace.lake).writer() as writer:
            rates.store(writer, found, named)
    sync.publish(workspace)
    return len(found)


def lineage(workspace: Workspace, table: str) -> dict[str, Any]:
    """Where a common table comes from: per source and list how many rows, and for each column the place it is read at.

    Raises `UnknownName` for a table that is not among the common ones.
    """
    from ingestion.canonical import checks
    from ingestion.canonical.tables import all_tables
    from ingestion.connectors import connections
    from warehouse.lake import Lake

    known = all_tables()
    if table not in known:
        raise unknown("common table", table, sorted(known))
    with Lake.create(workspace.lake).writer() as writer:
        there = checks.stored(writer, table)
        held = checks.lineage(writer, table) if there else []
    by_id = {c.id: c for c in connections.all_of(workspace)}
    origins = []
    for one in held:
        connection = by_id.get(one["connection_id"])
        manifest = connection.manifest if connection else None
        maps = [m for m in manifest.canonical if m.table == table and m.resource == one["resource"]] if manifest else []
        columns = [{"name": n, "from": text} for m in maps for n, text in m.columns.items()]
        label = connection.label if connection else one["connection_id"]
        origins.append({**one, "label": label, "columns": columns, "only": [m.where for m in maps if m.where]})
    return {"table": table, "columns": [_column(known[table], n) for n in known[table].columns], "origins": origins}


def _column(table: Any, name: str) -> dict[str, Any]:
    from ingestion.canonical import tables

    column = table.columns[name]
    words = list(tables.enum(column.enum)) if column.enum else []
    return {"name": name, "type": column.sql, "key": name in table.key, "words": words}
