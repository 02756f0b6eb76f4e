"""A review told as a short report: how things stand, what moved them, what stands out, what is ahead, what lacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from agent.brain import TellContext
from agent.builtin.scene import Scene
from agent.builtin.tell_explain import explanation
from agent.builtin.tell_insights import highlights
from agent.builtin.wording import came, metric, step
from agent.claims import Ref, Sentence, escape
from agent.factual import plural
from agent.plan import evidence_number
from tools.derive import number
from tools.evidence import Fact
from tools.factbook.weigh import TELL

Paragraph = tuple[Sentence, ...]
DIRECT = "e50"
_OUTLOOK_SENTENCES = 2
_MORE_SENTENCES = 4
_LEAST_MOVE = Decimal("0.01")


@dataclass(frozen=True)
class Tellers:
    """The narrator's own words for one fact, and for a whole finding."""

    fact: Callable[[Scene, Fact], Sentence | None]
    finding: Callable[[Scene], list[Paragraph]]


def review(context: TellContext, tellers: Tellers) -> list[Paragraph]:
    """The paragraphs of the report, the answer first."""
    parts = _Parts([Scene(e, context) for e in context.evidence], tellers)
    paragraphs = parts.summary()
    for heading, told in (
        ("Key figures", parts.figures()),
        (parts.title_of_causes(), parts.causes()),
        ("What stands out", parts.news()),
        ("What is ahead", parts.outlook()),
        ("Also looked at", parts.more()),
    ):
        if told:
            paragraphs += [([f"### {heading}"],), *told]
    missing = _missing(context)
    return [*paragraphs, *([(missing,)] if missing else [])]


class _Parts:
    """The findings of a review by what they say."""

    def __init__(self, scenes: list[Scene], tellers: Tellers) -> None:
        self._scenes = [s for s in scenes if s.evidence.id != DIRECT]
        self._direct = next((s for s in scenes if s.evidence.id == DIRECT), None)
        self._teller, self._finding = tellers.fact, tellers.finding
        queries = [s for s in self._scenes if s.evidence.tool == "query_metrics"]
        self._key = next((s for s in queries if s.evidence.id == "e1"), None)
        self._split = next((s for s in queries if s.evidence.id == "e2"), None)
        others = ("explain_change", "insights", "pacing", "forecast")
        self._base = [self._key, self._split, *(self._of(t) for t in others)]

    def _of(self, tool: str) -> Scene | None:
        return next((s for s in self._scenes if s.evidence.tool == tool), None)

    def _changes(self) -> list[Fact]:
        return [f for f in self._key.evidence.facts if f.kind in ("change", "total")] if self._key else []

    def summary(self) -> list[Paragraph]:
        """The question itself; then the lead figure, which others went the same way, and how much stands out."""
        direct, changes = self._finding(self._direct) if self._direct else [], self._changes()
        if self._key is None or not changes:
            return direct
        first = self._teller(self._key, changes[0])
        told = [s for s in (first, self._ways(changes), self._noticed()) if s is not None]
        return [*direct, *([tuple(told)] if told else [])]

    def _ways(self, changes: list[Fact]) -> Sentence | None:
        """ "Orders and margin rate rose too; average order value fell." """
        assert self._key is not None
        late = any(w.code == "late_data" for s in self._scenes for w in s.evidence.warnings)
        rest = [] if late else [f for f in changes[1:] if _known(self._key, f)]
        same = _way(self._key, changes[0])
        said = []
        for way, verb in ((1, "rose"), (-1, "fell"), (0, "hardly changed")):
            found = [metric(f) for f in rest if _way(self._key, f) == way]
            if found:
                said.append(f"{_listed(found)} {verb}{' too' if way and way == same else ''}")
        if not said:
            return None
        text = "; ".join(said)
        return [f"{text[:1].upper()}{text[1:]}."]

    def _noticed(self) -> Sentence | None:
        scene = self._of("insights")
        unfinished = scene is None or any(w.code == "time_budget" for w in scene.evidence.warnings)
        if scene is None or unfinished or self._worth(scene):
            return None
        return ["Nothing else left its usual course by enough to matter."]

    @staticmethod
    def _worth(scene: Scene) -> bool:
        return any(f.impact >= TELL and f.kind != "all_usual" for f in scene.evidence.facts)

    def figures(self) -> list[Paragraph]:
        """One line a figure."""
        scene = self._key
        if scene is None:
            return []
        return [(_line(scene, f),) for f in self._changes()] if len(self._changes()) > 1 else []

    def causes(self) -> list[Paragraph]:
        """Which groups moved the lead figure, and who gained and lost in the split."""
        scene = self._of("explain_change")
        told = explanation(scene) if scene is not None else []
        movers = [s for f in self._movers() if (s := self._teller(self._split, f)) is not None] if self._split else []
        return [*told, *([tuple(movers)] if movers else [])]

    def title_of_causes(self) -> str:
        """Without anything to compare with, a split says where a figure comes from and not what moved it."""
        moved = any(f.kind in ("gain", "loss") for f in self._movers())
        return "What moved it" if moved or self._of("explain_change") is not None else "Where it comes from"

    def _movers(self) -> list[Fact]:
        facts = self._split.evidence.facts if self._split else []
        found = [f for kind in ("top", "gain", "loss") for f in facts if f.kind == kind]
        return found[:3]

    def news(self) -> list[Paragraph]:
        """What left its usual course, each in a line; nothing where nothing did."""
        scene = self._of("insights")
        if scene is None or not self._worth(scene):
            return []
        return highlights(scene)[1:]

    def outlook(self) -> list[Paragraph]:
        """Where the running period is heading, and the forecast."""
        pacing, forecast = self._of("pacing"), self._of("forecast")
        told: list[Paragraph] = []
        if pacing is not None:
            told += [(said,) for said in [_heading_for(pacing)] if said is not None]
        if forecast is not None:
            said = [s for f in forecast.evidence.facts if (s := self._teller(forecast, f)) is not None]
            told += [tuple(said[:_OUTLOOK_SENTENCES])] if said else []
        return told

    def more(self) -> list[Paragraph]:
        """What a model looked into besides."""
        rest = [s for s in self._scenes if not any(s is known for known in self._base)]
        said = [tuple(s for p in self._finding(scene) for s in p)[:_MORE_SENTENCES] for scene in rest]
        return [p for p in said if p]


