"""Dashboards as a GraphQL schema that can only be read; imported when it is first asked, for its library is heavy."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import strawberry
import structlog
from graphql import GraphQLError
from sqlalchemy.engine import RowMapping
from strawberry.extensions import MaxAliasesLimiter, MaxTokensLimiter, QueryDepthLimiter
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionContext, Info
from strawberry.types.graphql import OperationType

from agent import answer as ours
from api import boards, graph_size
from api.boards import Narrowed
from api.house import House
from store.errors import Defect, InvalidRequest, LimitReached, PlainsayError
from tools import evidence
from warehouse.model.schema import Unit

log = structlog.get_logger("plainsay.graphql")

MOST_DEPTH, MOST_TOKENS, MOST_ALIASES = 8, 600, 12
MOST_FIELDS = 1_000
"""Fields of a query with its fragments written out."""
MOST_ANSWERS = 16
"""Cards that one request may have worked out."""
AT_ONCE = 2
MOST_ROWS, MOST_LISTED = 1_000, 100


@dataclass
class Asking:
    """One request: the house it is asked of, and how many cards it had worked out."""

    home: House
    answers: int = 0
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def answer(self, row: RowMapping, card_id: str, narrowed: Narrowed) -> ours.Answer:
        """A card's answer, few at once. Raises `LimitReached` past the limit, and what a question raises."""
        self.answers += 1
        if self.answers > MOST_ANSWERS:
            raise LimitReached(
                f"A request may have {MOST_ANSWERS} cards worked out.", code="too_many_answers",
                hint="Ask for the cards of one dashboard, or for fewer of them.",
            )  # fmt: skip
        async with self.gate:
            return await boards.answered(self.home, row, card_id, narrowed)


_Info = Info[Asking, None]


@strawberry.type
class Column:
    """A column of a table: `role` is dimension, measure or derived, `unit` a currency, percent, ratio or a thing."""

    name: str
    label: str
    type: str
    role: str
    unit: str | None


@strawberry.type
class Table:
    """The rows behind an answer. Decimals and large whole numbers are strings, so that nothing is rounded."""

    whole: strawberry.Private[evidence.ResultTable]

    @strawberry.field
    def title(self) -> str:
        """What the table shows."""
        return self.whole.title

    @strawberry.field
    def total_rows(self) -> int:
        """How many rows there are, also when fewer are given."""
        return self.whole.total_rows

    @strawberry.field
    def columns(self) -> list[Column]:
        """The columns, in the order of the cells."""
        return [
            Column(name=c.name, label=c.label, type=c.type, role=c.role, unit=_unit(c.unit)) for c in self.whole.columns
        ]

    @strawberry.field
    def rows(self, first: int = 100) -> JSON:
        """The first rows: a list of lists, whose cells are in the order of the columns."""
        return JSON(self.whole.rows[: max(0, min(first, MOST_ROWS))])


@strawberry.type
class Answer:
    """What a card's question answers now, for who asks: `status` is answered, clarify, declined or failed."""

    whole: strawberry.Private[ours.Answer]

    @strawberry.field
    def status(self) -> str:
        """Whether there is an answer."""
        return self.whole.status

    @strawberry.field
    def text(self) -> str:
        """The answer in words (Markdown); figures are links to the cells they come from."""
        return self.whole.text

    @strawberry.field
    def warnings(self) -> list[str]:
        """What to know before trusting a figure."""
        return [one.message for one in self.whole.warnings]

    @strawberry.field
    def table(self) -> Table | None:
        """The main table."""
        return Table(whole=self.whole.result) if self.whole.result is not None else None


@strawberry.type
class Card:
    """An answer that is kept on a dashboard."""

    row: strawberry.Private[RowMapping]
    id: strawberry.ID
    title: str
    question: str
    view: str

    @strawberry.field
    async def answer(
        self, info: _Info, period: str | None = None, field: str | None = None, value: str | None = None
    ) -> Answer:
        """The answer as of now; `period` (`last_month`) changes it, `field` (`table.name`) and `value` narrow it."""
        found = await info.context.answer(self.row, str(self.id), _narrowed(period, field, value))
        return Answer(whole=found)


