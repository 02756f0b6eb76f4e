"""Whether what is hidden in a demo is told: by “why” when somebody asks, and by the look at everything unasked."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.industries.questions import ask_all, book
from store.errors import PlainsayError
from tools.factbook.weigh import TELL

if TYPE_CHECKING:
    from agent.assistant import Assistant
    from tools.registry import ToolContext

_LINK = re.compile(r"\[([^\]]*)\]\(#cell[^)]*\)")


async def asked(assistant: Assistant, industry: str) -> list[dict[str, Any]]:
    """One case a story: right when the answer to its question names what was planted, on every count."""
    stories = book(industry, "stories")["stories"]
    replies = await ask_all(assistant, f"demo-{industry}", [s["why"] for s in stories.values()])
    cases = []
    for (name, story), one in zip(stories.items(), replies, strict=True):
        text = "" if isinstance(one.reply, PlainsayError) else _LINK.sub(r"\1", one.reply.text or "")
        named = all(re.search(wanted, text) for wanted in story["finds"])
        verdict = "right" if text and named else "held back" if not text else "wrong"
        cases.append(
            {"industry": industry, "kind": "why", "name": name, "question": one.text, "verdict": verdict,
             "why": text[:300]}
        )  # fmt: skip
    return cases


def unasked(home: Path, industry: str) -> list[dict[str, Any]]:
    """One case a story that moves a figure: right when a finding that would be told names it."""
    cases = []
    from evals.drivers import demo_context

    with demo_context(home, f"demo-{industry}") as context:
        for name, story in book(industry, "stories")["stories"].items():
            if "look" in story:
                cases.append({"industry": industry, "kind": "unasked", "name": name, **_looked(context, story["look"])})
    return cases


def _looked(context: ToolContext, look: dict[str, Any]) -> dict[str, Any]:
    from tools import registry

    day = datetime.fromisoformat(str(look["day"]))
    there = registry.ToolContext(**{**vars(context), "as_of": day})
    args = {"metrics": look["metrics"], "grain": look.get("grain", "month")}
    try:
        evidence = registry.get("insights").run(there, args)
    except PlainsayError as error:
        return {"verdict": "wrong", "why": error.message}
    main = evidence.main()
    rows = [] if main is None else [r for r, f in zip(main.rows, evidence.facts, strict=False) if f.impact >= TELL]
    named = " ".join(str(cell) for row in rows for cell in (row[0], row[1], row[4]))
    found = re.search(look["finds"], named) is not None
    return {"verdict": "right" if found else "wrong", "why": f"told: {[row[:5] for row in rows][:8]}"}
