"""A question without what cannot change its meaning, so that another wording finds the plan made for it."""

from __future__ import annotations

import re

from agent.builtin.lexicon import Lexicon, lexicon_of
from agent.builtin.text import fold, stem
from warehouse.model.schema import SemanticModel

_POLITE = re.compile(
    r"^(?:(?:please|hi|hello|hey|ok|okay|so|well)\b[, ]*)*(?:(?:can|could|would|will) you (?:please )?)?"
    r"(?:(?:please )?(?:show|tell|give) (?:me|us) (?:please )?)?(?:please )?"
)
_TAIL = re.compile(r"(?:[, ]+please)?[ ?.!]*$")
_TOKEN = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*|[^\w\s]")
_LONGEST_NAME = 4


def canonical(question: str, model: SemanticModel) -> str:
    """The words in their order, greetings left out, each name of the model (and its synonyms) as what it stands for.

    Only a name that stands for one thing alone is replaced, and its number is kept (“top product” is one product);
    every other word stays as it was written. So equal forms ask for the same figures of the same things.
    """
    text = " ".join(fold(question).casefold().replace("’", "'").split())
    text = _TAIL.sub("", _POLITE.sub("", text, count=1))
    lexicon, words, parts, at = lexicon_of(model), _TOKEN.findall(text), [], 0
    while at < len(words):
        size, said = _name(words, at, lexicon)
        parts.append(said)
        at += size
    return " ".join(parts)


def _name(words: list[str], at: int, lexicon: Lexicon) -> tuple[int, str]:
    """The longest name that begins here, as how many words it takes and what it is called; else the word itself."""
    for size in range(min(_LONGEST_NAME, len(words) - at), 0, -1):
        run = words[at : at + size]
        refs = lexicon.lookup(tuple(stem(w) for w in run))
        if refs:
            only = refs[0] if len(refs) == 1 else None
            if only is None:
                return 1, words[at]  # it may stand for several things: say it as it was said
            many = "s" if stem(run[-1]) != run[-1] else ""
            return size, f"<{only.kind}:{only.table}.{only.name}>{many}"
    return 1, words[at]
