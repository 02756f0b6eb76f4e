"""What the model's names are called in plain words, so that a question is matched against phrases and nothing else."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

from agent.builtin.graph import reachable
from agent.builtin.text import split_name, stem
from agent.builtin.vocabulary import COLUMN_WORDS, ENTITY_WORDS, FIGURE_WORDS, SHORT_WORDS, STOP_WORDS
from warehouse.model.schema import Described, Dimension, Measure, SemanticModel, Table
from warehouse.model.words import expand

Kind = Literal["table", "measure", "metric", "number", "dim", "time", "term"]
Phrase = tuple[str, ...]
_MAX_CACHED = 8
_MEANS = ("average", "mean", "avg", "typical")
_INITIALS = 2
_NO_TAILS = ("id", "name", "date", "time", "number", "code", "key", "year", "month", "day", "count", "amount")
KINDS = ("type", "kind", "code", "category", "class", "level", "title", "status", "method", "group", "mode", "tier")


@dataclass(frozen=True)
class Ref:
    """One thing of the model that a phrase may mean; `weight` 1 is its own name, less a part of it or a synonym."""

    kind: Kind
    table: str
    name: str
    weight: float = 1.0

    @property
    def field(self) -> str:
        return f"{self.table}.{self.name}"

    @property
    def is_column(self) -> bool:
        return self.kind in ("number", "dim", "time")

    @property
    def is_figure(self) -> bool:
        return self.kind in ("measure", "metric")


@dataclass
class Lexicon:
    """Phrases (stems) to the things they may mean."""

    model: SemanticModel
    phrases: dict[Phrase, list[Ref]] = field(default_factory=dict)
    longest: int = 1
    words: set[str] = field(default_factory=set)

    def add(self, words: Iterable[str], ref: Ref) -> None:
        """Let `words` mean `ref`; the heavier of two equal readings stays."""
        phrase = tuple(stem(w) for w in words)
        if not phrase or all(len(w) == 1 and not w.isdigit() for w in phrase):
            return
        known = self.phrases.setdefault(phrase, [])
        twin = next((r for r in known if (r.kind, r.table, r.name) == (ref.kind, ref.table, ref.name)), None)
        if twin is None:
            known.append(ref)
        elif twin.weight < ref.weight:
            known[known.index(twin)] = ref
        self.longest = max(self.longest, len(phrase))
        self.words.update(phrase)

    def lookup(self, stems: Phrase) -> list[Ref]:
        """What the phrase may mean, best first."""
        return sorted(self.phrases.get(stems, ()), key=lambda r: -r.weight)

    def label(self, ref: Ref) -> str:
        """The thing's name for people."""
        found = described(self.model, ref)
        text = found.label if found is not None and found.label else " ".join(expand(split_name(ref.name)))
        return text[:1].upper() + text[1:]


_CACHE: OrderedDict[int, Lexicon] = OrderedDict()
_LOCK = Lock()


def lexicon_of(model: SemanticModel) -> Lexicon:
    """The lexicon of a model, built once per model object."""
    with _LOCK:
        found = _CACHE.get(id(model))
        if found is None or found.model is not model:
            found = _CACHE[id(model)] = _build(model)
            while len(_CACHE) > _MAX_CACHED:
                _CACHE.popitem(last=False)
        _CACHE.move_to_end(id(model))
        return found


def described(model: SemanticModel, ref: Ref) -> Described | None:
    """The model's entry behind a reference."""
    table = model.tables.get(ref.table)
    if ref.kind == "metric":
        return model.metrics.get(ref.name)
    if ref.kind == "term":
        return model.filters.get(ref.name)
    if table is None:
        return None
    if ref.kind == "table":
        return table
    if ref.kind == "time":
        return table.time.columns.get(ref.name) if table.time else None
    kinds: dict[str, dict[str, Dimension] | dict[str, Measure]] = {"dim": table.dimensions, "measure": table.measures}
    return table.numbers.get(ref.name) if ref.kind == "number" else kinds[ref.kind].get(ref.name)


def table_words(model: SemanticModel, name: str) -> list[str]:
    """The words of a table's name without a prefix that all tables share (sbCustomer, sbTicker -> customer)."""
    words = expand(split_name(name))
    return words[len(_shared_prefix([expand(split_name(t)) for t in model.tables])) :] or words


def _shared_prefix(names: list[list[str]]) -> list[str]:
    if len(names) < 2:
        return []
    shared = []
    for column in zip(*names, strict=False):
        if len(set(column)) > 1:
            break
        shared.append(column[0])
    return shared if all(len(n) > len(shared) for n in names) else []


