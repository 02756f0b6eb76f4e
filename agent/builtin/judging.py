"""“That was not odd”: what a person says of the findings just told, read into verdicts on their days."""

from __future__ import annotations

import re
from typing import Any

from agent.brain import PastTurn, PlanContext
from agent.builtin.smalltalk import talk
from agent.builtin.text import fold
from agent.judging import figure_of
from agent.plan import Decision

_THAT = r"(?:(?:no|well|but|actually|sorry)[, ]+)*(?:that|this|it|those|these|they|(?:the|that) (?:first )?one)"
_BE = r"(?: is| was| are| were|'s)"
_ODD = r"(?:odd|unusual|strange|an anomaly|anomal\w+|abnormal|weird)"
_USUAL = re.compile(
    rf"^(?:{_THAT}{_BE} (?:not|n't) (?:really |at all |that )?{_ODD}"
    rf"|{_THAT}(?: isn't| wasn't| aren't| weren't) (?:really )?{_ODD}"
    rf"|{_THAT}{_BE} (?:quite |perfectly |completely |all )?(?:normal|usual|expected|planned|fine|known|a false alarm)"
    r"|(?:a )?false alarm|nothing odd about (?:that|it)"
    r"|(?:please )?(?:ignore|forget|skip) (?:that|this|it|them|those)(?: one| in future| from now on| next time)?)$",
    re.I,
)


def judged(context: PlanContext) -> Decision | None:
    """The decision on a verdict about the findings of the last answer; None for any other text."""
    if not _USUAL.match(fold(context.question).strip(" .!")):
        return None
    last = next((t for t in reversed(context.history) if t.plan is not None and t.status == "answered"), None)
    verdicts = _verdicts(last) if last is not None else []
    if not verdicts:
        return None
    plan = talk("judged")
    return plan.model_copy(update={"hints": {**plan.hints, "judge": verdicts}})


def _verdicts(turn: PastTurn) -> list[dict[str, Any]]:
    """One for each finding that was told, with the days it covered."""
    steps = [s for s in turn.plan.steps.values() if s.tool == "anomalies"] if turn.plan is not None else []
    if not steps:
        return []
    found = []
    for row in turn.rows:
        if not {"start", "end", "of"} <= row.keys():
            continue
        of = None if row["of"] == "Everything" else str(row["of"])
        days = {"start": str(row["start"])[:10], "end": str(row["end"])[:10], "of": of, "verdict": "usual"}
        about = {"figure": figure_of(steps[0].args), "days": days}
        said = f"{turn.question} {days['start']}" + (f" ({of})" if of else "")
        found.append({"said": said, "verdict": "usual", "about": about})
    return found
