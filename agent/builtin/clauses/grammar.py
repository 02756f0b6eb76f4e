"""A sentence with what every rule of the clause grammar needs to read it; rules give the place after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from agent.builtin.clauses.names import Names, akin, table_words
from agent.builtin.clauses.words import (
    ARTICLES,
    BEING,
    DENYING,
    ENDING,
    HELPING,
    PREPOSITIONS,
    RELATIVE,
    STRANDED,
    VERBS,
)
from agent.builtin.cursor import Cursor
from agent.builtin.lexicon import Ref
from agent.builtin.resolve import Resolver
from agent.builtin.text import Token
from warehouse.model.schema import Dimension, ValueType
from warehouse.model.values import ValueMatch

_DEEPEST = 6


@dataclass
class Grammar:
    """One sentence. `last` is the field compared last, for “… and less than 4000”; `within` are the open things."""

    cursor: Cursor
    resolver: Resolver
    names: Names
    last: Ref | None = None
    depth: int = 0
    within: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, cursor: Cursor, resolver: Resolver) -> Grammar:
        return cls(cursor, resolver, Names(resolver, cursor.tokens))

    @property
    def length(self) -> int:
        return len(self.cursor.tokens)

    def low(self, at: int) -> str:
        """The folded word at a place, empty beyond the ends."""
        return self.cursor.tokens[at].low if 0 <= at < self.length else ""

    def token(self, at: int) -> Token | None:
        return self.cursor.tokens[at] if 0 <= at < self.length else None

    def number(self, at: int) -> Token | None:
        """The number at a place."""
        token = self.token(at)
        return token if token is not None and token.value is not None and token.kind != "quoted" else None

    def at(self, at: int, *words: str) -> bool:
        return all(self.low(at + n) == w for n, w in enumerate(words))

    def first(self, phrases: Iterable[tuple[str, ...]], at: int) -> int:
        """Length of the longest phrase at a place, 0 for none."""
        return max((len(p) for p in phrases if self.at(at, *p)), default=0)

    def mentions(self, words: frozenset[str]) -> bool:
        """Whether one of these words occurs anywhere in the sentence."""
        return any(t.low in words for t in self.cursor.tokens)

    def skip(self, at: int, words: frozenset[str]) -> int:
        while self.low(at) and self.low(at) in words:
            at += 1
        return at

    def articles(self, at: int) -> int:
        """The place after articles and possessives, `his or her` among them."""
        while self.low(at) in ARTICLES or (self.low(at) in ("or", "of", "for") and self.low(at + 1) in ARTICLES):
            if self.low(at) in ("of", "for") and self.low(at - 1) not in ("all", "each", "his", "some", "any"):
                break
            if self.low(at) == "or" and self.low(at - 1) not in ARTICLES:
                break
            at += 1
        return at

    def lead(self, at: int) -> tuple[int, bool]:
        """The place after `who have not`, `that were`, `in which`, and whether something is denied."""
        denied = False
        while True:
            low = self.low(at)
            if low in DENYING:
                denied = True
            elif (
                (low == "at" and self.low(at + 1) in ("least", "most"))
                or not low
                or low not in RELATIVE | BEING | HELPING | PREPOSITIONS | {"they", "we", "some", "either"}
            ):
                return at, denied
            at += 1

    def is_verb(self, at: int) -> bool:
        """Whether a word says that records belong together: a usual verb, or one made of a kind of record (tasted)."""
        low = self.low(at)
        if low in VERBS:
            return True
        made = len(low) > 4 and low.endswith(("ed", "ing")) and not self.names.tables(at)
        return made and any(akin(low, w) for w in table_words(tuple(self.resolver.model.tables)))

    def tail(self, at: int) -> int:
        """The place after words that end a clause and say no more: `… they have done`, `… are enrolled in`."""
        n = self.skip(at, STRANDED | VERBS | ENDING)
        closed = self.low(n) in ("", ",", "and", "or", "but", ")")
        return n if closed else at

    def type_of(self, ref: Ref) -> ValueType:
        """The value type of a field."""
        spec = self.resolver.model.tables[ref.table]
        if ref.name in spec.numbers:
            return spec.numbers[ref.name].type
        if spec.time and ref.name in spec.time.columns:
            return "date" if spec.time.columns[ref.name].kind == "date" else "datetime"
        return spec.dimensions[ref.name].type

    def is_number(self, ref: Ref) -> bool:
        return self.type_of(ref) in ("integer", "decimal", "float")

    def is_ordered(self, ref: Ref) -> bool:
        return self.is_number(ref) or self.type_of(ref) in ("date", "datetime")

    def flags(self, table: str) -> dict[str, Dimension]:
        """The yes-or-no fields of a table."""
        return {n: d for n, d in self.resolver.model.tables[table].dimensions.items() if d.type == "boolean"}

    def field_number(self, at: int, home: str) -> tuple[Ref, int] | None:
        """A field with an order at a place."""
        found = self.names.field(at, home)
        return found if found is not None and self.is_ordered(found[0]) and not self.is_key(found[0]) else None

    def is_key(self, ref: Ref) -> bool:
        """Whether a field tells records apart or points at others: it is no quantity."""
        spec = self.resolver.model.tables[ref.table]
        return ref.name in spec.key or any(ref.name in join.on for join in spec.joins)

    def values(self, at: int) -> tuple[tuple[ValueMatch, ...], int] | None:
        """A stored value at a place, with the place after it."""
        found = self.cursor.value(at)
        return (found[0], at + found[2]) if found else None

    def deeper(self) -> bool:
        """Whether one more clause may be opened inside the ones that are open."""
        return self.depth < _DEEPEST
