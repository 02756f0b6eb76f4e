"""Honest no: why a question is not answered, what was understood, and the nearest questions that are answered."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from agent.builtin.lexicon import Lexicon, Ref
from agent.builtin.text import fold, stem, tokenize
from agent.builtin.vocabulary import AGGREGATES, HIGH, LOW, STOP_WORDS, WRITE_VERBS
from agent.plan import Decline
from warehouse.model.bags import bag

if TYPE_CHECKING:
    from agent.builtin.bench import Bench
    from agent.builtin.past import Past

_MOST = 3
_NEAR = 0.78
_CLOSED = STOP_WORDS | HIGH | LOW | frozenset(AGGREGATES) | bag("number count amount many sold by per not or")
_INJECTION = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.*\b(?:instructions?|previous|above|rules|prompt|guard"
    r"|polic(?:y|ies)|permissions?)"
    r"|\bsystem prompt\b|\byou are now\b|\bpretend (?:to be|you)\b|\bact as\b|\bjailbreak\b|\bdeveloper mode\b"
    r"|\b(?:reveal|print|show|repeat|tell me) (?:me )?(?:your|the) (?:instructions|prompt|password|secret"
    r"|api key|token|credentials)",
    re.I,
)
_OPINION = re.compile(
    r"\b(?:should (?:we|i)|do you (?:think|like|recommend|believe|feel)|what do you think|in your opinion"
    r"|your (?:opinion|view|favou?rite)"
    r"|would you (?:recommend|buy|invest)|is it (?:a )?(?:good|bad|worth|wise|fair)|(?:best|good"
    r"|right) (?:strategy|decision|idea)"
    r"|recommend(?:ation)?s?\b|any advice|give me advice|what would you do)\b",
    re.I,
)
_FUTURE = re.compile(
    r"\b(?:will|going to|gonna|forecast(?:ed|s)?|predict(?:ion|ed|s)?|project(?:ed|ion|ions)|expected?"
    r"|next (?:year|month|quarter|week)"
    r"|tomorrow|in the future|by the end of (?:the|this|next) (?:year|month|quarter)|what if|outlook)\b",
    re.I,
)
_WORLD = re.compile(
    r"\b(?:weather|capital of|president|stock price|bitcoin|news|recipe|translate|poem|joke|meaning of life"
    r"|who won|world cup"
    r"|competitors?|inflation|exchange rate|market share|industry average|benchmarks?(?! (?:our|the|my|all)\b))\b",
    re.I,
)


def refuse_early(question: str) -> tuple[str, str] | None:
    """Code and reason for text that is no question to data at all: empty, orders to change data or the brain."""
    tokens = tokenize(fold(question))
    words = [t.low for t in tokens if t.kind == "word"]
    if not words:
        return "empty", "There is no question in this text."
    if _INJECTION.search(question):
        return "off_topic", "I only answer questions about your data, and this asks for something else."
    lead = [w for w in words[:4] if w not in ("please", "can", "could", "you", "i", "want", "to", "now")]
    if lead and lead[0] in WRITE_VERBS:
        return "read_only", "I only read data: nothing can be changed or deleted through a question."
    return None


def kind_of_gap(question: str) -> tuple[str, str] | None:
    """Code and reason for what no data of the past answers: an opinion, a prediction, the world outside."""
    if _OPINION.search(question):
        return "opinion", "That asks for an opinion. I can show the figures that such a decision rests on."
    if _FUTURE.search(question):
        return "prediction", "The data says what happened, not what will happen, and I do not forecast here."
    if _WORLD.search(question):
        return "not_understood", "That is about the world outside this data."
    return None


def decline(lexicon: Lexicon, question: str, reason: str, code: str) -> Decline:
    """A decline with up to three questions that can be answered, those that share words with this one first."""
    if code == "not_understood" and (gap := kind_of_gap(question)) is not None:
        code, reason = gap
    understood = _understood(lexicon, question) if code in ("not_understood", "opinion", "prediction") else ""
    return Decline(reason=reason + understood, code=code, nearest=nearest(lexicon, question))


def decline_after(bench: Bench, past: Past, reason: str, code: str) -> Decline:
    """A decline inside a thread: the nearest questions are about the figures of the last answer."""
    from agent.builtin.asking import question_of
    from agent.builtin.suggest import after_records, after_total

    query = past.query
    if query is None:
        offers = list(after_records(past.records, bench)) if past.records else []
    else:
        bare = query.model_copy(
            update={"dimensions": (), "top": None, "order": (), "having": (), "transforms": (), "compare": None}
        )
        offers = list(after_total(bare, bench))
    found = list(dict.fromkeys(q for one, _ in offers[:6] if (q := question_of(one, bench)) is not None))[:_MOST]
    rest = [n for n in nearest(bench.lexicon, bench.context.question) if n not in found]
    return Decline(reason=reason, code=code, nearest=[*found, *rest][:_MOST])


def no_why(past: Past, bench: Bench) -> Decline:
    """What no skill can explain as it was asked; the splits that usually show causes are offered."""
    reason = (
        "I could not tell which figure moved, and when. Name both, as in “why did revenue fall in October”; "
        "the questions below split it, or set it beside an earlier period, to show where it moved."
    )
    return decline_after(bench, past, reason, "not_supported_yet")


def unknown_words(lexicon: Lexicon, words: list[str]) -> str:
    """A sentence that names what was not understood, with a near name of the model when there is one."""
    content = [w for w in words if w.casefold() not in _CLOSED]
    shown = list(dict.fromkeys(content or words))[:3]
    names = [w for w in shown if w[:1].isupper() and not w.isupper()]
    quoted = _listed([f"“{w}”" for w in shown])
    near = [
        n
        for w in shown
        if len(w) > 3
        for n in get_close_matches(stem(w), sorted(lexicon.words), 1, _NEAR)
        if n != stem(w)
    ]
    hint = f" Did you mean {' or '.join(f'“{n}”' for n in dict.fromkeys(near))}?" if near else ""
    if names == shown:
        return f"I found nothing called {quoted} in this data.{hint}"
    return f"I do not know what {quoted} {'means' if len(shown) == 1 else 'mean'} in this data.{hint}"


def _listed(words: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _understood(lexicon: Lexicon, question: str) -> str:
    """ " I did understand “net revenue”." for what the question named that the model has."""
    stems = [(t.stem, t.text) for t in tokenize(fold(question)) if t.kind == "word" and t.low not in _CLOSED]
    known: list[str] = []
    position = 0
    while position < len(stems):
        for length in range(min(lexicon.longest, len(stems) - position), 0, -1):
            refs = lexicon.lookup(tuple(s for s, _ in stems[position : position + length]))
            named = next((r for r in refs if r.is_figure or r.kind in ("table", "dim", "number")), None)
            if named is not None:
                known.append(lexicon.label(named).lower())
                position += length
                break
        else:
            position += 1
    shown = list(dict.fromkeys(known))[:3]
    return f" I did understand {_listed(shown)}." if shown else ""


def nearest(lexicon: Lexicon, question: str) -> list[str]:
    """Up to three answerable questions, by shared words, then in the model's order."""
    asked = {t.stem for t in tokenize(fold(question)) if t.low not in STOP_WORDS}
    refs = {(r.kind, r.table, r.name) for s in asked for r in lexicon.lookup((s,))}
    candidates = [(text, set[tuple[str, str, str]]()) for text in lexicon.model.starters] + _made_up(lexicon)
    scored = sorted(
        (-len(asked & {t.stem for t in tokenize(text)}) - 1.5 * len(refs & about), order, text)
        for order, (text, about) in enumerate(candidates)
    )
    return list(dict.fromkeys(text for _, _, text in scored))[:_MOST]


def _made_up(lexicon: Lexicon) -> list[tuple[str, set[tuple[str, str, str]]]]:
    """Plain questions on every table: each figure, and its split by the first two fields that split it."""
    model = lexicon.model
    made: list[tuple[str, set[tuple[str, str, str]]]] = []
    for name, table in model.tables.items():
        named = {table.name_column, *table.key}
        splits = [d for d, s in table.dimensions.items() if s.groupable and not s.pii and s.type == "text"]
        groups = [d for d in splits if d not in named][:2]
        for measure, spec in list(table.measures.items())[:4]:
            label = lexicon.label(Ref("measure", name, measure))
            about = {("measure", name, measure), ("table", name, name)}
            counts = spec.agg == "count" and table.records
            made.append((f"How many {table.records} are there?" if counts else f"What is the {label.lower()}?", about))
            for group in groups:
                words = lexicon.label(Ref("dim", name, group)).lower()
                made.append((f"{label} by {words}", about | {("dim", name, group)}))
    return made
