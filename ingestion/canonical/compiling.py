"""Turns the mappings of a manifest into SQL, and refuses at reading what could not be built."""

from __future__ import annotations

import re
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from ingestion.canonical import tables
from ingestion.canonical.currencies import factor
from ingestion.canonical.tables import Column, CommonTable
from ingestion.connectors.manifest import Manifest, Mapping
from ingestion.connectors.places import json_path, steps
from store.errors import ConfigProblem
from warehouse.literals import literal

_PIPE = re.compile(r"(?P<name>[a-z_]+)(?:\((?P<arg>[^)]*)\))?")
_BRACES = re.compile(r"\{([^{}]+)\}")
_CAST = re.compile(r"\bCAST\s*\(", re.IGNORECASE)
_CONST = re.compile(r"'[^']*'")
_FUNCTIONS = {
    "Coalesce", "Case", "If", "Cast", "TryCast", "Upper", "Lower", "Concat", "DPipe", "Nullif", "Abs", "Greatest",
    "Least", "StartsWith", "Substring", "SplitPart", "Replace", "StrPosition", "Trim", "Length", "RegexpLike", "Round",
    "And", "Or", "Date", "Contains",
}  # fmt: skip
_ZONED = "(Z|z|[+-][0-9]{2}:?[0-9]{2})$"


@dataclass(frozen=True)
class Compiled:
    """A mapping as SQL: one SELECT over `raw` (columns _key, _row, _version), and the promises it relies on."""

    table: CommonTable
    select: str
    promises: dict[str, str]


class _Fault(ValueError):
    """A part of a mapping that cannot be built."""


def compiled(manifest: Manifest, mapping: Mapping, currency: str | None = None) -> Compiled:
    """SQL of one mapping; `currency` is what `@currency` stands for. Raises `ValueError` naming the column at fault."""
    return _Writer(manifest, mapping, currency).write()


def check(manifest: Manifest) -> None:
    """Whether every mapping of a manifest can be built. Raises `ConfigProblem`."""
    for mapping in manifest.canonical:
        try:
            compiled(manifest, mapping)
        except ValueError as error:
            where = f"{mapping.resource} → {mapping.table}"
            raise ConfigProblem(
                f"The connector {manifest.source} cannot be used: {where}: {error}.", code="bad_manifest"
            ) from error


def promises(manifest: Manifest, resource: str) -> dict[str, str]:
    """Types by place that rows of a resource must have: declared ones, and those that mappings read."""
    found: dict[str, str] = {}
    for mapping in manifest.canonical:
        if mapping.resource == resource:
            found |= compiled(manifest, mapping).promises
    return found | dict(manifest.resource(resource).columns)


def moment(manifest: Manifest, value: str, arg: str | None) -> str:
    """SQL of a moment that the expression `value` spells as the source does; `arg` overrides its format."""
    form, zone = arg or manifest.time.format, manifest.time.zone
    if form == "unix":
        return f"to_timestamp(CAST({value} AS DOUBLE))"
    if form == "unix_ms":
        return f"to_timestamp(CAST({value} AS DOUBLE) / 1000)"
    local = f"CAST({value} AS TIMESTAMP)"
    if form == "compact":
        local = f"strptime(left({value}, 8), '%Y%m%d')"
    elif form == "compact_seconds":
        local = f"strptime({value}, '%Y%m%d%H%M%S')"
    elif form == "date":
        local = f"CAST(left({value}, 10) AS TIMESTAMP)"
    there = f"timezone({literal(zone)}, {local})"
    if form in ("compact", "compact_seconds", "date"):
        return there
    zoned = f"length({value}) > 10 AND regexp_matches({value}, {literal(_ZONED)})"
    return f"(CASE WHEN {zoned} THEN CAST({value} AS TIMESTAMPTZ) ELSE {there} END)"


