"""What a finding is worth beside the rest of the house: a few hundred of alcohol is no headline where sales are a
quarter of a million, however unusual it is, and who stood still is no news where it is told who moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tools.insights.judge import Finding

if TYPE_CHECKING:
    from tools.insights.scan import Seen

_MATERIAL = 0.005


def largest(seen: Sequence[Seen]) -> dict[str, float]:
    """By currency, the largest sum of money of the last period among all that was looked at."""
    found: dict[str, float] = {}
    for each in seen:
        for at, figure in enumerate(each.subject.figures):
            code = _money(each, at)
            if code and not figure.level:
                total = abs(float(each.room.whole.sums[0, -1, figure.top]))
                found[code] = max(found.get(code, 0.0), total)
    return found


def _money(seen: Seen, figure: int) -> str:
    """The currency of a sum of money; "" for rates and counts."""
    spec = seen.subject.figures[figure]
    return (spec.column.unit.currency or "") if spec.column.unit is not None and spec.bottom is None else ""


def weighed(seen: Seen, finding: Finding, most: Mapping[str, float]) -> Finding:
    """The finding with less impact where what moved is below half a percent of the largest sum of its currency."""
    code = _money(seen, finding.figure)
    if not code or not most.get(code):
        return finding
    return replace(finding, impact=round(finding.impact * min(1.0, abs(finding.moved) / (_MATERIAL * most[code])), 4))


def without_bystanders(findings: Sequence[Finding]) -> list[Finding]:
    """Without the groups that stood still while the whole moved, where a weightier finding says who moved it."""
    kept: list[Finding] = []
    for finding in findings:
        own, all_ = _growths(finding)
        if abs(own) < abs(all_) and any(_moved_it(other, finding, all_) for other in kept):
            continue
        kept.append(finding)
    return kept


def _growths(finding: Finding) -> tuple[float, float]:
    """By how much a group and its whole grew; nothing where no sum of a group is meant."""
    if finding.test != "stands_out" or finding.ratio or finding.whole is None or not finding.before:
        return 0.0, 0.0
    before, after = finding.whole
    return finding.after / finding.before - 1, after / before - 1 if before else 0.0


def _moved_it(other: Finding, finding: Finding, whole: float) -> bool:
    own, _ = _growths(other)
    return other.figure == finding.figure and own * whole > 0 and abs(own) > abs(whole)
