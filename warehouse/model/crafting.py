"""A figure made from a form instead of YAML: of a column, a part of a figure, a ratio, or a formula; tried first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from store.errors import InvalidRequest, unknown
from warehouse.literals import literal
from warehouse.model.schema import Aggregation, Dimension, Measure, Metric, SemanticModel, Synonym, Table, Unit

Name = Annotated[str, Field(max_length=200)]
Shown = Literal["auto", "number", "share", "money"]
_WORD = re.compile(r"\W+")
_PLAIN = re.compile(r"[A-Za-z_]\w*")
_LONGEST = 60


class Crafted(BaseModel):
    """What a form says of a new figure.

    `column` aggregates `column` of `table`; `part` is the figure `of` where `field` (`table.name`) is `value`; `ratio`
    divides; `formula` combines figures by their names with + - * / and brackets.
    """

    model_config = ConfigDict(extra="forbid")

    label: str = Field(min_length=1, max_length=120)
    kind: Literal["column", "part", "ratio", "formula"]
    table: Name = ""
    column: Name = ""
    agg: Aggregation = "sum"
    of: Name = ""
    field: Name = ""
    value: str = Field("", max_length=500)
    numerator: Name = ""
    denominator: Name = ""
    expr: str = Field("", max_length=1_000)
    shown: Shown = "auto"
    currency: str = Field("", pattern=r"^([A-Z]{3})?$")
    decimals: int | None = Field(None, ge=0, le=9)
    good: Literal["up", "down"] | None = None
    synonyms: list[str] = Field(default_factory=list, max_length=50)
    description: str = Field("", max_length=1_000)


def crafted(model: SemanticModel, wanted: Crafted) -> tuple[str, SemanticModel]:
    """The name of the new figure, and `model` with it; nothing that is there changes.

    Raises `UnknownName`, or `InvalidRequest` for a taken name or a part that is missing.
    """
    _free(model, wanted)
    name = _named(model, wanted.label)
    said: dict[str, Any] = {
        "label": wanted.label.strip(),
        "description": wanted.description.strip() or None,
        "synonyms": tuple(Synonym(text=w) for w in dict.fromkeys(w.strip() for w in wanted.synonyms if w.strip())),
        "decimals": wanted.decimals,
        "good": wanted.good,
    }
    try:
        if wanted.kind == "column":
            return name, _with_measure(model, name, wanted, said)
        metric = Metric(**{**said, **_made(model, wanted)})
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidRequest(f"The figure is not whole: {first['msg']}.", code="invalid_metric") from error
    return name, model.model_copy(update={"metrics": {**model.metrics, name: metric}})


def without(model: SemanticModel, name: str) -> SemanticModel:
    """`model` without a figure. Raises `UnknownName`. What else is made of it is for the caller to check."""
    if name in model.metrics:
        return model.model_copy(update={"metrics": {n: m for n, m in model.metrics.items() if n != name}})
    for at, table in model.tables.items():
        if name in table.measures:
            left = {n: m for n, m in table.measures.items() if n != name}
            return _with_table(model, at, table.model_copy(update={"measures": left}))
    raise unknown("metric", name, [n for n, _ in figures(model)])


def figures(model: SemanticModel) -> Iterator[tuple[str, Measure | Metric]]:
    """Everything that has a figure's name: the measures of all tables, then the metrics."""
    for table in model.tables.values():
        yield from table.measures.items()
    yield from model.metrics.items()


def _made(model: SemanticModel, wanted: Crafted) -> dict[str, Any]:
    known: dict[str, Measure | Metric] = dict(figures(model))
    known |= {f"{t}.{n}": m for t, table in model.tables.items() for n, m in table.measures.items()}
    if wanted.kind == "part":
        _known(known, wanted.of)
        return {
            "kind": "simple",
            "measure": wanted.of,
            "where": _condition(model, wanted),
            "unit": _shown(wanted, None),
        }
    if wanted.kind == "ratio":
        over, under = _known(known, wanted.numerator), _known(known, wanted.denominator)
        unit = _shown(wanted, _quotient(over.unit, under.unit))
        return {"kind": "ratio", "numerator": wanted.numerator, "denominator": wanted.denominator, "unit": unit}
    return {"kind": "derived", "expr": wanted.expr.strip() or None, "unit": _shown(wanted, None)}


