"""Running the door with uvicorn: never beyond this machine without a key, streams drained on the way out."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from api import crosssite, keys, logs
from store import settings
from store.errors import ConfigProblem

GRACE_SECONDS = 12


def serve(host: str = "127.0.0.1", port: int = 8000, *, home: Path | None = None, without_keys: bool = False) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises `ConfigProblem` for an address that is taken, or open without a key."""
    names = frozenset(n.strip().lower() for n in settings.get("hosts").split(",") if n.strip())
    keyed = exposed(host, names) and not without_keys
    check_address(host, port, keyed=keyed, home=home)
    _check_home(home or settings.home())
    import uvicorn

    from api.app import create_app

    logs.configure(settings.get("log_level"), settings.get("log_json"))
    config = uvicorn.Config(
        create_app(home=home, hosts=_answered(host, names, keyed), keyed=keyed),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    uvicorn.Server(config).run()


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
