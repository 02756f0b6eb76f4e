"""Chooses what each phrase means in this model: one base table that reaches everything, or a question back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from agent.builtin.graph import children, foreign_key, reachable
from agent.builtin.lexicon import Lexicon, Ref
from agent.builtin.reading import Ask, Cond, Noun
from agent.plan import Option
from warehouse.model.adhoc import adhoc_name, output_name
from warehouse.model.schema import Aggregation, Measure, SemanticModel, Table
from warehouse.profile import DataProfile
from warehouse.query import Condition

_INDIRECT = 0.5
_COUNTS = ("count", "count_distinct")


class Unresolved(Exception):
    """A reading that cannot be turned into a query: declined with `reason`, or asked back when there are options."""

    def __init__(self, reason: str, code: str = "not_understood", options: Iterable[Option] = ()) -> None:
        super().__init__(reason)
        self.reason, self.code, self.options = reason, code, list(options)


@dataclass(frozen=True)
class Figure:
    """One way to read a figure: the metric's name, the table it counts (None for a metric), how sure that is."""

    metric: str
    table: str | None
    weight: float
    label: str
    needs: frozenset[str] = frozenset()

    @property
    def alias(self) -> str | None:
        return output_name(self.metric) if ":" in self.metric else None

    @property
    def column(self) -> str:
        return self.alias or self.metric


@dataclass
class Chosen:
    """A figure of the answer with the rows it is limited to and the other ways it could have been read."""

    figure: Figure
    ask: Ask
    where: tuple[Condition, ...] = ()
    others: list[Figure] = field(default_factory=list)


def _never_empty(spec: Table) -> str:
    """A field that every row has, by which rows are counted: one of the key where there is one."""
    return next((name for name in spec.key if name in spec.dimensions), next(iter(spec.dimensions), ""))


