"""Small talk about business ("how are we doing?") and two questions in one, as questions that can be planned."""

from __future__ import annotations

import re

from agent.builtin.defaults import default_noun, event_noun
from agent.builtin.lexicon import Lexicon
from agent.builtin.text import fold, split_name, stem, tokenize

_DOING = re.compile(
    r"^\W*(?:so |and )?(?:how|what)(?:'s| is| are| has| have|s)?(?: the| our| we| your)* ?(?P<what>[\w ]*?)"
    r" ?(?:been )?(?:doing|going|looking|performing|holding up|developing)(?: so far)?"
    r"(?P<when> (?:this|last|in|since|today|lately|recently)\b.*)?\W*$",
    re.I,
)
_VAGUE = frozenset({"", "we", "business", "things", "it", "company", "we all", "the business", "sales and orders"})
_TWO_TOPS = re.compile(
    r"(?P<lead>(?:(?:show|give|list)(?: me)? )?(?:the )?(?:top|bottom|best|worst)(?: \d+)?)"
    r" (?P<a>\w+) and (?:the )?(?P<b>\w+) (?P<rest>by \w.*)",
    re.I,
)
_ASIDE = re.compile(
    r",? which (?:is|are) (?:the )*(?P<parts>[^?.;]+?),?(?<!divided)"
    r"(?=\s(?:by|per|for each|for every|in each)\b|[?.;]|$)",
    re.I,
)
_ECHO = re.compile(
    r"[,;]?\s+and (?:how (?:many|much)|what (?:is|was)) ?(?P<what>[\w ]*?) ?(?:did|does|do|has|had|have|is|was|were)"
    r" (?:he|she|it|they|he/she|she/he|that|this)(?:/(?:he|she|they))?\b[\w ]{0,30}\?*$",
    re.I,
)
_LITTLE = frozenset({"amount", "total", "number", "of", "count", "value"})
_SPLIT = re.compile(
    r"(?:\s*[,;?]\s*(?:and\s+)?|\s+and\s+)(?=(?:what|which|who|how many|how much|how did|how does|where|when)\b)", re.I
)


def overview(question: str, lexicon: Lexicon) -> str | None:
    """“How are sales doing?” as figures of this month against the last; None for any other question."""
    found = _DOING.match(question.strip())
    if found is None or ((found["when"] or "").strip().casefold() in ("lately", "recently") and not found["what"]):
        return None
    what = found["what"].strip()
    if what.casefold() in _VAGUE:
        named = [n for n in (default_noun(lexicon, "we"), event_noun(lexicon, "we")) if n is not None]
        labels = list(dict.fromkeys(lexicon.label(n.refs[0]).casefold() for n in named))
        what = " and ".join(labels[:2])
    if not what:
        return None
    when = (found["when"] or "").strip()
    return f"{what} {when or 'this month'} compared with the previous period"


def without_aside(question: str, lexicon: Lexicon) -> str | None:
    """“the loss, which is the sum of payments and reserves, by claim”, where the model's own loss is just that sum.

    None without such an aside, and where it says something else than the model does.
    """
    found = _ASIDE.search(question)
    if found is None:
        return None
    stems = [t.stem for t in tokenize(fold(question[: found.start()])) if t.kind == "word"]
    tails = (tuple(stems[at:]) for at in range(len(stems)))
    refs = next((r for tail in tails if (r := [x for x in lexicon.lookup(tail) if x.kind == "metric"])), [])
    metric = lexicon.model.metrics.get(refs[0].name) if refs else None
    said = {t.stem for t in tokenize(fold(found["parts"]))}
    named = re.findall(r"[A-Za-z_]\w*", (metric.expr or f"{metric.numerator} {metric.denominator}") if metric else "")
    words = [{stem(w) for w in split_name(n)} - _LITTLE for n in named]
    if not words or not all(w and w <= said for w in words):
        return None
    return f"{question[: found.start()]} {question[found.end() :]}"


def without_echo(question: str) -> tuple[str, str] | None:
    """“who sold the most cars, and how many did she sell?”: the question without its echo, and the figure echoed."""
    found = _ECHO.search(question.strip())
    if found is None:
        return None
    return question.strip()[: found.start()], f"number of {found['what']}" if found["what"] else ""


def parts(question: str) -> list[str]:
    """The questions that one text joins, at least two of them; empty for one question."""
    joint = _TWO_TOPS.match(question.strip())
    if joint:
        return [f"{joint['lead']} {joint[side]} {joint['rest']}".strip(" ?.!") for side in ("a", "b")]
    pieces = [p.strip(" ,;?") for p in _SPLIT.split(question) if p.strip(" ,;?")]
    return pieces if len(pieces) == 2 and all(len(p.split()) > 2 for p in pieces) else []
