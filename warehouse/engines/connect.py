"""From a URL to the engine behind it, so that nobody else knows which drivers there are."""

from __future__ import annotations

from store.errors import InvalidRequest
from warehouse.engines.remote import RemoteEngine


def open_engine(url: str) -> RemoteEngine:
    """The engine at `postgresql://…`, `clickhouse://…`, `clickhouses://…` or `sc://…` (Spark Connect).

    Raises `ConfigProblem` with the install command when its packages are missing, `Unavailable` when nobody answers.
    """
    scheme = url.partition("://")[0]
    if scheme in ("postgresql", "postgres"):
        from warehouse.engines.postgres import PostgresEngine

        return PostgresEngine(url)
    if scheme in ("clickhouse", "clickhouses"):
        from warehouse.engines.clickhouse import ClickHouseEngine
        from warehouse.engines.clickhouse_clients import HttpClient

        return ClickHouseEngine(HttpClient(url))
    if scheme == "sc":
        from warehouse.engines.spark import SparkEngine

        return SparkEngine(url)
    raise InvalidRequest(
        f"There is no engine for “{scheme}”.",
        code="unknown_engine",
        hint="Use postgresql://, clickhouse://, clickhouses:// or sc://.",
    )
