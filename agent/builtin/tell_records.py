"""Tells listings of records: how many there are, and who comes first where an order was asked for."""

from __future__ import annotations

from typing import Any

from agent.builtin.scene import Scene
from agent.claims import Ref, Sentence, escape
from tools.evidence import Fact
from warehouse.model.schema import Table

_ENDS = {(False, True): "highest", (False, False): "lowest", (True, True): "latest", (True, False): "earliest"}
_NAMED = 5
"""Up to so many records of a list are named in the sentence; of longer ones the first alone."""


def records(scene: Scene, fact: Fact) -> Sentence:
    """A listing in one sentence: the one that comes first, the first few with what they are ordered by, or a count."""
    best = _best_record(scene)
    if best is not None:
        return best
    count = fact.values["count"]
    one = str(scene.value(count)) == "1"
    noun = _noun(scene, one=one)
    table = scene.evidence.main()
    if table is not None and table.truncated:
        every, rest = fact.values.get("all"), [*scene.for_whom(), *scene.when()]
        if every is None and one:
            return _single_record(scene)
        led = [] if one else _leaders(scene)
        if every is None:
            return ["Here are the first ", Ref(count), " ", noun, *rest, *led, "; there are more."]
        many = _noun(scene, one=False)
        first: list[str | Ref] = ["Here is the first"] if one else ["Here are the first ", Ref(count)]
        return [*first, " of ", Ref(every), " ", many, *rest, *led, "."]
    return ["I found ", Ref(count), " ", noun, *scene.for_whom(), *scene.when(), *_only_name(scene), "."]


def _best_record(scene: Scene) -> Sentence | None:
    """ "Oak Table comes first: list price $649.00." when the one record was asked for that is first by a field."""
    query, listed, table = _query(scene), _listed(scene), scene.evidence.main()
    by = _ordered_by(scene)
    if table is None or listed is None or query.get("limit") != 1 or not table.rows or by is None:
        return None
    names, field = [c.name for c in table.columns], _field(scene, by)
    if listed.name_column not in names and listed.key[:1] != (names[0],):
        dated = table.columns[table.column_index(by)].type in ("date", "timestamp")
        end = _ENDS[dated, bool(query["order"][0].get("desc"))]
        return [f"The {end} {field}", *scene.for_whom(), *scene.when(), " is ", Ref(table.ref(0, by), "auto"), "."]
    named = listed.name_column in names
    shown = listed.name_column if named else names[0]
    noun = _noun(scene, one=True)
    head: list[str | Ref] = [] if named else [noun[:1].upper() + noun[1:] + " "]
    head += [Ref(table.ref(0, str(shown)), "label"), *scene.for_whom(), *scene.when()]
    return [*head, f" comes first by {field}: ", Ref(table.ref(0, by), "auto"), "."]


def _leaders(scene: Scene) -> list[str | Ref]:
    """ " by salary: Ann (90,000), Ben (88,000) and Cleo (87,000)": the first few of a list that was asked in order."""
    listed, table, by = _listed(scene), scene.evidence.main(), _ordered_by(scene)
    if table is None or listed is None or by is None or not _query(scene).get("limit"):
        return []
    field, name = f" by {_field(scene, by)}", listed.name_column
    if name is None or name not in [c.name for c in table.columns] or name == by:
        return [field]
    few = len(table.rows) if len(table.rows) <= _NAMED else 1
    told: list[str | Ref] = [field, ": " if few > 1 else ", beginning with "]
    for row in range(few):
        joint = "" if row == 0 else " and " if row == few - 1 else ", "
        told += [joint, Ref(table.ref(row, name), "label"), " (", Ref(table.ref(row, by), "auto"), ")"]
    return told


def _query(scene: Scene) -> dict[str, Any]:
    query: dict[str, Any] = scene.evidence.args.get("query", {})
    return query


def _listed(scene: Scene) -> Table | None:
    return scene.context.model.tables.get(_query(scene).get("table", ""))


def _ordered_by(scene: Scene) -> str | None:
    """The shown column that the listing was asked to be ordered by."""
    by = next((o["by"].split(".", 1)[-1] for o in _query(scene).get("order", ())), None)
    table = scene.evidence.main()
    return by if table is not None and by in [c.name for c in table.columns] else None


def _field(scene: Scene, column: str) -> str:
    table = scene.evidence.main()
    label = table.columns[table.column_index(column)].label if table is not None else column
    return escape(label if label[:2].isupper() else label[:1].lower() + label[1:])


def _single_record(scene: Scene) -> Sentence:
    """ "Salary of the first person: 150,000." when one field of the one record was asked for."""
    table = scene.evidence.main()
    if table is None or not table.rows or not table.columns:
        return ["Here is the first ", _noun(scene, one=True), "; there are more."]
    name = table.columns[0]
    of = [" of the first ", _noun(scene, one=True), *scene.for_whom(), *scene.when(), ": "]
    return [escape(name.label), *of, Ref(table.ref(0, name.name), "auto"), "."]


def _only_name(scene: Scene) -> list[str | Ref]:
    """ ": Berlin Mitte" when there is one row and it has a name."""
    table = scene.evidence.main()
    listed = _listed(scene)
    name = listed.name_column if listed else None
    if table is None or len(table.rows) != 1 or name not in [c.name for c in table.columns]:
        return []
    return [": ", Ref(table.ref(0, str(name)), "label")]


def _noun(scene: Scene, *, one: bool) -> str:
    """The word for the rows of a listing: "order", "orders"."""
    table = _listed(scene)
    if table is None or not table.record:
        return "row" if one else "rows"
    return escape(table.record if one else table.records or f"{table.record}s")
