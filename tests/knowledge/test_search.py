"""Search finds by meaning and by words, keeps rights, and says so when it can do only half."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from knowledge import embedding, search, vectors
from knowledge.keywords import Keywords, Text
from knowledge.library import Library
from knowledge.passage import Document, Passage
from store.errors import LimitReached, Unavailable, UnknownName
from store.principal import Principal

VIEWER = Principal("vic", "Vic", "viewer")
ANN = Principal("ann", "Ann", "viewer")
ADMIN = Principal("adm", "Adm", "admin")


def found(library: Library, query: str, who: Principal = VIEWER, mode: search.Mode = "hybrid") -> list[str]:
    hits = search.search(library.folder.parent, library.name, query, principal=who, mode=mode)
    assert hits.note is None
    return [c.id for c in hits.passages]


def test_words_are_found_without_a_model() -> None:
    index = Keywords([Text("a", "Stock turn", "how often"), Text("b", "Food", "stock of food"), Text("c", "x", "y")])
    assert [i for i, _ in index.search("turning stock", 5)] == ["a", "b"]
    assert index.search("the of and", 5) == []


def test_words_of_any_alphabet_are_words() -> None:
    index = Keywords([Text("a", "משמרת לילה", "מתחילה בעשר"), Text("b", "Größe", "Ночная смена")])
    assert index.search("מתי מתחילה משמרת", 5)[0][0] == "a"
    assert [i for i, _ in index.search("ночная größe", 5)] == ["b"]


def test_meaning_is_found_without_shared_words(library: Library) -> None:
    assert found(library, "how quickly does inventory sell through", mode="vectors")[0] == "pack.trade/stock#turn"
    assert found(library, "short of waiters at noon")[0] == "pack.trade/people#hours"


@pytest.mark.parametrize("mode", ["hybrid", "keywords", "vectors"])
def test_what_one_may_not_read_is_not_found(library: Library, mode: search.Mode) -> None:
    asked = "close the northern branches in spring"
    assert "memo/memo" not in found(library, asked, VIEWER, mode)
    assert "memo/memo" in found(library, asked, ANN, mode)
    assert "memo/memo" in found(library, asked, ADMIN, mode)
    assert library.passage("memo/memo", VIEWER) is None
    with pytest.raises(UnknownName):
        library.remove("memo", VIEWER)


def test_another_workspace_is_never_searched(library: Library) -> None:
    other = Library(library.folder.parent.parent / "south", "south")
    other.put(
        Document(id="note", kind="document", title="Note", origin="n.md"),
        [Passage(id="n", title="Stock turn", text="Stock turn says how often the average stock was sold in a year.")],
    )
    assert found(other, "stock turn") == ["note/n"]
    assert "note/n" not in found(library, "stock turn")


def test_a_new_version_takes_the_place_of_the_old(library: Library) -> None:
    assert "pack.trade/money#food" in found(library, "ingredients as a share of sales")
    document = library.all()[-1].document.model_copy(update={"version": "2.0.0"})
    library.put(document, [Passage(id="money#drink", title="Pour cost", text="What drinks cost as a share of sales.")])
    assert found(library, "ingredients as a share of sales", mode="vectors") == ["pack.trade/money#drink"]


def test_only_one_process_owns_the_index(library: Library, tmp_path: Path) -> None:
    found(library, "stock")
    code = (
        "import sys; from pathlib import Path; from knowledge import search; from store.principal import LOCAL_OWNER;"
        "hits = search.search(Path(sys.argv[1]), 'north', 'stock turn', principal=LOCAL_OWNER);"
        "sys.stdout.write(f'{hits.mode} {hits.note} {hits.passages[0].id}')"
    )
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code, str(library.folder.parent)], capture_output=True, text=True, timeout=60,
        env={"PYTHONPATH": root, "PATH": "/usr/bin"}, check=False,
    )  # fmt: skip
    assert done.stdout == f"keywords {search.NOT_OWNER} pack.trade/stock#turn", done.stderr


def test_it_works_without_the_extra_and_says_so(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "available", lambda: False)
    hits = search.search(library.folder.parent, library.name, "stock turn", principal=VIEWER)
    assert (hits.mode, hits.note) == ("keywords", search.NO_EXTRA)
    assert hits.passages[0].id == "pack.trade/stock#turn"


def test_a_broken_index_costs_no_answer(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_home: Path) -> vectors.Vectors:
        raise Unavailable("no")

    monkeypatch.setattr(vectors, "of", broken)
    hits = search.search(library.folder.parent, library.name, "stock turn", principal=VIEWER)
    assert hits.note == search.FAILED
    assert hits.passages


def test_a_library_has_a_ceiling(library: Library) -> None:
    many = [Passage(id=str(i), title="t", text="t") for i in range(5_001)]
    with pytest.raises(LimitReached):
        library.put(Document(id="big", kind="document", title="Big", origin="b.md"), many)


def test_the_model_gives_unit_vectors_in_order() -> None:
    one, two, again = embedding.MiniLM().embed(["stock turn", "a much longer text about something else", "stock turn"])
    assert len(one) == 384
    assert abs(sum(x * x for x in one) - 1) < 1e-4
    assert sum(a * b for a, b in zip(one, again, strict=True)) > 0.999
    assert sum(a * b for a, b in zip(one, two, strict=True)) < 0.8
