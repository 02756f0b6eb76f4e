"""A message as a page to print: A4, letters in the file, nothing that runs and nothing that links elsewhere."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from bots.digests.changes import beside

_SYSTEM = Path("/usr/share/fonts/truetype/dejavu")
_NAMES = (("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"), ("Vera.ttf", "VeraBd.ttf"))
_INK, _SOFT, _RULE = "#111827", "#6b7280", "#e5e7eb"
_TONES = {"good": "#15803d", "bad": "#b91c1c"}
_CHART_WIDTH = 470.0


def pdf(body: Mapping[str, Any], picture: bytes | None) -> bytes:
    """The headline, findings with their reasons, the chart, figures, goals and what is ahead.

    The same message is the same file, byte for byte. Raises `ModuleNotFoundError` without the library.
    """
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate

    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=60, rightMargin=60, topMargin=56, bottomMargin=56, title=_clean(body["name"]),
        author="Plainsay", subject=_clean(body["headline"])[:300], invariant=1, lang="en",
    )  # fmt: skip
    foot = _foot(_clean(f"{body['name']} · {body['period']}" if body["period"] else body["name"]))
    document.build(list(_story(body, picture)), onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _story(body: Mapping[str, Any], picture: bytes | None) -> Iterator[Any]:
    from reportlab.platypus import Paragraph, Spacer

    styles = _styles()
    head = f"{body['name']} · {body['period']}" if body["period"] else body["name"]
    yield Paragraph(_text(head), styles["soft"])
    yield Paragraph(_text(body["headline"]), styles["title"])
    yield from _items(body, styles)
    if picture is not None:
        yield from _chart(picture, body["chart"], styles)
    if body["figures"]:
        yield Spacer(1, 8)
        yield _figures(body["figures"], styles)
    sections = (("Goals", body["goals"]), ("What is ahead", [body["ahead"]] if body["ahead"] else []),
                ("Ask next", body["questions"]))  # fmt: skip
    for title, lines in sections:
        if lines:
            yield Paragraph(title, styles["section"])
            yield from (Paragraph(_text(line), styles["body"]) for line in lines)
    if body["note"]:
        yield Spacer(1, 8)
        yield Paragraph(_text(body["note"]), styles["soft"])


def _items(body: Mapping[str, Any], styles: Mapping[str, Any]) -> Iterator[Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Paragraph, Table, TableStyle

    for number, item in enumerate(body["items"]):
        lines = [Paragraph(_text(item["text"]), styles["body"])] if number else []
        lines += [Paragraph(f"Why: {_text(item['why'])}", styles["why"])] if item.get("why") else []
        if lines:
            made = Table([[line] for line in lines], colWidths=[_CHART_WIDTH], hAlign="LEFT", spaceAfter=6)
            bar = HexColor(_TONES.get(item["tone"], "#d1d5db"))
            look = [("LINEBEFORE", (0, 0), (0, -1), 2.5, bar), ("LEFTPADDING", (0, 0), (-1, -1), 10),
                    ("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)]  # fmt: skip
            made.setStyle(TableStyle(look))
            yield made


def _chart(picture: bytes, chart: Mapping[str, Any], styles: Mapping[str, Any]) -> Iterator[Any]:
    from reportlab.platypus import Image, KeepTogether, Paragraph, Spacer

    shown = Image(io.BytesIO(picture))
    scale = _CHART_WIDTH / shown.imageWidth
    shown.drawWidth, shown.drawHeight = shown.imageWidth * scale, shown.imageHeight * scale
    yield KeepTogether([Spacer(1, 8), shown, Paragraph(_text(chart["alt"]), styles["caption"])])


def _figures(figures: list[dict[str, str]], styles: Mapping[str, Any]) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Paragraph, Table, TableStyle

    rows = [[Paragraph(_text(f["label"]), styles["body"]), Paragraph(_text(f["value"]), styles["right"]),
             Paragraph(_text(beside(f)), styles["soft"])] for f in figures]  # fmt: skip
    made = Table(rows, colWidths=[200, 110, 160], hAlign="LEFT")
    look = [("LINEABOVE", (0, 0), (-1, -1), 0.6, HexColor(_RULE)), ("LEFTPADDING", (0, 0), (0, -1), 0),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]  # fmt: skip
    made.setStyle(TableStyle(look))
    return made


def _styles() -> dict[str, Any]:
    from reportlab.lib.styles import ParagraphStyle

    plain, bold = _fonts()
    body = ParagraphStyle("body", fontName=plain, fontSize=10, leading=14.5, textColor=_INK)
    soft = ParagraphStyle("soft", parent=body, fontSize=8.5, leading=12, textColor=_SOFT)
    title = ParagraphStyle("title", parent=body, fontName=bold, fontSize=16, leading=21, spaceBefore=4, spaceAfter=12)
    return {
        "body": body, "soft": soft, "why": ParagraphStyle("why", parent=body, fontSize=9.5, textColor="#374151"),
        "right": ParagraphStyle("right", parent=body, alignment=2, fontName=bold),
        "caption": ParagraphStyle("caption", parent=soft, spaceBefore=2, spaceAfter=6),
        "title": title,
        "section": ParagraphStyle("section", parent=body, fontName=bold, fontSize=10.5, spaceBefore=14, spaceAfter=3),
    }  # fmt: skip


def _fonts() -> tuple[str, str]:
    """Letters of many scripts where the machine or a library has them, else those that came with the writer."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for names in _NAMES:
        for folder in _folders():
            if all((folder / name).is_file() for name in names):
                for alias, name in zip(("Report", "Report-Bold"), names, strict=True):
                    pdfmetrics.registerFont(TTFont(alias, folder / name))
                return "Report", "Report-Bold"
    return "Helvetica", "Helvetica-Bold"


def _folders() -> Iterator[Path]:
    yield _SYSTEM
    for package, inside in (("matplotlib", "mpl-data/fonts/ttf"), ("reportlab", "fonts")):
        found = importlib.util.find_spec(package)
        if found is not None and found.origin is not None:
            yield Path(found.origin).parent / inside


def _foot(words: str) -> Any:
    """Draws the line below each page: what it is, and which page."""

    def draw(canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setFont(_fonts()[0], 8)
        canvas.setFillColor(_SOFT)
        canvas.drawString(60, 34, words if len(words) <= 90 else f"{words[:89]}…")
        canvas.drawRightString(document.pagesize[0] - 60, 34, f"Plainsay · page {document.page}")
        canvas.restoreState()

    return draw


def _clean(text: str) -> str:
    return "".join(c for c in text if c.isprintable())


def _text(text: str) -> str:
    """Words from data: nothing in them is markup of the page."""
    return escape(_clean(text), quote=False)
