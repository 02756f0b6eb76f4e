"""Names of the model as seen from the kind of record a clause is about: whole names first, parts only when unique."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from agent.builtin.lexicon import Ref, described
from agent.builtin.resolve import Resolver
from agent.builtin.text import Token, split_name, stem
from warehouse.model.bags import bag

_ENDINGS = bag("s es e ed d er ing ion ions ation ations ment al ly ship t r y ied ies en ance or ers")
_LITTLE = bag("of the a an his her their its in on by for and or to is no")
_PARTING = bag("in on by for and or to is no")
_ALIKE = tuple(
    bag(group)
    for group in (
        "phone telephone tel cell mobile cellphone", "nation country nationality", "title name",
        "kind type category code",
        "cost price amount fee expense charge", "email mail", "staff employee worker", "postcode zip postal",
        "salary pay wage", "birthday birth dob", "detail info information", "num number", "level rank", "spend spent",
    )
)  # fmt: skip
_KEYED = bag("id ids identifier identifiers key keys")
_NAMED = bag("name names")
_VAGUE = bag("number amount total count value other time")
_LEAST = 4
_LONGEST = 5
_KINDS = ("dim", "number", "time")


@lru_cache(maxsize=20_000)
def akin(one: str, other: str) -> bool:
    """Whether two words are forms of one another: arriving and arrived, weighed and weight."""
    if one == other:
        return True
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    return shared >= _LEAST and all(not w[shared:] or w[shared:] in _ENDINGS for w in (one, other))


@lru_cache(maxsize=64)
def table_words(tables: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The words of table names (stems) with the tables they occur in."""
    found: dict[str, tuple[str, ...]] = {}
    for table in tables:
        for word in {stem(w) for w in split_name(table)}:
            found[word] = (*found.get(word, ()), table)
    return found


def _alike(one: str, other: str) -> bool:
    return any(one in group and other in group for group in _ALIKE)


