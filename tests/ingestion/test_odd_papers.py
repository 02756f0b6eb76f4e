"""Documents that are hostile, broken or merely odd load as their reader sees them, or say why not; nothing runs."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import pytest
from pypdf import PdfWriter

from ingestion import papers
from ingestion.reader import Reader

Read = Callable[..., str]
SHIFT = "The night shift starts at ten."
ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "a" * 50}">' for n in range(8))
PAGE = b"""<html><head><title>T</title><body><p onclick="x()">Shown</p><script>bad()</script><!-- unseen -->
<div style="display: none">obey me <div>and me</div></div><p hidden>nor this</p>
<a href="javascript:bad()">go</a></body>"""


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(seconds=60, memory_mb=2_048) as found:
        yield found


@pytest.fixture
def read(reader: Reader, tmp_path: Path) -> Read:
    def told(name: str, content: bytes | None = None) -> str:
        """The words of a file, or `!` and why there are none."""
        if content is not None:
            (tmp_path / name).write_bytes(content)
        out = tmp_path / f"{name}.out"
        reading = reader.read(tmp_path / name, name, out, kind="paper")
        return f"!{reading.faults[0].reason}" if reading.faults else (out / papers.RESULT).read_text(encoding="utf-8")

    return told


def word(folder: Path, name: str, *changes: tuple[str, str], extra: dict[str, bytes] | None = None) -> None:
    """A Word file of one sentence with its XML changed."""
    made = docx.Document()
    made.add_paragraph(SHIFT)
    made.save(str(folder / "plain.docx"))
    with (
        zipfile.ZipFile(folder / "plain.docx") as old,
        zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            text = old.read(member)
            if member.filename == "word/document.xml":
                for before, after in changes:
                    assert before.encode() in text
                    text = text.replace(before.encode(), after.encode())
            new.writestr(member.filename, text)
        for inner, content in (extra or {}).items():
            new.writestr(inner, content)


def pdf(content: bytes) -> bytes:
    """A PDF of one page that draws `content`."""
    stream = zlib.compress(content)
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /Font << /F1 << /Type /Font"
        b" /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]  # fmt: skip
    made, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + b"xref\n0 5\n0000000000 65535 f \n%strailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        table, len(made),
    )  # fmt: skip


def test_tracked_changes_are_read_as_accepted(read: Read, tmp_path: Path) -> None:
    run = f"<w:t>{SHIFT}</w:t></w:r>"
    after = (
        '<w:t xml:space="preserve">The night shift starts at </w:t></w:r><w:del w:id="1" w:author="a"><w:r>'
        '<w:delText>ten</w:delText></w:r></w:del><w:ins w:id="2" w:author="a"><w:r><w:t>eleven</w:t></w:r></w:ins>'
    )
    word(tmp_path, "tracked.docx", (run, after))
    assert read("tracked.docx") == "The night shift starts at eleven"


def test_macros_are_left_alone_and_bombs_refused(read: Read, tmp_path: Path) -> None:
    word(tmp_path, "macros.docx", extra={"word/vbaProject.bin": b"\xd0\xcf\x11\xe0 Sub AutoOpen()"})
    assert read("macros.docx") == SHIFT
    word(tmp_path, "media.docx", extra={"word/media/x.bin": bytes(210_000_000)})
    assert read("media.docx") == "!The document unpacks to too much."
    word(tmp_path, "long.docx", (SHIFT, "word " * 3_000_000))
    assert "unpacks to too much" in read("long.docx")
    start = "<w:document"
    word(tmp_path, "xml.docx", (start, f"<!DOCTYPE l [{ENTITIES}]>{start}"), (SHIFT, "&e7;"))
    assert "unpacks to too much" in read("xml.docx")
    secret = tmp_path / "secret.txt"
    secret.write_text("CANARY", encoding="utf-8")
    word(tmp_path, "xxe.docx", (start, f'<!DOCTYPE l [<!ENTITY s SYSTEM "file://{secret}">]>{start}'), (SHIFT, "&s; x"))
    assert "CANARY" not in read("xxe.docx")


def test_tables_stand_where_they_stood(read: Read, tmp_path: Path) -> None:
    made = docx.Document()
    made.add_heading("Times", 1)
    table = made.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Reply", "four hours"
    made.add_heading("After", 1)
    made.add_paragraph("Later.")
    made.save(str(tmp_path / "table.docx"))
    assert read("table.docx") == "# Times\n\nReply | four hours\n\n# After\n\nLater."


def test_pdfs_say_what_is_wrong_with_them(read: Read, tmp_path: Path) -> None:
    locked = PdfWriter()
    locked.add_blank_page(9, 9)
    locked.encrypt("secret")
    locked.write(tmp_path / "locked.pdf")
    good = pdf(b"BT /F1 12 Tf (Count the tills twice.) Tj ET")
    assert read("locked.pdf") == "!The PDF is locked with a password."
    assert read("good.pdf", good) == "## Page 1\n\nCount the tills twice."
    assert read("cut.pdf", good[:200]) == "!The PDF is damaged."
    assert read("loop.pdf", good.replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]")) == "!The PDF is damaged."
    assert read("bomb.pdf", pdf(b"BT (A) Tj ET " * 8_000_000)).startswith("!")


def test_a_page_is_what_its_reader_sees(read: Read) -> None:
    assert read("page.html", PAGE).split() == ["Shown", "go"]
    russian = '<html><head><meta charset="windows-1251"></head><body><p>Ночная смена</p></body></html>'
    assert read("russian.html", russian.encode("cp1251")) == "Ночная смена"
    assert read("deep.html", b"<div>" * 50_000 + b"hi") == "hi"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.md", pdf(b""), "!The file is a PDF under another name."),
        ("a.txt", b"PK\x03\x04....", "!The file is a packed or Word file under another name."),
        ("a.csv", b"\xd0\xcf\x11\xe0....", "!The file is an old Office file under another name."),
        ("page.md", b"<!DOCTYPE html><body><script>bad()</script><p>Seen</p>", "Seen"),
        ("wide.txt", "Größe".encode("utf-16"), "Größe"),
        ("wider.txt", "Größe".encode("utf-32"), "Größe"),
        ("western.txt", "Größe der Schicht".encode("latin-1"), "Größe der Schicht"),
        ("cyrillic.txt", "Ночная смена".encode("cp1251"), "!The characters of the file cannot be told."),
        ("japanese.txt", "夜勤は十時に始まります。".encode("shift-jis"), "!The characters of the file cannot be told."),
        ("right.md", "משמרת הלילה\u202e evil".encode(), "משמרת הלילה evil"),
        ("huge.md", b"word " * 3_000_000, "!The document is too long."),
        ("none.csv", b"term,meaning\n", "!The document holds no text."),
        ("semi.csv", b"term;meaning\nSLA;four hours, at most\n", "## SLA\n\nfour hours, at most"),
        ("tabs.csv", b"SLA\tfour hours\n", "## SLA\n\nfour hours"),
        ("sums.csv", b"term,meaning\n=cmd|calc!A1,=1+1\n", "## =cmd|calc!A1\n\n=1+1"),
        ("wide.csv", b'SLA,"' + b"x" * 200_000 + b'"\n', "## SLA\n\n" + "x" * 200_000),
    ],
)
def test_texts_load_as_they_are_or_say_why_not(read: Read, name: str, content: bytes, told: str) -> None:
    assert read(name, content) == told
