"""A funnel as SQL: one chain per entity, each step joined to the one before, and only counts come out."""

from __future__ import annotations

from datetime import datetime

from sqlglot import exp, parse_one

from store.errors import InvalidRequest
from store.principal import Principal
from warehouse.compiled import Compiled, OutputColumn
from warehouse.compiler.calendar_math import within_calendar
from warehouse.compiler.journeys import Journey, group_column, group_value, moment, rows, step_rows, when, who
from warehouse.compiler.scope import Scope
from warehouse.journeys import FunnelQuery
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile


@within_calendar()
def compile_funnel(
    model: SemanticModel,
    query: FunnelQuery,
    *,
    profile: DataProfile,
    as_of: datetime,
    principal: Principal | None = None,
    dialect: str = "duckdb",
) -> Compiled:
    """The SQL of a funnel, one row (or one a group); columns as `FunnelQuery` says.

    Raises `UnknownName`, `InvalidRequest` (`same_step`, `personal` …) and `QueryRefused` like `compile_query`.
    """
    _refuse_same(query)
    journey = Journey(model, profile, as_of, principal, dialect)
    parts: list[tuple[str, exp.Select]] = []
    first: Scope | None = None
    for number, _step in enumerate(query.steps, start=1):
        scope, made = _events(journey, query, number)
        first = first or scope
        parts.append((f"__step{number}", made))
    assert first is not None  # there are at least two steps
    parts.append(("__chain1", _started(query)))
    parts += [(f"__chain{k}", _chained(query, k)) for k in range(2, len(query.steps) + 1)]
    columns = [group_column(first, query.by)] if query.by else []
    statement = _counted(query)
    for name, part in parts:
        statement = statement.with_(name, as_=part)
    return journey.done(statement, [*columns, *_columns(query)])


def _refuse_same(query: FunnelQuery) -> None:
    seen = [(s.table, s.measure, s.filters) for s in query.steps]
    if any(step in seen[:n] for n, step in enumerate(seen)):
        raise InvalidRequest("Two steps of the funnel are the same.", code="same_step", hint="Name different steps.")


def _events(journey: Journey, query: FunnelQuery, number: int) -> tuple[Scope, exp.Select]:
    """Who did step `number` and when; the first step only inside the period, and with the group."""
    step = query.steps[number - 1]
    scope = journey.scope(step.table or query.table)
    named = step.time_column or (query.time_column if scope.root == query.table else None)
    items = {"who": who(scope, query.entity), "at": moment(scope, when(scope, named))}
    shared = query.filters if scope.root == query.table else ()
    where = step_rows(journey, scope, step.model_copy(update={"time_column": named}), shared)
    if number == 1:
        if query.by is not None:
            items["grp"] = group_value(scope, query.by)
        time = query.time.model_copy(update={"column": named, "grain": None}) if query.time else None
        where += journey.keep(scope, time)
    return scope, rows(scope, items, where, ["who", "at"])


def _started(query: FunnelQuery) -> exp.Select:
    if query.by is None:
        return _sql("SELECT who, min(at) AS at1 FROM __step1 GROUP BY who")
    return _sql(
        "SELECT f.who, f.at1, min(s.grp) AS grp FROM (SELECT who, min(at) AS at1 FROM __step1 GROUP BY who) AS f "
        "JOIN __step1 AS s ON s.who = f.who AND s.at = f.at1 GROUP BY f.who, f.at1"
    )


def _chained(query: FunnelQuery, k: int) -> exp.Select:
    """The first step `k` at or after step k-1 of those who got that far, and whether there was any at all."""
    after = f"s.at >= c.at{k - 1}" if query.ordered else "TRUE"
    return _sql(
        f"SELECT c.who, min(CASE WHEN {after} THEN s.at END) AS at{k}, c.at{k - 1} AS before{k}, "
        f"CASE WHEN min(CASE WHEN {after} THEN s.at END) IS NULL THEN 1 ELSE 0 END AS early{k} FROM __chain{k - 1} "
        f"AS c JOIN __step{k} AS s ON s.who = c.who WHERE NOT c.at{k - 1} IS NULL GROUP BY c.who, c.at{k - 1}"
    )


def _counted(query: FunnelQuery) -> exp.Select:
    count = len(query.steps)
    limit = query.window_seconds
    items = ["c1.grp"] if query.by else []
    items.append("count(*) AS reached_1")
    for k in range(2, count + 1):
        seconds = f"date_diff('second', c1.at1, c{k}.at{k})"
        inside = f"{seconds} <= {limit}" if limit else f"NOT c{k}.at{k} IS NULL"
        step = f"CASE WHEN {inside} THEN CAST(date_diff('second', c{k}.before{k}, c{k}.at{k}) AS DOUBLE) END"
        items += [
            f"count(CASE WHEN {inside} THEN 1 END) AS reached_{k}",
            f"count(CASE WHEN NOT ({inside}) THEN 1 END) AS late_{k}" if limit else f"0 AS late_{k}",
            f"CAST(coalesce(sum(c{k}.early{k}), 0) AS BIGINT) AS early_{k}",
            f"quantile_cont({step}, 0.5) AS median_{k}",
            f"quantile_cont({step}, 0.9) AS slow_{k}",
        ]
    joins = " ".join(f"LEFT JOIN __chain{k} AS c{k} ON c{k}.who = c1.who" for k in range(2, count + 1))
    group = " GROUP BY c1.grp ORDER BY reached_1 DESC, c1.grp" if query.by else ""
    return _sql(f"SELECT {', '.join(items)} FROM __chain1 AS c1 {joins}{group}")


def _columns(query: FunnelQuery) -> list[OutputColumn]:
    found = [_figure("reached_1")]
    for k in range(2, len(query.steps) + 1):
        found += [_figure(f"{name}_{k}") for name in ("reached", "late", "early")]
        found += [
            OutputColumn(name=f"{n}_{k}", label="Seconds", type="float", role="measure") for n in ("median", "slow")
        ]
    return found


def _figure(name: str) -> OutputColumn:
    return OutputColumn(name=name, label="Entities", type="integer", role="measure", additive=True)


def _sql(text: str) -> exp.Select:
    made = parse_one(text, dialect="duckdb")
    assert isinstance(made, exp.Select)  # every text here is a SELECT
    return made
