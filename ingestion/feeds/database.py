"""A database as a place that is copied: tried, looked into, and copied whole or by what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from ingestion import copying
from ingestion.connectors.base import Check
from ingestion.feeds.addresses import engine_at
from ingestion.feeds.base import Offered, Place, Progress, finish
from ingestion.report import LoadReport
from store.errors import InvalidRequest, SourceProblem

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import ReflectedColumn

_SCHEMES = {"postgresql": ("postgresql", "postgres"), "mysql": ("mysql", "mariadb"), "sqlserver": ("mssql",),
            "sqlite": ("sqlite",)}  # fmt: skip
_MOST_TABLES = 500


def opened(place: Place) -> DatabaseFeed:
    """The feed of a connection."""
    return DatabaseFeed(place)


class DatabaseFeed:
    """Tables of a running database over SQLAlchemy."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def check(self) -> Check:
        """Whether its tables can be listed, and those that were chosen are there."""
        try:
            offered = {one.name for one in self.tables()}
        except SourceProblem as error:
            return Check(False, f"{error.message} {error.hint or ''}".strip())
        missing = [name for name in self._place.wanted() if name not in offered]
        if missing:
            return Check(False, f"There is no table “{missing[0]}”, or its user may not read it.")
        if not offered:
            return Check(False, "The database was reached, but its user sees no table in it.")
        return Check(True, f"Reached: {len(offered):,} tables can be copied.")

    def tables(self) -> list[Offered]:
        """Its tables in name order."""
        engine = self._engine()
        try:
            with engine.connect() as source:
                inspector = sa.inspect(source)
                names = sorted(inspector.get_table_names(schema=self._schema))[:_MOST_TABLES]
                return [self._offered(inspector, name) for name in names]
        except SQLAlchemyError as error:
            raise copying.refused() from error
        finally:
            engine.dispose()

    def load(self, progress: Progress) -> LoadReport:
        """Copy the chosen tables, each by its cursor where it has one."""
        wanted = copying.Wanted(self._place.wanted(), self._schema, self._place.cursor_of, self._place.connection.label)
        return copying.copy_from(self._place.workspace, self._engine(), wanted, progress, finish)

    def close(self) -> None:
        """Nothing stays open."""

    @property
    def _schema(self) -> str | None:
        return self._place.values.get("schema") or None

    def _engine(self) -> sa.Engine:
        address = self._place.values["address"]
        known = _SCHEMES[self._place.connection.source]
        scheme = address.partition("://")[0].partition("+")[0]
        if scheme not in known:
            raise InvalidRequest(
                f"This is not an address of {self._place.connection.manifest.label}.",
                hint=f"It begins with {known[0]}://.", details={"field": "address"},
            )  # fmt: skip
        return engine_at(address, trusted=self._place.trusted)

    def _offered(self, inspector: sa.Inspector, name: str) -> Offered:
        columns = inspector.get_columns(name, schema=self._schema)
        key = tuple(inspector.get_pk_constraint(name, schema=self._schema).get("constrained_columns") or ())
        growing = tuple(c["name"] for c in columns if _grows(c, key))
        return Offered(name, tuple((c["name"], _type(c["type"])) for c in columns), key, growing)


def _grows(column: ReflectedColumn, key: tuple[str, ...]) -> bool:
    """Whether a column may tell what is new: a time, or the one number that is the key."""
    kind = column["type"]
    return isinstance(kind, sa.DateTime) or (isinstance(kind, sa.Integer) and key == (column["name"],))


def _type(kind: Any) -> str:
    names = ((sa.Boolean, "boolean"), (sa.Integer, "integer"), (sa.Numeric, "number"), (sa.DateTime, "moment"),
             (sa.Date, "date"), (sa.LargeBinary, "binary"))  # fmt: skip
    return next((name for base, name in names if isinstance(kind, base)), "text")