@dataclass
class Names:
    """Tables and fields named in one sentence."""

    resolver: Resolver
    tokens: list[Token]
    _words: dict[str, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)

    def _stems(self, at: int, length: int) -> tuple[str, ...]:
        window = self.tokens[at : at + length]
        return () if any(t.kind != "word" for t in window) or len(window) < length else tuple(t.stem for t in window)

    def tables(self, at: int, *, whole: bool = False) -> list[tuple[str, int]]:
        """Kinds of records named at a place with where their names end, longest first.

        A part of a name (`programs` of degree programs) counts when it is unique, unless names are to be `whole`.
        """
        lexicon, found = self.resolver.lexicon, []
        for length in range(min(lexicon.longest, len(self.tokens) - at), 0, -1):
            stems = self._stems(at, length)
            refs = [r for r in lexicon.lookup(stems) if r.kind == "table"] if stems else []
            found += [(r.table, at + length) for r in refs]
        if not found and not whole and at < len(self.tokens) and self.tokens[at].kind == "word":
            found = self._part_of_table(at)
        heads = [(t, e) for _, end in found[:1] for t, e in self.tables(end) if t not in dict(found)]
        return list(dict.fromkeys([*heads, *found]))

    def _part_of_table(self, at: int) -> list[tuple[str, int]]:
        word = self.tokens[at].stem
        if len(word) < _LEAST or word in _VAGUE:
            return []
        owners = table_words(tuple(self.resolver.model.tables)).get(word, ())
        return [(owners[0], at + 1)] if len(owners) == 1 else []

    def field(
        self, at: int, home: str, kinds: tuple[str, ...] = _KINDS, most: int = _LONGEST
    ) -> tuple[Ref, int] | None:
        """The one field named at a place, seen from `home`; None when there is none or it is not clear which."""
        whole, part = self._whole(at, home, kinds) or self._usual(at, home), self._part(at, home, kinds, most)
        longer = whole and part and part[1] > whole[1] and part[0].field == whole[0].field
        return part if longer or whole is None else whole

    def _whole(self, at: int, home: str, kinds: tuple[str, ...]) -> tuple[Ref, int] | None:
        lexicon, hops = self.resolver.lexicon, self.resolver.hops(home)
        for length in range(min(lexicon.longest, len(self.tokens) - at), 0, -1):
            stems = self._stems(at, length)
            refs = [r for r in lexicon.lookup(stems) if r.kind in kinds and r.table in hops] if stems else []
            if length == 1 and stems and stems[0] in _NAMED | _KEYED:
                refs = [r for r in refs if r.table == home]
            if not refs:
                continue
            least = min(hops[r.table] for r in refs)
            near = [r for r in refs if hops[r.table] == least]
            best = [r for r in near if r.weight == near[0].weight]
            return (best[0], at + length) if len({r.field for r in best}) == 1 else None
        return None

    def _usual(self, at: int, home: str) -> tuple[Ref, int] | None:
        """The bare words name and id, for what names or identifies a record."""
        low = self.tokens[at].low if at < len(self.tokens) else ""
        spec = self.resolver.model.tables[home]
        if low in _NAMED and spec.name_column:
            return Ref("dim", home, spec.name_column), at + 1
        if low in ("date", "dates") and spec.time is not None and len(spec.time.columns) == 1:
            return Ref("time", home, spec.time.default), at + 1
        if low in _KEYED and len(spec.key) == 1:
            return Ref("dim", home, spec.key[0]), at + 1
        return None

    def _part(self, at: int, home: str, kinds: tuple[str, ...], most: int) -> tuple[Ref, int] | None:
        """A field of the record itself by some of its words (`release year` of a song's release year)."""
        for length in range(min(most, _LONGEST, len(self.tokens) - at), 0, -1):
            said = self.tokens[at : at + length]
            if any(t.kind not in ("word", "number") for t in said) or {said[0].low, said[-1].low} & _LITTLE:
                continue
            if any(t.low in _PARTING for t in said):
                continue
            words = [t.stem for t in said if t.low not in _LITTLE]
            if length == 1 and (len(words[0]) < _LEAST or words[0] in _VAGUE):
                continue
            scored = [(s, r) for r in self._fields_of(home, kinds) if (s := self._covers(words, r)) > 0]
            best = [r for s, r in scored if s == max(score for score, _ in scored)]
            if best:
                return (best[0], at + length) if len({r.field for r in best}) == 1 else None
        return None

    def by_words(self, words: list[str], home: str) -> Ref | None:
        """The one field of a record that these words name in part or whole."""
        scored = [(s, r) for r in self._fields_of(home, _KINDS) if (s := self._covers(words, r)) > 0]
        best = {r.field: r for s, r in scored if s == max(score for score, _ in scored)}
        return next(iter(best.values())) if len(best) == 1 else None

    def _fields_of(self, table: str, kinds: tuple[str, ...]) -> list[Ref]:
        spec = self.resolver.model.tables[table]
        named = {
            "dim": [*spec.dimensions],
            "number": [*spec.numbers],
            "time": [*spec.time.columns] if spec.time else [],
        }
        return [Ref(kind, table, name) for kind in _KINDS if kind in kinds for name in named[kind]]  # type: ignore[arg-type]

    def _covers(self, words: list[str], ref: Ref) -> float:
        """How well words name a field: the share of its own words among them, 0 when one of them is foreign to it."""
        own, around = self._words_of(ref)
        hit: set[str] = set()
        for word in words:
            mine = [w for w in own if akin(word, w)] or [w for w in own if _alike(word, w)]
            if not mine and not any(akin(word, w) for w in around):
                return 0.0
            hit.update(mine)
        exact = sum(w in own for w in words)
        return len(hit) / len(own) + 0.1 * exact if hit else 0.0

    def _words_of(self, ref: Ref) -> tuple[frozenset[str], frozenset[str]]:
        if ref.field not in self._words:
            spec = described(self.resolver.model, ref)
            texts = [ref.name, spec.label or "" if spec else ""]
            table = frozenset(stem(w) for w in split_name(ref.table))
            own = frozenset(stem(w) for t in texts for w in split_name(t)) - _LITTLE
            self._words[ref.field] = (own - table or own, table)
        return self._words[ref.field]

    def columns(self, at: int) -> list[tuple[Ref, int]]:
        """Fields of any table with exactly this name, longest first: what a question may be about besides records."""
        lexicon = self.resolver.lexicon
        for length in range(min(lexicon.longest, len(self.tokens) - at), 0, -1):
            stems = self._stems(at, length)
            refs = [r for r in lexicon.lookup(stems) if r.kind == "dim" and r.weight >= 0.9] if stems else []
            if refs:
                return [(r, at + length) for r in refs]
        return []
