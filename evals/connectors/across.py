"""One business on twelve vendors, loaded over HTTP and asked in English, beside SQL over what the vendors sent."""

from __future__ import annotations

import asyncio
import json
import os
import random
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from evals.connectors import mixed, playing
from evals.connectors.played import Sent
from evals.connectors.player import Player
from evals.demo import judge
from evals.fakes.replay import Replay, serving
from evals.result import Figure, SuiteResult
from ingestion.canonical import rates
from ingestion.connectors import catalog, connections, sync
from ingestion.connectors.connections import Connection
from store.errors import PlainsayError
from warehouse.lake import Lake
from warehouse.workspace import Workspace, named

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

WORKSPACE = "mixed"
RATES = {"USD": "1.25", "JPY": "160", "NGN": "1600"}
_BOOK = Path(__file__).with_name("across.yaml")
_FAULTS = ("429", "500", "502", "cut", "duplicate")


def run() -> SuiteResult:
    """Load, ask without rates and with them, and compare every answer with SQL over the vendors' rows."""
    with tempfile.TemporaryDirectory(prefix="plainsay-across-") as folder:
        home, now = Path(folder), datetime.now(UTC).replace(microsecond=0)
        wrong = load(home, now)
        cases = asyncio.run(asked(home, now))
    right = sum(c["verdict"] == "right" for c in cases)
    figures = [
        Figure("vendors in one workspace", len(mixed.sources()), ""),
        Figure("lists with rows lost or doubled", len(wrong), "", 0),
        Figure("plain questions across vendors", len(cases), ""),
        Figure("answered right", right / len(cases) * 100, "%", 95, "more"),
        Figure("answered wrong", sum(c["verdict"] == "wrong" for c in cases), "", 0),
    ]
    return SuiteResult("across", "accuracy", figures, cases)


def load(home: Path, now: datetime, sources: list[str] | None = None) -> list[str]:
    """Load each vendor from a server that plays it with faults; lists whose rows differ from what was sent."""
    workspace, wrong = named(WORKSPACE, home), []
    for source in sources or mixed.sources():
        with serving(Replay()) as server:
            os.environ["PLAINSAY_CONNECTOR_PRIVATE"] = server.url.removeprefix("http://").rstrip("/")
            wrong += _loaded(workspace, source, server, now)
    sync.publish(workspace)
    return wrong


def _loaded(workspace: Workspace, source: str, server: Replay, now: datetime) -> list[str]:
    manifest = playing.small(catalog.get(source))
    made = connections.make(workspace, source, playing.given(manifest), base_url=server.url)
    made.options["since"] = (now - timedelta(days=mixed.DAYS + 2)).date().isoformat()
    connections.save(workspace, made)
    values = made.values(connections.home_of(workspace))
    player = Player(manifest, values, playing.doorkeeper(manifest, values), 0, now, server.url)
    lists = mixed.lists(source, now)
    player.sent = {r.name: lists.get(r.name, []) for r in manifest.listed}
    server.other = player.reply
    dice = random.Random(f"{mixed.SEED}{source}")
    server.faults = {n: dice.choice(_FAULTS) for n in sorted(dice.sample(range(2, 12), 3))}
    report = playing.load(workspace, made, manifest, build=False)
    told = [f"{source}.{r.resource}: {r.error or r.reasons}" for r in report.resources if r.error or r.rejected]
    return told + _differences(workspace, made, lists)


def _differences(workspace: Workspace, made: Connection, lists: dict[str, list[Sent]]) -> list[str]:
    with Lake.open(workspace.lake).writer() as writer:
        counts = {
            name: int((writer.execute(f'SELECT count(*) FROM "{made.schema}"."{name}"').fetchone() or (0,))[0])
            for name in lists
        }
    return [f"{made.source}.{n}: {counts[n]} of {len(sent)}" for n, sent in lists.items() if counts[n] != len(sent)]


async def asked(home: Path, now: datetime) -> list[dict[str, Any]]:
    """Every question of the book, judged; those under `with_rates` after rates into euro were stated."""
    book = yaml.safe_load(_BOOK.read_text(encoding="utf-8"))
    with gold(home, now) as truth:
        truth.execute(book["views"])
        cases = [c async for c in _answers(home, now, book["questions"], truth)]
        state_rates(home, now)
        return cases + [c async for c in _answers(home, now, book["with_rates"], truth)]


async def _answers(home: Path, now: datetime, questions: list[dict[str, Any]], truth: DuckDBPyConnection) -> Any:
    from agent.assistant import Assistant
    from agent.turn import Turn

    assistant = Assistant(home=home)
    await assistant.start()
    try:
        for number, case in enumerate(questions):
            name = f"{WORKSPACE}-{id(questions)}-{number}"
            turn = Turn(WORKSPACE, name, name, case["q"], as_of=now.replace(tzinfo=None), brain="builtin")
            try:
                reply: Any = await assistant.ask(turn)
            except PlainsayError as error:
                reply = error
            scored = judge({"kind": "across", **case}, reply, truth)
            yield {"name": case["q"], **scored, "text": getattr(reply, "text", "")[:300]}
    finally:
        await assistant.aclose()


def state_rates(home: Path, now: datetime) -> None:
    """One rate a currency, valid all the time, into euro."""
    workspace, first = named(WORKSPACE, home), (now - timedelta(days=mixed.DAYS + 5)).date()
    rates.choose_currency(workspace, "EUR", 120)
    told = [{"day": first.isoformat(), "base": "EUR", "quote": code, "rate": rate} for code, rate in RATES.items()]
    with Lake.open(workspace.lake).writer() as writer:
        rates.store(writer, rates.stated(told), "test")
    sync.publish(workspace)


def gold(home: Path, now: datetime) -> DuckDBPyConnection:
    """What the vendors sent, as tables `SOURCE_LIST` of a plain DuckDB that nothing of ours has touched; `today()`."""
    import duckdb

    truth = duckdb.connect()
    truth.execute(f"CREATE MACRO today() AS DATE '{now.date()}'")
    folder = home / "gold"
    folder.mkdir(exist_ok=True)
    for source in mixed.sources():
        for name, sent in mixed.lists(source, now).items():
            file = folder / f"{source}_{name}.json"
            file.write_text(json.dumps([s.row for s in sent]), encoding="utf-8")
            truth.execute(f"CREATE TABLE {source}_{name} AS FROM read_json('{file}', sample_size = -1)")
    return truth
