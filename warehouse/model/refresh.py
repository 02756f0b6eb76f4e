"""Brings the model up to date after a load without ever undoing what a person wrote, changed or deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import orjson

from store.errors import InvalidRequest, unknown
from warehouse.model import history, store, value_build
from warehouse.model import review as review_list
from warehouse.model.infer import infer
from warehouse.model.probe import DuckDBProbe
from warehouse.model.review import Decision, ReviewItem
from warehouse.model.schema import Described, Join, Measure, Metric, SemanticModel, Synonym, Table, TimeSpec
from warehouse.profile import DataProfile
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

Entry = TypeVar("Entry", bound=Described)
_PARTS = ("dimensions", "numbers", "measures")


def refresh(
    workspace: Workspace, profile: DataProfile, connection: duckdb.DuckDBPyConnection,
    given: SemanticModel | None = None,
) -> SemanticModel:  # fmt: skip
    """Infer, merge with the model on file, and save model, values index and review list; gives the merged model.

    `connection` is the trusted writer's, with the tables of `profile` in its default schema. `given` says what tables
    mean that need no inference. Raises `InvalidRequest` when the model on file cannot be read; nothing is written then.
    """
    current = store.load(workspace.model_file) if workspace.model_file.is_file() else None
    found = infer(profile, DuckDBProbe(connection), name=workspace.name)
    decided = decisions(workspace)
    inferred = overlaid(found.model, given)
    review = [item for item in found.review if given is None or item.table not in given.tables]
    model = review_list.apply(inferred, decided)
    if current is not None:
        model = review_list.apply(merge(current, model, _baseline(workspace)), decided)
        gone = [n for n in (*current.tables, *current.metrics) if n not in model.tables and n not in model.metrics]
        review += [_dropped(name) for name in gone]
    history.save(workspace, model, why="data loaded")
    store.save(inferred, baseline_file(workspace))
    value_build.build(model, connection).save(workspace.values_file)
    _write(review_file(workspace), [item.model_dump(mode="json") for item in review])
    return model


def overlaid(found: SemanticModel, given: SemanticModel | None) -> SemanticModel:
    """`found` with the tables and metrics of `given` in place of its own; their names are theirs alone."""
    if given is None:
        return found
    taken = {*given.metrics, *(m for t in given.tables.values() for m in t.measures)}
    tables: dict[str, Table] = {}
    for name, table in found.tables.items():
        own = {f"{name}_{m}" if m in taken else m: spec for m, spec in table.measures.items()}
        joins = tuple(j for j in table.joins if j.to not in given.tables)
        tables[name] = table.model_copy(update={"measures": own, "joins": joins})
    tables = {n: given.tables.get(n, t) for n, t in tables.items()}
    metrics = {n: m for n, m in found.metrics.items() if n not in taken}
    measures = {m for t in tables.values() for m in t.measures}
    return found.model_copy(
        update={
            "tables": tables,
            "metrics": _living({**metrics, **given.metrics}, measures),
            "starters": given.starters or found.starters,
        }
    )


def baseline_file(workspace: Workspace) -> Path:
    """What was inferred last time; the difference to the model on file is what a person did."""
    return workspace.root / "model.inferred.yaml"


def review_file(workspace: Workspace) -> Path:
    """Where the review list is kept."""
    return workspace.root / "review.json"


def decisions(workspace: Workspace) -> dict[str, Decision]:
    """What people decided about assumptions, by the assumption's id."""
    path = _decisions_file(workspace)
    raw = orjson.loads(path.read_bytes()) if path.is_file() else {}
    return {key: Decision.model_validate(value) for key, value in raw.items()}


