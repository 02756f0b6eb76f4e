"""Who may do what, in one table: the code asks it, the docs print it, and tests walk every door against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["owner", "admin", "editor", "analyst", "viewer"]
Right = Literal[
    "ask", "keep", "own_keys", "sql", "load", "model", "policies", "connect", "members", "view_as", "audit",
    "workspaces", "people", "operate", "owners",
]  # fmt: skip
Door = Right | Literal["open", "self"]
"""What a door asks for: a right, nothing at all (`open`), or only to be known (`self`, for what concerns oneself)."""

ROLES: tuple[Role, ...] = get_args(Role)
"""From the most rights to the fewest; each role has all rights of those after it."""
EVERYWHERE = "*"
"""Stands for every workspace, those to come included, where a role is given."""
LEAST: Role = "viewer"


@dataclass(frozen=True)
class Grant:
    """A right: the least role that has it, what it lets people do, and whether it is about the whole installation.

    A right of the `house` is held only by who has the role in every workspace. `refusal` ends “Your role may not …”.
    """

    least: Role
    what: str
    refusal: str
    house: bool = False


RIGHTS: dict[Right, Grant] = {
    "ask": Grant("viewer", "ask questions, see the model, read one's own conversations", "ask here"),
    "keep": Grant("viewer", "keep dashboards, teach words for oneself", "keep things here"),
    "own_keys": Grant("analyst", "make API keys that act for oneself", "make API keys"),
    "sql": Grant("analyst", "ask in SQL", "write SQL"),
    "load": Grant("analyst", "load files, send events, train skills", "load data"),
    "model": Grant(
        "editor",
        "edit what words mean, save segments, approve for everyone what was taught",
        "see or change how the model is made",
    ),
    "policies": Grant("admin", "say who sees which rows and columns", "say who sees which rows"),
    "connect": Grant("admin", "connect sources with their credentials", "connect sources"),
    "members": Grant("admin", "invite people into the workspace, change their roles", "look after members"),
    "view_as": Grant("admin", "see what another person would be told, without changing anything", "view as others"),
    "audit": Grant("admin", "read the audit log of the workspace", "read the audit log"),
    "workspaces": Grant(
        "admin", "make, copy, export, import and remove workspaces", "make or remove workspaces", house=True
    ),
    "people": Grant(
        "admin", "disable people, sign them out, make service accounts and their keys", "look after people", house=True
    ),
    "operate": Grant("admin", "watch and run the server: meters, backups, retention", "run the server", house=True),
    "owners": Grant("owner", "name owners and take that role away", "name owners", house=True),
}

TOOLS: dict[str, Right] = {
    "run_sql": "sql",
    "refresh_source": "load",
    "live_lookup": "load",
    "connected_sources": "ask",
    "save_segment": "model",
    "forget_segment": "model",
    **dict.fromkeys(
        (
            "anomalies", "benchmark", "churn_risk", "cohorts", "correlate", "describe_data", "explain_change",
            "forecast", "funnel", "insights", "lifetime_value", "list_records", "look_up", "pacing", "query_metrics",
            "reach", "segments", "survival", "trend", "what_if",
        ),
        "ask",
    ),
}  # fmt: skip
"""What each analytic skill asks of who uses it; one that is not listed runs for nobody."""

EVENTS: dict[str, Right] = dict.fromkeys(
    (
        "AssumptionsMade", "ChartReady", "ClaimsMade", "ClarifyAsked", "DeclineGiven", "EvidenceReady", "Progress",
        "ReceiptReady", "RunCancelled", "RunFailed", "RunFinished", "RunStarted", "SourcesCited", "StepFinished",
        "StepStarted", "SuggestionsReady", "TableReady", "TextDelta", "ToolFinished", "ToolStarted", "WarningsRaised",
    ),
    "ask",
)  # fmt: skip
"""What each event of a run asks of who is to read it; one that is not listed is sent to nobody."""


def rank(role: Role) -> int:
    """How much a role may: 0 for the fewest rights."""
    return len(ROLES) - 1 - ROLES.index(role)


def highest(*roles: Role | None) -> Role | None:
    """The role with the most rights, None when there is none."""
    return max((r for r in roles if r is not None), key=rank, default=None)


def has(role: Role, right: Right) -> bool:
    """Whether people of `role` have `right`."""
    return rank(role) >= rank(RIGHTS[right].least)


def rights_of(role: Role) -> frozenset[Right]:
    """All rights of a role."""
    return frozenset(right for right in RIGHTS if has(role, right))
