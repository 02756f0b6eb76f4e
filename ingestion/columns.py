"""Decides, column by column and on all rows, whether text is really numbers, dates or truth values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from ingestion import expressions as ex
from ingestion.expressions import Reading
from warehouse.literals import quoted

THRESHOLD = 0.99
_LIKELY = 0.8
_SAMPLE = 1_000
_BATCH = 40
_NOT_AMOUNTS = re.compile(r"phone|tel|fax|mobile|iban|card|account|postcode|zip|version|(^|_)ip($|_)")
_DAY_NAMES = re.compile(r"date|day|(^|_)dt($|_)|(^|_)on$")
_INTEGER = re.compile(r"-?\d{1,18}")
_WHOLE = re.compile(r"-?\d+")
_PLAIN = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)")
_FLOAT = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_AMOUNT = re.compile(
    r"[-+(−$€£¥₹\s]*([A-Z]{3}|US\$)?\s?[-+]?[\d.,' \u00a0\u202f]*\d[\d.,]*\s?([%$€£¥₹]|[A-Z]{3})?\s?[-)]*"
)
_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_ISO_CLOCK = re.compile(r"\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}.*")
_OFFSET = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*(Z|UTC|[-+]\d{2}(:?\d{2})?)")
_YEAR_FIRST = re.compile(r"\d{4}[/.]\d{1,2}[/.]\d{1,2}.*")
_COMPACT = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])")
_DAY_MONTH = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})([ T,].*)?")
_LONG_YEAR = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")
_DATE_LIKE = re.compile(rf"{_DAY_MONTH.pattern}|{_YEAR_FIRST.pattern}")
_NAMED = re.compile(r"(?i)(?=.*\d)(?=.*(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)).{6,40}")
_MIDNIGHT = re.compile(r"(?i).*[ T](00:00(:00(\.0+)?)?|12:00(:00)? am)")
_FORMAT_SAMPLE = 100
_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?")


_PAIRS = tuple(frozenset(pair) for pair in zip(ex.TRUE_WORDS, ex.FALSE_WORDS, strict=True))


@dataclass
class Verdict:
    """How to store a column: `reading` None keeps text, `unit` is the currency or % sign its values carried."""

    reading: Reading | None = None
    unit: str | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass
class _Counts:
    """Whole-column counts: non-empty values, and per candidate those that fit, their decimals and clock times.

    `codes` counts whole numbers written with leading zeros.
    """

    filled: int
    fits: list[int]
    decimals: list[int]
    clocks: list[int]
    codes: int


class Typing:
    """One table's columns under examination."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, relation: str, *, decimal_comma: bool = False) -> None:
        self._connection, self._relation, self._decimal_comma = connection, relation, decimal_comma
        self._sample = _SAMPLE

    def decide(self, columns: Sequence[str], labels: Sequence[str], dates_only: Sequence[bool]) -> list[Verdict]:
        """A verdict per column. `labels` are what people call them; `dates_only` keeps declared text from numbers."""
        verdicts: list[Verdict] = []
        self._sample = max(100, min(_SAMPLE, 40_000 // max(1, len(columns))))
        for start in range(0, len(columns), _BATCH):
            part = slice(start, start + _BATCH)
            verdicts += self._decide(columns[part], labels[part], dates_only[part])
        return verdicts

    def _decide(self, columns: Sequence[str], labels: Sequence[str], dates_only: Sequence[bool]) -> list[Verdict]:
        """Try the one reading that the sample calls for; columns where some value does not fit get all likely ones."""
        samples = self._samples(columns)
        candidates = [
            _candidates(sample, label, only) for sample, label, only in zip(samples, labels, dates_only, strict=True)
        ]
        narrow = [_fitting(options, sample) for options, sample in zip(candidates, samples, strict=True)]
        counts = self._count(columns, narrow, samples)
        open_ = [
            i
            for i, count in enumerate(counts)
            if len(narrow[i]) < len(candidates[i]) and max(count.fits) < count.filled
        ]
        wide = self._count([columns[i] for i in open_], [candidates[i] for i in open_], [samples[i] for i in open_])
        for i, count in zip(open_, wide, strict=True):
            narrow[i], counts[i] = candidates[i], count
        return [
            self._verdict(column, label, options, count)
            for column, label, options, count in zip(columns, labels, narrow, counts, strict=True)
        ]

    def _samples(self, columns: Sequence[str]) -> list[list[str]]:
        """Non-empty values of each column, half from the start and half spread over the table."""
        rows = self._one(f"SELECT count(*) FROM {self._relation}")[0]
        step = max(1, rows // (self._sample // 2))
        texts = ", ".join(f"left({quoted(c)}, 60)" for c in columns)
        found = self._connection.execute(
            f"SELECT {texts} FROM {self._relation} WHERE rowid < {self._sample // 2} OR rowid % {step} = 0"
        ).fetchall()
        nulls = frozenset(ex.NULL_WORDS)
        return [[row[i] for row in found if row[i] and row[i].lower() not in nulls] for i in range(len(columns))]

    def _count(
        self, columns: Sequence[str], candidates: Sequence[list[Reading]], samples: Sequence[list[str]]
    ) -> list[_Counts]:
        """One pass over the table for all columns and their candidates."""
        wanted = []
        for column, options, sample in zip(columns, candidates, samples, strict=True):
            text = quoted(column)
            wanted.append(f"count({text})")
            for option in options:
                wanted += [f"count({option.of(text)})", _decimals(option, text), _clock_count(option, text, sample)]
            wanted.append(_codes(options, text))
        if not wanted:
            return []
        values = iter(self._one(f"SELECT {', '.join(wanted)} FROM {self._relation}"))
        counts = []
        for options in candidates:
            filled = next(values)
            triples = [(next(values), next(values) or 0, next(values)) for _ in options]
            fits, decimals, clocks = (
                (list(column) for column in zip(*triples, strict=True)) if triples else ([], [], [])
            )
            counts.append(_Counts(filled, fits, decimals, clocks, next(values)))
        return counts

    def _verdict(self, column: str, label: str, options: list[Reading], counts: _Counts) -> Verdict:
        if not options or not counts.filled:
            return Verdict()
        best = max(range(len(options)), key=lambda i: (counts.fits[i], -i))
        reading, fits = _final(options[best], counts.decimals[best], counts.clocks[best]), counts.fits[best]
        verdict = Verdict(reading)
        filled = counts.filled
        if is_number(reading) and counts.codes:
            return Verdict()
        if fits < filled:
            filled, misfit, row = self._misfits(column, reading)
            if fits < filled / 2:
                return Verdict()
            if fits < THRESHOLD * filled:
                return Verdict(None, None, [_stays_text(label, reading, filled - fits, filled, misfit, row)])
            if fits < filled:
                verdict.warnings.append(_emptied(label, reading, filled - fits, filled, misfit, row))
        if reading.kind.startswith("number"):
            return self._with_unit(column, label, verdict)
        other = {"day_first": "month_first", "month_first": "day_first"}.get(reading.kind.removesuffix("_time"))
        if other:
            self._settle_order(options, counts, best, label, verdict)
        return verdict

    def _misfits(self, column: str, reading: Reading) -> tuple[int, str | None, int | None]:
        """(values that are not null words, the first value that does not fit, its row in the file)."""
        text = quoted(column)
        real = f"{text} IS NOT NULL AND lower({text}) NOT IN {ex.words(ex.NULL_WORDS)}"
        bad = f"{real} AND {reading.of(text)} IS NULL"
        return self._one(  # type: ignore[return-value]
            f"SELECT count(*) FILTER (WHERE {real}), left(min_by({text}, rowid) FILTER (WHERE {bad}), 40), "
            f"min(rowid) FILTER (WHERE {bad}) + 1 FROM {self._relation}"
        )

    def _with_unit(self, column: str, label: str, verdict: Verdict) -> Verdict:
        """Note the currency or percent sign; a column of several currencies stays text, for its sum means nothing."""
        text = quoted(column)
        sign = f"regexp_extract({text}, '[$€£¥₹%]|[A-Z]{{3}}')"
        found = self._connection.execute(
            f"SELECT {sign} AS sign, count(*) FROM {self._relation} WHERE {text} IS NOT NULL "
            f"AND lower({text}) NOT IN {ex.words(ex.NULL_WORDS)} GROUP BY sign ORDER BY 2 DESC"
        ).fetchall()
        units = {ex.CURRENCIES.get(row[0], row[0]) for row in found if row[0]}
        if len(units) > 1:
            names = ", ".join(sorted(units))
            return Verdict(None, None, [f"“{label}” stays text: its amounts are in different units ({names})."])
        verdict.unit = next(iter(units), None)
        return verdict

    def _settle_order(self, options: list[Reading], counts: _Counts, best: int, label: str, verdict: Verdict) -> None:
        """Day or month first is decided by all rows; when every row fits both ways, say which way was taken."""
        tied = [i for i, option in enumerate(options) if counts.fits[i] == counts.fits[best] and i != best]
        if not any(options[i].kind.split("_")[0] in ("day", "month") for i in tied):
            return
        if self._decimal_comma:
            day_first = next(i for i in (best, *tied) if options[i].kind.startswith("day"))
            verdict.reading = _final(options[day_first], 0, counts.clocks[day_first])
        order = "day/month" if verdict.reading and verdict.reading.kind.startswith("day") else "month/day"
        verdict.warnings.append(
            f"The dates in “{label}” could be read as day/month or month/day; they were read as {order}/year."
        )

    def _one(self, sql: str) -> tuple[int, ...]:
        return self._connection.execute(sql).fetchone() or ()


def narrowed(sample: list[str], label: str) -> list[Reading]:
    """The readings that a sample of a column calls for: none for text, one when every sampled value fits it."""
    options = _candidates(sample, label, dates_only=False)
    return _fitting(options, sample)


def _fitting(options: list[Reading], sample: list[str]) -> list[Reading]:
    """The first number reading that fits every sampled value; all options when there is none or they are dates."""
    patterns = {"integer": _INTEGER, "decimal": _PLAIN, "float": _FLOAT}
    for option in options:
        pattern = patterns.get(option.kind)
        if option.kind == "decimal" and any(len(value.partition(".")[2]) > 6 for value in sample):
            continue
        if pattern and all(pattern.fullmatch(value) for value in sample):
            return [option]
    return options


def _candidates(sample: list[str], label: str, dates_only: bool) -> list[Reading]:
    """The readings that fit most of the sample, most specific first."""
    if not sample:
        return []

    def most(fits: Callable[[str], object]) -> bool:
        return sum(1 for value in sample if fits(value)) >= _LIKELY * len(sample)

    numbers = [] if dates_only else _number_candidates(sample, most, label)
    return numbers or _date_candidates(sample, most, dates_only)


def _number_candidates(sample: list[str], most: Callable[[Callable[[str], object]], bool], label: str) -> list[Reading]:
    if any(most(lambda v, p=pair: v.lower() in p) for pair in _PAIRS):  # type: ignore[misc]
        return [ex.BOOLEAN] if most(lambda v: len(v) > 1) or _both_letters(sample) else []
    if _DAY_NAMES.search(label.lower()) and most(_COMPACT.fullmatch):
        return [ex.dates("year_first", ["%Y%m%d"], clock=False)]
    found = []
    if most(_WHOLE.fullmatch):
        found += [ex.INTEGER, ex.LONG_INTEGER]
    if most(_PLAIN.fullmatch):
        found.append(ex.decimal(6))
    if most(_FLOAT.fullmatch):
        found.append(ex.FLOAT)
    if most(_AMOUNT.fullmatch) and not _NOT_AMOUNTS.search(label.lower()) and not most(_DATE_LIKE.fullmatch):
        found += [ex.number("point", 7), ex.number("comma", 7)]
    return found


def _both_letters(sample: list[str]) -> bool:
    """One letter alone (a column of only F) says nothing about truth."""
    return len({value.lower() for value in sample}) > 1


def _date_candidates(
    sample: list[str], most: Callable[[Callable[[str], object]], bool], dates_only: bool
) -> list[Reading]:
    clock = any(":" in value for value in sample)
    if most(_TIME.fullmatch):
        return [] if dates_only else [ex.CLOCK]
    if any(_OFFSET.fullmatch(value) for value in sample) and most(_ISO_CLOCK.fullmatch):
        return [ex.ISO_INSTANT]
    if most(_ISO.match):
        return [ex.ISO_TIMESTAMP if clock else ex.ISO_DATE]
    if most(_YEAR_FIRST.fullmatch):
        return _formatted(("year_first",), sample, clock=clock)
    if most(_DAY_MONTH.fullmatch):
        dotted = any("." in value[:3] for value in sample)
        orders = ("day_first", "month_first") if dotted else ("month_first", "day_first")
        return _formatted(orders, sample, clock=clock, short=not most(_LONG_YEAR.match))
    return _formatted(("named",), sample, clock=clock) if most(_NAMED.fullmatch) else []


def _formatted(orders: tuple[str, ...], sample: list[str], *, clock: bool, short: bool = False) -> list[Reading]:
    """A reading per order with the formats that occur; orders that the sample already rules out are dropped."""
    distinct = list(dict.fromkeys(sample))
    found: list[tuple[int, Reading]] = []
    for order in orders:
        formats = [
            f for f in ex.date_formats(order, clock=clock, short=short)
            if any(_parses(value, f) for value in distinct[:_FORMAT_SAMPLE])
        ]  # fmt: skip
        if formats:
            fits = sum(any(_parses(value, f) for f in formats) for value in distinct)
            found.append((fits, ex.dates(order, formats, clock=clock)))
    most = max((fits for fits, _ in found), default=0)
    return [reading for fits, reading in found if fits == most]


def _parses(value: str, format_: str) -> bool:
    try:
        datetime.strptime(value, format_)
    except ValueError:
        return False
    return True


def _decimals(option: Reading, text: str) -> str:
    """SQL for the most decimals among the values; 0 for readings that have none."""
    if option.kind in ("decimal", "number_point"):
        digits = f"length(rtrim({text}, ' %)€$£¥₹')) - position('.' IN {text})"
        return f"max(CASE WHEN contains({text}, '.') THEN {digits} ELSE 0 END)"
    if option.kind == "number_comma":
        return f"max(CASE WHEN contains({text}, ',') THEN length(regexp_extract({text}, ',([0-9]*)', 1)) ELSE 0 END)"
    return "0"


def _codes(options: list[Reading], text: str) -> str:
    """SQL for the whole numbers with leading zeros: one of them makes the column a code."""
    if not any(is_number(option) for option in options):
        return "0"
    return f"count(*) FILTER (WHERE regexp_full_match({text}, '[-+]?0[0-9]+'))"


def _clock_count(option: Reading, text: str, sample: list[str]) -> str:
    """SQL for how many values have a time of day other than midnight; no need to count when the sample has one."""
    if option.type != "TIMESTAMP":
        return "0"
    if any(":" in value and not _MIDNIGHT.fullmatch(value) for value in sample):
        return "1"
    return f"count(*) FILTER (WHERE {option.of(text)} <> date_trunc('day', {option.of(text)}))"


def _final(option: Reading, decimals: int, clocks: int) -> Reading:
    """The candidate with its type made exact: as many decimals as there are, dates without a clock as dates."""
    if option.kind == "decimal":
        return ex.WHOLE if not decimals else ex.decimal(decimals) if decimals <= 6 else ex.FLOAT
    if option.kind.startswith("number"):
        return ex.number(option.kind.removeprefix("number_"), decimals)
    if option.type == "TIMESTAMP" and not clocks:
        return Reading(option.kind, "DATE", f"CAST({option.sql} AS DATE)")
    return option


def is_number(reading: Reading) -> bool:
    """True for the readings that make numbers of text."""
    return reading.kind in ("integer", "long_integer", "decimal", "float", "number_point", "number_comma")


def _word(reading: Reading) -> str:
    if is_number(reading):
        return "numbers"
    return {"BOOLEAN": "yes/no values", "TIME": "times of day"}.get(reading.type, "dates")


def _stays_text(label: str, reading: Reading, bad: int, filled: int, example: str | None, row: int | None) -> str:
    return (
        f"“{label}” stays text: {bad:,} of {filled:,} values are not {_word(reading)} "
        f"(first: “{example}” in row {row})."
    )


def _emptied(label: str, reading: Reading, bad: int, filled: int, example: str | None, row: int | None) -> str:
    return (
        f"{bad:,} of {filled:,} values in “{label}” are not {_word(reading)} and were left empty "
        f"(first: “{example}” in row {row})."
    )