def _known(known: Mapping[str, Measure | Metric], name: str) -> Measure | Metric:
    if name not in known:
        raise unknown("metric", name, list(known))
    return known[name]


def _with_measure(model: SemanticModel, name: str, wanted: Crafted, said: dict[str, Any]) -> SemanticModel:
    table = model.tables.get(wanted.table)
    if table is None:
        raise unknown("table", wanted.table, list(model.tables))
    expr, unit = _column(table, wanted)
    fields = {**said, "agg": wanted.agg, "expr": expr, "unit": _shown(wanted, unit)}
    measure = Measure(**fields)
    return _with_table(model, wanted.table, table.model_copy(update={"measures": {**table.measures, name: measure}}))


def _column(table: Table, wanted: Crafted) -> tuple[str | None, Unit | None]:
    """How a column is read, and what it counts; how many different values there are counts nothing but them."""
    number, dimension = table.numbers.get(wanted.column), table.dimensions.get(wanted.column)
    if wanted.agg == "count":
        return None, None
    if number is not None and number.duration is None:
        return number.expr or _quoted(wanted.column), None if wanted.agg == "count_distinct" else number.unit
    if dimension is not None and wanted.agg == "count_distinct":
        return dimension.expr or _quoted(wanted.column), None
    if dimension is not None or number is not None:
        raise InvalidRequest(
            f"“{wanted.column}” holds no stored number, so it can only be counted.",
            code="not_a_number", hint="Choose how many different ones there are, or another column.",
        )  # fmt: skip
    raise unknown("column", wanted.column, [*table.numbers, *table.dimensions])


def _condition(model: SemanticModel, wanted: Crafted) -> str:
    at, _, name = wanted.field.partition(".")
    dimension = model.tables[at].dimensions.get(name) if at in model.tables else None
    if dimension is None:
        raise unknown("field", wanted.field, [f"{t}.{n}" for t, x in model.tables.items() for n in x.dimensions])
    return f"{_quoted(at)}.{_quoted(name)} = {_value(dimension, wanted.value)}"


def _value(dimension: Dimension, value: str) -> str:
    """A value as it is written in a condition: numbers and truths bare, everything else as text."""
    if dimension.type == "boolean" and value.lower() in ("true", "false"):
        return value.lower()
    if dimension.type in ("integer", "decimal", "float") and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return value
    return literal(value)


def _quotient(over: Unit | None, under: Unit | None) -> Unit | None:
    """What a figure divided by another counts: like by like is a share, money by anything else is money."""
    if over == under:
        return Unit(ratio=True)
    money = over is not None and over.currency is not None
    return over if money and (under is None or under.currency is None) else None


def _shown(wanted: Crafted, found: Unit | None) -> Unit | None:
    if wanted.shown == "share":
        return Unit(ratio=True)
    if wanted.shown == "money":
        if not wanted.currency:
            raise InvalidRequest("Say which currency it is in.", code="no_currency", hint="Three letters, such as USD.")
        return Unit(currency=wanted.currency)
    return None if wanted.shown == "number" else found


def _free(model: SemanticModel, wanted: Crafted) -> None:
    taken = {_folded(m.label or n) for n, m in figures(model)}
    if _folded(wanted.label) in taken:
        raise InvalidRequest(
            f"“{wanted.label.strip()}” is already the name of another metric.",
            code="name_taken", hint="Choose another name, or rename the other one first.",
        )  # fmt: skip


def _named(model: SemanticModel, label: str) -> str:
    """The name in the model: the label in small letters, with a number where that is taken."""
    base = _WORD.sub("_", label.strip().lower()).strip("_")[:_LONGEST].rstrip("_") or "metric"
    if not _PLAIN.fullmatch(base) or not base.isascii():
        ascii_only = re.sub(r"[^a-z0-9_]+", "", base).strip("_")
        base = ascii_only if _PLAIN.fullmatch(ascii_only) else f"metric_{ascii_only}".rstrip("_")
    taken = {n for n, _ in figures(model)} | {c for t in model.tables.values() for c in (*t.dimensions, *t.numbers)}
    return next(n for n in (base, *(f"{base}_{i}" for i in range(2, len(taken) + 3))) if n not in taken)


def _with_table(model: SemanticModel, name: str, table: Table) -> SemanticModel:
    return model.model_copy(update={"tables": {**model.tables, name: table}})


def _quoted(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def _folded(word: str) -> str:
    return " ".join(word.casefold().split())
