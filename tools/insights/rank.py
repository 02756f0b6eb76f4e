"""From tests to what is worth telling: honest about how many were made, each story once, the weightiest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tools.insights.chance import discoveries
from tools.insights.judge import Finding

Overlap = Callable[[Finding, Finding], tuple[float, float] | None]
EXPLAINS = 0.7
WORTH = 0.03
_LOOKED_AT = 8
_LOUD = 0.25
_MOST_ALSO = 2


def stands(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that hold when a tenth of them may be false, by impact; ties in a fixed order."""
    kept = [f for f, ok in zip(findings, discoveries([f.chance for f in findings]), strict=True) if ok and f.impact > 0]
    return sorted(kept, key=order)


def order(finding: Finding) -> tuple[float, str, int, str, str]:
    """Weightiest first; what is level comes in an order that no run changes."""
    return -finding.impact, finding.test, finding.figure, finding.label, str(finding.member)


def merged(findings: Sequence[Finding], same: Callable[[Finding], object]) -> list[Finding]:
    """One finding for each `same`; the others that go the same way become its `also`."""
    groups: dict[object, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(same(finding), []).append(finding)
    return [_with_also(group) for group in groups.values()]


def _with_also(group: list[Finding]) -> Finding:
    """The story told by the figure people care for most, unless it shows there only faintly."""
    loud = [f for f in group if f.impact >= _LOUD * group[0].impact]
    lead = min(loud, key=lambda f: (f.ratio, -f.relevance, -f.impact))
    first = replace(lead, impact=group[0].impact)
    group = [first, *(f for f in group if f is not lead)]
    others = [f.figure for f in group[1:] if f.up == first.up and f.figure != first.figure and f.test == first.test]
    return replace(first, also=tuple(dict.fromkeys(others))[:_MOST_ALSO])


def told_once(findings: Sequence[Finding], overlap: Overlap) -> list[Finding]:
    """Without those that a weightier finding explains to 70 %, and without the faint.

    `overlap` gives the part that two findings share of each of them.
    """
    kept: list[Finding] = []
    for finding in findings:
        if finding.impact < WORTH:
            break
        explained = False
        for at, weightier in enumerate(kept[:_LOOKED_AT]):
            shares = overlap(weightier, finding)
            if shares is None or shares[1] < EXPLAINS:
                continue
            explained = True
            if shares[0] >= EXPLAINS and weightier.cause is None and abs(finding.moved) <= abs(weightier.moved):
                kept[at] = replace(weightier, cause=finding.member)
        if not explained:
            kept.append(finding)
    return kept


def one_shift(findings: Sequence[Finding]) -> list[Finding]:
    """What one member's share gains others lose: a split's shifts are told once, with who gave or took most."""
    kept: list[Finding] = []
    first: dict[str, int] = {}
    for finding in findings:
        if finding.test != "share_shift":
            kept.append(finding)
        elif finding.label not in first:
            first[finding.label] = len(kept)
            kept.append(finding)
        else:
            lead = kept[first[finding.label]]
            if lead.cause is None and finding.up != lead.up:
                kept[first[finding.label]] = replace(lead, cause=finding.member)
    return [f for f in kept if f.test != "concentrated" or not first]


def _own(finding: Finding) -> float:
    """What a sum moved by itself; of a ratio what it moved the whole by."""
    return finding.moved if finding.ratio else finding.after - finding.before


def whole_and_part(findings: Sequence[Finding]) -> list[Finding]:
    """A whole that moved takes the part that explains 70 % of it as its cause, and the part is not told again."""
    wholes = {f.figure: f for f in findings if f.test == "moved"}
    causes: dict[int, Finding] = {}
    for part in (f for f in findings if f.test in ("stands_out", "appeared", "vanished")):
        whole = wholes.get(part.figure)
        if whole is None or part.figure in causes or part.yearly != whole.yearly or not _own(whole):
            continue
        if EXPLAINS <= _own(part) / _own(whole) <= 1 / EXPLAINS:
            causes[part.figure] = part
    gone = list(causes.values())
    kept = [f for f in findings if f not in gone]
    return [replace(f, cause=causes[f.figure].member) if f.test == "moved" and f.figure in causes else f for f in kept]
