"""Whether a model's sentence is true: whose figure, which one, which way, which end; what is not shown is not said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from agent.claims import Ref, Sentence
from agent.llm import vocabulary as say
from agent.llm.book import Book, Place, words_of
from agent.llm.order import Marks, assigned, values
from agent.llm.pieces import Piece, readings
from tools.derive import number
from warehouse.model.words import singular

_LONGEST = 400
_BEFORE = re.compile(r"(?:^|[\s“\"'(])$")
_AFTER = re.compile(r"^(?:[\s.,;:’'”\"]|$)")
_UNITS = re.compile(r"[_%$€£¥₹+−–-]")


def proven(text: str, book: Book, first: bool) -> Sentence | None:
    """The sentence as cells and words when exactly one reading of it holds; `first` must also say what was asked."""
    if len(text) > _LONGEST or not text.strip():
        return None
    held = [r for r in readings(text.strip(), book) if _Proof(r, book, first).holds()]
    if len({_cells(r) for r in held}) != 1:
        return None
    return _sentence(held[0])


def _cells(pieces: Sequence[Piece]) -> tuple[str, ...]:
    return tuple(p.cell.link for p in pieces if isinstance(p, Place))


def _sentence(pieces: Sequence[Piece]) -> Sentence:
    """Figures short; a change after “up” or “down” without its sign."""
    return [p if isinstance(p, str) else Ref(p.cell, _style(p)) for p in pieces]


def _style(place: Place) -> str:
    if not place.is_figure:
        return place.style
    return {"growth": "percent_abs", "delta": "abs"}.get(place.derivation, "auto")


@dataclass
class _Proof:
    pieces: list[Piece]
    book: Book
    first: bool
    tokens: list[str | Place] = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = list(_tokens(self.pieces))

    @cached_property
    def figures(self) -> list[Place]:
        return [t for t in self.tokens if isinstance(t, Place) and t.is_figure]

    @cached_property
    def words(self) -> list[str]:
        return [t for t in self.tokens if isinstance(t, str)]

    def holds(self) -> bool:
        """Every check, cheapest first."""
        checks = (
            self._stands_apart, self._each_once, self._cites, self._words_known, self._figures_named,
            self._rows_named, self._derived_said, self._periods_fit, self._ways_fit, self._levels_stand,
            self._totals_fit, self._sides_fit, self._ends_fit,
        )  # fmt: skip
        return all(check() for check in checks)

    def _stands_apart(self) -> bool:
        """No sign, unit or letter touches a cell, and no two cells touch."""
        for at, piece in enumerate(self.pieces):
            before = self.pieces[at - 1] if at else ""
            after = self.pieces[at + 1] if at + 1 < len(self.pieces) else ""
            if isinstance(piece, str):
                if _UNITS.search(piece):
                    return False
            elif (
                not isinstance(before, str)
                or not isinstance(after, str)
                or not (_BEFORE.search(before) and _AFTER.search(after))
            ):
                return False
        return True

    def _each_once(self) -> bool:
        """No figure is said twice: “from A to A”, “A of A” and “A or A” are no findings."""
        cells = [f.cell.link for f in self.figures]
        return len(cells) == len(set(cells))

    def _levels_stand(self) -> bool:
        """“A higher than” and “A ahead of” say how far apart two things are, which a level does not."""
        follows = zip(self.pieces, self.pieces[1:], strict=False)
        return not any(
            isinstance(piece, Place) and piece.is_figure and isinstance(after, str) and _starts_side(after)
            for piece, after in follows
        )

    def _totals_fit(self) -> bool:
        """Rates and averages have no total."""
        adds = all(f.column.additive or f.column.type == "integer" for f in self.figures)
        return adds or not self._has(say.TOTALS)

    def _cites(self) -> bool:
        """A figure of the main table, and the parameters that tell it from others."""
        said = {t.parameter for t in self.tokens if isinstance(t, Place)}
        return bool(self.figures) and self.book.must_say(self.first) <= said

    def _words_known(self) -> bool:
        """Plain words, whole names of figures, names of groups and records; no number words, no loose bounds."""
        pairs = set(zip(self.words, self.words[1:], strict=False))
        single = {("up", "to"), ("more", "than"), ("less", "than")} if len(self.figures) < 2 else set()
        if pairs & ({("most", "of"), ("at", "most"), ("at", "least")} | single):
            return False
        named = {at + k for at, size, _ in self._phrases() for k in range(size)}
        return all(
            at in named or w in say.ALLOWED or (singular(w) in self.book.nouns and w not in say.NUMBER_WORDS)
            for at, w in enumerate(self.tokens)
            if isinstance(w, str)
        )

    def _has(self, words: frozenset[str]) -> bool:
        return any(w in words for w in self.words)

    def _word_before(self, place: Place) -> str:
        """The word right before a cell; nothing when a cell or nothing stands there."""
        at = next(i for i, t in enumerate(self.tokens) if t is place)
        before = self.tokens[at - 1] if at else ""
        return before if isinstance(before, str) else ""

    def _figures_named(self) -> bool:
        """Each figure stands by its own name."""
        marks: Marks = [("cell", c.base) if c is not None else ("name", name) for name, c in self._figure_names()]
        return bool(values(marks, "name")) and assigned(marks)

    def _figure_names(self) -> Iterator[tuple[str, Place | None]]:
        """Figure cells, and phrases that name a figure, in the order they stand."""
        phrases = {at: name for at, _, name in self._phrases()}
        for at, token in enumerate(self.tokens):
            if isinstance(token, Place) and token.is_figure:
                yield "", token
            elif at in phrases:
                yield phrases[at], None

    def _phrases(self) -> Iterator[tuple[int, int, str]]:
        """Where a figure is named, with how many words; the longest name at a place counts."""
        stems = [singular(t) if isinstance(t, str) else t for t in self.tokens]
        known = sorted(
            ((p, n) for n, found in self.book.figures.items() for p in found), key=lambda item: -len(item[0])
        )
        at = 0
        while at < len(stems):
            size, name = next(((len(p), n) for p, n in known if stems[at : at + len(p)] == p), (1, ""))
            if name:
                yield at, size, name
            at += size

    def _rows_named(self) -> bool:
        """Each figure stands by the name of its row; without any name only the end of a ranking may."""
        for column in self.book.dimensions:
            marks: Marks = []
            for token in self.tokens:
                if not isinstance(token, Place) or token.table is not self.book.main:
                    continue
                if token.is_figure:
                    marks.append(("cell", _name_of_row(token, column.name)))
                elif token.column.name == column.name:
                    marks.append(("name", str(token.value)))
            if values(marks, "name"):
                if not assigned(marks):
                    return False
            elif len(self.book.dimensions) > 1 or len(self.figures) > 1 or not self._has(say.MOST | say.LEAST):
                return False
        return True

    def _derived_said(self) -> bool:
        """A change, a share or an earlier figure is introduced as one, and nothing else is."""
        prior = any(f.derivation == "prev" for f in self.figures)
        for figure in self.figures:
            before = self._word_before(figure)
            fits = {
                "": before not in say.CHANGED and not (prior and before in say.THAN | {"from"}),
                "prev": self._earlier_said(figure, before),
                "delta": before in say.CHANGED and not _is_rate(figure),
                "growth": before in say.CHANGED and not _is_rate(figure),
                "share": self._share_said(before),
            }
            if not fits.get(figure.derivation, False):
                return False
        changed = any(f.derivation in ("delta", "growth") for f in self.figures)
        return not changed or self._has(say.UP | say.DOWN)

    def _earlier_said(self, figure: Place, before: str) -> bool:
        """“from” it something rose or fell, “against”, “than” or “compared with” it something is held."""
        at = next(i for i, t in enumerate(self.tokens) if t is figure)
        moved = self._has(say.UP | say.DOWN)
        compared = before == "with" and self.tokens[at - 2 : at - 1] == ["compared"]
        return compared or before in say.THAN - {"compared"} or (before in ("from", "on") and moved)

    def _share_said(self, before: str) -> bool:
        """“made up” and “accounted for” are said of shares of the whole only."""
        query = self.book.evidence.args.get("query", {})
        parted = any(t.get("within") for t in query.get("transforms", ())) or (query.get("time") or {}).get("grain")
        return not parted and (before in say.SHARED or (before == "for" and "accounted" in self.words))

    def _periods_fit(self) -> bool:
        """The prior period stands behind prior figures, the period never does."""
        last = ""
        for token in self.tokens:
            if not isinstance(token, Place):
                continue
            wrong = {"prior": last not in ("prev", "delta", "growth"), "period": last == "prev"}
            if wrong.get(token.parameter, False):
                return False
            last = (token.derivation or "now") if token.is_figure else last
        return True

    def _ways_fit(self) -> bool:
        """Rose and fell are what the change says, or what two cells of one figure say from earlier to later."""
        up, down = self._has(say.UP), self._has(say.DOWN)
        if not (up or down):
            return True
        if up and down:
            return False
        changes = [f for f in self.figures if f.derivation in ("delta", "growth")]
        signs = {_sign(f) for f in changes} or {self._moved()}
        return signs == {1 if up else -1}

    def _moved(self) -> int:
        """The sign of the step between the two figures of the sentence; 0 when they are no before and after."""
        if len(self.figures) != 2:
            return 0
        one, other = self.figures
        if one.row == other.row and one.base == other.base and {one.derivation, other.derivation} == {"", "prev"}:
            return _step(other, one) if other.derivation == "prev" else _step(one, other)
        if [c.role for c in self.book.dimensions] != ["time"] or one.column.name != other.column.name:
            return 0
        told = (self._word_before(one), self._word_before(other)) == ("from", "to")
        time = self.book.dimensions[0].name
        return _step(one, other) if told and _name_of_row(one, time) < _name_of_row(other, time) else 0

    def _sides_fit(self) -> bool:
        """More and less hold between the two figures that such a word stands between."""
        sides = [w for w in self.words if w in say.ABOVE | say.BELOW]
        if not sides or (set(sides) == {"followed"} and self._has(say.MOST)):
            return True
        if "followed" in sides or len(sides) != 1 or len(self.figures) != 2 or self._has(say.UP | say.DOWN):
            return False
        one, other = self.figures
        at, first, second = (next(i for i, t in enumerate(self.tokens) if t is x) for x in (sides[0], one, other))
        opened = any(isinstance(t, str) and t in say.THAN for t in self.tokens[:first])
        same = one.base == other.base and one.derivation == "" and other.derivation in ("", "prev")
        if not (first < at < second) or opened or not same:
            return False
        return _step(other, one) == (1 if sides[0] in say.ABOVE else -1)

    def _ends_fit(self) -> bool:
        """Highest and lowest are so over all rows, in a table that was not cut at that end."""
        most, least = self._has(say.MOST), self._has(say.LEAST)
        if not (most or least):
            return True
        columns = {f.column.name for f in self.figures}
        if (most and least) or len(columns) != 1 or self.figures[0].derivation or not self._uncut(most):
            return False
        table = self.figures[0].table
        column = table.column_index(columns.pop())
        every = [v for r in table.rows if (v := number(r[column])) is not None]
        said = [v for f in self.figures if (v := number(f.value)) is not None]
        ranked = sorted(every, reverse=most)
        return len(every) > 1 and len(said) == len(self.figures) and said == ranked[: len(said)]

    def _uncut(self, most: bool) -> bool:
        query, figure = self.book.evidence.args.get("query", {}), self.figures[0]
        top = query.get("top")
        if self.book.evidence.tool != "query_metrics" or query.get("having") or (figure.table.truncated and not top):
            return False
        if not top:
            return True
        plain = not top.get("per") and not top.get("others") and top.get("by") == figure.column.name
        return plain and bool(top.get("bottom")) != most


def _tokens(pieces: Sequence[Piece]) -> Iterator[str | Place]:
    for piece in pieces:
        if isinstance(piece, str):
            yield from words_of(re.sub(r"\b(made|makes?) up\b", r"\1up", piece, flags=re.I))
        else:
            yield piece


def _starts_side(text: str) -> bool:
    """Whether a word such as “higher” stands right behind what comes before, with no comma in between."""
    first = next(iter(words_of(text)), "")
    return text[:1] == " " and first in (say.ABOVE | say.BELOW) - {"followed"} and text.lstrip()[:1].isalpha()


def _name_of_row(place: Place, column: str) -> str:
    return str(place.table.rows[place.row][place.table.column_index(column)])


def _sign(place: Place) -> int:
    value = number(place.value)
    return 0 if not value else 1 if value > 0 else -1


def _step(before: Place, now: Place) -> int:
    one, other = number(before.value), number(now.value)
    if one is None or other is None or one == other:
        return 0
    return 1 if other > one else -1


def _is_rate(place: Place) -> bool:
    """Whether the figure behind a change is a percentage itself, which moves by points."""
    base = next((c for c in place.table.columns if c.name == place.base), None)
    return base is None or (base.unit is not None and (base.unit.ratio or base.unit.percent))


def claims_nothing(text: str, question: str) -> bool:
    """Whether a model's words to a person say nothing about the data: no numerals but the question's, no directions."""
    numerals = [w.strip(".,;:?!'\"()") for w in text.split() if any(c.isdigit() for c in w)]
    return not set(words_of(text)) & (say.RISKY | say.NUMBER_WORDS) and all(n in question for n in numerals)
