"""The fault suite: a model that fails in every way, on the chat route of a real server; each turn ends in time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evals.fakes.model_server import FAULTS, LACKS, MODEL, Asked, Call, ModelServer, Reply, Script
from evals.place import demo_home
from evals.result import Figure, SuiteResult, percentile

SECONDS = 2.0
GRACE = 3.0
_QUERY = {"metrics": [{"metric": "net_revenue"}], "time": {"last": {"n": 1, "unit": "month"}}}
_GOOD = Call("query_metrics", {"query": _QUERY, "done": True})
_KNOWN, _UNKNOWN = "What was net revenue last month?", "Frobnicate the quux of our blorps"


def scripts() -> dict[str, Script]:
    """Every fault at planning, then the ones that a model itself makes, then faults while it words the answer."""
    made: dict[str, Script] = {f: _always(Reply(fault=f, text="and so on " * 30)) for f in FAULTS}
    made |= {
        "looping": _always(Reply(calls=(Call("describe_data", {"topic": "overview"}),))),
        "wrong tool": _always(Reply(calls=(Call("delete_everything", {}),))),
        "arguments no JSON": _always(Reply(calls=(Call("query_metrics", '{"query": {"metrics": ['),))),
        "arguments wrong": _always(Reply(calls=(Call("query_metrics", {"query": {"metrics": "all of them"}}),))),
        "invented names": _invented,
        "only talk": _always(Reply(text="Sure! I can help you with that. What would you like?")),
        "very many calls": _always(Reply(calls=tuple(Call("describe_data", {"topic": "overview"}) for _ in range(40)))),
        "deep nesting": _always(Reply(calls=(Call("query_metrics", '{"query": ' + "[" * 5000),))),
    }
    return made | {f"{f} while telling": _then(Reply(fault=f, text="Net revenue came. " * 30)) for f in FAULTS}


def _always(reply: Reply) -> Script:
    return lambda _asked: reply


def _then(reply: Reply) -> Script:
    return lambda asked: Reply(calls=(_GOOD,)) if asked.tools else reply


def _invented(asked: Asked) -> Reply:
    query = {"metrics": [{"metric": f"profitability_{asked.number}"}], "dimensions": [{"field": "moon.phase"}]}
    return Reply(calls=(Call("query_metrics", {"query": query}),))


def healthy(asked: Asked) -> Reply:
    """A model that answers."""
    if asked.tools or "Reply with one JSON object" in asked.text:
        step = {"tool": _GOOD.name, "arguments": _GOOD.arguments}
        return Reply(calls=(_GOOD,)) if asked.tools else Reply(text=json.dumps(step))
    return Reply(text="In {p1.1.value}, net revenue came to {t1.1.net_revenue}.")


def run(scale: float = 0.05) -> SuiteResult:
    """Ask a question the built-in brain knows and one it does not, in every mode, over HTTP."""
    cases: list[dict[str, Any]] = []
    with demo_home(scale) as home:
        for part in (_faulty, _lacking):
            with ModelServer(healthy) as model, house(home, model.url) as base:
                cases += part(base, model)
        with ModelServer(healthy) as model, house(home, f"https://127.0.0.1:{model.port}/v1") as base:
            cases += [_case("tls", "known", ask(base, _KNOWN)), _case("tls", "unknown", ask(base, _UNKNOWN))]
    return SuiteResult("faults", "safety", _figures(cases), cases)


def _figures(cases: list[dict[str, Any]]) -> list[Figure]:
    faulty = [c for c in cases if c["part"] != "lacks"]
    late = [c for c in cases if c["seconds"] > SECONDS + GRACE]
    known = [c for c in faulty if c["part"] != "unknown"]
    unable = [c for c in cases if c["part"] == "lacks" and c["verdict"] == "wrong"]
    return [
        Figure("fault modes", len({c["mode"] for c in faulty}), ""),
        Figure("turns", len(cases), ""),
        Figure("turns that hung or were late", len(late), "", 0),
        Figure("turns that broke", sum(c["end"] != "RUN_FINISHED" for c in cases), "", 0),
        Figure("known questions not answered", sum(c["status"] != "answered" for c in known), "", 0),
        Figure("turns that do not say so", sum(not c["marked"] for c in faulty), "", 0),
        Figure("servers without an ability, not answered", len(unable), "", 0),
        Figure("slowest turn", max(c["seconds"] for c in cases), "s", SECONDS + GRACE),
        Figure("turn p50", percentile([c["seconds"] for c in cases], 0.5), "s"),
    ]  # fmt: skip


def _lacking(base: str, model: ModelServer) -> Iterator[dict[str, Any]]:
    """Servers that cannot do something are used as far as they can."""
    for lacks in [(), *((x,) for x in LACKS), LACKS]:
        model.lacks, model.script = lacks, healthy
        got = ask(base, f"{_UNKNOWN} {len(lacks)} {'-'.join(lacks)}")
        model.lacks = ()
        good = got["status"] == "answered" and got["brain"] == "llm"
        yield {**_case(" ".join(lacks) or "nothing lacks", "lacks", got), "verdict": "right" if good else "wrong"}


def _faulty(base: str, model: ModelServer) -> Iterator[dict[str, Any]]:
    for mode, script in scripts().items():
        telling = mode.endswith("while telling")
        for part, question in (("known", _KNOWN), ("unknown", _UNKNOWN)):
            _recover(base, model)
            model.script = script
            yield _case(mode, "telling" if telling else part, ask(base, question))
    yield from _refused(base, model)


def _recover(base: str, model: ModelServer) -> None:
    """A healthy turn, so that one fault does not answer for the next."""
    model.script = healthy
    for _ in range(40):
        if ask(base, f"{_UNKNOWN} {uuid.uuid4().hex}")["brain"] == "llm":
            return
        time.sleep(0.1)


def _refused(base: str, model: ModelServer) -> Iterator[dict[str, Any]]:
    _recover(base, model)
    port = model.port
    model.close()
    for part, question in (("known", _KNOWN), ("unknown", _UNKNOWN)):
        yield _case("refused", part, ask(base, question))
    with ModelServer(healthy, port=port) as again:
        yield {**_case("back again", "lacks", _until_back(base)), "verdict": "right" if again.asked else "wrong"}


def _until_back(base: str) -> dict[str, Any]:
    got: dict[str, Any] = {}
    for _ in range(40):
        got = ask(base, f"{_UNKNOWN} {uuid.uuid4().hex}")
        if got["brain"] == "llm":
            break
        time.sleep(0.1)
    return got


def _case(mode: str, part: str, got: dict[str, Any]) -> dict[str, Any]:
    verdict = "right" if got["end"] == "RUN_FINISHED" and got["seconds"] <= SECONDS + GRACE else "wrong"
    return {"mode": mode, "part": part, "question": mode, "verdict": verdict, **got}


@contextmanager
def house(home: Path, url: str) -> Iterator[str]:
    """A server process on `home` whose model is at `url`; its base address."""
    environment = os.environ | {
        "PLAINSAY_HOME": str(home), "PLAINSAY_MODEL": MODEL, "OPENAI_BASE_URL": url, "OPENAI_API_KEY": "scripted",
        "PLAINSAY_MODEL_SECONDS": str(SECONDS), "PLAINSAY_MODEL_CALL_SECONDS": str(SECONDS),
        "PLAINSAY_MODEL_REST_SECONDS": "0.05", "PLAINSAY_LOG_LEVEL": "error", "PLAINSAY_MODEL_USER_TOKENS": "0",
        "PLAINSAY_MODEL_WORKSPACE_TOKENS": "0",
    }  # fmt: skip
    port = _free_port()
    command = [str(Path(sys.executable).parent / "plainsay"), "serve", "--port", str(port)]
    with tempfile.TemporaryFile() as log, subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process:
        try:
            _wait(f"http://127.0.0.1:{port}/readyz", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def _free_port() -> int:
    with ModelServer(healthy) as there:
        return there.port


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            if process.poll() is not None:
                raise
            time.sleep(0.1)


def ask(base: str, question: str) -> dict[str, Any]:
    """One question over the chat route: how the stream ended, the answer's status, who answered, how long it took."""
    ids = {"threadId": uuid.uuid4().hex, "runId": uuid.uuid4().hex}
    body = {
        **ids, "state": {}, "tools": [], "context": [], "forwardedProps": {"plainsay": {"brain": "llm"}},
        "messages": [{"id": uuid.uuid4().hex, "role": "user", "content": question}],
    }  # fmt: skip
    request = urllib.request.Request(
        f"{base}/v1/chat", data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    began, last = time.perf_counter(), {}
    try:
        with urllib.request.urlopen(request, timeout=SECONDS + GRACE + 10) as stream:
            for line in stream:
                if line.startswith(b"data:"):
                    last = json.loads(line[5:])
    except (OSError, urllib.error.URLError) as error:
        last = {"type": type(error).__name__}
    seconds = time.perf_counter() - began
    said = str(last.get("message", ""))[:200]
    return {"end": last.get("type", ""), "said": said, "seconds": round(seconds, 3), **_answer(base, ids["runId"])}


def _answer(base: str, run: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"{base}/v1/answers/a-{run}", timeout=10) as got:
            answer = json.loads(got.read())
    except OSError:
        return {"status": "none", "brain": "", "marked": False, "notes": []}
    notes = [w["code"] for w in answer["warnings"] if w["code"].startswith("model_")]
    marked = bool(notes) or answer["receipt"]["brain"] == "llm"
    return {"status": answer["status"], "brain": answer["receipt"]["brain"], "marked": marked, "notes": notes}
