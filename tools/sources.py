"""The tools for “what is connected, how fresh is it, load it, what does it say now”, with the asker's rights."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from store.errors import InvalidRequest, LimitReached, unknown
from store.rights import TOOLS
from tools.drivers.sheets import sheet, text
from tools.evidence import Caveat, Column, Evidence, Fact, ResultTable
from tools.registry import ToolContext, tool
from warehouse.model.schema import Unit

if TYPE_CHECKING:
    from ingestion.connectors.connections import Connection
    from ingestion.connectors.manifest import Lookup

_PAUSE = 60.0
"""Least seconds between two loads that questions begin, for each connection."""


class SourcesArgs(BaseModel):
    """Which source to tell of; without a name all of them."""

    model_config = ConfigDict(extra="forbid")

    source: str | None = Field(None, max_length=60)


class RefreshArgs(BaseModel):
    """The source to load anew."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(max_length=60)


class LookupArgs(BaseModel):
    """What to ask of which source: the name of a look-up of its connector, such as `balance`."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(max_length=60)
    name: str = Field("balance", max_length=40)


@tool("connected_sources", example="What is connected, and how fresh is it?", needs="any workspace")
def connected_sources(context: ToolContext, args: SourcesArgs) -> Evidence:
    """Tell which sources are connected, how fresh each is and what went wrong. Looking at the connected sources.

    Main table: one row per connection: source, state, rows, last loaded. Raises `UnknownName`.
    """
    from ingestion.connectors import connections, health

    chosen = [named(context, args.source)] if args.source else connections.all_of(context.workspace)
    rows: list[list[Any]] = []
    facts: list[Fact] = []
    for each in chosen:
        found = health.of(context.workspace, each, context.as_of.astimezone(UTC) if context.as_of.tzinfo else None)
        rows.append([each.label, found.state, found.rows, _spoken(found.loaded_at), found.detail])
    head = [text("source", "Source"), text("state", "State"), _count("rows", "Rows"), text("loaded", "Last loaded"),
            text("detail", "What that means")]  # fmt: skip
    main = _main(context, "Connected sources", head, rows)
    for number, row in enumerate(rows[:3]):
        values = {"name": main.ref(number, "source"), "rows": main.ref(number, "rows")}
        values |= {"when": main.ref(number, "loaded")} if row[3] else {}
        facts.append(Fact(kind="source_state", values=values, attributes={"state": row[1]}, impact=0.9 - 0.1 * number))
    return _evidence(context, "connected_sources", args, main, facts)


@tool("refresh_source", example="Refresh Stripe now", needs="a connected source; the right to load data", writes=True)
def refresh_source(context: ToolContext, args: RefreshArgs) -> Evidence:
    """Load what is new of a connected source. Loading what is new.

    Main table: one row per resource: rows that are new or changed, and the problem if there was one. Raises
    `QueryRefused` without the right, `LimitReached` when it was loaded a moment ago, and what loading raises.
    """
    from ingestion.connectors import health, sync

    context.principal.require(TOOLS["refresh_source"])
    connection = named(context, args.source)
    last = health.of(context.workspace, connection).loaded_at
    if last and (datetime.now(UTC) - datetime.fromisoformat(last)).total_seconds() < _PAUSE:
        raise LimitReached(f"{connection.label} was loaded less than a minute ago.", code="just_loaded")
    if connection.manifest.driver is None:
        done = sync.sync(context.workspace, connection, progress=context.progress)
        rows: list[list[Any]] = [[r.resource.replace("_", " "), r.changed, r.error] for r in done.resources]
    else:
        rows = _copied(context, connection)
    rows.append(["All together", sum(row[1] for row in rows), None])
    head = [text("resource", "Resource"), _count("rows", "New or changed rows"), text("problem", "Problem")]
    main = _main(context, f"{connection.label} loaded", head, rows)
    whole = len(rows) - 1
    fact = Fact(
        kind="source_refreshed", values={"name": main.ref(whole, "resource"), "rows": main.ref(whole, "rows")},
        attributes={"source": connection.label}, impact=1.0,
    )  # fmt: skip
    warnings = [
        Caveat(code="source_problem", message=f"{row[0].capitalize()}: {row[2]}") for row in rows[:whole] if row[2]
    ]
    return _evidence(context, "refresh_source", args, main, [fact], warnings)


def _copied(context: ToolContext, connection: Connection) -> list[list[Any]]:
    """What a load of a database or of files brought, table by table."""
    from ingestion.feeds.loading import load

    report = load(context.workspace, connection, context.progress)
    rows: list[list[Any]] = [[table.name.replace("_", " "), table.rows, None] for table in report.tables]
    return rows + [[problem.file.split(" › ")[-1], 0, problem.reason] for problem in report.problems]


@tool(
    "live_lookup", example="What is my Stripe balance now?", needs="a connected source with look-ups; the right to load"
)
def live_lookup(context: ToolContext, args: LookupArgs) -> Evidence:
    """Ask a connected source for something that is true right now, without keeping a copy. Asking the source itself.

    Main table: one row per value of the look-up, with the moment of asking. Raises `QueryRefused` without the right,
    `InvalidRequest` for a look-up that the source does not have, and what asking raises.
    """
    from ingestion.connectors.rest import RestSource
    from ingestion.connectors.sync import open_source

    context.principal.require(TOOLS["live_lookup"])
    connection = named(context, args.source)
    known = {one.name: one for one in connection.manifest.lookups}
    if args.name not in known:
        raise InvalidRequest(
            f"{connection.label} cannot be asked for that.",
            code="no_lookup",
            hint=f"It can be asked for {', '.join(known)}." if known else "Ask the loaded data instead.",
        )
    source = open_source(context.workspace, connection)
    assert isinstance(source, RestSource)
    try:
        found = source.first_page(known[args.name].resource)
    finally:
        source.close()
    return _looked_up(context, args, connection, known[args.name], found)


def named(context: ToolContext, said: str) -> Connection:
    """The connection that is called so: its id, its name, its source or the provider's name. Raises `UnknownName`."""
    from ingestion.connectors import connections

    everything = connections.all_of(context.workspace)
    fold = said.casefold().strip()
    for place in ("id", "label", "source"):
        same = [c for c in everything if str(getattr(c, place)).casefold() == fold]
        if len(same) == 1:
            return same[0]
    same = [c for c in everything if c.manifest.label.casefold() == fold]
    if len(same) == 1:
        return same[0]
    raise unknown("connected source", said, [c.label for c in everything])


