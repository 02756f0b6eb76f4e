"""“Who are my best customers?”, “what is one worth?”, “who is about to leave?”: questions for skills about people.

A question is taken only when every word of it is understood: what is left beside the sentence must be conditions that
the planner of figures can read, or the question goes on to the other readers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from agent.brain import PlanContext
from agent.builtin.borrow import Borrowed, Planner, borrowed, chip, one_step, plain_text
from agent.builtin.customer_kinds import of_kinds
from agent.builtin.customer_questions import READERS, Asked, days_ago
from agent.builtin.lexicon import lexicon_of
from agent.builtin.text import stem
from agent.plan import Assumption, Decision, Decline
from store.errors import NotEnough
from tools import entities
from tools.churn import labelled
from tools.segments import rfm
from warehouse.query import MetricQuery, MetricRef

_READINGS = ("why", "top", "by", "by_low")
_SEGMENT = re.compile(r"(?:rfm |customer |value |behaviou?r )*(?:segments?|groups?|kinds?|types?)")
_FIGURES = ("revenue", "sales", "turnover", "amount", "spend", "orders", "transactions", "visits")


def about_customers(context: PlanContext, planner: Planner) -> Decision | None:
    """The decision on a question about single customers or kinds of them; None for any other question."""
    text = re.sub(r"^(?:so|and|ok|okay|well|then) ", "", plain_text(context.question))
    asked = of_kinds(text, context) or next((a for read in READERS if (a := read(text, context)) is not None), None)
    if asked is None:
        return None
    if entity := _entity(asked.who, context):
        asked.args["entity"] = entity
    if not _possible(asked, context):
        return None
    chips: list[Assumption] = []
    if asked.by:
        split = _split(asked, context, planner)
        if not isinstance(split, Borrowed):
            return split
        asked.args |= split.shared
        chips = split.chips
    elif asked.rest:
        conditions = _conditions(asked.rest, context, planner)
        if not isinstance(conditions, Borrowed):
            return conditions if asked.tool != "segments" else None
        asked.args |= {"filters": conditions.shared["filters"]}
        chips = conditions.chips
    chips = [*_CHIPS[asked.tool](asked, context), *chips]
    plan = one_step(asked.tool, asked.args, _TITLES[asked.tool], asked.tool, chips)
    return plan.model_copy(update={"hints": {"asked": asked.reading}}) if asked.reading in _READINGS else plan


# who is meant ----------------------------------------------------------------------------------------------------


def _entity(word: str, context: PlanContext) -> str:
    """The table of the people meant; "" to let the skill find them."""
    refs = lexicon_of(context.model).lookup((stem(word),)) if word not in ("", "people", "person") else []
    tables = [r.name for r in refs if r.kind == "table"]
    joined = {j.to for t in context.model.tables.values() for j in t.joins}
    return tables[0] if tables and tables[0] in joined else ""


def _possible(asked: Asked, context: PlanContext) -> bool:
    """Whether there is a log of what these people do. “The best” have other readings without one.

    Raises `NotEnough` with what is missing.
    """
    if asked.tool == "churn_risk" and labelled.find(context.model, None) is not None:
        return True
    try:
        entities.find(context, entities.EntityArgs(entity=asked.args.get("entity")))
    except NotEnough:
        if asked.reading:
            return False
        raise
    return True


def _split(asked: Asked, context: PlanContext, planner: Planner) -> Borrowed | Decline | None:
    """The field people are told apart by, with the conditions beside it; RFM segments where no field is called so."""
    declined: Decline | None = None
    words = asked.by.removesuffix(" customers").removesuffix(" customer")
    for figure in _FIGURES:
        found = borrowed(context, planner, figure, f"by {words} {asked.rest}".strip(), cut=True)
        if isinstance(found, Borrowed):
            time = found.query.time
            bounded = time is not None and (time.start or time.end or time.last or time.to_date or time.grain)
            return found if found.query.dimensions and not bounded else None
        declined = declined or (found if isinstance(found, Decline) else None)
    if _SEGMENT.fullmatch(words) and not asked.rest:
        asked.args["by"] = "rfm"
        return Borrowed(MetricQuery(metrics=(MetricRef(metric="any"),)), [])
    return declined


def _conditions(rest: str, context: PlanContext, planner: Planner) -> Borrowed | Decline | None:
    """What is left of the question as filters; else why it cannot be read, or None when it is more than filters."""
    declined: Decline | None = None
    for figure in _FIGURES:
        found = borrowed(context, planner, figure, rest)
        if isinstance(found, Borrowed):
            time = found.query.time
            bounded = time is not None and (time.start or time.end or time.last or time.to_date or time.grain)
            plain = found.query.filters and not found.query.dimensions and not bounded
            return found if plain else None
        declined = declined or (found if isinstance(found, Decline) else None)
    return declined


# chips --------------------------------------------------------------------------------------------------------------


def _segment_chips(asked: Asked, context: PlanContext) -> list[Assumption]:
    chips: list[Assumption] = []
    choices: dict[str, tuple[str, dict[str, Any]]]
    if asked.reading:
        if "since" in asked.args:
            choices = {
                d: (f"The last {d} days", {"since": str(days_ago(context, int(d)))}) for d in ("30", "90", "365")
            }
            choices |= {asked.reading: (f"The last {asked.reading} days", {"since": asked.args["since"]})}
            chips.append(chip("since", "Since", asked.reading, f"The last {asked.reading} days", choices))
        else:
            choices = {n: (n, {"only": n}) for n in (rfm.CHAMPIONS, rfm.LOYAL, rfm.POTENTIAL)}
            display = "Champions: bought lately, often and for much"
            chips.append(chip("reading", f"“{asked.reading}” is read as", rfm.CHAMPIONS, display, choices))
    elif "only" not in asked.args:
        methods: dict[str, str] = {"rfm": "Recency, frequency, money", "auto": "Groups in the data, if there are any",
                   "density": "Dense groups of any shape"}  # fmt: skip
        choices = {m: (label, {"method": m, "k": None}) for m, label in methods.items()}
        method = str(asked.args.get("method", "rfm"))
        chips.append(chip("method", "Grouped by", method, methods.get(method, method), choices))
    return chips + _names_chip(asked, context)


def _value_chips(asked: Asked, context: PlanContext) -> list[Assumption]:
    if "who" in asked.args:
        return []
    months = {"6": ("6 months", {"months": 6}), "12": ("12 months", {"months": 12}), "24": ("2 years", {"months": 24})}
    value = str(asked.args.get("months", 12))
    months.setdefault(value, (f"{value} months", {"months": int(value)}))
    rates: dict[str, tuple[str, dict[str, Any]]] = {
        "0.1": ("10% a year", {"discount": 0.1}),
        "0": ("Not at all", {"discount": 0.0}),
    }
    return [
        chip("months", "Looking ahead", value, months[value][0], months),
        chip("discount", "Later money counts less", "0.1", "10% a year", rates),
        *_names_chip(asked, context),
    ]


def _risk_chips(asked: Asked, context: PlanContext) -> list[Assumption]:
    if "who" in asked.args:
        return []
    orders = {"chance": ("Chance to leave", {"order": "chance"}), "loss": ("Expected loss", {"order": "loss"})}
    order = str(asked.args.get("order", "chance"))
    return [chip("order", "Listed by", order, orders[order][0], orders), *_names_chip(asked, context)]


def _names_chip(asked: Asked, context: PlanContext) -> list[Assumption]:
    """Where names are personal data they are held back unless wanted."""
    table = context.model.tables.get(str(asked.args.get("entity", "")))
    spec = table.dimensions.get(table.name_column) if table is not None and table.name_column else None
    if spec is None or not spec.pii:
        return []
    held = "Held back (personal data)"
    choices: dict[str, tuple[str, dict[str, Any]]] = {
        "no": (held, {"show_names": None}), "yes": ("Shown", {"show_names": True}),
    }  # fmt: skip
    return [chip("names", "Names", "no", held, choices)]


_TITLES = {"segments": "Grouping the customers", "lifetime_value": "Valuing the customers",
           "churn_risk": "Learning who leaves"}  # fmt: skip
_CHIPS: dict[str, Callable[[Asked, PlanContext], list[Assumption]]] = {
    "segments": _segment_chips, "lifetime_value": _value_chips, "churn_risk": _risk_chips,
}  # fmt: skip
