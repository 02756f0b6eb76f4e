"""Reads a document of words (Markdown, PDF, DOCX, HTML, a glossary as CSV) into Markdown; runs in the worker only."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

from ingestion.extract import Fault, Reading, Unreadable

RESULT = "paper.md"
KINDS = (".md", ".markdown", ".txt", ".pdf", ".docx", ".html", ".htm", ".csv")
_MOST_CHARS, _MOST_PAGES, _MOST_EXPANDED = 3_000_000, 1_500, 200_000_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def read(path: Path, name: str, out: Path) -> Reading:
    """The words of the file at `path` (shown as `name`) as Markdown in `out`, or why there are none."""
    try:
        text = _CONTROL.sub("", _reader(name)(path)).strip()
        if not text:
            raise Unreadable("The document holds no text.", "A scanned one needs text recognition first.")
        if len(text) > _MOST_CHARS:
            raise Unreadable("The document is too long.", f"Split it: at most {_MOST_CHARS:,} characters.")
        (out / RESULT).write_text(text, encoding="utf-8")
    except Unreadable as problem:
        return Reading(faults=[Fault(problem.reason, problem.hint, problem.line)])
    except ImportError:
        return Reading(faults=[Fault("Documents of this kind cannot be read here.", "Install plainsay[knowledge].")])
    return Reading()


def _reader(name: str) -> Callable[[Path], str]:
    suffix = Path(name).suffix.casefold()
    readers: dict[str, Callable[[Path], str]] = {
        ".md": _text, ".markdown": _text, ".txt": _text, ".pdf": _pdf, ".docx": _docx, ".html": _html, ".htm": _html,
        ".csv": _glossary,
    }  # fmt: skip
    if suffix not in readers:
        raise Unreadable("Documents of this kind are not read.", f"Use one of {', '.join(KINDS)}.")
    return readers[suffix]


def _text(path: Path) -> str:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "utf-16") if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Unreadable("The file is no text.", "Save it as UTF-8 text.")


def _pdf(path: Path) -> str:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    if not path.read_bytes()[:1024].lstrip().startswith(b"%PDF"):
        raise Unreadable("The file is no PDF.", "Check that you chose the right one.")
    try:
        document = PdfReader(path)
        if document.is_encrypted and not document.decrypt(""):
            raise Unreadable("The PDF is locked with a password.", "Save it without one.")
        if len(document.pages) > _MOST_PAGES:
            raise Unreadable("The PDF has too many pages.", f"Split it: at most {_MOST_PAGES:,}.")
        pages = [_flowing(page.extract_text()) for page in document.pages]
    except Unreadable:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable("The PDF is damaged.", "Open and save it again.") from error
    return "\n\n".join(f"## Page {n}\n\n{text}" for n, text in enumerate(pages, start=1) if text)


def _flowing(text: str) -> str:
    """Lines of a page put together to paragraphs; nothing in them may pass for a heading."""
    joined = re.sub(r"(\w)-\n(?=[a-z])", r"\1", text)
    lines = [line.strip().lstrip("#").strip() for line in joined.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _docx(path: Path) -> str:
    import docx
    from docx.opc.exceptions import OpcError

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _MOST_EXPANDED:
                raise Unreadable("The document unpacks to too much.", "Save it without pictures.")
        document = docx.Document(str(path))
        return "\n\n".join(_docx_parts(document))
    except Unreadable:
        raise
    except (zipfile.BadZipFile, OpcError, KeyError, ValueError) as error:
        raise Unreadable("The file is no Word document.", "Save it as .docx again.") from error


def _docx_parts(document: object) -> Iterator[str]:
    for paragraph in document.paragraphs:  # type: ignore[attr-defined]
        text, style = paragraph.text.strip().lstrip("#").strip(), str(paragraph.style.name if paragraph.style else "")
        if not text:
            continue
        depth = 1 if style == "Title" else int(style[-1]) if re.fullmatch(r"Heading [1-6]", style) else 0
        yield f"{'#' * depth} {text}" if depth else text
    for table in document.tables:  # type: ignore[attr-defined]
        yield "\n".join(" | ".join(cell.text.strip() for cell in row.cells) for row in table.rows)


class _Page(HTMLParser):
    """The words of a page with its headings; scripts, styles and navigation are no words."""

    _SKIPPED = frozenset({"script", "style", "nav", "template", "noscript", "svg", "head"})
    _BLOCKS = frozenset({"p", "div", "li", "tr", "br", "section", "article", "table", "ul", "ol", "blockquote", "pre"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._skipping = 0

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._SKIPPED:
            self._skipping += 1
        elif re.fullmatch(r"h[1-6]", tag):
            self.parts.append(f"\n\n{'#' * int(tag[1])} ")
        elif tag in self._BLOCKS:
            self.parts.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif tag in self._BLOCKS or re.fullmatch(r"h[1-6]", tag):
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.parts.append(" ".join(data.split()) + (" " if data[-1:].isspace() else ""))


def _html(path: Path) -> str:
    page = _Page()
    page.feed(_text(path))
    page.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(page.parts))


def _glossary(path: Path) -> str:
    """A table of terms: the first column is the term, the second what it means; further ones are added to it."""
    try:
        rows = [[c.strip() for c in row] for row in csv.reader(io.StringIO(_text(path))) if any(c.strip() for c in row)]
    except csv.Error as error:
        raise Unreadable("The CSV cannot be read.", "Export it again with quotes around texts.") from error
    headed = rows and rows[0][0].casefold() in ("term", "word", "name", "abbreviation", "concept", "metric", "kpi")
    entries = rows[1:] if headed else rows
    for number, row in enumerate(entries, start=2 if headed else 1):
        if len(row) < 2 or not row[0] or not row[1]:
            raise Unreadable("A line has no term or no meaning.", "Two columns: the term, what it means.", number)
    return "\n\n".join(f"## {row[0].lstrip('# ')}\n\n{' '.join(c for c in row[1:] if c)}" for row in entries)
