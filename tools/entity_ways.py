"""How rows of a model name the people they belong to, and which of its sums says what a purchase is worth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NoReturn, Protocol

from store.errors import NotEnough, unknown
from warehouse.compiler.paths import route_or_none
from warehouse.model.schema import Measure, SemanticModel, Table
from warehouse.model.words import plural
from warehouse.profile import DataProfile
from warehouse.query import DimRef

WHO = ("customer", "client", "member", "subscriber", "user", "account", "patient", "guest", "buyer", "shopper", "donor",
       "policyholder", "household", "tenant", "student", "player", "passenger", "visitor", "borrower")  # fmt: skip
EVENTS = "__events"
_MONEY = ("net revenue", "revenue", "net sales", "sales", "turnover", "spend", "spent", "paid", "payment", "amount",
          "total", "value", "price", "income", "charge", "subtotal")  # fmt: skip
_NOT_WORTH = re.compile(r"cost|discount|tax|refund|return|fee|shipping|freight|margin|commission|tip|gross", re.I)


class Known(Protocol):
    """What finding needs: the model and the profile as the asker sees them."""

    @property
    def model(self) -> SemanticModel: ...

    @property
    def profile(self) -> DataProfile: ...


def amounts(model: SemanticModel) -> list[tuple[float, str]]:
    """Tables with what a purchase is worth, best first; tables without any amount come last."""
    ranked = {fact: _worth(model, name) for fact, name in _sums(model)}
    for fact, name in _sums(model):
        ranked[fact] = min(ranked[fact], _worth(model, name))
    facts = [(rank, fact) for fact, rank in ranked.items()]
    return facts + [(100.0, fact) for fact in model.tables if fact not in ranked]


def _sums(model: SemanticModel) -> Iterator[tuple[str, str]]:
    for fact, table in model.tables.items():
        for name, measure in table.measures.items():
            adds_up = measure.agg == "sum" and measure.additive == "all" and not measure.semi_additive
            if adds_up and _worth(model, name) < 50:
                yield fact, name


def best(model: SemanticModel, fact: str) -> str | None:
    """The sum of a table that most surely says what customers pay."""
    own = [name for at, name in _sums(model) if at == fact]
    return min(own, key=lambda n: _worth(model, n)) if own else None


def _worth(model: SemanticModel, name: str) -> float:
    """How surely a sum says what customers pay: small is sure, 50 and above is not."""
    table = model.measure_table(name)
    measure = model.tables[table or ""].measures[name]
    texts = [f"{measure.label or ''} {name.replace('_', ' ')}", *measure.words()]
    place = min((n for t in texts for n, word in enumerate(_MONEY) if word in t.casefold()), default=40)
    money = measure.unit is not None and bool(measure.unit.currency or measure.unit.currency_column)
    doubt = 60 if _NOT_WORTH.search(texts[0]) and not re.search(r"revenue|sales", texts[0], re.I) else 0
    counted = 60 if not money and place == 40 else 0
    return place + doubt + counted + (0 if money else 5) + (1 if "gross" in texts[0].casefold() else 0)


def asked_amount(model: SemanticModel, name: str) -> list[tuple[float, str]]:
    """The table of the sum that was asked for. Raises `UnknownName`."""
    found = [(0.0, fact) for _, fact in named(model, name)]
    if not found:
        known = [m for t in model.tables.values() for m, s in t.measures.items() if s.agg == "sum"]
        raise unknown("metric that adds up per row", name, known)
    return found


def named(model: SemanticModel, name: str | None) -> list[tuple[str, str]]:
    """The sum measure called `name`, directly or as a simple metric, with its table."""
    metric = model.metrics.get(name or "")
    measure = metric.measure if metric is not None and metric.kind == "simple" and not metric.where else name
    table = model.measure_table(measure or "")
    if table is None or measure is None or model.tables[table].measures[measure].agg != "sum":
        return []
    return [(measure, table)]


Way = tuple[float, DimRef, str | None]


def ways(context: Known, fact: str, asked: str | None) -> Iterator[Way]:
    """How rows of `fact` name their entity: (doubt, column, table that describes it)."""
    model = context.model
    table = model.tables[fact]
    direct = {j.to: next(iter(j.on)) for j in table.joins if len(j.on) == 1}
    for home, own in direct.items():
        if (rank := _rank(home, model.tables[home], asked, f"{fact}.{own}")) is not None:
            yield rank, DimRef(field=f"{fact}.{own}"), home
    for home, far in model.tables.items():
        near = home == fact or home in direct or len(far.key) != 1
        rank = None if near else _rank(home, far, asked, f"{home}.{far.key[0]}")
        if rank is not None and route_or_none(model, fact, home):
            yield rank + 0.5, DimRef(field=f"{home}.{far.key[0]}"), home
    for name in table.dimensions:
        full = f"{fact}.{name}"
        if name not in direct.values() and _repeats(context, table, name) and _names_one(name, full, asked):
            rank = 0.0 if asked else float(_place(name) or 0)
            yield rank + 0.3, DimRef(field=full), None


def _rank(home: str, table: Table, asked: str | None, column: str) -> float | None:
    if asked is not None:
        return 0.0 if asked in (home, column) else None
    words = " ".join((home, table.record or "", table.label or ""))
    return _place(words)


def _names_one(name: str, full: str, asked: str | None) -> bool:
    if asked is not None:
        word = asked.removesuffix("s").casefold()
        named = re.match(rf"{re.escape(word)}s?_?(id|no|number|key|code)?$", name)
        return asked == full or ("." not in asked and named is not None)
    return _place(name) is not None and bool(re.search(r"(id|no|num|number|key|code|ref|email)$|^[a-z]+$", name, re.I))


def _place(text: str) -> float | None:
    spaced = re.sub(r"[_\W]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)).casefold()
    return next((float(n) for n, word in enumerate(WHO) if re.search(rf"\b{word}(s|id)?\b", spaced)), None)


def _repeats(context: Known, table: Table, column: str) -> bool:
    """Whether the same value comes in several rows, so that the rows are a log and not a list of entities."""
    known = context.profile.tables.get(table.source.rsplit(".", 1)[-1])
    stored = known.columns.get(column) if known else None
    return stored is None or stored.distinct < 0.95 * max(1, stored.rows - stored.nulls)


def time_column(model: SemanticModel, fact: str) -> str | None:
    """The fact's own default date, else that of the nearest table it belongs to."""
    level, seen = [fact], {fact}
    while level:
        for name in level:
            spec = model.tables[name].time
            if spec is not None:
                return f"{name}.{spec.default}"
        level = [j.to for n in level for j in model.tables[n].joins if j.to in model.tables and j.to not in seen]
        seen.update(level)
    return None


