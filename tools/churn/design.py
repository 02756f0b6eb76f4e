"""Columns of people as numbers a model can learn from, made on the training rows alone: nothing of a test row leaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Column = NDArray[Any]
Columns = dict[str, Column]
UNKNOWN = "(none)"
_RARE = 0.005
_MOST_LEVELS = 30


@dataclass(frozen=True)
class Numeric:
    """A quantity: what stands in for missing values, its centre and spread, whether some were missing."""

    name: str
    fill: float
    centre: float
    spread: float
    holes: bool
    logged: bool

    def wide(self, raw: Column) -> Numbers:
        """Columns for a linear model: the standardised quantity and whether it was missing."""
        filled = np.where(np.isnan(raw), self.fill, raw)
        scaled = (self._moved(filled) - self.centre) / self.spread
        columns = [np.clip(scaled, -6, 6)]
        if self.holes:
            columns.append(np.isnan(raw).astype(np.float64))
        return np.column_stack(columns)

    def narrow(self, raw: Column) -> Numbers:
        """The column for a tree model, holes kept."""
        return raw

    def typical(self) -> float | str:
        """What stands for somebody like most."""
        return self.fill

    def _moved(self, values: Numbers) -> Numbers:
        return np.log1p(np.maximum(values, 0)) if self.logged else values


@dataclass(frozen=True)
class Category:
    """A kind: its frequent values by size; what is rare, new or missing is none of them."""

    name: str
    levels: tuple[str, ...]

    def wide(self, values: Column) -> Numbers:
        """One column per level for a linear model."""
        codes = self.narrow(values)
        return np.column_stack([(codes == k).astype(np.float64) for k in range(len(self.levels))])

    def narrow(self, values: Column) -> Numbers:
        """The place of each level for a tree model."""
        codes = np.full(len(values), np.nan)
        for place, level in enumerate(self.levels):
            codes[values == level] = place
        return codes

    def typical(self) -> float | str:
        """What stands for somebody like most."""
        return self.levels[0]


Part = Numeric | Category


@dataclass(frozen=True)
class Design:
    """The parts in order; `slices` says which wide columns belong to which part."""

    parts: tuple[Part, ...]

    def wide(self, columns: Columns) -> Numbers:
        """One row per person for the linear model."""
        return np.column_stack([p.wide(columns[p.name]) for p in self.parts])

    def narrow(self, columns: Columns) -> Numbers:
        """One row per person for the tree model."""
        return np.column_stack([p.narrow(columns[p.name]) for p in self.parts])

    @property
    def slices(self) -> list[slice]:
        """Which wide columns belong to which part."""
        found, at = [], 0
        for part in self.parts:
            width = len(part.levels) if isinstance(part, Category) else 1 + part.holes
            found.append(slice(at, at + width))
            at += width
        return found


def learn(columns: Columns, kinds: dict[str, str]) -> Design:
    """The design of these rows; columns that say the same of everybody are left out."""
    parts: list[Part] = []
    for name, values in columns.items():
        part = _number(name, values) if kinds[name] == "number" else _category(name, values)
        if part is not None:
            parts.append(part)
    return Design(tuple(parts))


def _number(name: str, raw: Column) -> Numeric | None:
    known = raw[~np.isnan(raw)]
    if len(known) == 0 or known.min() == known.max():
        return None
    skew = float(np.mean(((known - known.mean()) / known.std()) ** 3))
    logged = known.min() >= 0 and skew > 2
    seen = np.log1p(known) if logged else known
    return Numeric(name, float(np.median(known)), float(seen.mean()), float(seen.std()), len(known) < len(raw), logged)


def _category(name: str, values: Column) -> Category | None:
    levels, counts = np.unique(values, return_counts=True)
    order = sorted(range(len(levels)), key=lambda i: (-counts[i], levels[i]))
    kept = [str(levels[i]) for i in order if counts[i] >= max(5, _RARE * len(values))][:_MOST_LEVELS]
    return Category(name, tuple(kept)) if len(levels) > 1 and kept else None


def numeric(values: list[Any]) -> Numbers:
    """Numbers with nan for holes."""
    return np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)


def texts(values: list[Any]) -> Column:
    """Words, with one for holes."""
    return np.array([UNKNOWN if v is None else str(v) for v in values], dtype=str)


def as_columns(raw: dict[str, list[Any]], kinds: dict[str, str]) -> Columns:
    """Lists as they came through the door, as arrays."""
    return {n: numeric(v) if kinds[n] == "number" else texts(v) for n, v in raw.items()}