def _build(model: SemanticModel) -> Lexicon:
    lexicon = Lexicon(model)
    for name, table in model.tables.items():
        nouns = _table_nouns(model, name, table)
        for noun in nouns:
            lexicon.add(noun, Ref("table", name, name))
            if len(noun) == 2 and noun[-1].endswith(("ed", "made", "sent", "paid", "sold")):
                lexicon.add(noun[:1], Ref("table", name, name, 0.6))
        _add_columns(lexicon, name, table, nouns)
        for measure, spec in table.measures.items():
            _add_figure(lexicon, Ref("measure", name, measure), spec)
    for metric, metric_spec in model.metrics.items():
        _add_figure(lexicon, Ref("metric", "", metric), metric_spec)
    for term, filter_spec in model.filters.items():
        _add_described(lexicon, Ref("term", "", term), filter_spec)
    for term in model.terms:
        lexicon.add(split_name(term), Ref("term", "", term))
    _let_authored_win(lexicon)
    _add_common_words(lexicon)
    _add_heads(lexicon)
    _add_column_words(lexicon)
    _add_tails(lexicon)
    _add_initials(lexicon)
    return lexicon


def _add_initials(lexicon: Lexicon) -> None:
    """`ASP` for the average selling price: the first letters of a figure's name of three words or more."""
    found: dict[str, set[Ref]] = {}
    model = lexicon.model
    figures = [(Ref("metric", "", n, 0.9), m.label or n) for n, m in model.metrics.items()]
    figures += [
        (Ref("measure", t, n, 0.9), m.label or n) for t, s in model.tables.items() for n, m in s.measures.items()
    ]
    for ref, label in figures:
        words = split_name(label)
        if len(words) > _INITIALS:
            found.setdefault("".join(w[0] for w in words), set()).add(ref)
    for short, refs in found.items():
        if len(refs) == 1 and short not in SHORT_WORDS | STOP_WORDS and not lexicon.lookup((stem(short),)):
            lexicon.add([short], refs.pop())


def _table_nouns(model: SemanticModel, name: str, table: Table) -> list[list[str]]:
    texts = [table.record, table.records, table.label, *table.words()]
    nouns = [expand(split_name(t)) for t in texts if t] + [table_words(model, name), split_name(name)]
    unique: dict[Phrase, list[str]] = {}
    for noun in nouns:
        unique.setdefault(tuple(stem(w) for w in noun), noun)
    return list(unique.values())


def _add_columns(lexicon: Lexicon, table_name: str, table: Table, nouns: list[list[str]]) -> None:
    times = table.time.columns if table.time else {}
    groups: tuple[tuple[Kind, dict[str, Described]], ...] = (
        ("dim", dict(table.dimensions)),
        ("number", dict(table.numbers)),
        ("time", dict(times)),
    )
    every = [split_name(c) for _, columns in groups for c in columns]
    prefix = len(_shared_prefix(every))
    seen: set[str] = set()
    for kind, columns in groups:
        for name, spec in columns.items():
            if name in seen and kind == "dim":
                continue
            seen.add(name)
            ref = Ref(kind, table_name, name)
            bare = _bare_words(split_name(name)[prefix:], nouns)
            for words in _column_phrases(name, spec, bare):
                lexicon.add(words, ref)
            lexicon.add(bare, Ref(kind, table_name, name, 0.95))
            for noun in nouns:
                lexicon.add([*noun, *bare], ref)
                if len(bare) == 1 and kind == "number":
                    lexicon.add([*bare, noun[-1]], Ref(kind, table_name, name, 0.9))
                    lexicon.add([gerund(bare[0]), noun[-1]], Ref(kind, table_name, name, 0.9))


def _bare_words(words: list[str], nouns: list[list[str]]) -> list[str]:
    """A column's own words without a repeated table noun: customer_name on customers -> name."""
    own = expand(words)
    for noun in nouns:
        if len(own) > len(noun) and [stem(w) for w in own[: len(noun)]] == [stem(w) for w in noun]:
            return own[len(noun) :]
    return own


def _column_phrases(name: str, spec: Described, bare: list[str]) -> list[list[str]]:
    texts = [spec.label or "", *spec.words()]
    phrases = [split_name(t) for t in texts if t]
    phrases += [expand(split_name(name)), split_name(name), bare]
    return [p for p in phrases if p]


def gerund(word: str) -> str:
    """close -> closing, open -> opening."""
    return (word[:-1] if word.endswith("e") else word) + "ing"


def _add_figure(lexicon: Lexicon, ref: Ref, spec: Described) -> None:
    _add_described(lexicon, ref, spec)
    for text in (spec.label, ref.name, *spec.words()):
        words = expand(split_name(text or ""))
        if len(words) > 1 and words[0] in _MEANS:
            for mean in _MEANS:
                lexicon.add([mean, *words[1:]], Ref(ref.kind, ref.table, ref.name, 0.98))
        if len(words) > 1 and words[0] in FIGURE_WORDS:
            rest = words[1:]
            lexicon.add(rest[1:] if rest[0] == "of" else rest, Ref(ref.kind, ref.table, ref.name, 0.9))


