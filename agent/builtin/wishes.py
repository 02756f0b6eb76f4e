"""Amounts in another currency, days in another time zone: said what is not done, instead of dropping the words."""

from __future__ import annotations

import re
from dataclasses import replace

from agent.brain import PlanContext, TellContext
from agent.claims import Draft, Sentence
from warehouse.model.schema import SemanticModel

_CURRENCIES = {
    "EUR": "euros?|eur", "GBP": "(?:british )?pounds?(?: sterling)?|sterling|gbp", "JPY": "(?:japanese )?yen|jpy",
    "USD": "(?:us )?dollars?|usd", "CHF": "swiss francs?|chf", "CAD": "canadian dollars?|cad",
    "AUD": "australian dollars?|aud", "INR": "(?:indian )?rupees?|inr", "CNY": "yuan|renminbi|cny|rmb",
    "SEK": "swedish kron(?:a|or)|sek", "MXN": "mexican pesos?|mxn", "BRL": "(?:brazilian )?reais|brl",
}  # fmt: skip
_SPOKEN = {
    "EUR": "euros", "GBP": "pounds", "JPY": "yen", "USD": "US dollars", "CHF": "Swiss francs",
    "CAD": "Canadian dollars", "AUD": "Australian dollars", "INR": "rupees", "CNY": "yuan",
    "SEK": "Swedish kronor", "MXN": "Mexican pesos", "BRL": "reais",
}  # fmt: skip
_ZONES = {
    "new york": "America/New_York", "eastern": "America/New_York", "boston": "America/New_York",
    "chicago": "America/Chicago", "central": "America/Chicago", "mountain": "America/Denver",
    "denver": "America/Denver", "los angeles": "America/Los_Angeles", "pacific": "America/Los_Angeles",
    "london": "Europe/London", "uk": "Europe/London", "berlin": "Europe/Berlin", "paris": "Europe/Paris",
    "tokyo": "Asia/Tokyo", "sydney": "Australia/Sydney", "singapore": "Asia/Singapore", "dubai": "Asia/Dubai",
    "utc": "UTC", "gmt": "UTC",
}  # fmt: skip
_MONEY = re.compile(
    r"(?<!\d)(?<!\d )[, ]+(?:in|(?:converted|translated) (?:in)?to) (?:"
    + "|".join(f"(?P<{code}>{words})" for code, words in _CURRENCIES.items())
    + r")(?=\s*(?:$|[?.!,;]| (?:last|this|in|for|by|per|since|yesterday|today|and|on)\b))",
    re.I,
)
_TIME = re.compile(
    rf"[, ]+(?:in|at|on|by) (?P<zone>{'|'.join(_ZONES)})(?: standard| daylight)? time(?: ?zone)?\b", re.I
)


def without_wishes(context: PlanContext) -> PlanContext:
    """The question without “in euros” and “in New York time”, where these are no words of the data."""
    told = context.question
    if _MONEY.search(told) and not _several_currencies(context.model):
        told = _MONEY.sub(" ", told)
    told = " ".join(_TIME.sub(" ", told).split()).replace(" ?", "?")
    return replace(context, question=told) if told.strip(" ?.!,") and told != context.question else context


def said_of_wishes(context: TellContext, draft: Draft) -> Draft:
    """What was told, with a sentence where amounts or days are not as they were wished."""
    said = [s for s in (_money(context), _clock(context)) if s is not None]
    return Draft((*draft.paragraphs, tuple(said))) if said and draft.paragraphs else draft


def _money(context: TellContext) -> Sentence | None:
    found = _MONEY.search(context.question)
    if found is None or found.lastgroup is None or _several_currencies(context.model):
        return None
    units = [c.unit for e in context.evidence for t in e.tables for c in t.columns if c.unit is not None]
    told = {unit.currency for unit in units if unit.currency}
    others = sorted(_SPOKEN.get(code, code) for code in told if code != found.lastgroup)
    if not others:
        return None
    return [f"Amounts are in {' and '.join(others)}, as they were recorded: nothing was converted."]


def _clock(context: TellContext) -> Sentence | None:
    found = _TIME.search(context.question)
    kept = context.model.calendar.timezone
    if found is None or _ZONES[found["zone"].casefold()] == kept:
        return None
    return [f"Days are those of the company's own clock ({kept.replace('_', ' ')}), not of {found['zone'].title()}."]


def _several_currencies(model: SemanticModel) -> bool:
    """Whether currencies are in the data, so that naming one may choose records."""
    return any(
        (m.unit is not None and m.unit.currency_column) or "currency" in name
        for t in model.tables.values()
        for name, m in t.measures.items()
    ) or any("currency" in name for t in model.tables.values() for name in t.dimensions)
