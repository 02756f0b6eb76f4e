"""One comparison of a field with typed values: text ignores case, a date means its whole day, blanks are never lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import InvalidOperation

from sqlglot import exp

from store.errors import InvalidRequest
from warehouse.compiler.bands import banded
from warehouse.compiler.calendar_math import midnight
from warehouse.compiler.coercion import coerced
from warehouse.compiler.resolve import Field
from warehouse.compiler.scope import Scope, time_kind
from warehouse.compiler.time_sql import bound, bucket, literal, part, within
from warehouse.model.schema import ValueType
from warehouse.query import Filter, Op, Scalar

_COMPARISONS: dict[str, type[exp.Binary]] = {"<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}
_PATTERNS: dict[str, str] = {"contains": "%{}%", "starts_with": "{}%", "ends_with": "%{}"}
_NEGATED: tuple[Op, ...] = ("!=", "not_in")


def predicate(scope: Scope, condition: Filter) -> exp.Expr:
    """The condition on the rows of `scope`. Raises `InvalidRequest` with code `invalid_value` for a misfit value."""
    assert condition.field is not None  # terms are handled by the caller
    field = scope.catalog.field(condition.field, scope.root)
    value = scope.value(field)
    op = condition.op
    if op in ("is_null", "not_null"):
        empty = exp.Is(this=value, expression=exp.Null())
        return empty if op == "is_null" else exp.Not(this=empty)
    if op in _PATTERNS:
        return _pattern(value, field, op, str(condition.values[0]))
    rules, ref = scope.model.calendar, condition.field
    if ref.part is not None:
        kind: ValueType = "boolean" if ref.part == "weekend" else "integer"
        made = _plain(part(value, ref.part, time_kind(field), rules), field, kind, op, condition.values)
    elif ref.grain is not None:
        made = _plain(bucket(value, ref.grain, time_kind(field), rules), field, "date", op, condition.values)
    elif ref.band is not None:
        made = _plain(banded(value, ref.band, field.dimension.type), field, "decimal", op, condition.values)
    elif field.time is not None:
        made = _when(scope, field, value, op, condition.values)
    elif field.dimension.type == "text":
        made = _text(scope, field, value, op, condition.values)
    else:
        made = _plain(value, field, field.dimension.type, op, condition.values)
    return _with_blanks(scope, field, value, made) if op in _NEGATED else made


def _with_blanks(scope: Scope, field: Field, value: exp.Expr, made: exp.Expr) -> exp.Expr:
    """“Not this” holds for blanks too: what is and what is not add up to all rows."""
    stored = scope.catalog.column_profile(field.table, field.name)
    if field.table == scope.root and stored is not None and stored.nulls == 0 and field.dimension.expr is None:
        return made
    return exp.Paren(this=exp.or_(made, exp.Is(this=value.copy(), expression=exp.Null())))


def _plain(value: exp.Expr, field: Field, kind: ValueType, op: Op, values: Sequence[Scalar]) -> exp.Expr:
    return _compare(value, op, [literal(coerce(v, kind, field)) for v in values])


def _compare(value: exp.Expr, op: Op, literals: list[exp.Expr]) -> exp.Expr:
    if op == "between":
        return exp.Between(this=value, low=literals[0], high=literals[1])
    if op in _COMPARISONS:
        return _COMPARISONS[op](this=value, expression=literals[0])
    if len(literals) == 1:
        equal = exp.NEQ if op in _NEGATED else exp.EQ
        return equal(this=value, expression=literals[0])
    listed = exp.In(this=value, expressions=literals)
    return exp.Not(this=listed) if op in _NEGATED else listed


def _text(scope: Scope, field: Field, value: exp.Expr, op: Op, values: Sequence[Scalar]) -> exp.Expr:
    texts = [_declared(field, str(v)) for v in values]
    if op not in ("=", "!=", "in", "not_in"):
        return _compare(value, op, [literal(t) for t in texts])
    known = [_spelling(scope, field, t) for t in texts]
    if all(k is not None for k in known):
        return _compare(value, op, [literal(k) for k in dict.fromkeys(known)])
    lowered = [exp.Lower(this=literal(t)) for t in dict.fromkeys(texts)]
    return _compare(exp.Lower(this=value), op, list(lowered))


def _declared(field: Field, text: str) -> str:
    """The stored value that the model gives as the meaning of another word for it."""
    wanted = text.casefold()
    if any(wanted == value.casefold() for value in field.dimension.values):
        return text
    meant = (v for v, others in field.dimension.values.items() if wanted in (o.casefold() for o in others))
    return next(meant, text)


def _spelling(scope: Scope, field: Field, text: str) -> str | None:
    """How the data spells `text`, when the profile knows every value and only one of them matches."""
    stored = scope.catalog.column_profile(field.table, field.name)
    if field.dimension.expr is not None or stored is None or not stored.distinct_exact:
        return None
    if stored.distinct > len(stored.values):
        return None
    same = [v for v in stored.values if isinstance(v, str) and v.casefold() == text.casefold()]
    return same[0] if len(same) == 1 else None


def _pattern(value: exp.Expr, field: Field, op: Op, text: str) -> exp.Expr:
    subject = value if field.dimension.type == "text" else exp.cast(value, "text")
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    like = exp.Like(this=exp.Lower(this=subject), expression=exp.Lower(this=literal(_PATTERNS[op].format(escaped))))
    return like if escaped == text else exp.Escape(this=like, expression=literal("\\"))


def _when(scope: Scope, field: Field, value: exp.Expr, op: Op, values: Sequence[Scalar]) -> exp.Expr:
    """Comparisons with a date mean its whole day on the business clock, with a time that moment."""
    kind, rules = time_kind(field), scope.model.calendar
    moments = [_moment(v, field) for v in values]

    def inside(low: date | datetime, high: date | datetime) -> exp.Expr:
        return exp.and_(*within(value, midnight(low), _after(high), kind, rules))

    if op == "between":
        return inside(moments[0], moments[1])
    if op in ("<", ">="):
        return _COMPARISONS[op](this=value, expression=bound(midnight(moments[0]), kind, rules))
    if op in ("<=", ">"):
        shifted = exp.LT if op == "<=" else exp.GTE
        return shifted(this=value, expression=bound(_after(moments[0]), kind, rules))
    any_of = exp.or_(*(exp.paren(inside(m, m)) for m in moments))
    if op in _NEGATED:
        return exp.Not(this=exp.paren(any_of))
    return exp.paren(any_of) if len(moments) > 1 else inside(moments[0], moments[0])


def _after(value: date | datetime) -> datetime:
    """The first moment after a day, or after an exact time."""
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    return midnight(value) + timedelta(days=1)


def _moment(value: Scalar, field: Field) -> date | datetime:
    found = coerce(value, "date" if field.dimension.type == "date" else "datetime", field)
    if isinstance(found, datetime) and field.time is not None and field.time.kind == "date":
        return found.date()
    assert isinstance(found, date)  # coerce returned a date or a datetime, or raised
    return found


def coerce(value: Scalar, kind: ValueType, field: Field) -> Scalar:
    """The value as the field's type. Raises `InvalidRequest` with code `invalid_value`."""
    try:
        return coerced(value, kind)
    except (ValueError, InvalidOperation) as error:
        raise InvalidRequest(
            f"“{value}” does not fit “{field.label}”, which is {_KINDS[kind]}.",
            code="invalid_value",
            hint="Give a value of that kind.",
            details={"field": field.qualified, "value": str(value), "type": kind},
        ) from error


_KINDS: dict[ValueType, str] = {
    "text": "text",
    "integer": "a whole number",
    "decimal": "a number",
    "float": "a number",
    "boolean": "true or false",
    "date": "a date",
    "datetime": "a date and time",
    "time": "a time of day",
}
