"""“The ratio of A to B”, “A minus B” and terms defined by a formula: each side is planned alone, then worked out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import product

from agent.builtin import glossary
from agent.builtin.arithmetic import combined, fields, formula_of, single
from agent.builtin.defaults import money_noun
from agent.builtin.lexicon import Lexicon
from agent.builtin.patches import dump
from agent.plan import Assumption, Decision, Plan, Step
from warehouse.model.schema import SemanticModel
from warehouse.query import Condition, Filter, MetricQuery, MetricRef, Order

_SIDES = (
    (re.compile(
        r"^(?P<lead>.*?)\b(?:the )?(?:ratio|quotient) (?:of|between) (?P<a>.+?)"
        r" (?:to|and|divided by|over|out of|versus|per) (?P<b>.+)$", re.I), "/"),
    (re.compile(r"^(?P<lead>.*?)\b(?:the )?(?P<a>[^,?]+?) divided by (?P<b>.+)$", re.I), "/"),
    (re.compile(
        r"^(?P<lead>.*?)\b(?:the )?(?P<a>[^,?]+?) as (?:an? )?(?:share|percentage|percent|proportion|fraction|part)"
        r" of (?:the |their )?(?P<b>.+)$", re.I), "/"),
    (re.compile(r"^(?P<lead>.*?)\b(?:the )?(?:difference|gap|spread) between (?P<a>.+?) and (?P<b>.+)$", re.I), "-"),
    (re.compile(r"^(?P<lead>.*?)\b(?:the )?(?P<a>[^,?]+?) minus (?P<b>.+)$", re.I), "-"),
    (re.compile(r"^(?P<lead>.*?)\b(?:the )?(?P<a>[^,?]+?) plus (?P<b>.+)$", re.I), "+"),
)  # fmt: skip
_LEADS = re.compile(
    r"^(?:what is|what's|what was|calculate|compute|show|show me|give me|get|return|find|tell me"
    r"|how does|how did|how do|)"
    r"\W*(?:the)?\W*$",
    re.I,
)
_OPENING = re.compile(
    r"^(?:(?:what (?:is|was|are|were)|calculate|compute|show(?: me)?|give me|get|return|find|tell me"
    r"|how (?:does|did)) )+(?:the )?",
    re.I,
)
_NAMED = re.compile(
    r"^(?:what is|what was|calculate|show|give me|find)? ?(?:the )?[\w ]{3,40}?,? which is (?:the )*", re.I
)
_VERBS = re.compile(r"\s+(?:change|changes|differ|differs|vary|varies|develop|develops|look|looks|compare)(?=\s)", re.I)
_YEARS = re.compile(r"\s+over (?:the )?years\b", re.I)
_REST = re.compile(r"\s+(?=(?:by|per|for|in each|within each|for|in|during|since|from|last|this|across|on)\b)", re.I)
_NAMES = {"/": "ratio of {a} to {b}", "-": "{a} minus {b}", "+": "{a} plus {b}"}
_HEAD = 2
_EXTREME = re.compile(r"^(?:the )?(highest|largest|biggest|lowest|smallest)\b", re.I)
_SINGLE = dict.fromkeys(("highest", "largest", "biggest"), "maximum") | dict.fromkeys(("lowest", "smallest"), "minimum")
_ORDER_VALUE = re.compile(
    r"\b(?:(?:the|our) )?(?:(?:average|avg|mean|typical) (?P<x>order|basket|transaction|sale|purchase|invoice|booking)"
    r" (?:value|amount)|aov)\b",
    re.I,
)
Replan = Callable[[str], Decision]


def order_value(question: str, replan: Replan, lexicon: Lexicon) -> Plan | None:
    """“average order value by country”, where no model wrote that figure down: money over the orders it came from."""
    found, money = _ORDER_VALUE.search(question), money_noun(lexicon)
    if found is None or money is None:
        return None
    label = lexicon.label(money.refs[0]).lower()
    nouns = dict.fromkeys((f"{found['x'] or 'order'}s".lower(), "orders", "transactions"))
    for side, noun in product((label, f"total {label}", f"sum of {label}"), nouns):
        text = f"{question[: found.start()]}{side} divided by number of {noun}{question[found.end() :]}"
        made = ratio(text, replan, lexicon.model)
        shown = made.steps["s1"].args["query"]["metrics"][0] if made is not None else {"metric": ""}
        if made is not None and shown["metric"].rpartition(".")[2] == money.refs[0].name:  # “total” may be a count
            name = f"average_{found['x'] or 'order'}_value".lower()
            text = made.model_dump_json().replace(f'"{shown["alias"]}"', f'"{name}"')
            body = f"{label} divided by number of {noun}"
            chip = Assumption(key="definition", label=f"“{name.replace('_', ' ')}” means", value=body, display=body)
            renamed = Plan.model_validate_json(text)
            return renamed.model_copy(update={"assumptions": [*renamed.assumptions, chip]})
    return None


def ratio(question: str, replan: Replan, model: SemanticModel) -> Plan | None:
    """The plan of a ratio, a difference or a sum of two figures; None for others and for sides that do not fit."""
    text = _OPENING.sub("", _NAMED.sub("", _YEARS.sub(" by year", _VERBS.sub(" ", question.strip(" ?.!")))))
    for pattern, sign in _SIDES:
        found = pattern.match(text)
        if found is None or not _LEADS.match(found["lead"] or ""):
            continue
        for b, rest in _splits(found["b"]):
            if rest and not _says_only_where(rest, replan, b):
                continue
            made = _worked_out((found["a"], b), rest, sign, replan, model)
            if made is not None:
                return made
    return None


def defined(question: str, lines: Iterable[str], replan: Replan) -> Plan | None:
    """The plan of a term whose definition is arithmetic: each of its parts is asked in place of the term."""
    for term, body in glossary.formulas(question, lines):
        formula = formula_of(body)
        if formula is None:
            continue
        plans = [p for text in formula.operands if (p := _in_place(question, term, text, replan)) is not None]
        made = combined(plans, formula.text, _slug(term), term) if len(plans) == len(formula.operands) else None
        if made is not None:
            made.assumptions.append(Assumption(key="definition", label=f"“{term}” means", value=body, display=body))
            return made
    return None


def _in_place(question: str, term: str, text: str, replan: Replan) -> Plan | None:
    """The question about a part of the term: as it is worded, else about its total."""
    for wording in (text, f"total {text}"):
        found = replan(re.sub(rf"(?<!\w){re.escape(term)}(?!\w)", lambda _m, w=wording: w, question))  # type: ignore[misc]
        if isinstance(found, Plan) and single(found) is not None:
            return found
    return None


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """The second side with what is said about both, the shortest side first."""
    for cut in _REST.finditer(text):
        yield text[: cut.start()], text[cut.end() :]
    yield text, ""


def _side(text: str, rest: str, replan: Replan) -> Plan | None:
    """One side with what is said about both; a kind of record is counted."""
    for lead in ("", "number of ", "total ", "average "):
        found = replan(_asked(f"{lead}{text}" if lead else text, rest))
        if isinstance(found, Plan) and single(found) is not None:
            return found
    return None


def _worked_out(sides: tuple[str, str], rest: str, sign: str, replan: Replan, model: SemanticModel) -> Plan | None:
    a, b = (_EXTREME.sub(lambda m: _SINGLE[m[1].casefold()], s) for s in sides)
    bottom = _side(b, rest, replan)
    top = _side(a, rest, replan) if bottom is not None else None
    if bottom is not None and top is None and len(a.split()) < _HEAD and len(b.split()) >= _HEAD:
        top = _side(f"{a} {' '.join(b.split()[1:])}", rest, replan)  # `the highest and lowest price`
    if top is None or bottom is None:
        return None
    said = _NAMES[sign].format(a=a, b=b)
    if sign == "/":
        return _divided(top, bottom, said, model)
    return combined([top, bottom], f"p0 {sign} p1", _slug(said), said[:1].upper() + said[1:])


def _says_only_where(rest: str, replan: Replan, side: str) -> bool:
    """Whether `rest` holds no more than groups, periods and values: it may be said of both sides."""
    bare, more = _side(side, "", replan), _side(side, rest, replan)
    before, after = (single(p) if p is not None else None for p in (bare, more))
    if before is None or after is None:
        return False
    counted = after.metrics[0].metric.startswith("count_distinct:")  # the same records, counted where the groups are
    return counted or before.metrics == after.metrics


def _asked(side: str, rest: str) -> str:
    plain = re.sub(r"^(?:the )", "", side.strip(), flags=re.I)
    return f"{plain} {rest}".strip()


def _slug(text: str) -> str:
    return re.sub(r"\W+", "_", text if text.isupper() else text.casefold()).strip("_")[:60].rstrip("_")


def _divided(top: Plan, bottom: Plan, said: str, model: SemanticModel) -> Plan | None:
    first, second = single(top), single(bottom)
    if first is None or second is None:
        return None
    a, b = (_at_home(q, model) for q in (first, second)) if first.dimensions != second.dimensions else (first, second)
    if not _alike(a, b):
        return None
    shared = tuple(f for f in a.filters if f in b.filters)
    own = tuple(f for f in a.filters if f not in shared)
    others = tuple(f for f in b.filters if f not in shared)
    if _excluding(shared, own) or _excluding(shared, others):
        return None
    alias = _slug(said)
    one = MetricRef(
        metric=a.metrics[0].metric,
        where=(*a.metrics[0].where, *own),
        per=b.metrics[0].metric,
        per_where=(*b.metrics[0].where, *others),
        alias=alias,
    )
    order = () if (a.time and a.time.grain) or not a.dimensions else (Order(by=alias, desc=True),)
    shared += _known_groups(a, b, model)
    query = a.model_copy(update={"metrics": (one,), "filters": shared, "order": order})
    step = Step(
        tool="query_metrics", args={"query": dump(MetricQuery.model_validate(query.model_dump()))}, title="Ratio"
    )
    hints = {**top.hints, "metric": alias}
    chips = [c for c in top.assumptions if c.key == "today"]
    intent = "total" if top.intent == "count" else top.intent
    return Plan(intent=intent, steps={"s1": step}, assumptions=chips, confidence=0.8, hints=hints)


def _at_home(query: MetricQuery, model: SemanticModel) -> MetricQuery:
    """The query by what its keys point at, so that keys of two tables to one third are the same group."""
    homes: dict[str, str] = {}
    for table, spec in model.tables.items():
        homes |= {f"{table}.{k}": f"{j.to}.{v}" for j in spec.joins if len(j.on) == 1 for k, v in j.on.items()}
    groups = tuple(d.model_copy(update={"field": homes.get(d.field, d.field)}) for d in query.dimensions)
    return query.model_copy(update={"dimensions": groups})


def _known_groups(a: MetricQuery, b: MetricQuery, model: SemanticModel) -> tuple[Condition, ...]:
    """A group that the divisor lists itself is never missing: what belongs to none of them has no ratio."""
    owners = {model.measure_table(q.metrics[0].metric) for q in (a, b)}
    listed = [d for d in a.dimensions if d.field.split(".")[0] in owners]
    return tuple(Filter(field=d, op="not_null") for d in listed) if len(owners) > 1 else ()


def _alike(a: MetricQuery, b: MetricQuery) -> bool:
    """Whether both sides have the same rows: the same groups and the same time, and nothing cut or ranked."""
    plain = not any((q.having, q.top, q.compare, q.transforms) != ((), None, None, ()) for q in (a, b))
    return plain and a.dimensions == b.dimensions and a.time == b.time


def _excluding(shared: tuple[Condition, ...], own: tuple[Condition, ...]) -> bool:
    """Whether a side's own condition speaks of a field that both sides limit."""
    limited = {f for c in shared for f in fields(c)}
    return any(f in limited for c in own for f in fields(c))
