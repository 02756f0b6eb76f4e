"""Numbers in steps of one width (age groups, price ranges), the same on every engine and exact at the edges."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from warehouse.model.schema import ValueType

NUMBERS: tuple[ValueType, ...] = ("integer", "decimal", "float")
_DOUBLE = exp.DataType.build("DOUBLE")
_BIGINT = exp.DataType.build("BIGINT")
_DIGITS = 9
"""To how many places a quotient is rounded before it is cut: 0.3 / 0.1 is 2.9999999999999996 in binary, and means 3."""


def whole(kind: ValueType, width: Decimal) -> bool:
    """Whether bands of a column of this type begin and end at whole numbers."""
    return kind == "integer" and width == width.to_integral_value()


def banded(value: exp.Expr, width: Decimal, kind: ValueType) -> exp.Expr:
    """The lower end of the band that `value` lies in: how often the width goes into it, cut downwards, times the width.

    The quotient is rounded a little first, see `_DIGITS`.
    """
    step = exp.Literal.number(f"{width:f}")
    over = exp.Div(this=exp.Cast(this=value, to=_DOUBLE.copy()), expression=step, typed=False, safe=False)
    times = exp.Floor(this=exp.Round(this=exp.Paren(this=over), decimals=exp.Literal.number(_DIGITS)))
    low = exp.Paren(this=exp.Mul(this=times, expression=step.copy()))
    return exp.Cast(this=low, to=_BIGINT.copy()) if whole(kind, width) else low
