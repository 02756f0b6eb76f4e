"""Running the door with uvicorn: never beyond this machine without a key, streams drained on the way out."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from api import crosssite, keys, logs
from store import settings
from store.errors import ConfigProblem

if TYPE_CHECKING:
    from fastapi import FastAPI

GRACE_SECONDS = 12
_HOW = "_PLAINSAY_SERVING"
"""How the parent of serving processes tells them what it was asked for."""


def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    home: Path | None = None,
    without_keys: bool = False,
    processes: int = 1,
) -> None:
    """Serve until SIGTERM or Ctrl-C; several `processes` share the port, and one that dies is replaced.

    Raises `ConfigProblem` for an address that is taken, or open without a key, or several processes on SQLite.
    """
    names = frozenset(n.strip().lower() for n in settings.get("hosts").split(",") if n.strip())
    keyed = exposed(host, names) and not without_keys
    check_address(host, port, keyed=keyed, home=home)
    _check_home(home or settings.home())
    if processes > 1:
        _check_shared(home or settings.home())
    import uvicorn

    how = {"host": host, "names": sorted(names), "keyed": keyed, "home": str(home or "")}
    os.environ[_HOW] = json.dumps(how)
    uvicorn.run(
        "api.server:application",
        factory=True,
        host=host,
        port=port,
        workers=processes,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def application() -> FastAPI:
    """The application of one serving process, as `serve` wanted it."""
    from api.app import create_app

    how = json.loads(os.environ[_HOW])
    logs.configure(settings.get("log_level"), settings.get("log_json"))
    return create_app(
        home=Path(how["home"]) if how["home"] else None,
        hosts=_answered(how["host"], frozenset(how["names"]), how["keyed"]),
        keyed=how["keyed"],
    )


def _check_shared(home: Path) -> None:
    from store.database import address

    if address(home).get_backend_name() != "postgresql":
        raise ConfigProblem(
            "Several processes need their state on Postgres.",
            code="state_not_shared",
            hint="Set PLAINSAY_DATABASE_URL, or serve with one process.",
        )


def _check_home(home: Path) -> None:
    """Say in a sentence, before anything starts, that another server has this home. Raises `ConfigProblem`."""
    from api.house import own
    from store.database import address

    home.mkdir(parents=True, exist_ok=True)
    own(home / "server.lock", shared=address(home).get_backend_name() == "postgresql").close()


def exposed(host: str, names: frozenset[str]) -> bool:
    """Whether others than the people of this machine reach the server: by its address, or by a name of a proxy."""
    return host not in crosssite.LOOPBACK or not names <= crosssite.LOOPBACK


def _answered(host: str, names: frozenset[str], keyed: bool) -> frozenset[str] | None:
    """The host names to answer to. A page that borrows a name has no key, so with keys every name will do."""
    return None if keyed else crosssite.LOOPBACK | {host} | names


def _has_accounts(home: Path | None) -> bool:
    """Whether somebody can sign in: an owner account, or a key of the state database."""
    from store import api_keys, people
    from store.database import Database

    database = Database.open(home)
    try:
        return asyncio.run(database.read(lambda c: people.any_owner(c) or api_keys.any_key(c)))
    finally:
        database.close()


def check_address(host: str, port: int, *, keyed: bool, home: Path | None = None) -> None:
    """Whether this installation may listen there, and can. Raises `ConfigProblem`."""
    if keyed and not keys.ring().keys and not _has_accounts(home):
        raise ConfigProblem(
            f"The server listens beyond this machine ({host or 'anywhere'}) only when accounts or keys protect it.",
            code="key_needed",
            hint="Make the owner account with `plainsay users create EMAIL --role owner`, or a key with `plainsay keys "
            "create --name NAME`, or leave --host and PLAINSAY_HOSTS away. Behind a sign-in of your own, "
            "--without-keys opens it to whoever reaches it.",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigProblem(
                f"Port {port} is taken by another program.", code="port_taken", hint="Choose one with --port."
            ) from error
