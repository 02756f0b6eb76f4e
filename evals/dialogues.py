"""The dialogue suite: conversations, questions without an answer, paraphrases; judged by what they are read as."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from agent.brain import PastTurn, PlanContext
from agent.builtin.brain import BuiltinBrain
from agent.check import CheckContext, confidence, inspect
from agent.plan import Clarify, Decision, Decline, Plan
from agent.reply import choice, first_plan
from agent.state import first_rows
from agent.view import WorkspaceView, WorkspaceViews
from evals.place import AS_OF, LAST_DAY, WORKSPACE
from evals.reading import fits, reading_of, status_of
from evals.result import Figure, SuiteResult
from store.errors import PlainsayError
from store.principal import LOCAL_OWNER
from tools import registry
from tools.evidence import Evidence
from tools.registry import ToolContext
from warehouse.engines.base import Engine
from warehouse.workspace import named

_BINS = 10
Case = dict[str, Any]


@dataclass
class Talker:
    """One conversation with the built-in brain over a view; remembers turns as the graph does."""

    view: WorkspaceView
    engine: Engine
    history: list[PastTurn] = field(default_factory=list)
    open_question: tuple[Clarify, str] | None = None

    def say(self, text: str) -> tuple[Decision, float | None, bool]:
        """The decision on a turn, how sure it is, and whether it found nothing."""
        decision, self.open_question = self._decide(text), None
        evidence: Evidence | None = None
        if isinstance(decision, Clarify):
            self.open_question = (decision, text)
            return decision, None, False
        if isinstance(decision, Plan) and decision.steps:
            try:
                evidence = self._run(decision)
            except PlainsayError as error:
                decision = Decline(reason=error.message, code=error.code)
        empty = evidence is not None and any(f.kind == "empty" for f in evidence.facts)
        plan = decision if isinstance(decision, Plan) else None
        rows = tuple(first_rows(evidence.main())) if evidence else ()
        self.history.append(PastTurn(text, "answered" if plan else "declined", plan, rows))
        sure = confidence(plan.confidence, [evidence] if evidence else []) if plan else None
        return decision, sure, empty

    def _decide(self, text: str) -> Decision:
        brain = BuiltinBrain()
        if self.open_question is None:
            return brain.plan(self._context(text))
        asked, before = self.open_question
        contexts = [self._context(text), self._context(f"{before} {text}")]
        return choice(asked, {"other": text}) or first_plan(brain, contexts, asked)

    def _context(self, text: str) -> PlanContext:
        view = self.view
        return PlanContext(
            text, view.model, view.profile, view.values, LOCAL_OWNER, AS_OF, True, history=tuple(self.history)
        )

    def _run(self, plan: Plan) -> Evidence:
        view, step = self.view, next(iter(plan.steps.values()))
        context = ToolContext(
            workspace=view.workspace, principal=LOCAL_OWNER, model=view.model, profile=view.profile,
            engine=self.engine, snapshot=view.snapshot, as_of=AS_OF,
        )  # fmt: skip
        return inspect(registry.get(step.tool).run(context, step.args), CheckContext(view.model, view.profile, AS_OF))


def run() -> SuiteResult:
    """Hold every conversation, ask every question, and score what each was read as."""
    with _stage() as talkers:
        cases = [*_dialogues(talkers), *_unanswerable(talkers), *_paraphrases(talkers)]
    return SuiteResult("dialogues", "accuracy", figures(cases), cases)


def book(name: str) -> dict[str, Any]:
    """One of the question books: dialogues, unanswerable, paraphrases."""
    found: dict[str, Any] = yaml.safe_load(resources.files("evals").joinpath(f"{name}.yaml").read_text("utf-8"))
    return found


class _Stage:
    """Fresh talkers over the demo and the small data sets of the book."""

    def __init__(self, home: Path, engine: Engine) -> None:
        self._views, self._engine = WorkspaceViews(home), engine

    def talker(self, workspace: str) -> Talker:
        return Talker(self._views.get(workspace), self._engine)


@contextmanager
def _stage() -> Iterator[_Stage]:
    from ingestion.demo import build_demo
    from ingestion.pipeline import ingest
    from warehouse.engines.duckdb import DuckDBEngine

    with (
        tempfile.TemporaryDirectory(prefix="plainsay-dialogues-") as folder,
        closing(DuckDBEngine(workers=1)) as engine,
    ):
        home = Path(folder)
        build_demo("retail", named(WORKSPACE, home), last_day=LAST_DAY)
        for name, files in book("dialogues")["data"].items():
            paths = []
            for file, text in files.items():
                path = home / "files" / name / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
                paths.append(path)
            ingest(named(name, home), paths)
        yield _Stage(home, engine)


def _dialogues(stage: _Stage) -> Iterator[Case]:
    for number, written in enumerate(book("dialogues")["dialogues"], start=1):
        turns = written if isinstance(written, list) else written["turns"]
        workspace = WORKSPACE if isinstance(written, list) else written["about"]
        talker = stage.talker(workspace)
        for position, (text, wanted) in enumerate(turns):
            decision, sure, empty = talker.say(text)
            case = _judged(text, decision, wanted, talker, sure)
            yield {
                **case,
                "part": "dialogues",
                "kind": "opening" if position == 0 else "reply",
                "dialogue": number,
                "empty": empty,
            }


def _unanswerable(stage: _Stage) -> Iterator[Case]:
    for kind, group in book("unanswerable")["questions"].items():
        for text in group["say"].strip().splitlines():
            talker = stage.talker(WORKSPACE)
            decision, sure, empty = talker.say(text)
            case = _judged(text, decision, group["ok"], talker, sure)
            if empty and "declined" in group["ok"]:
                case["verdict"] = "right"
            yield {**case, "part": "unanswerable", "kind": kind}


def _paraphrases(stage: _Stage) -> Iterator[Case]:
    for number, group in enumerate(book("paraphrases")["groups"], start=1):
        wanted = [group["is"], *group.get("alternatives", [])]
        for text in group["say"].strip().splitlines():
            talker = stage.talker(WORKSPACE)
            decision, sure, _ = talker.say(text)
            yield {
                **_judged(text, decision, wanted, talker, sure),
                "part": "paraphrases",
                "kind": "paraphrase",
                "group": number,
            }


def _judged(text: str, decision: Decision, wanted: Any, talker: Talker, sure: float | None) -> Case:
    """right; declined when an answer was held back; wrong for any other reading."""
    status = status_of(decision)
    right = fits(decision, wanted, talker.view.model, AS_OF)
    held = status in ("declined", "clarify")
    case: Case = {"question": text, "status": status, "verdict": "right" if right else "held back" if held else "wrong"}
    read = reading_of(decision, talker.view.model, AS_OF) if isinstance(decision, Plan) else None
    case["read"] = _plain(read.__dict__) if read else getattr(decision, "code", "")
    if not right:
        case["why"] = f"expected {wanted}, read {case['read']}"
    if sure is not None and read is not None:
        case["confidence"] = sure
    return case


def _plain(parts: dict[str, Any]) -> str:
    """A reading as one line of text, empty parts left out."""
    shown = {k: sorted(map(str, v)) if isinstance(v, frozenset) else v for k, v in parts.items() if v and v != ("", "")}
    if "figures" in shown:
        shown["figures"] = [min(names) for names in shown["figures"]]
    return str(shown)


def figures(cases: list[Case]) -> list[Figure]:
    """Right, wrong and held back per part, agreement of paraphrases and calibration error."""
    made: list[Figure] = []
    targets = {"dialogues": 85.0, "unanswerable": 90.0, "paraphrases": None}
    for part, target in targets.items():
        of = [c for c in cases if c["part"] == part]
        counts = Counter(c["verdict"] for c in of)
        made.append(Figure(f"{part}: turns", len(of), ""))
        made.append(Figure(f"{part}: right", _percent(counts["right"], len(of)), "%", target, "more"))
        made.append(Figure(f"{part}: wrong", _percent(counts["wrong"], len(of)), "%"))
        made.append(Figure(f"{part}: held back", _percent(counts["held back"], len(of)), "%"))
    whole = _whole_dialogues(cases)
    made.append(Figure("dialogues: all turns right", _percent(sum(whole), len(whole)), "%"))
    made.append(Figure("paraphrases: agreement", 100 * agreement(cases), "%", 90, "more"))
    made.append(Figure("calibration error", calibration_error(cases), "", 0.10))
    for kind in sorted({c["kind"] for c in cases if c["part"] == "unanswerable"}):
        of = [c for c in cases if c["kind"] == kind]
        made.append(Figure(f"{kind}: right", _percent(sum(c["verdict"] == "right" for c in of), len(of)), "%"))
    return made


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


def _whole_dialogues(cases: list[Case]) -> list[bool]:
    numbers = sorted({c["dialogue"] for c in cases if "dialogue" in c})
    return [all(c["verdict"] == "right" for c in cases if c.get("dialogue") == n) for n in numbers]


def agreement(cases: list[Case]) -> float:
    """The share of paraphrases that are read as most of their group are; a question held back agrees with nobody."""
    agreeing = total = 0
    for number in {c["group"] for c in cases if "group" in c}:
        of = [c for c in cases if c.get("group") == number]
        answered = Counter(c["read"] for c in of if c["status"] == "answered")
        agreeing += answered.most_common(1)[0][1] if answered else 0
        total += len(of)
    return agreeing / total if total else 0.0


def calibration_error(cases: list[Case]) -> float:
    """Expected calibration error over answered turns: confidence against the share that is right, in ten bins."""
    sure = [(float(c["confidence"]), c["verdict"] == "right") for c in cases if "confidence" in c]
    error = 0.0
    for edge in range(_BINS):
        of = [(p, ok) for p, ok in sure if min(int(p * _BINS), _BINS - 1) == edge]
        if of:
            gap = abs(sum(p for p, _ in of) / len(of) - sum(ok for _, ok in of) / len(of))
            error += gap * len(of) / len(sure)
    return error
