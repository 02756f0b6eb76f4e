"""One evidence as sentences see it: its cells, when and for whom it was asked, which end of a ranking was wanted."""

from __future__ import annotations

from typing import Any

from agent.brain import TellContext
from agent.claims import Ref, escape
from agent.format import MONTH_NAMES
from tools.derive import number
from tools.evidence import CellRef, Evidence
from tools.params import param_ref

_OPEN_ENDED = ("since", "until", "before", "after", "from", "between", "up to", "through", "all", "on ")


class Scene:
    """One evidence with lookups that sentences need."""

    def __init__(self, evidence: Evidence, context: TellContext) -> None:
        self.evidence = evidence
        self.context = context
        self.tables = {t.id: t for t in evidence.tables}
        self.params = next((t for t in evidence.tables if t.kind == "params"), None)

    def value(self, ref: CellRef | None) -> Any:
        return self.tables[ref.table].value(ref.row, ref.column) if ref is not None else None

    def sign(self, ref: CellRef | None) -> int:
        """-1, 0 or 1 of a numeric cell; 0 when it is empty."""
        found = number(self.value(ref))
        return 0 if not found else 1 if found > 0 else -1

    def when(self, name: str = "period") -> list[str | Ref]:
        """ " in October 2026" with the period as a reference, or nothing when the question had no period."""
        ref = param_ref(self.params, name) if self.params else None
        if ref is None:
            return []
        label = str(self.value(ref))
        return [f" {preposition}".rstrip() + " ", Ref(ref)] if (preposition := _before(label)) else [" ", Ref(ref)]

    def for_whom(self) -> list[str | Ref]:
        """ " for Germany and France where quantity over ten" from the filters that were asked for."""
        if self.params is None:
            return []
        names = [r[0] for r in self.params.rows if str(r[0]).startswith("filter_")]
        refs = [r for n in names if (r := param_ref(self.params, n)) is not None]
        parts: list[str | Ref] = []
        for position, ref in enumerate(refs):
            parts += [" for " if position == 0 else " and ", Ref(ref)]
        where = param_ref(self.params, "where")
        related: list[str | Ref] = [f" {escape(str(words))}" for words in self.context.plan.hints.get("related", ())]
        said: list[str | Ref] = [" where ", Ref(where)] if where else []
        held = param_ref(self.params, "held")
        having: list[str | Ref] = [" ", Ref(held)] if held else []
        return [*related, *parts, *having, *said]

    def bottom_up(self) -> bool:
        """Whether the question asked for the smallest rather than the largest."""
        top = self.evidence.args.get("query", {}).get("top") or {}
        return bool(top.get("bottom")) or self.context.plan.hints.get("direction") in ("worst", "lowest", "bottom")


def _before(label: str) -> str:
    lowered = label.lower()
    if lowered.startswith(_OPEN_ENDED):
        return ""
    if lowered.startswith(("last ", "past ", "previous ", "next ", "first ", "week of")):
        return "in the"
    if lowered.startswith(("today", "yesterday", "this ", "the day")):
        return ""
    if _is_day(label):
        return "on"
    return "over" if "–" in label else "in"


def _is_day(label: str) -> bool:
    """ "Oct 21, 2026" and "2026-10-21" are days; "October 2026", "Q3 2026" and "2026" are not."""
    starts_with_month = label[:3] in {m[:3] for m in MONTH_NAMES}
    return (starts_with_month and "," in label and "–" not in label) or (label.count("-") == 2 and len(label) == 10)
