"""Tables that a question means although it shares no word with them, by the small embedding model that ships along."""

from __future__ import annotations

import atexit
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from store.errors import PlainsayError
from warehouse.model.schema import SemanticModel, Table

LEAST_TABLES = 13
_FIELDS_A_TEXT = 8
_MOST_TEXTS = 6
_MOST_MODELS = 4
_LEAST_LIKE = 0.2
_AT_ONCE = 16
_LEAVE_SECONDS = 10.0
_BREAKS = (PlainsayError, ImportError, OSError, ValueError, RuntimeError)


@dataclass
class _Read:
    """The texts of one model's tables as vectors; empty until they were read in the background."""

    model: SemanticModel
    tables: list[str] = field(default_factory=list)
    vectors: Any = None


_KEPT: OrderedDict[int, _Read] = OrderedDict()
_LOCK = threading.Lock()
_LEAVING = threading.Event()
_READERS: list[threading.Thread] = []


def ranked(model: SemanticModel, question: str, *, wait: bool = False) -> list[str]:
    """Tables by how near their meaning is to the question's, nearest first.

    Empty for a small model (all of it is shown anyway), without the packages of the extra `knowledge`, and while the
    tables are still being read, which the first question begins; `wait` reads them at once.
    """
    if len(model.tables) < LEAST_TABLES or not _able():
        return []
    kept = _of(model, wait)
    if kept.vectors is None:
        return []
    try:
        return _nearest(kept, question)
    except _BREAKS:
        return []


def _able() -> bool:
    from knowledge import embedding

    return embedding.available()


def _of(model: SemanticModel, wait: bool) -> _Read:
    with _LOCK:
        known = _KEPT.get(id(model))
        new = known is None or known.model is not model
        kept = _Read(model) if known is None or new else known
        _KEPT[id(model)] = kept
        _KEPT.move_to_end(id(model))
        while len(_KEPT) > _MOST_MODELS:
            _KEPT.popitem(last=False)
    if wait and kept.vectors is None:
        _read(kept)
    elif new:
        reader = threading.Thread(target=_read, args=(kept,), daemon=True, name="read-meanings")
        _READERS[:] = [*(r for r in _READERS if r.is_alive()), reader]
        reader.start()
    return kept


def _read(kept: _Read) -> None:
    try:
        import numpy as np

        from knowledge import embedding

        pairs = [(key, text) for key, table in kept.model.tables.items() for text in _texts(key, table)]
        embedder, vectors = embedding.chosen(), list[list[float]]()
        for start in range(0, len(pairs), _AT_ONCE):
            if _LEAVING.is_set():
                return
            vectors += embedder.embed([text for _, text in pairs[start : start + _AT_ONCE]])
        kept.tables, kept.vectors = [key for key, _ in pairs], np.asarray(vectors)
    except _BREAKS:
        return  # words alone find tables then


@atexit.register
def _leave() -> None:
    """Let readers end before the interpreter does: it may not pull a thread out of the embedding library."""
    _LEAVING.set()
    for reader in _READERS:
        reader.join(_LEAVE_SECONDS)


def _texts(key: str, table: Table) -> Iterator[str]:
    """What a table is, then its fields a few at a time: one text of forty columns would mean nothing in particular."""
    name = key.replace("_", " ")
    yield " ".join(dict.fromkeys([name, table.label or "", table.records or "", table.description or ""])).strip()
    specs = [*table.measures.items(), *table.numbers.items(), *table.dimensions.items()]
    labels = [spec.label or field_name.replace("_", " ") for field_name, spec in specs]
    for start in range(0, min(len(labels), _FIELDS_A_TEXT * _MOST_TEXTS), _FIELDS_A_TEXT):
        yield f"{name}: {', '.join(labels[start : start + _FIELDS_A_TEXT])}"


def _nearest(kept: _Read, question: str) -> list[str]:
    import numpy as np

    from knowledge import embedding

    asked = np.asarray(embedding.chosen().embed([question[:1000]])[0])
    best: dict[str, float] = {}
    for table, like in zip(kept.tables, kept.vectors @ asked, strict=True):
        best[table] = max(best.get(table, -1.0), float(like))
    near = [t for t, like in best.items() if like >= _LEAST_LIKE]
    return sorted(near, key=lambda t: (-best[t], t))
