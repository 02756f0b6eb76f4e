"""A new administrator follows docs/operate.md from nothing to the first answer, with Postgres and a sign-on provider.

The commands are those of the page, word for word; only the names of places are put in (the database's host, the
provider, the folders), and packages come from this machine instead of the network.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from evals.fakes import oidc
from evals.postgres import bin_folder, postgres_server
from evals.result import Figure, SuiteResult
from store.errors import Defect

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "operate.md"
HEADING = "## From nothing to the first answer"
STEPS = ("install", "database", "settings", "owner", "serve", "load")
"""What the commands of the page are for, in their order."""
ADMIN = {"sub": "ada-1", "email": "ada@example.com", "name": "Ada", "groups": ["data-admins", "everyone"]}
QUESTION, RIGHT = "total amount by region", "2,170.80"
READY_WITHIN = 120.0
MOST_SECONDS = 600.0


@dataclass
class Walk:
    """One installation: where it lies, what the page's names stand for, how long each step took."""

    folder: Path
    names: dict[str, str]
    environment: dict[str, str]
    port: int
    took: dict[str, float] = field(default_factory=dict)
    server: subprocess.Popen[bytes] | None = None

    def text(self, block: str) -> str:
        """The commands of a block with the names of places put in."""
        for name, stands_for in self.names.items():
            block = block.replace(name, stands_for)
        return block

    def run(self, step: str, block: str) -> str:
        """Run a block as somebody who types it. Raises `Defect` with what it said when a command fails."""
        began = time.monotonic()
        script = f"set -e\n{self.text(block)}"
        done = subprocess.run(
            ["bash", "-c", script], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        self.took[step] = time.monotonic() - began
        if done.returncode:
            raise Defect(f"The step “{step}” of {PAGE.name} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout


def run() -> SuiteResult:
    """Follow the page, sign in as a new administrator, load a file, ask. Raises `Defect` where the page misleads."""
    blocks = dict(zip(STEPS, commands(), strict=True))
    with tempfile.TemporaryDirectory(prefix="plainsay-install-") as place, oidc.serving() as provider:
        provider.person = dict(ADMIN)
        folder = Path(place)
        folder.chmod(0o755)  # the Postgres server is another user
        with postgres_server(folder) as admin_url, _walk(folder / "machine", admin_url, provider.issuer) as walk:
            for step in ("install", "database", "settings", "owner"):
                walk.run(step, blocks[step])
                if step == "install":
                    (walk.folder / "etc" / "owner-password").write_text("crumpled otter sings at noon\n")
            _serve(walk, blocks["serve"])
            answer = _first_answer(walk)
            walk.run("load", blocks["load"])
    total = sum(seconds for step, seconds in walk.took.items() if step != "load")
    figures = [Figure(f"step “{step}”", seconds, "s") for step, seconds in walk.took.items()]
    figures += [
        Figure("steps of the page that failed", 0.0, "", target=0.0),
        Figure("first answer wrong", float(RIGHT not in answer["text"]), "", target=0.0),
        Figure("nothing to first answer (no download)", total, "s", target=MOST_SECONDS),
    ]
    return SuiteResult("install", "quality", figures)


def commands() -> list[str]:
    """The command blocks of the page's section."""
    text = PAGE.read_text(encoding="utf-8").partition(HEADING)[2].partition("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", text, re.S)


@contextmanager
def _walk(folder: Path, admin_url: str, issuer: str) -> Iterator[Walk]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    there = urlsplit(admin_url)
    names = {
        "'.[postgres,sso]'": "--quiet --no-index --no-deps --no-build-isolation .",
        "/opt/plainsay/bin/pip install": f"{_packages(folder)}\n/opt/plainsay/bin/pip install",
        "/opt/plainsay": str(folder / "opt"),
        "/var/lib/plainsay": str(folder / "lib"),
        "/etc/plainsay": str(folder / "etc"),
        "@db.example.com:5432/plainsay": f"@/plainsay?{there.query}",
        "https://login.example.com/realms/main": issuer,
        "https://data.example.com": f"http://127.0.0.1:{port}",
        "data.example.com": "127.0.0.1",
        "the-client-secret": oidc.SECRET,
        "--port 8000": f"--port {port}",
    }
    folder.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLAINSAY_", "PYTHON"))}
    path = os.pathsep.join([str(_psql()), str(Path(sys.executable).parent), os.environ["PATH"]])
    walk = Walk(folder, names, {**kept, "ADMIN_URL": admin_url, "PATH": path, "HOME": str(folder)}, port)
    try:
        yield walk
    finally:
        if walk.server is not None:
            walk.server.terminate()
            walk.server.wait(30)


def _psql() -> Path:
    """The folder of a `psql`: the machine's, or the one that came with the Postgres of the suites."""
    known = shutil.which("psql")
    return Path(known).parent if known else bin_folder()


def _packages(folder: Path) -> str:
    """Let the new environment see the packages of this one, which the page fetches from the network."""
    site = f"python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    return f"echo {sysconfig.get_path('purelib')} > {folder}/opt/lib/{site}/of-this-machine.pth"


def _serve(walk: Walk, block: str) -> None:
    import httpx

    began = time.monotonic()
    script = f"set -a; . {walk.folder}/etc/environment; set +a\nexec {walk.text(block).strip()}"
    with (walk.folder / "server.log").open("wb") as log:
        walk.server = subprocess.Popen(["bash", "-c", script], env=walk.environment, cwd=ROOT, stdout=log, stderr=log)
    while time.monotonic() < began + READY_WITHIN:
        try:
            if httpx.get(f"http://127.0.0.1:{walk.port}/readyz").status_code == 200:
                walk.took["serve"] = time.monotonic() - began
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise Defect(f"The server did not become ready: {(walk.folder / 'server.log').read_text()[-2000:]}")


def _first_answer(walk: Walk) -> dict[str, Any]:
    """What a browser does: to the provider and back, a workspace, a file, a question; the answer."""
    import httpx

    began, base = time.monotonic(), f"http://127.0.0.1:{walk.port}"
    page = {"Origin": base, "Sec-Fetch-Site": "same-origin"}
    with httpx.Client(base_url=base, headers=page, timeout=120, follow_redirects=True) as browser:
        browser.get("/v1/sign-on", params={"next": "/"})
        told = browser.get("/v1/session").json()
        if not told["signed_in"] or told["person"]["roles"] != {"*": "admin"}:
            raise Defect(f"The new administrator is not signed in as one: {told}")
        _good(browser.post("/v1/workspaces", json={"name": "first", "label": "First"}))
        with (ROOT / "docs" / "examples" / "sales.csv").open("rb") as file:
            sent = _good(browser.post("/v1/uploads?workspace=first", files=[("files", ("sales.csv", file))]))
        while (job := _good(browser.get(f"/v1/jobs/{sent['job_id']}")))["state"] in ("queued", "running"):
            time.sleep(0.1)
        if job["state"] != "done":
            raise Defect(f"The file was not loaded: {job['error']}")
        answer: dict[str, Any] = _good(browser.post("/v1/ask", json={"question": QUESTION, "workspace": "first"}))
    walk.took["sign in, load, ask"] = time.monotonic() - began
    return answer


def _good(reply: Any) -> Any:
    if reply.status_code >= 400:
        raise Defect(f"{reply.request.url.path} said {reply.status_code}: {reply.text[:500]}")
    return reply.json()
