"""Questions about the data itself ("what can I ask?"), answered from the model and not from rows."""

from __future__ import annotations

import re

from agent.builtin.lexicon import Lexicon, Ref
from agent.builtin.text import fold, tokenize
from agent.plan import Plan, Step

_OVERVIEW = re.compile(
    r"^(?:help|what can (?:i|you|we) (?:ask|do|answer)\b.*|what (?:questions|things) can (?:i|you|we)\b.*"
    r"|what (?:data|tables|metrics|measures|datasets?) (?:do (?:you|we|i) have"
    r"|(?:are|is) (?:there|available)|can i use)\b.*"
    r"|what do you know(?: about)?(?: my data)?|how can you help(?: me)?"
    r"|(?:show|list|describe)(?: me)?(?: all)?(?: the| my| our)? (?:tables|data|metrics|dataset|database)"
    r"|what is in (?:the|my|our|this) (?:data|dataset|database)"
    r"|describe (?:the|my|our|this) (?:data|dataset))\s*[?.!]*$",
    re.I,
)
MEANING = re.compile(
    r"^(?:what does (?P<a>.+?) (?:mean|stand for)|what (?:do you|do we) mean by (?P<b>.+?)|what is meant by (?P<c>.+?)"
    r"|define (?P<d>.+?)|how (?:is|are|do you) (?P<e>.+?) (?:defined|calculated|computed|measured)"
    r"|how do you (?:define|calculate|compute) (?P<f>.+?)|(?:what is )?(?:the )?definition of (?P<g>.+?)"
    r"|explain (?:the )?(?:metric|measure) (?P<h>.+?))\s*[?.!]*$",
    re.I,
)
WHAT_IS = re.compile(r"^what(?: is|'s| are) (?:an? )?(?!the |our |my |total )(?P<a>[\w -]+?)\s*[?.!]*$", re.I)
_TABLE = re.compile(
    r"^(?:what|which) (?:columns|fields|attributes) (?:are (?:there )?in|does|do|are available (?:in|for)) (?:the )?"
    r"(?P<a>.+?)(?: (?:table|have|contain))*\s*[?.!]*$"
    r"|^(?:describe|tell me about|what is in) (?:the )?(?P<b>.+?)(?: table| data)?\s*[?.!]*$"
    r"|^(?:columns|fields) (?:of|in) (?:the )?(?P<c>.+?)(?: table)?\s*[?.!]*$",
    re.I,
)


def describe(question: str, lexicon: Lexicon) -> Plan | None:
    """A plan that describes everything, one table or one metric; None when the question is about something else."""
    text = fold(question).strip()
    if _OVERVIEW.match(text):
        return _plan({"topic": "overview"}, "What you can ask")
    for pattern, kinds, topic in ((MEANING, ("metric", "measure", "table"), "metric"), (_TABLE, ("table",), "table")):
        found = pattern.match(text)
        phrase = next((g for g in found.groupdict().values() if g), "") if found else ""
        ref = _find(phrase, lexicon, kinds)
        if ref is not None:
            kind = "table" if ref.kind == "table" else topic
            return _plan({"topic": kind, "name": ref.name}, f"About {lexicon.label(ref)}")
    return None


def definition_beside(question: str, lexicon: Lexicon) -> Step | None:
    """The step that tells what a figure means, for “what is margin?”; “what is the margin?” asks for its value."""
    found = WHAT_IS.match(fold(question).strip())
    ref = _find(found["a"], lexicon, ("metric", "measure")) if found else None
    if ref is None:
        return None
    return Step(tool="describe_data", args={"topic": "metric", "name": ref.name}, title=f"About {lexicon.label(ref)}")


def _find(phrase: str, lexicon: Lexicon, kinds: tuple[str, ...]) -> Ref | None:
    stems = [
        t.stem
        for t in tokenize(phrase)
        if t.kind == "word" and t.low not in ("the", "a", "an", "our", "metric", "measure")
    ]
    refs = [r for r in lexicon.lookup(tuple(stems)) if r.kind in kinds]
    return min(refs, key=lambda r: (kinds.index(r.kind), -r.weight)) if refs else None


def _plan(args: dict[str, str], title: str) -> Plan:
    return Plan(intent="describe", steps={"s1": Step(tool="describe_data", args=args, title=title)})
