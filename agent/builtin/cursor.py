"""A place in the question with everything that can be recognised from there: words, names, values, times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from agent.builtin.dates import Today
from agent.builtin.lexicon import KINDS, Lexicon, Ref, table_words
from agent.builtin.reading import Noun
from agent.builtin.text import Token, stem
from agent.builtin.times import TimeHit, time_at
from agent.builtin.vocabulary import DISTINCT, STOP_WORDS, TIME_VERBS, VALUE_FORMS
from warehouse.model.bags import bag
from warehouse.model.values import ValueMatch, ValuesIndex

_MAX_VALUE_WORDS = 6
_MOST_DETERMINERS = 6
_EXACT = 0.99
_DETERMINERS = bag("the a an all our their its his her my any some these those this that of each")
_SIGN_UPS = bag("signup registration")
_RECORD_WORDS = bag("record entry row")


@dataclass
class Cursor:
    """Tokens of one sentence and a position; rules advance it, nothing else does."""

    tokens: list[Token]
    lexicon: Lexicon
    values: ValuesIndex
    today: Today
    i: int = 0
    sorting: bool = False
    verb: str = ""
    found_values: dict[str, tuple[ValueMatch, ...]] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        return self.i >= len(self.tokens)

    def low(self, offset: int = 0) -> str:
        """The folded word at an offset; empty beyond the ends."""
        at = self.i + offset
        return self.tokens[at].low if 0 <= at < len(self.tokens) else ""

    def token(self, offset: int = 0) -> Token | None:
        at = self.i + offset
        return self.tokens[at] if 0 <= at < len(self.tokens) else None

    def at(self, *words: str, offset: int = 0) -> bool:
        """Whether these words come next."""
        return all(self.low(offset + n) == w for n, w in enumerate(words))

    def first(self, phrases: Iterable[tuple[str, ...]], offset: int = 0) -> int:
        """Length of the longest phrase that comes next, 0 for none."""
        return max((len(p) for p in phrases if self.at(*p, offset=offset)), default=0)

    def phrase_op(self, table: Iterable[tuple[str, str]], offset: int = 0) -> tuple[str, int]:
        """The operator of the longest spelled phrase that comes next and its length in tokens."""
        best = ("", 0)
        for spelled, op in table:
            words = tuple(spelled.split())
            if len(words) > best[1] and self.at(*words, offset=offset):
                best = (op, len(words))
        return best

    def skip_determiners(self, offset: int = 0) -> int:
        """Offset after articles and possessives, a handful at most."""
        for at in range(offset, offset + _MOST_DETERMINERS):
            if self.low(at) not in _DETERMINERS or self.lexicon.lookup((self.low(at),)):
                return at
        return offset + _MOST_DETERMINERS

    def noun(self, offset: int = 0, lead: str = "") -> tuple[Noun, int] | None:
        """The longest name of the model that starts here and the tokens it takes."""
        left = len(self.tokens) - self.i - offset
        for length in range(min(self.lexicon.longest + 1, left), 0, -1):
            window = self.tokens[self.i + offset : self.i + offset + length]
            marks = [at for at, t in enumerate(window) if t.kind == "punct"]
            if any(t.kind == "quoted" for t in window) or not all(_joined(window, at) for at in marks):
                continue
            refs = self.lexicon.lookup(tuple(t.stem for t in window if t.kind != "punct"))
            if refs:
                text = " ".join(t.text for t in window)
                return self._extended(Noun(tuple(refs), text, self.i + offset, lead), length, offset)
        return None

    def _extended(self, noun: Noun, length: int, offset: int) -> tuple[Noun, int]:
        """Take in "name" after a field, "records" after a kind of record, and a field of the record just named."""
        tail = self.token(offset + length)
        if tail is None or tail.kind != "word":
            return noun, length
        told = [r for r in noun.refs if tail.stem in self._table_words(r.table)]
        if (
            noun.columns
            and not noun.tables
            and told
            and len({r.table for r in noun.refs}) > 1
            and tail.low not in STOP_WORDS
        ):
            return Noun(tuple(told), f"{noun.text} {tail.text}", noun.at, noun.lead), length + 1
        if noun.tables and tail.stem in _RECORD_WORDS | _SIGN_UPS and not self.lexicon.lookup((tail.stem,)):
            lead = "signup" if tail.stem in _SIGN_UPS else noun.lead
            return Noun(noun.refs, f"{noun.text} {tail.text}", noun.at, lead), length + 1
        if noun.columns and not noun.tables and tail.stem == "name":
            return noun, length + 1
        if noun.columns and not noun.tables and self._is_kind(noun, tail, offset + length):
            return noun, length + 1
        if not noun.tables or (tail.low in STOP_WORDS and not self.lexicon.lookup((tail.stem,))):
            return noun, length
        if tail.low in TIME_VERBS and self.time(offset + length + 1):
            return noun, length  # `stores opened after May`: the verb of a date, not its column
        rest = self.noun(offset + length)
        own = [r for r in rest[0].columns if r.table in noun.tables] if rest else []
        if rest and own and not rest[0].tables:
            return Noun(tuple(own), f"{noun.text} {rest[0].text}", noun.at, noun.lead), length + rest[1]
        return noun, length

    def _is_kind(self, noun: Noun, tail: Token, offset: int) -> bool:
        """“merchant types” where the field is called merchant category: another word for the same kind."""
        labels = [self.lexicon.label(r).split()[-1].casefold() for r in noun.columns]
        own = self.noun(offset)
        beside = own is not None and own[1] > 1
        return tail.stem in KINDS and not beside and all(word in KINDS for word in labels)

    def _table_words(self, table: str) -> frozenset[str]:
        """The words after the first in a table's name: `received` of payments received."""
        words = table_words(self.lexicon.model, table) if table else []
        return frozenset(stem(w) for w in words[1:])

    def value(self, offset: int = 0) -> tuple[tuple[ValueMatch, ...], str, int] | None:
        """The longest stored value that starts here: its fields, how it was said, the tokens it takes."""
        left = len(self.tokens) - self.i - offset
        for length in range(min(self.values.longest_phrase(), _MAX_VALUE_WORDS, left), 0, -1):
            window = self.tokens[self.i + offset : self.i + offset + length]
            if window[0].kind == "punct" or window[-1].kind == "punct":
                continue
            little = length == 1 and window[0].kind == "word" and window[0].low in STOP_WORDS | DISTINCT
            if little and not self._abbreviated(window[0]):
                continue
            if length == 1 and window[0].kind == "number":
                continue
            text = " ".join(t.text for t in window)
            owned = " ".join(t.spoken for t in window) if any(t.owner for t in window) else ""
            matches = (self.exactly(owned) if owned else ()) or self.exactly(text) or self._inflected(window)
            if matches:
                return matches, text, length
        return None

    def _abbreviated(self, token: Token) -> bool:
        """`US` in a question that is not written in capitals throughout."""
        shouted = all(t.text.isupper() for t in self.tokens if t.kind == "word")
        return token.text.isupper() and len(token.text) > 1 and not shouted

    def _inflected(self, window: list[Token]) -> tuple[ValueMatch, ...]:
        """`stocks` for the value stock, `bought` for buy, `data scientists` for one: only a whole value."""
        if window[-1].kind != "word" or any(t.kind not in ("word", "punct") for t in window):
            return ()
        if len(window) > 1:
            one = " ".join([*(t.text for t in window[:-1]), _singular(window[-1])])
            return self.exactly(one) if one.split()[-1] != window[-1].low else ()
        low = window[0].low
        forms = [f for f in (VALUE_FORMS.get(low), stem(low)) if f and f != low]
        return next((found for f in forms if (found := self.exactly(f))), ())

    def exactly(self, text: str) -> tuple[ValueMatch, ...]:
        """The fields that hold just this value."""
        if text not in self.found_values:
            matches = self.values.match(text)
            self.found_values[text] = tuple(m for m in matches if m.score >= _EXACT)
        return self.found_values[text]

    def time(self, offset: int = 0, *, bare: bool = True) -> TimeHit | None:
        """The time expression that starts here."""
        hit = time_at(self.tokens, self.i + offset, self.today, bare=bare)
        if (
            hit is not None
            and hit.said is not None
            and hit.said.named
            and any(map(self.value, self._within(hit, offset)))
        ):
            return None  # “Black Friday” is a campaign here
        return hit

    @staticmethod
    def _within(hit: TimeHit, offset: int) -> range:
        return range(offset, offset + hit.tokens)


def _singular(token: Token) -> str:
    """`150` for the 150s of “F-150s”, which is too short for a stem."""
    return token.low[:-1] if token.low[-1:] == "s" and token.low[:-1].isdigit() else token.stem


def _joined(window: list[Token], at: int) -> bool:
    """Whether the mark is the & of “F&I”, which stands between single letters and is no word."""
    letters = 0 < at < len(window) - 1 and len(window[at - 1].low) == len(window[at + 1].low) == 1
    return window[at].low == "&" and letters


def prefer(refs: Iterable[Ref], *kinds: str) -> list[Ref]:
    """References of the first kind that occurs, best first."""
    every = list(refs)
    for kind in kinds:
        found = [r for r in every if r.kind == kind]
        if found:
            return found
    return []
