"""What is said beside the figures: small talk, yes or no, what a word was read as, which words were not used."""

from __future__ import annotations

import re

from agent.brain import TellContext
from agent.builtin.scene import Scene
from agent.builtin.smalltalk import WORDS
from agent.claims import Sentence, escape
from tools.evidence import Evidence, Fact

_UNSURE = 0.85
_YES_NO = re.compile(r"^(?:so |and |but )?(?:is|are|was|were|did|does|do|has|have)\b(?! there any\b)", re.I)
_UP = re.compile(
    r"\b(?:grow(?:n|ing|s)?|increas\w+|ris(?:e|en|ing)|up|higher|more|better|improv\w+|gain\w*"
    r"|larger|bigger)\b",
    re.I,
)
_DOWN = re.compile(
    r"\b(?:fall(?:en|ing)?|fell|declin\w+|drop\w*|decreas\w+|down|lower|less|fewer|worse\w*"
    r"|shrink\w*|smaller|lost)\b",
    re.I,
)


def small_talk(context: TellContext) -> str | None:
    """The words for a plan that asks no data."""
    return WORDS.get(str(context.plan.hints.get("talk", "")))


def verdict(scene: Scene, fact: Fact) -> str:
    """ "Yes: " or "No: " before the first sentence when the question was whether a figure rose or fell."""
    question = scene.context.question
    wants_up, wants_down = bool(_UP.search(question)), bool(_DOWN.search(question))
    if not _YES_NO.match(question) or wants_up == wants_down:
        return ""
    moved = fact.values.get("growth") or fact.values.get("change") or fact.values.get("step")
    if moved is None or scene.value(moved) is None:
        return ""
    sign = scene.sign(moved)
    return "Yes: " if sign and (sign > 0) == wants_up else "No: "


def reservations(context: TellContext, found: tuple[Evidence, ...]) -> list[Sentence]:
    """How an unsure reading was settled, and the words that found no use."""
    sentences: list[Sentence] = []
    if context.plan.confidence < _UNSURE:
        read = [a for a in context.plan.assumptions if a.key in ("metric", "reading") and a.display]
        read = [a for a in read if _differs(a.label, a.display)]
        sentences += [[f"{escape(a.label)} {escape(a.display.lower())}."] for a in read[:2]]
    if context.plan.hints.get("view") == "sql" and found:
        sentences.append(["The SQL behind this stands under “How I got this”."])
    unused = [str(w) for w in context.plan.hints.get("unused", ())]
    if unused and found:
        quoted = ", ".join(f"“{escape(w)}”" for w in unused[:4])
        sentences.append([f"I did not use {quoted}."])
    return sentences


def _differs(label: str, display: str) -> bool:
    said = label.split("“", 1)[-1].split("”", 1)[0]
    return said.casefold() != display.casefold() and label.endswith("read as")
