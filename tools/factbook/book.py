"""The registry of fact kinds: which there are, and whether a piece of evidence keeps to them."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from store.errors import unknown
from tools.evidence import Evidence, Fact, ResultTable
from tools.factbook.kind import FactKind

PAGES = ("figures", "ahead", "change", "peers", "journeys", "links", "customers", "knowledge", "sources")


@cache
def all_kinds() -> dict[str, FactKind]:
    """Every kind by name, in the order of the documentation."""
    kinds: tuple[FactKind, ...] = tuple(k for p in PAGES for k in import_module(f"tools.factbook.{p}").KINDS)
    return {k.name: k for k in kinds}


def kind(name: str) -> FactKind:
    """The kind `name`. Raises `UnknownName`."""
    found = all_kinds().get(name)
    if found is None:
        raise unknown("kind of fact", name, all_kinds())
    return found


def problems(evidence: Evidence) -> list[str]:
    """What is wrong with the facts of an evidence; empty when each is of a known kind and points at cells."""
    tables = {t.id: t for t in evidence.tables}
    return [f"{fact.kind}: {problem}" for fact in evidence.facts for problem in _problems(fact, tables)]


def _problems(fact: Fact, tables: dict[str, ResultTable]) -> list[str]:
    known = all_kinds().get(fact.kind)
    if known is None:
        return ["no such kind is registered"]
    found = [f"the value {n} is missing" for n in _missing(known, fact)]
    found += [f"the value {n} is not among its values" for n in fact.values if known.type_of(n) is None]
    found += [f"the attribute {n} says “{v}”" for n, v in fact.attributes.items() if not _allowed(known, n, v)]
    for name, ref in fact.values.items():
        try:
            tables[ref.table].value(ref.row, ref.column)
        except KeyError:
            found.append(f"the value {name} points at no cell")
    return found if 0 <= fact.impact <= 1 else [*found, f"its impact is {fact.impact}"]


def _missing(known: FactKind, fact: Fact) -> list[str]:
    needed = [n for n, (_, optional) in known.typed().items() if not optional]
    return [n for n in needed if not any(v == n or (n.endswith("*") and v.startswith(n[:-1])) for v in fact.values)]


def _allowed(known: FactKind, name: str, value: str) -> bool:
    words = known.attributes.get(name)
    return words is not None and (not words or value in words.split("|"))
