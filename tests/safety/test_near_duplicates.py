"""Promise 5: people who ask almost the same of almost the same data are each told of their own rows alone."""

from __future__ import annotations

import asyncio
import json
import math
import random
import re
from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from evals.fakes.model_server import Asked, Call, ModelServer, Reply
from evals.llm.stage import ask, assistant, model_settings
from ingestion.pipeline import ingest
from knowledge import vectors
from knowledge.library import Library
from knowledge.passage import Document, Passage
from store.principal import Principal
from warehouse.model import store
from warehouse.model.schema import SemanticModel
from warehouse.workspace import named

AS_OF = datetime(2026, 7, 15, 9)
AMOUNTS = {("shop", "north"): 1103, ("shop", "south"): 2207, ("twin", "north"): 4409, ("twin", "south"): 8821}
POLICY = {"policies": [{"name": "own", "table": "customers", "where": "region IN (:regions)", "exempt": ["owner"]}]}
WORDINGS = ("total amount", "what is the total amount?", "total amount by region", "Total amount per region, please")
QUERY = {"metrics": [{"metric": "sum:orders.amount"}]}
DAYS = 40
READERS = ("ana", "bob", None)
NOTES = 1_000


def _reader(name: str, region: str) -> Principal:
    return Principal(name, name.title(), "viewer", MappingProxyType({"regions": (region,)}))


ASKERS = {
    ("shop", "north"): _reader("ana", "north"), ("shop", "south"): _reader("bob", "south"),
    ("twin", "north"): _reader("ana", "north"), ("twin", "south"): _reader("bob", "south"),
}  # fmt: skip


def _build(home: Path, workspace: str) -> None:
    """The same tables, names and numbers of rows in each workspace; only the amounts tell them apart."""
    files = home / f"files-{workspace}"
    files.mkdir()
    (files / "customers.csv").write_text("id,name,region\n1,miller,north\n2,smith,south\n")
    lines = ["id,customer_id,day,amount"]
    for number in range(2 * DAYS):
        day, region = date(2026, 5, 1) + timedelta(days=number // 2), ("north", "south")[number % 2]
        lines.append(f"{number + 1},{number % 2 + 1},{day},{AMOUNTS[workspace, region]}")
    (files / "orders.csv").write_text("\n".join(lines) + "\n")
    ingest(named(workspace, home), [files / "customers.csv", files / "orders.csv"])
    file = named(workspace, home).model_file
    inferred = store.load(file).model_dump(mode="json", by_alias=True, exclude_none=True)
    store.save(SemanticModel.model_validate(inferred | POLICY), file)


def _planned(asked: Asked) -> Reply:
    """A model that plans well for everybody: what it is remembered for must not carry rows over."""
    if not asked.tools:
        return Reply(text="")
    by = {"dimensions": [{"field": "customers.region"}]} if "region" in asked.text.casefold() else {}
    return Reply(calls=(Call("query_metrics", {"query": {**QUERY, **by}, "done": True}),))


def _total(place: tuple[str, str]) -> int:
    return AMOUNTS[place] * DAYS


def _strangers(text: str, place: tuple[str, str]) -> list[str]:
    """Figures in `text` that only rows of others can give: their totals, amounts, and totals that hold theirs."""
    workspace, region = place
    both = sum(_total((workspace, r)) for r in ("north", "south"))
    others = [n for p, amount in AMOUNTS.items() if p != place for n in (amount, amount * DAYS)]
    words = [w for n in (*others, both) for w in (str(n), f"{n:,}")]
    words += [{"north": "south", "south": "north"}[region], {"north": "smith", "south": "miller"}[region]]
    # Digits within an id or a time taken are no figures.
    return [w for w in words if re.search(rf"(?<![0-9a-f.-]){w}(?![0-9a-f-])", text.casefold())]


@pytest.mark.slow
@pytest.mark.parametrize("brain", ["builtin", "llm"])
async def test_almost_the_same_question_of_almost_the_same_data(tmp_path: Path, brain: Any) -> None:
    for workspace in ("shop", "twin"):
        _build(tmp_path, workspace)
    chance = random.Random(7)
    asked = [(place, wording) for place in ASKERS for wording in WORDINGS for _ in range(2)]
    chance.shuffle(asked)
    with ModelServer(_planned) as server, model_settings(server.url, PLAINSAY_MODEL_USER_TOKENS="0"):
        async with assistant(tmp_path, AS_OF) as made:

            async def one(place: tuple[str, str], wording: str) -> tuple[tuple[str, str], str, Any]:
                how = {"workspace": place[0], "principal": ASKERS[place], "brain": brain, "as_of": AS_OF}
                return place, wording, await ask(made, wording, **how)

            found = []
            for start in range(0, len(asked), 6):  # some at once, who meet in the caches; the rest find them warm
                found += await asyncio.gather(*(one(*pair) for pair in asked[start : start + 6]))
        assert brain == "builtin" or 0 < len(server.asked) < 4 * len(asked), "plans were remembered"
    wrong = []
    for place, wording, answer in found:
        text = json.dumps({k: v for k, v in answer.model_dump(mode="json").items() if k not in ("id", "question")})
        if answer.status != "answered" or f"{_total(place):,}" not in answer.text:
            wrong.append((place, wording, answer.status, answer.text))
        elif strange := _strangers(text, place):
            wrong.append((place, wording, "told of others", strange))
    assert wrong == []
    assert len(found) == len(asked) == 32


class _Alike:
    """Vectors of texts that are all nearly the same, so that only rights and workspaces can tell them apart."""

    name = "alike"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        made = []
        for text in texts:
            noise = random.Random(text)
            vector = [1.0, *(noise.uniform(-0.01, 0.01) for _ in range(31))]
            length = math.sqrt(sum(x * x for x in vector))
            made.append([x / length for x in vector])
        return made


def _filled(root: Path, workspace: str) -> Library:
    """A thousand notes that differ in a number alone, a third of them for each person and a third for everybody."""
    library = Library(root / workspace, workspace)
    for reader in READERS:
        readers = ("everyone",) if reader is None else (f"person:{reader}",)
        notes = [
            Passage(id=f"{workspace}-{n}", title="Refunds", text=f"Refund {n} of {workspace}")
            for n in range(NOTES // len(READERS) + 1)
        ]
        library.put(
            Document(id=f"of-{reader or 'all'}", kind="document", title="Notes", origin="n.md", readers=readers), notes
        )
    return library


def test_a_thousand_notes_alike_in_two_workspaces_never_cross(tmp_path: Path) -> None:
    libraries = {name: _filled(tmp_path, name) for name in ("shop", "twin")}
    with closing(vectors.Vectors(tmp_path, _Alike())) as index:
        made = sum(index.sync(library) for library in libraries.values())
        assert made >= 2 * NOTES
        crossed, seen = [], 0
        for name, library in libraries.items():
            for reader in ("ana", "bob", "eve"):
                allowed = {"of-all", f"of-{reader}"}
                for number in range(10):
                    query = f"Refund {number * 31} of {'twin' if name == 'shop' else 'shop'}"  # the other's own words
                    hits = index.search(library, query, Principal(reader, reader, "viewer"), 10)
                    seen += len(hits)
                    parts = [hit.split("/") for hit, _ in hits]
                    crossed += [p for p in parts if p[0] not in allowed or not p[1].startswith(name)]
        assert crossed == []
        assert seen >= NOTES // 10, "an index of near-equal vectors finds not all of them, but many"
