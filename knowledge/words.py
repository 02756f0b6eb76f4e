"""The words of a text that say something, cut to their stems, so that one word is found in all its forms."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+(?:['&-][^\W_]+)*")  # letters of any alphabet
_SMALL = (
    "a an the of in on at for to from by with and or is are was were be been do does did what which who how when where"
    " why our we you your i me my it its this that these those there here as than then so can could should would will"
    " shall may might much many have has had not no if about into over tell show explain mean means"
)
_STOP = frozenset(_SMALL.split())
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ied", "edly", "ed", "es", "s", "ly")


def stems(text: str) -> list[str]:
    """The words of a text that say something, without their endings."""
    words = _WORD.findall(text.casefold().replace("’", "'"))
    return [_stem(part) for word in words for part in _parts(word) if part not in _STOP]


def _parts(word: str) -> list[str]:
    """A compound in its parts; one whose parts say little (no-show, F&I) as one word too."""
    parts = re.split("[&-]", word)
    if len(parts) == 1:
        return parts
    saying = [p for p in parts if p not in _STOP and len(p) > 1]
    return parts if len(saying) == len(parts) else ["".join(parts), *saying]


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    for ending in _ENDINGS:
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3:
            return rest + "y" if ending in ("ies", "ied") else rest.removesuffix("e")
    return word.removesuffix("e") if len(word) > 4 else word
