"""Where databases may be: addresses that a person on a page gives reach no further than connectors of services do."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from ingestion.connectors.guarded import private_hosts
from store.addresses import public
from store.errors import ConfigProblem, InvalidRequest, SourceProblem

DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "mysql": "mysql+pymysql",
           "mariadb": "mariadb+pymysql", "mssql": "mssql+pymssql"}  # fmt: skip
"""The driver meant by a URL that names none."""
_PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "mssql": 1433}
_HARMLESS = frozenset({"sslmode", "ssl", "charset", "connect_timeout", "application_name"})
"""Parameters of an address that name no file and no other host."""


def engine_at(url: str, *, trusted: bool = True) -> sa.Engine:
    """A SQLAlchemy engine. Raises `InvalidRequest`, `ConfigProblem` without a driver, `SourceProblem` if forbidden."""
    try:
        parsed = sa.make_url(url)
        parsed = parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))
    except (ArgumentError, ValueError) as error:
        raise _odd() from error
    more = {} if trusted else _pinned(parsed)
    try:
        return sa.create_engine(parsed, hide_parameters=True, pool_size=1, connect_args=more)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise ConfigProblem(
            "The driver of this database is not installed.", code="missing_driver",
            hint="Install it: psycopg for Postgres, pymysql for MySQL and MariaDB, pymssql for SQL Server.",
        ) from error  # fmt: skip
    except (ArgumentError, ValueError) as error:
        raise _odd() from error


def _odd() -> InvalidRequest:
    return InvalidRequest(
        "That is no address of a database.", hint="Write it like postgresql://user:password@host:5432/shop."
    )


def _pinned(url: sa.URL) -> dict[str, str]:
    """What makes the driver go to the very address that was checked."""
    kind = url.get_backend_name()
    if kind not in _PORTS or url.drivername != DRIVERS[kind]:
        raise _refused("A database on the server itself is connected on the server: `plainsay connect`.")
    if odd := sorted(set(url.query) - _HARMLESS):
        raise _refused(f"“{odd[0]}” may not stand in the address.")
    address = allowed(url.host or "", url.port or _PORTS[kind])
    return {"hostaddr": address} if kind == "postgresql" else {"host": address}


def allowed(host: str, port: int) -> str:
    """An IP address of `host` that may be asked. Raises `SourceProblem` for one of a private network."""
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)] if host else []
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise SourceProblem("The host of the address cannot be found.", code="source_unreachable")
    if f"{host.lower()}:{port}" not in private_hosts() and not all(public(address) for address in found):
        raise _refused("It lies inside a private network.")
    return found[0]


def web_port(url: str) -> tuple[str, int]:
    """Host and port of a web address. Raises `InvalidRequest`."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        host, port = None, 0
    if host is None:
        raise InvalidRequest("That is no web address.", hint="Write it like https://example.com/file.csv.")
    return host, port


def _refused(why: str) -> SourceProblem:
    return SourceProblem(
        f"This address may not be asked. {why}", code="address_refused", retry="never",
        hint="Private addresses are allowed by host:port in PLAINSAY_CONNECTOR_PRIVATE on the server.",
    )  # fmt: skip
