"""Ways to ask about what services take and return (fees, failures, refunds), written out as the figure they mean."""

from __future__ import annotations

import re

_WHEN = r"(?P<rest>(?:,? (?:in|last|this|since|during|over|by|per|at|for|on|across|with|today|yesterday)\b.*)?)$"
_PART = r"^(?:what|which|how (?:large|big) a) (?:%|percentage|percent|share|proportion|fraction) of (?:our |the )?"
_FAIL = r"(?:do |did |are |is |was |were |get |got )?(?:fail(?:s|ed|ing)?|(?:get |got )?(?:declined|rejected))"
_WIN = (
    r"(?:do |did |are |is |was |were )?(?:succeed(?:s|ed|ing)?|successful|(?:go(?:es)?|went) through|approved|accepted)"
)
_BACK = r"(?:do |did |are |is |was |were |get |got |has been |have been )?(?:refunded|paid back|returned to customers)"
_COSTS = r"(?P<x>fees|charges|commissions?|(?:\w+ )?fees)"

SERVICES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.I), written)
    for pattern, written in (
        (rf"{_PART}(?P<x>\w+)s {_FAIL}{_WHEN}", r"\g<x> failure rate\g<rest>"),
        (rf"{_PART}(?P<x>\w+)s {_WIN}{_WHEN}", r"\g<x> success rate\g<rest>"),
        (rf"{_PART}(?P<x>\w+(?: \w+)?) {_BACK}{_WHEN}", r"refund rate\g<rest>"),
        (
            rf"^which (?P<x>.+?) (?:has |have |had )?fail(?:s|ed)? (?:the )?(?P<most>most|least)(?: often)?{_WHEN}",
            r"which \g<x> has the \g<most> failure rate\g<rest>",
        ),
        (
            rf"^which (?P<x>.+?) succeed(?:s|ed)? (?:the )?(?P<most>most|least)(?: often)?{_WHEN}",
            r"which \g<x> has the \g<most> success rate\g<rest>",
        ),
        (
            rf"^how much (?:did|does|do|has|have) (?P<who>.+?) (?:charged?|cost|taken?)(?: us)?"
            rf"(?: in| on| as)? {_COSTS}{_WHEN}",
            r"\g<x> for \g<who>\g<rest>",
        ),
        (
            rf"^how much (?:did|do|have) we (?:pay|paid) (?:to )?(?P<who>.+?) (?:in|on|as) {_COSTS}{_WHEN}",
            r"\g<x> for \g<who>\g<rest>",
        ),
        (
            rf"^(?:what|how much|how many)(?: in)? {_COSTS} (?:did|do|have) we (?:pay|paid)"
            rf"(?: (?:to|at|with|for) (?P<who>(?!each\b|every\b)\S+(?: \S+)??))?{_WHEN}",
            r"\g<x> for \g<who>\g<rest>",
        ),
        (
            r"^how many (?P<x>.+?) (?:did|has|have|does|do) (?P<who>.+?)"
            rf" (?:issued?|granted?|sent|send|approved?|made?){_WHEN}",
            r"number of \g<x> for \g<who>\g<rest>",
        ),
    )
)


def served(text: str) -> list[str]:
    """The plain questions that a text about services stands for, each to be tried in turn."""
    found = []
    for pattern, written in SERVICES:
        match = pattern.search(text)
        if match is not None:
            plain = match.expand(written) if "who" not in pattern.groupindex or match["who"] else _whole(match)
            found.append(
                " ".join(plain.replace(" the most ", " the highest ").replace(" the least ", " the lowest ").split())
            )
    return found


def _whole(match: re.Match[str]) -> str:
    """Where nobody was named: the figure alone."""
    return f"{match['x']}{match['rest']}"
