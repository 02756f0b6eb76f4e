"""Running the door with uvicorn: loopback only until accounts exist, streams drained on the way out."""

from __future__ import annotations

import socket
from pathlib import Path

from api import crosssite, logs
from store import settings
from store.errors import ConfigProblem

GRACE_SECONDS = 12


def serve(host: str = "127.0.0.1", port: int = 8000, *, home: Path | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises `ConfigProblem` for an address that is not loopback, or is taken."""
    check_address(host, port)
    _check_home(home or settings.home())
    import uvicorn

    from api.app import create_app

    logs.configure(settings.get("log_level"), settings.get("log_json"))
    config = uvicorn.Config(
        create_app(home=home),
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

    home.mkdir(parents=True, exist_ok=True)
    own(home / "server.lock").close()


def check_address(host: str, port: int) -> None:
    """Whether this installation may listen there, and can. Raises `ConfigProblem`."""
    if host not in crosssite.LOOPBACK:
        raise ConfigProblem(
            f"Without accounts the server listens on this machine only, not on {host}.",
            code="loopback_only",
            hint="Leave --host away, or put a sign-in in front of it through a tunnel to 127.0.0.1.",
        )
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigProblem(
                f"Port {port} is taken by another program.", code="port_taken", hint="Choose one with --port."
            ) from error
