"""The part of the semantic model that a question needs, small enough for any model whatever the size of the schema."""

from __future__ import annotations

import math
import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from agent.brain import PlanContext
from agent.llm import meanings
from agent.llm.untrusted import cell
from warehouse.model.bags import bag
from warehouse.model.schema import Described, SemanticModel, Table
from warehouse.model.values import ValueMatch
from warehouse.model.words import singular, split

MOST_CHARACTERS = 4_200
_MOST_FIELDS = 24
_MOST_VALUES = 12
_LONGEST_VALUE = 40
_LEAST_MATCH = 0.85
_MOST_HITS = 8
_LEAST_ROOM = 120
_MOST_NEAR = 8
_RANK = 5.0
_WORD = re.compile(r"[^\W_]+")
_SMALL = bag(
    "a an and are as at be by did do does for from had has have how i in is it its list many me much of on or our per"
    " show tell that the their there these this to us was we were what when where which who whose with you"
)


@dataclass
class _Field:
    table: str
    kind: str
    name: str
    text: str
    words: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class _Scored:
    field: _Field
    score: float


@dataclass(frozen=True)
class _Index:
    """The fields of one model, and how many of them hold a word; kept while the model is."""

    model: SemanticModel
    fields: tuple[_Field, ...]
    seen: Counter[str]


_INDEXES: OrderedDict[int, _Index] = OrderedDict()
_LOCK = threading.Lock()
_MOST_INDEXES = 16


def card(context: PlanContext, extra: str = "") -> str:
    """Tables, figures, groups and matching values that fit the question (and `extra` words), best tables first.

    The whole model when it is small; else the tables that score, those they join to, and the names of the rest.
    """
    model = context.model
    hits = value_hits(context, f"{context.question} {extra}")
    fields = _scored(_index(model), " ".join([context.question, extra, *context.glossary]), hits)
    order = _order(model, fields, meanings.ranked(model, extra or context.question))
    by_table: dict[str, list[_Scored]] = {}
    for scored in fields:
        by_table.setdefault(scored.field.table, []).append(scored)
    lines: list[str] = []
    room, left = MOST_CHARACTERS, []
    for table in order:
        if room < _LEAST_ROOM:
            left.append(table)
            continue
        told = "\n".join(_table_lines(context, table, by_table[table], len(order) <= 12))
        if len(told) <= room:
            lines.append(told)
            room -= len(told)
        else:
            left.append(table)
    lines += [_metrics(by_table[""])] if "" in by_table else []
    if model.terms or model.filters:
        lines.append("terms: " + ", ".join(cell(n) for n in [*model.terms, *model.filters][:30]))
    if left:
        lines.append("other tables (use find_names for their fields): " + ", ".join(cell(t) for t in left[:40]))
    lines += [f"value {cell(h.value, 60)!r} is in {h.table}.{h.dimension}" for h in hits]
    return "\n".join(lines)


def tables_for(model: SemanticModel, question: str, near: Sequence[str]) -> list[str]:
    """All tables, those that fit the question best first; `near` are the nearest in meaning."""
    return _order(model, _scored(_index(model), question, []), near)


def value_hits(context: PlanContext, text: str) -> list[ValueMatch]:
    """Values of the data that the text names, longest phrases first."""
    words = [w for w in re.findall(r"[\w'’.&-]+", text) if w.strip(".-'’&")]
    found: dict[tuple[str, str, str], ValueMatch] = {}
    for size in range(min(4, context.values.longest_phrase()), 0, -1):
        for start in range(len(words) - size + 1):
            phrase = " ".join(words[start : start + size]).strip(".'’")
            if size == 1 and phrase.casefold() in _SMALL:
                continue
            for match in context.values.match(phrase, 3):
                if match.score >= _LEAST_MATCH:
                    found.setdefault((match.table, match.dimension, match.value), match)
    return list(found.values())[:_MOST_HITS]


def _fields(model: SemanticModel) -> Iterator[_Field]:
    for name, metric in model.metrics.items():
        yield _field("", "metric", name, _named(name, metric), metric)
    for key, table in model.tables.items():
        yield _field(key, "table", key, "", table, [table.record or "", table.records or ""])
        for name, measure in table.measures.items():
            yield _field(key, "figure", name, _named(name, measure), measure)
        for name, number in table.numbers.items():
            yield _field(key, "number", name, _named(name, number), number)
        for name, dimension in table.dimensions.items():
            yield _field(key, "group", name, name, dimension)
        for name, column in (table.time.columns if table.time else {}).items():
            yield _field(key, "time", name, name, column)


def _named(name: str, spec: Described) -> str:
    label = spec.label or ""
    plain = "_".join(_words(label)) == "_".join(_words(name))
    return name if not label or plain else f"{name} “{cell(label, 40)}”"