def _looked_up(
    context: ToolContext, args: LookupArgs, connection: Connection, lookup: Lookup, found: list[dict[str, Any]]
) -> Evidence:
    values = [_values(connection, lookup, row) for row in found]
    asked = _spoken(datetime.now(UTC).isoformat())
    amount = next((n for n, t in lookup.columns.items() if "money" in t), "value")
    figure = Column(name="value", label=lookup.name.capitalize(), type="decimal", role="measure", decimals=2)
    head = [text("what", "Currency"), figure, text("asked", "Asked")]
    rows = [[v.get("currency") or "", v.get(amount), asked] for v in values]
    main = _main(context, f"{connection.label}: {lookup.name} now", head, rows)
    facts = [
        Fact(
            kind="live_value",
            values={"value": main.ref(n, "value"), "currency": main.ref(n, "what"), "when": main.ref(n, "asked")},
            attributes={"source": connection.label, "what": lookup.name},
            impact=0.9 - 0.05 * n,
        )
        for n, row in enumerate(rows[:5])
        if row[1] is not None
    ]
    return _evidence(context, "live_lookup", args, main, facts)


def _values(connection: Connection, lookup: Lookup, row: dict[str, Any]) -> dict[str, Any]:
    """The columns of a look-up, amounts exact and in major units."""
    from ingestion.canonical.currencies import exponent
    from ingestion.connectors.places import one

    money = connection.manifest.money
    found: dict[str, Any] = {}
    for name, place in lookup.columns.items():
        path, *pipes = (p.strip() for p in place.split("|"))
        value = one(row, path)
        found[name] = str(value).upper() if "upper" in pipes and value is not None else value
    for name, place in lookup.columns.items():
        if "money" in place and found[name] is not None:
            digits = exponent(str(found.get("currency") or ""), money.exponents) if money.unit == "minor" else 0
            found[name] = str(Decimal(str(found[name])).scaleb(-digits))
    return found


def _spoken(moment: str | None) -> str | None:
    """A moment as people say it, in UTC."""
    if moment is None:
        return None
    when = datetime.fromisoformat(moment).astimezone(UTC)
    return f"{when:%B} {when.day}, {when.year} at {when:%H:%M} UTC"


def _count(name: str, label: str) -> Column:
    return Column(name=name, label=label, type="integer", role="measure", unit=Unit(name="row"))


def _main(context: ToolContext, title: str, head: list[Column], rows: list[list[Any]]) -> ResultTable:
    main = sheet(f"t{context.evidence_id.removeprefix('e')}", title, head, rows, "main")
    main.evidence = context.evidence_id
    return main


def _evidence(
    context: ToolContext, name: str, args: BaseModel, main: ResultTable, facts: list[Fact],
    warnings: list[Caveat] | None = None,
) -> Evidence:  # fmt: skip
    return Evidence(
        id=context.evidence_id, tool=name, args=args.model_dump(mode="json", exclude_defaults=True), tables=[main],
        facts=facts, warnings=warnings or [], snapshot=context.snapshot.id, rows=len(main.rows),
    )  # fmt: skip
