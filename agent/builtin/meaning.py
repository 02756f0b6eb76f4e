"""Which column an adjective is about: expensive is a price, old an age or a date, large a size."""

from __future__ import annotations

from agent.builtin.lexicon import Lexicon, Ref, described
from agent.builtin.spelled import mapped, several
from agent.builtin.text import split_name, stem
from agent.builtin.vocabulary import TIME_VERBS
from warehouse.model.bags import bag
from warehouse.model.lexicon import EVENTS
from warehouse.model.schema import Table

ENDED = ("closed", "resolved", "completed", "finished", "solved")
"""What has happened to a record that is open no more."""
_SENSES = several(
    "price => price, cost, fee, fare, rate, charge, amount, msrp, value | heat => temperature |  age => age | "
    "size => size, area, capacity, population, volume, amount, total, quantity, sqm, acre, hectare | "
    "length => length, duration, distance, minutes, hours, days, time, runtime | "
    "weight => weight, mass | height => height, elevation, altitude | speed => speed, velocity, horsepower, mph | "
    "value => amount, value, total, price, revenue | people => population | "
    "wealth => wealth, income, salary, worth | "
    "rating => rating, score, stars | salary => salary, wage, pay, bonus | "
    "earning => salary, income, wage, earnings, compensation, pay"
)
_PERSON = bag("name first_name last_name gender sex nationality")
_SPANS = bag("minutes hours days")
ADJECTIVES = mapped(
    "expensive => price high | costly => price high | priciest => price high | dearest => price high | "
    "cheapest => price low | cheap => price low | inexpensive => price low | "
    "hottest => heat high | warmest => heat high | coldest => heat low | coolest => heat low | "
    "oldest => age high | youngest => age low | older => age high | younger => age low | "
    "newest => date high | latest => date high | recent => date high | last => date high | earliest => date low | "
    "first => date low | largest => size high | biggest => size high | smallest => size low | greatest => size high | "
    "longest => length high | shortest => length low | heaviest => weight high | lightest => weight low | "
    "heavier => weight high | lighter => weight low | longer => length high | shorter => length low | "
    "cheaper => price low | larger => size high | bigger => size high | smaller => size low | "
    "taller => height high | tallest => height high | fastest => speed high | slowest => speed low | "
    "faster => speed high | slower => speed low | "
    "valuable => value high | populous => people high | richest => wealth high | poorest => wealth low | "
    "highest => height high | lowest => height low | newer => date high | best-paid => earning high"
)
MEASURES = mapped(
    "earn => earning | earns => earning | earned => earning | earning => earning | "
    "make => earning | makes => earning | making => earning | pay => earning | pays => earning | paid => earning | "
    "paying => earning | cost => price | costs => price | costing => price | weigh => weight | weighs => weight | "
    "weighing => weight | weighed => weight | lasts => length | lasted => length | lasting => length | aged => age"
)
"""Verbs that say a record's own number: who earns over 100,000, films lasting over two hours."""
_NUMERIC = ("integer", "decimal", "float")
_OF_PEOPLE = bag("birth born dob birthday birthdate")
_GONE = bag("cancel cancelled canceled cancellation end ended termination terminated churn churned exit expiry expired")
_BIRTHS = bag("birth born dob open opened found founded built launch launched signed hire hired created start")


def sense(word: str) -> tuple[str, bool] | None:
    """What kind of column an adjective is about and whether it wants the high end; None for other words."""
    found = ADJECTIVES.get(word)
    if found is None:
        return None
    kind, end = found.rsplit(" ", 1)
    return kind, end == "high"


