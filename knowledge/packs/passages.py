"""Cuts Markdown into passages under headings, because an answer cites a passage and never a whole document."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*\s*$")
_FENCE = re.compile(r"^\s*(```|~~~)")
_ALSO = re.compile(r"^<!--\s*also:(.*)-->\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Section:
    """The text under one heading. `anchor` is unique in the document ("" for what stands before the first `##`).

    `also` are other words for what it is about, from a line `<!-- also: word, another -->`, which nobody is shown.
    """

    anchor: str
    title: str
    text: str
    line: int
    also: tuple[str, ...] = ()


def slug(heading: str) -> str:
    """A heading as an anchor: "What absorption means" -> what-absorption-means."""
    return re.sub(r"[^a-z0-9]+", "-", heading.casefold()).strip("-") or "section"


def sections(markdown: str, title: str = "") -> list[Section]:
    """The document cut at its headings; what has no text of its own is left out.

    A heading deeper than `##` carries the ones above it in its title: "Stock · Turn".
    """
    found: list[Section] = []
    trail: dict[int, str] = {}
    anchor, start, lines, used = "", 1, list[str](), set[str]()
    also: tuple[str, ...] = ()
    fenced = headed = False

    def close() -> None:
        text = "\n".join(lines).strip()
        if text:
            told = " · ".join(trail[d] for d in sorted(trail) if d > 1) or trail.get(1) or title
            found.append(Section(anchor, told, text, start, also))

    for number, line in enumerate(markdown.splitlines(), start=1):
        fenced ^= bool(_FENCE.match(line))
        heading = None if fenced else _HEADING.match(line)
        if heading is None:
            if not fenced and (named := _ALSO.match(line)):
                also += tuple(word for part in named[1].split(",") if (word := part.strip()))
            else:
                lines.append(line)
            continue
        close()
        depth, words = len(heading[1]), heading[2]
        trail = {d: t for d, t in trail.items() if d < depth} | {depth: words}
        anchor = "" if depth == 1 and not headed else _free(slug(words), used)
        headed = True
        start, lines, also = number, [], ()
    close()
    return found


def _free(anchor: str, used: set[str]) -> str:
    name, n = anchor, 2
    while name in used:
        name, n = f"{anchor}-{n}", n + 1
    used.add(name)
    return name
