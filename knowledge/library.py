"""The documents of one workspace on disk: the truth from which every index of passages is made anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict

from knowledge.passage import Cited, Document, Passage, may_read
from store.errors import LimitReached, unknown
from store.principal import Principal

_MOST_DOCUMENTS, _MOST_PASSAGES = 500, 5_000


class Held(BaseModel):
    """A document with its passages, and the groups of words that mean the same in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document: Document
    passages: tuple[Passage, ...]
    glossary: tuple[tuple[str, ...], ...] = ()


class Library:
    """The knowledge of one workspace: `root` is the workspace's folder, `name` its name."""

    def __init__(self, root: Path, name: str) -> None:
        self.name = name
        self.folder = root / "knowledge"

    @property
    def stamp(self) -> tuple[tuple[str, int], ...]:
        """Changes whenever a document is added, changed or removed."""
        return tuple((p.name, p.stat().st_mtime_ns) for p in self._files())

    def all(self) -> tuple[Held, ...]:
        """Every document, by id."""
        return _read(self.folder, self.stamp)

    def readable(self, principal: Principal) -> tuple[Held, ...]:
        """The documents that a person may read."""
        return tuple(h for h in self.all() if may_read(h.document, principal))

    def passages(self, principal: Principal) -> Iterator[Cited]:
        """Every passage that a person may read."""
        for held in self.readable(principal):
            for passage in held.passages:
                yield Cited(document=held.document, passage=passage)

    def passage(self, cited: str, principal: Principal) -> Cited | None:
        """The passage of that id (`document/passage`), or None, as for one that the person may not read."""
        document, _, inner = cited.partition("/")
        for held in self.readable(principal):
            if held.document.id == document:
                found = next((p for p in held.passages if p.id == inner), None)
                return Cited(document=held.document, passage=found) if found else None
        return None

    def put(self, document: Document, passages: list[Passage], glossary: tuple[tuple[str, ...], ...] = ()) -> None:
        """Keep a document; one of the same id is replaced. Raises `LimitReached`."""
        others = [h for h in self.all() if h.document.id != document.id]
        if len(others) >= _MOST_DOCUMENTS or len(passages) > _MOST_PASSAGES:
            raise LimitReached(
                f"A workspace holds at most {_MOST_DOCUMENTS} documents of {_MOST_PASSAGES:,} passages.",
                hint="Remove what is no longer needed, or split the document.",
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(document.id)
        draft = path.with_suffix(".draft")
        held = Held(document=document, passages=tuple(passages), glossary=glossary)
        draft.write_bytes(orjson.dumps(held.model_dump(mode="json")))
        draft.replace(path)

    def listed(self, principal: Principal) -> tuple[Held, ...]:
        """The documents to look after: one's own and what one may read; for administrators all."""
        every = principal.role in ("owner", "admin")
        return tuple(h for h in self.all() if every or may_read(h.document, principal))

    def remove(self, document_id: str, principal: Principal) -> Document:
        """Take a document away. Raises `UnknownName`, as for one that the person cannot see."""
        listed = self.listed(principal)
        held = next((h for h in listed if h.document.id == document_id), None)
        if held is None:
            raise unknown("document", document_id, [h.document.id for h in listed])
        self.drop(document_id)
        return held.document

    def drop(self, document_id: str) -> None:
        """Take a document away, if it is there."""
        self._path(document_id).unlink(missing_ok=True)

    def free_id(self, title: str) -> str:
        """An id for a new document of that title."""
        base = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")[:60] or "document"
        taken = {h.document.id for h in self.all()}
        return next(i for n in range(1, 10_000) if (i := base if n == 1 else f"{base}-{n}") not in taken)

    def _path(self, document_id: str) -> Path:
        return self.folder / f"{document_id}.json"

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.json")) if self.folder.is_dir() else []


@lru_cache(maxsize=32)
def _read(folder: Path, stamp: tuple[tuple[str, int], ...]) -> tuple[Held, ...]:
    return tuple(Held.model_validate_json((folder / name).read_bytes()) for name, _ in stamp)
