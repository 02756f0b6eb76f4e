"""The registry of suites behind `plainsay evals run`: a name, a sentence, and where its function lives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from evals import scoreboard
from evals.result import Figure, Section, SuiteResult
from store import settings
from store.errors import unknown

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Suite:
    """`call` is "module:function"; it returns a `SuiteResult`, or plain figures by name.

    A suite on outside data takes its folder (the setting `data`), the others take nothing.
    """

    name: str
    section: Section
    summary: str
    call: str
    on_data: bool = False


_SUITES = {
    s.name: s
    for s in (
        Suite("bench", "speed", "Speed on the full demo: turns, engine, start-up, a cold file.", "evals.bench.run:run"),
        Suite("compile", "speed", "Writing the SQL on models of 30 and 200 tables.", "evals.bench.compiling:run"),
        Suite("planning", "speed", "Reading questions on models of 30 and 200 tables.", "evals.bench.planning:run"),
        Suite("gate", "speed", "Gate and worker beside bare DuckDB at 1 M and 50 M rows.", "evals.bench.gate:run"),
        Suite("wires", "speed", "First event and events a second over every wire.", "evals.bench.wires:run"),
        Suite("skills", "speed", "Every skill's time on 1 M rows, and five wordings of each.", "evals.skills:run"),
        Suite("knowledge", "quality", "Passages that answer a question, beside TF-IDF.", "evals.knowledge_search:run"),
        Suite("benchmarks", "safety", "Benchmarks that answers tell, beside their passages.", "evals.supported:run"),
        Suite("binding", "quality", "Packs on renamed and thinned-out tables.", "evals.binding:run"),
        Suite("demo", "accuracy", "Questions on the demo against hand-written SQL.", "evals.demo:run"),
        Suite(
            "industries",
            "accuracy",
            "Plain questions and hidden stories of four industries.",
            "evals.industries.run:run",
        ),
        Suite("dialogues", "accuracy", "Conversations, unanswerable questions, paraphrases.", "evals.dialogues:run"),
        Suite("nlq", "accuracy", "Business questions on outside databases against gold.", "evals.nlq:run", True),
        Suite(
            "nlq-wide",
            "accuracy",
            "All outside databases, and what is declined rightly or not.",
            "evals.nlq_wide:run",
            True,
        ),
        Suite("spider", "accuracy", "General questions on six outside schemas.", "evals.nlq_schemas:run", True),
        Suite("acme", "accuracy", "Insurance questions over a given semantic model.", "evals.nlq_wide:run_acme", True),
        Suite(
            "inference", "quality", "Models of outside databases, worked out from tables.", "evals.inference:run", True
        ),
        Suite("integrity", "quality", "Seeded faults are said or refused; false alarms.", "evals.integrity:run"),
        Suite("engines", "quality", "The compiler's cases executed on every engine.", "evals.engines:run"),
        Suite("oracles", "quality", "Figures beside two other semantic layers, by reason.", "evals.oracles:run"),
        Suite("forecast", "accuracy", "Forecasts beside seasonal naive and Prophet.", "evals.forecast:run", True),
        Suite("anomalies", "accuracy", "Planted oddities beside a z-score.", "evals.anomalies:run", True),
        Suite("drivers", "accuracy", "Planted causes of a change are found, and quickly.", "evals.drivers:run", True),
        Suite("insights", "quality", "Shuffled data stay silent, planted stories are told.", "evals.insights:run"),
        Suite("customers", "accuracy", "Segments, lifetime value, churn.", "evals.customers:run", True),
        Suite("oracle", "accuracy", "What tools express when a perfect model plans.", "evals.llm.oracle:run", True),
        Suite("model", "accuracy", "Business questions with the model you set up.", "evals.llm.oracle:run_real", True),
        Suite("liar", "safety", "A model that lies: nothing false reaches the text.", "evals.llm.liar:run"),
        Suite("faults", "safety", "A model that fails in every way, on the chat route.", "evals.llm.faults:run"),
        Suite(
            "fault-wires",
            "safety",
            "Every model fault through every wire, cut at every event.",
            "evals.llm.fault_wires:run",
        ),
        Suite("injection", "safety", "Hostile words in data, and a hostile model.", "evals.llm.injection:run", True),
        Suite("cache", "safety", "No question is taken for another; how many need no model.", "evals.llm.cache:run"),
        Suite("retrieval", "quality", "Tables a question means, by words and by meaning.", "evals.llm.retrieval:run"),
        Suite("model-bench", "speed", "What a model call costs beside the model.", "evals.llm.model_bench:run"),
        Suite("retention", "accuracy", "Cohorts, stays and funnels against SQL.", "evals.retention:run", True),
        Suite("links", "accuracy", "What moves together, and exact suppositions.", "evals.links:run", True),
        Suite(
            "manifests",
            "quality",
            "Connectors beside vendors' specifications.",
            "evals.connectors.suite:manifests",
            True,
        ),
        Suite(
            "connectors", "quality", "Loads from mocks, and killed loads.", "evals.connectors.suite:connectors", True
        ),
        Suite("events", "speed", "Events over HTTP: how many, how soon on disk, memory.", "evals.events.suite:run"),
        Suite("files", "speed", "CSV, NDJSON, Parquet beside bare DuckDB; bombs refused.", "evals.bench.files:run"),
        Suite("api-load", "speed", "Rows from an API beside the bare library.", "evals.bench.api_loads:run"),
        Suite("kills", "safety", "Events taken by processes that are killed.", "evals.events.suite:kills"),
        Suite("across", "accuracy", "Plain questions over twelve vendors at once.", "evals.connectors.across:run"),
        Suite("sources", "quality", "Every source, played with faults.", "evals.connectors.suite:sources"),
        Suite("page", "quality", "Weight, readiness, findings and memory of the page.", "evals.page:run"),
        Suite("api-fuzz", "safety", "Requests made up from the API's description.", "evals.api_fuzz:run"),
        Suite("pushes", "quality", "What is told unasked, rehearsed and live, for 1,000.", "evals.pushes:run"),
        Suite("push-stories", "quality", "Alerts on a planted and on a quiet year.", "evals.pushes:run_stories"),
        Suite("push-kills", "safety", "Digests and alerts killed, clocks changed.", "evals.pushes:run_kills"),
        Suite("slack", "safety", "Slack events forged, doubled, killed; who reads what.", "evals.slack_door:run"),
        Suite("processes", "safety", "A process killed under 50 readers on Postgres.", "evals.processes:run"),
        Suite("starvation", "safety", "How much one heavy person slows others.", "evals.starvation:run"),
        Suite("runaway", "safety", "When runaway queries end, and what another waits.", "evals.runaway:run", True),
        Suite("install", "quality", "A new admin follows the docs to the first answer.", "evals.install:run"),
        Suite("load", "speed", "Many people asking at once, idle streams, cheap routes.", "evals.load:run"),
        Suite("ingestion", "quality", "Outside files load or say why not.", "evals.ingestion_corpora:run", True),
    )
}


def listed() -> Iterator[tuple[str, str]]:
    """Names and summaries."""
    return ((s.name, s.summary) for s in _SUITES.values())


def run(name: str) -> dict[str, Any]:
    """Run suite `name`, keep its result under evals/results, write the scoreboard, return the result.

    Raises `UnknownName`.
    """
    if name not in _SUITES:
        raise unknown("suite", name, _SUITES)
    suite = _SUITES[name]
    module, function = suite.call.split(":")
    call = getattr(import_module(module), function)
    result = _shaped(suite, call(settings.get("data")) if suite.on_data else call())
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(result, indent=1, ensure_ascii=False, default=str)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    scoreboard.write()
    return result


def _shaped(suite: Suite, measured: SuiteResult | dict[str, Any]) -> dict[str, Any]:
    """Plain figures by name become a result; lists and texts go along as its one case."""
    if isinstance(measured, SuiteResult):
        return measured.to_dict()
    plain = {k: v for k, v in measured.items() if isinstance(v, (int, float))}
    rest = {k: v for k, v in measured.items() if k not in plain}
    figures = [Figure(k.replace("_", " "), float(v), "") for k, v in plain.items()]
    return SuiteResult(suite.name, suite.section, figures, [rest] if rest else []).to_dict()


def render(result: dict[str, Any]) -> str:
    """The figures as lines, then the cases that went wrong."""
    lines = [f"{result['suite']}: {result['section']}, commit {result['commit']}, {result['machine']}", ""]
    lines += [line_of(f) for f in result["figures"]]
    wrong = [c for c in result["cases"] if c.get("verdict") == "wrong"]
    lines += (
        ["", *(f"WRONG  {c.get('question', c.get('name', ''))}  {c.get('why', '')}" for c in wrong)] if wrong else []
    )
    return "\n".join(lines)


def line_of(figure: dict[str, Any]) -> str:
    """One figure as text: name, value, target and whether it is reached."""
    shown = f"{figure['name']:44} {figure['value']:>12,.4g} {figure['unit']:6}"
    if figure["target"] is None:
        return shown.rstrip()
    sign = "≤" if figure["better"] == "less" else "≥"
    return f"{shown} target {sign} {figure['target']:g} {figure['unit']}  {'ok' if figure['ok'] else 'MISSED'}"
