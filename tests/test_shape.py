"""Small modules, small functions, everything annotated, every module saying why it exists: the shape of the house."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("agent", "tools", "warehouse", "knowledge", "ingestion", "store", "api", "bots", "evals", "scripts")
MODULE_LINES, FUNCTION_LINES, PARAMETERS, NESTING = 400, 60, 7, 4
Function = ast.FunctionDef | ast.AsyncFunctionDef
_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
_METHODS_WITHOUT_DOCS = {"run", "close"}


@cache
def modules() -> tuple[tuple[str, str, ast.Module], ...]:
    found = []
    for path in sorted(p for name in PACKAGES for p in (ROOT / name).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found.append((str(path.relative_to(ROOT)), text, ast.parse(text)))
    return tuple(found)


def functions() -> Iterator[tuple[str, Function]]:
    for name, _, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield f"{name}:{node.lineno} {node.name}", node


def test_modules_are_short() -> None:
    assert {n: lines for n, text, _ in modules() if (lines := text.count("\n")) > MODULE_LINES} == {}


def test_functions_are_short() -> None:
    long = {n: lines for n, f in functions() if (lines := (f.end_lineno or 0) - f.lineno + 1) > FUNCTION_LINES}
    assert long == {}


def test_functions_take_few_parameters() -> None:
    def count(function: Function) -> int:
        a = function.args
        names = [p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs)]
        return len([n for n in names if n not in ("self", "cls")])

    # A typer command lists its options as parameters: that is its interface.
    wide = {
        n: k for n, f in functions() if (k := count(f)) > PARAMETERS and not n.startswith(("api/cli", "api/commands"))
    }
    assert wide == {}


def depth(node: ast.AST) -> int:
    """How deep compound statements nest; an `elif` is as deep as its `if`, an inner function starts again."""
    deepest = 0
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, Function | ast.ClassDef):
                continue
            chained = isinstance(node, ast.If) and field == "orelse" and isinstance(child, ast.If) and len(value) == 1
            deepest = max(deepest, depth(child) + (isinstance(child, _BLOCKS) and not chained))
    return deepest


def test_functions_are_flat() -> None:
    assert {n: d for n, f in functions() if (d := depth(f)) > NESTING} == {}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f():\n if a:\n  pass\n elif b:\n  pass\n elif c:\n  pass", 1),
        ("def f():\n for x in y:\n  if a:\n   with b:\n    pass", 3),
        ("def f():\n if a:\n  def g():\n   if b:\n    pass", 1),
    ],
)
def test_depth_counts_what_a_reader_sees(source: str, expected: int) -> None:
    assert depth(ast.parse(source).body[0]) == expected


def test_everything_is_annotated() -> None:
    def bare(function: Function) -> bool:
        a = function.args
        named = [*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg))]
        return function.returns is None or any(p.annotation is None for p in named if p.arg not in ("self", "cls"))

    assert [n for n, f in functions() if bare(f)] == []


def test_every_module_says_why_it_exists() -> None:
    assert [n for n, _, tree in modules() if not (ast.get_docstring(tree) or "").strip()] == []


def test_public_functions_are_documented() -> None:
    """Module-level functions and classes that others call; a name with an underscore speaks for itself."""
    missing = []
    for name, _, tree in modules():
        if name.startswith("scripts/"):
            continue
        for node in tree.body:
            public = isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):
                missing.append(f"{name}:{node.lineno} {node.name}")
    assert missing == []


def test_modules_read_annotations_lazily() -> None:
    late = [n for n, text, tree in modules() if _defines(tree) and "from __future__ import annotations" not in text]
    assert late == []


def _defines(tree: ast.Module) -> bool:
    return any(isinstance(node, Function | ast.ClassDef) for node in tree.body)


def test_no_unfinished_work() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "X" + "XX", "raise NotImplementedError", "pragma: no cover")
    assert [f"{n}: {mark}" for n, text, _ in modules() for mark in marks if mark in text] == []
