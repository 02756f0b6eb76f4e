"""From typed questions to SQL: the only place where SQL is written, and the only way figures come to be.

compile_query(model, MetricQuery(...), profile=..., as_of=...) -> Compiled
compile_apart(model, MetricQuery(...), profile=..., as_of=...) -> (query, Compiled), by currency where needed
compile_records(model, RecordQuery(...), profile=..., as_of=...) -> Compiled
check_model(model, profile) -> list of problems
window(time, as_of, calendar) -> Period
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.compiler.apart import compile_apart
    from warehouse.compiler.check import Problem, check_model
    from warehouse.compiler.compile import compile_query
    from warehouse.compiler.periods import window
    from warehouse.compiler.records import compile_records

__all__ = ["Problem", "check_model", "compile_apart", "compile_query", "compile_records", "window"]

_HOMES = {
    "Problem": "check",
    "check_model": "check",
    "compile_apart": "apart",
    "compile_query": "compile",
    "compile_records": "records",
    "window": "periods",
}


def __getattr__(name: str) -> Any:
    """Load on first use: sqlglot takes a third of a second that `plainsay --help` must not pay."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"warehouse.compiler.{_HOMES[name]}"), name)
