"""What people call things, changed from a form: a label, a description and other words, without writing YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from store.errors import InvalidRequest, unknown
from warehouse.model.schema import Described, SemanticModel, Synonym, Table, TimeSpec

Kind = Literal["table", "dimension", "measure", "time", "metric"]


class Naming(BaseModel):
    """The words of one thing. None leaves a part as it is; `synonyms` is the whole list, so one left out is dropped."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    table: str = ""
    name: str = ""
    label: str | None = Field(None, min_length=1, max_length=120)
    description: str | None = Field(None, max_length=1_000)
    synonyms: list[str] | None = Field(None, max_length=100)


def named(model: SemanticModel, wanted: Naming) -> SemanticModel:
    """`model` with these words. Words that a person drops stay dropped: inference never brings them back.

    Raises `UnknownName`, or `InvalidRequest` for a word that already means another thing of the same kind.
    """
    if wanted.kind == "metric":
        metrics = _with(model.metrics, wanted.name, wanted, "metric")
        return model.model_copy(update={"metrics": metrics})
    table = model.tables.get(wanted.table)
    if table is None:
        raise unknown("table", wanted.table, list(model.tables))
    return model.model_copy(update={"tables": {**model.tables, wanted.table: _table(table, wanted)}})


def _table(table: Table, wanted: Naming) -> Table:
    if wanted.kind == "table":
        said: Table = _said(table, wanted)
        return said
    if wanted.kind == "time":
        time = table.time or TimeSpec.model_construct(default="", columns={})
        columns = _with(time.columns, wanted.name, wanted, "date")
        return table.model_copy(update={"time": time.model_copy(update={"columns": columns})})
    field = "dimensions" if wanted.kind == "dimension" else "measures"
    return table.model_copy(update={field: _with(getattr(table, field), wanted.name, wanted, wanted.kind)})


def _with(entries: Mapping[str, Any], name: str, wanted: Naming, kind: str) -> dict[str, Any]:
    if name not in entries:
        raise unknown(kind, name, list(entries))
    for other, entry in entries.items():
        if other != name and wanted.label is not None and _folded(wanted.label) == _folded(entry.label or other):
            raise InvalidRequest(
                f"“{wanted.label}” is already the name of another {kind}.",
                code="name_taken",
                hint="Choose another name, or rename the other one first.",
            )
    return {**entries, name: _said(entries[name], wanted)}


def _said(entry: Any, wanted: Naming) -> Any:
    update: dict[str, Any] = {}
    if wanted.label is not None:
        update["label"] = wanted.label.strip()
    if wanted.description is not None:
        update["description"] = wanted.description.strip() or None
    if wanted.synonyms is not None:
        update["synonyms"] = _synonyms(entry, wanted.synonyms)
    return entry.model_copy(update=update)


def _synonyms(entry: Described, words: Sequence[str]) -> tuple[Synonym, ...]:
    kept = list(dict.fromkeys(w.strip() for w in words if w.strip()))
    wanted = {_folded(w) for w in kept}
    before = {_folded(s.text): s for s in entry.synonyms}
    dropped = [
        s.model_copy(update={"state": "deleted"}) for key, s in before.items() if key not in wanted and _inferred(s)
    ]
    return (*(_living(before.get(_folded(word)), word) for word in kept), *dropped)


def _living(known: Synonym | None, word: str) -> Synonym:
    return known if known is not None and known.state != "deleted" else Synonym(text=word)


def _inferred(synonym: Synonym) -> bool:
    return synonym.state != "authored"


def _folded(word: str) -> str:
    return " ".join(word.casefold().split())
