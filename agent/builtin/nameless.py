"""A file whose name does not say what a row is: the one noun that nothing else explains means its rows."""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.builtin.lexicon import Lexicon
from agent.builtin.text import stem
from agent.plan import Assumption, Clarify, Decision, Plan
from warehouse.model.bags import bag

_NAMELESS = ("row", None)
_RANKING = bag("most fewest least more fewer highest lowest many number")  # unknown only because the noun after them is
_SURE = 0.7


def rows_by_noun(
    question: str, lexicon: Lexicon, unknown: list[str], replan: Callable[[str], Decision]
) -> Plan | Clarify | None:
    """The plan, or the question back, with the unknown noun read as the rows of the only table; the answer says so."""
    tables = list(lexicon.model.tables.values())
    nouns = {stem(word) for word in unknown} - _RANKING
    if len(tables) != 1 or tables[0].record not in _NAMELESS or len(nouns) != 1:
        return None
    plural = next((word for word in unknown if stem(word) != word.casefold()), None)
    if plural is None:
        return None
    noun = nouns.pop()
    text = re.sub(rf"\b{re.escape(plural)}\b", "rows", question, flags=re.I)
    text = re.sub(rf"\b{re.escape(noun)}\b", "row", text, flags=re.I)
    found = replan(text)
    if not isinstance(found, Plan):
        return found if isinstance(found, Clarify) else None
    said = Assumption(
        key="rows", label=f"“{plural}” are taken as", value="rows", display=f"the rows of {tables[0].source}"
    )
    return found.model_copy(update={"assumptions": [*found.assumptions, said], "confidence": _SURE})
