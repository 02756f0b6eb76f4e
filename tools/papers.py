"""Documents that people add to a workspace's knowledge: read in the limited worker, cut into passages, indexed."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ingestion import papers
from ingestion.reader import Reader
from knowledge import embedding, vectors
from knowledge.library import Held, Library
from knowledge.packs.passages import Section, sections
from knowledge.passage import EVERYONE, Document, Passage
from store.errors import InvalidRequest, LimitReached, PlainsayError, SourceProblem
from store.principal import Principal
from warehouse.workspace import Workspace

Progress = Callable[[str, float | None], None]
_READER = re.compile(r"everyone|role:(?:owner|admin|editor|analyst|viewer)|group:[\w. -]{1,80}|person:[\w.@+-]{1,120}")
_MOST_WORDS = 260


@dataclass(frozen=True)
class About:
    """What is said about a document: its title (else the file's name), who may read it, licence and date."""

    title: str = ""
    readers: tuple[str, ...] = (EVERYONE,)
    licence: str = ""
    updated: date | None = None


def add(
    workspace: Workspace, path: Path, about: About, *, by: Principal, name: str = "", progress: Progress | None = None
) -> Held:
    """Read the document at `path` (shown as `name`) and make it searchable; one of the same name is replaced.

    Raises `SourceProblem` naming what is wrong with the file, `InvalidRequest` for readers that nobody can be.
    """
    tell = progress or (lambda _text, _share: None)
    shown = name or path.name
    readers = checked_readers(about.readers, by)
    tell(f"Reading {shown}", 0.1)
    markdown = _read(path, shown)
    title = about.title or Path(shown).stem.replace("_", " ").replace("-", " ")
    library = Library(workspace.root, workspace.name)
    passages = cut(markdown, title)
    known = [h.document for h in library.listed(by) if h.document.kind == "document" and h.document.origin == shown]
    document = Document(
        id=known[0].id if known else library.free_id(title), kind="document", title=title, origin=shown,
        licence=about.licence, updated=about.updated or date.today(), readers=readers, by=by.user_id,
    )  # fmt: skip
    library.put(document, passages)
    tell(f"Indexing {len(passages)} passages", 0.5)
    _index(workspace, library, tell)
    return Held(document=document, passages=tuple(passages))


def add_all(workspace: Workspace, paths: Sequence[Path], about: About, *, by: Principal) -> dict[str, Any]:
    """Add several documents: {items: [document with its count of passages], problems: [{file, reason, hint}]}."""
    items: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    checked_readers(about.readers, by)
    for path in paths:
        try:
            held = add(workspace, path, about, by=by)
            items.append({**held.document.model_dump(mode="json"), "passages": len(held.passages)})
        except (SourceProblem, LimitReached) as error:
            problems.append({"file": path.name, "reason": error.message, "hint": error.hint})
    return {"items": items, "problems": problems}


def remove(workspace: Workspace, document_id: str, *, by: Principal) -> Document:
    """Take a document away, with its vectors. Raises `UnknownName`, as for one that the person cannot see.

    Where another process keeps the index, that one takes the vectors out at its next search; nobody finds them before.
    """
    library = Library(workspace.root, workspace.name)
    gone = library.remove(document_id, by)
    _index(workspace, library, lambda _text, _share: None)
    return gone


def checked_readers(readers: Sequence[str], by: Principal) -> tuple[str, ...]:
    """Who may read a document, the one who adds it always among them. Raises `InvalidRequest`."""
    wrong = next((r for r in readers if not _READER.fullmatch(r)), None)
    if wrong is not None:
        raise InvalidRequest(
            f"“{wrong}” cannot be a reader.", hint="Use everyone, role:analyst, group:NAME or person:ID.",
            details={"field": "readers", "value": wrong},
        )  # fmt: skip
    told = tuple(dict.fromkeys(readers)) or (EVERYONE,)
    return told if EVERYONE in told else tuple(dict.fromkeys((*told, f"person:{by.user_id}")))


def cut(markdown: str, title: str) -> list[Passage]:
    """Passages of at most 260 words under the document's headings."""
    found: list[Passage] = []
    for section in sections(markdown, title=title):
        for part, text in enumerate(_pieces(section), start=1):
            inner = f"{section.anchor or 'top'}" + (f".{part}" if part > 1 else "")
            found.append(Passage(id=inner, title=section.title[:200], text=text))
    return found


def _pieces(section: Section) -> list[str]:
    """A section cut at blank lines, and inside a paragraph where one alone is too long."""
    pieces: list[str] = []
    room = 0
    for paragraph in re.split(r"\n\s*\n", section.text):
        words = paragraph.split()
        for start in range(0, max(len(words), 1), _MOST_WORDS):
            part = paragraph if len(words) <= _MOST_WORDS else " ".join(words[start : start + _MOST_WORDS])
            size = len(part.split())
            if pieces and size <= room:
                pieces[-1] += f"\n\n{part}"
                room -= size
            else:
                pieces.append(part)
                room = _MOST_WORDS - size
    return [p for p in pieces if p.strip()]


def _read(path: Path, name: str) -> str:
    with tempfile.TemporaryDirectory(prefix="plainsay-paper-") as folder, Reader() as reader:
        out = Path(folder) / "out"
        reading = reader.read(path, name, out, kind="paper")
        result = out / papers.RESULT
        if reading.faults or not result.is_file():
            fault = reading.faults[0] if reading.faults else None
            line = {"line": fault.line} if fault and fault.line else {}
            where = f" (line {fault.line})" if fault and fault.line else ""
            raise SourceProblem(
                f"{name}{where}: {fault.reason if fault else 'it could not be read.'}", code="document",
                hint=fault.hint if fault else None, details={"file": name, **line},
            )  # fmt: skip
        return result.read_text(encoding="utf-8")


def _index(workspace: Workspace, library: Library, tell: Progress) -> None:
    """Index by meaning where that is possible; search says where it is not."""
    if not embedding.available():
        return
    try:
        vectors.of(workspace.root.parent.parent).sync(library, tell)
    except PlainsayError:
        tell("The index of meanings follows later", None)
