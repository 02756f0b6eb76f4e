"""Which steps the data know: the table of events, who goes through them, and what each step is called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from store.errors import NotEnough, UnknownName, near_names
from tools.cohorts.who import PEOPLE, words
from tools.registry import ToolContext
from tools.run import fetch
from warehouse.compiler import compile_query
from warehouse.model.adhoc import adhoc_name
from warehouse.model.schema import SemanticModel, Table
from warehouse.profile import DataProfile
from warehouse.query import Condition, DimRef, Filter, MetricQuery, MetricRef, TimeWindow

_STEP_WORDS = ("event", "step", "action", "stage", "activity")
_ENTITY_WORDS = ("visit", "session", "journey", "lead", "applicant", "application", "ticket", *PEOPLE)
_ID_WORDS = ("id", "no", "number", "key", "code", "hash")
_MOST_STEPS = 8
_MOST_VALUES = 30
_LEAST_SHARE = 0.001


@dataclass(frozen=True)
class Events:
    """A table of events: the column that names the step, the one that says who, and what they are called."""

    table: str
    step: str
    entity: str
    one: str
    many: str
    first: date
    last: date


def find(context: ToolContext, table: str | None = None, entity: str | None = None) -> Events:
    """The table of events. Raises `NotEnough` with code `no_events` where the data know no steps."""
    known = candidates(context.model, context.profile)
    chosen = [e for e in known if table in (None, e.table) and entity in (None, e.entity)]
    if not chosen:
        raise NotEnough(
            "I see no table of events that says who took which step and when, so I cannot follow a funnel.",
            code="no_events",
            hint="Load events with a visit (or customer) number, the name of the step and a time.",
        )
    return chosen[0]


def candidates(model: SemanticModel, profile: DataProfile) -> list[Events]:
    """Tables that can be read as events, those with most rows first."""
    found: list[tuple[int, Events]] = []
    for name, table in model.tables.items():
        stored = profile.tables.get(table.source)
        if table.time is None or stored is None:
            continue
        first, last = profile.bounds(table.source, table.time.default)
        step, who = _step(table, profile), _entity(table)
        if step and who and first and last:
            one = who[1]
            found.append((stored.rows, Events(name, f"{name}.{step}", f"{name}.{who[0]}", one, f"{one}s", first, last)))
    return [e for _, e in sorted(found, key=lambda pair: (-pair[0], pair[1].table))]


def _step(table: Table, profile: DataProfile) -> str | None:
    columns = profile.tables[table.source].columns
    for name, dimension in table.dimensions.items():
        known = columns.get(name)
        few = known is not None and 2 <= known.distinct <= _MOST_VALUES
        if few and dimension.type == "text" and set(words(name)) & set(_STEP_WORDS):
            return name
    return None


def _entity(table: Table) -> tuple[str, str] | None:
    for word in _ENTITY_WORDS:
        for name in (*table.dimensions, *(own for j in table.joins for own in j.on)):
            parts = words(name)
            if word in parts and parts[-1] in _ID_WORDS and (name,) != table.key and name in table.dimensions:
                return name, word
    return None


def reached(
    context: ToolContext, events: Events, filters: tuple[Condition, ...], time: TimeWindow | None
) -> dict[str, int]:
    """How many took each step at all, the most taken first: the order in which the steps are met."""
    count = MetricRef(metric=adhoc_name("count_distinct", events.table, events.entity.split(".", 1)[1]), alias="who")
    query = MetricQuery(
        metrics=(count,), dimensions=(DimRef(field=events.step),), filters=filters, time=time, limit=100
    )
    made = compile_query(
        context.model, query, profile=context.profile, as_of=context.as_of, principal=context.principal
    )
    rows: list[dict[str, Any]] = fetch(context, made).table.rename_columns(["step", "who"]).to_pylist()
    counts = {str(r["step"]): int(r["who"]) for r in rows if r["step"] is not None}
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def steps_of(events: Events, counts: dict[str, int], wanted: tuple[str, ...]) -> list[str]:
    """The values that are the steps: those asked for in their order, else all by how many take them.

    Raises `UnknownName` with the nearest step for one that the data do not have.
    """
    if not wanted:
        most = max(counts.values(), default=0)
        return [v for v, n in counts.items() if n >= _LEAST_SHARE * most][:_MOST_STEPS]
    return [_value(w, counts) for w in wanted]


def _value(said: str, counts: dict[str, int]) -> str:
    exact = {plain(v): v for v in counts}
    if plain(said) in exact:
        return exact[plain(said)]
    holding = [v for p, v in exact.items() if set(plain(said).split()) <= set(p.split())]
    if len(holding) == 1:
        return holding[0]
    near = near_names(plain(said), exact) or list(exact)[:4]
    raise UnknownName(
        f"I see no step “{said}”.",
        hint=f"Did you mean {' or '.join(f'“{exact.get(n, n)}”' for n in near)}?",
        details={"kind": "step", "near": near},
    )


def plain(text: str) -> str:
    """A step in small letters and single words: `begin_checkout` -> `begin checkout`."""
    return " ".join(words(text))


def condition(events: Events, value: str) -> Filter:
    """Rows of one step."""
    return Filter(field=DimRef(field=events.step), op="=", values=(value,))