def _field(table: str, kind: str, name: str, text: str, spec: Described, more: Sequence[str] = ()) -> _Field:
    words = Counter(dict.fromkeys(_words(" ".join([*split(name), spec.label or "", *spec.words(), *more])), 2))
    words.update(w for w in _words(spec.description or "") if w not in words)
    return _Field(table, kind, name, text, words)


def _words(text: str) -> list[str]:
    return [singular(w) for w in _WORD.findall(text.casefold()) if w not in _SMALL]


def _index(model: SemanticModel) -> _Index:
    with _LOCK:
        known = _INDEXES.get(id(model))
        if known is None or known.model is not model:
            fields = tuple(_fields(model))
            known = _Index(model, fields, Counter(w for f in fields for w in f.words))
            _INDEXES[id(model)] = known
        _INDEXES.move_to_end(id(model))
        while len(_INDEXES) > _MOST_INDEXES:
            _INDEXES.popitem(last=False)
        return known


def _scored(index: _Index, text: str, hits: Iterable[ValueMatch]) -> list[_Scored]:
    """Rare words count more; a value of the question points at its column."""
    asked = {w: math.log(1 + len(index.fields) / index.seen[w]) for w in set(_words(text)) if w in index.seen}
    held = {(h.table, h.dimension) for h in hits}
    found = []
    for f in index.fields:
        score = sum(f.words[w] * weight for w, weight in asked.items() if w in f.words)
        found.append(_Scored(f, score + 8.0 * ((f.table, f.name) in held)))
    return found


def _order(model: SemanticModel, fields: list[_Scored], near: Sequence[str]) -> list[str]:
    """Tables by the sum of their three best fields, and by nearness in meaning; what a leading one joins to follows it.

    The two rankings are merged by rank; a table that words alone find stays ahead of one that only sounds like it.
    """
    scores: dict[str, list[float]] = {t: [] for t in ["", *model.tables]}
    for scored in fields:
        scores[scored.field.table].append(scored.score)
    total = {t: _table_score(s) for t, s in scores.items()}
    worded = sorted((t for t in model.tables if total[t] > 0), key=lambda t: (-total[t], t))
    merged = _merged(worded, near[:_MOST_NEAR])
    best = sorted(model.tables, key=lambda t: (-merged.get(t, 0.0), -total[t], t))
    order: list[str] = []
    for position, table in enumerate(best):
        near = [j.to for j in model.tables[table].joins if j.to in model.tables] if position < 3 else []
        order += [t for t in [table, *near] if t not in order]
    return order


def _merged(worded: Sequence[str], near: Sequence[str]) -> dict[str, float]:
    """Reciprocal ranks added up, so that scores of different kinds need not be compared; words count for more."""
    scores: dict[str, float] = {}
    for weight, ranking in ((1.5, worded), (1.0, near)):
        for place, table in enumerate(ranking):
            scores[table] = scores.get(table, 0.0) + weight / (_RANK + place)
    return scores


def _table_score(scores: list[float]) -> float:
    return sum(sorted(scores, reverse=True)[:3])


def _table_lines(context: PlanContext, name: str, own: list[_Scored], small: bool) -> Iterator[str]:
    table = context.model.tables[name]
    kept = _kept(own)
    joins = ", ".join(j.to + (f" as {j.role}" if j.role else "") for j in table.joins)
    times = [f.field.name for f in own if f.field.kind == "time"]
    head = [f"one row: {cell(table.record)}"] if table.record else []
    head += [f"key: {', '.join(table.key)}"] if table.key else []
    head += [f"time: {', '.join(times)}"] if times else []
    head += [f"joins: {joins}"] if joins else []
    yield f"table {cell(name)} ({'; '.join(head)})"
    for kind in ("figure", "number"):
        found = [f.field.text for f in kept if f.field.kind == kind]
        if found:
            yield f"  {kind}s: {', '.join(found)}"
    groups = [_group(context, table, name, f, small) for f in kept if f.field.kind == "group"]
    if groups:
        yield f"  groups: {', '.join(groups)}"


def _kept(own: list[_Scored]) -> list[_Scored]:
    """The best fields of a wide table, in the order of the model."""
    chosen = {id(f) for f in sorted(own, key=lambda f: -f.score)[:_MOST_FIELDS]}
    return [f for f in own if id(f) in chosen]


def _group(context: PlanContext, table: Table, name: str, scored: _Scored, small: bool) -> str:
    f, spec = scored.field, table.dimensions[scored.field.name]
    if spec.pii or not (small or scored.score > 0) or spec.type not in ("text", "boolean"):
        return f.name if spec.type == "text" else f"{f.name}:{spec.type}"
    values = context.values.values_of(name, f.name)
    short = [str(cell(v)) for v in values if len(v) <= _LONGEST_VALUE]
    return f"{f.name} ({' | '.join(short)})" if 0 < len(short) == len(values) <= _MOST_VALUES else f.name


def _metrics(fields: list[_Scored]) -> str:
    found = sorted(fields, key=lambda f: -f.score)[:40]
    return "metrics: " + ", ".join(f.field.text for f in found)
