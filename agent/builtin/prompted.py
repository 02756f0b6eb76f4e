"""Next questions that old hands of the trade would ask: from the playbooks and templates of the installed packs."""

from __future__ import annotations

from collections.abc import Iterator

from agent.answer import Suggestion
from agent.brain import TellContext
from agent.builtin.bench import Bench
from agent.plan import Plan
from knowledge.packs.parts import Role
from tools.binding.known import Prompted
from tools.evidence import Evidence

_EACH = 3


def from_playbook(evidence: Evidence, bench: Bench) -> Iterator[Suggestion]:
    """What the playbooks of the figure that was asked about would look at next."""
    metric = _metric(evidence)
    if metric and bench.context.known is not None:
        for _, prompts in bench.context.known.playbooks(metric):
            yield from _answerable(prompts[:_EACH], bench)


def from_packs(context: TellContext, bench: Bench) -> Iterator[Suggestion]:
    """The playbooks of what was asked, then what people of the trade ask; a viewer is taken for a manager."""
    known = bench.context.known
    if known is None or not known.packs:
        return
    for evidence in context.evidence:
        yield from from_playbook(evidence, bench)
    role: Role = "analyst" if bench.context.principal.role == "analyst" else "manager"
    yield from _answerable(known.questions(role), bench)


def _answerable(prompts: Iterator[Prompted] | tuple[Prompted, ...], bench: Bench) -> Iterator[Suggestion]:
    for one in prompts:
        if isinstance(bench.plan(one.question), Plan):
            yield Suggestion(question=one.question, why=one.why)


def _metric(evidence: Evidence) -> str | None:
    """The figure that a finding is about."""
    query = evidence.args.get("query") or {}
    asked = [m.get("metric") if isinstance(m, dict) else m for m in query.get("metrics", ())]
    found = evidence.args.get("metric") or (asked[0] if asked else None)
    return str(found) if found else None
