"""The gate's reading of SQL for engines other than DuckDB: a closed list of what may stand in a statement.

There is one parser here, not two, so that a person's text is never sent on: what was understood is printed again, every
name quoted, every column known, and only that reaches the engine.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify

from store.errors import QueryRefused
from warehouse.functions import names
from warehouse.syntax import Statement, refused_kind, refused_text

_ROOTS = (exp.Select, exp.SetOperation, exp.Subquery)
_SHAPES = names(
    """
    select union except intersect subquery with cte from join where group having order ordered limit offset distinct
    alias tablealias identifier table column star paren tuple literal null boolean datatype datatypeparam interval var
    window windowspec values filter withingroup collate attimezone lambda qualify exists escape add sub mul div intdiv
    mod neg dpipe eq neq gt gte lt lte is not nullsafeeq nullsafeneq in between like ilike and or rollup cube
    groupingsets array intervalspan
    """
)
_FUNCTIONS = names(
    """
    abs avg anyvalue case if cast casttostrtype trycast ceil coalesce concat concatws contains corr count countif
    covarpop covarsamp cumedist currentdate currenttimestamp date dateadd datediff datesub datetrunc day dayofmonth
    dayofweek dayofweekiso dayofyear denserank endswith exp explode explodinggenerateseries extract firstvalue
    floor generateseries greatest hour initcap lag lastday lastvalue lead least left length ln log lower max median
    min minute month nthvalue ntile nullif percentilecont percentiledisc percentrank pow quantile quarter rank
    regexplike replace right round rownumber second sign splitpart sqrt startswith stddev stddevpop stddevsamp
    strposition substring sum timestamptrunc timetostr trim trunc tstodate upper variance variancepop week
    weekofyear year parameterizedagg approxdistinct unixdate converttimezone unixseconds tochar datefromparts
    groupconcat dayname monthname tsordstodate monthsbetween addmonths unixtotime reverse ascii translate chr cbrt
    pi degrees radians sin cos tan transform struct
    """
)
_NAMED: Mapping[str, frozenset[str]] = {
    "postgres": names("strpos starts_with date_part make_date btrim generate_series"),
    "clickhouse": names(
        """
        todate32 todatetime64 tostring cast addseconds addhours adddays addweeks addmonths addyears totimezone
        timezoneoffset tostartofyear tostartofquarter tostartofmonth tostartofweek tostartofday tostartofhour toyear
        toquarter tomonth toisoweek todayofmonth tohour tominute todayofweek todayofyear lowerutf8 upperutf8 lengthutf8
        substringutf8 leftutf8 rightutf8 position startswith endswith tounixtimestamp64micro toint64 toint32 arrayjoin
        arraymap range tuple tupleelement uniqexact quantileexactinclusive todate toint16 tofloat64 countif sumif avgif
        minif maxif ifnull multiif first_value_respect_nulls
        """
    ),
    "spark": names(
        """
        convert_timezone date_trunc year quarter month weekofyear day hour minute weekday dayofyear median percentile
        contains startswith endswith unix_seconds unix_date explode sequence
        """
    ),
}
_CLAUSES = names(
    """
    with_ this expression expressions from_ joins where group having qualify order limit offset distinct by_name side
    kind on alias windows
    """
)
_TABLE_PARTS_NEVER = (
    "when",
    "version",
    "changes",
    "system_time",
    "partition",
    "rows_from",
    "joins",
    "laterals",
    "hints",
)
_T = exp.DataType.Type
_TYPES = frozenset(
    {
        *exp.DataType.NUMERIC_TYPES, *exp.DataType.TEMPORAL_TYPES, *exp.DataType.TEXT_TYPES, _T.BOOLEAN,
        _T.INTERVAL, _T.TIME,
    }
)  # fmt: skip
_VOLATILE = (exp.CurrentDate, exp.CurrentTimestamp)


def read(sql: str, dialect: str) -> tuple[Statement, exp.Expr]:
    """The tables of one SELECT, and its tree. Raises `QueryRefused` for anything else."""
    tree = _single(sql, dialect)
    statement = Statement()
    for node in tree.walk():
        _check(node, dialect)
        statement.volatile |= isinstance(node, _VOLATILE)
        if isinstance(node, exp.Table) and not is_named_query(node):
            statement.tables.add((node.db.casefold(), node.name.casefold()))
    return statement, tree


def printed(tree: exp.Expr, dialect: str, tables: Mapping[str, tuple[str, ...]]) -> str:
    """The statement with stars written out and every name known and quoted; raises `QueryRefused` for unknown ones."""
    schema: dict[str, object] = {table: dict.fromkeys(columns, "unknown") for table, columns in tables.items()}
    try:
        full = qualify(tree, schema=schema, dialect=dialect, identify=True)
    except (SqlglotError, RecursionError) as error:
        raise QueryRefused(
            "The SQL names a column that is not there, or one that could be several.",
            code="sql_column",
            hint="Use the columns of the model, with the table's name in front where two tables have the same.",
            retry="adjusted",
        ) from error
    text: str = full.sql(dialect=dialect, comments=False)
    return text


def _single(sql: str, dialect: str) -> exp.Expr:
    try:
        statements = sqlglot.parse(sql, dialect=dialect)
    except RecursionError as error:
        raise QueryRefused("The SQL is nested too deeply.", code="sql_too_deep", hint="Simplify it.") from error
    except (SqlglotError, ValueError) as error:
        raise refused_text() from error
    if len(statements) != 1 or not isinstance(statements[0], _ROOTS):
        raise refused_kind()
    return statements[0]


def _check(node: exp.Expr, dialect: str) -> None:
    if isinstance(node, exp.Anonymous):
        if node.name.casefold() not in _NAMED[dialect]:
            raise _refused_function(node.name)
        return
    if isinstance(node, exp.Table):
        plain = isinstance(node.this, exp.Identifier) and not node.catalog
        if not plain or any(node.args.get(part) for part in _TABLE_PARTS_NEVER):
            raise refused_kind()
        return
    if isinstance(node, exp.Query) and any(value for key, value in node.args.items() if key not in _CLAUSES):
        raise refused_kind()
    if isinstance(node, exp.ParameterizedAgg) and str(node.this).casefold() not in _NAMED[dialect]:
        raise _refused_function(str(node.this))
    if isinstance(node, exp.DataType) and node.this not in _TYPES:
        raise refused_kind()
    if node.key in _SHAPES:
        return
    if node.key not in _FUNCTIONS:
        if isinstance(node, exp.Func):
            raise _refused_function(node.key)
        raise refused_kind()


def _refused_function(name: str) -> QueryRefused:
    return QueryRefused(
        f"The function “{name[:60]}” may not be used here.",
        code="sql_function",
        hint="Use the ordinary aggregate, window, text, date and maths functions.",
        details={"function": name[:60].casefold()},
    )


def is_named_query(table: exp.Table) -> bool:
    """Whether a WITH that is in force at this place defines the name."""
    if table.db:
        return False
    below: exp.Expr = table
    above = table.parent
    while above is not None:
        if isinstance(above, exp.With):
            names = _names_before(above, below)
        else:
            listed = above.args.get("with_")
            names = _names(listed.expressions) if listed is not None and below is not listed else set()
        if table.name.casefold() in names:
            return True
        below, above = above, above.parent
    return False


def _names_before(listed: exp.With, here: exp.Expr) -> set[str]:
    """Inside one named query the names before it are known, and its own when it may repeat itself."""
    place = next(i for i, named in enumerate(listed.expressions) if named is here)
    return _names(listed.expressions[: place + bool(listed.args.get("recursive"))])


def _names(queries: list[exp.Expr]) -> set[str]:
    return {query.alias.casefold() for query in queries}
