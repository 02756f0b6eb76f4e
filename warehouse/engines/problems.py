"""What an engine's own error means to a person: engine text goes to the log under an id, never into a message."""

from __future__ import annotations

import logging
import re
import secrets

from store.errors import ConfigProblem, Defect, InvalidRequest, LimitReached, SourceProblem, Unavailable
from warehouse.engines.cache import STOPPED
from warehouse.guard import BoundQuery

_log = logging.getLogger(__name__)
_MISSING_COLUMN = re.compile(r'column (?:named )?["`]([^"`]{1,100})["`]', re.IGNORECASE)


def logged(text: str, bound: BoundQuery) -> str:
    """Log what the engine said; the reference that a person can quote."""
    reference = secrets.token_hex(4)
    _log.warning("query failed", extra={"reference": reference, "engine_text": text, "sql": bound.sql})
    return reference


def too_slow(bound: BoundQuery) -> LimitReached:
    """Its time is over."""
    return LimitReached(
        f"The query took longer than {bound.limits.seconds:g} seconds and was stopped.",
        code="query_seconds",
        hint="Narrow it: a shorter period, fewer dimensions, or a filter.",
        details={"seconds": bound.limits.seconds},
    )


def too_big(reference: str) -> LimitReached:
    """Its memory is used up."""
    return LimitReached(
        "The query needed more memory than one query may use and was stopped.",
        code="query_memory",
        hint="Narrow it: a shorter period, fewer dimensions, or a filter.",
        details={"reference": reference},
    )


def too_much_to_read(rows: int, bound: BoundQuery) -> LimitReached:
    """It would read more than the workspace allows."""
    return LimitReached(
        f"The query would read about {rows:,} rows; at most {bound.limits.scan_rows:,} are allowed here.",
        code="query_scan",
        hint="Narrow it: a shorter period or a filter on what the table is sorted by.",
        details={"rows": rows, "most": bound.limits.scan_rows},
    )


def stopped() -> LimitReached:
    """Somebody stopped it."""
    return LimitReached("The query was stopped.", code=STOPPED, hint="Ask again to run it.", retry="as_is")


def lost() -> Unavailable:
    """The process that ran it is gone."""
    return Unavailable(
        "The query engine stopped in the middle of this query.",
        code="worker_lost",
        hint="Ask again; if it happens twice, narrow the question.",
        retry_after=0.5,
    )


def unreachable(reference: str) -> Unavailable:
    """Nobody answers."""
    return Unavailable(
        "The database cannot be reached.",
        code="engine_unreachable",
        hint="Ask an administrator to check the connection.",
        retry_after=5.0,
        details={"reference": reference},
    )


def bad_value(reference: str) -> SourceProblem:
    """The data holds something that the query cannot use."""
    return SourceProblem(
        "A value in the data could not be read as the query needs it.",
        code="bad_value",
        hint="A column holds text that is no number or date, or a number that is too large.",
        details={"reference": reference},
    )


def does_not_fit(text: str, bound: BoundQuery, reference: str) -> InvalidRequest:
    """A person's own SQL: say which name is wrong, and only names that person may see."""
    found = _MISSING_COLUMN.search(text)
    known = [f"{t}: {', '.join(bound.snapshot.tables[t])}" for t in bound.tables if t in bound.snapshot.tables]
    return InvalidRequest(
        f"There is no column “{found[1]}” here." if found else "The SQL does not fit the tables and types of the data.",
        code="sql_does_not_fit",
        hint=f"The columns are {'; '.join(known)}." if known else None,
        details={"reference": reference},
    )


def defect(reference: str) -> Defect:
    """Our fault: the gate and the compiler should have made it impossible."""
    return Defect(f"The query could not be run (reference {reference}).", details={"reference": reference})


def not_installed(engine: str, extra: str) -> ConfigProblem:
    """The packages of an engine are missing; says how to get them."""
    return ConfigProblem(
        f"The connection to {engine} is not installed.",
        code="missing_extra",
        hint=f"Install it with: pip install 'plainsay[{extra}]'",
    )
