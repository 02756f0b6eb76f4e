"""Databases of a suite's or a test's own, so that state is tried on the engines that people use."""

from __future__ import annotations

import os
import socket as sockets
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

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


@contextmanager
def mariadb_server(folder: Path) -> Iterator[tuple[str, Callable[[str], None]]]:
    """A MariaDB server of its own on loopback: the URL of an empty database, and what runs SQL in it as its owner."""
    data, socket = folder / "mariadb", folder / "m.sock"
    as_who = ["--user=root"] if os.geteuid() == 0 else []
    quiet = subprocess.DEVNULL
    made = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
    subprocess.run([*made, "--skip-test-db", *as_who], check=True, stdout=quiet, stderr=quiet)
    with closing(sockets.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={socket}", f"--port={port}",
         "--bind-address=127.0.0.1", "--sql-mode=", *as_who], stdout=quiet, stderr=quiet,
    )  # fmt: skip

    def run(sql: str, database: str = "shop") -> None:
        subprocess.run(
            ["mariadb", "-u", "root", "-S", str(socket), database, "-e", sql], check=True, stdout=quiet, stderr=quiet
        )

    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            ping = ["mariadb", "-u", "root", "-S", str(socket), "-e", "SELECT 1"]
            if subprocess.run(ping, check=False, stdout=quiet, stderr=quiet).returncode == 0:
                break
            time.sleep(0.2)
        run("CREATE DATABASE shop; CREATE USER r@'127.0.0.1' IDENTIFIED BY 'pw'", "mysql")
        run("GRANT SELECT ON shop.* TO r@'127.0.0.1'", "mysql")
        yield f"mysql://r:pw@127.0.0.1:{port}/shop", run
    finally:
        process.terminate()
        process.wait(30)
