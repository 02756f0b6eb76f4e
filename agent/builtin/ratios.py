"""“The ratio of A to B” as one figure: both sides are planned as questions of their own, then divided."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from agent.builtin.patches import dump
from agent.plan import Decision, Plan, Step
from warehouse.query import AnyOf, Condition, DimRef, Filter, MetricQuery, MetricRef, Order

_RATIO = re.compile(
    r"^(?P<lead>.*?)\b(?:the )?(?:ratio|quotient) (?:of|between) (?P<a>.+?)"
    r" (?:to|and|divided by|over|out of|versus|per) (?P<b>.+)$",
    re.I,
)
_DIVIDED = re.compile(r"^(?P<lead>what is |calculate |show )?(?:the )?(?P<a>.+?) divided by (?P<b>.+)$", re.I)
_LEADS = re.compile(
    r"^(?:what is|what's|what was|calculate|compute|show|show me|give me|get|return|find|tell me|)\W*(?:the)?\W*$", re.I
)
_REST = re.compile(
    r"\s+(?=(?:by|per|for each|in each|within each|for|in|during|since|from|last|this|across|on)\b)", re.I
)
Replan = Callable[[str], Decision]


def ratio(question: str, replan: Replan) -> Plan | None:
    """The plan of a ratio question; None for other questions and for sides that do not belong together."""
    found = _RATIO.match(question.strip(" ?.!")) or _DIVIDED.match(question.strip(" ?.!"))
    if found is None or not _LEADS.match(found["lead"] or ""):
        return None
    for b, rest in _splits(found["b"]):
        if rest and not _says_only_where(rest, replan, b):
            continue
        top, bottom = replan(_asked(found["a"], rest)), replan(_asked(b, rest))
        if isinstance(top, Plan) and isinstance(bottom, Plan):
            made = _divided(top, bottom, f"{found['a']} to {b}")
            if made is not None:
                return made
    return None


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """The second side with what is said about both, the shortest side first."""
    for cut in _REST.finditer(text):
        yield text[: cut.start()], text[cut.end() :]
    yield text, ""


def _says_only_where(rest: str, replan: Replan, side: str) -> bool:
    """Whether `rest` holds no more than groups, periods and values: it may be said of both sides."""
    bare, more = replan(_asked(side, "")), replan(_asked(side, rest))
    if not (isinstance(bare, Plan) and isinstance(more, Plan)):
        return False
    before, after = _query(bare), _query(more)
    if before is None or after is None or len(after.metrics) != 1:
        return False
    counted = after.metrics[0].metric.startswith("count_distinct:")  # the same records, counted where the groups are
    return counted or before.metrics == after.metrics


def _asked(side: str, rest: str) -> str:
    plain = re.sub(r"^(?:the )", "", side.strip(), flags=re.I)
    return f"{plain} {rest}".strip()


def _query(plan: Plan) -> MetricQuery | None:
    step = plan.steps.get("s1")
    if step is None or step.tool != "query_metrics" or len(plan.steps) > 1:
        return None
    return MetricQuery.model_validate(step.args["query"])


def _divided(top: Plan, bottom: Plan, said: str) -> Plan | None:
    a, b = _query(top), _query(bottom)
    if a is None or b is None or len(a.metrics) != 1 or len(b.metrics) != 1 or not _alike(a, b):
        return None
    shared = tuple(f for f in a.filters if f in b.filters)
    own = tuple(f for f in a.filters if f not in shared)
    others = tuple(f for f in b.filters if f not in shared)
    if _excluding(shared, own) or _excluding(shared, others):
        return None
    alias = re.sub(r"\W+", "_", f"ratio of {said}".casefold()).strip("_")[:60].rstrip("_")
    one = MetricRef(
        metric=a.metrics[0].metric,
        where=(*a.metrics[0].where, *own),
        per=b.metrics[0].metric,
        per_where=(*b.metrics[0].where, *others),
        alias=alias,
    )
    order = () if (a.time and a.time.grain) or not a.dimensions else (Order(by=alias, desc=True),)
    query = a.model_copy(update={"metrics": (one,), "filters": shared, "order": order})
    step = Step(
        tool="query_metrics", args={"query": dump(MetricQuery.model_validate(query.model_dump()))}, title="Ratio"
    )
    hints = {**top.hints, "metric": alias}
    chips = [c for c in top.assumptions if c.key == "today"]
    intent = "total" if top.intent == "count" else top.intent
    return Plan(intent=intent, steps={"s1": step}, assumptions=chips, confidence=0.8, hints=hints)


def _alike(a: MetricQuery, b: MetricQuery) -> bool:
    """Whether both sides have the same rows: the same groups and the same time, and nothing cut or ranked."""
    plain = not any((q.having, q.top, q.compare, q.transforms) != ((), None, None, ()) for q in (a, b))
    return (
        plain and a.dimensions == b.dimensions and a.time == b.time and not any(m.per for m in (*a.metrics, *b.metrics))
    )


def _excluding(shared: tuple[Condition, ...], own: tuple[Condition, ...]) -> bool:
    """Whether a side's own condition speaks of a field that both sides limit."""
    fields = {f for c in shared for f in _fields(c)}
    return any(f in fields for c in own for f in _fields(c))


def _fields(condition: Condition) -> list[DimRef]:
    each = condition.any_of if isinstance(condition, AnyOf) else (condition,)
    return [f.field for f in each if isinstance(f, Filter) and f.field is not None]
