"""What events mean: every kind of event is a figure with its own name, so “signups by country” needs no modelling."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ingestion.events import people, sessions, store, wording
from ingestion.profiling import SourceFacts
from warehouse.literals import literal
from warehouse.model.schema import SemanticModel
from warehouse.model.words import plural
from warehouse.profile import DataProfile, TableProfile

SURE = 0.99
"""Not 1, which marks what a person wrote: ours may change with the data."""
MOST_KINDS = 40
MOST_RATIOS = 12
"""Figures that are offered per visitor, the most frequent first."""
_DIMENSIONS: Mapping[str, Mapping[str, Any]] = {
    "event_name": {"label": "Event name", "synonyms": ["kind of event", "type of event", "event type", "step"]},
    "visitor_id": {"label": "Visitor ID", "groupable": False, "sample": 0},
    "page_url": {"label": "Page", "synonyms": ["page url", "url"]},
    "page_title": {"label": "Page title"},
    "referrer": {"label": "Referrer", "synonyms": ["referring site"]},
    "utm_source": {"label": "Source", "synonyms": ["utm source", "traffic source"]},
    "utm_medium": {"label": "Medium", "synonyms": ["utm medium"]},
    "utm_campaign": {"label": "Campaign", "synonyms": ["utm campaign"]},
    "country": {"label": "Country"},
    "device": {"label": "Device", "synonyms": ["device type"]},
    "language": {"label": "Language"},
    "currency": {"label": "Currency"},
}
_VISIT_DIMENSIONS = ("referrer", "utm_source", "utm_medium", "utm_campaign", "country", "device", "currency")


def given(profile: DataProfile, facts: Mapping[str, SourceFacts]) -> SemanticModel | None:
    """The meaning of the tables of events that are there; None when there are none."""
    ours = {n for n, f in facts.items() if f.origin == f"{store.ORIGIN} › {n}"} & set(profile.tables)
    if store.TABLE not in ours:
        return None
    tables = {store.TABLE: _events(profile.tables[store.TABLE])}
    if sessions.TABLE in ours:
        tables[sessions.TABLE] = _visits(profile.tables[sessions.TABLE])
    if people.TABLE in ours:
        tables[people.TABLE] = _users()
    starters = ["How many events per day?", "How many active visitors per week?"]
    figures = [
        m["label"].lower() for m in tables[store.TABLE]["measures"].values() if "where" in m and m["agg"] == "count"
    ]
    starters += [f"How many {label}{by}?" for label in figures[:2] for by in (" last month", " by country")]
    metrics = _per_visitor(tables[store.TABLE]["measures"], visits=sessions.TABLE in tables)
    return SemanticModel.model_validate({"model": "events", "tables": tables, "metrics": metrics, "starters": starters})


def label_of(event: str) -> str:
    """What the figure of a kind of event is called: `signup` -> “Signups”, `order_completed` -> “Order completed”."""
    words = wording.plain(event).split()
    if not words:
        return "Events of one kind"
    *first, last = words
    text = " ".join([*first, last if last.endswith(("ed", "s")) else plural(last)])
    return text[0].upper() + text[1:]


def _events(stored: TableProfile) -> dict[str, Any]:
    columns = stored.columns
    dimensions = {
        n: _sure(d) for n, d in _DIMENSIONS.items() if _filled(stored, n) or n in ("event_name", "visitor_id")
    }
    numbers: dict[str, Any] = {}
    for name, column in columns.items():
        if name in store.COLUMNS or not column.rows:
            continue
        label = name.replace("_", " ").capitalize()
        if column.duckdb_type == "DOUBLE":
            numbers[name] = _sure({"label": label, "type": "integer" if column.integral else "float"})
        else:
            kind = {"type": "boolean"} if column.duckdb_type == "BOOLEAN" else {}
            dimensions[name] = _sure({"label": label, **kind})
    return {
        "source": store.TABLE, "label": "Events", "confidence": SURE, "record": "event", "key": ["event_id"],
        "time": _time("time", "Time"), "dimensions": dimensions, "numbers": numbers, "measures": _measures(stored),
    }  # fmt: skip


def _measures(stored: TableProfile) -> dict[str, Any]:
    made: dict[str, Any] = {
        "events": {
            "label": "Number of events", "synonyms": ["events", "event count"], "agg": "count",
            "unit": {"name": "event"},
        },
        "active_visitors": {
            "label": "Active visitors", "agg": "count_distinct", "expr": "visitor_id", "additive": "none", "good": "up",
            "synonyms": ["active users", "visitors", "unique visitors", "users", "people"],
        },
    }  # fmt: skip
    if _filled(stored, "revenue"):
        made["event_revenue"] = {
            "label": "Revenue", "synonyms": ["sales", "turnover"], "agg": "sum", "expr": "revenue", "good": "up",
            "unit": _currency(stored),
        }  # fmt: skip
    kinds = stored.columns["event_name"].values if "event_name" in stored.columns else []
    for event in [str(v) for v in kinds][:MOST_KINDS]:
        name, label = _name(event), label_of(event)
        if name in made or any(m["label"] == label for m in made.values()):
            continue
        only = f"event_name = {literal(event)}"
        made[name] = {"label": label, "agg": "count", "where": only, "synonyms": _words(event)}
        if said := wording.who(event):
            made[f"{name}_visitors"] = {
                "label": f"Visitors who {wording.deeds(event)[0]}", "agg": "count_distinct", "expr": "visitor_id",
                "where": only, "additive": "none", "synonyms": said,
            }  # fmt: skip
    return {name: _sure(spec) for name, spec in made.items()}


def _per_visitor(measures: Mapping[str, Any], *, visits: bool) -> dict[str, Any]:
    """Figures per person: a figure over all people who were active, and visits over those who came."""
    alone = ("events", "active_visitors")
    chosen = [n for n, m in measures.items() if n not in alone and m["agg"] != "count_distinct"][:MOST_RATIOS]
    ways = {n: ("active_visitors", [m["label"].lower()]) for n, m in measures.items() if n in chosen}
    ways["events"] = ("active_visitors", ["events"])
    if visits:
        ways["visits"] = ("visiting_people", ["visits", "sessions"])
    found = {}
    for name, (whose, words) in ways.items():
        label = f"{words[0]} per visitor"
        found[f"{name}_per_visitor"] = _sure({
            "kind": "ratio", "numerator": name, "denominator": whose, "label": label[0].upper() + label[1:],
            "synonyms": [w for w in wording.each(words) if w != label], "decimals": 2,
        })  # fmt: skip
    return found


def _visits(stored: TableProfile) -> dict[str, Any]:
    dimensions = {n: _sure(_DIMENSIONS[n]) for n in _VISIT_DIMENSIONS if _filled(stored, n)}
    dimensions["entry_page"] = _sure({"label": "Entry page", "synonyms": ["landing page", "first page", "start page"]})
    dimensions["exit_page"] = _sure({"label": "Exit page", "synonyms": ["last page"]})
    dimensions["visitor_id"] = _sure(_DIMENSIONS["visitor_id"])
    measures: dict[str, dict[str, Any]] = {
        "visits": {"label": "Visits", "synonyms": ["sessions", "number of sessions"], "agg": "count", "good": "up"},
        "visiting_people": {
            "label": "Visitors who came", "agg": "count_distinct", "expr": "visitor_id", "additive": "none",
        },
        "bounced_visits": {"label": "Bounced visits", "agg": "count", "where": "bounced", "good": "down"},
        "bounce_rate": {
            "label": "Bounce rate", "agg": "avg", "expr": "CASE WHEN bounced THEN 1.0 ELSE 0.0 END", "additive": "none",
            "unit": {"ratio": True}, "good": "down",
        },
        "visit_length": {
            "label": "Average length of a visit in minutes",
            "synonyms": ["length of a visit", "session duration", "visit duration", "session length", "time on site"],
            "agg": "avg", "expr": "minutes", "additive": "none", "unit": {"name": "minute"}, "decimals": 1,
        },
        "pages_per_visit": {
            "label": "Pages per visit", "synonyms": ["pages per session"], "agg": "avg", "expr": "page_views",
            "additive": "none", "decimals": 1,
        },
    }  # fmt: skip
    return {
        "source": sessions.TABLE, "label": "Visits", "confidence": SURE, "record": "visit", "key": ["visit_id"],
        "time": _time("started_at", "Start of the visit"), "dimensions": dimensions,
        "measures": {name: _sure(spec) for name, spec in measures.items()},
    }  # fmt: skip


def _users() -> dict[str, Any]:
    return {
        "source": people.TABLE, "label": "Identified users", "confidence": SURE, "record": "identified user",
        "key": ["user_id"], "time": _time("first_seen", "First identified"),
        "dimensions": {"user_id": _sure({"label": "User ID", "groupable": False, "sample": 0})},
        "measures": {"identified_users": _sure({"label": "Identified users", "agg": "count"})},
    }  # fmt: skip


def _currency(stored: TableProfile) -> dict[str, Any]:
    """The one currency there is, else that of each row: amounts of several are never added up."""
    known = stored.columns.get("currency")
    if known is not None and known.distinct == 1 and known.values:
        return {"currency": str(known.values[0])}
    return {"currency_column": "currency"}


def _time(column: str, label: str) -> dict[str, Any]:
    return {"default": column, "columns": {column: _sure({"kind": "instant", "label": label})}}


def _name(event: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", label_of(event).lower()).strip("_")[:60]
    return name if name and name[0].isalpha() else f"event_{name}"


def _words(event: str) -> list[str]:
    plain = re.sub(r"[^A-Za-z0-9]+", " ", event).strip().lower()
    if plain == "page view":
        return ["page view", "page view events", "pageview", "views", "page visits", "visited", "viewed"]
    joined = plain.replace(" ", "")
    return [w for w in dict.fromkeys((plain, f"{plain} events", joined if joined != plain else "")) if w]


def _filled(stored: TableProfile, column: str) -> bool:
    found = stored.columns.get(column)
    return found is not None and found.nulls < found.rows


def _sure(spec: Mapping[str, Any]) -> dict[str, Any]:
    words = [{"text": w, "state": "generated", "weight": 1.0} for w in spec.get("synonyms", ())]
    return {**spec, "confidence": SURE, **({"synonyms": words} if words else {})}