class _Writer:
    def __init__(self, manifest: Manifest, mapping: Mapping, known: str | None) -> None:
        self._manifest, self._mapping, self._known = manifest, mapping, known
        self._promises: dict[str, str] = {}
        self._currency: str | None = None

    def write(self) -> Compiled:
        mapping = self._mapping
        known = tables.all_tables()
        if mapping.table not in known:
            raise _Fault(f"there is no common table {mapping.table!r}")
        table = known[mapping.table]
        wrong = [n for n in mapping.columns if n not in table.columns]
        if wrong:
            raise _Fault(f"{mapping.table} has no column {wrong[0]!r}")
        missing = [c.name for c in table.columns.values() if c.required and c.name not in mapping.columns]
        missing = [n for n in missing if n not in _FILLED]
        if missing:
            raise _Fault(f"{mapping.table} needs the column {missing[0]!r}")
        if any(c.is_money for n, c in table.columns.items() if n in mapping.columns) and "currency" in table.columns:
            if "currency" not in mapping.columns:
                raise _Fault(f"{mapping.table} needs the column 'currency' beside its amounts")
            self._currency = self._value("currency", mapping.columns["currency"])
        chosen = [self._common()]
        for column in table.columns.values():
            chosen.append(self._column(column, table))
        where = f" WHERE {self._expression('where', mapping.where)}" if mapping.where else ""
        source = "raw"
        if mapping.each:
            path = literal(json_path(mapping.each) + "[*]")
            source = (
                f"(SELECT r._key, r._row AS _whole, r._version, u.item AS _row, u.place AS _position FROM raw AS r,"
                f" LATERAL (SELECT unnest(json_extract(r._row, {path})) AS item,"
                f" generate_subscripts(json_extract(r._row, {path}), 1) AS place) AS u)"
            )
        return Compiled(table, f"SELECT {', '.join(chosen)} FROM {source}{where}", self._promises)

    def _common(self) -> str:
        manifest, mapping = self._manifest, self._mapping
        zone = manifest.time.zone
        return (
            f"{literal(manifest.source)} AS source, {literal(mapping.resource)} || ':' || _key AS raw_ref,"
            f" _version AS source_updated_at, {literal(zone)} AS source_tz"
        )

    def _column(self, column: Column, table: CommonTable) -> str:
        text = self._mapping.columns.get(column.name)
        if text is None:
            value = _FILLED.get(column.name, "NULL")
            return f"{self._typed(value, column)} AS {column.name}" + (
                f", NULL AS {column.name}_raw" if column.enum else ""
            )
        value = self._value(column.name, text)
        if column.enum:
            words = ", ".join(literal(w) for w in tables.enum(column.enum))
            known = f"CASE WHEN {value} IS NULL THEN NULL WHEN {value} IN ({words}) THEN {value} ELSE 'unknown' END"
            return f"{known} AS {column.name}, {self._raw_of(text, value)} AS {column.name}_raw"
        typed = self._typed(value, column)
        if column.name in table.key:
            typed = f"coalesce({typed}, {_blank(column.sql)})"
        return f"{typed} AS {column.name}"

    def _raw_of(self, text: str, value: str) -> str:
        """What the source itself said, of a word that a map or an expression made."""
        places = [p.split("|")[0].strip() for p in _BRACES.findall(text)] if text.startswith("=") else []
        place = places[-1] if places else text.split("|")[0].strip()
        return value if _CONST.fullmatch(place) else self._pipe(place)

    def _typed(self, value: str, column: Column) -> str:
        return f"CAST({value} AS {column.sql})"

    def _value(self, name: str, text: str) -> str:
        if text.startswith("="):
            return self._expression(name, text[1:])
        return self._pipe(text)

    def _expression(self, name: str, text: str) -> str:
        """SQL written in a manifest: scalar functions over places only."""
        holes = _BRACES.findall(text)
        shape = _BRACES.sub("hole", text)
        try:
            parsed = sqlglot.parse_one(f"SELECT {shape}", dialect="duckdb")
        except sqlglot.ParseError as error:
            raise _Fault(f"{name}: {text.strip()!r} is not SQL") from error
        _only_scalars(name, parsed)
        # What is no number or day becomes NULL, which the tests of the tables tell; it may not stop the other rows.
        tried = _CAST.sub("TRY_CAST(", text)
        filled = _BRACES.sub(lambda m: self._pipe(m[1]), tried)
        return f"({filled.strip()})" if holes or filled else "NULL"

    def _pipe(self, text: str) -> str:
        place, *pipes = (part.strip() for part in text.split("|"))
        row = "_row"
        if place.startswith("^"):
            place, row = place[1:], "_whole"
        if place == "#":
            value, at = "_position", None
        elif place == "@currency":
            if self._manifest.currency is None:
                raise _Fault("@currency needs `currency` in the manifest, which says who knows it")
            value, at = literal(self._known) if self._known else "CAST(NULL AS VARCHAR)", None
        elif _CONST.fullmatch(place):
            value, at = literal(place[1:-1]), None
        else:
            value, at = f"nullif({_extracted(row, place)}, '')", place
        inner = at is not None and row == "_row"
        promise = (f"{self._mapping.each}[*].{at}" if self._mapping.each else at) if inner else at
        for pipe in pipes:
            match = _PIPE.fullmatch(pipe)
            if match is None:
                raise _Fault(f"{text!r}: {pipe!r} is no conversion")
            value = self._converted(value, match["name"], match["arg"], promise)
        return value

    def _converted(self, value: str, name: str, arg: str | None, place: str | None) -> str:
        if name in _PROMISED and place is not None:
            self._promises[place] = _PROMISED[name]
        if name == "money":
            return self._money(value, arg or self._manifest.money.unit)
        if name == "moment" or name == "day":
            there = moment(self._manifest, value, arg)
            return there if name == "moment" else f"CAST({there} AS DATE)"
        if name == "map":
            return self._mapped(value, arg or "")
        if name not in _SIMPLE:
            raise _Fault(f"{name!r} is no conversion")
        return _SIMPLE[name].format(x=value)

    def _money(self, value: str, unit: str) -> str:
        if unit == "none":
            raise _Fault("the manifest says that this source has no money")
        number = f"CAST({value} AS DECIMAL(24,9))"
        if unit == "major":
            return number
        if unit == "micro":
            return f"(CAST({value} AS DECIMAL(24,6)) * CAST('0.000001' AS DECIMAL(7,6)))"
        if self._currency is None:
            raise _Fault("minor units need a currency")
        return f"(CAST({value} AS DECIMAL(24,6)) * {factor(self._currency, self._manifest.money.exponents)})"

    def _mapped(self, value: str, name: str) -> str:
        if name not in self._manifest.maps:
            raise _Fault(f"there is no map {name!r}")
        cases = " ".join(
            f"WHEN {literal(raw)} THEN {literal(word)}" for raw, word in self._manifest.maps[name].items() if raw != "*"
        )
        rest = self._manifest.maps[name].get("*")
        # `*` is every other word, but no silence: else all that succeeded would have been declined for other reasons
        other = f"CASE WHEN {value} IS NULL THEN NULL ELSE {literal(rest or 'unknown')} END"
        return f"(CASE {value} {cases} ELSE {other} END)"


