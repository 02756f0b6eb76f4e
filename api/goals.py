"""How far along the reader's goals are: those of their digests and alerts, each with its pace in the running period."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from api import briefings
from store import alerts, digests
from store.errors import PlainsayError, Unavailable
from store.principal import Principal

if TYPE_CHECKING:
    from agent.brain import PlanContext
    from agent.view import WorkspaceView
    from api.house import House
    from tools.evidence import Evidence, Fact
    from tools.registry import ToolContext
    from warehouse.engines.base import Engine

MOST = 6
_TOLD = ("pace", "projection", "chance")
_GOAL = ("metric", "goal", "growth", "period", "filters")


@dataclass(frozen=True)
class Asked:
    """A goal as the `pacing` tool takes it, and where it was set (`digest` or `alert`)."""

    args: dict[str, Any]
    origin: str

    @property
    def key(self) -> str:
        return json.dumps(self.args, sort_keys=True)


async def paces(home: House, name: str, person: Principal, as_of: datetime) -> dict[str, Any]:
    """The goals of a reader in a workspace: label, period, done and goal as text, shares 0-1, sentences, a question.

    A goal whose pace cannot be told comes with the reason instead of figures.
    """
    asked = await home.database.read(lambda connection: _asked(connection, person, name))
    if not asked:
        return {"workspace": name, "items": []}
    try:
        engine = await home.engine()
    except Unavailable as error:
        return {"workspace": name, "items": [], "reason": error.message}
    key = ("goals", *await briefings.rights_key(home, name, person, as_of), tuple((a.key, a.origin) for a in asked))
    return await briefings.once(home, key, lambda: _worked_out(home, engine, name, person, as_of, asked))


def _asked(connection: Connection, person: Principal, name: str) -> list[Asked]:
    """Each goal once, those of digests first; what sleeps is left out."""
    wanted = [Asked(_args(goal), "digest") for row in _mine(digests.listed(connection, person.user_id, name), person)
              for goal in row["recipe"].get("goals", [])]  # fmt: skip
    rules = (row["rule"] for row in _mine(alerts.listed(connection, person.user_id, name), person))
    wanted += [Asked(_args(rule), "alert") for rule in rules if rule.get("kind") == "goal"]
    return list({goal.key: goal for goal in reversed(wanted)}.values())[::-1][:MOST]


def _mine(rows: list[RowMapping], person: Principal) -> Iterator[RowMapping]:
    return (row for row in rows if person.owns(row) and row["active"])


def _args(goal: dict[str, Any]) -> dict[str, Any]:
    return {name: goal[name] for name in _GOAL if goal.get(name) not in (None, [], ())}


def _worked_out(
    home: House, engine: Engine, name: str, person: Principal, as_of: datetime, asked: list[Asked]
) -> dict[str, Any]:
    from agent.brain import PlanContext
    from tools.registry import ToolContext

    view = home.shelf.views.seen_by(name, person, engine)
    context = ToolContext(
        workspace=view.workspace, principal=person, model=view.model, profile=view.profile, engine=engine,
        snapshot=view.snapshot, as_of=as_of,
    )  # fmt: skip
    plans = PlanContext(
        question="", model=view.model, profile=view.profile, values=view.values, principal=person, as_of=as_of
    )
    return {"workspace": name, "items": [_item(goal, context, plans, view) for goal in asked]}


def _item(goal: Asked, context: ToolContext, plans: PlanContext, view: WorkspaceView) -> dict[str, Any]:
    from tools import registry

    fixed = {"identity": goal.key, "origin": goal.origin, "period": goal.args.get("period", "month")}
    try:
        found = registry.get("pacing").run(context, goal.args)
    except PlainsayError as error:
        return fixed | {"label": _label(view, goal.args["metric"]), "reason": error.message}
    return fixed | _told(found, goal, plans)


def _label(view: WorkspaceView, metric: str) -> str:
    """The figure's name; one that the reader may not see, or that is gone, stays unnamed."""
    known = view.model.metrics.get(metric)
    return (known.label or metric) if known is not None else ""


def _told(found: Evidence, goal: Asked, plans: PlanContext) -> dict[str, Any]:
    from agent.builtin.planner import plan
    from agent.factual import figure_name
    from agent.plan import Plan
    from bots.digests.gather import written
    from tools.derive import number

    facts = {fact.kind: fact for fact in found.facts}
    pace, tables = facts["pace"], {table.id: table for table in found.tables}

    def cell(fact: Fact | None, value: str) -> Any:
        ref = fact.values.get(value) if fact is not None else None
        return tables[ref.table].value(ref.row, ref.column) if ref is not None else None

    def share(fact: Fact | None, value: str) -> float | None:
        amount = number(cell(fact, value))
        return None if amount is None else float(amount)

    amount, figure = number(cell(pace, "goal")), figure_name(pace.metric)
    question = f"Are we on track for {_plainly(amount)} {figure} this {goal.args['period']}?"
    answerable = isinstance(plan(plans.asking(question)), Plan) and "filters" not in goal.args
    return {
        "label": pace.metric, "span": cell(pace, "period"), "until": cell(pace, "until"),
        "state": pace.attributes["state"], "tone": pace.attributes["tone"], "better": pace.attributes["good"],
        "done": _figure(pace, "done", found), "goal": _figure(pace, "goal", found), "share": share(pace, "share"),
        "usual": share(pace, "usual"), "chance": share(facts.get("chance"), "p"),
        "text": " ".join(written(fact, found) for fact in found.facts if fact.kind in _TOLD),
        "question": question if answerable else None,
    }  # fmt: skip


def _plainly(amount: Any) -> str:
    return f"{float(amount):,.2f}" if float(amount) % 1 else f"{int(amount):,}"


def _figure(fact: Fact, value: str, found: Evidence) -> str:
    """One amount as it is written in sentences."""
    from agent import claims

    rendered = claims.render(claims.Draft((([claims.Ref(fact.values[value], "auto")],),)), found.tables)
    return claims.LINK.sub(r"\1", rendered.text).replace("\\", "")
