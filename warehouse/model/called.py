"""What a row is called when the name of its file does not say: a single file is asked by nouns that stand nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from warehouse.model import lexicon, words
from warehouse.model.bags import bag
from warehouse.model.keys import bare_id, id_like
from warehouse.model.reading import ReadColumn, ReadTable

Noun = tuple[str, ...]

_NO_NOUNS = bag("row record serial line index unique reference entry item unnamed global universal external internal")
_PERSON = bag("gender sex")
_PERSON_SIGNS: tuple[frozenset[str], ...] = (
    frozenset({"age"}), frozenset({"job", "title"}), frozenset({"occupation"}), frozenset({"salary"}),
    frozenset({"first", "name"}), frozenset({"last", "name"}), frozenset({"birth", "date"}), frozenset({"education"}),
    frozenset({"education", "level"}), frozenset({"marital", "status"}), frozenset({"experience"}),
    frozenset({"bmi"}), frozenset({"smoker"}), frozenset({"years", "experience"}),
)  # fmt: skip
_ROLES: tuple[tuple[str, frozenset[str]], ...] = (
    ("employee", bag("salary wage hire hired employee department manager attrition overtime payroll experience")),
    ("patient", bag("diagnosis patient admission bmi cholesterol glucose treatment disease")),
    ("student", bag("gpa grade grades exam student school semester course")),
    ("passenger", bag("fare cabin embarked passenger boarding")),
    ("customer", bag("customer churn loyalty subscription subscriber")),
)
_PEOPLE = ("people", "persons", "individuals")
_FEMALE, _MALE = frozenset({"female", "f", "woman", "women"}), frozenset({"male", "m", "man", "men"})
_WOMEN, _MEN = ("women", "woman", "female", "females"), ("men", "man", "male", "males")


def record(table: ReadTable) -> Noun:
    """The words for one row of a table that stands alone: its own name, unless an id or its columns say it better."""
    own = _id_noun(table)
    if own is not None and own[-1] == table.record[-1]:
        return table.record
    if own is not None and (len(table.record) > 1 or _no_noun(table)):
        return own
    if own is None and _no_noun(table) and _of_people(table):
        return ("person",)
    return table.record


def others(table: ReadTable) -> Iterator[str]:
    """Plural nouns that people use for the rows of a table that stands alone, beside its record's."""
    own = _id_noun(table)
    if own is not None and own != table.record:
        yield words.phrase(words.records_words(own))
    if _of_people(table):
        yield from _PEOPLE
        named = {w for c in table.columns.values() for w in c.words}
        yield from (words.plural(role) for role, signs in _ROLES if named & signs)


def entity(table: ReadTable, column: ReadColumn) -> str | None:
    """The noun of an id that repeats (`customer` of customer_id), where no other column gives its name."""
    base = column.words[:-1]
    if not base or not table.alone or not id_like(column) or column.looks_unique or base[-1] in _NO_NOUNS:
        return None
    told = any(c.words in (base, (*base, "name")) for c in table.columns.values())
    return None if told or base == table.record else words.phrase(base)


def genders(column: ReadColumn) -> dict[str, tuple[str, ...]]:
    """Words for the values of a column of sexes."""
    if not (_PERSON & set(column.words)):
        return {}
    said: dict[str, tuple[str, ...]] = {}
    for value in column.profile.values:
        folded = str(value).strip().casefold()
        nouns = _WOMEN if folded in _FEMALE else _MEN if folded in _MALE else ()
        found = tuple(n for n in nouns if n != folded)
        if found:
            said[str(value)] = found
    return said


def ranked(column: ReadColumn) -> dict[str, tuple[str, ...]]:
    """Words for values that carry their place in front: `critical` for “1 - Critical”."""
    values = [str(value) for value in column.profile.values]
    if column.kind != "text" or len(values) < 2 or column.profile.distinct > len(values):
        return {}
    found = {value: match for value in values if (match := _RANKED.fullmatch(value.strip()))}
    return {value: (match[1].casefold(),) for value, match in found.items()} if len(found) == len(values) else {}


def head(column: ReadColumn) -> str | None:
    """The noun in the name of a quantity: `revenue` of monthly revenue, `experience` of years of experience."""
    spoken = column.words
    if len(spoken) < 2 or "per" in spoken:
        return None
    noun = spoken[-1]
    return None if noun in _NO_HEADS or lexicon.has((noun,), lexicon.CODES) else noun


_RANKED = re.compile(r"[(\[]?[\dA-Za-z][)\].]?\s*[-–:.)]\s*(\w[\w /]*)")
_NO_HEADS = bag(
    "rate ratio percent percentage pct number count level index value score total average type flag date time name"
)


def _id_noun(table: ReadTable) -> Noun | None:
    """What the id of each row identifies: `user` of a unique user id."""
    for column in table.columns.values():
        base = column.words[:-1]
        plain = 0 < len(base) <= 2 and base[-1] not in _NO_NOUNS and column.kind in ("integer", "text")
        if plain and id_like(column) and not bare_id(column) and column.looks_unique:
            return (*base[:-1], words.singular(base[-1]))
    return None


def _no_noun(table: ReadTable) -> bool:
    """Whether the table's name says nothing countable: `row`, or the name of one of its quantities (salary data)."""
    if table.record == ("row",):
        return True
    return any(c.numeric and set(table.record) <= set(c.words) for c in table.columns.values())


def _of_people(table: ReadTable) -> bool:
    """Whether the columns describe a person: a gender, or two other things that only people have."""
    named = [frozenset(c.words) for c in table.columns.values()]
    if any(w & _PERSON for w in named):
        return True
    return sum(any(sign == w - {"of"} for w in named) for sign in _PERSON_SIGNS) >= 2
