"""The SQL that turns the text of a column into numbers, dates and truth values; NULL where a value does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from warehouse.literals import literal

NULL_WORDS = ("na", "n/a", "#n/a", "-", "--", "null", "none", "nan", "\\n", "?", "n.a.", "nil", "#null!", "#div/0!")
SURE_NULLS = ("null", "#n/a", "\\n")
TRUE_WORDS = ("true", "yes", "y", "t", "on")
FALSE_WORDS = ("false", "no", "n", "f", "off")
CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}
CODES = ("USD", "EUR", "GBP", "JPY", "INR", "CHF", "CAD", "AUD", "CNY", "SEK", "NOK", "DKK", "PLN", "BRL", "MXN", "ZAR")


_BLANKS = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_MARKS = "\t\r\n\v\f\u200b\ufeff"

_DATE_FORMATS = {
    "day_first": ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"),
    "month_first": ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y"),
    "named": (
        "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%d. %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y",
        "%d-%b-%y", "%a, %d %b %Y", "%A, %B %d, %Y", "%d-%B-%Y", "%d/%b/%Y",
    ),
    "year_first": ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"),
}  # fmt: skip
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S", ", %I:%M:%S %p")


@dataclass(frozen=True)
class Reading:
    """One way to read a column: its DuckDB type and an expression, NULL where a value does not fit.

    In `sql` the sign § stands for the text of the column, blanks around it gone.
    """

    kind: str
    type: str
    sql: str

    def of(self, column: str) -> str:
        """The expression over the SQL term `column`."""
        return self.sql.replace("§", column)


def trimmed(column: str) -> str:
    """The text of a column without white space or invisible marks around it.

    Plain trimming knows blanks alone; naming the characters costs ten times as much and is left to texts that need it.
    """
    text, edge = f"trim({column})", f"[{_MARKS}]"
    return (
        f"CASE WHEN regexp_matches({text}, {literal(f'^{edge}|{edge}$')}) "
        f"THEN trim({column}, {literal(_MARKS + _BLANKS)}) ELSE {text} END"
    )


def cleaned(column: str) -> str:
    """The text of a column without blanks around it; empty text is NULL."""
    return f"nullif({trimmed(column)}, '')"


def words(values: tuple[str, ...]) -> str:
    """An SQL list of strings."""
    return "(" + ", ".join(map(literal, values)) + ")"


INTEGER = Reading(
    "integer", "BIGINT", "CASE WHEN CAST(TRY_CAST(§ AS BIGINT) AS VARCHAR) = § THEN TRY_CAST(§ AS BIGINT) END"
)
WHOLE = Reading(
    "decimal",
    "BIGINT",
    r"CASE WHEN regexp_full_match(§, '[-+]?[0-9]{1,18}\.?') THEN TRY_CAST(rtrim(§, '.') AS BIGINT) END",
)
LONG_INTEGER = Reading(
    "long_integer", "DECIMAL(38,0)",
    "CASE WHEN regexp_full_match(§, '-?(0|[1-9][0-9]{0,37})') THEN TRY_CAST(§ AS DECIMAL(38,0)) END",
)  # fmt: skip
FLOAT = Reading(
    "float", "DOUBLE",
    r"CASE WHEN regexp_full_match(§, '[-+]?([0-9]{1,18}(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?')"
    " THEN TRY_CAST(§ AS DOUBLE) END",
)  # fmt: skip
BOOLEAN = Reading(
    "boolean", "BOOLEAN",
    f"CASE WHEN lower(§) IN {words(TRUE_WORDS)} THEN true WHEN lower(§) IN {words(FALSE_WORDS)} THEN false END",
)  # fmt: skip
ISO_DATE = Reading(
    "iso_date", "DATE", "CASE WHEN regexp_full_match(§, '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}') THEN TRY_CAST(§ AS DATE) END"
)
ISO_TIMESTAMP = Reading(
    "iso_timestamp", "TIMESTAMP",
    r"CASE WHEN regexp_full_match(§,"
    r" '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?)?')"
    " THEN TRY_CAST(replace(§, ',', '.') AS TIMESTAMP) END",
)  # fmt: skip
ISO_INSTANT = Reading(
    "iso_instant", "TIMESTAMPTZ",
    r"CASE WHEN regexp_full_match(§, '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
    r" ?(Z|UTC|[-+][0-9]{2}(:?[0-9]{2})?)?') THEN TRY_CAST(regexp_replace(regexp_replace(§, ' ?(Z|UTC)$', '+00'),"
    r" '([-+][0-9]{2})([0-9]{2})$', '\1:\2') AS TIMESTAMPTZ) END",
)  # fmt: skip
CLOCK = Reading(
    "time", "TIME", "CASE WHEN regexp_full_match(§, '[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?') "
    "THEN TRY_CAST(CASE WHEN length(§) <= 5 THEN § || ':00' ELSE § END AS TIME) END",
)  # fmt: skip


def date_formats(order: str, *, clock: bool, short: bool) -> list[str]:
    """The strptime formats of dates written in `order` (day_first, month_first, named or year_first).

    `short` means years of two digits: 69 to 99 lie in the last century (as POSIX has it).
    """
    known = [f.replace("%Y", "%y") if short else f for f in _DATE_FORMATS[order]]
    return [f + c for f in known for c in (_CLOCKS if clock else ("",))]


def dates(order: str, formats: Sequence[str], *, clock: bool) -> Reading:
    """Dates in one of `formats`, with a time of day or without."""
    parsed = f"try_strptime(§, [{', '.join(map(literal, formats))}])"
    plausible = f"CASE WHEN year({parsed}) BETWEEN 1000 AND 2999 THEN {parsed} END"
    type_ = "TIMESTAMP" if clock else "DATE"
    return Reading(f"{order}{'_time' if clock else ''}", type_, f"CAST({plausible} AS {type_})")


def _marks() -> str:
    signs = "".join(CURRENCIES)
    return f"(?:[{signs}]|(?:{'|'.join(CODES)})|US\\$)"


def number(style: str, scale: int) -> Reading:
    """Plain and decorated numbers: currency signs, %, separators, parentheses or a trailing minus for negatives.

    `style` is `point` (1,234.50) or `comma` (1.234,50; 1 234,50). `scale` is the number of decimals kept; above 6 the
    type is DOUBLE, else DECIMAL(18, scale).
    """
    group, point = (r"[,'\x{00A0}\x{202F}]", r"\.") if style == "point" else (r"[.' \x{00A0}\x{202F}]", ",")
    digits = rf"(?:[0-9]{{1,3}}(?:{group}[0-9]{{3}}){{1,3}}|[0-9]{{1,12}})?(?:{point}[0-9]*)?"
    pattern = rf"\(?[-+\x{{2212}}]?\s?{_marks()}?\s?[-+]?{digits}\s?(?:%|{_marks()})?\s?-?\)?"
    bare = r"regexp_replace(§, '[^0-9.,]', '', 'g')"
    bare = f"replace({bare}, ',', '')" if style == "point" else f"replace(replace({bare}, '.', ''), ',', '.')"
    negative = r"regexp_matches(§, '^\(.*\)$|^[^0-9]*[-\x{2212}]|-$')"
    type_ = "DOUBLE" if scale > 6 else f"DECIMAL(18,{scale})" if scale else "BIGINT"
    value = f"TRY_CAST({bare} AS {type_})"
    fits = f"regexp_full_match(§, {literal(pattern)}) AND regexp_matches(§, '[0-9]')"
    signed = f"CASE WHEN {negative} THEN -({value}) ELSE {value} END"
    return Reading(f"number_{style}", type_, f"CASE WHEN {fits} THEN {signed} END")


def decimal(scale: int) -> Reading:
    """Plain decimals such as -12.50, kept exactly with `scale` decimals."""
    pattern = rf"[-+]?[0-9]{{1,{18 - scale}}}(\.[0-9]{{0,{scale}}})?|[-+]?\.[0-9]{{1,{scale}}}"
    type_ = f"DECIMAL(18,{scale})"
    return Reading("decimal", type_, f"CASE WHEN regexp_full_match(§, '{pattern}') THEN TRY_CAST(§ AS {type_}) END")
