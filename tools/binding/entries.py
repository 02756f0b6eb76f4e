"""Everything an installed pack puts into a semantic model, as changes that can be taken back one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict

from knowledge.packs import expressions
from knowledge.packs.parts import Column
from knowledge.packs.schema import Pack
from store.errors import PlainsayError
from tools.binding import event_days
from tools.binding.figures import Entry, Writer
from tools.binding.result import USED, Binding
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile

Place = tuple[str, ...]
_MOST_STARTERS = 8
_SAID_OF_ALL = frozenset(
    ["yes", "no", "true", "false", "new", "live", "real", "test", "dummy", "valid", "other", "none", "open", "closed"]
)
"""Words that say too little to stand for one value of one column."""
_LITTLE = frozenset("or in on it is us we to no as at by do go if of so an am".split())  # noqa: SIM905


class Change(BaseModel):
    """One entry of the model before and after; None is “not there”."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    place: Place
    before: Any = None
    after: Any = None


def plain(model: SemanticModel) -> dict[str, Any]:
    """The model as data, defaults left out."""
    return model.model_dump(mode="json", exclude_defaults=True)


def at(data: Mapping[str, Any], place: Place) -> Any:
    """The entry at a place, or None."""
    found: Any = data
    for part in place:
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def put(data: dict[str, Any], place: Place, value: Any) -> None:
    """Set the entry at a place, or take it away with None."""
    for part in place[:-1]:
        data = data.setdefault(part, {})
    if value is None:
        data.pop(place[-1], None)
    else:
        data[place[-1]] = value


