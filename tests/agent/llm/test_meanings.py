"""Large schemas are found by meaning too, once they were read; without that, words alone do as before."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agent.llm import meanings, retrieve
from evals.llm import retrieval
from knowledge import embedding
from store.errors import Unavailable
from warehouse.model.schema import SemanticModel

TABLES = {f"thing_{n}": "colour size weight" for n in range(14)} | {"absence": "absence_type certificate"}
ASKED = "Who was ill most often last year?"


@pytest.fixture
def model() -> SemanticModel:
    return retrieval.model_of(TABLES)


class Pointing:
    """An embedder for which being ill and absence are the same thing."""

    name = "pointing"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [[1.0, 0.0] if "absence" in t or "ill" in t.split() else [0.0, 1.0] for t in texts]


class Broken:
    name = "broken"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        raise Unavailable("The embedding server is down.")


def use(embedder: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "available", lambda: True)
    monkeypatch.setattr(embedding, "chosen", lambda: embedder)


def test_a_table_is_found_by_what_is_meant(model: SemanticModel, monkeypatch: pytest.MonkeyPatch) -> None:
    use(Pointing(), monkeypatch)
    assert meanings.ranked(model, ASKED, wait=True) == ["absence"]
    assert retrieve.tables_for(model, ASKED, ["absence"])[0] == "absence"
    assert retrieve.tables_for(model, "colour of thing 3", ["absence"])[0].startswith("thing_")


def test_a_small_model_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    use(Pointing(), monkeypatch)
    assert meanings.ranked(retrieval.model_of({"absence": "kind"}), ASKED, wait=True) == []


def test_without_vectors_words_are_left(model: SemanticModel, monkeypatch: pytest.MonkeyPatch) -> None:
    use(Broken(), monkeypatch)
    assert meanings.ranked(model, ASKED, wait=True) == []
    monkeypatch.setattr(embedding, "available", lambda: False)
    assert meanings.ranked(model, ASKED, wait=True) == []
    assert len(retrieve.tables_for(model, ASKED, [])) == len(model.tables)


@pytest.mark.skipif(not embedding.available(), reason="needs the extra `knowledge`")
def test_the_small_model_finds_most_of_what_words_do_not() -> None:
    found = {f.name: f.value for f in retrieval.run().figures}
    assert found["other words: by words and meaning"] >= found["other words: table among the first five, by words"] + 40
    assert found["the schema's words: by words and meaning"] == 100
