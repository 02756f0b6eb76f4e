"""Business definitions that come with a question: used when their term is said, ignored when it is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_SIGN = r"(?:=|:|\bmeans\b|\brefers to\b|\bis defined as\b|\bstands for\b|\bis calculated as\b)"
_ENTRY = re.compile(
    rf"(?P<term>\b[A-Z][A-Za-z]*[A-Z][A-Za-z]*(?: change)?|\b[A-Z]{{2,8}}\b|^\W*[A-Za-z][A-Za-z ]{{1,40}}?)"
    rf"\s*(?:\((?P<long>[^)]{{2,60}})\))?\s*{_SIGN}\s*",
    re.MULTILINE,
)
_NOTE = re.compile(
    r"(?:^|[.;?!]\s+|\s)note that (?:the )?(?P<term>[a-z][\w ]{1,40}?) (?:refers to|means|is defined as|is)"
    r" (?P<body>[^.;?!]+)",
    re.I,
)
_IN_TABLE = re.compile(r"\b(?:in|from|of) the (?P<table>[\w]+) table\b", re.I)
_VAGUE = re.compile(
    r"[, ]*\b(?:over|during|within|in|for|across|with|based on|since|after|from)\s+(?:a|an|the|some|each)?\s*"
    r"(?:specific|specified|certain|select|selected|given|recent|defined|designated|particular|chosen|set|designed)\b[^.,;]*"
    r"|, (?:including|inclusive)\b[^.,;]*",
    re.I,
)
_LEAD = re.compile(r"^(?:calculate|compute|find|use|define|determine|the|a|an|assess)\s+", re.I)
_TAIL = re.compile(
    r"(?:\.\s|\.$|;|\n|, where\b|, using\b|, with\b|, comparing\b"
    r"|\s(?=(?:To|Always|When|If|Recall|Truncate|Use|For|So|All|Weekend|Note|Return|Identify) [a-z]))"
)
_NATIVE = re.compile(r"(?:mom|yoy|wow|qoq|ytd|mtd|qtd)(?: change)?", re.I)
_DISPLAY = re.compile(
    r"[,.]?\s*\b(?:return|include|show|represent) (?:all|each|every) (?:days?|weeks?|months?|quarters?|years?)"
    r"(?: in (?:your|the) answer)?(?:,? (?:including|even) (?:those|ones|the ones|months|if)[^.;?]*"
    r"| (?:as|by) (?:the|its) first (?:date|day)[^.;?]*)",
    re.I,
)
_MATCHING = re.compile(
    r"(?:^|(?<=[.;?!])|,)\s*(?:and )?match(?:ing)?(?: all)? (?:the )?[\w ]{3,30}?"
    r" (?:exactly|case[- ]?insensitive(?:ly)?)\W*$",
    re.I,
)
_RANK = re.compile(
    r"\brank(?:ing)?\b.*?\b(?:ordered by|based on|by)\s+(?:their|its|the)?\s*(?P<by>.+?)(?: desc(?:ending)?)?$", re.I
)
_ARITHMETIC = re.compile(r"[/*+×÷]|\s[-–]\s|\b(?:divided by|minus|plus)\b", re.I)
_RATIO = re.compile(r"^\(?(?P<a>[^/()*+]+?)\)?\s*/\s*\(?(?P<b>[^/()*+]+?)\)?$")


def definitions(lines: Iterable[str]) -> dict[str, str]:
    """Term -> what it stands for, the first readable definition of each; terms keep their spelling."""
    found: dict[str, str] = {}
    for line in lines:
        entries = list(_ENTRY.finditer(line))
        for i, entry in enumerate(entries):
            stop = entries[i + 1].start() if i + 1 < len(entries) else len(line)
            body = _TAIL.split(line[entry.end() : stop], maxsplit=1)[0]
            text = clean(body)
            for term in (entry["term"], entry["long"]):
                if term and text:
                    found.setdefault(term.strip(" -*•"), text)
    return found


def clean(body: str) -> str:
    """A definition without its vague parts: "Calculate the average price over a specific period" -> "average price"."""
    text = _VAGUE.sub("", body.strip().strip("\"'"))
    while (shorter := _LEAD.sub("", text)) != text:
        text = shorter
    return text.strip(" .,;")


def apply(
    question: str, lines: Iterable[str], one_each: Callable[[str, str], bool] = lambda _total, _count: False
) -> tuple[str, dict[str, str]]:
    """The question with the defined terms it uses written out, and which definitions were used.

    `one_each(total, count)` says whether every counted record carries one value of the total.
    """
    used: dict[str, str] = {}
    question = _MATCHING.sub("", _DISPLAY.sub("", question))
    note = _NOTE.search(question)
    known = definitions(lines)
    if note:
        question = (question[: note.start()] + " ." + question[note.end() :]).strip()
        known = {note["term"].strip(): clean(_IN_TABLE.sub("", note["body"])), **known}
    for term, body in sorted(known.items(), key=lambda kv: -len(kv[0])):
        acronym = term.upper() == term or re.search(r"[a-z][A-Z]", term) is not None
        pattern = re.compile(rf"(?<![\w]){re.escape(term)}(?![\w])", 0 if acronym else re.I)
        body = _readable(body, one_each)
        if len(term) > 1 and body and not _NATIVE.fullmatch(term) and pattern.search(question):
            if not acronym and not (note and term == note["term"].strip()):
                continue  # an everyday word keeps the model's own meaning
            question = _written(pattern, body, question)
            used[term] = body
    if note and note["term"].strip() in used:
        question = re.sub(
            rf"\b(?:total|sum of) {re.escape(_as_phrase(used[note['term'].strip()]))}",
            _as_phrase(used[note["term"].strip()]),
            question,
        )
    return question, used


def _written(pattern: re.Pattern[str], body: str, question: str) -> str:
    phrase = _as_phrase(body)
    return pattern.sub(lambda _found: phrase, question)


def _as_phrase(body: str) -> str:
    rank = _RANK.search(body)
    if rank:
        return f"rank of {rank['by'].strip()}"
    return body


def _readable(body: str, one_each: Callable[[str, str], bool]) -> str:
    """A definition that can be written out; a total over its own count is an average, other divisions are ratios."""
    ratio = as_ratio(body)
    if ratio is None:
        return "" if re.search(r"[/*+%]|\s-\s", body) else body
    total = re.match(r"(?:the )?total (?:of )?(?P<of>.+)$", ratio[0], re.I)
    count = re.match(r"(?:the )?(?:total )?(?:number|count) of (?P<of>.+)$", ratio[1], re.I)
    if total is None or count is None or not one_each(total["of"], count["of"]):
        return f"ratio of {ratio[0]} to {ratio[1]}"
    return f"mean of {total['of']}"


def formulas(question: str, lines: Iterable[str]) -> list[tuple[str, str]]:
    """Terms that the question uses and that are defined by arithmetic, with their definitions, longest first."""
    known = sorted(definitions(lines).items(), key=lambda kv: -len(kv[0]))
    return [(t, b) for t, b in known if _ARITHMETIC.search(b) and re.search(rf"(?<!\w){re.escape(t)}(?!\w)", question)]


def as_ratio(body: str) -> tuple[str, str] | None:
    """Numerator and denominator of `A / B`."""
    found = _RATIO.match(body.strip())
    return (found["a"].strip(), found["b"].strip()) if found else None
