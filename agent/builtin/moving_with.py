"""“What moves with revenue?” and “do ads lead orders?”: questions about figures that go together."""

from __future__ import annotations

import re
from typing import Any

from agent.brain import PlanContext
from agent.builtin.bench import metric_query, options_as_plans
from agent.builtin.borrow import Planner, as_window, chip, one_step, periods, plain_text
from agent.builtin.dates import Today
from agent.plan import Clarify, Decision, Decline, Plan
from warehouse.query import MetricQuery

_WHAT = re.compile(
    r"\b(?:what|which(?: (?:figures?|metrics?|numbers?|kpis?|things?|factors?))?|anything"
    r"(?: that)?|is there anything that)"
    r"(?: (?:else|other figures))? (?:moves?|goes|go|correlates?|is correlated|are "
    r"correlated|tracks?|is linked|are linked"
    r"|is related|are related|is associated|are associated|varies|vary|changes?)(?: together| most| best| closely)*"
    r" (?:with|and|alongside|to|along with) (?P<a>.+)$"
    r"|\b(?:correlations?|links?|relationships?) (?:of|with|for) (?P<b>.+)$"
    r"|\b(?:what|which (?:figures?|metrics?|numbers?|columns?)) (?:is|are|does|do) (?P<e>.+?)"
    r" (?:correlated?|related?|linked|associated|move|go)(?: together)? (?:with|to)$"
    r"|\bwhat (?:leads|predicts|runs ahead of|precedes) (?P<c>.+)$"
    r"|\b(?:correlate|relate) (?P<d>.+?) (?:with|to) (?:everything|all|the rest|other figures)$"
)
_PAIR = (
    re.compile(
        r"\b(?:does|do|did|is|are) (?P<x>.+?) (?:move|moves|go|correlate|correlated|vary|track"
        r"|linked|related|associated"
        r"|change)(?: together| closely)* (?:with|and|alongside|to|along with) (?P<y>.+)$"
    ),
    re.compile(
        r"\b(?:does|do|did) (?P<x>.+?) (?:lead|predict|drive|affect|influence|precede|run "
        r"ahead of|matter for|follow|lag)"
        r" (?P<y>.+)$"
    ),
    re.compile(
        r"\bby how many (?:days|weeks|months) (?:does|do|did) (?P<x>.+?) (?:lead|run ahead of|"
        r"precede|lag|follow) (?P<y>.+)$"
    ),
    re.compile(
        r"\b(?:correlations?|links?|relationships?|connections?|association) (?:between|of) "
        r"(?P<x>.+?) (?:and|with|to) (?P<y>.+)$"
    ),
    re.compile(
        r"\bhow (?:closely |strongly )?(?:is|are|does|do) (?P<x>.+?) (?:linked|related|"
        r"correlated|tied|connected|relate|correlate)"
        r" (?:to|with) (?P<y>.+)$"
    ),
    re.compile(r"\bcorrelate (?P<x>.+?) (?:with|and|to) (?P<y>.+)$"),
)
_GRAIN = re.compile(r"\b(?:by|per|on a) (?P<g>day|week|month|quarter)\b|\b(?P<h>dai|week|month|quarter)ly\b")
_TAIL = re.compile(
    r"\b(?:and by how (?:many|much).*|by how many days.*|over time|with (?:a|what) lag.*|most|at all|beyond chance)$"
)
_AD = re.compile(r"^(?:ads?|marketing|advertising|advertisements) spend$")
_LEAD = re.compile(r"^(?:the |our |my |number of |changes? in |movements? in )+")


def linking(context: PlanContext, planner: Planner) -> Decision | None:
    """The decision on a question about what goes together; None for any other question."""
    text = plain_text(context.question)
    args: dict[str, Any] = {}
    if hit := _GRAIN.search(text):
        args["grain"] = "day" if hit["h"] == "dai" else hit["g"] or hit["h"]
        text = " ".join(f"{text[: hit.start()]} {text[hit.end() :]}".split())
    last = _last_day(context)
    said, text = periods(text, context, Today.by(context.model.calendar, last))
    if len(said) == 1:
        args["time"] = as_window(said[0])
    pair = next((m for p in _PAIR if (m := p.search(text))), None)
    whole = None if pair else _WHAT.search(text)
    if pair is None and whole is None:
        return None
    if whole is not None:
        found = _figure(next(g for g in whole.groups() if g), context, planner)
        return _answer(found, None, args)
    assert pair is not None  # one of both was found
    first = _figure(pair["x"], context, planner)
    second = _figure(pair["y"], context, planner)
    if isinstance(first, MetricQuery) and isinstance(second, MetricQuery):
        return _answer(second, first, args)
    unknown = first if not isinstance(first, MetricQuery) else second
    return unknown if isinstance(unknown, Decline) and _surely(text) else None


def _surely(text: str) -> bool:
    return re.search(r"\b(?:correlat\w+|move|linked|lead|link)\b", text) is not None


def _last_day(context: PlanContext) -> Any:
    return context.as_of.date()


def _figure(said: str, context: PlanContext, planner: Planner) -> MetricQuery | Decision:
    """The figure a phrase means, as the planner reads it: the phrase itself, or how many there are of it."""
    phrase = _LEAD.sub("", _TAIL.sub("", said).strip()).strip()
    last: Decision | None = None
    spend = f"{phrase} spend" if phrase in ("ad", "ads", "advertising", "marketing", "advertisements") else ""
    dated = any(t.time for t in context.model.tables.values())
    for text in (spend, phrase, "" if dated else f"average {phrase}", f"number of {phrase}"):
        if not text:
            continue
        decision = planner(context.asking(_AD.sub("ad spend", text)))
        plans = [decision] if isinstance(decision, Plan) else options_as_plans(decision)[:1]
        query = metric_query(plans[0]) if plans else None
        if query is not None and len(query.metrics) == 1 and not query.dimensions and not query.top:
            return query
        last = last or decision
    return last if last is not None else Decline(reason="I do not know that figure.", code="not_understood", nearest=[])


def _answer(found: MetricQuery | Decision, other: MetricQuery | None, args: dict[str, Any]) -> Decision | None:
    if isinstance(found, (Decline, Clarify)):
        return found
    if not isinstance(found, MetricQuery):
        return None
    args = {"metric": found.metrics[0].metric, **args}
    if found.filters:
        args["filters"] = [f.model_dump(mode="json", exclude_defaults=True) for f in found.filters]
    if other is not None:
        args["candidates"] = [other.metrics[0].metric]
    grain = args.get("grain")
    choices = {g: (f"By {g}", {"grain": g}) for g in ("day", "week", "month")}
    shown = f"by {grain}" if grain else "the finest step that most rows have"
    return one_step(
        "correlate",
        args,
        "Looking for what moves together",
        "correlate",
        [chip("grain", "Looked at", str(grain or "auto"), shown, choices)],
    )
