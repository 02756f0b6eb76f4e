"""Writes bound metrics as entries of the semantic model: stored columns and values in the place of canonical ones."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from knowledge.packs import expressions
from knowledge.packs.parts import Metric, Way
from knowledge.packs.schema import Pack
from store.errors import InvalidRequest
from tools.binding.candidates import Kind, kind_of, stored_value
from tools.binding.result import Binding
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile

Entry = dict[str, Any]
_NOT_SUMMED = ("avg", "min", "max", "median", "count_distinct")


class Writer:
    """Turns the ways of a pack's metrics into entries of one workspace's model."""

    def __init__(self, pack: Pack, binding: Binding, model: SemanticModel, profile: DataProfile) -> None:
        self._pack, self._binding, self._model, self._profile = pack, binding, model, profile

    def aggregation(self, name: str, metric: Metric, way: Way) -> tuple[str, Entry, dict[str, Entry]]:
        """Table, measure, and number columns that the measure reads (the time between two dates)."""
        entity = way.entity or ""
        table = self._binding.tables[entity].table
        entry: Entry = {**self._told(name, metric), "agg": way.agg}
        numbers: dict[str, Entry] = {}
        if way.span:
            number = f"{name}_span"
            ends = {"start": self._stored(entity, way.span.start), "end": self._stored(entity, way.span.end)}
            label = f"{way.span.unit.capitalize()}s behind {metric.label.casefold()}"
            numbers[number] = {"label": label, "duration": {**ends, "unit": way.span.unit}, "additive": "none",
                               "confidence": 0.9, "origin": self._pack.origin}  # fmt: skip
            entry["expr"] = number
        elif way.expr:
            entry["expr"] = self.expression(entity, way.expr)
        if where := self._where(entity, way):
            entry["where"] = where
        if way.weight:
            entry["weight"] = self._stored(entity, way.weight)
        if way.level:
            entry["semi_additive"] = {"over": self._stored(entity, way.level.over), "take": way.level.take}
        if way.agg in _NOT_SUMMED:
            entry["additive"] = "none"
        return table, entry, numbers

    def combination(self, name: str, metric: Metric, way: Way) -> Entry:
        """A ratio or formula over other figures."""
        told = self._told(name, metric)
        if way.ratio:
            return {**told, "kind": "ratio", "numerator": way.ratio[0], "denominator": way.ratio[1]}
        return {**told, "kind": "derived", "expr": way.formula}

    def condition(self, entity: str, text: str, qualified: bool = False) -> str:
        """A condition over stored columns and stored values; `qualified` writes `table.column`."""
        tree = expressions.parse(text).transform(lambda node: self._with_values(entity, node))
        return self._rewritten(entity, tree, qualified)

    def expression(self, entity: str, text: str) -> str:
        """Arithmetic over stored columns."""
        return self._rewritten(entity, expressions.parse(text), False)

    def _told(self, name: str, metric: Metric) -> Entry:
        told: Entry = {
            "label": metric.label, "description": metric.means, "synonyms": list(metric.synonyms),
            "confidence": self._binding.metrics[name].confidence, "origin": self._pack.origin,
        }  # fmt: skip
        if unit := self._unit(metric.unit):
            told["unit"] = unit
        if metric.good:
            told["good"] = metric.good
        if metric.decimals is not None:
            told["decimals"] = metric.decimals
        return told

    def _unit(self, unit: str) -> Entry | None:
        """Money is in the workspace's own currency; where that is unknown, no currency is claimed."""
        if unit == "money":
            return {"currency": self._currency()} if self._currency() else None
        return {unit: True} if unit in ("percent", "ratio") else {"name": unit}

    def _currency(self) -> str | None:
        if self._model.currency:
            return self._model.currency
        told = {n.unit.currency for t in self._model.tables.values() for n in t.numbers.values() if n.unit}
        told.discard(None)
        return told.pop() if len(told) == 1 else None

    def _where(self, entity: str, way: Way) -> str | None:
        found = {m.column for m in self._binding.columns.values() if m.entity == entity}
        present = [text for text in way.where_present if set(expressions.columns(text)) <= found]
        parts = [self.condition(entity, text) for text in [*([way.where] if way.where else []), *present]]
        return " AND ".join(f"({p})" for p in parts) if len(parts) > 1 else parts[0] if parts else None

    def _stored(self, entity: str, column: str) -> str:
        return self._binding.columns[f"{entity}.{column}"].stored

    def _kind(self, entity: str, column: str) -> Kind:
        found = self._binding.columns[f"{entity}.{column}"]
        return kind_of(self._profile.tables[self._model.tables[found.table].source].columns[found.stored])

    def _with_values(self, entity: str, node: exp.Expr) -> exp.Expr:
        """`status = 'completed'` as `status IN ('Paid', 'Shipped')`, in the spelling of the data."""
        if not isinstance(node, exp.EQ | exp.NEQ | exp.In):
            return node
        column = next(iter(node.find_all(exp.Column)), None)
        literals = [n for n in node.find_all(exp.Literal) if n.is_string]
        if column is None or not literals or self._told_kind(entity, column.name) not in ("category", "flag"):
            return node
        match, kind = self._binding.columns[f"{entity}.{column.name}"], self._kind(entity, column.name)
        stored = [v for n in literals for v in stored_value(match.values, n.this) or ()]
        if not stored:
            raise InvalidRequest(f"The data has no value “{literals[0].this}” in {column.name}.")
        chosen = exp.In(this=column.copy(), expressions=[_literal(v, kind) for v in dict.fromkeys(stored)])
        return exp.Not(this=chosen) if isinstance(node, exp.NEQ) else chosen

    def _told_kind(self, entity: str, column: str) -> str:
        return self._pack.entities[entity].columns[column].kind

    def _rewritten(self, entity: str, tree: exp.Expr, qualified: bool) -> str:
        table = self._binding.tables[entity].table

        def renamed(node: exp.Expr) -> exp.Expr:
            if not isinstance(node, exp.Column):
                return node
            stored = self._stored(entity, node.name)
            plain = stored.isidentifier() and stored.isascii()
            return exp.column(exp.to_identifier(stored, quoted=not plain), table=table if qualified else None)

        return str(tree.transform(renamed).sql(dialect="duckdb"))


def _literal(value: str, kind: Kind) -> exp.Expr:
    if kind == "boolean":
        return exp.true() if value.casefold() in ("true", "1", "t") else exp.false()
    return exp.Literal.number(value) if kind in ("integer", "decimal") else exp.Literal.string(value)
