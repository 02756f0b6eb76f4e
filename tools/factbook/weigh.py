"""How much a finding matters, which way is good, and by what it is recognised tomorrow."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any, Literal

from tools.evidence import Evidence, Fact, ResultTable
from tools.factbook.book import all_kinds

Tone = Literal["good", "bad", "neutral"]
TELL = 0.15
"""Findings of at least this impact are told unasked."""
_SURE = 1e-6
_DIGEST = 10


def impact(moved: float, usual: float, chance: float, relevance: float) -> float:
    """Size × surprise × relevance, 0-1.

    Size is what was moved over what usually moves (both in the metric's unit), m / (1 + m). Surprise grows with the
    orders of magnitude by which chance falls short of 1 in 20, and is 0 above that. Relevance is 0-1.
    """
    if usual <= 0:
        return 0.0
    size = abs(moved) / usual
    return round(size / (1 + size) * surprise(chance) * min(max(relevance, 0.0), 1.0), 4)


def surprise(chance: float) -> float:
    """0 where chance alone does it once in 20 times or more, 1 at one in a million."""
    from math import log

    if chance >= 0.05:
        return 0.0
    return min(1.0, log(0.05 / max(chance, _SURE)) / log(0.05 / _SURE))


def tone(direction: str, good: str | None) -> Tone:
    """Whether a move is good news, by which direction the metric says is good."""
    if good is None or direction not in ("up", "down"):
        return "neutral"
    return "good" if direction == good else "bad"


def stamp(evidence: Evidence) -> Evidence:
    """The evidence with the identity of each fact filled in."""
    tables = {t.id: t for t in evidence.tables}
    for fact in evidence.facts:
        fact.identity = identity(fact, tables, evidence)
    return evidence


def identity(fact: Fact, tables: dict[str, ResultTable], evidence: Evidence) -> str:
    """Ten characters that stay the same from day to day: kind, metric, whom it is about, grain; no figure, no date."""
    parts = [fact.kind, fact.metric or "", _segment(fact, tables), _grain(fact, tables, evidence), _filters(evidence)]
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"), default=str)
    digest = hashlib.blake2s(text.casefold().encode(), digest_size=8).digest()
    return base64.b32encode(digest).decode().lower()[:_DIGEST]


def _segment(fact: Fact, tables: dict[str, ResultTable]) -> list[Any]:
    known = all_kinds().get(fact.kind)
    names = known.segment if known else ("name",)
    refs = [ref for n, ref in sorted(fact.values.items()) if n.rstrip("0123456789") in names]
    said: list[Any] = [fact.attributes.get("dimension", "")]
    for ref in refs:
        table = tables.get(ref.table)
        if table is not None and ref.row in table.row_keys:
            said.append(table.value(ref.row, ref.column))
    return said


def _grain(fact: Fact, tables: dict[str, ResultTable], evidence: Evidence) -> str:
    if "grain" in fact.attributes:
        return fact.attributes["grain"]
    if isinstance(evidence.args.get("grain"), str):
        return str(evidence.args["grain"])
    grains = (c.grain for r in fact.values.values() if (t := tables.get(r.table)) for c in t.columns if c.grain)
    return next(grains, None) or ""


def _filters(evidence: Evidence) -> Any:
    query = evidence.args.get("query")
    inner = query.get("filters") if isinstance(query, dict) else None
    return evidence.args.get("filters") or inner or []
