"""Everyday ways to put a question, written out as the plain question they stand for; no word of content is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agent.builtin.deeds import at_the_end, plain_deed
from agent.builtin.defaults import event_noun, money_noun
from agent.builtin.lexicon import Lexicon
from agent.builtin.meaning import still_there
from agent.builtin.phrasings_services import served
from warehouse.model.words import singular

_MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"


@dataclass(frozen=True)
class Usual:
    """What the words for money and for what happens stand for in this model, and the year it is."""

    money: str
    events: str
    year: int
    records: frozenset[str] = frozenset()
    """Words for one row where there is one kind of them."""

    rows: str = ""
    """What the rows are called where there is one kind of them."""

    there: str | None = ""
    """Words that leave out people who are gone; None where nothing can say so."""


Writer = Callable[[re.Match[str], Usual], str]


def plainly(question: str, lexicon: Lexicon, year: int) -> Iterator[str]:
    """Plain wordings of a question, each to be planned in turn."""
    money, events = money_noun(lexicon), event_noun(lexicon, "what")
    usual = Usual(
        lexicon.label(money.refs[0]).lower() if money else "",
        lexicon.label(events.refs[0]).lower() if events else "",
        year,
        _rows(lexicon),
        _called(lexicon),
        still_there(lexicon),
    )
    text = question.strip(" ?.!")
    for written in (plain_deed(question, lexicon), at_the_end(question, lexicon)):
        if written is not None:
            yield written
    yield from served(text)
    for pattern, write in _PHRASINGS:
        found = pattern.search(text)
        written = write(found, usual) if found else ""
        if found and written:
            yield f"{text[: found.start()]}{written}{text[found.end() :]}".strip()


def _rows(lexicon: Lexicon) -> frozenset[str]:
    tables = list(lexicon.model.tables.values())
    if len(tables) != 1:
        return frozenset()
    counted = next((m for m in tables[0].measures.values() if m.agg == "count" and not m.where), None)
    return frozenset(singular(w) for w in (tables[0].record or "", *(counted.words() if counted else ())) if w)


def _called(lexicon: Lexicon) -> str:
    tables = list(lexicon.model.tables.values())
    return tables[0].records or "" if len(tables) == 1 else ""


def _phrase(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.I)


def _more_than(m: re.Match[str], usual: Usual) -> str:
    """`did we sell more this May than last May`: the same months of two years are compared by the year."""
    what = m["what"] or ""
    figure = usual.money if what.strip().casefold() in ("", "money", "cash") else what
    now, then = m["now"].strip(), m["then"].strip()
    month = re.fullmatch(rf"(?:in )?last ({_MONTH})", then, re.I)
    if month and re.fullmatch(rf"(?:in )?this {month[1]}", now, re.I):
        then = "the same period last year"
    return f"{figure} {now} compared with {then}" if figure else ""


def _spending(m: re.Match[str], usual: Usual) -> str:
    return f"{usual.money} {m['a']} vs {m['b']}" if usual.money else ""


_PHRASINGS: tuple[tuple[re.Pattern[str], Writer], ...] = (
    (_phrase(r"\bhead ?count\b"), lambda _m, _u: "number of employees"),
    (
        _phrase(r"\blongest[- ](?:serving|standing) (?P<x>\w+)$"),
        lambda m, u: f"earliest {m['x']}{u.there}" if u.there is not None else "",
    ),
    (
        _phrase(r"\blongest[- ](?:serving|standing)\b"),
        lambda _m, u: "earliest" if u.there == "" else "",
    ),
    (
        _phrase(
            r"^who (?:has|have) been (?:here|with us|(?:with|at) the (?:company|firm)|employed|working here|around|"
            r"(?:an? )?(?P<x>member|customer|client|employee|patient|supplier))(?: (?:for|with us))? (?:the )?longest$"
        ),
        lambda m, u: (
            f"earliest {m['x'] + 's' if m['x'] else u.rows}{u.there}"
            if (m["x"] or u.rows) and u.there is not None
            else ""
        ),
    ),
    (
        _phrase(r"^(?P<f>\w+) (?:vs\.?|versus|or|against|and) non[- ]?(?P=f) (?P<x>.+)$"),
        lambda m, _u: f"{m['x']} by {m['f']}",
    ),
    (
        _phrase(r"\b(?:for |of |between )?(?P<f>\w+) (?:vs\.?|versus|or|against|and) non[- ]?(?P=f)(?: \w+)?$"),
        lambda m, _u: f"by {m['f']}",
    ),
    (_phrase(r"\b(?:new )?(?:hires|joiners|starters)\b"), lambda _m, _u: "employees hired"),
    (_phrase(r"\bleavers\b"), lambda _m, _u: "employees who left"),
    (
        _phrase(r"^who (?:got|gets|received|receives|gained) the (?P<s>highest|biggest|largest|lowest|smallest) "),
        lambda m, _u: f"who has the {m['s']} ",
    ),
    (
        _phrase(r"^(?:what is |show me )?(?:the |our )?(?P<x>\w+(?: \w+)?) (?:split|mix|breakdown|distribution)$"),
        lambda m, u: f"number of {u.rows} by {m['x']}" if u.rows else "",
    ),
    (
        _phrase(r"\b(?P<lead>top \d+|highest|biggest|top|lowest) (?:earners|paid)\b"),
        lambda m, u: f"{m['lead']} {u.rows} by salary" if u.rows else "",
    ),
    (
        _phrase(r"\b(?:with|have|has|had|having|got|gave) an? (?P<x>\w+(?: \w+)?) of (?P<n>\d+(?:\.\d+)?)\b"),
        lambda m, _u: f"with {m['x']} = {m['n']}",
    ),
    (
        _phrase(r"^how many (?=(?:were|was|are|did|have|has|had) (?:not|never|still|late|already)\b)"),
        lambda _m, u: f"how many {u.rows} " if u.rows else "",
    ),
    (
        _phrase(r" (?:driven|covered|travelled|traveled|handled|done|completed|delivered|earned|made) by (?=[A-Z])"),
        lambda _m, _u: " for ",
    ),
    (_phrase(r"\s+ever$"), lambda _m, _u: " "),
    (_phrase(r"\bstill (?=\w)"), lambda _m, _u: " "),
    (_phrase(r"\bthe (?:longest|slowest)(?= \w)"), lambda _m, _u: "the highest"),
    (_phrase(r"\bthe (?:shortest|quickest)(?= \w)"), lambda _m, _u: "the lowest"),
    (
        _phrase(r"^(?:does|do|did) (?:the )?(?P<x>.+?) (?:differ|vary) (?:between|among|across|by|with) (?P<b>.+)$"),
        lambda m, _u: f"average {m['x']} {'for' if ' and ' in m['b'] else 'by'} {m['b'].replace(' and ', ' vs ')}",
    ),
    (
        _phrase(
            r"^(?:(?:is there|do we have|what is|how (?:big|large|wide) is) )?(?:a |the |our )?(?P<g>\w+(?: \w+)?) "
            r"(?P<x>pay|wage|salary|income|earnings) (?:gap|difference)$"
        ),
        lambda m, _u: f"average {m['x']} by {m['g']}",
    ),
    (
        _phrase(
            r"^how (?:is|are|was|were) (?P<x>.+?) (?:doing|going|developing|performing|looking) (?:compared|relative) "
            r"(?:with|to) last (?P<u>year|quarter|month|week)$"
        ),
        lambda m, _u: f"{m['x']} this {m['u']} compared with last {m['u']}",
    ),
    (
        _phrase(
            rf"^(?:what (?:is|was) )?(?:the )?(?:change|difference|development|growth|increase|decrease) in (?P<x>.+?) "
            rf"from (?P<a>{_MONTH}|\d{{4}})(?P<y1> \d{{4}})? to (?P<b>{_MONTH}|\d{{4}})(?P<y2> \d{{4}})?$"
        ),
        lambda m, _u: f"{m['x']} in {m['b']}{m['y2'] or ''} compared with {m['a']}{m['y1'] or m['y2'] or ''}",
    ),
    (
        _phrase(
            r"^(?:what (?:is|was) )?(?:the )?(?:difference|change) in (?P<x>.+?) between (?P<a>.+?) and (?P<b>.+)$"
        ),
        lambda m, _u: (
            f"{m['x']} in {max(m['a'], m['b'])} compared with {min(m['a'], m['b'])}"
            if m["a"].isdigit() and m["b"].isdigit()
            else f"compare {m['x']} between {m['a']} and {m['b']}"
        ),
    ),
    (
        _phrase(
            r"^(?:what (?:is|was) )?(?:the )?(?:change|development|difference) (?:in|of) "
            r"(?P<x>.+?) since last (?P<u>year|quarter|month|week)$"
        ),
        lambda m, _u: f"{m['x']} this {m['u']} compared with last {m['u']}",
    ),
    (
        _phrase(
            r"^how (?:much )?(?:has|have|did) (?P<x>.+?) (?:changed?|moved?|developed?) since last "
            r"(?P<u>year|quarter|month|week)$"
        ),
        lambda m, _u: f"{re.sub('^(?:the|our) ', '', m['x'], flags=re.I)} this {m['u']} compared with last {m['u']}",
    ),
    (
        _phrase(
            r"^how much (?:money )?(?:did|do|have|has) (?:we|the (?:company|business)|they) "
            r"(?:sell|sold|make|made|earn|earned|take in|taken in|turn over)\b"
        ),
        lambda _m, u: u.money,
    ),
    (
        _phrase(
            r"^(?:did|have|do) we (?:make|made|sell|sold|earn|earned|have|had|get|got) "
            r"more(?P<what> .+?)?(?P<now> (?:in |on )?(?:this|last|yesterday|today|\d{4}).*?) than "
            r"(?P<then>(?:in |on )?.+)$"
        ),
        _more_than,
    ),
    (
        _phrase(
            r"^(?:do|did|does) (?P<a>.+?) (?:spend|buy|spent|bought) (?:more|less) than "
            r"(?P<b>.+?)(?: ones?| do| did)*$"
        ),
        _spending,
    ),
    (
        _phrase(
            r"^(?:what (?:are|were) )?(?:the )?(?:main|most common|most frequent|usual|leading|"
            r"biggest) (?P<a>\w+(?: \w+)?) (?:for|of|behind) (?P<b>.+)$"
        ),
        lambda m, _u: f"number of {m['b']} by {m['a']}",
    ),
    (_phrase(r"\bdo (?:we|you|they) (?:carry|stock|offer|sell|run|operate|keep|own)\b"), lambda _m, _u: "are there"),
    (
        _phrase(
            r"^(?:which|what) (?P<x>.+?) (?:do|did) (?:our |the )?(?:customers?|people|clients?|"
            r"shoppers?|buyers?|they) (?:use|choose|prefer|pay with|pick)(?: most)?(?P<rest>.*)$"
        ),
        lambda m, u: f"{u.events} by {m['x']}{m['rest']}" if u.events else "",
    ),
    (_phrase(r"\b(?:(?:were|was|are|been) )?paid (?:with|by|via|using|in)\b"), lambda _m, _u: "with"),
    (
        _phrase(r"^how (?:did|has|is|was) (?:the )?(?P<x>.+?) (?:perform(?:ed|ing)?|do|done|doing|go|gone|run)$"),
        lambda m, u: f"{u.money} for {m['x']}" if u.money else "",
    ),
    (
        _phrase(
            r"^(?:on |in )?(?:which|what) (?P<u>hour|day|date|week|month|quarter|year|weekday) (?:was|were|is|are|had) "
            r"(?:the |our )?(?P<x>.+?) (?:the )?(?P<end>highest|lowest)(?P<rest> (?:in|for|at|of) .+)?$"
        ),
        lambda m, _u: f"which {'day' if m['u'] == 'date' else m['u']} had the {m['end']} {m['x']}{m['rest'] or ''}",
    ),
    (
        _phrase(
            r"^(?:did|have|has) (?:the |our )?(?:number of )?(?P<x>.+?) (?:go(?:ne)? (?:up|down)|rise|risen|grow|grown|"
            r"increased?|fall|fallen|drop(?:ped)?|decreased?|declined?)(?P<when> (?:in|last|this|from|since|over) .+)?$"
        ),
        lambda m, _u: f"how did {m['x']} change{m['when'] or ''}",
    ),
    (
        _phrase(r"^(?:the )?(?P<x>.+?) per (?P<r>\w+)(?P<by> (?:by|for|in) .+)?$"),
        lambda m, u: f"average {m['x']}{m['by'] or ''}" if m["r"].casefold() in u.records else "",
    ),
    (
        re.compile(r"\b(?:[Oo]n|[Dd]uring|[Ff]or|[Oo]ver) (?P<x>[A-Z]\w*(?: [A-Z&]\w*)*) (?P<w>last|this) year\b"),
        lambda m, u: f"for {m['x']} {u.year - (m['w'] == 'last')}",
    ),
)
