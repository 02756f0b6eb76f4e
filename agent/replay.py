"""An answer worked out again from its recipe, outside any conversation: for dashboards and for what is sent out."""

from __future__ import annotations

import asyncio

from agent import findings, reply
from agent.answer import Answer
from agent.check import CheckContext, inspect
from agent.desk import Desk
from agent.plan import Decline, Plan, evidence_number
from store.errors import PlainsayError
from tools.evidence import Evidence


async def answer(desk: Desk, plan: Plan) -> Answer:
    """Run a plan, check what it found and tell it. A figure that cannot be trusted makes a declined answer."""
    try:
        found, missing = await findings.gathered(plan, lambda i, key, plan: _run(desk, i, key, plan))
    except PlainsayError as error:
        if error.exit_code == 1:
            raise
        return _declined(desk, reply.refusal(error), error.code)
    found, refusal = findings.trusted(plan, found)
    if refusal is not None:
        return _declined(desk, refusal, "refused")
    reply.lay_out(desk.answer, found)
    desk.answer.warnings = [*missing, *desk.answer.warnings]
    desk.answer.charts = reply.as_wanted(desk.answer.charts, str(plan.hints.get("view", "")))
    draft = await asyncio.to_thread(desk.brain.tell, desk.tell_context(plan, tuple(found)))
    reply.put_into_words(desk.answer, draft, plan, found)
    return desk.answer


async def _run(desk: Desk, position: int, key: str, plan: Plan) -> Evidence:
    step = plan.steps[key]
    found = await asyncio.to_thread(desk.run_tool, step.tool, step.args, evidence_number(key, position))
    desk.ms["sql"] = round(desk.ms.get("sql", 0.0) + found.ms, 3)
    return inspect(found, CheckContext(desk.view.model, desk.view.profile, desk.as_of))


def _declined(desk: Desk, reason: str, code: str) -> Answer:
    reply.decline(desk.answer, Decline(reason=reason, code=code))
    return desk.answer
