"""The suite of all model faults through all wires: each turn ends in time, says so, and reads the same after a cut."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from evals.fakes.model_server import ModelServer, Script
from evals.llm import doors
from evals.llm.doors import DOORS, Door, Told
from evals.llm.faults import GRACE, SECONDS, healthy, house, scripts
from evals.place import demo_home
from evals.result import Figure, SuiteResult, percentile

KNOWN = "What was net revenue last month?"
_MOST_CUTS = 60
_AT_ONCE = 4
_LATE = SECONDS + GRACE
_DAYS = itertools.count(20)
Case = dict[str, Any]


def run(scale: float = 0.02) -> SuiteResult:
    """Every fault mode through every wire, then transcripts cut at every event."""
    with demo_home(scale) as home:
        cases = list(_all(home, scripts()))
    return SuiteResult("fault-wires", "safety", figures(cases), [c for c in cases if c["verdict"] != "right"])


def sample(home: Path, modes: Sequence[str]) -> list[Case]:
    """A few modes through every wire, for tests."""
    every = scripts()
    return list(_all(home, {m: every[m] for m in modes}, cuts=3))


def _all(home: Path, modes: dict[str, Script], cuts: int = _MOST_CUTS) -> Iterator[Case]:
    with ModelServer(healthy) as model, house(home, model.url) as base:
        doors.ask(base, DOORS[0], KNOWN)
        for mode, script in modes.items():
            yield from _mode(base, model, mode, script)
        model.script = healthy
        for door in DOORS:
            if door.resume is not None:
                yield from _cut(base, door, cuts)


def _mode(base: str, model: ModelServer, mode: str, script: Script) -> Iterator[Case]:
    """All wires under one fault, a few at a time, each with a question of its own."""
    _recover(base, model)
    model.script = script
    before = len(model.asked)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        telling = mode.endswith("while telling")
        made = [(d, pool.submit(doors.ask, base, d, KNOWN if telling else _fresh())) for d in DOORS]
        got = [(door, future.result()) for door, future in made]
    reached = len(model.asked) > before
    for door, told in got:
        yield {**_case(base, door, told), "mode": mode, "reached": reached}


def _fresh() -> str:
    """A question that the built-in brain knows and that no plan is remembered for."""
    return f"What was net revenue in the last {next(_DAYS)} days?"


def _recover(base: str, model: ModelServer) -> None:
    """A healthy turn, so that one fault does not answer for the next."""
    model.script = healthy
    for _ in range(40):
        told = doors.ask(base, DOORS[0], f"Frobnicate the quux {uuid.uuid4().hex}")
        if doors.answer_of(base, told.run).get("receipt", {}).get("brain") == "llm":
            return
        time.sleep(0.05)


def _case(base: str, door: Door, told: Told) -> Case:
    answer = doors.answer_of(base, told.run) if told.run else {}
    by_model = answer.get("receipt", {}).get("brain") == "llm" or '"brain":"llm"' in told.text
    marked = told.marked or by_model
    right = told.end in ("ok", "error") and told.seconds <= _LATE and marked
    return {
        "part": "fault", "wire": door.name, "question": door.name, "verdict": "right" if right else "wrong",
        "end": told.end, "seconds": told.seconds, "marked": marked, "status": answer.get("status", ""),
        "why": "" if right else told.text[-300:],
    }  # fmt: skip


def _cut(base: str, door: Door, most: int) -> Iterator[Case]:
    """A run left after each of its events and read on: what came before and after is the whole, nothing twice."""
    whole = doors.ask(base, door, KNOWN)
    count = len(whole.events)
    for after in range(1, min(count, most)):
        live = doors.ask(base, door, KNOWN, most=after)
        rest = doors.again(base, door, live, after)
        stored = doors.again(base, door, live, 0)
        seen = rest.events if door.name == "AI SDK" else [*live.events, *rest.events]
        same = seen == stored.events and stored.end == "ok"
        if door.name == "AI SDK":
            same = rest.end == "ok" and rest.events[:after] == live.events[:after]
        yield {
            "part": "cut", "wire": door.name, "question": f"{door.name}, cut after {after} of {count}",
            "verdict": "right" if same else "wrong", "seconds": rest.seconds, "end": rest.end, "marked": True,
            "why": "" if same else f"{len(live.events)} + {len(rest.events)} beside {len(stored.events)}",
        }  # fmt: skip


def figures(cases: list[Case]) -> list[Figure]:
    """What went wrong, by kind."""
    faulty = [c for c in cases if c["part"] == "fault"]
    cut = [c for c in cases if c["part"] == "cut"]
    return [
        Figure("fault modes", len({c["mode"] for c in faulty}), ""),
        Figure("wires", len({c["wire"] for c in faulty}), "", len(DOORS), "more"),
        Figure("turns", len(faulty), ""),
        Figure("turns that hung or were late", sum(c["seconds"] > _LATE for c in faulty), "", 0),
        Figure("turns without an end", sum(not c["end"] for c in faulty), "", 0),
        Figure("turns that do not say so", sum(not c["marked"] for c in faulty), "", 0),
        Figure("answered", sum(c["end"] == "ok" for c in faulty), ""),
        Figure("clear errors", sum(c["end"] == "error" for c in faulty), ""),
        Figure("modes that never reached the model", len({c["mode"] for c in faulty if not c["reached"]}), "", 0),
        Figure("cuts", len(cut), "", 40, "more"),
        Figure("transcripts that differ after a cut", sum(c["verdict"] != "right" for c in cut), "", 0),
        Figure("slowest turn", max((c["seconds"] for c in faulty), default=0.0), "s", _LATE),
        Figure("turn p50", percentile([c["seconds"] for c in faulty], 0.5), "s"),
    ]  # fmt: skip
