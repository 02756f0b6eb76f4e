"""A fact told on its own, from the template of its kind: the same words in a digest, an alert and an answer."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agent.claims import Ref, Sentence, escape
from tools.derive import number
from tools.evidence import CellRef, Fact, ResultTable
from tools.factbook.book import kind
from tools.factbook.kind import STYLES, FactKind, Length

_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_AFTER_NOUN = re.compile(
    r" (?:(?:of|per|in|by|for|with|on|at|to|from|a) .*|(?:sold|made|won|lost|paid|sent|spent|held|taken|given|kept"
    r"|left|seen|built|bought|run|[a-z]+ed))$"
)
_TOKEN = re.compile(r"\{([^{}]*)\}")
_AGREES = {"was": ("was", "were"), "is": ("is", "are"), "has": ("has", "have")}


def told(fact: Fact, tables: Iterable[ResultTable], length: Length = "normal") -> Sentence:
    """The fact as a sentence of the given length (short has no full stop). Raises `UnknownName` for an unknown kind."""
    known = kind(fact.kind)
    by_id = {t.id: t for t in tables}
    template = _OPTIONAL.sub(lambda m: m[1] if _complete(m[1], fact) else "", known.text(length))
    parts: list[str | Ref] = []
    at = 0
    for token in _TOKEN.finditer(template):
        parts.append(template[at : token.start()])
        parts += _written(token[1], fact, known, by_id)
        at = token.end()
    return _joined([*parts, template[at:]])


def figure_name(label: str | None, *, start: bool = False) -> str:
    """The figure's name: small inside a sentence, unless it is an abbreviation."""
    text = label or "the figure"
    if start:
        return escape(text[:1].upper() + text[1:])
    return escape(text if text[:2].isupper() else text[:1].lower() + text[1:])


def plural(label: str | None) -> bool:
    """Whether a figure's name takes “were”: orders and units sold, but not business, gross margin or cost of goods."""
    head = _AFTER_NOUN.sub("", (label or "").lower()).strip()
    return head.endswith("s") and not head.endswith(("ss", "us", "is"))


def _complete(text: str, fact: Fact) -> bool:
    names = [t.strip("~#").split(":")[0] for t in _TOKEN.findall(text)]
    return all(_refs(n, fact) for n in names if not n.startswith("@") and n not in _AGREES and n.lower() != "metric")


def _refs(name: str, fact: Fact) -> list[CellRef]:
    if name.endswith("*"):
        return [ref for n, ref in sorted(fact.values.items()) if n.startswith(name[:-1])]
    return [fact.values[name]] if name in fact.values else []


def _written(token: str, fact: Fact, known: FactKind, tables: dict[str, ResultTable]) -> list[str | Ref]:
    if token in ("metric", "Metric"):
        return [figure_name(fact.metric, start=token == "Metric")]
    if token in _AGREES:
        return [_AGREES[token][plural(fact.metric)]]
    if token.startswith("@"):
        return [_by_attribute(token[1:], fact)]
    if token.startswith(("~", "#")):
        return _by_value(token, fact, tables)
    parts: list[str | Ref] = []
    for ref in _refs(token, fact):
        style = STYLES[known.type_of(token.rstrip("*")) or known.type_of(token) or "text"]
        parts += [", ", Ref(ref, style)] if parts else [Ref(ref, style)]
    return parts


def _by_attribute(token: str, fact: Fact) -> str:
    name, _, words = token.partition(":")
    choices = dict(w.split("=", 1) for w in words.split("|"))
    return choices.get(fact.attributes.get(name, ""), "")


def _by_value(token: str, fact: Fact, tables: dict[str, ResultTable]) -> list[str | Ref]:
    name, _, words = token[1:].partition(":")
    choices, refs = words.split("|"), _refs(name, fact)
    found = number(tables[refs[0].table].value(refs[0].row, refs[0].column)) if refs else None
    if token.startswith("~"):
        return [choices[0 if found and found > 0 else 1 if found and found < 0 else 2]]
    return [Ref(refs[0]), f" {choices[0 if found == 1 else 1]}"] if refs else []


def _joined(parts: list[str | Ref]) -> Sentence:
    """Neighbouring strings as one."""
    joined: list[str | Ref] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return joined
