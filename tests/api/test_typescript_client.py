"""The generated TypeScript client type-checks and, run by Node, asks, streams and repeats safely."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TSC = ROOT / "web" / "node_modules" / ".bin" / "tsc"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not TSC.exists() or shutil.which("node") is None, reason="node or web/node_modules is missing"),
]
PROGRAM = """
import { Plainsay, ApiError } from "./plainsay.js";
const plainsay = new Plainsay({ url: process.argv[2], key: "ps-key" });
const answer = await plainsay.ask({ question: "q" });
const kinds = [];
for await (const event of plainsay.stream("q")) kinds.push(event.type);
let code = "";
try { await plainsay.showThread("nothing here"); }
catch (error) { code = error instanceof ApiError ? error.code : "?"; }
console.log(JSON.stringify({ id: answer.id, kinds, code }));
"""


@pytest.fixture
def server() -> Iterator[tuple[str, list[Any]]]:
    seen: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            seen.append((self.path, self.headers.get("idempotency-key"), self.headers.get("authorization")))
            if self.path == "/v1/ask":
                first = sum(path == "/v1/ask" for path, _, _ in seen) == 1
                self.reply(503 if first else 200, {"id": "a1"})
            else:
                self.events([1, 2])

        def do_GET(self) -> None:
            seen.append((self.path, self.headers.get("last-event-id"), None))
            if self.path.startswith("/v1/runs"):
                self.events([3])
            else:
                self.reply(404, {"error": {"code": "unknown_thread", "message": "No.", "hint": None, "retry": "never"}})

        def reply(self, status: int, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def events(self, numbers: list[int]) -> None:
            kinds = {1: "RUN_STARTED", 2: "TEXT_MESSAGE_CONTENT", 3: "RUN_FINISHED"}
            lines = "".join(f"id: {n}\ndata: {json.dumps({'type': kinds[n]})}\n\n" for n in numbers)
            self.send_response(200)
            self.send_header("Content-Length", str(len(lines)))
            self.end_headers()
            self.wfile.write(lines.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    opened = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=opened.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{opened.server_port}", seen
    opened.shutdown()
    opened.server_close()
    thread.join()


def test_it_type_checks_and_works(tmp_path: Path, server: tuple[str, list[Any]]) -> None:
    url, seen = server
    flags = ["--strict", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"]
    flags += ["--lib", "es2023,dom,dom.iterable", "--skipLibCheck", "--outDir", str(tmp_path)]
    built = subprocess.run(
        [str(TSC), *flags, str(ROOT / "docs" / "plainsay.ts")],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert built.returncode == 0, built.stdout
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "program.js").write_text(PROGRAM)
    done = subprocess.run(
        ["node", "program.js", url], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told == {
        "id": "a1", "kinds": ["RUN_STARTED", "TEXT_MESSAGE_CONTENT", "RUN_FINISHED"], "code": "unknown_thread",
    }  # fmt: skip
    asks = [key for path, key, _ in seen if path == "/v1/ask"]
    assert len(asks) == 2 and len(set(asks)) == 1 and seen[0][2] == "Bearer ps-key"
    assert ("/v1/threads/nothing%20here", None, None) in seen