def _add_described(lexicon: Lexicon, ref: Ref, spec: Described) -> None:
    for text in (spec.label, ref.name):
        _add_text(lexicon, text or "", ref)
    for synonym in spec.synonyms:
        if synonym.state != "deleted":
            weight = 1.0 if synonym.state == "authored" else 0.97
            _add_text(lexicon, synonym.text, Ref(ref.kind, ref.table, ref.name, weight))


def _add_text(lexicon: Lexicon, text: str, ref: Ref) -> None:
    """As it is written and with its short forms written out: a no-show is no number of shows."""
    words = split_name(text)
    lexicon.add(expand(words), ref)
    if words[:1] == ["no"]:
        lexicon.add(words, ref)


def _add_common_words(lexicon: Lexicon) -> None:
    """Everyday words for a kind of record ("rep", "client"), where the model itself does not use them."""
    for group in ENTITY_WORDS:
        tables = {r.table for w in group for r in lexicon.lookup(tuple(w.split())) if r.kind == "table"}
        if len(tables) != 1:
            continue
        table = tables.pop()
        for word in group:
            if not lexicon.lookup(tuple(stem(w) for w in word.split())):
                lexicon.add(word.split(), Ref("table", table, table, 0.8))


def _add_column_words(lexicon: Lexicon) -> None:
    """Everyday words for a field ("pay", "sex"), where the name of one field ends in a word of the same group."""
    ends: dict[str, set[Ref]] = {}
    for table, spec in lexicon.model.tables.items():
        named: list[tuple[Kind, str]] = [("number", n) for n in spec.numbers]
        named += [("dim", n) for n in spec.dimensions]
        for kind, name in named:
            ends.setdefault(stem(split_name(name)[-1]), set()).add(Ref(kind, table, name, 0.8))
    for group in COLUMN_WORDS:
        found = {ref for word in group for ref in ends.get(stem(word), ())}
        free = [w for w in group if not lexicon.lookup((stem(w),))] if len({r.field for r in found}) == 1 else []
        for word in free:
            for ref in sorted(found, key=lambda r: r.kind):
                lexicon.add([word], ref)


def _add_heads(lexicon: Lexicon) -> None:
    """`food` for a food type, `user` for the records of a user ID: where no name of the model says it already."""
    found: dict[Phrase, list[Ref]] = {}
    for name, table in lexicon.model.tables.items():
        for column, spec in table.dimensions.items():
            words = expand(split_name(spec.label or column))
            if len(words) < 2:
                continue
            head = tuple(stem(w) for w in words[:-1])
            if words[-1] in KINDS:
                found.setdefault(head, []).append(Ref("dim", name, column, 0.85))
                found.setdefault((words[-1], "of", *head), []).append(Ref("dim", name, column, 0.85))
            elif words[-1] == "id" and table.key == (column,) and len(lexicon.model.tables) == 1:
                found.setdefault(head, []).append(Ref("table", name, name, 0.85))
    for phrase, refs in found.items():
        if not lexicon.lookup(phrase):
            for ref in refs:
                lexicon.add(phrase, ref)


def _add_tails(lexicon: Lexicon) -> None:
    """`reason` for a waste reason, seen from its own table, where no name within reach of that table says it."""
    added: list[tuple[str, Ref]] = []
    for name, table in lexicon.model.tables.items():
        found: dict[str, list[str]] = {}
        for column, spec in table.dimensions.items():
            words = split_name(spec.label or column)
            if len(words) > 1 and words[-1].casefold() not in _NO_TAILS:
                found.setdefault(stem(words[-1]), []).append(column)
        near = reachable(lexicon.model, name)
        for tail, columns in found.items():
            if len(columns) == 1 and not any(r.table in near or not r.table for r in lexicon.lookup((tail,))):
                added.append((tail, Ref("dim", name, columns[0], 0.6)))
    for tail, ref in added:
        lexicon.add([tail], ref)


def _let_authored_win(lexicon: Lexicon) -> None:
    """A figure that a person or a pack named so is meant, and nothing that inference gave the same name."""
    for phrase, refs in lexicon.phrases.items():
        figures = [r for r in refs if r.is_figure]
        told = {r: described(lexicon.model, r) for r in figures}
        sure = [r for r, d in told.items() if d is not None and (d.confidence == 1 or d.origin)]
        if sure:
            lexicon.phrases[phrase] = [r for r in refs if r in sure or not (r.is_figure or _only_alike(r, phrase))]


def _only_alike(ref: Ref, phrase: Phrase) -> bool:
    """Whether a number is called so by a synonym alone: `expense` for any cost."""
    return ref.kind == "number" and tuple(stem(w) for w in split_name(ref.name)) != phrase