@strawberry.type
class Dashboard:
    """A page of cards; `mine` says whether it is the asker's own."""

    row: strawberry.Private[RowMapping]
    id: strawberry.ID
    title: str
    workspace: str
    shared: bool
    mine: bool
    created_at: datetime
    updated_at: datetime

    @strawberry.field
    def cards(self) -> list[Card]:
        """The cards in their order."""
        return [
            Card(row=self.row, id=strawberry.ID(c["id"]), title=c["title"], question=c["question"], view=c["view"])
            for c in boards.cards(self.row)
        ]


@strawberry.type
class Query:
    """What may be read."""

    @strawberry.field
    async def dashboards(self, info: _Info, workspace: str | None = None, first: int = 20) -> list[Dashboard]:
        """Dashboards of the asker and those shared with everybody, latest change first."""
        rows = await info.context.home.database.read(boards.listed(workspace))
        return [_dashboard(row) for row in rows[: max(0, min(first, MOST_LISTED))]]

    @strawberry.field
    async def dashboard(self, info: _Info, id: strawberry.ID) -> Dashboard:
        """One dashboard."""
        return _dashboard(await info.context.home.database.read(boards.seen(str(id))))


class _Schema(strawberry.Schema):
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Errors are logged where they are told, without the words of the engine."""


SCHEMA = _Schema(
    query=Query,
    config=StrawberryConfig(),
    extensions=[
        lambda: QueryDepthLimiter(max_depth=MOST_DEPTH),
        lambda: MaxTokensLimiter(max_token_count=MOST_TOKENS),
        lambda: MaxAliasesLimiter(max_alias_count=MOST_ALIASES),
    ],
)


async def executed(home: House, query: str, variables: dict[str, Any] | None, operation: str | None) -> dict[str, Any]:
    """The answer of one request as GraphQL clients read it. Raises `InvalidRequest` for what no client sends."""
    try:
        if graph_size.fields(query, MOST_TOKENS) > MOST_FIELDS:
            return _refused(f"A query has {MOST_FIELDS:,} fields at most once its fragments are written out.")
        result = await SCHEMA.execute(
            query, variable_values=variables, operation_name=operation, context_value=Asking(home),
            allowed_operation_types=(OperationType.QUERY,),
        )  # fmt: skip
    except graph_size.UnknownFragment:
        return _refused("A fragment is named that the query does not hold.")
    except (RecursionError, ValueError, CannotGetOperationTypeError, InvalidOperationTypeError) as error:
        log.info("graphql_refused", error=type(error).__name__)
        raise InvalidRequest("This is no GraphQL query that can be read.", code="graphql_query") from error
    found: dict[str, Any] = {"data": result.data}
    if result.errors:
        found["errors"] = [_told(error) for error in result.errors]
    return found


def _refused(message: str) -> dict[str, Any]:
    return {"data": None, "errors": [_told(GraphQLError(message))]}


def _told(error: GraphQLError) -> dict[str, Any]:
    """An error for the client: ours in our words, one in the query as it is, any other as a defect with an id."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    if isinstance(cause, PlainsayError):
        told, extra = cause.message, {"code": cause.code, "hint": cause.hint, "retry": cause.retry}
    elif cause is None:
        told, extra = error.message, {"code": "graphql_query"}
    else:
        defect = Defect("Something went wrong here.")
        log.error("graphql_failed", error=type(cause).__name__, exc_info=cause)
        told, extra = defect.message, {"code": defect.code}
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return {"message": told, "locations": places, "path": error.path, "extensions": extra}


def _unit(unit: Unit | None) -> str | None:
    if unit is None:
        return None
    return unit.currency or ("percent" if unit.percent else "ratio" if unit.ratio else unit.name)


def _narrowed(period: str | None, field: str | None, value: str | None) -> Narrowed:
    for given, most in ((period, 40), (field, 130), (value, 400)):
        if given is not None and len(given) > most:
            raise InvalidRequest("This is longer than anything there is.", code="graphql_value")
    return Narrowed(period, field, value)


def _dashboard(row: RowMapping) -> Dashboard:
    known = {k: v for k, v in boards.head(row).items() if k != "id"}
    return Dashboard(row=row, id=strawberry.ID(row["id"]), **known)
