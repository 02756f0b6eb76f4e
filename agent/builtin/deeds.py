"""What a company did with its records ("how many cars did we sell?"), told by the name that the figure goes by."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.builtin.lexicon import Lexicon
from agent.builtin.spelled import mapped
from agent.builtin.text import fold, tokenize
from warehouse.model.bags import bag
from warehouse.model.schema import SemanticModel

_WE = r"(?:we|our (?:company|business|teams?|people|staff|stores?|shops?)|the (?:company|business|group|bank|chain))"
_DEED = re.compile(
    rf"^\W*(?:and |so )?how (?:many|much) (?P<what>[\w&' -]+?) (?:"
    rf"(?:did|do|does|have|has|had) (?:{_WE} (?P<verb>[a-z]+)|\w+s (?P<theirs>leave))"
    rf"|(?:were|was|are|is|have been|has been|been|got) (?P<done>[a-z]+)"
    rf"|(?P<came>came in|come in|came|took place|happened|occurred))\b(?P<rest>.*)$",
    re.I,
)
_AT_END = re.compile(r"\s*\b(?:at|by|as of|as at) (?:the )?end of (?=\w)", re.I)
_PLACES = re.compile(r"\s*\b(?:at|in|for|from|of) (?:the|our) (?P<which>[A-Z]\w+(?: [A-Z]\w+)*) (?P<noun>[a-z]+s)\b")
_LISTED = re.compile(r"\b(?:by|per|each|every|which|top|bottom|list|rank|compare|show)\b", re.I)
_IRREGULAR = mapped(
    "sell => sold | lend => lent | write => written | win => won | lose => lost | give => given | make => made | "
    "take => taken | pay => paid | spend => spent | hold => held | hire => hired | run => run | see => seen | "
    "throw => thrown | leave => left | buy => bought | send => sent | grant => granted | admit => admitted | "
    "cancel => cancelled"
)
_LIGHT = bag(
    "run runs write writes do take takes log logs record records see sees get gets receive receives make makes book "
    "raise raised written recorded received logged registered noted counted done made taken use used work worked"
)
"""Verbs that say no more than that the records are there; any other must stand in the name of a figure."""
_WINNING = bag("win won gain gained acquire acquired attract attracted add added land landed get got")
"""Verbs that say no more of new customers than “new” does."""


def named_deed(question: str, lexicon: Lexicon) -> str | None:
    """“how many cars did we sell in May” as “cars sold in May”, where just that is what a figure is called."""
    found = _DEED.match(fold(question).strip())
    if found is None or found["came"]:
        return None
    what, rest = found["what"].strip(), found["rest"]
    for name in _names(what, found["verb"] or found["theirs"] or "", found["done"] or ""):
        if _is_figure(lexicon, name):
            return f"{name}{rest}"
    if (found["verb"] or "").casefold() in ("have", "hold", "keep"):
        words = rest.split()
        for n in range(min(4, len(words)), 1, -1):
            if _is_figure(lexicon, f"{what} {' '.join(words[:n])}".strip(" ?.!")):
                return f"{what}{rest}"
    return None


def plain_deed(question: str, lexicon: Lexicon) -> str | None:
    """The same question without a verb that says nothing, where the rest names a figure."""
    found = _DEED.match(fold(question).strip())
    if found is None:
        return None
    verb = (found["verb"] or found["done"] or "").casefold()
    if not found["came"] and verb not in _LIGHT:
        won = verb in _WINNING and re.match(r"new\b", found["what"], re.I)
        if not won:
            return None
    return f"{found['what']}{found['rest']}" if _is_figure(lexicon, found["what"]) else None


def _names(what: str, verb: str, done: str) -> Iterator[str]:
    low = (verb or done).casefold()
    told = [done.casefold()] if done else [_IRREGULAR.get(low, low + ("d" if low.endswith("e") else "ed"))]
    for participle in told:
        yield f"{what} {participle}"
        yield f"{participle} {what}"


def _is_figure(lexicon: Lexicon, name: str) -> bool:
    stems = tuple(t.stem for t in tokenize(fold(name)))
    return any(r.is_figure and r.weight >= 0.9 for r in lexicon.lookup(stems))


def at_the_end(question: str, lexicon: Lexicon) -> str | None:
    """“deposits at the end of May” as “deposits in May”, where the figure is a level that counts on the last day."""
    found = _AT_END.search(question)
    if found is None:
        return None
    stems = [t.stem for t in tokenize(fold(question[: found.start()])) if t.kind == "word"]
    for at in range(len(stems)):
        for end in range(len(stems), at, -1):
            figures = [r for r in lexicon.lookup(tuple(stems[at:end])) if r.is_figure]
            if figures:
                level = all(_is_level(lexicon.model, r.name) for r in figures[:1])
                return f"{question[: found.start()]} in {question[found.end() :]}" if level else None
    return None


def _is_level(model: SemanticModel, name: str) -> bool:
    owner = model.measure_table(name)
    if owner:
        level = model.tables[owner].measures[name].semi_additive
        return level is not None and level.take == "last"
    metric = model.metrics.get(name)
    parts = [p for p in (metric.numerator, metric.denominator, metric.measure) if p] if metric else []
    return bool(parts) and all(_is_level(model, p) for p in parts)


def in_places(question: str, lexicon: Lexicon) -> str | None:
    """“sales at the Denver restaurants” as “sales in Denver”: which of the places is said, not that they be listed."""
    found = _PLACES.search(question)
    if found is None or _LISTED.search(question):
        return None
    noun = tuple(t.stem for t in tokenize(fold(found["noun"])))
    places = any(r.kind in ("table", "dim") for r in lexicon.lookup(noun))
    return f"{question[: found.start()]} in {found['which']}{question[found.end() :]}" if places else None
