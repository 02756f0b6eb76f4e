"""Some calls are never right here: they run text as code, leak past the log, or swallow what went wrong."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("agent", "tools", "warehouse", "knowledge", "ingestion", "store", "api", "bots", "evals")
FORBIDDEN = {
    "exec", "eval", "compile", "print", "breakpoint", "input", "__import__",
    "os.system", "os.popen", "yaml.load", "yaml.unsafe_load", "pickle.load", "pickle.loads", "marshal.loads",
    "shelve.open", "os.chdir", "random.seed", "warnings.filterwarnings",
}  # fmt: skip
CATCH_ALLS: dict[str, int] = {
    "bots/slack/app.py": 2,
    "bots/slack/inbox.py": 1,
    "store/bus.py": 1,
    "store/delivery.py": 1,
    "store/schedule.py": 1,
    "agent/llm/wire.py": 1,
    "api/cli.py": 1,
    "api/desks.py": 1,
    "api/event_door.py": 1,
    "api/front.py": 1,
    "api/house.py": 1,
    "api/jobs.py": 2,
    "api/runs.py": 1,
    "api/shelf.py": 1,
    "api/wires/mcp.py": 1,
    "ingestion/worker.py": 1,
    "store/runlog.py": 1,
}
"""Process edges that may catch everything, and how often; each says why beside `BLE001`. A new one is added here."""


@cache
def trees() -> list[tuple[str, str, ast.Module]]:
    found = []
    for path in sorted(p for name in PACKAGES for p in (ROOT / name).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found.append((str(path.relative_to(ROOT)), text, ast.parse(text)))
    return found


def spelled(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{spelled(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def calls(tree: ast.Module) -> list[ast.Call]:
    return [n for n in ast.walk(tree) if isinstance(n, ast.Call)]


def test_no_forbidden_call() -> None:
    found = [
        f"{name}:{c.lineno} {spelled(c.func)}" for name, _, tree in trees() for c in calls(tree)
        if spelled(c.func) in FORBIDDEN
    ]  # fmt: skip
    assert found == []


def test_no_shell() -> None:
    def shell(call: ast.Call) -> bool:
        return any(
            k.arg == "shell" and not (isinstance(k.value, ast.Constant) and not k.value.value) for k in call.keywords
        )

    assert [f"{name}:{c.lineno}" for name, _, tree in trees() for c in calls(tree) if shell(c)] == []


def raises_again(handler: ast.ExceptHandler) -> bool:
    """It cleans up and lets the error go on."""
    return isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None


def catch_alls() -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for name, _, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.ExceptHandler) or raises_again(node):
                continue
            caught = (
                {spelled(n) for n in ast.walk(node.type) if isinstance(n, ast.Name)} if node.type else {"everything"}
            )
            if caught & {"everything", "Exception", "BaseException"}:
                found.setdefault(name, []).append(node.lineno)
    return found


def test_catch_alls_are_counted() -> None:
    assert {name: len(lines) for name, lines in catch_alls().items()} == CATCH_ALLS


def test_every_catch_all_names_its_reason() -> None:
    bare = []
    for name, lines in catch_alls().items():
        text = (ROOT / name).read_text(encoding="utf-8").splitlines()
        bare += [f"{name}:{n}" for n in lines if not text[n - 1].partition("BLE001")[2].strip(" :-")]
    assert bare == []
