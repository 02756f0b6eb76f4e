"""Where saved segments lie: a small table in the lake, joined to the customers, and a named filter of the model.

The filter makes the name usable in any question; a version of the model is kept before, so that it can be taken back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ingestion import members as members_table
from ingestion.members import MEMBER
from store.errors import InvalidRequest, unknown
from tools.registry import ToolContext
from warehouse.model import history
from warehouse.model import store as model_store
from warehouse.model.schema import Dimension, Join, NamedFilter, SemanticModel, Table
from warehouse.workspace import Workspace

PREFIX = "saved_"
_MARK = "A saved segment:"


@dataclass(frozen=True)
class Members:
    """Ids of a segment's members, as `column` of model table `table` holds them, and what they have in common."""

    table: str
    column: str
    ids: list[Any]
    meaning: str


def put(context: ToolContext, name: str, members: Members) -> None:
    """Store the members and give them their name. Raises `InvalidRequest` for a name that means something else."""
    workspace = context.workspace
    model = model_store.load(workspace.model_file)
    place = _place(model, name)
    day = context.as_of.date()
    about = f"{_MARK} {members.meaning}, {len(members.ids):,} members on {day:%b} {day.day}, {day.year}."
    with members_table.stored(workspace, place, members.column, members.ids):
        _mark_known(workspace, place, members)
        saved = _with(model, place, name.strip(), members, about)
        history.save(workspace, saved, why=f"saved “{name.strip()}”", by=context.principal.name)


def take(context: ToolContext, name: str) -> int:
    """Forget a saved segment and tell how many were in it. Raises `UnknownName`."""
    workspace = context.workspace
    model = model_store.load(workspace.model_file)
    key = next((n for n in saved_names(model) if _slug(n) == _slug(name)), None)
    if key is None:
        raise unknown("saved segment", name, saved_names(model))
    place = f"{PREFIX}{_slug(key)}"
    stored = context.profile.tables.get(place)
    with members_table.dropped(workspace, place):
        history.save(workspace, _without(model, key), why=f"forgot “{name}”", by=context.principal.name)
    return stored.rows if stored else 0


def saved_names(model: SemanticModel) -> list[str]:
    """The names of the segments that were saved."""
    return [n for n, f in model.filters.items() if (f.description or "").startswith(_MARK)]


def home_of(model: SemanticModel, name: str) -> str | None:
    """The table whose rows the members of a saved segment are."""
    place = f"{PREFIX}{_slug(name)}"
    return next((n for n, t in model.tables.items() if any(j.to == place for j in t.joins)), None)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")[:40]


def _place(model: SemanticModel, name: str) -> str:
    """The table and filter of that name: a new one, or that of a segment saved before. Raises `InvalidRequest`."""
    slug = _slug(name)
    place = f"{PREFIX}{slug}"
    if not slug:
        raise InvalidRequest("A segment needs a name made of letters.", details={"field": "name"})
    if slug in {_slug(n) for n in saved_names(model)}:
        return place
    if slug in {_slug(w) for w in _words(model)} or place in model.tables:
        raise InvalidRequest(
            f"“{name}” means something else already.", code="name_taken", hint="Choose another name.",
            details={"field": "name"},
        )  # fmt: skip
    return place


def _words(model: SemanticModel) -> list[str]:
    """Everything that has a name in the model."""
    found = [*model.terms, *model.filters, *model.metrics, *model.tables]
    described = [*model.filters.values(), *model.metrics.values(), *model.tables.values()]
    for table in model.tables.values():
        found += [*table.measures, *table.dimensions, *table.numbers, table.record or "", table.records or ""]
        described += [*table.measures.values(), *table.dimensions.values(), *table.numbers.values()]
    return [*found, *(w for d in described for w in (d.label or "", *d.words()))]


def _mark_known(workspace: Workspace, place: str, members: Members) -> None:
    """Tell the next load that this table was seen: what inference would add to it is not wanted."""
    from warehouse.model.refresh import baseline_file

    path = baseline_file(workspace)
    if not path.is_file():
        return
    before = model_store.load(path)
    back = Join(to=members.table, on={members.column: members.column})
    seen = _table(place, members, "").model_copy(update={"joins": (back,)})
    model_store.save(before.model_copy(update={"tables": {**before.tables, place: seen}}), path)


def _table(place: str, members: Members, about: str) -> Table:
    key = Dimension(type="text", groupable=False, sample=0, pii=True)
    return Table(
        source=place, label=place.replace("_", " ").capitalize(), description=about or None, key=(members.column,),
        dimensions={members.column: key, MEMBER: Dimension(type="boolean", groupable=False, sample=0)},
    )  # fmt: skip


def _with(model: SemanticModel, place: str, name: str, members: Members, about: str) -> SemanticModel:
    home = model.tables[members.table]
    stored = home.dimensions.get(members.column)
    made = _table(place, members, about)
    if stored is not None:
        own = made.dimensions[members.column].model_copy(update={"type": stored.type})
        made = made.model_copy(update={"dimensions": {**made.dimensions, members.column: own}})
    joins = (*(j for j in home.joins if j.to != place), Join(to=place, on={members.column: members.column}))
    named = NamedFilter(where=f"coalesce({place}.{MEMBER}, false)", description=about)
    tables = {**model.tables, members.table: home.model_copy(update={"joins": joins}), place: made}
    others = {n: f for n, f in model.filters.items() if f"{PREFIX}{_slug(n)}" != place}
    return model.model_copy(update={"tables": tables, "filters": {**others, name: named}})


def _without(model: SemanticModel, name: str) -> SemanticModel:
    place = f"{PREFIX}{_slug(name)}"
    tables = {
        n: t.model_copy(update={"joins": tuple(j for j in t.joins if j.to != place)})
        for n, t in model.tables.items()
        if n != place
    }
    filters = {n: f for n, f in model.filters.items() if n != name}
    return model.model_copy(update={"tables": tables, "filters": filters})
