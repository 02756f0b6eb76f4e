"""What stands out, told: how many things, then each in a sentence of its own; or that there is nothing."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from agent.builtin.scene import Scene
from agent.claims import Ref, Sentence
from agent.factual import figure_name, told
from tools.evidence import Evidence, Fact
from tools.factbook.weigh import TELL
from tools.params import param_ref

MOST = 5
_WEEK = re.compile(r"in the week of ([A-Z][a-z]{2} \d{1,2}, \d{4})")
_COUNTS = ("Nothing", "One thing", "Two things", "Three things", "Four things", "Five things")


def highlights(scene: Scene) -> list[tuple[Sentence, ...]]:
    """A first sentence with the number of findings, then one paragraph a finding."""
    facts = scene.evidence.facts
    worth = [f for f in facts if f.impact >= TELL and f.kind != "all_usual"][:MOST]
    if not worth:
        return _quiet(scene, [f for f in facts if f.kind != "all_usual"])
    verb = " stands out" if len(worth) == 1 else " stand out"
    head: list[str | Ref] = [f"{_COUNTS[len(worth)]}{verb}", *scene.for_whom(), *_period(scene), ":"]
    items = [(["- ", *told(f, scene.evidence.tables, "long")], *_also(f)) for f in worth]
    return [(head,), *items]


def _period(scene: Scene) -> list[str | Ref]:
    ref = param_ref(scene.params, "period") if scene.params else None
    return [" ", Ref(ref)] if ref else []


def _also(fact: Fact) -> tuple[Sentence, ...]:
    names = [n for n in fact.attributes.get("also", "").split(" and ") if n]
    if not names or fact.kind not in ("moved", "stands_out"):
        return ()
    return ([f"The same goes for {' and '.join(figure_name(n) for n in names)}."],)


def _quiet(scene: Scene, faint: list[Fact]) -> list[tuple[Sentence, ...]]:
    """Nothing left its usual course by enough; the largest move is named beside it."""
    tested = param_ref(scene.params, "tested") if scene.params else None
    head: list[str | Ref] = ["Nothing stands out", *scene.for_whom(), *_period(scene)]
    if tested is not None:
        head += [": of ", Ref(tested), " comparisons none went beyond its usual ups and downs by enough to matter"]
    first: Sentence = [*head, "."]
    if not faint:
        return [(first,)]
    return [(first,), (["The largest move was a small one. ", *told(faint[0], scene.evidence.tables, "normal")],)]


def questions_after(evidence: Evidence) -> list[str]:
    """A question that goes on from each finding that was told."""
    worth = [f for f in evidence.facts if f.impact >= TELL and f.kind != "all_usual"]
    return [question_about(f, evidence) for f in worth[:MOST]]


def question_about(fact: Fact, evidence: Evidence) -> str:
    """A question that goes on from a finding, in words the planner reads."""
    tables = {t.id: t for t in evidence.tables}
    cells = {n: tables[r.table].value(r.row, r.column) for n, r in fact.values.items() if n in ("name", "period")}
    figure = figure_name(fact.metric)
    name, period = (_askable(str(cells.get(n) or "")) for n in ("name", "period"))
    if fact.kind == "share_shift":
        return f"{fact.metric} by {fact.attributes.get('dimension', '').lower()} and month"
    if fact.kind in ("moved", "stands_out"):
        verb = "rise" if fact.attributes.get("direction") == "up" else "fall"
        whom = f" for {name}" if name and fact.kind == "stands_out" else ""
        return f"Why did {figure}{whom} {verb} {period}?"
    if fact.kind == "odd_day":
        return f"{fact.metric} {period} by day"
    return f"{fact.metric} for {name} by month" if name else f"{fact.metric} by month"


def _askable(period: str) -> str:
    """A week by its first and last day, which questions can say; everything else as it is."""
    found = _WEEK.fullmatch(period)
    if found is None:
        return period
    first = datetime.strptime(found[1], "%b %d, %Y")
    last = first + timedelta(days=6)
    year = f", {first.year}" if first.year != last.year else ""
    return f"from {first:%b} {first.day}{year} to {last:%b} {last.day}, {last.year}"
