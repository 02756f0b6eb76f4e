"""Caveats that only the data can decide, as small queries beside the main one: doubled parts, missing snapshots."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from warehouse.compiled import Compiled, Lineage, OutputColumn, Probe
from warehouse.compiler.build import Build, figure_type
from warehouse.compiler.combine import Parts, aggregate, table
from warehouse.compiler.leaf import Range, Shape, draft
from warehouse.compiler.levels import snapshots
from warehouse.compiler.metrics import Figure, Source
from warehouse.compiler.paths import words
from warehouse.compiler.render import render
from warehouse.compiler.scope import column
from warehouse.model.adhoc import humanize, output_name
from warehouse.model.schema import ValueType
from warehouse.query import Share

_MOST = 3


def probes(build: Build, dialect: str) -> Iterator[Probe]:
    """At most a few for each kind of caveat that the query may need."""
    doubled = [f for f in build.figures if f.adds_across and build.doubled(f)]
    shared = [output_name(t.of) for t in build.query.transforms if isinstance(t, Share)]
    for one in doubled[:_MOST]:
        probe = _fan_out(build, one, dialect)
        yield probe
        if one.name in shared or output_name(one.metric) in shared:
            text = "The shares add up to more than 100 %, as what belongs to several groups counts in each."
            yield probe.model_copy(update={"code": "share_over_100", "text": text, "columns": (f"{one.name}.share",)})
    for source in [s for s in build.sources if _late_possible(build, s)][:_MOST]:
        yield _missing(build, source, dialect)


def _fan_out(build: Build, one: Figure, dialect: str) -> Probe:
    """Whether the groups of a figure add up to more than the figure over all rows, and to how much."""
    kind = figure_type(build, one)
    groups = [k for k in build.keys if k.ref is not None]
    statement = compared(build, one, exp.Sum, exp.GT)
    names = " and ".join(k.label.lower() for k in groups)
    return Probe(
        code="fan_out",
        text=f"{one.label} counts in every {names} it belongs to: "
        "the parts add up to {parts:,}, the total is {total:,}.",
        columns=(one.name,),
        query=_compiled(build, statement, {"total": kind, "parts": kind}, dialect),
    )


def compared(build: Build, one: Figure, adding: type[exp.AggFunc], test: type[exp.Binary]) -> exp.Query:
    """One row (total, parts) when the sum of the groups and the figure over all rows stand in relation `test`."""
    parts = Parts()
    aggregate(build, parts, [], with_prior=False)
    total = parts.add("__whole", exp.select(exp.alias_(one.formula.copy(), "total")).from_(table(parts.last)))
    groups = [k for k in build.keys if k.ref is not None]
    aggregate(build, parts, groups, with_prior=False)
    summed = exp.select(exp.alias_(adding(this=one.formula.copy()), "parts"))
    pieces = parts.add("__pieces", summed.from_(table(parts.last)))
    query = exp.select(exp.column("total", table=total, quoted=True), exp.column("parts", table=pieces, quoted=True))
    query = query.from_(table(total)).join(table(pieces), join_type="CROSS")
    query = query.where(test(this=column(pieces, "parts"), expression=column(total, "total")))
    return with_parts(query, parts)


def with_parts(query: exp.Select, parts: Parts) -> exp.Select:
    """The statement with its named subqueries."""
    for name, part in parts.named.items():
        query = query.with_(exp.to_identifier(name, quoted=True), as_=part, copy=False)
    return query


def _late_possible(build: Build, source: Source) -> bool:
    semi = source.semi
    key = build.catalog.model.tables[source.table].key
    return semi is not None and semi.take in ("first", "last") and len([c for c in key if c != semi.over]) > 0


def _missing(build: Build, source: Source, dialect: str) -> Probe:
    """How many entities have no row on the date that counts for their period, and how old their own row is."""
    semi = source.semi
    assert semi is not None  # the caller looked
    keys = [k for k in build.keys if k.ref is None]
    made = draft(build, source, Range(build.window.start, build.window.end), Shape(keys))
    at = exp.Max if semi.take == "last" else exp.Min
    entity = {c: c for c in build.catalog.model.tables[source.table].key if c != semi.over}
    own, periods = snapshots(made, entity, semi, at)
    all_of, _ = snapshots(made, {}, semi, at)
    same: list[exp.Expr] = [exp.NullSafeEQ(this=column("__own", n), expression=column("__all", n)) for n in periods]
    apart: exp.Expr = exp.NEQ(this=column("__own", "__at"), expression=column("__all", "__at"))
    first, last = ("__own", "__all") if semi.take == "last" else ("__all", "__own")
    days = exp.DateDiff(this=_day(last), expression=_day(first), unit=exp.var("DAY"))
    query = exp.select(exp.alias_(exp.Count(this=exp.Star()), "missing"), exp.alias_(exp.Max(this=days), "days")).from_(
        _named(own, "__own")
    )
    query = query.join(exp.Join(this=_named(all_of, "__all"), kind="INNER", on=exp.and_(*same, apart)))
    query = query.having(exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(0)))
    records = words(build.catalog.model, source.table)
    told = "they are left out of it" if semi.per == "table" else "their own date counts, up to {days} days away"
    columns = tuple(f.name for f in build.figures if any(build.atoms.found[i].source == source for i in f.atoms))
    return Probe(
        code="snapshot_missing",
        text=f"{{missing}} of the {records} have no reading on the {semi.take} day of their period: {told}.",
        columns=columns,
        query=_compiled(build, query, {"missing": "integer", "days": "integer"}, dialect),
    )


def _day(alias: str) -> exp.Expr:
    return exp.cast(column(alias, "__at"), "date")


def _named(query: exp.Query, alias: str) -> exp.Subquery:
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))


def _compiled(build: Build, statement: exp.Query, types: dict[str, ValueType], dialect: str) -> Compiled:
    columns = (
        OutputColumn(name=n, label=humanize(n), type=t, role="measure", lineage=Lineage()) for n, t in types.items()
    )
    return Compiled(
        sql=render(statement, dialect),
        dialect=dialect,
        columns=tuple(columns),
        tables=tuple(build.record.tables),
        policies=tuple(build.record.policies),
        policy_digest=build.catalog.digest,
    )