class Entries:
    """Collects the changes that a pack makes to one model."""

    def __init__(self, pack: Pack, binding: Binding, model: SemanticModel, profile: DataProfile) -> None:
        self._pack, self._binding, self._model = pack, binding, model
        self._profile = profile
        self._writer = Writer(pack, binding, model, profile)
        self._data = plain(model)
        self._changes: list[Change] = []

    def changes(self, starters: bool, today: date) -> list[Change]:
        """All changes; `starters` says whether the opening questions may be replaced."""
        self._figures()
        self._columns()
        self._dates()
        self._words()
        self._segments()
        self._trees()
        self._events(today)
        self._privacy()
        if starters:
            self._starters()
        return self._changes

    def _change(self, place: Place, after: Any) -> None:
        before = at(self._data, place)
        if before != after:
            self._changes.append(Change(place=place, before=before, after=after))
            put(self._data, place, after)

    def _used(self, name: str) -> bool:
        return self._binding.metrics[name].status in ("bound", "assumed")

    def _figures(self) -> None:
        for name, metric in self._pack.metrics.items():
            way = metric.ways[self._binding.metrics[name].way or 0]
            if self._binding.metrics[name].status == "own":
                self._own_words(name, [metric.label, *metric.synonyms])
            if not self._used(name):
                continue
            self._make_room(name)
            if way.agg is None:
                self._change(("metrics", name), self._without_taken_words(self._writer.combination(name, metric, way)))
                continue
            table, entry, numbers = self._writer.aggregation(name, metric, way)
            for number, told in numbers.items():
                self._change(("tables", table, "numbers", number), told)
            self._without_doubles(table, entry, whole=way.where is None)
            self._change(("tables", table, "measures", name), self._without_taken_words(entry))

    def _own_words(self, name: str, words: list[str]) -> None:
        """The workspace's own figure stays as it is and is understood by the trade's words too."""
        place = next((p for p, _ in self._figures_there() if p[-1] == name), None)
        entry = at(self._data, place) if place else None
        if place is None or entry is None or entry.get("origin"):
            return
        taken = {_fold(w) for p, other in self._figures_there() for w in (other.get("label", p[-1]), *_words(other))}
        fresh = [{"text": w, "state": "generated"} for w in dict.fromkeys(words) if _fold(w) not in taken]
        if fresh:
            self._change(place, {**entry, "synonyms": [*entry.get("synonyms", []), *fresh]})

    def _make_room(self, name: str) -> None:
        """An inferred figure of the same name gives way."""
        for table in self._data.get("tables", {}):
            if at(self._data, ("tables", table, "measures", name)) is not None:
                self._change(("tables", table, "measures", name), None)
        if at(self._data, ("metrics", name)) is not None:
            self._change(("metrics", name), None)

    def _without_doubles(self, table: str, entry: Entry, *, whole: bool) -> None:
        """An inferred measure that computes or is called the same gives way to the pack's.

        Where the pack's figure is the `whole` of its kind, the inferred one that counts invalid rows too gives way.
        """
        parts = ("agg", "expr") if whole else ("agg", "expr", "where")
        for name, other in list((at(self._data, ("tables", table, "measures")) or {}).items()):
            inferred = other.get("confidence", 1.0) < 1 and not other.get("origin")
            same = all(_bare(other.get(k)) == _bare(entry.get(k)) for k in parts)
            if inferred and (same or _fold(other.get("label", name)) == _fold(entry["label"])):
                self._change(("tables", table, "measures", name), None)

    def _without_taken_words(self, entry: Entry) -> Entry:
        """Words that the workspace's own figures go by stay theirs; inferred figures lose them to the pack's."""
        own, inferred = set[str](), list[Place]()
        for place, other in self._figures_there():
            if other.get("confidence", 1.0) == 1 or other.get("origin"):
                own |= {_fold(w) for w in (other.get("label", place[-1]), *_words(other))}
            else:
                inferred.append(place)
        kept = [w for w in entry["synonyms"] if _fold(w) not in own]
        said = {_fold(w) for w in (entry["label"], *kept)}
        for place in inferred:
            other = at(self._data, place)
            left = [s for s in other.get("synonyms", []) if _fold(_text(s)) not in said]
            if len(left) < len(other.get("synonyms", [])):
                self._change(place, {**other, "synonyms": left})
        return {**entry, "synonyms": [{"text": w} for w in kept]}

    def _figures_there(self) -> Iterator[tuple[Place, Entry]]:
        for table, told in self._data.get("tables", {}).items():
            for name, measure in told.get("measures", {}).items():
                yield ("tables", table, "measures", name), measure
        for name, metric in self._data.get("metrics", {}).items():
            yield ("metrics", name), metric

    def _columns(self) -> None:
        """Dimensions gain the label, the words and the value spellings of the pack."""
        for match in self._binding.columns.values():
            told = self._pack.entities[match.entity].columns[match.column]
            place: Place = ("tables", match.table, "dimensions", match.stored)
            entry = at(self._data, place)
            if entry is None or match.confidence < USED or told.kind not in ("category", "text", "flag"):
                continue
            worded = self._worded(entry, told, match.column)
            self._change(place, self._spelled(worded, told, match.values) if told.kind == "category" else worded)

    def _worded(self, entry: Entry, told: Column, name: str) -> Entry:
        inferred = entry.get("confidence", 1.0) < 1
        label = (told.label or entry.get("label")) if inferred else entry.get("label")
        known = {_fold(w) for w in (label or "", *_words(entry))}
        said = [told.label or name.replace("_", " "), *told.synonyms]
        fresh = [{"text": w} for w in dict.fromkeys(said) if _fold(w) not in known]
        changed = {**entry, "synonyms": [*entry.get("synonyms", []), *fresh]}
        if label:
            changed["label"] = label
        if told.personal:
            changed |= {"pii": True, "sample": 0}
        return changed if changed["synonyms"] else {k: v for k, v in changed.items() if k != "synonyms"}

    def _spelled(self, entry: Entry, told: Column, stored: Mapping[str, tuple[str, ...]]) -> Entry:
        """The stored values with the words that the trade has for them; words of people's own stay as they are."""
        values = {value: list(words) for value, words in entry.get("values", {}).items()}
        taken = {_fold(word) for value, words in values.items() for word in (value, *words)}
        taken |= {_fold(value) for held in stored.values() for value in held}
        for canonical, held in stored.items():
            if len(held) != 1:
                continue  # a word for several values would stand for one of them only
            said = [canonical.replace("_", " "), *told.values.get(canonical, ())]
            fresh = [w for w in dict.fromkeys(said) if _is_said(w) and _fold(w) not in taken]
            if fresh:
                values[held[0]] = [*values.get(held[0], []), *fresh]
                taken |= {_fold(w) for w in fresh}
        return {**entry, "values": values} if values else entry

    def _dates(self) -> None:
        """The date that the pack goes by becomes the usual one of an inferred table."""
        for name, match in self._binding.tables.items():
            when = self._binding.columns.get(f"{name}.{self._pack.entities[name].time}")
            place: Place = ("tables", match.table, "time")
            time, table = at(self._data, place), at(self._data, ("tables", match.table)) or {}
            if when is None or when.confidence < USED or time is None or table.get("confidence", 1.0) == 1:
                continue
            if when.stored in time["columns"] and time["default"] != when.stored:
                self._change(place, {**time, "default": when.stored})

    def _words(self) -> None:
        """Jargon that stands for a bound metric becomes a word for it."""
        for term in self._pack.terms.values():
            place = self._place_of(term.metric) if term.metric else None
            entry = at(self._data, place) if place else None
            if place is None or entry is None:
                continue
            taken = {_fold(w) for p, e in self._figures_there() for w in (e.get("label", p[-1]), *_words(e))}
            fresh = [{"text": w} for w in (term.label, *term.synonyms) if _fold(w) not in taken]
            if fresh:
                self._change(place, {**entry, "synonyms": [*entry.get("synonyms", []), *fresh]})

    def _place_of(self, metric: str) -> Place | None:
        if not self._binding.used(metric):
            return None
        return next((place for place, _ in self._figures_there() if place[-1] == metric), None)

    def _segments(self) -> None:
        for segment in self._pack.segments.values():
            entity = segment.entity
            named = {f"{entity}.{c}" for c in expressions.columns(segment.where)}
            if entity not in self._binding.tables or not all(self._sure(c) for c in named):
                continue
            try:
                where = self._writer.condition(entity, segment.where, qualified=True)
            except PlainsayError:
                continue  # a value that the data does not have
            for word in (segment.label, *segment.synonyms):
                if at(self._data, ("terms", word.casefold())) is None:
                    self._change(("terms", word.casefold()), where)

    def _sure(self, column: str) -> bool:
        return column in self._binding.columns and self._binding.columns[column].confidence >= USED

    def _trees(self) -> None:
        for tree in self._pack.trees.values():
            for top, step in tree.steps.items():
                parts = (top, *step.of, *step.minus)
                if all(self._binding.used(p) for p in parts) and at(self._data, ("driver_trees", top)) is None:
                    self._change(("driver_trees", top), step.model_dump(mode="json", exclude_defaults=True))

    def _events(self, today: date) -> None:
        known = list(self._data.get("events", []))
        taken = {_fold(e["name"]) for e in known}
        for event in self._pack.events.values():
            if _fold(event.label) in taken or not event_days.concerns(event, self._model.calendar.holidays):
                continue
            metrics = [m for m in event.metrics if self._binding.used(m)]
            if event.metrics and not metrics:
                continue
            days = [d.isoformat() for d in event_days.days(event, today)]
            told: Entry = {"name": event.label, "dates": days, "days": event.days, "metrics": metrics}
            known.append({k: v for k, v in told.items() if v})
        if len(known) > len(taken):
            self._change(("events",), known)

    def _privacy(self) -> None:
        """Which tables tell of people, and how many a figure must be about; a rule of the workspace's own stays."""
        told = self._pack.privacy
        if told is None or at(self._data, ("small_cells",)) is not None:
            return
        found = [self._binding.columns[c] for c in told.persons if self._sure(c)]
        if found:
            self._change(("small_cells",), {"least": told.least, "persons": {m.table: m.stored for m in found}})

    def _starters(self) -> None:
        asked = [self.question(q.ask) for role in ("owner", "manager", "executive", "analyst")
                 for q in self._pack.questions.get(role, ())[:4]]  # fmt: skip
        usable = list(dict.fromkeys(q for q in asked if q))[:_MOST_STARTERS]
        if usable:
            self._change(("starters",), usable)

    def question(self, template: str) -> str | None:
        """A question template in the workspace's words; None when something in it is not there."""
        return filled(template, self._binding, self._data)