_FILLED = {
    "is_test": "false",
    "attempts_known": "true",
    "counts_as_revenue": "true",
    "is_cumulative": "false",
    "is_sampled": "false",
}
"""Required columns that a mapping may leave out."""

_PROMISED = {
    "money": "decimal", "decimal": "decimal", "number": "decimal", "integer": "integer", "moment": "moment",
    "day": "moment", "date": "moment", "yyyymmdd": "moment", "boolean": "boolean", "not": "boolean",
}  # fmt: skip
_SIMPLE = {
    "decimal": "CAST({x} AS DECIMAL(24,9))",
    "number": "CAST({x} AS DOUBLE)",
    "integer": "CAST(CAST({x} AS DECIMAL(24,6)) AS BIGINT)",
    "boolean": "CAST({x} AS BOOLEAN)",
    "not": "(NOT CAST({x} AS BOOLEAN))",
    "upper": "upper({x})",
    "lower": "lower({x})",
    "abs": "abs({x})",
    "negate": "(-{x})",
    "hash": "hashed({x})",
    "last_part": "split_part({x}, ':', -1)",
    "date": "CAST(left({x}, 10) AS DATE)",
    "yyyymmdd": "CAST(strptime(left({x}, 8), '%Y%m%d') AS DATE)",
}


def _extracted(row: str, place: str) -> str:
    """SQL of the text at a place; the first element that a filter `[?key==value]` lets pass."""
    found = next((n for n, (kind, _) in enumerate(steps(place)) if kind == "where"), None)
    if found is None:
        return f"json_extract_string({row}, {literal(json_path(place))})"
    before, _, rest = place.partition("[?")
    key, wanted = steps(place)[found][1]
    inside = f"json_extract_string(x, {literal(json_path(key))}) = {literal(wanted)}"
    chosen = f"list_filter(json_extract({row}, {literal(json_path(before) + '[*]')}), x -> {inside})[1]"
    after = rest.partition("]")[2].lstrip(".")
    return f"json_extract_string({chosen}, {literal(json_path(after or '$'))})"


def _blank(sql: str) -> str:
    return {"VARCHAR": "''", "BIGINT": "0"}.get(sql, "NULL")


def _only_scalars(name: str, parsed: exp.Expr) -> None:
    """No table, no subquery, no function but plain ones: an expression of a manifest computes with its own row."""
    for node in parsed.walk():
        if isinstance(node, exp.Table | exp.Subquery | exp.Anonymous | exp.AggFunc | exp.Window | exp.Star):
            raise _Fault(f"{name}: {node.sql()!r} may not be used in a mapping")
        if isinstance(node, exp.Func) and type(node).__name__ not in _FUNCTIONS:
            raise _Fault(f"{name}: the function {type(node).__name__} may not be used in a mapping")
        if isinstance(node, exp.Column) and node.name != "hole":
            raise _Fault(f"{name}: write {{{node.sql()}}} for a place")
