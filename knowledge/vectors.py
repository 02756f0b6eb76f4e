"""The vector index of all passages: derived from the libraries, owned by one process, filtered where it is searched."""

from __future__ import annotations

import fcntl
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog

from knowledge import embedding
from knowledge.embedding import Embedder
from knowledge.library import Held, Library
from knowledge.passage import Passage, mark, tickets
from store import settings
from store.errors import ConfigProblem, Unavailable
from store.principal import Principal

Progress = Callable[[str, float | None], None]
_WORDS = 170  # of one vector: about 256 tokens with the title
_OVERLAP = 30
_LEAST_WORDS, _MOST_SENTENCES = 4, 40
_PER_PASSAGE = 6  # vectors to look at for each passage wanted
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_MARKUP = re.compile(r"[`*_#>|]+")
_AT_ONCE = 64
_log = structlog.get_logger(__name__)


class Busy(Unavailable):
    """Another process owns the index; its owner will find what is new by itself."""


class Vectors:
    """Chroma with one collection per embedder: embedded under `home` (one owner process), or a server by setting."""

    def __init__(self, home: Path, embedder: Embedder) -> None:
        self._embedder = embedder
        self._lock = threading.Lock()
        self._synced: dict[str, object] = {}
        self._held: int | None = None
        url = str(settings.get("knowledge_url"))
        self._client: Any = _remote(url) if url else self._embedded(home / "knowledge")
        name = f"passages-{mark(embedder.name)}"
        with _told():
            self._collection: Any = self._client.get_or_create_collection(
                name, embedding_function=None, metadata={"hnsw:space": "cosine", "embedder": embedder.name}
            )

    def _embedded(self, folder: Path) -> Any:
        import chromadb
        from chromadb.config import Settings

        folder.mkdir(parents=True, exist_ok=True)
        held = os.open(folder / "owner.lock", os.O_CREAT | os.O_WRONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(held)
            raise Busy("Another process keeps the knowledge index.", code="knowledge_busy") from error
        self._held = held
        told = Settings(anonymized_telemetry=False)
        return chromadb.PersistentClient(path=str(folder / "chroma"), settings=told)

    def close(self) -> None:
        """Give the index up for another process."""
        with self._lock:
            self._client.close()
            if self._held is not None:
                os.close(self._held)
                self._held = None

    def sync(self, library: Library, progress: Progress | None = None) -> int:
        """Bring the index to what the library holds now; gives how many vectors were made."""
        with self._lock, _told():
            stamp = library.stamp
            if self._synced.get(library.name) == stamp:
                return 0
            wanted = {row.id: row for held in library.all() for row in _rows(library.name, held)}
            kept = set(self._collection.get(where={"workspace": library.name}, include=[])["ids"])
            if gone := sorted(kept - wanted.keys()):
                self._collection.delete(ids=gone)
            fresh = [row for id_, row in wanted.items() if id_ not in kept]
            for start in range(0, len(fresh), _AT_ONCE):
                self._add(fresh[start : start + _AT_ONCE])
                if progress:
                    progress("Indexing passages", min(1.0, (start + _AT_ONCE) / len(fresh)))
            self._synced[library.name] = stamp
            return len(fresh)

    def _add(self, rows: Sequence[_Row]) -> None:
        vectors = self._embedder.embed([row.text for row in rows])
        metadatas: Any = [row.metadata for row in rows]
        self._collection.upsert(ids=[row.id for row in rows], embeddings=vectors, metadatas=metadatas)

    def forget(self, workspace: str) -> None:
        """Take out everything of a workspace."""
        with self._lock, _told():
            self._collection.delete(where={"workspace": workspace})
            self._synced.pop(workspace, None)

    def search(self, library: Library, query: str, principal: Principal, limit: int) -> list[tuple[str, float]]:
        """Ids (`document/passage`) with their likeness (-1 to 1), best first.

        Chroma itself leaves out other workspaces and what the person may not read.
        """
        readers: list[Any] = [{"readers": {"$contains": ticket}} for ticket in tickets(principal)]
        where: Any = {"$and": [{"workspace": library.name}, {"$or": readers}]}
        vector: Any = self._embedder.embed([query])
        with self._lock, _told():
            found = self._collection.query(
                query_embeddings=vector, n_results=limit * _PER_PASSAGE, where=where, include=["metadatas", "distances"]
            )
        each: dict[str, list[float]] = {}
        for metadata, distance in zip((found["metadatas"] or [[]])[0], (found["distances"] or [[]])[0], strict=True):
            each.setdefault(f"{metadata['document']}/{metadata['passage']}", []).append(1.0 - float(distance))
        return _likest(each)[:limit]


class _Row:
    """One vector's text and metadata; its id names workspace, passage and content, so a change is a new row."""

    def __init__(self, workspace: str, held: Held, number: int, part: int, text: str) -> None:
        document, passage = held.document, held.passages[number]
        self.text = text
        content = mark(f"{self.text}\0{document.version}\0{document.licence}\0{','.join(document.readers)}")
        self.id = f"{workspace}/{document.id}/{passage.id}/{part}/{content}"
        self.metadata = {
            "workspace": workspace, "document": document.id, "passage": passage.id, "kind": document.kind,
            "version": document.version, "licence": document.licence,
            "updated": document.updated.isoformat() if document.updated else "", "readers": list(document.readers),
        }  # fmt: skip


def _rows(workspace: str, held: Held) -> list[_Row]:
    return [
        _Row(workspace, held, number, part, text)
        for number, passage in enumerate(held.passages)
        for part, text in enumerate(_said(passage))
    ]


def _likest(each: dict[str, list[float]]) -> list[tuple[str, float]]:
    """How like a question each passage is, best first: the mean of its two nearest vectors, as one may be a fluke.

    Of a passage with one vector among the nearest, the other is taken to be as near as the last that was found.
    """
    least = min((likeness for found in each.values() for likeness in found), default=0.0)
    means = {name: (found[0] + (found[1] if len(found) > 1 else least)) / 2 for name, found in each.items()}
    return sorted(means.items(), key=lambda kv: (-kv[1], kv[0]))


def _said(passage: Passage) -> list[str]:
    """What is embedded of a passage: its pieces, each sentence by itself, its title with other words, what is told.

    A short question resembles one sentence more than a whole passage; the nearest of them counts.
    """
    plain = " ".join(_MARKUP.sub(" ", passage.text).split())
    sentences = [s for s in _SENTENCE.split(plain) if len(s.split()) >= _LEAST_WORDS][:_MOST_SENTENCES]
    named = ", ".join((passage.title, *passage.also))
    pieces = [f"{passage.title}. {piece}" for piece in _cut(plain)]
    return list(dict.fromkeys([*pieces, *(f"{passage.title}: {s}" for s in sentences), named, *passage.told]))


def _cut(text: str) -> list[str]:
    """A text in pieces that the embedder can take in whole, each overlapping the one before."""
    words = text.split()
    if len(words) <= _WORDS:
        return [" ".join(words)]
    step = _WORDS - _OVERLAP
    return [" ".join(words[start : start + _WORDS]) for start in range(0, len(words) - _OVERLAP, step)]


def _remote(url: str) -> Any:
    import chromadb
    from chromadb.config import Settings

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigProblem("PLAINSAY_KNOWLEDGE_URL is no address.", hint="Write it as http://host:8000.")
    secure = parts.scheme == "https"
    with _told():
        return chromadb.HttpClient(
            host=parts.hostname, port=parts.port or (443 if secure else 8000), ssl=secure,
            settings=Settings(anonymized_telemetry=False),
        )  # fmt: skip


@contextmanager
def _told() -> Iterator[None]:
    """What Chroma or its server raise, as an error of ours. Raises `Unavailable`."""
    import httpx
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, httpx.HTTPError, ValueError, OSError) as error:
        _log.warning("knowledge index failed", error=type(error).__name__)
        raise Unavailable("The index of meanings does not answer.", code="knowledge", retry_after=10.0) from error


_open: dict[Path, Vectors] = {}
_opening = threading.Lock()


def of(home: Path) -> Vectors:
    """The index of an installation, opened once a process. Raises `Busy`, `Unavailable`, `ConfigProblem`."""
    with _opening:
        if home not in _open:
            _open[home] = Vectors(home, embedding.chosen())
        return _open[home]


def close_all() -> None:
    """Give up every index that this process owns."""
    with _opening:
        for one in _open.values():
            one.close()
        _open.clear()
