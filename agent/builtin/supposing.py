"""“What if orders fall by 10%?” and “what would it take to reach $7M?”: suppositions read into exact changes."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from agent.brain import PlanContext
from agent.builtin.bench import metric_query, options_as_plans
from agent.builtin.borrow import Planner, as_window, one_step, periods, plain_text
from agent.builtin.dates import Today
from agent.builtin.text import parse_number
from agent.plan import Assumption, Decision, Decline, Plan
from tools.levers.tree import trees
from warehouse.model.schema import SemanticModel

_AMOUNT = (
    r"(?P<v>[$€£]?\d[\d,.]*\s?(?:thousand|million|billion|mn|bn|k|m)?)(?P<p>\s?(?:%|"
    r"percent|per cent|pct|percentage points?|points?))?"
)
_UP = (
    r"(?:rises?|rose|increases?d?|grows?|grew|goes up|went up|go up|climbs?|gains?|"
    r"improves?d?|jumps?|is up|are up|up|higher|more|raise[sd]?|add)"
)
_DOWN = (
    r"(?:falls?|fell|drops?|dropped|decreases?d?|declines?d?|goes down|went down|go down|"
    r"shrinks?|shrank|loses?|is down|are down|down|lower(?:s|ed)?|less|fewer|cut|"
    r"reduce[sd]?|slips?)"
)
_CHANGE = (
    re.compile(
        rf"^(?:our |the |we )?(?P<m>.+?) (?:(?:was|were|is|are|would be|to be|had been) )?(?:"
        rf"(?P<up>{_UP})|(?P<down>{_DOWN}))(?: by)? (?:(?P<to>to) )?{_AMOUNT}$"
    ),
    re.compile(
        rf"^(?:we )?(?:(?P<up>raise|increase|grow|lift|improve)|(?P<down>cut|reduce|lower|drop|"
        rf"decrease)) (?:our |the )?(?P<m>.+?) (?:(?P<to>to)|by) {_AMOUNT}$"
    ),
    re.compile(
        rf"^(?:our |the )?(?P<m>.+?) (?:were|was|is|are|would be|had been|becomes?|became|"
        rf"reache[sd]|hits?|at|of|stays? at|(?:goes|go|comes|went) to)(?P<to>) {_AMOUNT}$"
    ),
    re.compile(rf"^(?:our |the )?(?P<m>.+?) (?P<sign>[+-]) ?{_AMOUNT}$"),
    re.compile(rf"^{_AMOUNT} (?:(?P<up>more|higher)|(?P<down>fewer|less|lower)) (?:of )?(?P<m>.+)$"),
    re.compile(
        rf"^(?:(?:we )?(?:had|have|got|get|sold|sell) )?{_AMOUNT} (?:(?P<up>more|higher)|"
        rf"(?P<down>fewer|less|lower)) (?P<m>.+)$"
    ),
    re.compile(r"^(?:our |the |we )?(?P<m>.+?) (?P<up>doubles?d?|halves?|halved)(?P<v>)(?P<p>)$"),
)
_ASKS = re.compile(
    r"^(?:(?:and|so|but|tell me|show me|calculate|simulate|suppose|imagine|assume|say)\b ?)*"
    r"(?:what if|what happens? if|suppose|imagine|assume|simulate)\b ?(?:that )?(?P<c>.+)$"
)
_EFFECT = re.compile(
    r"^(?:what (?:would|will|does|happens to|happen to)|how (?:much )?(?:would|will|does)|"
    r"what is)(?: happen to)? ?(?:the |our |my )?"
    r"(?P<t>.+?) (?:be |change |look like |come to |move |develop |do )?(?:if|when|with) (?P<c>.+)$"
)
_AFTER = re.compile(
    r"^(?:if|suppose|imagine|assume|say)(?: that)? (?P<c>.+?) (?:what|how much) (?:would|will|happens to|is) "
    r"(?:happen to )?(?:the |our |my )?(?P<t>.+?)(?: be| come to| change)?$"
)
_GOAL = (
    re.compile(
        rf"\bwhat (?:must|needs? to|has to|would have to|would need to) (?:happen|change)(?: "
        rf"for (?:the |our )?(?P<t>.+?))? (?:to )?(?:reach|hit|get to|be|come to|make) "
        rf"{_AMOUNT}(?: (?:in|of) (?P<t2>.+))?$"
    ),
    re.compile(
        rf"\bwhat (?:would|does|will) it take (?:for (?:the |our )?(?P<t>.+?) )?to (?:reach|hit"
        rf"|get to|get|make|have) {_AMOUNT}(?: (?:in|of) (?P<t2>.+))?$"
    ),
    re.compile(
        rf"\bhow (?:many|much) (?P<l>.+?) (?:do|would|must|should) we (?:need|have to have|"
        rf"have)(?: to (?:reach|hit|get to|get|make|have)| for) {_AMOUNT}(?: (?:in|of) )?"
        rf"(?P<t>.+)?$"
    ),
    re.compile(
        rf"\b(?:what|which) (?P<l>.+?) (?:do|would|must|should) we need (?:to (?:reach|hit|get "
        rf"to|get|make|have)|for) (?:(?P<t>[a-z ]+?) of )?{_AMOUNT}(?: (?:in|of) (?P<t2>.+))?$"
    ),
    re.compile(rf"\bhow (?:can|could|do) we (?:reach|hit|get to) {_AMOUNT}(?: (?:in|of) (?P<t>.+))$"),
)
_SPLIT = re.compile(r",? (?:and|while|but|with) (?=.*(?:\d|doubl|halv))")
_HEADLINES = ("revenue", "sales", "turnover", "total amount", "amount")
_SCALE = {"k": 10**3, "thousand": 10**3, "m": 10**6, "mn": 10**6, "million": 10**6, "bn": 10**9, "billion": 10**9}
_PRICE = re.compile(r"^(?:the |our |all )?prices?$")


def supposing(context: PlanContext, planner: Planner) -> Decision | None:
    """The decision on a supposition or on what a goal would take; None for any other question."""
    text = plain_text(context.question)
    if not re.search(
        r"\bif\b|suppose|imagine|assume|simulate|what (?:must|needs?|has to|would|does)|how "
        r"(?:many|much|can|could|do)|what .+ need",
        text,
    ):
        return None
    asked = _Asked(context, planner)
    raw = " ".join(re.sub(r"[?!]", " ", context.question.casefold().replace("−", "-")).split()).rstrip(" .")
    for pattern in _GOAL:
        if hit := pattern.search(raw):
            return asked.goal(hit)
    for pattern in (_EFFECT, _AFTER, _ASKS):
        if hit := pattern.match(raw):
            return asked.changes(hit["c"], hit.groupdict().get("t"))
    return None


class _Asked:
    """One question with what is needed to read names in it."""

    def __init__(self, context: PlanContext, planner: Planner) -> None:
        self.context, self.planner = context, planner

    @property
    def model(self) -> SemanticModel:
        return self.context.model

    def changes(self, said: str, target: str | None) -> Decision | None:
        """A plan for changes; a decline that names what was not understood; None when it is no supposition at all."""
        clauses = self.clauses(said)
        time, rest = self.period(clauses)
        read = [_change(c) for c in rest]
        if not read or any(r is None for r in read):
            return None
        wanted = self.name(target) if target else None
        if target and wanted is None:
            return _unknown(target)
        found: list[dict[str, Any]] = []
        for one in read:
            assert one is not None  # looked at above
            phrase, change = one
            metric = self.lever(phrase, wanted)
            if metric is None:
                return _unknown(phrase)
            found.append({"metric": metric, **change})
        wanted = wanted or self.headline({str(f["metric"]) for f in found})
        if wanted is None:
            return Decline(reason="Say which figure you want to see under this change.", code="no_figure", nearest=[])
        return self.plan({"metric": wanted, "changes": found, **time})

    def goal(self, hit: Any) -> Decision | None:
        """A plan for what a goal would take."""
        groups = hit.groupdict()
        value = _value(groups["v"])
        target = groups.get("t") or groups.get("t2")
        (time, texts) = self.period([target] if target else [])
        wanted = self.name(texts[0]) if texts and texts[0] else self.headline(set())
        if value is None or wanted is None:
            return _unknown(target) if target else None
        args: dict[str, Any] = {
            "metric": wanted,
            "goal": {"metric": wanted, "to": str(value / 100 if groups.get("p") else value)},
        }
        if groups.get("l"):
            lever = self.lever(groups["l"], wanted)
            if lever is None:
                return _unknown(groups["l"])
            args["levers"] = [lever]
        return self.plan({**args, **time})

    def plan(self, args: dict[str, Any]) -> Plan:
        chip = Assumption(key="reading", label="Read as", value="calculation", display="a calculation, not a forecast")
        return one_step("what_if", args, "Doing the sums", "what_if", [chip])

    def clauses(self, said: str) -> list[str]:
        """The changes that are supposed together."""
        return [c.strip(" ,") for c in _SPLIT.split(said) if c.strip(" ,")]

    def period(self, texts: list[str]) -> tuple[dict[str, Any], list[str]]:
        """A period said at the end, as the base; texts without it."""
        today = Today.by(self.context.model.calendar, self.context.as_of.date())
        if not texts:
            return {}, []
        found, rest = periods(texts[-1], self.context, today)
        if len(found) != 1 or not rest:
            return {}, texts
        over = found[0].end is not None and found[0].end <= today.day
        return ({"time": as_window(found[0])} if over else {}), [*texts[:-1], rest]

    def name(self, said: str) -> str | None:
        """The figure that a phrase means."""
        phrase = re.sub(r"^(?:the |our |my |number of |total )+", "", said.strip())
        for text in (phrase, f"number of {phrase}"):
            decision = self.planner(self.context.asking(text))
            plans = [decision] if isinstance(decision, Plan) else options_as_plans(decision)[:1]
            query = metric_query(plans[0]) if plans else None
            if query is not None and len(query.metrics) == 1 and not query.dimensions and not query.filters:
                metric = query.metrics[0]
                if metric.per is None and ":" not in metric.metric:
                    return metric.metric
        return None

    def lever(self, said: str, target: str | None) -> str | None:
        """The figure to change: by its name, or for prices the average price that sales are made of."""
        if _PRICE.match(said.strip()):
            priced = [
                n for n, m in self.model.metrics.items() if m.kind == "ratio" and "price" in (m.label or n).casefold()
            ]
            linked = [n for n in priced if target is None or trees(self.model, target, (n,))]
            return next(iter(linked or priced), None)
        return self.name(said)

    def headline(self, levers: set[str]) -> str | None:
        """What a business looks at first, and that the levers lead to where they do."""
        named = [m for w in _HEADLINES if (m := self.name(w)) is not None and m not in levers]
        linked = [m for m in named if not levers or trees(self.model, m, tuple(sorted(levers)))]
        parts = [self.model.metrics[n].numerator for n in sorted(levers) if n in self.model.metrics]
        made = [p for p in parts if p and p not in levers and trees(self.model, p, tuple(sorted(levers)))]
        return next(iter([*linked, *made, *named]), None)


def _change(clause: str) -> tuple[str, dict[str, str]] | None:
    """The figure's phrase and the change: by a share, to a value, or by an amount."""
    for pattern in _CHANGE:
        hit = pattern.match(clause)
        if hit is None:
            continue
        groups = hit.groupdict()
        word = groups.get("up") or ""
        if word.startswith(("doubl", "halv")):
            return groups["m"], {"by": "1" if word.startswith("doubl") else "-0.5"}
        value = _value(groups["v"])
        if value is None:
            continue
        share = (groups.get("p") or "").strip()
        down = bool(groups.get("down")) or groups.get("sign") == "-"
        if groups.get("to") is not None:
            return groups["m"], {"to": str(value / 100 if share else value)}
        if "point" in share:
            return groups["m"], {"add": str((-value if down else value) / 100)}
        if share:
            return groups["m"], {"by": str((-value if down else value) / 100)}
        return groups["m"], {"add": str(-value if down else value)}
    return None


def _value(said: str) -> Decimal | None:
    match = re.fullmatch(r"([$€£]?\d[\d,.]*?)\.?\s?(k|m|mn|million|bn|billion|thousand)?", said.strip())
    if match is None:
        return None
    found = parse_number(match[1])
    return None if found is None else found * _SCALE.get(match[2] or "", 1)


def _unknown(said: str | None) -> Decline:
    words = (said or "").strip()
    return Decline(
        reason=f"I know no figure called “{words}”, so I cannot calculate with it.", code="not_understood", nearest=[]
    )
