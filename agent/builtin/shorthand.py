"""How people write at work ("food cost %", "hrs", "worst first"), written out before anybody reads the question."""

from __future__ import annotations

import re

from agent.builtin.days import MONTHS
from agent.builtin.named_days import NAMED_DAY

_PART = rf"(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))}|q[1-4]|h[12]|{NAMED_DAY})"
_WRITTEN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.I), full)
    for pattern, full in (
        (r"(?<=[a-z)])(?<!\bin)(?<!\bof)\s?%(?![\w%])", " percentage"),
        (
            r"^(?:and |so )?what (?=(?:did|do|have|had) we (?:spend|spent|pay|paid|lose|lost|earn|earned)\b)",
            "how much ",
        ),
        (r"\b(?:pls|plz)\b", "please"),
        (r"\bmn?ths?\b", "month"),
        (r"\bqtr\b", "quarter"),
        (r"\bwk\b", "week"),
        (r"\byr\b", "year"),
        (r"\byday\b", "yesterday"),
        (r"\bths (?=day|week|month|quarter|year)", "this "),
        (r"[, ]+(?:thx|thanks|thank you|ty)$", ""),
        (r"\b(?:lst|lats|prev)(?= (?:day|week|wk|month|mth|mnth|quarter|qtr|year|yr)s?\b)", "last"),
        (
            rf"\b({_PART}) ((?:19|20)\d\d) (vs\.?|versus|against|compared (?:with|to)) (?:in )?((?:19|20)\d\d)(?!\d)",
            r"\1 \2 \3 \1 \4",
        ),
        (
            rf"^(compar(?:e|ing)\b.*?)\b({_PART}) ((?:19|20)\d\d) (with|to|and) (?:in )?((?:19|20)\d\d)(?!\d)",
            r"\1\2 \3 \4 \2 \5",
        ),
        (r"\bpct\b", "percentage"),
        (r"\bhrs\b", "hours"),
        (r"\bmins\b", "minutes"),
        (r"(?<!\w)(?:nos?\.? of|nr\.? of|# of)\b(?= \w)", "number of"),
        (r"\byesterdays\b", "yesterday's"),
        (r"\b(?:right now|as of now|at the moment)\b", ""),
        (r"\b(?:the )?same (?:time|point|stage)(?: of| in)? (?:the )?last (month|week|quarter)\b", r"the \1 before"),
        (r"\b(?:the )?same (?:time|point|stage) (?:a|one) year (?:ago|earlier)\b", "the same period last year"),
        (r"\bat this (?:time|point|stage)(?: of (?:the )?year)? last year\b", "the same period last year"),
        (r"\bthis time last year\b", "the same period last year"),
        (r",? (?:sorted |ranked )?(?:the )?(?:highest|biggest|largest|most)(?: ones?)? first$", ", highest first"),
        (r",? (?:sorted |ranked )?(?:the )?(?:lowest|smallest|least|fewest)(?: ones?)? first$", ", lowest first"),
        (r",? (?:the )?best(?: ones?)? first$", ", best to worst"),
        (r",? (?:the )?worst(?: ones?)? first$", ", worst to best"),
        (r"\b(?:broken|split|sliced|cut) (?:down|out|up) by\b", "by"),
    )
)


def written_out(question: str) -> str:
    """The question with its shorthand spelled; the same text where there is none.

    Nothing is added that was not said: a sign becomes its word, so that what nobody knows is declined and not skipped.
    """
    text = question
    tail = re.search(r"[\s?.!]*$", text)
    end = tail.group() if tail else ""
    body = text[: len(text) - len(end)]
    for pattern, full in _WRITTEN:
        body = pattern.sub(full, body)
    return question if body == text[: len(text) - len(end)] else " ".join(body.split()) + end
