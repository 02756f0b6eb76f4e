"""Numbers in steps of one width (age groups, price ranges), the same on every engine and exact at the edges."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from warehouse.model.schema import ValueType

NUMBERS: tuple[ValueType, ...] = ("integer", "decimal", "float")
_EXACT = exp.DataType.build("DECIMAL(28, 6)")


def whole(kind: ValueType, width: Decimal) -> bool:
    """Whether bands of a column of this type begin and end at whole numbers."""
    return kind == "integer" and width == width.to_integral_value()


def banded(value: exp.Expr, width: Decimal, kind: ValueType) -> exp.Expr:
    """The lower end of the band that `value` lies in: `v - (((v % w) + w) % w)`, which no rounding can move.

    A remainder has the sign of its number, so that the width is added for numbers below zero.
    """
    exact = value if whole(kind, width) else exp.Cast(this=value, to=_EXACT.copy())
    step = exp.Literal.number(f"{width:f}")
    rest = exp.Paren(this=exp.Mod(this=exp.Paren(this=exact.copy()), expression=step.copy()))
    above = exp.Paren(this=exp.Add(this=rest, expression=step.copy()))
    over = exp.Paren(this=exp.Mod(this=above, expression=step))
    return exp.Paren(this=exp.Sub(this=exp.Paren(this=exact), expression=over))
