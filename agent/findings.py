"""Running the steps of a plan side by side: a report goes on without a step that fails, every other answer does not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from agent.plan import Plan
from store.errors import PlainsayError
from tools.evidence import Caveat, Evidence

Run = Callable[[int, str, Plan], Awaitable[Evidence]]


def is_report(plan: Plan) -> bool:
    """Whether the plan makes a report of several findings, each of which may be missing."""
    return bool(plan.hints.get("deep"))


async def gathered(plan: Plan, run: Run) -> tuple[list[Evidence], list[Caveat]]:
    """What the steps found, in their order, and a word on each that was left out.

    Raises what a step raises; of a report only when its first step fails, or all do.
    """
    steps = [run(position, key, plan) for position, key in enumerate(plan.steps, start=1)]
    if not is_report(plan):
        return list(await asyncio.gather(*steps)), []
    done = await asyncio.gather(*steps, return_exceptions=True)
    kept: list[Evidence] = []
    missing: list[Caveat] = []
    for key, result in zip(plan.steps, done, strict=True):
        if isinstance(result, Evidence):
            kept.append(result)
        elif isinstance(result, PlainsayError):
            title = plan.steps[key].title or plan.steps[key].tool
            missing.append(Caveat(code="step_left_out", message=f"{title}: {result.message}"))
        else:
            raise result
    if not isinstance(done[0], Evidence):
        raise done[0]
    return kept, missing


def trusted(plan: Plan, found: Sequence[Evidence]) -> tuple[list[Evidence], str | None]:
    """What may be told, and why nothing may be when something cannot be trusted; a report leaves such a step out."""
    refusal = next((e.refusal for e in found if e.refusal), None)
    if refusal is None or not is_report(plan):
        return list(found), refusal
    kept = [e for e in found if not e.refusal]
    return kept, None if kept else refusal
