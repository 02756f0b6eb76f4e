"""Questions about the sources themselves: what is connected, how fresh it is, load it, what it says right now."""

from __future__ import annotations

import re
from typing import Any

from agent.brain import PlanContext
from agent.builtin.borrow import Planner, one_step
from agent.plan import Decision

_NOW = r"(?: (?:now|right now|currently|at the moment|today|please))*"
_WHAT = re.compile(
    r"^(?:what|which)(?: data)?(?: sources?| connections?| connectors?)?"
    r" (?:are|is|do we have|have we|did we)(?: currently)? connected$"
    r"|^(?:list|show)(?: me)?(?: all)?(?: the| my| our)? (?:connected sources|sources|connections)$"
    r"|^(?:how (?:fresh|current|up to date|old)|when was)(?: is| are)?(?: the| my| our)? (?:connected sources|sources)"
    r"(?: last (?:loaded|refreshed|updated))?$",
    re.I,
)
_FRESH = re.compile(
    r"^(?:how (?:fresh|current|up to date|old) (?:is|are)(?: the| my| our)? (?P<a>.+?)(?: data)?"
    r"|when (?:was|were)(?: the| my| our)? (?P<b>.+?)(?: data)? last (?:loaded|refreshed|updated|synced))$",
    re.I,
)
_LOAD = re.compile(
    rf"^(?:please )?(?:refresh|reload|sync|update|load)(?: the| my| our)? (?P<a>.+?)(?: data)?{_NOW}$", re.I
)
_LIVE = re.compile(
    r"^(?:what(?:'s| is| are)|show(?: me)?|how much is)(?: the| my| our)?(?: current| live)? (?P<source>.+?)"
    r" (?P<what>balance)(?P<now>(?: (?:now|right now|currently|at the moment))*)$",
    re.I,
)


def of_sources(context: PlanContext, planner: Planner) -> Decision | None:
    """The plan of a question about connected sources; None for all others, and where nothing is connected."""
    text = " ".join(context.question.split()).rstrip(" .!?")
    if not re.search(
        r"connect|source|fresh|current|up to date|old|last|refresh|reload|sync|update|load|balance", text, re.I
    ):
        return None
    known = _known(context)
    if not known:
        return None
    if _WHAT.match(text):
        return _plan("connected_sources", {}, "Looking at the connected sources")
    for pattern, name, title in (
        (_FRESH, "connected_sources", "Looking at the connected source"),
        (_LOAD, "refresh_source", "Loading what is new"),
    ):
        found = pattern.match(text)
        source = known.get(_said(found)) if found else None
        if source is not None:
            return _plan(name, {"source": source}, title)
    live = _LIVE.match(text)
    if live and (live["now"] or re.search(r"\b(?:current|live)\b", text, re.I)) and _fold(live["source"]) in known:
        return _plan("live_lookup", {"source": known[_fold(live["source"])], "name": "balance"}, "Asking the source")
    return None


def _said(found: re.Match[str]) -> str:
    return _fold(next(text for text in found.groups() if text))


def _plan(name: str, args: dict[str, Any], title: str) -> Decision:
    return one_step(name, args, title, name, [])


def _known(context: PlanContext) -> dict[str, str]:
    """Names of connections and providers as questions spell them; the tool knows which connection is meant."""
    stored = context.profile.tables.get("connected_sources")
    if stored is None:
        return {}
    columns = (stored.columns.get(name) for name in ("connection_id", "connection", "provider"))
    names = [str(value).removesuffix(" (sandbox)") for column in columns if column for value in column.values]
    return {_fold(name): name for name in names}


def _fold(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.casefold()).strip()