def filled(template: str, binding: Binding, data: Mapping[str, Any]) -> str | None:
    """A question template in the words of the model `data`; None when something in it is not bound."""
    said: dict[str, str] = {}
    for slot in expressions.slots(template):
        word = _column_word(slot, binding, data) if "." in slot else _metric_word(slot, binding, data)
        if word is None:
            return None
        said[slot] = word
    return expressions.filled(template, said)


def _column_word(slot: str, binding: Binding, data: Mapping[str, Any]) -> str | None:
    match = binding.columns.get(slot)
    if match is None or match.confidence < USED:
        return None
    entry = at(data, ("tables", match.table, "dimensions", match.stored))
    return str(entry.get("label") or match.stored.replace("_", " ")).casefold() if entry is not None else None


def _metric_word(slot: str, binding: Binding, data: Mapping[str, Any]) -> str | None:
    if not binding.used(slot):
        return None
    owners = [("metrics", slot), *(("tables", t, "measures", slot) for t in data.get("tables", {}))]
    entry = next((e for place in owners if (e := at(data, place)) is not None), None)
    return _inside(str(entry.get("label") or slot.replace("_", " "))) if entry is not None else None


def _inside(label: str) -> str:
    """A label as it stands inside a sentence: acronyms keep their capitals."""
    return " ".join(w if sum(c.isupper() for c in w) > 1 else w.lower() for w in label.split())


def _bare(text: Any) -> str:
    return str(text or "").replace('"', "").replace(" ", "").casefold()


def _is_said(word: str) -> bool:
    """Whether a spelling of a value is a word that people would say for it, and no code of a letter or two."""
    short = len(word) == 2 and word.isupper() and word.casefold() not in _LITTLE  # ED, ER, EV
    return (len(word) > 2 or short) and any(c.isalpha() for c in word) and _fold(word) not in _SAID_OF_ALL


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())


def _text(synonym: Any) -> str:
    return synonym if isinstance(synonym, str) else str(synonym["text"])


def _words(entry: Entry) -> list[str]:
    told = entry.get("synonyms", [])
    return [_text(s) for s in told if isinstance(s, str) or s.get("state") != "deleted"]
