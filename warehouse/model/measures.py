"""Names one natural figure per quantity and a count per table, so that a fresh workspace can be asked at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from warehouse.model import called, lexicon, number_columns, words
from warehouse.model.reading import ReadColumn, ReadTable
from warehouse.model.schema import GENERATED_WEIGHT, Measure, NumberColumn, SemiAdditive, Synonym, Unit

Numbers = Mapping[str, Mapping[str, NumberColumn]]
_SPOKEN_TOTALS = ("Total", "Number", "Count", "Sum")
_SALES = ("revenue", "total sales", "sales revenue", "turnover", "sales amount")
_AMOUNTS = frozenset(("amount", "price", "total", "value", "revenue", "sales"))


def find(
    tables: Mapping[str, ReadTable],
    quantities: Numbers,
    shared: Mapping[str, frozenset[str]],
    heads: Mapping[tuple[str, str], str],
) -> dict[str, dict[str, Measure]]:
    """The measures of each table, names unique across the model.

    `shared` are the quantities of a table that are dimensions too; their measures are named after the aggregation.
    `heads` are the nouns that alone name a quantity (`revenue` for monthly revenue).
    """
    plain = {
        t: {c: _plain_name(tables[t], c, n, shared[t]) for c, n in found.items()} for t, found in quantities.items()
    }
    uses = Counter(name for found in plain.values() for name in found.values())
    result: dict[str, dict[str, Measure]] = {}
    taken: set[str] = set()
    for t, found in quantities.items():
        result[t] = {}
        for column, number in found.items():
            name, again = plain[t][column], uses[plain[t][column]] > 1
            name = _free(f"{words.identifier([t])}_{name}" if again else name, taken)
            made = _of_number(tables[t], tables[t].columns[column], number, again)
            noun = heads.get((t, column))
            more = generated([noun]) if noun and noun not in made.words() else ()
            result[t][name] = made.model_copy(update={"synonyms": (*made.synonyms, *more)})
    for t, table in tables.items():
        name = words.identifier(table.records)
        name = name if name not in taken else f"{name}_count"
        result[t] = {_free(name, taken): _count(table, len(tables) == 1), **result[t]}
    return result


def heads(tables: Mapping[str, ReadTable], quantities: Numbers) -> dict[tuple[str, str], str]:
    """By table and column the noun in the name of a quantity, where no other column of the model could be meant."""
    columns = ((t, c, tables[t].columns[c]) for t, found in quantities.items() for c in found)
    nouns = {(t, c): called.head(column) for t, c, column in columns if not lexicon.wished(column.words)}
    said = Counter(
        word for t in tables.values() for c in t.columns.values() for word in {*c.words, *map(words.singular, c.words)}
    )
    records = {word for t in tables.values() for word in (*t.record, *t.records)}
    return {key: noun for key, noun in nouns.items() if noun is not None and said[noun] == 1 and noun not in records}


def as_levels(table: ReadTable, key: tuple[str, ...], found: Mapping[str, Measure]) -> dict[str, Measure]:
    """Measures of stock and balance in a table of snapshots (its key holds a date): the last date of a period counts.

    They add up over everything but that date.
    """
    dates = [name for name in key if table.columns[name].temporal]
    levels = {c.expression for c in table.columns.values() if c.numeric and lexicon.has(c.words, lexicon.STOCKS)}
    if len(key) < 2 or len(dates) != 1:
        return dict(found)
    told = {"agg": "sum", "additive": "all", "semi_additive": SemiAdditive(over=dates[0])}
    return {
        name: m.model_copy(update={**told, "label": (m.label or name).removeprefix("Average ").capitalize()})
        if m.expr in levels and m.agg == "avg"
        else m
        for name, m in found.items()
    }


def generated(texts: Iterable[str]) -> tuple[Synonym, ...]:
    """Synonyms that inference made up, each once."""
    return tuple(Synonym(text=t, state="generated", weight=GENERATED_WEIGHT) for t in dict.fromkeys(texts))


def _plain_name(table: ReadTable, column: str, number: NumberColumn, shared: frozenset[str]) -> str:
    name = words.identifier(words.split(column)) if not column.isidentifier() else column
    if column in shared:
        return f"{'total' if number_columns.summed(table.columns[column], number.additive) else 'average'}_{name}"
    return name


def _free(name: str, taken: set[str]) -> str:
    candidate, n = name, 2
    while candidate in taken:
        candidate, n = f"{name}_{n}", n + 1
    taken.add(candidate)
    return candidate


def _of_number(table: ReadTable, column: ReadColumn, number: NumberColumn, shared: bool) -> Measure:
    summed = number_columns.summed(column, number.additive)
    label = number.label or words.label(column.words)
    return Measure(
        label=_label("Total" if summed else "Average", label) + (f" ({words.phrase(table.records)})" if shared else ""),
        agg="sum" if summed else "avg",
        expr=column.expression,
        unit=number.unit,
        good=number.good,
        additive="all" if summed else "none",
        decimals=number.decimals if summed or number.decimals is None else max(number.decimals, 2),
        synonyms=generated(_synonyms(table, column, summed)),
        confidence=0.8,
    )


def _label(prefix: str, label: str) -> str:
    if label.startswith((*_SPOKEN_TOTALS, prefix)):
        return label
    return f"{prefix} {label if label[1:2].isupper() else label[0].lower() + label[1:]}"


def _synonyms(table: ReadTable, column: ReadColumn, summed: bool) -> list[str]:
    spoken = words.phrase(column.words)
    if lexicon.wished(column.words):
        return []
    found = [*(lexicon.synonyms(spoken) or lexicon.synonyms(column.words[-1]))]
    selling = table.record[-1] in ("sale", "order", "line") or table.record[0] in ("sale", "sales", "order")
    if summed and selling and column.words[-1] in _AMOUNTS and not _side_amount(column):
        found.extend(_SALES)
    if summed and column.words[-1] in _AMOUNTS and set(column.words) & set(table.record):
        many = words.phrase(table.records)
        found.extend([f"total {many}", f"{many} total", f"{many} amount"])
    return [text for text in found if text != spoken]


def _side_amount(column: ReadColumn) -> bool:
    return not {"tax", "discount", "shipping", "refund", "cost", "unit", "freight", "fee", "tip"}.isdisjoint(
        column.words
    )


def _count(table: ReadTable, alone: bool) -> Measure:
    """How many records; a workspace of one table also calls them rows and records."""
    many, one = words.phrase(table.records), words.phrase(table.record)
    others = lexicon.synonyms(" ".join(table.record))
    spoken = [many, f"{one} count", *(words.plural(o) for o in others if " " not in o)]
    if alone:
        spoken.extend([*called.others(table), "rows", "records", "entries"])
    return Measure(
        label=words.label(["number", "of", *table.records]),
        agg="count",
        unit=Unit(name=one),
        good="down" if lexicon.has(table.records, lexicon.GOOD_DOWN) else None,
        decimals=0,
        synonyms=generated(spoken),
        confidence=0.9,
    )
