"""The cache suite: how many questions need no model, and whether two different ones are ever taken for the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from agent.brain import PlanContext
from agent.builtin.brain import BuiltinBrain
from agent.llm.brain import settled
from agent.llm.canon import canonical
from agent.view import WorkspaceViews
from evals.dialogues import book
from evals.place import AS_OF, WORKSPACE, demo_home
from evals.result import Figure, SuiteResult
from store.principal import LOCAL_OWNER

if TYPE_CHECKING:
    from agent.view import WorkspaceView

_SWAPS = (
    ("last", "this"), ("2025", "2026"), ("october", "november"), ("channel", "country"), ("net", "gross"),
    ("top", "bottom"), ("5", "6"), ("highest", "lowest"), ("by", "without"), ("revenue", "returns"), ("in", "before"),
    ("month", "quarter"), ("from", "to"), ("and", "or"), ("average", "median"), ("more", "less"),
)  # fmt: skip
_POLITE = ("please {}", "Could you show me {}?", "Hi, can you tell me {} please", "  {} !", "{}, please?")


def run(scale: float = 0.02) -> SuiteResult:
    """The paraphrase book on the demo, one word swapped at a time, and each question with greetings around it."""
    with demo_home(scale) as home:
        view = _view(home)
    groups = [[q for q in g["say"].splitlines() if q.strip()] for g in book("paraphrases")["groups"]]
    forms = [[canonical(q, view.model) for q in group] for group in groups]
    mixed = [
        (a, b) for one, other in combinations(range(len(groups)), 2)
        for a, fa in zip(groups[one], forms[one], strict=True)
        for b, fb in zip(groups[other], forms[other], strict=True) if fa == fb
    ]  # fmt: skip
    questions = [q for group in groups for q in group]
    swapped = list(_swapped(questions, view))
    greeted = [canonical(p.format(q), view.model) == canonical(q, view.model) for q in questions for p in _POLITE]
    brain = BuiltinBrain()
    alone = [settled(brain.plan(_context(q, view))) for q in questions]
    saved = sum(len(group) - len(set(group)) for group in forms)
    wrong = [{"verdict": "wrong", "question": a, "why": f"taken for: {b}"} for a, b in [*mixed, *swapped]]
    return SuiteResult("cache", "safety", [
        Figure("questions", len(questions), ""),
        Figure("planned without a model", 100 * sum(alone) / len(alone), "%"),
        Figure("pairs of different meaning compared", _pairs(groups), ""),
        Figure("different questions taken for the same", len(mixed), "", 0),
        Figure("one word swapped, taken for the same", len(swapped), "", 0),
        Figure("with greetings, taken for the same", 100 * sum(greeted) / len(greeted), "%", 95, "more"),
        Figure("paraphrases that need no second plan", 100 * saved / len(questions), "%"),
    ], wrong)  # fmt: skip


def _pairs(groups: list[list[str]]) -> int:
    return sum(len(a) * len(b) for a, b in combinations(groups, 2))


def _swapped(questions: list[str], view: WorkspaceView) -> Iterator[tuple[str, str]]:
    """Questions that keep their form although a word of theirs became another."""
    for question in questions:
        words = question.split()
        for at, word in enumerate(words):
            other = {a: b for pair in _SWAPS for a, b in (pair, pair[::-1])}.get(word.casefold())
            if other is None:
                continue
            changed = " ".join([*words[:at], other, *words[at + 1 :]])
            if canonical(changed, view.model) == canonical(question, view.model):
                yield question, changed


def _view(home: Path) -> WorkspaceView:
    return WorkspaceViews(home).get(WORKSPACE)


def _context(question: str, view: WorkspaceView) -> PlanContext:
    return PlanContext(question, view.model, view.profile, view.values, LOCAL_OWNER, AS_OF, True)