def words(model: SemanticModel, ref: DimRef, home: str | None) -> tuple[str, str]:
    """The words for one entity and for many."""
    if home is not None:
        table = model.tables[home]
        record = table.record or home.removesuffix("s").replace("_", " ")
        return record, table.records or plural(record)
    name = ref.field.split(".", 1)[1]
    word = next((w for w in WHO if re.search(rf"{w}", name, re.I)), "entity")
    return word, "entities" if word == "entity" else plural(word)


def with_events(model: SemanticModel, fact: str, amount: str | None) -> tuple[SemanticModel, str]:
    """The model with one more measure: how many rows the amount is made of."""
    table = model.tables[fact]
    where = table.measures[amount].where if amount else None
    measures = {**table.measures, EVENTS: Measure(agg="count", where=where, label="Events")}
    tables = {**model.tables, fact: table.model_copy(update={"measures": measures})}
    return model.model_copy(update={"tables": tables}), EVENTS


def refuse(model: SemanticModel, asked: str | None) -> NoReturn:
    """Say what is missing. Raises `UnknownName` or `NotEnough` with code `no_entity`."""
    if asked is not None and asked.split(".")[0] not in model.tables:
        raise unknown("table", asked.split(".")[0], model.tables)
    who = asked or "customer"
    raise NotEnough(
        f"I find no dated rows, such as orders or visits, that say which {who.removesuffix('s')} each belongs to.",
        code="no_entity",
        hint="Load purchases with a customer number and a date, or name the column that identifies one.",
    )  # fmt: skip
