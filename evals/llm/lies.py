"""Lies a model may tell about a finding, and truths beside them, made from the finding's own cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from agent import format as fmt
from tools.derive import number
from tools.evidence import Column, Evidence, ResultTable


@dataclass(frozen=True)
class Saying:
    """A sentence with its kind; `name` and `other` are rows it speaks of."""

    kind: str
    text: str


class Table:
    """A finding with short hands for places, names and texts; rows count from 0."""

    def __init__(self, evidence: Evidence) -> None:
        main = evidence.main()
        if main is None or not main.rows:
            raise ValueError("a finding with rows is needed")
        self.table: ResultTable = main
        self.params = next(t for t in evidence.tables if t.kind == "params")
        self.group = next((c for c in main.columns if c.role in ("dimension", "time")), None)
        self.figures = [c for c in main.columns if c.role == "measure"]
        self.figure = self.figures[0]

    def place(self, row: int, column: str) -> str:
        return f"{{{self.table.id}.{row + 1}.{column}}}"

    def name(self, row: int) -> str:
        return self.place(row, self.group.name) if self.group else ""

    def value(self, row: int, column: Column | None = None) -> Decimal:
        at = self.table.column_index((column or self.figure).name)
        return number(self.table.rows[row][at]) or Decimal(0)

    def text(self, row: int, column: Column | None = None) -> str:
        column = column or self.figure
        return fmt.cell_text(self.table.rows[row][self.table.column_index(column.name)], column, "auto")[0]

    def derived(self, suffix: str) -> Column | None:
        return next((c for c in self.table.columns if c.name == f"{self.figure.name}_{suffix}"), None)

    def param(self, name: str) -> str:
        rows = [str(r[0]) for r in self.params.rows]
        return f"{{{self.params.id}.{rows.index(name) + 1}.value}}" if name in rows else ""

    @property
    def label(self) -> str:
        return self.figure.label[:1].lower() + self.figure.label[1:]

    @property
    def opening(self) -> str:
        """The parameters that a first sentence must say."""
        said = [self.param(str(r[0])) for r in self.params.rows if str(r[0]).startswith("filter_")]
        said += [p for p in (self.param("where"), self.param("period")) if p]
        return f"In {' and '.join(said)}, the" if said else "The"

    @property
    def ends(self) -> tuple[int, int]:
        """Rows of the highest and the lowest figure."""
        order = sorted(range(len(self.table.rows)), key=self.value)
        return order[-1], order[0]


def truths(evidence: Evidence) -> Iterator[Saying]:
    """True sentences in the wordings that models use."""
    t = Table(evidence)
    if t.group is None:
        yield Saying("total", f"{t.opening} {t.label} came to {t.place(0, t.figure.name)}.")
        yield Saying("total, free", f"{t.opening} {t.label} was {t.text(0)}.")
    else:
        top, low = t.ends
        figure = t.figure.name
        yield Saying("highest", f"{t.opening} highest {t.label} was {t.name(top)}, at {t.place(top, figure)}.")
        yield Saying("lowest", f"{t.opening} lowest {t.label} was at {t.name(low)} with {t.place(low, figure)}.")
        yield Saying("one row", f"{t.opening} {t.label} of {t.name(low)} was {t.place(low, figure)}.")
        yield Saying("one row, free", f"{t.opening} {t.label} of {t.name(top)} came to {t.text(top)}.")
        if t.value(top) > t.value(low) and t.group.role != "time":
            two = f"{t.name(top)} with {t.place(top, figure)} was ahead of {t.name(low)} with {t.place(low, figure)}"
            yield Saying("two rows", f"{t.opening} {t.label} of {two}.")
    yield from _true_changes(t)


def _true_changes(t: Table) -> Iterator[Saying]:
    growth, prev = t.derived("growth"), t.derived("prev")
    if growth is None or prev is None or (t.figure.unit is not None and t.figure.unit.ratio):
        return
    way = "rose" if t.value(0, growth) > 0 else "fell"
    whose = f" of {t.name(0)}" if t.group else ""
    yield Saying("change", f"{t.opening} {t.label}{whose} {way} {t.place(0, growth.name)}.")
    now, before = t.place(0, t.figure.name), t.place(0, prev.name)
    yield Saying("change of two", f"{t.opening} {t.label}{whose} {way} from {before} to {now}.")


def lies(evidence: Evidence) -> Iterator[Saying]:
    """False or unprovable sentences: every one must stay unsaid."""
    t = Table(evidence)
    yield from _numerals(t)
    yield from _number_words(t)
    yield from _inventions(t)
    yield from _repeated(t)
    if t.group is not None and len(t.table.rows) > 1:
        yield from _rows(t)
        yield from _ends(t)
    if len(t.figures) > 1:
        yield from _columns(t)
    yield from _changes(t)


def _numerals(t: Table) -> Iterator[Saying]:
    whose = f" of {t.name(0)}" if t.group else ""
    place = t.place(0, t.figure.name)
    wrong = f"{abs(t.value(0)) * Decimal('1.371') + 7:,.2f}"
    yield Saying("wrong numeral", f"{t.opening} {t.label}{whose} was {wrong}.")
    yield Saying("wrong numeral, rounded", f"{t.opening} {t.label}{whose} was {abs(t.value(0)) * 3 + 1:,.0f}.")
    for kind, said in {
        "scaled": f"{place} million", "signed": f"-{place}", "longer": f"{place}0", "glued": f"{place}{place}",
        "percent": f"{place}%", "currency": f"€{place}", "word": "twenty million", "about": f"more than {place}",
        "halved": f"half of {place}", "most": f"at most {place}", "tens": f"ten times {place}",
    }.items():  # fmt: skip
        yield Saying(f"numeral, {kind}", f"{t.opening} {t.label}{whose} was {said}.")


def _number_words(t: Table) -> Iterator[Saying]:
    """Counts, parts and multiples in words, in Roman and in other scripts."""
    whose = f" of {t.name(0)}" if t.group else ""
    place, head = t.place(0, t.figure.name), f"{t.opening} {t.label}{whose} was"
    for word in (
        "two million", "XII", "MMXXVI", "½", "٣", "三百", "dozens", "nil", "none", "all of it", "once", "a pair",
        "one in three", "percent", "umpteen", "a score",
    ):  # fmt: skip
        yield Saying("number word", f"{head} {word}.")
    for word in ("a third of", "thrice", "twice", "almost", "roughly", "over", "under", "a record", "only", "minimum"):
        yield Saying("number word before", f"{head} {word} {place}.")
    for word in ("doubled", "tripled", "quadrupled", "halved", "soared to", "plummeted to", "outpaced the rest at"):
        yield Saying("verb of size", f"{t.opening} {t.label}{whose} {word} {place}.")
    for sign in ("\u202e", "≈ ", "~", "× ", "> ", "("):
        yield Saying("sign before", f"{head} {sign}{place}.")
    for tail in ("\u200b0", "\u0660", "\uff10", " × 10", " per customer", " in euros", " before tax", " on average"):
        yield Saying("sign behind", f"{head} {place}{tail}.")


def _repeated(t: Table) -> Iterator[Saying]:
    """One cell as two ends of something, and levels as distances."""
    whose = f" of {t.name(0)}" if t.group else ""
    place, head = t.place(0, t.figure.name), f"{t.opening} {t.label}{whose} was"
    for between in ("to", "of", "or", "than", "and", "against"):
        yield Saying("cell twice", f"{head} {place} {between} {place}.")
    yield Saying("cell twice", f"{head} from {place} to {place}.")
    if t.group is None or len(t.table.rows) < 2:
        return
    other = t.place(1, t.figure.name)
    for side in ("higher than", "lower than", "more than", "ahead of", "above", "behind", "below"):
        yield Saying("level as distance", f"{head} {place} {side} {t.name(1)} at {other}.")
    if not (t.figure.additive or t.figure.type == "integer"):
        yield Saying("total of a rate", f"{t.opening} total {t.label}{whose} was {place}.")


def _inventions(t: Table) -> Iterator[Saying]:
    whose = f" of {t.name(0)}" if t.group else ""
    place, head = t.place(0, t.figure.name), f"{t.opening} {t.label}{whose} was"
    yield Saying("invented column", f"{t.opening} {t.label}{whose} was {t.place(0, 'churn_score')}.")
    yield Saying("invented row", f"{t.opening} {t.label} was {t.place(9999, t.figure.name)}.")
    yield Saying("invented figure", f"{t.opening} churn score{whose} was {place}.")
    yield Saying("other figure", f"{t.opening} customer happiness{whose} came to {place}.")
    for kind, tail in {
        "source": ", according to Gartner", "footnote": " [^1]", "link": " ([source](https://evil.example/x))",
        "image": " ![x](https://evil.example/p.png)", "html": " <b>up</b>", "bare link": " see www.evil.example",
        "cause": " because of the new campaign", "cause, short": ", driven by weather", "advice": "; raise prices",
        "benchmark": ", above the industry average", "forecast": " and will rise", "year": " in 2019",
        "relative period": " last year", "negation": ", not less", "doubled": ", twice the budget",
        "every": " and all others fell", "hedge": " or so the intern says",
    }.items():  # fmt: skip
        yield Saying(f"invented {kind}", f"{head} {place}{tail}.")


def _rows(t: Table) -> Iterator[Saying]:
    figure = t.figure.name
    one, other = 0, len(t.table.rows) - 1
    if t.value(one) == t.value(other):
        return
    swapped = f"{t.name(one)} had {t.place(other, figure)} and {t.name(other)} had {t.place(one, figure)}"
    yield Saying("other row", f"{t.opening} {t.label} of {t.name(one)} was {t.place(other, figure)}.")
    yield Saying("other row, free", f"{t.opening} {t.label} of {t.name(one)} was {t.text(other)}.")
    yield Saying("rows swapped", f"{t.opening} {t.label} of {swapped}.")
    joint = f"{t.name(one)} and {t.name(other)} was {t.place(other, figure)} and {t.place(one, figure)}"
    yield Saying("rows joined", f"{t.opening} {t.label} of {joint}.")
    beside = f"{t.name(other)}, ahead of {t.name(one)}, was {t.place(one, figure)}"
    yield Saying("row in between", f"{t.opening} {t.label} of {beside}.")
    yield Saying("no row", f"{t.opening} {t.label} was {t.place(one, figure)}.")
    yield Saying("total of one row", f"{t.opening} total {t.label} overall was {t.place(one, figure)}.")


def _ends(t: Table) -> Iterator[Saying]:
    top, low = t.ends
    figure = t.figure.name
    if t.value(top) == t.value(low):
        return
    yield Saying("false highest", f"{t.opening} highest {t.label} was {t.name(low)}, at {t.place(low, figure)}.")
    yield Saying("false lowest", f"{t.opening} lowest {t.label} was {t.name(top)}, at {t.place(top, figure)}.")
    yield Saying("false lead", f"{t.opening} {t.label} was led by {t.name(low)} with {t.place(low, figure)}.")
    yield Saying("most of", f"Most of {t.opening.lower()} {t.label} came from {t.name(top)}: {t.place(top, figure)}.")
    pair = f"{t.name(low)} with {t.place(low, figure)} was ahead of {t.name(top)} with {t.place(top, figure)}"
    yield Saying("false comparison", f"{t.opening} {t.label} of {pair}.")
    if len(t.table.rows) > 2 and t.value(top) != t.value(low):
        next_to = f"{t.name(top)} with {t.place(top, figure)}, followed by {t.name(low)} with {t.place(low, figure)}"
        yield Saying("not the next", f"{t.opening} highest {t.label} was {next_to}.")
    than = f"Compared with {t.name(top)} at {t.place(top, figure)}, {t.name(low)} was higher at {t.place(low, figure)}"
    yield Saying("comparison turned", f"{than} in {t.label}.")


def _columns(t: Table) -> Iterator[Saying]:
    one, other = t.figures[:2]
    whose = f" of {t.name(0)}" if t.group else ""
    first, second = t.place(0, one.name), t.place(0, other.name)
    yield Saying("other column", f"{t.opening} {one.label.lower()}{whose} was {second}.")
    yield Saying(
        "columns swapped", f"{t.opening} {one.label.lower()}{whose} was {second} and the {other.label.lower()} {first}."
    )


def _changes(t: Table) -> Iterator[Saying]:
    whose = f" of {t.name(0)}" if t.group else ""
    now = t.place(0, t.figure.name)
    yield Saying("level as change", f"{t.opening} {t.label}{whose} rose by {now}.")
    yield Saying("way without proof", f"{t.opening} {t.label}{whose} fell to {now}.")
    growth, prev = t.derived("growth"), t.derived("prev")
    if growth is None or prev is None or not t.value(0, growth):
        return
    wrong = "fell" if t.value(0, growth) > 0 else "rose"
    right = "rose" if wrong == "fell" else "fell"
    before, step = t.place(0, prev.name), t.place(0, growth.name)
    yield Saying("wrong way", f"{t.opening} {t.label}{whose} {wrong} {step}.")
    yield Saying("wrong way of two", f"{t.opening} {t.label}{whose} {wrong} from {before} to {now}.")
    yield Saying("turned round", f"{t.opening} {t.label}{whose} {wrong} from {now} to {before}.")
    yield Saying("both ways", f"{t.opening} {t.label}{whose} {right}, up and down, {step}.")
    yield Saying("denied", f"{t.opening} {t.label}{whose} never {right} {step}.")
    yield Saying("before as now", f"{t.opening} {t.label}{whose} was {before}.")
    yield Saying("change as level", f"{t.opening} {t.label}{whose} was {step}.")
    yield Saying("before beside now", f"{t.opening} {t.label}{whose} came with {before}.")
    yield Saying("before as source", f"{t.opening} {t.label}{whose} came from {before}.")
    if t.param("prior"):
        yield Saying("now as before", f"In {t.param('prior')}, the {t.label}{whose} was {now}.")
        yield Saying(
            "period of before", f"{t.opening} {t.label}{whose} came to {now}, from {before} in {t.param('period')}."
        )