def decide(
    workspace: Workspace, item_id: str, verdict: Literal["accepted", "edited", "rejected"], *, value: Any = None,
    by: str | None = None,
) -> SemanticModel:  # fmt: skip
    """Settle an open assumption for good: in the model now, and in every later inference.

    Raises `UnknownName` when no such assumption is open, `InvalidRequest` for a value that does not fit.
    """
    items = {item.id: item for item in load_review(workspace)}
    if item_id not in items:
        raise unknown("review item", item_id, items)
    item, model = items[item_id], store.load(workspace.model_file)
    if verdict == "edited":
        value = review_list.checked(item, value, model)
    decided = decisions(workspace)
    decided[item_id] = Decision(item=item, verdict=verdict, value=value, by=by)
    model = review_list.apply(model, {item_id: decided[item_id]})
    _write(_decisions_file(workspace), {key: d.model_dump(mode="json") for key, d in decided.items()})
    history.save(workspace, model, why=f"{verdict}: {item.finding}", by=by)
    return model


def _decisions_file(workspace: Workspace) -> Path:
    return workspace.root / "review.decided.json"


def load_review(workspace: Workspace) -> list[ReviewItem]:
    """The assumptions of the last load that nobody has decided about, the least sure first."""
    items = _found_last(workspace)
    return review_list.open_items(items, decisions(workspace))


def _found_last(workspace: Workspace) -> list[ReviewItem]:
    path = review_file(workspace)
    return [ReviewItem.model_validate(item) for item in orjson.loads(path.read_bytes())] if path.is_file() else []


def merge(current: SemanticModel, found: SemanticModel, baseline: SemanticModel | None) -> SemanticModel:
    """`current` with what is new in `found`. Kept as it is: all that is authored (confidence 1) or differs from
    `baseline`, the last inference; what a person deleted stays deleted. Tables no longer found are dropped.
    """
    before = baseline.tables if baseline else {}
    tables: dict[str, Table] = {}
    for name, table in found.tables.items():
        if name in current.tables:
            tables[name] = _merged_table(current.tables[name], table, before.get(name))
        elif name not in before:
            tables[name] = table
    ordered = [n for n in current.tables if n in tables] + [n for n in tables if n not in current.tables]
    edited = baseline is None or current.starters != baseline.starters
    starters = current.starters if current.starters and edited else found.starters
    kept = _unique_measures({n: _without_lost_joins(tables[n], tables) for n in ordered}, current)
    merged = _merged(current.metrics, found.metrics, baseline.metrics if baseline else {})
    metrics = _living(merged, {m for table in kept.values() for m in table.measures})
    return current.model_copy(update={"tables": kept, "metrics": metrics, "starters": starters})


def _without_lost_joins(table: Table, tables: Mapping[str, Table]) -> Table:
    return table.model_copy(update={"joins": tuple(j for j in table.joins if j.to in tables)})


def _living(metrics: Mapping[str, Metric], measures: set[str]) -> dict[str, Metric]:
    """The metrics whose every part still exists."""
    kept = dict(metrics)
    while lost := [n for n, m in kept.items() if not _parts_of(m) <= {*kept, *measures}]:
        for name in lost:
            del kept[name]
    return kept


def _parts_of(metric: Metric) -> set[str]:
    """The names of measures and metrics that a metric is made of."""
    named = {part for part in (metric.measure, metric.numerator, metric.denominator) if part}
    return named | (set(re.findall(r"[A-Za-z_]\w*", metric.expr or "")) if metric.kind == "derived" else set())


def _merged_table(current: Table, found: Table, before: Table | None) -> Table:
    own = current.confidence == 1 or (before is not None and _head(current) != _head(before))
    base = current if own else found
    seen = before or _author_saw(current, found)
    update: dict[str, Any] = {
        part: _merged(getattr(current, part), getattr(found, part), getattr(seen, part)) for part in _PARTS
    }
    update["measures"] = _without_doubles(update["measures"], current.measures)
    update["joins"] = _merged_joins(current.joins, found.joins, seen.joins)
    update["time"] = _merged_time(current.time, found.time, before.time if before else None)
    update["key"] = current.key if current.key and own else found.key
    update["synonyms"] = _merged_synonyms(current.synonyms, base.synonyms)
    return base.model_copy(update=update)


def _author_saw(current: Table, found: Table) -> Table:
    """Stands in for the last inference at a first load: lists a person began are taken as their choice."""
    parts = (*_PARTS, "joins")
    begun = {part: getattr(found, part) for part in parts if current.confidence == 1 and getattr(current, part)}
    return Table(source=found.source, **begun)


