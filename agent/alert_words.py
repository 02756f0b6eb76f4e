"""“Tell me when revenue drops below 10k”: one reading of what somebody wants to be told, for answers and for alerts.

The words for the figure are left to the planner. A sentence that is not understood whole makes no rule: whoever wrote
it is told what is missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

LEAD = re.compile(
    r"^\s*(?:please\s+|can you\s+|could you\s+)*"
    r"(?:(?:tell|alert|warn|notify|ping|message|e-?mail|inform)\s+(?:me|us)|let\s+(?:me|us)\s+know|"
    r"(?:set up|create|make|add)\s+an?\s+alert(?:\s+for\s+(?:me|us))?|i\s+want\s+to\s+(?:know|be told|hear))"
    r"\s*(?:,\s*)?(?P<join>as soon as|when(?:ever)?|if|once|about|of|on|for)?\s+(?P<rest>.+?)[\s.!?]*$",
    re.I | re.S,
)
_ALERTING = re.compile(r"^\W*(?:\w+\s+){0,3}?(?:alert|warn|notify|ping)", re.I)
_WATCH = re.compile(r"^\s*(?:please\s+)?(?:watch|monitor|keep an eye on)\s+(?P<rest>.+?)(?:\s+for me)?[\s.!?]*$", re.I)
_AMOUNT = (
    r"(?P<sign>-)?\s*(?P<cur>[$€£]|usd\s|eur\s)?\s*(?P<num>\d[\d,]*(?:\.\d+)?)\s*"
    r"(?P<unit>k|m|bn|thousand|million|billion|%|percent|per cent|percentage points)?"
    r"(?:\s*(?:us\s+)?(?:dollars?|euros?|pounds?|usd|eur|gbp|[$€£]))?(?![\w,])"
)
_UNITS = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_DOWN = r"drops?|falls?|sinks?|decreases?|declines?|goes down|go down|is down|are down|dips?|shrinks?|loses?"
_UP = r"rises?|jumps?|grows?|increases?|climbs?|goes up|go up|is up|are up|spikes?|surges?"
_BELOW = re.compile(
    rf"^(?P<what>.+?)\s+(?:(?:{_DOWN}|go(?:es)?|is|are|gets?|runs?|stays?|dips?)\s+)?(?:to\s+)?"
    rf"(?:below|under|beneath|less than|lower than|fewer than)\s+{_AMOUNT}", re.I,
)  # fmt: skip
_ABOVE = re.compile(
    rf"^(?P<what>.+?)\s+(?:(?:{_UP}|go(?:es)?|is|are|gets?|runs?|stays?)\s+)?(?:to\s+)?"
    rf"(?:above|over|beyond|more than|higher than|greater than|exceeds?|passes)\s+{_AMOUNT}", re.I,
)  # fmt: skip
_MOVES = re.compile(
    rf"^(?P<what>.+?)\s+(?:(?P<down>{_DOWN})|(?P<up>{_UP})|changes?|moves?)\s+(?:by\s+(?:more than\s+|at least\s+"
    rf"|over\s+)?|(?:more than|at least)\s+)?{_AMOUNT}(?:\s+or more)?", re.I,
)  # fmt: skip
_ODD = re.compile(
    r"^(?P<what>.+?)\s+(?:is|are|looks?|seems?|gets?|behaves?)\s+(?:anything\s+)?(?:un)?(?:usual(?:ly)?|odd|strange|"
    r"abnormal(?:ly)?|weird|anomalous|out of the ordinary|off)\s*(?P<way>high|low)?\s*$", re.I,
)  # fmt: skip
_ANY_ODD = re.compile(
    r"^(?:anything|something|there is anything|there is something|any)\s*(?:is\s+)?(?:unusual|odd|strange|abnormal"
    r"|weird|anomal\w+)\s*(?:happens\s+)?(?:in|with|about|to|happens to|happens in)\s+(?P<what>.+)$", re.I,
)  # fmt: skip
_STALE = re.compile(
    r"^(?:no\s+(?:new\s+)?(?P<none>[\w ]+?)\s+(?:come|comes|came|arrive|arrives|data)(?:\s+in)?|(?:new\s+)?"
    r"(?P<stop>[\w ]+?)\s+(?:stop(?:s)?(?:\s+coming)?(?:\s+in)?|(?:data\s+)?(?:is|are)\s+(?:late|stale|missing"
    r"|not fresh|not updated)))(?:\s+for\s+(?P<days>\d+)\s+days?)?\s*$", re.I,
)  # fmt: skip
_GOAL = re.compile(
    rf"^(?P<what>.+?)\s+(?:will\s+|is\s+going\s+to\s+|is\s+about\s+to\s+|is\s+likely\s+to\s+|are\s+likely\s+to\s+)?"
    rf"(?:miss(?:es)?|won'?t\s+(?:reach|make|hit)|will\s+not\s+(?:reach|make|hit)|(?:is|are)\s+(?:off track|behind)"
    rf"(?:\s+for|\s+on|\s+of)?|do(?:es)?\s+not\s+reach)\s+(?:its\s+|their\s+|our\s+|the\s+|a\s+)?"
    rf"(?:goal|target|plan)?\s*(?:of\s+)?{_AMOUNT}", re.I,
)  # fmt: skip
_AHEAD = re.compile(
    rf"^(?P<what>.+?)\s+(?:is|are)\s+(?:heading|forecast|expected|projected|on course)\s*(?:to\s+(?:end|come in|be|go"
    rf"|fall|rise)\s*)?(?:for\s+)?(?P<way>below|under|above|over)\s+{_AMOUNT}", re.I,
)  # fmt: skip
_SHARE = r"(?:more than\s+(?P<share>\d+(?:\.\d+)?)\s*(?:%|percent|per cent)\s+of\s+(?:the\s+|our\s+)?)?"
_LACKING = re.compile(
    rf"^{_SHARE}(?:any\s+)?"
    r"(?P<what>[\w ]+?)\s+(?:(?:have|has|come with|arrive with)\s+(?:no|an? empty|an? missing)|lack|are missing"
    r"|are without)\s+(?:an?\s+|the\s+)?(?P<column>[\w ]+?)\s*$", re.I,
)  # fmt: skip
_DOUBLED = re.compile(
    rf"^{_SHARE}(?P<what>[\w ]+?)"
    r"\s+(?:come(?:s)?(?:\s+in)?\s+(?:twice|doubled|more than once)|are\s+(?:duplicated|doubled|repeated))\s*$", re.I,
)  # fmt: skip
_COUNTED = re.compile(
    r"^(?:far\s+|much\s+|many\s+)?(?P<way>fewer|more)\s+(?:new\s+)?(?P<what>[\w ]+?)\s+(?:records\s+|rows\s+)?(?:come"
    r"|arrive|are loaded|came)(?:\s+in)?\s+than usual\s*$", re.I,
)  # fmt: skip
_ROW = re.compile(r",?\s*(?:for\s+)?(?P<n>two|three|four|five|\d)\s+(?P<grain>day|week|month)s?\s+(?:in a row|running)",
                  re.I)  # fmt: skip
_HALF = 0.5
_WORDS = {"two": 2, "three": 3, "four": 4, "five": 5}
_GRAINS = {
    "day": r"\b(?:per day|a day|daily|on any day|any day|in a day)\b",
    "week": r"\b(?:per week|a week|weekly|in a week|any week)\b",
    "month": r"\b(?:per month|a month|monthly|in a month|any month)\b",
}
_AGAINST = {
    "year": r"\b(?:on|than|compared (?:with|to)|versus|vs\.?|against|from)?\s*(?:a year (?:ago|before|earlier)"
            r"|last year|the year before|year on year)\b",
    "previous": r"\b(?:on|than|compared (?:with|to)|versus|vs\.?|against|from)?\s*(?:the (?:day|week|month) before"
                r"|the previous (?:day|week|month)|yesterday|(?:day on day|week on week|month on month))\b",
}  # fmt: skip
_PERIOD = re.compile(r"\b(?:this|by the end of(?: the)?|in the|for the)\s+(week|month|quarter|year)\b", re.I)


@dataclass(frozen=True)
class Heard:
    """A condition with the words for its figure still to be read: `fields` of a rule of `kind`.

    `percent` says that the number was written with a percent sign.
    """

    kind: str
    what: str
    fields: dict[str, Any]
    percent: bool = False
    number: float = 0.0


def wished(text: str) -> str | None:
    """What somebody wants to be told of, when a sentence asks for an alert; else None."""
    found = LEAD.match(text) or _WATCH.match(text)
    if found is None:
        return None
    rest = found["rest"].strip()
    join = (found.groupdict().get("join") or "").casefold()
    watching = found.re is _WATCH or join in ("about", "of", "on", "for")
    if watching and found.re is LEAD and not _ALERTING.match(text):
        return None  # “tell me about revenue” is a question
    if watching and heard(rest) is None:
        return f"anything unusual in {_bare(rest)}"
    if not watching and not join:
        return None
    return rest


def _bare(text: str) -> str:
    return re.sub(r"^(?:unusual|odd|strange|anomalies in|anomalous)\s+", "", text, flags=re.I)


def heard(text: str) -> Heard | None:
    """The condition of a sentence, None when there is none that can be watched."""
    rest, shared = _common(text)
    for pattern, read in (
        (_GOAL, _goal), (_AHEAD, _ahead), (_STALE, _stale), (_ANY_ODD, _odd), (_ODD, _odd), (_DOUBLED, _doubled),
        (_COUNTED, _counted), (_LACKING, _lacking), (_MOVES, _moves), (_BELOW, _below), (_ABOVE, _above),
    ):  # fmt: skip
        found = pattern.match(rest)
        if found is not None and not _left(rest[found.end() :]):
            made: Heard = read(found, shared)
            return made
    return None


def _left(text: str) -> bool:
    """Whether something was said that nobody read."""
    return bool(re.sub(r"^[\s,.!?]+|[\s,.!?]+$|\b(?:at all|please|for me|again)\b", "", text, flags=re.I))


def _common(text: str) -> tuple[str, dict[str, Any]]:
    """The sentence without what every rule may have (grain, how often in a row, against what), and that."""
    shared: dict[str, Any] = {}
    rest = text.strip().rstrip(".!?")
    row = _ROW.search(rest)
    if row is not None:
        shared |= {"periods": _WORDS.get(row["n"].casefold()) or int(row["n"]), "grain": row["grain"].casefold()}
        rest = rest[: row.start()] + rest[row.end() :]
    period = _PERIOD.search(rest)
    if period is not None:
        shared["period"] = period[1].casefold()
        rest = rest[: period.start()] + rest[period.end() :]
    for name, pattern in _GRAINS.items():
        if re.search(pattern, rest, re.I):
            shared["grain"] = name
            rest = re.sub(pattern, "", rest, flags=re.I)
    for name, pattern in _AGAINST.items():
        against = re.search(pattern, rest, re.I)
        if against is not None:
            shared["against"] = name
            said = re.search("week|month", against[0]) if name == "previous" else None
            shared |= {"grain": said[0]} if said and "grain" not in shared else {}
            rest = re.sub(pattern, "", rest, flags=re.I)
    return re.sub(r"\s+", " ", rest).strip(), shared


def _amount(found: re.Match[str]) -> tuple[float, bool]:
    unit = (found["unit"] or "").casefold()
    number = float(found["num"].replace(",", "")) * _UNITS.get(unit, 1.0)
    return (-number if found["sign"] else number), unit.startswith("per") or unit == "%"


def _below(found: re.Match[str], shared: dict[str, Any]) -> Heard:
    return _level(found, shared, "below")


def _above(found: re.Match[str], shared: dict[str, Any]) -> Heard:
    return _level(found, shared, "above")


def _level(found: re.Match[str], shared: dict[str, Any], direction: str) -> Heard:
    number, percent = _amount(found)
    if "period" in shared and "grain" not in shared:
        shared = {**shared, "grain": shared["period"]}
    fields = {k: shared[k] for k in ("grain", "periods") if k in shared}
    return Heard("threshold", found["what"], fields | {"direction": direction, "level": number}, percent, number)


def _moves(found: re.Match[str], shared: dict[str, Any]) -> Heard:
    number, percent = _amount(found)
    direction = "below" if found["down"] else "above" if found["up"] else "either"
    fields = {k: shared[k] for k in ("grain", "against") if k in shared}
    return Heard("change", found["what"], fields | {"direction": direction, "share": number / 100}, percent, number)


def _odd(found: re.Match[str], shared: dict[str, Any]) -> Heard:
    way = (found.groupdict().get("way") or "").casefold()
    direction = {"high": "above", "low": "below"}.get(way, "either")
    return Heard("anomaly", found["what"], {k: shared[k] for k in ("grain",) if k in shared} | {"direction": direction})


def _stale(found: re.Match[str], _shared: dict[str, Any]) -> Heard:
    days = {"days": int(found["days"])} if found["days"] else {}
    return Heard("freshness", (found["none"] or found["stop"]).strip(), days)


def _lacking(found: re.Match[str], shared: dict[str, Any]) -> Heard:
    return _quality(found, shared, {"check": "empty", "column": found["column"].strip()})


def _doubled(found: re.Match[str], shared: dict[str, Any]) -> Heard:
    return _quality(found, shared, {"check": "repeated"})


def _counted(found: re.Match[str], shared: dict[str, Any]) -> Heard:
    check = "few" if found["way"].casefold() == "fewer" else "many"
    kept = {"grain": shared["grain"]} if "grain" in shared else {}
    return Heard("quality", found["what"].strip(), {"check": check, "share": _HALF, **kept})


def _quality(found: re.Match[str], shared: dict[str, Any], fields: dict[str, Any]) -> Heard:
    share = {"share": float(found["share"]) / 100} if found["share"] else {}
    kept = {"grain": shared["grain"]} if "grain" in shared else {}
    return Heard("quality", found["what"].strip(), {**fields, **share, **kept})


def _goal(found: re.Match[str], shared: dict[str, Any]) -> Heard:
    number, percent = _amount(found)
    return Heard("goal", found["what"], {"goal": number, "period": shared.get("period", "month")}, percent, number)


def _ahead(found: re.Match[str], shared: dict[str, Any]) -> Heard:
    number, percent = _amount(found)
    way = "below" if found["way"].casefold() in ("below", "under") else "above"
    period = shared.get("period", "month")
    return Heard("forecast", found["what"], {"direction": way, "level": number, "period": period}, percent, number)
