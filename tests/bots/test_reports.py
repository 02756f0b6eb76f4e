"""Reports as files: words stay words, numbers are numbers, a message is always the same file, and mail brings it."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import openpyxl
from pypdf import PdfReader

from bots.digests import mail
from bots.reports import files

ROWS = [{"week": f"2026-0{m}-01", "revenue": f"{4000 + m}.50", "shop": "=1+1"} for m in range(1, 7)]
BODY: dict[str, Any] = {
    "name": "Monday <b>x</b>", "period": "last week", "headline": "Revenue of Süd fell by 31 % <script>.",
    "items": [{"text": "Revenue of Süd fell by 31 % <script>.", "why": "Fewer orders", "tone": "bad"},
              {"text": "=HYPERLINK(\"http://evil.example\")", "why": "", "tone": "good"}],
    "figures": [{"label": "Revenue", "value": "$44.1k", "change": "−8.1%", "against": "week before",
                 "number": "44123.5"}],
    "goals": ["On track."], "ahead": "More.", "questions": ["Why?"], "note": "The data ends.", "quiet": False,
    "chart": {"title": "Revenue by week", "alt": "A line.", "table": "t1", "rows": ROWS, "of": "x",
              "spec": {"mark": "line", "encoding": {"x": {"field": "week", "type": "temporal"},
                                                    "y": {"field": "revenue", "type": "quantitative"}}}},
}  # fmt: skip


def test_a_workbook_holds_numbers_and_no_formula() -> None:
    made = files.made(BODY, "xlsx")
    assert made.content == files.made(BODY, "xlsx").content and made.name == "monday-b-x-b-last-week.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(made.content))
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    assert {c.data_type for c in cells} == {"s", "n", "d"}, "nothing is a formula"
    assert book["Figures"]["B2"].value == 44123.5
    assert [c.value for c in book["Chart"][2]] == ["Period", "revenue", "shop"]
    assert [c.value for c in book["Chart"][3]] == [datetime(2026, 1, 1), 4001.5, "=1+1"], "a day is a day, to sort by"
    assert not any(c.hyperlink for c in cells)
    said = [row[1].value for row in book["Findings"].iter_rows()]
    assert said[0] == BODY["headline"] and "Fewer orders" in said and BODY["items"][1]["text"] in said


def test_a_page_says_it_letter_by_letter_and_runs_nothing() -> None:
    made = files.made(BODY, "pdf")
    assert made.content == files.made(BODY, "pdf").content
    read = PdfReader(io.BytesIO(made.content))
    words = " ".join(" ".join(page.extract_text() for page in read.pages).split())
    for said in ("Revenue of Süd fell by 31 % <script>.", "Why: Fewer orders", "$44.1k", "A line.", "Monday <b>x</b>"):
        assert said in words, said
    assert sum(len(page.images) for page in read.pages) == 1
    assert all("/Annots" not in page for page in read.pages) and b"/JavaScript" not in made.content


def test_a_mail_brings_them_along() -> None:
    envelope = mail.Envelope("a@example.com", "b@example.com", "dm-1", "dg-1", "shop")
    reports = [files.made(BODY, one) for one in files.FORMATS]
    sent = mail.encode(envelope, BODY, b"png", reports)
    kinds = [part.get_content_type() for part in sent.walk()]
    assert kinds[0] == "multipart/mixed" and kinds.count("application/pdf") == 1
    assert [a.get_filename() for a in sent.iter_attachments()] == [r.name for r in reports]
    assert "image/png" in kinds and "text/plain" in kinds and "text/html" in kinds
