"""Binds a pack to a workspace: which of its metrics can be asked here, how sure that is, and what is missing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from knowledge.packs import expressions
from knowledge.packs.parts import Metric, Way
from knowledge.packs.schema import Pack
from tools.binding import candidates, match
from tools.binding.match import Decisions, Fit
from tools.binding.result import ASSUMED, USED, Binding, ColumnMatch, Doubt, MetricMatch, Status
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile

_DROPPED = 0.84  # at most, when a condition of the pack had to be left out
_UNSURE = 0.7  # where besides nothing is called by the pack's own words
_VERY = 0.96
_CALLED, _ENOUGH = 0.94, 3  # a table called so with so many columns of the pack's very names holds such records
_FEW = 0.4  # of an entity's columns: fewer say little about whether a table is the one


def bind(pack: Pack, model: SemanticModel, profile: DataProfile, decided: Decisions | None = None) -> Binding:
    """`pack` matched to the tables of `model`, whose stored columns `profile` describes. Changes nothing.

    `decided` holds what people chose before: `entity` -> table, `entity.column` -> stored column, None to reject.
    """
    stored = candidates.stored_columns(model, profile)
    fits = match.fits_of(pack, model, stored, decided or {})
    chosen = match.assigned(pack, model, fits)
    return _Binder(pack, model, fits, chosen, decided or {}).binding()


class _Binder:
    def __init__(
        self, pack: Pack, model: SemanticModel, fits: list[Fit], chosen: dict[str, Fit], decided: Decisions
    ) -> None:
        self._pack, self._model, self._chosen, self._decided = pack, model, chosen, decided
        taken = {fit.table for fit in chosen.values()}
        self.tables = {
            name: match.table_match(fit, [f for f in fits if f.entity == name and f.table not in taken])
            for name, fit in chosen.items()
        }
        for name in (n for n in chosen if n in decided):
            self.tables[name] = self.tables[name].model_copy(update={"confidence": 1.0, "why": "chosen by a person"})
        self._settle_dates()
        self.metrics: dict[str, MetricMatch] = {}

    def binding(self) -> Binding:
        for name in self._pack.metrics:
            self._metric(name)
        columns = {f"{name}.{c}": found for name, fit in self._chosen.items() for c, found in fit.columns.items()}
        return Binding(
            pack=self._pack.name, version=self._pack.manifest.version, tables=self.tables, columns=columns,
            metrics={name: self.metrics[name] for name in self._pack.metrics}, review=tuple(self._doubts(columns)),
        )  # fmt: skip

    def _settle_dates(self) -> None:
        """The only date of a table is the date of its records, whatever it is called."""
        for name, fit in self._chosen.items():
            when = self._pack.entities[name].time
            time = self._model.tables[fit.table].time
            if not when or when in fit.columns or f"{name}.{when}" in self._decided or time is None:
                continue
            sure = 0.86 if len(time.columns) == 1 else 0.62
            fit.columns[when] = ColumnMatch(
                entity=name, column=when, table=fit.table, stored=time.default, confidence=sure,
                why="the only date of the table" if sure > ASSUMED else "the table's usual date",
            )  # fmt: skip

    def _metric(self, name: str) -> MetricMatch:
        if name in self.metrics:
            return self.metrics[name]
        metric = self._pack.metrics[name]
        tried = [self._way(way, i, name, metric) for i, way in enumerate(metric.ways)]
        if self._owned(name):
            found = MetricMatch(metric=name, label=metric.label, status="own", confidence=1.0)
        else:
            found = max(tried, key=lambda m: (m.status != "missing", m.confidence >= ASSUMED, -(m.way or 0)))
        self.metrics[name] = found
        return found

    def _owned(self, name: str) -> bool:
        """Whether the workspace has an authored figure of that name, which then stands for the pack's."""
        owner = self._model.measure_table(name)
        entry = self._model.tables[owner].measures[name] if owner else self._model.metrics.get(name)
        return entry is not None and entry.confidence == 1 and not (entry.origin or "").startswith("pack ")

    def _way(self, way: Way, number: int, name: str, metric: Metric) -> MetricMatch:
        blank = MetricMatch(metric=name, label=metric.label, status="missing", way=number)
        if way.agg is None:
            return self._made_of(way, blank)
        entity = way.entity or ""
        if entity not in self._chosen:
            label = self._pack.entities[entity].label
            return blank.model_copy(update={"missing": (f"a table of {label.casefold()} records",)})
        sure, missing, notes = self._needs(way, entity)
        if missing:
            return blank.model_copy(update={"missing": tuple(missing)})
        return blank.model_copy(update={"status": _status(sure), "confidence": round(sure, 3), "notes": tuple(notes)})

    def _made_of(self, way: Way, blank: MetricMatch) -> MetricMatch:
        parts = way.ratio or tuple(expressions.columns(way.formula or "0"))
        found = [self._metric(p) for p in parts]
        lacking = dict.fromkeys(m for p in found if p.status == "missing" for m in p.missing or (p.label,))
        if lacking:
            return blank.model_copy(update={"missing": tuple(lacking)})
        sure = min(p.confidence for p in found)
        return blank.model_copy(update={"status": _status(sure), "confidence": sure})

    def _needs(self, way: Way, entity: str) -> tuple[float, list[str], list[str]]:
        """Confidence, what is missing, and what is assumed, of an aggregation."""
        fit = self._chosen[entity]
        sure, missing, notes = self.tables[entity].confidence, list[str](), list[str]()
        for column in required(way):
            found = fit.columns.get(column)
            if found is None:
                missing.append(self._called(entity, column))
            else:
                sure = min(sure, found.confidence)
        if not every_column(way) and fit.name < _VERY and fit.share < _FEW:
            sure = min(sure, _UNSURE)  # a count reads no column that could speak against the table
        sure, when = self._when(entity, sure)
        notes += when
        for text in [way.where] if way.where else []:
            sure = self._condition(entity, text, sure, missing)
        for text in way.where_present:
            lost = [c for c in expressions.columns(text) if c not in fit.columns]
            if lost:
                sure = min(sure, _DROPPED if self._plainly(way, fit) else _UNSURE)
                notes.append(f"No {self._called(entity, lost[0])} was found, so all records count.")
            else:
                sure = self._condition(entity, text, sure, missing)
        return sure, missing, notes

    def _plainly(self, way: Way, fit: Fit) -> bool:
        """Whether the figure is the pack's beyond doubt though a condition of it is lost: called by its very words."""
        named = [fit.columns[c].confidence for c in required(way) if c in fit.columns]
        exact = sum(c.confidence >= 1 for c in fit.columns.values())
        known = fit.name >= _VERY or (fit.name >= _CALLED and exact >= _ENOUGH)
        return min(named) >= _VERY if named else known

    def _when(self, entity: str, sure: float) -> tuple[float, list[str]]:
        """A wrong date puts figures into wrong months; a date that is borrowed along a join is as good as its own."""
        when, fit = self._pack.entities[entity].time, self._chosen[entity]
        found = fit.columns.get(when or "")
        if when is None or found is not None:
            return min(sure, found.confidence) if found else sure, []
        return min(sure, 0.85), [f"No {self._called(entity, when)} was found on the records themselves."]

    def _condition(self, entity: str, text: str, sure: float, missing: list[str]) -> float:
        """A condition holds only where each value it names is known in the data."""
        for column in expressions.columns(text):
            found = self._chosen[entity].columns.get(column)
            if found is None:
                missing.append(self._called(entity, column))
            else:
                sure = min(sure, found.confidence)
        for column, value in expressions.compared(text):
            found = self._chosen[entity].columns.get(column)
            if found and found.values and not candidates.stored_value(found.values, value):
                missing.append(f"the value “{value}” in {self._called(entity, column)}")
        return sure

    def _called(self, entity: str, column: str) -> str:
        told = self._pack.entities[entity].columns[column]
        return (told.label or column.replace("_", " ")).casefold()

    def _doubts(self, columns: Mapping[str, ColumnMatch]) -> Iterable[Doubt]:
        """What is used or waiting without being certain, the least sure first."""
        items = []
        for name, table in self.tables.items():
            hit = tuple(self._affected(name, None))
            if table.confidence < USED and hit:
                called = self._pack.entities[name].label.casefold()
                finding = f"“{table.table}” holds what the pack calls {called} ({table.why})."
                items.append(_doubt(name, finding, table.confidence, hit, ()))
        for place, column in columns.items():
            hit = tuple(self._affected(column.entity, column.column))
            if column.confidence < USED and hit:
                called = self._called(column.entity, column.column)
                finding = f"“{column.table}.{column.stored}” is the {called} ({column.why})."
                rivals = tuple(f"{column.table}.{r}" for r in self._chosen[column.entity].rivals.get(column.column, ()))
                items.append(_doubt(place, finding, column.confidence, hit, rivals))
        return sorted(items, key=lambda d: (d.confidence, d.id))

    def _affected(self, entity: str, column: str | None) -> Iterable[str]:
        """The metrics that read an entity, or a column of it."""
        for name, metric in self._pack.metrics.items():
            found = self.metrics[name]
            if found.way is None or found.status in ("missing", "own"):
                continue
            way = metric.ways[found.way]
            if way.entity == entity and (
                column is None or column in {*every_column(way), self._pack.entities[entity].time}
            ):
                yield name


def required(way: Way) -> list[str]:
    """The columns without which an aggregation cannot be computed, its conditions aside."""
    named = expressions.columns(way.expr) if way.expr else []
    extra = [way.weight, way.level and way.level.over, way.span and way.span.start, way.span and way.span.end]
    return list(dict.fromkeys([*named, *(e for e in extra if e)]))


def every_column(way: Way) -> list[str]:
    """All columns that an aggregation reads."""
    conditions = [*([way.where] if way.where else []), *way.where_present]
    return list(dict.fromkeys([*required(way), *(c for text in conditions for c in expressions.columns(text))]))


def _status(sure: float) -> Status:
    return "bound" if sure >= USED else "assumed" if sure >= ASSUMED else "review"


def _doubt(place: str, finding: str, sure: float, hit: tuple[str, ...], others: tuple[str, ...]) -> Doubt:
    mark = hashlib.sha256(f"{place}\0{finding}".encode()).hexdigest()[:10]
    return Doubt(id=mark, finding=finding, confidence=sure, affects=hit, others=others)