class Resolver:
    """Candidate meanings of figures and fields, over one model."""

    def __init__(self, model: SemanticModel, lexicon: Lexicon, profile: DataProfile | None = None) -> None:
        self.model = model
        self.lexicon = lexicon
        self.profile = profile or DataProfile()
        self._hops: dict[str, dict[str, int]] = {}

    def hops(self, base: str) -> dict[str, int]:
        """Tables reachable from `base` with their distance."""
        if base not in self._hops:
            self._hops[base] = reachable(self.model, base)
        return self._hops[base]

    # figures ---------------------------------------------------------------------------------------------------

    def figures(self, ask: Ask) -> list[Figure]:
        """Every way to read one figure, best first."""
        noun = ask.noun
        readers = {
            None: self._named,
            "count": self._counted,
            "popular": self._counted,
            "count_distinct": self._distinct,
            "sum": self._summed,
            "amount": self._amount,
            "most in all": self._most_in_all,
            "least in all": self._least_in_all,
            "in all": self._in_all,
        }
        found = readers[ask.agg](noun) if ask.agg in readers else self._aggregated(noun, ask.agg)  # type: ignore[arg-type]
        unique = {f.metric: f for f in sorted(found, key=lambda f: f.weight)}
        return sorted(unique.values(), key=lambda f: -f.weight)

    def _named(self, noun: Noun) -> list[Figure]:
        found = [self._figure(r) for r in noun.figures]
        found += [self.count_of(t, 0.8) for t in noun.tables]
        for ref in noun.of_kind("number"):
            found.append(self._over(ref, self._natural(ref), ref.weight - 0.1))
        return found

    def _natural(self, ref: Ref) -> Literal["sum", "avg"]:
        """How a quantity is summed up when nobody says: salaries add up, but their average is what is meant."""
        table = self.model.tables[ref.table]
        number = table.numbers[ref.name]
        stored = number.expr or ref.name
        usual: set[Literal["sum", "avg"]] = set()
        for measure in table.measures.values():
            if measure.expr == stored and not measure.where and (measure.agg == "sum" or measure.agg == "avg"):
                usual.add(measure.agg)
        return usual.pop() if len(usual) == 1 else "sum" if number.additive == "all" else "avg"

    def _counted(self, noun: Noun) -> list[Figure]:
        found = [self._figure(r) for r in noun.figures if self._agg(r) in _COUNTS]
        found += [self.count_of(t, 0.95) for t in noun.tables]
        if not found:
            found += [self._figure(r) for r in noun.figures if self._agg(r) == "sum" and not self._money(r)]
        if not found:
            found += [
                self._over(r, "sum", r.weight)
                for r in noun.of_kind("number")
                if self.model.tables[r.table].numbers[r.name].additive == "all"
            ]
        if not found:
            found += self._distinct(noun)
        return found

    def _distinct(self, noun: Noun) -> list[Figure]:
        found = [self._figure(r) for r in noun.figures if self._agg(r) == "count_distinct"]
        found += [self.count_of(t, 0.95) for t in noun.tables]
        if not found:
            found += [self._over(r, "count_distinct", r.weight) for r in noun.of_kind("dim")]
        return found

    def _summed(self, noun: Noun) -> list[Figure]:
        found = [self._figure(r) for r in noun.figures if self._agg(r) in ("sum", None, *_COUNTS)]
        found += [
            self._over(r, "sum", r.weight - 0.02)
            for r in noun.of_kind("number")
            if self.model.tables[r.table].numbers[r.name].additive == "all"
        ]
        found += [self.count_of(t, 0.7) for t in noun.tables]
        return found

    def _most_in_all(self, noun: Noun) -> list[Figure]:
        """The total of a group, which people mean by its highest amount; the one highest amount is the other choice."""
        return self._altogether(noun, "max")

    def _least_in_all(self, noun: Noun) -> list[Figure]:
        return self._altogether(noun, "min")

    def _in_all(self, noun: Noun) -> list[Figure]:
        return self._altogether(noun, "avg")

    def _altogether(self, noun: Noun, other: Aggregation) -> list[Figure]:
        found = [self._over(r, "sum", r.weight) for r in noun.of_kind("number")]
        return found + [self._over(r, other, r.weight - 0.4) for r in noun.of_kind("number")]

    def _amount(self, noun: Noun) -> list[Figure]:
        """The one money total of a kind of record; nothing when there are several."""
        found = []
        for table in noun.tables:
            for name, spec in self.model.tables[table].measures.items():
                money = bool(spec.unit and spec.unit.currency) or "amount" in name.casefold()
                if spec.agg == "sum" and money:
                    found.append(Figure(name, table, 0.9, spec.label or name, frozenset([table])))
        return found if len(found) == 1 else []

    def _aggregated(self, noun: Noun, agg: Aggregation) -> list[Figure]:
        found = [self._over(r, agg, r.weight) for r in noun.of_kind("number")]
        if agg in ("min", "max"):
            found += [self._over(r, agg, r.weight - 0.05) for r in noun.of_kind("time")]
        found += [self._figure(r) for r in noun.figures if self._agg(r) == agg]
        for ref in noun.figures:
            spec = self._measure(ref)
            if spec is not None and spec.agg == "sum" and not spec.where and spec.expr and not found:
                found.append(self._over(ref, agg, ref.weight - 0.1))
        return found

    def _over(self, ref: Ref, agg: str, weight: float) -> Figure:
        for name, spec in self.model.tables[ref.table].measures.items():
            if spec.agg == agg and spec.expr and spec.expr.strip('"') == ref.name and not spec.where:
                return Figure(name, ref.table, weight, spec.label or name)
        return Figure(adhoc_name(agg, ref.table, ref.name), ref.table, weight, f"{agg} {self.lexicon.label(ref)}")  # type: ignore[arg-type]

    def _figure(self, ref: Ref) -> Figure:
        return Figure(ref.name, ref.table or None, ref.weight, self.lexicon.label(ref), self.metric_tables(ref.name))

    def metric_tables(self, name: str) -> frozenset[str]:
        """The fact tables behind a metric or measure."""
        owner = self.model.measure_table(name)
        if owner:
            return frozenset([owner])
        metric = self.model.metrics.get(name)
        if metric is None:
            return frozenset()
        parts = [metric.measure, metric.numerator, metric.denominator]
        words = set((metric.expr or "").replace("(", " ").replace(")", " ").split())
        named = [p for p in parts if p] + [w for w in words if w in self.model.metrics or self.model.measure_table(w)]
        return frozenset().union(*(self.metric_tables(p) for p in named if p != name)) if named else frozenset()

    def _measure(self, ref: Ref) -> Measure | None:
        return self.model.tables[ref.table].measures.get(ref.name) if ref.kind == "measure" else None

    def _agg(self, ref: Ref) -> str | None:
        spec = self._measure(ref)
        return spec.agg if spec else None

    def _money(self, ref: Ref) -> bool:
        spec = self._measure(ref)
        return bool(spec and spec.unit and spec.unit.currency)

    def count_of(self, table: str, weight: float = 1.0) -> Figure:
        """The number of rows of a table."""
        spec = self.model.tables[table]
        label = f"Number of {spec.records or spec.label or table}"
        for name, measure in spec.measures.items():
            if measure.agg == "count" and not measure.where and not measure.expr:
                return Figure(name, table, weight, label, frozenset([table]))
        called = {(spec.records or "").casefold(), (spec.label or table).casefold()}
        for name, measure in spec.measures.items():  # what the model itself calls by the name of the records
            if measure.agg == "count" and not measure.expr and (measure.label or name).casefold() in called:
                return Figure(name, table, weight, measure.label or label, frozenset([table]))
        column = spec.key[0] if len(spec.key) == 1 else _never_empty(spec)
        agg: Aggregation = "count_distinct" if len(spec.key) == 1 else "count"
        return Figure(adhoc_name(agg, table, column), table, weight, label, frozenset([table]))

    def distinct_in(self, fact: str, table: str) -> Figure | None:
        """Different records of `table` that rows of `fact` point at."""
        column = foreign_key(self.model, fact, table)
        if column is None:
            return None
        spec = self.model.tables[fact]
        for name, measure in spec.measures.items():
            if measure.agg == "count_distinct" and (measure.expr or "").strip('"') == column and not measure.where:
                return Figure(name, fact, _INDIRECT, measure.label or name, frozenset([fact]))
        if column not in spec.dimensions:
            return self._counted_in(fact, column)
        label = f"Different {self.model.tables[table].records or table}"
        return Figure(adhoc_name("count_distinct", fact, column), fact, _INDIRECT, label, frozenset([fact]))

    def _counted_in(self, fact: str, column: str) -> Figure | None:
        """The one measure that counts different values of a column which may not be counted otherwise."""
        found = [
            (name, m)
            for name, m in self.model.tables[fact].measures.items()
            if m.agg == "count_distinct" and (m.expr or "").strip('"') == column
        ]
        if len(found) != 1:
            return None
        return Figure(found[0][0], fact, _INDIRECT, found[0][1].label or found[0][0], frozenset([fact]))

    # fields ----------------------------------------------------------------------------------------------------

    def field(self, noun: Noun, base: str, near: Iterable[str] = (), kinds: tuple[str, ...] = ()) -> Ref:
        """The column a phrase means, seen from `base`; columns of `near` tables first. Raises `Unresolved`."""
        hops = self.hops(base)
        refs = [r for r in noun.columns if r.table in hops and (not kinds or r.kind in kinds)]
        if not refs:
            raise Unresolved(f"“{noun.text}” cannot be combined with {self.plural(base)}.", "no_path")
        close = [r for r in refs if r.table in near]
        pool = close or refs
        least = min(hops[r.table] - (0.5 if r.weight >= 0.99 else 0) for r in pool)
        best = [r for r in pool if hops[r.table] - (0.5 if r.weight >= 0.99 else 0) == least]
        top = max(r.weight for r in best)
        best = [r for r in best if r.weight == top]
        columns = {r.field: r for r in sorted(best, key=lambda r: ("dim", "number", "time").index(r.kind))}
        same = {self.model_target(r) for r in columns.values()}
        if len(same) > 1:
            raise Unresolved(
                f"“{noun.text}” can mean several things here.", "ambiguous_field", self._field_options(best)
            )
        ref = next(iter(columns.values()))
        kinds_of = [r for r in best if r.field == ref.field]
        return min(kinds_of, key=lambda r: ("dim", "number", "time").index(r.kind))

    def model_target(self, ref: Ref) -> str:
        """A foreign key and the key it points at are one thing."""
        for join in self.model.tables[ref.table].joins:
            if list(join.on) == [ref.name]:
                return f"{join.to}.{join.on[ref.name]}"
        return ref.field

    def _field_options(self, refs: list[Ref]) -> list[Option]:
        return [
            Option(value=r.field, label=f"{self.lexicon.label(r)} ({self.model.tables[r.table].label or r.table})")
            for r in refs
        ]

    def value_field(self, cond: Cond, base: str, near: Iterable[str] = ()) -> str:
        """The `table.dimension` a value condition is about. Raises `Unresolved` when none or several fit."""
        hops = self.hops(base)
        named = {r.field for r in cond.noun.columns} if cond.noun else None
        fields = list(dict.fromkeys(f"{m.table}.{m.dimension}" for m in cond.matches if m.table in hops))
        if named is not None:
            fields = [f for f in fields if f in named] if fields else fields
            if not fields and cond.noun is not None:
                return self.field(cond.noun, base, near, ("dim",)).field
        if not fields:
            raise Unresolved(f"“{cond.text}” does not occur in {self.plural(base)} or what they belong to.", "no_path")
        close = [f for f in fields if f.split(".")[0] in near] or fields
        least = min(hops[f.split(".")[0]] for f in close)
        best = [f for f in close if hops[f.split(".")[0]] == least]
        if len(best) > 1:
            refs = [Ref("dim", f.split(".", 1)[0], f.split(".", 1)[1]) for f in best]
            raise Unresolved(f"“{cond.text}” occurs in several fields.", "ambiguous_value", self._field_options(refs))
        return best[0]

    def plural(self, table: str) -> str:
        spec = self.model.tables[table]
        return spec.records or spec.label or table

    # base ------------------------------------------------------------------------------------------------------

    def facts_between(self, table: str, needed: set[str]) -> list[str]:
        """Tables that point at `table` and reach all of `needed`."""
        return [f for f in children(self.model, table) if needed <= self.hops(f).keys()]
