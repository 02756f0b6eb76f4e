"""The few findings worth telling unasked, as text with receipts and a question that goes on from each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from agent import claims
from agent.brain import PlanContext
from agent.builtin.planner import plan
from agent.builtin.tell_insights import question_about
from agent.factual import told
from agent.plan import Plan
from tools.evidence import Evidence, Fact
from tools.factbook.kind import Length
from tools.factbook.weigh import TELL


@dataclass(frozen=True)
class Item:
    """One finding: a headline and a sentence in plain text, the claims behind it, a good next question."""

    identity: str
    kind: str
    tone: str
    direction: str
    impact: float
    headline: str
    text: str
    claims: list[dict[str, Any]]
    question: str

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def briefing(evidence: Evidence, context: PlanContext, *, most: int) -> list[Item]:
    """The weightiest findings above the threshold for telling; each question is one that `context` can answer."""
    worth = [f for f in evidence.facts if f.impact >= TELL and f.kind != "all_usual"]
    return [_item(f, evidence, context) for f in worth[:most]]


def _item(fact: Fact, evidence: Evidence, context: PlanContext) -> Item:
    sentence = _written(fact, evidence, "normal")
    short = _written(fact, evidence, "short")
    return Item(
        fact.identity, fact.kind, fact.attributes.get("tone", "neutral"),
        fact.attributes.get("direction", ""), fact.impact, _plain(short.text),
        _plain(sentence.text), [c.model_dump(mode="json") for c in sentence.claims], _question(fact, evidence, context),
    )  # fmt: skip


def _written(fact: Fact, evidence: Evidence, length: Length) -> claims.Rendered:
    return claims.render(claims.Draft(((told(fact, evidence.tables, length),),)), evidence.tables)


def _plain(text: str) -> str:
    return claims.LINK.sub(r"\1", text).replace("\\", "")


def _question(fact: Fact, evidence: Evidence, context: PlanContext) -> str:
    """The question that goes on from a finding, or the one that leads back to all of them."""
    question = question_about(fact, evidence)
    return question if isinstance(plan(context.asking(question)), Plan) else "What should I know?"