def columns_for(lexicon: Lexicon, table: str, word: str) -> list[tuple[Ref, bool]]:
    """Columns of a table that an adjective may be about, each with whether its high end is meant."""
    found = sense(word)
    if found is None:
        return []
    kind, high = found
    if kind == "date":
        return [(r, high) for r in dates(lexicon, table)]
    numbers = [(r, high) for r in _numbers(lexicon, table, _SENSES[kind])]
    if kind == "age" and not numbers:
        times = dates(lexicon, table)
        if is_of_people(lexicon.model.tables[table]):  # who was hired first is not the oldest
            return [(r, not high) for r in _all_dates(lexicon, table) if set(_words(lexicon, r)) & _OF_PEOPLE]
        named = [r for r in times if set(_words(lexicon, r)) & _BIRTHS]
        return [(r, not high) for r in (named or times)]
    return numbers


def numbers_of(lexicon: Lexicon, table: str, kind: str) -> list[Ref]:
    """The number columns of a table that are about a kind of measure: price, age, earning, weight, length, height."""
    return _numbers(lexicon, table, _SENSES[kind])


def dates(lexicon: Lexicon, table: str) -> list[Ref]:
    """The date columns of a table, the default one alone when there is one."""
    spec = lexicon.model.tables[table]
    return [Ref("time", table, spec.time.default)] if spec.time is not None else _all_dates(lexicon, table)


def _all_dates(lexicon: Lexicon, table: str) -> list[Ref]:
    spec = lexicon.model.tables[table]
    times = [Ref("time", table, n) for n in spec.time.columns] if spec.time is not None else []
    return times + [Ref("dim", table, n) for n, d in spec.dimensions.items() if d.type in ("date", "datetime")]


def is_of_people(table: Table) -> bool:
    """Whether each row is a person, and not what happened to one."""
    if EVENTS & set((table.record or "").split()):
        return False
    return bool(_PERSON & {w for n in table.dimensions for w in (n, n.removeprefix("full_"))})


def later_dates(lexicon: Lexicon, verb: str) -> tuple[Ref, ...]:
    """The dates that a verb names (closed: the closing date), those left out that every record begins with."""
    words = TIME_VERBS.get(verb, (verb,) if verb in ENDED else ())
    spoken = ((w, *tail) for w in dict.fromkeys((verb, *words)) for tail in ((), ("date",)))
    found = [x for phrase in spoken for x in lexicon.lookup(phrase) if x.kind == "time"]
    tables = lexicon.model.tables
    return tuple(x for x in dict.fromkeys(found) if (time := tables[x.table].time) and time.default != x.name)


def still_there(lexicon: Lexicon) -> str | None:
    """What leaves out people who are gone: nothing where no date says so, None where one does that no verb names."""
    if later_dates(lexicon, "left"):
        return " who have not left"
    names = (n for t in lexicon.model.tables.values() if t.time is not None for n in t.time.columns)
    return None if any(_GONE & set(split_name(n)) for n in names) else ""


def _numbers(lexicon: Lexicon, table: str, words: tuple[str, ...]) -> list[Ref]:
    spec = lexicon.model.tables[table]
    refs = [Ref("number", table, n) for n in spec.numbers]
    dims = spec.dimensions.items()
    refs += [Ref("dim", table, n) for n, d in dims if d.type in _NUMERIC and n not in spec.key]
    for word in words:
        heads = word in _SPANS  # `response_minutes` is a length; `days_absent` counts something else
        hits = [
            r
            for r in refs
            if (stem(split_name(r.name)[-1]) == stem(word) if heads else stem(word) in _words(lexicon, r))
        ]
        if hits:
            return hits
    return []


def _is_about(lexicon: Lexicon, ref: Ref, word: str) -> bool:
    """`response_minutes` is a length; `days_absent` counts something else: a span of time is said last."""
    named = split_name(ref.name)[-1:] if word in _SPANS else _words(lexicon, ref)
    return stem(word) in [stem(w) for w in named]


def _words(lexicon: Lexicon, ref: Ref) -> list[str]:
    spec = described(lexicon.model, ref)
    texts = [ref.name, spec.label or "", *spec.words()] if spec else [ref.name]
    return [stem(w) for t in texts for w in split_name(t)]
