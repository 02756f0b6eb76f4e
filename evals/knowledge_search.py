"""Whether the passage that answers a question is found: hybrid search beside TF-IDF and plain vectors."""

from __future__ import annotations

import hashlib
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from evals.result import Figure, SuiteResult, percentile
from knowledge import search, vectors
from knowledge.library import Library
from knowledge.packs import load
from knowledge.packs.shelving import glossary, shelved
from knowledge.passage import Document
from store.principal import LOCAL_OWNER

_DEEP = 10
_METHODS = ("hybrid", "vectors", "keywords", "tf-idf")
Ranker = Callable[[str], list[str]]


def run() -> SuiteResult:
    """recall@5 (share of questions whose passage is among the first five), nDCG@10 and ms a question, by method.

    Every question is asked in a workspace with its own pack alone, and in one that holds all packs. The search was
    worked on with the labelled ones, the fresh ones and half of those held out; the other half was never looked at,
    and says how far the figures hold for questions that nobody has seen.
    """
    pairs = labelled()
    figures: list[Figure] = [Figure("questions", len(pairs), "questions", 200, "more")]
    cases: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            root = Path(folder) / "workspaces"
            for name in {p for p, _, _ in pairs}:
                _shelve(root / name, [name])
            _shelve(root / "all", sorted({p for p, _, _ in pairs}))
            for method in _METHODS:
                figures += _measured(root, pairs, method, cases)
            for name, asked in (("fresh", labelled("retrieval_fresh.yaml")), ("held-out", held_out())):
                figures.append(Figure(f"{name} questions", len(asked), "questions", 100, "more"))
                for method in _METHODS:
                    figures += _further(root, asked, method, name, cases)
        finally:
            vectors.close_all()
    return SuiteResult("knowledge", "quality", figures, cases)


def labelled(file: str = "retrieval_pairs.yaml") -> list[tuple[str, str, str]]:
    """(pack, passage id, question) of every labelled pair whose pack has the passage."""
    text = resources.files("evals").joinpath(file).read_text(encoding="utf-8")
    told: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    known = {p.name: {x.id for x in p.passages} for p in load.sound(Path("/nowhere"))}
    return [
        (pack, passage, question)
        for pack, passages in told.items()
        for passage, questions in passages.items()
        for question in questions
        if passage in known.get(pack, ())
    ]


def held_out() -> list[tuple[str, str, str]]:
    """The half of the pairs written last that no choice about the search was made with."""
    half = (hashlib.sha256(pair[2].encode()).digest()[-1] % 2 for pair in labelled("retrieval_held_out.yaml"))
    return [pair for pair, kept in zip(labelled("retrieval_held_out.yaml"), half, strict=True) if kept]


def _shelve(root: Path, packs: list[str]) -> None:
    root.mkdir(parents=True)
    library = Library(root, root.name)
    for name in packs:
        pack = load.load(load.find(name, Path("/nowhere")))
        document = Document(id=f"pack.{name}", kind="pack", title=pack.manifest.label, origin=f"pack {name}")
        library.put(document, shelved(pack), glossary(pack))


def _measured(
    root: Path, pairs: list[tuple[str, str, str]], method: str, cases: list[dict[str, Any]]
) -> Iterator[Figure]:
    for scope in ("own", "all"):
        places, times = _asked(root, pairs, method, scope, cases)
        aimed = 0.95 if method == "hybrid" and scope == "own" else None
        label = f"{method}, {'its own pack' if scope == 'own' else 'all packs together'}"
        yield Figure(f"recall@5, {label}", _recall(places, 5), "share", aimed, "more")
        yield Figure(f"nDCG@10, {label}", sum(_gain(p) for p in places) / len(places), "share")
        yield Figure(f"p50, {label}", percentile(times, 0.5), "ms")


def _further(
    root: Path, pairs: list[tuple[str, str, str]], method: str, name: str, cases: list[dict[str, Any]]
) -> Iterator[Figure]:
    """The same of questions of another set; the misses of those held out are kept out of sight."""
    places, times = _asked(root, pairs, method, "own", [] if name == "held-out" else cases)
    aimed = 0.95 if method == "hybrid" and name == "held-out" else None
    yield Figure(f"recall@5, {method}, {name} questions", _recall(places, 5), "share", aimed, "more")
    yield Figure(f"nDCG@10, {method}, {name} questions", sum(_gain(p) for p in places) / len(places), "share")
    yield Figure(f"p50, {method}, {name} questions", percentile(times, 0.5), "ms")


def _asked(
    root: Path, pairs: list[tuple[str, str, str]], method: str, scope: str, cases: list[dict[str, Any]]
) -> tuple[list[int | None], list[float]]:
    """At which place each wanted passage was found (None: not at all), and the milliseconds it took."""
    names = {p for p, _, _ in pairs} if scope == "own" else {"all"}
    rankers = {name: _ranker(root / name, method) for name in names}
    for ranker in rankers.values():
        ranker("warm up")
    places: list[int | None] = []
    times: list[float] = []
    for pack, passage, question in pairs:
        began = time.perf_counter()
        found = rankers[pack if scope == "own" else "all"](question)
        times.append((time.perf_counter() - began) * 1000)
        wanted = f"pack.{pack}/{passage}"
        place = found.index(wanted) if wanted in found else None
        places.append(place)
        if method == "hybrid" and (place is None or place >= 5):
            cases.append({"scope": scope, "question": question, "wanted": wanted, "place": place, "found": found[:3]})
    return places, times


def _recall(places: list[int | None], depth: int) -> float:
    return sum(p is not None and p < depth for p in places) / len(places)


def _gain(place: int | None) -> float:
    return 0.0 if place is None or place >= _DEEP else 1 / math.log2(place + 2)


def _ranker(root: Path, method: str) -> Ranker:
    if method == "tf-idf":
        return _tf_idf(root)
    mode: search.Mode = "hybrid" if method == "hybrid" else "vectors" if method == "vectors" else "keywords"

    def ranked(question: str) -> list[str]:
        found = search.search(root, root.name, question, principal=LOCAL_OWNER, limit=_DEEP, mode=mode)
        return [c.id for c in found.passages]

    return ranked


def _tf_idf(root: Path) -> Ranker:
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

    cited = list(Library(root, root.name).passages(LOCAL_OWNER))
    model = TfidfVectorizer(stop_words="english", sublinear_tf=True)
    matrix = model.fit_transform(
        [" ".join((c.passage.title, *c.passage.also, c.passage.text, *c.passage.told)) for c in cited]
    )

    def ranked(question: str) -> list[str]:
        likeness = (matrix @ model.transform([question]).T).toarray()[:, 0]
        order = sorted(range(len(cited)), key=lambda i: (-likeness[i], cited[i].id))
        return [cited[i].id for i in order[:_DEEP] if likeness[i] > 0]

    return ranked