def _heading_for(scene: Scene) -> Sentence | None:
    """Where the running period is heading, beside the same period a year before."""
    end = next((f for f in scene.evidence.facts if f.kind == "projection"), None)
    done = next((f for f in scene.evidence.facts if f.kind == "pace"), None)
    if end is None or done is None:
        return None
    values, sign = end.values, scene.sign(end.values["gap"])
    way = "above" if sign > 0 else "below" if sign < 0 else "level with"
    are = "are" if plural(end.metric or done.metric) else "is"
    head: list[str | Ref] = [metric(done, start=True), *scene.for_whom(), f" {are} heading for "]
    head.append(Ref(values["value"], "auto"))
    ranged: list[str | Ref] = [" (", Ref(values["level"]), " range ", Ref(values["low"], "auto"), "–"]
    ranged += [Ref(values["high"], "auto"), f"), {way} the ", Ref(done.values["goal"], "auto"), " of a year before."]
    return [*head, " in ", Ref(done.values["period"]), *ranged]


def _line(scene: Scene, fact: Fact) -> Sentence:
    """ "- Orders: 42,707, up 8.3% from 39,418" """
    values = fact.values
    head: list[str | Ref] = ["- ", metric(fact, start=True), came(scene, fact), Ref(values["value"], "auto")]
    growth, prev = values.get("growth"), values.get("prev")
    if growth is None or prev is None or scene.value(growth) is None:
        return [*head, "."]
    sign = _way(scene, fact)
    if sign == 0:
        return [*head, ", much as before (", Ref(prev, "auto"), ")."]
    return [*head, ", up " if sign > 0 else ", down ", step(scene, fact), " from ", Ref(prev, "auto"), "."]


def _known(scene: Scene, fact: Fact) -> bool:
    growth = fact.values.get("growth")
    return growth is not None and scene.value(growth) is not None


def _way(scene: Scene, fact: Fact) -> int:
    """1 for a rise, -1 for a fall, 0 for a change too small to speak of or unknown."""
    growth = number(scene.value(fact.values.get("growth"))) if _known(scene, fact) else None
    return 0 if growth is None or abs(growth) < _LEAST_MOVE else scene.sign(fact.values["growth"])


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _missing(context: TellContext) -> Sentence | None:
    """The steps whose findings are not there, by their titles."""
    there = {e.id for e in context.evidence}
    steps = enumerate(context.plan.steps.items(), start=1)
    gone = [s.title for at, (key, s) in steps if f"e{evidence_number(key, at)}" not in there and s.title]
    if not gone:
        return None
    quoted = _listed([f"“{escape(t)}”" for t in gone])
    return [f"Left out, for want of data or time: {quoted}."]


def plan_is_review(context: TellContext) -> bool:
    """Whether the answer is to be told as a report."""
    return bool(context.plan.hints.get("deep"))
