"""What is told about connected sources: how each is, what a load brought, what a source says at this moment."""

from __future__ import annotations

from tools.factbook.kind import FactKind

_STATES = "new|fresh|stale|attention|failing|listening"
KINDS = (
    FactKind(
        "source_state", "connected_sources", "How a connected source is, and when it was last loaded.",
        "name:text rows:count when:text?", "{name}: {rows} rows", "{name} holds {rows} rows[, last loaded {when}].",
        attributes={"state": _STATES},
    ),
    FactKind(
        "source_refreshed", "refresh_source", "A source was loaded; so many rows are new or changed.",
        "name:text rows:count", "{rows} new or changed rows", "{rows} rows are new or changed.",
        attributes={"source": ""},
    ),
    FactKind(
        "live_value", "live_lookup", "What a source says at this moment; no copy is kept.",
        "value:amount currency:text when:text", "{value} {currency}", "{value} {currency}, asked {when}.",
        attributes={"source": "", "what": ""},
    ),
)  # fmt: skip
