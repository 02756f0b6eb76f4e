"""What a question says, before anyone decides what it means in this model: the notes the scanner takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from agent.builtin.lexicon import Ref
from agent.builtin.times import TimeHit
from warehouse.model.values import ValueMatch


@dataclass(frozen=True)
class Noun:
    """A phrase that names something of the model: all that it may mean, and how it was said."""

    refs: tuple[Ref, ...]
    text: str
    at: int = 0
    lead: str = ""

    def of_kind(self, *kinds: str) -> list[Ref]:
        return [r for r in self.refs if r.kind in kinds]

    @property
    def tables(self) -> list[str]:
        return [r.table for r in self.refs if r.kind == "table"]

    @property
    def columns(self) -> list[Ref]:
        return [r for r in self.refs if r.is_column]

    @property
    def figures(self) -> list[Ref]:
        return [r for r in self.refs if r.is_figure]


@dataclass
class Cond:
    """One condition. With `noun` the field was named; else `matches` are the fields that hold the value."""

    op: str
    values: tuple[str | Decimal | bool, ...] = ()
    noun: Noun | None = None
    matches: tuple[ValueMatch, ...] = ()
    text: str = ""
    alternatives: list[Cond] = field(default_factory=list)


@dataclass
class Ask:
    """A figure that was asked for: `agg` of `noun`; `agg` None when only a figure's name was said."""

    agg: str | None
    noun: Noun
    at: int = 0
    conds: list[Cond] = field(default_factory=list)
    sentence: int = 0


@dataclass
class Having:
    """A condition on a figure: at least 5 transactions."""

    ask: Ask
    op: str
    value: Decimal


@dataclass
class Relation:
    """Records that have (or lack) rows in another table; `verbs` name it when no noun does."""

    exists: bool
    noun: Noun | None = None
    verb: str | None = None
    conds: list[Cond] = field(default_factory=list)


@dataclass
class Top:
    """The n best (or worst) of something, by a figure that may be named later."""

    n: int
    low: bool = False
    by: Ask | None = None
    noun: Noun | None = None
    implied: bool = False
    word: str = ""


@dataclass
class Best:
    """The n records that come first by a date or a number: the latest 10 orders, the cheapest product.

    `noun` names the column to sort by; without it `word` (expensive, old, latest) says what kind of column is meant.
    """

    word: str
    low: bool
    n: int = 1
    implied: bool = True
    noun: Noun | None = None


@dataclass
class When:
    """A time expression, with the verb before it ("joined") that says which date is meant."""

    hit: TimeHit
    verb: str | None = None
    noun: Noun | None = None


@dataclass
class Reading:
    """Everything found in a question; `unknown` are the words that nothing explains.

    Every field must be accounted for in `audit.py`: what was understood and does not reach the query is refused.
    """

    asks: list[Ask] = field(default_factory=list)
    groups: list[Noun] = field(default_factory=list)
    subjects: list[Noun] = field(default_factory=list)
    columns: list[Noun] = field(default_factory=list)
    conds: list[Cond] = field(default_factory=list)
    having: list[Having] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    whens: list[When] = field(default_factory=list)
    top: Top | None = None
    grain: str | None = None
    calendar: str | None = None
    trend: bool = False
    order: tuple[Noun | Ask | None, bool] | None = None
    compare: str | None = None
    compare_hit: TimeHit | None = None
    share: bool = False
    rank: bool = False
    ranked: Ask | None = None
    apart: bool = False
    group_end: int = -1
    everyone: bool = False
    n: int | None = None
    comparing: bool = False
    running: bool = False
    distinct: bool = False
    listing: bool = False
    which: Noun | None = None
    unknown: list[str] = field(default_factory=list)
    unsupported: str | None = None
    counted: bool = False
    per: Noun | None = None
    part: str | None = None
    band: Noun | None = None
    best: Best | None = None
    rates: list[Cond] = field(default_factory=list)
    versus: Cond | None = None
    growth: str | None = None
    amounts: list[Cond] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    within: list[Noun] = field(default_factory=list)

    @property
    def split(self) -> bool:
        """Whether a part of the calendar or the steps of a number make the groups."""
        return self.part is not None or self.band is not None
