"""Databases of a suite's or a test's own, so that state is tried on the engines that people use."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


@contextmanager
def postgres_database(server: str) -> Iterator[str]:
    """A new, empty database on a Postgres server; its URL. Dropped at the end, with whoever is still connected."""
    where = make_url(server).set(drivername="postgresql+psycopg")
    admin = create_engine(where, isolation_level="AUTOCOMMIT")
    name = f"state_{uuid.uuid4().hex[:12]}"
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
        yield where.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        admin.dispose()
