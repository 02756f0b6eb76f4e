"""Imports point down the house and never up; the exception list is empty and stays so."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_USE: dict[str, set[str]] = {
    "store": set(),
    "warehouse": {"store"},
    "knowledge": {"store"},
    "ingestion": {"store", "warehouse"},
    "tools": {"store", "warehouse", "knowledge", "ingestion"},
    "agent": {"store", "warehouse", "knowledge", "ingestion", "tools"},
    "api": {"store", "warehouse", "knowledge", "ingestion", "tools", "agent", "bots"},
    "bots": {"store", "warehouse", "knowledge", "ingestion", "tools", "agent"},
    "evals": {"store", "warehouse", "knowledge", "ingestion", "tools", "agent", "bots"},
    "industry_prompts": set(),
}
EXCEPTIONS: set[tuple[str, str]] = set()
COMMAND_LINE = ("api.cli", "api.commands")
ENGINE_HOMES = ("warehouse", "ingestion", "evals")
MODEL_CLIENTS = {"openai", "langchain", "langchain_openai", "anthropic", "litellm"}
DRIVERS = {"duckdb", "psycopg", "clickhouse_connect", "pyspark", "sqlite3", "sqlalchemy", "pyarrow", "pandas"}


def modules() -> list[Path]:
    return sorted(p for name in MAY_USE for p in (ROOT / name).rglob("*.py") if "node_modules" not in p.parts)


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imports(path: Path) -> set[str]:
    """Every module a file names in an import, at any depth and under TYPE_CHECKING too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{dotted(path)} imports relatively; write the full name"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _upward(path: Path) -> set[tuple[str, str]]:
    name = dotted(path)
    own = name.split(".")[0]
    allowed = MAY_USE[own] | {own} | ({"evals"} if name.startswith(COMMAND_LINE) else set())
    used = {i.split(".")[0] for i in imports(path)} & set(MAY_USE)
    return {(name, target) for target in used - allowed}


def test_layers_only_point_down() -> None:
    upward = set().union(*(_upward(p) for p in modules()))
    assert upward - EXCEPTIONS == set()
    assert EXCEPTIONS - upward == set(), "a stale exception: remove it"


def _users(names: set[str], within: list[Path]) -> set[str]:
    return {dotted(p) for p in within if {i.split(".")[0] for i in imports(p)} & names}


def test_the_compiler_knows_no_engine() -> None:
    compiler = [p for p in modules() if dotted(p).startswith("warehouse.compiler")]
    assert _users(DRIVERS, compiler) == set()
    assert {dotted(p) for p in compiler if any(i.startswith("warehouse.engines") for i in imports(p))} == set()


def test_only_the_warehouse_and_loading_speak_to_duckdb() -> None:
    outside = [p for p in modules() if not dotted(p).startswith(ENGINE_HOMES)]
    assert _users({"duckdb"}, outside) == set()


def test_only_the_model_brain_speaks_to_models() -> None:
    outside = [p for p in modules() if not dotted(p).startswith(("agent.llm", "evals.fakes"))]
    assert _users(MODEL_CLIENTS, outside) == set()


def test_every_folder_is_a_real_package() -> None:
    bare = {str(p.parent.relative_to(ROOT)) for p in modules() if not (p.parent / "__init__.py").exists()}
    assert bare == set()


@pytest.mark.parametrize("name", ["test", "tests"])
def test_nobody_imports_tests(name: str) -> None:
    assert _users({name}, modules()) == set()
    assert not list((ROOT / "tests").rglob("__init__.py")), "adagio installs a `tests` package: ours must not be one"
