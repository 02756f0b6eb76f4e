"""Cohorts, returns and lengths of stay as SQL: entities are counted where the data is, only counts come out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlglot import exp, parse_one

from store.errors import InvalidRequest
from store.principal import Principal
from warehouse.compiled import Compiled, Lineage, OutputColumn
from warehouse.compiler.calendar_math import within_calendar
from warehouse.compiler.journeys import Journey, active_rows, group_column, group_value, measure_of, moment, rows
from warehouse.compiler.journeys import when as time_of
from warehouse.compiler.journeys import who as entity_of
from warehouse.compiler.scope import Scope, time_kind
from warehouse.compiler.time_sql import bucket
from warehouse.journeys import Activity, CohortQuery, GapQuery, JourneyGrain, ReturnQuery, StayQuery
from warehouse.model.schema import SemanticModel, Unit
from warehouse.profile import DataProfile
from warehouse.query import DimRef

Request = CohortQuery | ReturnQuery | GapQuery | StayQuery
_FIRSTS = "SELECT who, min(period) AS cohort, min(at) AS first_at FROM __acts GROUP BY who"
_GROUPS = (
    "SELECT f.who, f.cohort, f.first_at, min(a.grp) AS grp FROM __first AS f JOIN __acts AS a "
    "ON a.who = f.who AND a.at = f.first_at GROUP BY f.who, f.cohort, f.first_at"
)


@within_calendar()
def compile_cohorts(
    model: SemanticModel,
    query: Request,
    *,
    profile: DataProfile,
    as_of: datetime,
    principal: Principal | None = None,
    dialect: str = "duckdb",
) -> Compiled:
    """The SQL of a cohort, return, gap or stay request; columns as the request says.

    Raises `UnknownName`, `InvalidRequest` (`personal`, `wrong_table`, `no_time` …) and `QueryRefused` like
    `compile_query`.
    """
    journey = Journey(model, profile, as_of, principal, dialect)
    scope = journey.scope(query.activity.table)
    if isinstance(query, CohortQuery):
        return _cohorts(journey, scope, query)
    if isinstance(query, ReturnQuery):
        return _returns(journey, scope, query)
    if isinstance(query, StayQuery):
        return _stays(journey, scope, query)
    return _gaps(journey, scope, query)


def _acts(
    journey: Journey, scope: Scope, activity: Activity, grain: JourneyGrain | None, by: DimRef | None = None,
    value: str | None = None,
) -> exp.Select:  # fmt: skip
    """Each entity once a period (or once a day, where days or groups matter), with what it brought then."""
    field = time_of(scope, activity.time_column)
    items = {"who": entity_of(scope, activity.entity)}
    day = exp.cast(moment(scope, field), "date")
    if grain is not None:
        items["period"] = bucket(scope.value(field), grain, time_kind(field), scope.model.calendar)
    if grain is None or by is not None:
        items["at"] = day
    else:
        items["at"] = items["period"].copy()
    if by is not None:
        items["grp"] = group_value(scope, by)
    if value is not None:
        measure = measure_of(scope, value)
        if measure.agg != "sum" or measure.expr is None:
            raise InvalidRequest("Only a sum can be followed by cohort.", code="wrong_aggregation")
        items["amount"] = scope.expression(measure.expr, scope.alias)
    inner = rows(scope, items, active_rows(journey, activity, scope), ["who", "at"])
    keys = [n for n in ("who", "period", "at") if n in items]
    extra = [f"min({n}) AS {n}" for n in ("grp",) if n in items] + ["sum(amount) AS amount"] * ("amount" in items)
    outer = parse_one(f"SELECT {', '.join([*keys, *extra])} FROM __rows GROUP BY {', '.join(keys)}", dialect="duckdb")
    assert isinstance(outer, exp.Select)  # the text is a SELECT
    return outer.with_("__rows", as_=inner)


def _cohorts(journey: Journey, scope: Scope, query: CohortQuery) -> Compiled:
    group = "f.grp, " if query.by else ""
    period = "max(a.period)" if query.last else "a.period"
    per_who = f"SELECT f.who, f.cohort, {group}{period} AS period, sum(a.amount) AS amount" if query.value else (
        f"SELECT f.who, f.cohort, {group}{period} AS period"
    )  # fmt: skip
    each = f"{per_who} FROM __start AS f JOIN __acts AS a ON a.who = f.who"
    keys = f"f.who, f.cohort{', f.grp' if query.by else ''}"
    if query.last:
        each += f" GROUP BY {keys}"
    elif query.by or query.value:
        each += f" GROUP BY {keys}, a.period"
    shown = ["cohort", "period", *(["grp"] if query.by else [])]
    amount = ", sum(amount) AS amount" if query.value else ""
    text = f"SELECT {', '.join(shown)}, count(*) AS entities{amount} FROM __each GROUP BY ALL_KEYS ORDER BY ALL_KEYS"
    text = text.replace("ALL_KEYS", ", ".join(shown))
    acts = _acts(journey, scope, query.activity, query.grain, query.by, query.value)
    parts = [("__acts", acts), *_starts(query.by, query.start, query.end), ("__each", _sql(each))]
    columns = [_time("cohort", "Joined in", query.grain), _time("period", "Active in", query.grain)]
    columns += [group_column(scope, query.by)] if query.by else []
    columns += [_count("entities", "Entities")]
    if query.value:
        measure = measure_of(scope, query.value)
        label = measure.label or query.value
        lineage = Lineage(measures=(query.value,))
        columns.append(OutputColumn(name="amount", label=label, type="decimal", role="measure", unit=measure.unit,
                                    decimals=measure.decimals, good=measure.good, lineage=lineage))  # fmt: skip
    return journey.done(_with(_sql(text), parts), columns)


def _returns(journey: Journey, scope: Scope, query: ReturnQuery) -> Compiled:
    group = ", f.grp" if query.by else ""
    again = f"date_diff('day', f.first_at, a.at) BETWEEN {query.from_day} AND {query.to_day}"
    each = (
        f"SELECT f.who, f.cohort{group}, max(CASE WHEN {again} THEN 1 ELSE 0 END) AS back FROM __start AS f "
        f"JOIN __acts AS a ON a.who = f.who GROUP BY f.who, f.cohort{group}"
    )
    shown = ", ".join(["cohort", *(["grp"] if query.by else [])])
    text = (
        f"SELECT {shown}, count(*) AS entities, CAST(sum(back) AS BIGINT) AS returned FROM __each "
        f"GROUP BY {shown} ORDER BY {shown}"
    )
    acts = _acts_by_day(journey, scope, query.activity, query.grain, query.by)
    parts = [("__acts", acts), *_starts(query.by, query.start, query.end), ("__each", _sql(each))]
    columns = [_time("cohort", "Joined in", query.grain), *([group_column(scope, query.by)] if query.by else [])]
    columns += [_count("entities", "Entities"), _count("returned", "Came back")]
    return journey.done(_with(_sql(text), parts), columns)


def _acts_by_day(
    journey: Journey, scope: Scope, activity: Activity, grain: JourneyGrain, by: DimRef | None
) -> exp.Select:
    """Each entity once a day, with the period the day is in."""
    field = time_of(scope, activity.time_column)
    items = {
        "who": entity_of(scope, activity.entity),
        "at": exp.cast(moment(scope, field), "date"),
        "period": bucket(scope.value(field), grain, time_kind(field), scope.model.calendar),
    }
    if by is not None:
        items["grp"] = group_value(scope, by)
    inner = rows(scope, items, active_rows(journey, activity, scope), ["who", "at"])
    group = ", min(grp) AS grp" if by else ""
    outer = _sql(f"SELECT who, at, period{group} FROM __rows GROUP BY who, at, period")
    return outer.with_("__rows", as_=inner)


def _gaps(journey: Journey, scope: Scope, query: GapQuery) -> Compiled:
    acts = _acts(journey, scope, query.activity, None)
    each = "SELECT date_diff('day', lag(at) OVER (PARTITION BY who ORDER BY at), at) AS gap FROM __acts"
    text = (
        "SELECT count(gap) AS gaps, quantile_cont(CAST(gap AS DOUBLE), 0.5) AS median, "
        "quantile_cont(CAST(gap AS DOUBLE), 0.9) AS usual FROM __gap"
    )
    columns = [_count("gaps", "Gaps"), _days("median", "Median days"), _days("usual", "90th percentile of days")]
    return journey.done(_with(_sql(text), [("__acts", acts), ("__gap", _sql(each))]), columns)


def _stays(journey: Journey, scope: Scope, query: StayQuery) -> Compiled:
    """The first silence ends a stay; whoever was not silent long enough by the end is known to stay until then.

    The clock runs to the moment the silence is complete, so that leaving never depends on what comes later; readers
    take the silence off again.
    """
    through = f"CAST('{query.through.isoformat()}' AS DATE)"
    following = f"coalesce(lead(a.at) OVER (PARTITION BY a.who ORDER BY a.at), {through})"
    gaps = f"SELECT a.who, a.at, date_diff('day', a.at, {following}) AS gap FROM __acts AS a"
    ends = f"SELECT who, min(at) AS last_at FROM __gap WHERE gap >= {query.silence} GROUP BY who"
    group = ", f.grp" if query.by else ""
    until = f"coalesce(e.last_at + {query.silence}, {through})"
    each = (
        f"SELECT f.who{group}, floor(date_diff('day', f.first_at, {until}) / {query.step}) * {query.step} AS days, "
        f"e.last_at IS NOT NULL AS gone FROM __start AS f LEFT JOIN __end AS e ON e.who = f.who"
    )
    shown = ", ".join(["days", "gone", *(["grp"] if query.by else [])])
    text = (
        f"SELECT CAST(days AS BIGINT) AS days, gone{', grp' if query.by else ''}, count(*) AS entities "
        f"FROM __each GROUP BY {shown} ORDER BY {shown}"
    )
    acts = _acts_by_day(journey, scope, query.activity, "month", query.by)
    parts = [("__acts", acts), *_starts(query.by, query.start, query.end), ("__gap", _sql(gaps)),
             ("__end", _sql(ends)), ("__each", _sql(each))]  # fmt: skip
    gone = OutputColumn(name="gone", label="Left", type="boolean", role="dimension")
    columns = [_count("days", "Days"), gone, *([group_column(scope, query.by)] if query.by else [])]
    return journey.done(_with(_sql(text), parts), [*columns, _count("entities", "Entities")])


def _starts(by: DimRef | None, start: date | None, end: date | None) -> list[tuple[str, exp.Select]]:
    """The first activity of every entity, with its group, cut to the cohorts that were asked for."""
    parts = [("__first", _sql(_FIRSTS))]
    if by is not None:
        parts.append(("__grouped", _sql(_GROUPS)))
    tests = [f"cohort >= CAST('{start.isoformat()}' AS DATE)"] if start else []
    tests += [f"cohort < CAST('{end.isoformat()}' AS DATE)"] if end else []
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    return [*parts, ("__start", _sql(f"SELECT * FROM {'__grouped' if by else '__first'}{where}"))]


def _sql(text: str) -> exp.Select:
    """Our own fixed text as a tree."""
    made = parse_one(text, dialect="duckdb")
    assert isinstance(made, exp.Select)  # every text here is a SELECT
    return made


def _with(query: exp.Select, parts: Sequence[tuple[str, exp.Select]]) -> exp.Select:
    for name, part in parts:
        query = query.with_(name, as_=part)
    return query


def _time(name: str, label: str, grain: JourneyGrain) -> OutputColumn:
    return OutputColumn(name=name, label=label, type="date", role="time", grain=grain)


def _count(name: str, label: str) -> OutputColumn:
    return OutputColumn(name=name, label=label, type="integer", role="measure", additive=True)


def _days(name: str, label: str) -> OutputColumn:
    return OutputColumn(name=name, label=label, type="float", role="measure", unit=Unit(name="day"))