def _head(table: Table) -> dict[str, Any]:
    return table.model_dump(exclude={*_PARTS, "joins", "time"})


def _merged(current: Mapping[str, Entry], found: Mapping[str, Entry], before: Mapping[str, Entry]) -> dict[str, Entry]:
    """Entries by name, in the order of the file and then of the tables."""
    merged: dict[str, Entry] = {}
    for name, entry in current.items():
        if entry.confidence == 1 or entry != before.get(name):
            merged[name] = entry
        elif name in found:
            merged[name] = found[name].model_copy(
                update={"synonyms": _merged_synonyms(entry.synonyms, found[name].synonyms)}
            )
    merged.update({name: entry for name, entry in found.items() if name not in current and name not in before})
    return merged


def _without_doubles(measures: dict[str, Measure], old: Mapping[str, Measure]) -> dict[str, Measure]:
    """New measures that an old one computes already under another name are left out."""
    known = {(m.agg, _plain(m.expr), _plain(m.where)) for m in old.values()}
    return {n: m for n, m in measures.items() if n in old or (m.agg, _plain(m.expr), _plain(m.where)) not in known}


def _plain(expr: str | None) -> str:
    return (expr or "").replace('"', "").replace(" ", "").casefold()


def _merged_joins(current: tuple[Join, ...], found: tuple[Join, ...], before: tuple[Join, ...]) -> tuple[Join, ...]:
    kept = [j for j in current if j.confidence == 1 or j not in before or j in found]
    seen = [(j.to, j.on) for j in (*current, *before)]
    new = [j for j in found if (j.to, j.on) not in seen]
    changed = [j for j in found if any((j.to, j.on) == (b.to, b.on) and b in current for b in before) and j not in kept]
    return (*kept, *new, *changed)


def _merged_time(current: TimeSpec | None, found: TimeSpec | None, before: TimeSpec | None) -> TimeSpec | None:
    if current is None or found is None:
        return current if found is None and current != before else (found if before is None else current)
    columns = _merged(current.columns, found.columns, before.columns if before else {})
    own = before is None or current.default != before.default
    default = current.default if own and current.default in columns else found.default
    return TimeSpec(default=default, columns=columns) if default in columns else current


def _merged_synonyms(current: tuple[Synonym, ...], found: tuple[Synonym, ...]) -> tuple[Synonym, ...]:
    """A person's words and deletions first, then the generated ones nobody deleted."""
    kept = [s for s in current if s.state in ("authored", "deleted")]
    known = {s.text.casefold() for s in kept}
    return (*kept, *(s for s in found if s.text.casefold() not in known))


def _unique_measures(tables: dict[str, Table], current: SemanticModel) -> dict[str, Table]:
    """Measure names stay unique: one that is already taken elsewhere, or by a metric, is left out when it is new."""
    taken = {name for table in current.tables.values() for name in table.measures} | set(current.metrics)
    result = {}
    for name, table in tables.items():
        own = current.tables[name].measures if name in current.tables else {}
        kept = {}
        for measure_name, measure in table.measures.items():
            if measure_name in own:
                kept[measure_name] = measure
                continue
            renamed = f"{name}_{measure_name}" if name not in current.tables else measure_name
            free = renamed if measure_name in taken else measure_name
            if free not in taken:
                taken.add(free)
                kept[free] = measure
        result[name] = table.model_copy(update={"measures": kept})
    return result


def _baseline(workspace: Workspace) -> SemanticModel | None:
    path = baseline_file(workspace)
    try:
        return store.load(path) if path.is_file() else None
    except InvalidRequest:
        return None


def _dropped(table: str) -> ReviewItem:
    return ReviewItem(
        kind="dropped", table=table, name=table, confidence=1.0,
        finding=f"{table} is no longer in the data, so it was taken out of the model.",
        effect="Questions about it cannot be answered.",
    )  # fmt: skip


def _write(path: Path, data: object) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(orjson.dumps(data, option=orjson.OPT_INDENT_2))
    draft.replace(path)
