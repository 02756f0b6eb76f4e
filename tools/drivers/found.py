"""The facts of an explanation, most telling first, each bound to cells of its tables."""

from __future__ import annotations

from dataclasses import dataclass

from tools.drivers.explain import Finding
from tools.drivers.sheets import EVERYTHING_ELSE, refs
from tools.evidence import Fact, ResultTable

_UNKNOWN = 0.5
_COLUMNS = {
    "change_usual": {n: n for n in ("larger", "compared", "low", "high")},
    "mix_rate": {n: n for n in ("dimension", "mix", "rate")},
    "calendar_effect": {n: n for n in ("effect", "days_before", "days_after", "weekend_before", "weekend_after")},
    "known_event": {n: n for n in ("name", "effect", "days_before", "days_after")},
    "factor": {"name": "factor", "growth": "growth", "effect": "effect"},
    "factor_below": {"name": "factor", "of": "of", "growth": "growth", "effect": "effect"},
    "newcomer": {"name": "member", "contribution": "contribution"},
    "driver": {"name": "driver", **{n: n for n in ("before", "after", "contribution", "share")}},
    "unexplained": {"contribution": "contribution", "share": "share"},
}


@dataclass(frozen=True)
class Sheets:
    """The tables of an explanation by what they hold; those without anything to hold are None."""

    main: ResultTable | None
    whole: ResultTable
    steps: ResultTable | None = None
    usual: ResultTable | None = None
    calendar: ResultTable | None = None
    mix: ResultTable | None = None
    factors: ResultTable | None = None
    newcomers: ResultTable | None = None
    below: ResultTable | None = None
    ends: ResultTable | None = None
    events: ResultTable | None = None

    def all(self) -> list[ResultTable]:
        """Every table there is, the main one first."""
        found = (self.main, self.whole, self.steps, self.usual, self.calendar, self.mix, self.factors, self.below)
        return [t for t in (*found, self.ends, self.events, self.newcomers) if t is not None]


def facts_of(finding: Finding, sheets: Sheets, metric: str, good: str | None) -> list[Fact]:
    """What was found, by kind: see the list in `tools.facts`. Inside the usual range nothing has impact."""
    weight = _surprise(finding)
    facts = [_change(finding, sheets, metric, good, weight), *_drivers(finding, sheets, metric, weight)]
    inside = _yes(finding.usual is not None and finding.usual.inside)
    for kind, table, share in (
        ("change_usual", sheets.usual, 0.4),
        ("mix_rate", sheets.mix, 0.4),
        ("calendar_effect", sheets.calendar, 0.2),
        ("known_event", sheets.events, 0.3),
        ("factor", sheets.factors, 0.3),
        ("factor_below", sheets.below, 0.2),
        ("newcomer", sheets.newcomers, 0.3),
    ):
        for row in range(len(table.rows)) if table is not None else ():
            assert table is not None
            attributes = {"inside": inside} if kind == "change_usual" else {}
            if kind == "factor":
                attributes = {"tree": "given" if sheets.ends is not None else "obvious"}
            if kind == "newcomer":
                attributes = {"status": finding.newcomers[row].status}
            values = refs(table, row, _COLUMNS[kind])
            impact = round(share * weight, 3)
            facts.append(Fact(kind=kind, metric=metric, values=values, attributes=attributes, impact=impact))
    return facts


def _surprise(finding: Finding) -> float:
    if not finding.change:
        return 0.0
    if finding.usual is None:
        return _UNKNOWN
    return 0.0 if finding.usual.inside else round(1 - finding.usual.p, 3)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _change(finding: Finding, sheets: Sheets, metric: str, good: str | None, weight: float) -> Fact:
    direction = "flat" if not finding.change else "up" if finding.change > 0 else "down"
    attributes = {
        "direction": direction,
        "usual": "unknown" if finding.usual is None else "inside" if finding.usual.inside else "outside",
        "spread": _yes(finding.spread_over is not None),
        "tone": "neutral" if good is None or direction == "flat" else "good" if good == direction else "bad",
    }
    values = refs(sheets.whole, 0, {"before": "before", "after": "after", "change": "change", "growth": "growth"})
    return Fact(kind="explained_change", metric=metric, values=values, attributes=attributes, impact=weight)


def _drivers(finding: Finding, sheets: Sheets, metric: str, weight: float) -> list[Fact]:
    table = sheets.main
    if table is None:
        return []
    facts = []
    for row, driver in enumerate(finding.drivers):
        share = float(driver.part.contribution / finding.change)
        attributes = {"status": driver.status, "way": "with" if share > 0 else "against"}
        impact = round(min(1.0, abs(share)) * weight, 3)
        values = refs(table, row, _COLUMNS["driver"])
        facts.append(Fact(kind="driver", metric=metric, values=values, attributes=attributes, impact=impact))
    last = len(table.rows) - 1
    if table.rows[last][0] == EVERYTHING_ELSE:
        values = refs(table, last, _COLUMNS["unexplained"])
        facts.append(Fact(kind="unexplained", metric=metric, values=values, impact=0.1 * weight))
    return facts
