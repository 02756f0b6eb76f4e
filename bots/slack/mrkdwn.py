"""The one way words get into Slack: what is data stays words, so that it can neither ping, link nor dress itself up."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from agent import format as fmt
from agent.claims import LINK
from tools.evidence import Column, ResultTable

MOST_TEXT = 3000
"""Most characters of one text object."""
MOST_BLOCKS = 50
MOST_ROWS = 10
_BREAK = "\u200b"
"""Has no width: it stands where a mark would otherwise begin something."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MARK = re.compile(r"([*_~`]|:(?=//|[a-z0-9_+'-]+:)|@(?=\w)|(?<=www)\.|(?<=mailto):|^(?=&gt;))", re.I | re.M)
_TOKEN = re.compile(r"\\([\\`*_\[\]<>#|~!])|\*\*(.+?)\*\*|`([^`\n]+)`|\[((?:[^\]\\]|\\.)*)\]\([^)\s]*\)", re.S)
_CITED = re.compile(r"\[\^([a-z]+)\]")
_HEADING = re.compile(r"^#{1,6} +(.*)$", re.M)
_BULLET = re.compile(r"^( *)[-*] +", re.M)
_INCOMING = re.compile(r"<([@#!]?)([^>|]*)(?:\|([^>]*))?>")


def escape(text: str) -> str:
    """Text from data or about it, as Slack shows it letter by letter."""
    clean = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    told = clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARK.sub(lambda m: f"{_BREAK}{m[1]}" if m[1] != "." and m[1] != ":" else f"{m[1]}{_BREAK}", told)


def code(text: str) -> str:
    """Text for a block of code, which Slack shows as it is: what is copied out of it still runs."""
    clean = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).replace("```", '"')
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str) -> str:
    """What `escape` wrote, as it was."""
    return html.unescape(text.replace(_BREAK, ""))


def of_markdown(text: str) -> str:
    """Our own markdown as Slack's: numerals are words, emphasis stays, links to elsewhere are their words."""
    text = _CITED.sub(r" (source \1)", LINK.sub(r"\1", text))
    text = _HEADING.sub(r"**\1**", text)
    text = _BULLET.sub(r"\1• ", text)
    parts, at = [], 0
    for found in _TOKEN.finditer(text):
        parts += [escape(text[at : found.start()]), _token(found)]
        at = found.end()
    return "".join([*parts, escape(text[at:])])


def _token(found: re.Match[str]) -> str:
    literal, bold, code, link = found.groups()
    if literal is not None:
        return escape(literal)
    if bold is not None:
        return f"*{of_markdown(bold).replace('*', '')}*"
    if code is not None:
        return f"`{escape(code)}`"
    return of_markdown(link or "")


def of_person(text: str, bot: str | None = None) -> str:
    """What somebody wrote in Slack as plain words, without the mention of the bot."""

    def words(found: re.Match[str]) -> str:
        sign, target, label = found.groups()
        if sign == "@":
            return "" if target == bot else (label or "")
        if sign == "#":
            return f"#{label or target}"
        return (label or target.partition("^")[0]) if sign == "!" else (label or target)

    return html.unescape(_INCOMING.sub(words, text)).replace("\u00a0", " ").strip()


def cut(text: str, most: int = MOST_TEXT) -> str:
    """At most `most` characters, cut between words and never inside an entity."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    broken = re.search(r"&[a-z]{0,4}$", kept)
    kept = kept[: broken.start()] if broken else kept
    return f"{kept[: max(kept.rfind(' '), most // 2)].rstrip()}…"


def split(text: str, most: int = MOST_TEXT) -> list[str]:
    """Text in pieces that fit a block, broken between paragraphs and lines where that is possible."""
    pieces: list[str] = []
    while len(text) > most:
        at = max(text.rfind("\n\n", 0, most), text.rfind("\n", 0, most))
        at = at if at > most // 3 else max(text.rfind(" ", 0, most), most // 2)
        pieces.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [p for p in [*pieces, text] if p]


def table(found: ResultTable, most: int = MOST_ROWS) -> str:
    """The first rows in fixed width, and how many more there are."""
    rows = [[_cell(v, c) for v, c in zip(row, found.columns, strict=True)] for row in found.rows[:most]]
    heads = [_short(c.label) for c in found.columns]
    widths = [max(len(r[i]) for r in [heads, *rows]) for i in range(len(heads))]
    right = [c.type in ("integer", "decimal", "float") and c.role != "dimension" for c in found.columns]
    lines = [_line(cells, widths, right) for cells in [heads, *rows]]
    body = escape("\n".join(lines)).replace(f"{_BREAK}`", "'")
    more = max(found.total_rows, len(found.rows)) - len(rows)
    body = body if len(body) <= MOST_TEXT - 200 else f"{cut(body, MOST_TEXT - 200)}"
    return f"```{body}```" + (f"\n… and {more:,} more {'row' if more == 1 else 'rows'}" if more > 0 else "")


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    pairs = zip(cells, widths, right, strict=True)
    return "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in pairs).rstrip()


def _cell(value: object, column: Column) -> str:
    return _short(fmt.cell_text(value, column, "full")[0])


def _short(text: str, most: int = 28) -> str:
    text = " ".join(_CONTROL.sub("", text).split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
