"""Reads a document of words (Markdown, PDF, DOCX, HTML, a glossary as CSV) into Markdown; runs in the worker only."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.extract import Fault, Reading, Unreadable

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

RESULT = "paper.md"
KINDS = (".md", ".markdown", ".txt", ".pdf", ".docx", ".html", ".htm", ".csv")
_MOST_CHARS, _MOST_PAGES, _MOST_EXPANDED = 3_000_000, 1_500, 200_000_000
_MOST_ACCENTS = 0.35
_MARKS = {b"%PDF": "a PDF", b"PK\x03\x04": "a packed or Word file", b"\xd0\xcf\x11\xe0": "an old Office file"}
_BYTE_ORDERS = {
    b"\xff\xfe\x00\x00": "utf-32", b"\x00\x00\xfe\xff": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16",
}  # fmt: skip
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{2,40})", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def read(path: Path, name: str, out: Path) -> Reading:
    """The words of the file at `path` (shown as `name`) as Markdown in `out`, or why there are none."""
    try:
        text = _CONTROL.sub("", _reader(name)(path)).strip()
        if not text:
            scanned = Path(name).suffix.casefold() == ".pdf"
            hint = "A scanned one needs text recognition first." if scanned else "Check that you chose the right one."
            raise Unreadable("The document holds no text.", hint)
        if len(text) > _MOST_CHARS:
            raise _too_long()
        (out / RESULT).write_text(text, encoding="utf-8")
    except Unreadable as problem:
        return Reading(faults=[Fault(problem.reason, problem.hint, problem.line)])
    except ImportError:
        return Reading(faults=[Fault("Documents of this kind cannot be read here.", "Install plainsay[knowledge].")])
    return Reading()


def _reader(name: str) -> Callable[[Path], str]:
    suffix = Path(name).suffix.casefold()
    readers: dict[str, Callable[[Path], str]] = {
        ".md": _prose, ".markdown": _prose, ".txt": _prose, ".pdf": _pdf, ".docx": _docx, ".html": _html, ".htm": _html,
        ".csv": _glossary,
    }  # fmt: skip
    if suffix not in readers:
        raise Unreadable("Documents of this kind are not read.", f"Use one of {', '.join(KINDS)}.")
    return readers[suffix]


def _too_long() -> Unreadable:
    return Unreadable("The document is too long.", f"Split it: at most {_MOST_CHARS:,} characters.")


def _prose(path: Path) -> str:
    """The words of a text file; a page of HTML, or another kind of file under the name of a text, is told apart."""
    opening = path.read_bytes()[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if re.match(rb"<(!doctype html|html)\b", opening, re.IGNORECASE):
        return _html(path)
    kind = next((kind for mark, kind in _MARKS.items() if opening.startswith(mark)), None)
    if kind is not None:
        raise Unreadable(f"The file is {kind} under another name.", "Give it its own ending, such as .pdf or .docx.")
    return _text(path)


def _text(path: Path, told: str = "") -> str:
    """The characters of a file: UTF-8, by its byte order mark, as the file itself has `told`, or Western European."""
    raw = path.read_bytes()
    if len(raw) > 4 * _MOST_CHARS:
        raise _too_long()
    marked = next((encoding for mark, encoding in _BYTE_ORDERS.items() if raw.startswith(mark)), "")
    for encoding in (marked,) if marked else tuple(filter(None, ("utf-8-sig", told, "cp1252"))):
        try:
            text = raw.decode(encoding)
        except (UnicodeError, LookupError):
            continue
        if "\x00" not in text and (encoding != "cp1252" or _western(text)):
            return text
    raise Unreadable("The characters of the file cannot be told.", "Save it as UTF-8 text.")


def _western(text: str) -> bool:
    """Whether a text read as Western European is: in another alphabet read so, nearly every letter has an accent."""
    letters = [c for c in text[:20_000] if c.isalpha()]
    return sum(ord(c) > 127 for c in letters) <= _MOST_ACCENTS * len(letters)


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
        pages: list[str] = []
        for page in document.pages:
            pages.append(_flowing(page.extract_text()))
            if sum(map(len, pages)) > _MOST_CHARS:
                raise _too_long()
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
    """The words of a Word document as it stands with all tracked changes accepted; macros are never looked at."""
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
    except SyntaxError as error:  # what lxml calls damaged XML
        raise Unreadable("The Word document is damaged, or unpacks to too much.", "Save it as .docx again.") from error
    except (zipfile.BadZipFile, OpcError, KeyError, ValueError) as error:
        raise Unreadable("The file is no Word document.", "Save it as .docx again.") from error


def _docx_parts(document: Document) -> Iterator[str]:
    """Paragraphs and tables in their order."""
    from docx.table import Table

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            yield "\n".join(" | ".join(cell.text.strip() for cell in row.cells) for row in block.rows)
            continue
        text, style = _said(block).strip().lstrip("#").strip(), str(block.style.name if block.style else "")
        if not text:
            continue
        depth = 1 if style == "Title" else int(style[-1]) if re.fullmatch(r"Heading [1-6]", style) else 0
        yield f"{'#' * depth} {text}" if depth else text


def _said(paragraph: Paragraph) -> str:
    """The text of a paragraph, with what was inserted while changes are tracked; what was deleted is no `w:t`."""
    from docx.oxml.ns import qn

    breaks = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n"}
    return "".join(
        (node.text or "") if node.tag == qn("w:t") else breaks[node.tag]
        for node in paragraph._p.iter(qn("w:t"), *breaks)
    )


class _Page(HTMLParser):
    """The words that a reader of a page sees, with its headings: no scripts, styles, navigation, nothing hidden."""

    _SKIPPED = frozenset({"script", "style", "nav", "template", "noscript", "svg", "head"})
    _VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "wbr"})
    _BLOCKS = frozenset({"p", "div", "li", "tr", "br", "section", "article", "table", "ul", "ol", "blockquote", "pre"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._skipping = 0
        self._hidden, self._inside = "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "body":
            self._skipping = 0  # ends a head that was never closed
        if self._hidden:
            self._inside += tag == self._hidden
        elif tag not in self._VOID and _hidden(dict(attrs)):
            self._hidden, self._inside = tag, 1
        elif tag in self._SKIPPED:
            self._skipping += 1
        elif re.fullmatch(r"h[1-6]", tag):
            self.parts.append(f"\n\n{'#' * int(tag[1])} ")
        elif tag in self._BLOCKS:
            self.parts.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            self._inside -= tag == self._hidden
            self._hidden = self._hidden if self._inside else ""
        elif tag in self._SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif tag in self._BLOCKS or re.fullmatch(r"h[1-6]", tag):
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._skipping and not self._hidden:
            self.parts.append(" ".join(data.split()) + (" " if data[-1:].isspace() else ""))


def _hidden(attributes: dict[str, str | None]) -> bool:
    style = (attributes.get("style") or "").replace(" ", "").casefold()
    return "hidden" in attributes or "display:none" in style or "visibility:hidden" in style


def _html(path: Path) -> str:
    page = _Page()
    told = _CHARSET.search(path.read_bytes()[:2048])
    page.feed(_text(path, told[1].decode("ascii") if told else ""))
    page.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(page.parts))


def _glossary(path: Path) -> str:
    """A table of terms: the first column is the term, the second what it means; further ones are added to it."""
    csv.field_size_limit(_MOST_CHARS)
    text = _prose(path)
    first = text.lstrip().partition("\n")[0]
    split = max(",;\t", key=first.count)  # the first wins where none is there
    try:
        found = csv.reader(io.StringIO(text), delimiter=split)
        rows = [[c.strip() for c in row] for row in found if any(c.strip() for c in row)]
    except csv.Error as error:
        raise Unreadable("The CSV cannot be read.", "Export it again with quotes around texts.") from error
    headed = rows and rows[0][0].casefold() in ("term", "word", "name", "abbreviation", "concept", "metric", "kpi")
    entries = rows[1:] if headed else rows
    for number, row in enumerate(entries, start=2 if headed else 1):
        if len(row) < 2 or not row[0] or not row[1]:
            raise Unreadable("A line has no term or no meaning.", "Two columns: the term, what it means.", number)
    return "\n\n".join(f"## {row[0].lstrip('# ')}\n\n{' '.join(c for c in row[1:] if c)}" for row in entries)
