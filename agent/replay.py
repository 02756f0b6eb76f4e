"""An answer worked out again from its recipe, outside any conversation: for dashboards and for what is sent out."""

from __future__ import annotations

import asyncio

from agent import claims, reply
from agent.answer import Answer
from agent.check import CheckContext, confidence, inspect
from agent.desk import Desk
from agent.plan import Decline, Plan
from store.errors import PlainsayError
from tools import registry
from tools.evidence import Evidence


async def answer(desk: Desk, plan: Plan) -> Answer:
    """Run a plan, check what it found and tell it. A figure that cannot be trusted makes a declined answer."""
    try:
        found = list(await asyncio.gather(*(_run(desk, i, key, plan) for i, key in enumerate(plan.steps, start=1))))
    except PlainsayError as error:
        if error.exit_code == 1:
            raise
        reason = error.message if not error.hint else f"{error.message} {error.hint}"
        return _declined(desk, reason, error.code)
    refusal = next((e.refusal for e in found if e.refusal), None)
    if refusal is not None:
        return _declined(desk, refusal, "refused")
    reply.lay_out(desk.answer, found)
    desk.answer.charts = reply.as_wanted(desk.answer.charts, str(plan.hints.get("view", "")))
    drafted = await asyncio.to_thread(desk.brain.tell, desk.tell_context(plan, tuple(found)))
    rendered = claims.render(drafted, [t for e in found for t in e.tables])
    desk.answer.text, desk.answer.claims = rendered.text, rendered.claims
    desk.answer.confidence, desk.answer.assumptions = confidence(plan.confidence, found), plan.assumptions
    reply.hold_back_unproven(desk.answer)
    return desk.answer


async def _run(desk: Desk, position: int, key: str, plan: Plan) -> Evidence:
    step = plan.steps[key]
    found = await asyncio.to_thread(registry.get(step.tool).run, desk.tool_context(f"e{position}"), step.args)
    desk.ms["sql"] = round(desk.ms.get("sql", 0.0) + found.ms, 3)
    return inspect(found, CheckContext(desk.view.model, desk.view.profile, desk.as_of))


def _declined(desk: Desk, reason: str, code: str) -> Answer:
    reply.decline(desk.answer, Decline(reason=reason, code=code))
    return desk.answer
