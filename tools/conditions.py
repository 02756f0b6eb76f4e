"""Filters in words, so that an answer over some of the rows always says which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from tools.calendar_names import NAMES
from warehouse.model.bags import bag
from warehouse.model.words import plural, singular
from warehouse.query import AnyOf, Condition, Filter, Has, Scalar, Yardstick

_WORDS = {
    "=": "is", "in": "is", "!=": "is not", "not_in": "is not", "<": "is under", "<=": "is at most", ">": "is over",
    ">=": "is at least", "between": "is between", "contains": "contains", "starts_with": "starts with",
    "ends_with": "ends with", "is_null": "is missing", "not_null": "is known",
}  # fmt: skip
_DAYS = {"<": "before", "<=": "not after", ">": "after", ">=": "not before"}
_FIGURES = {"avg": "average", "min": "lowest", "max": "highest", "sum": "total"}
_DATED = {**_FIGURES, "min": "earliest", "max": "latest"}
_DATE_WORDS = bag("date day time on at month year")
_LARGE = 10_000
"""Numbers from here on are written with separators; smaller ones may be years."""
_MUTE = frozenset(["yes", "no", "y", "n", "true", "false", "t", "f", "none", "unknown", "other", "n/a"])
_COUNTED = {
    "=": "exactly", "!=": "other than", "<": "fewer than", "<=": "at most", ">": "more than", ">=": "at least",
}  # fmt: skip


def filter_params(filters: Sequence[Condition]) -> dict[str, str]:
    """Filters as parameters of an answer: `filter_1` … for values that name themselves, `where` for all others.

    `held` says what belongs to the rows that count: "with more than 2 orders".
    """
    named = [in_words(f) for f in filters if names_values(f)]
    params = {f"filter_{number}": words for number, words in enumerate(named, start=1)}
    held = [in_words(f) for f in filters if isinstance(f, Has)]
    params |= {"held": " and ".join(held)} if held else {}
    rest = [in_words(f) for f in filters if not names_values(f) and not only_known(f) and not isinstance(f, Has)]
    return params | ({"where": " and ".join(rest)} if rest else {})


def names_values(condition: Condition) -> bool:
    """Whether the values alone say what is meant: "Germany", but not "over 5"."""
    if not isinstance(condition, Filter) or condition.among is not None:
        return False
    if condition.field is None:
        return _is_plural(str(condition.term))
    return condition.than is None and condition.op in ("=", "in") and all(_speaks(v) for v in condition.values)


def _speaks(value: Scalar) -> bool:
    """Whether a value means something without its field: "Germany" does, "Yes" and "3" do not."""
    return isinstance(value, str) and value.casefold() not in _MUTE and not value.isdigit()


def _is_plural(term: str) -> bool:
    """Whether a term of the model is a name for things (“outlets”, “gold customers”) and no adjective (“completed”)."""
    return term[-1:] == "s" and term[-2:] not in ("ss", "us")


_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"(?:_at|_on|date|time)$", re.I)
"""How dates are called; what has one has happened, and that is part of what was asked."""


def only_known(condition: Condition) -> bool:
    """Whether the condition merely leaves out rows without a name for their group, which no reader asks about."""
    if not isinstance(condition, Filter) or condition.op != "not_null":
        return False
    return condition.field is None or not _MOMENT.search(condition.field.field)


def in_words(condition: Condition) -> str:
    """ "Germany or France" for values that speak for themselves, else "quantity over 5"."""
    if isinstance(condition, AnyOf):
        return " or ".join(f"they have {_held(f)}" if isinstance(f, Has) else _full(f) for f in condition.any_of)
    if isinstance(condition, Has):
        held = _held(condition)
        return f"without {held.removeprefix('no ')}" if held.startswith("no ") else f"with {held}"
    if condition.field is not None and names_values(condition):
        return " or ".join(str(v) for v in condition.values)
    return _full(condition)


def _full(one: Filter) -> str:
    if one.field is None:
        return str(one.term)
    name = _spoken(one.field.field)
    if one.than is not None:
        return _against(name, one, one.than)
    if one.among is not None:
        owners = f"{_many(name)} of {_many(one.among.field.field.split('.', 1)[0])}"
        return f"{name} is {'' if one.op == 'in' else 'not '}among the {owners}"
    if one.field.part == "weekend":
        return "the day is on a weekend" if one.values == (True,) else "the day is a weekday"
    names = [str(NAMES[one.field.part].get(v, v)) for v in one.values] if one.field.part in NAMES else []
    if one.field.part is not None:
        name = one.field.part.replace("_", " ")
    joint = " and " if one.op == "between" else " or "
    if one.op in _DAYS and _DAY.fullmatch(str(one.values[0])):
        day = date.fromisoformat(str(one.values[0]))
        return f"{name} is {_DAYS[one.op]} {day:%b} {day.day}, {day.year}"
    return f"{name} {_WORDS[one.op]} {joint.join(names or [_value(v) for v in one.values])}".rstrip()


def _spoken(field: str) -> str:
    return field.rsplit(".", 1)[-1].replace("_", " ")


def _many(name: str) -> str:
    """A name as a plural: "order lines" for order_line."""
    *first, last = name.replace("_", " ").lower().split(" ")
    return " ".join([*first, plural(singular(last))])


def _against(name: str, one: Filter, than: Yardstick) -> str:
    """ "age is the highest", "age is over the average of those with country France", "order date is the latest"."""
    words = _DATED if _DATE_WORDS & set(name.lower().split()) else _FIGURES
    only = f" of those with {' and '.join(in_words(f) for f in than.filters)}" if than.filters else ""
    return f"{name} {_WORDS[one.op]} the {words[than.agg]}{only}"


def _held(one: Has) -> str:
    """ "no orders", "more than 2 orders (status is returned)", "a total amount of orders over 1000"."""
    table = _many(one.has)
    only = (
        f" ({' and '.join(_full(f) if isinstance(f, Filter) else in_words(f) for f in one.filters)})"
        if one.filters
        else ""
    )
    if one.op is None:
        return f"{'' if one.exists else 'no '}{table}{only}"
    if one.op in ("most", "fewest"):
        ranked = f"{table}{only}" if one.of is None else f"{_FIGURES[one.agg]} {_spoken(one.of.field)} of {table}{only}"
        return f"the {one.op if one.of is None else 'highest' if one.op == 'most' else 'lowest'} {ranked}"
    number = f"{one.value:f}"
    if one.of is None:
        return f"{_COUNTED[one.op]} {number} {table}{only}"
    return (
        f"a {_FIGURES[one.agg]} {_spoken(one.of.field)} of {table}{only} {_WORDS[one.op].removeprefix('is ')} {number}"
    )


def _value(value: Scalar) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | Decimal) and not -_LARGE < value < _LARGE:
        return f"{value:,}"
    return str(value)
