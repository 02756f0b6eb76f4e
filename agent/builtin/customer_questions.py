"""What people say when they ask for kinds of customers, for what one is worth, or for who is about to leave.

Each reader knows a few whole sentences; what is left beside them is kept as `rest`, to be read as conditions or else
to let the question go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from agent.brain import PlanContext
from tools.entity_ways import WHO
from tools.segments import rfm

_ONE = rf"(?:{'|'.join(WHO)}|shopper|consumer|people|person)"
_MANY = rf"(?P<who>{_ONE}s?|people)"
_LEAD = (
    r"(?:(?:please|can|could|would|you|show|list|give|tell|find|me|us|name|which|what|who|whom|how many|are|is|of"
    r"|have|do|does|did|we|i|the|an?|all|my|our|your|there|see|get|want to know|want|know|about|now|currently|right now"
    r"|today|any|those|these) )*"
)
_LEAVE = (
    r"(?:leav(?:e|ing)|churn(?:ing)?|cancel(?:l?ing)?|quit(?:ting)?|stop(?:ping)?(?: buying)?|defect(?:ing)?"
    r"|go(?:ing)? away|drop(?:ping)? (?:out|off)|los(?:e|ing) (?:us|interest)|unsubscrib(?:e|ing))"
)
_SOON = r"(?: (?:us|soon|next month|next quarter|next year|in the near future))*"
_LIKELY = (
    rf"(?:about to|going to|likely to|will|might|may|could|in danger of|at risk of|prone to|close to) {_LEAVE}{_SOON}"
)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_AHEAD = re.compile(
    r"\b(?:over|in|for|within|during) the (?:next|coming) (?P<n>\d+|two|three|five)? ?(?P<unit>month|quarter|year)s?\b"
)
_NUMBERS = {"two": 2, "three": 3, "five": 5}
_SINCE = re.compile(
    r"\b(?:since|over|in|during|from|within)? ?(?:the )?(?:last|past) (?P<n>\d+ )?"
    r"(?P<unit>day|week|month|quarter|year)s?\b"
)
_SINCE_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
_CONDITION = re.compile(r"^(?:in|from|of|for|with|on|at|who|that|via|through|by) ")
_ID = r"(?P<id>[a-z]*\d[\w-]*|[a-z]+-\d+|\d+-[a-z]+)"

_BEST = "best|most valuable|most loyal|most important|very best|star|vip|top-tier"
_SAID = {
    "champions?": rfm.CHAMPIONS, "loyal": rfm.LOYAL, "potential loyalists?": rfm.POTENTIAL, "promising": rfm.PROMISING,
    "sleeping|about to (?:fall asleep|sleep)": rfm.SLEEPY, "hibernating|dormant": rfm.HIBERNATING, "lost": rfm.LOST,
    "at[- ]risk|endangered": rfm.AT_RISK, "can't lose|cannot lose|can not lose": rfm.CANNOT_LOSE,
    "(?:in )?need(?:s|ing)? (?:of )?attention": rfm.ATTENTION,
}  # fmt: skip


@dataclass
class Asked:
    """What a pattern saw: the skill, its arguments, the word for the people, words to be read yet, chips, the split."""

    tool: str
    args: dict[str, Any] = field(default_factory=dict)
    who: str = ""
    rest: str = ""
    reading: str = ""
    by: str = ""


def days_ago(context: PlanContext, days: int) -> date:
    """The day so many days before today, or before the data end."""
    last = context.model.calendar.data_through or context.as_of.date()
    return min(context.as_of.date(), last) - timedelta(days=days)


def _rest(found: re.Match[str]) -> str | None:
    """The words behind a pattern: nothing, or conditions; None when they are neither."""
    words = found.groupdict().get("rest") or ""
    words = words.strip()
    before = (found.groupdict().get("kind") or "").strip()
    if words and not _CONDITION.match(words):
        return None
    return " ".join(p for p in (f"of {before} {found['who']}" if before else "", words) if p)


def _asks(pattern: str, text: str) -> re.Match[str] | None:
    return re.fullmatch(rf"{_LEAD}{pattern}(?P<rest> .*)?", text)


# segments ---------------------------------------------------------------------------------------------------------


def _named(text: str, _context: PlanContext) -> Asked | None:
    """The members of a segment that has a name: the best, those at risk, the loyal, the lost …"""
    best = _asks(rf"(?:{_BEST}) {_MANY}", text)
    if best is not None and best["who"].endswith(("s", "people")) and (rest := _rest(best)) is not None:
        word = next(w for w in _BEST.split("|") if f"{w} " in text)
        return Asked("segments", {"only": rfm.CHAMPIONS}, best["who"], rest, word)
    for words, name in _SAID.items():
        before = _asks(rf"(?:{words}) {_MANY}(?: (?:do we have|are there|have we))?", text)
        are = r"(?:that |who |which )?(?:(?:are|is|we|i) )?"
        after = _asks(rf"{_MANY} {are}(?:{words})(?: (?:segment|right now|now))?", text)
        alone = _asks(r"(?P<who>)(?:champions)", text) if name == rfm.CHAMPIONS else None
        nobody = re.fullmatch(rf"(?:who is|who are|whos)(?P<who>) (?:{words})(?P<rest>)", text)
        for found in (before, after, alone, nobody):
            if found is not None and (rest := _rest(found)) is not None:
                return Asked("segments", {"only": name}, found["who"], rest, "")
    return None


_HOW = {
    "auto": r"behaviou?r|how they (?:buy|shop|behave|spend|order)|buying (?:habits?|patterns?|behaviou?r)"
            r"|purchas(?:e|ing) (?:habits?|patterns?|behaviou?r)|what they do|similar(?:ity| behaviou?r)?|activity",
    "rfm": r"rfm|recency,? (?:frequency|monetary|money)[ ,a-z]*|value and activity",
    "kmeans": r"k-?means", "density": r"density|dbscan|hdbscan", "hierarchical": r"hierarch(?:y|ical)|ward",
}  # fmt: skip


def _grouped(text: str, _context: PlanContext) -> Asked | None:
    """Everybody in segments: “group customers by behaviour”, “segment my customers”, “rfm analysis”."""
    verb = r"(?P<verb>group|segment|cluster|divide|split|sort|classify|categori[sz]e)"
    number = r"(?:(?P<k>\d|two|three|four|five|six|seven|eight) )?"
    into = rf"(?: in(?:to)? {number}(?:groups?|segments?|clusters?|types?|kinds?))?"
    for method, how in _HOW.items():
        by = rf"(?: (?:by|on|according to|based on|with|using|along) (?:their )?(?:{how}))"
        asked = _asks(rf"{verb} (?:(?:my|our|the|all) )*{_MANY}{into}{by}{into.replace('k>', 'k2>')}", text)
        none = r"(?P<verb>)(?P<k>)(?P<k2>)"
        asked = asked or _asks(rf"(?:(?:{how}) )?{none}{_MANY} (?:segments?|groups?|clusters?){by}", text)
        if method != "auto":
            names = rf"(?:{how}) (?:segments?|segmentation|analysis|clusters?|clustering|groups?)"
            asked = asked or _asks(rf"{none}{names}(?: (?:of|for) (?:(?:my|our|the) )*{_MANY})?", text)
        if asked is not None and (rest := _rest(asked)) is not None:
            return _clusters(method, asked, rest)
    plain = _asks(rf"(?P<verb>segment|cluster) (?:(?:my|our|the|all) )*{_MANY}{into}", text)
    kinds = _asks(rf"{_MANY} segmentation", text)
    kinds = kinds or _asks(
        rf"(?:different )?(?:groups|kinds|segments) of {_MANY}(?: (?:do we have|are there|we have))?", text
    )
    if plain is not None and (rest := _rest(plain)) is not None:
        return _clusters("rfm" if plain["verb"] == "segment" and not plain["k"] else "auto", plain, rest)
    if kinds is not None and (rest := _rest(kinds)) is not None:
        return Asked("segments", {}, kinds["who"], rest, "")
    return None


def _clusters(method: str, found: re.Match[str], rest: str) -> Asked:
    said = found.groupdict().get("k") or found.groupdict().get("k2") or ""
    words = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
    k = words.get(said) or (int(said) if said.isdigit() else 0)
    args: dict[str, Any] = {"method": method} if method != "rfm" else {}
    if 2 <= k <= 8:
        args = {"method": "kmeans" if method in ("rfm", "auto") else method, "k": k}
    return Asked("segments", args, found.groupdict().get("who") or "", rest, "")


def _moves(text: str, context: PlanContext) -> Asked | None:
    """“How did the segments change since …?”"""
    span = _SINCE.search(text)
    rest = " ".join(_SINCE.sub(" ", text, count=1).split()) if span else text
    moved = r"(?:changed?|move[ds]?|shift(?:ed)?|develop(?:ed)?)"
    patterns = (
        rf"how (?:did|have|do) (?:(?:my|our|the) )*(?:{_MANY} )?segments? {moved}",
        rf"(?:which|what) {_MANY} (?:have )?(?:{moved}) (?:their )?segments?",
        rf"(?:moves|movement|shifts?|changes?) (?:between|in|of) (?:(?:my|our|the) )*(?:{_MANY} )?segments?",
    )
    found = next((m for p in patterns if (m := re.fullmatch(p, rest))), None)
    if found is None:
        return None
    days = 90
    if span is not None:
        days = int(span["n"] or 1) * _SINCE_DAYS[span["unit"]]
    return Asked("segments", {"since": str(days_ago(context, days))}, found["who"] or "", "", str(days))


# lifetime value -----------------------------------------------------------------------------------------------------


def _worth(text: str, _context: PlanContext) -> Asked | None:
    """“What is a customer worth?”, “lifetime value of customers in Germany”, “is customer 4711 still active?”"""
    span = _AHEAD.search(text)
    args: dict[str, Any] = {}
    if span is not None:
        number = span["n"] or "1"
        args["months"] = _NUMBERS.get(number, 0) or int(number) if number else 1
        args["months"] = max(1, min(60, args["months"] * _MONTHS[span["unit"]]))
        text = " ".join(_AHEAD.sub(" ", text, count=1).split())
    one = _one_worth(text)
    if one is not None:
        return Asked("lifetime_value", args | {"who": one["id"]}, one["who"], "", "")
    value = r"(?:clv|cltv|ltv|clvs|lifetime values?|life time values?|(?:expected |future |long-term )+(?:value|worth))"
    typical = r"(?:(?:an?|each|the|our|one|every|average|typical) )*"
    be_worth = r"worth(?: to us)?(?: on average)?"
    bring = r"(?:bring(?: in)?|spend|buy for|be worth)(?: us| with us)?"
    whose = rf"(?:my |our |the |an? |average |each )*(?:(?P<kind>(?!average)\w+) )?(?P<who2>{_ONE}s?)"
    patterns = (
        rf"(?:what|how much) (?:is|are) {typical}(?:my )?(?:(?P<kind>(?!average|typical)\w+) )?{_MANY} {be_worth}",
        rf"(?:what|how much) will {typical}(?:my |our |the )?{_MANY} be {be_worth}",
        *([rf"how much (?:money |revenue )?will {typical}{_MANY} {bring}"] if span is not None else []),
        rf"{_LEAD}(?:average |total |expected )?(?:{_MANY} )?{value}(?: (?:of|for|per) {whose})?",
    )
    tops = (
        *([rf"{_LEAD}(?:most valuable|top|best) {_MANY}"] if span is not None else []),
        rf"{_LEAD}(?:most valuable|top|best) {_MANY} (?:by|in|for) (?:their )?{value}",
        rf"{_LEAD}{_MANY} (?:that |who |which )?will be (?:worth (?:the )?most|(?:the )?most valuable)",
        rf"{_LEAD}{_MANY} with (?:the )?(?:highest|largest|biggest|most) {value}",
    )
    for reading, ways in (("", patterns), ("top", tops)):
        if (groups := _first(ways, text)) is not None:
            who = groups.get("who") or groups.get("who2") or ""
            return Asked("lifetime_value", args, who, str(groups["conditions"]), reading)
    return None


def _first(patterns: Iterable[str], text: str) -> dict[str, str | None] | None:
    """The groups of the first sentence that fits with nothing but conditions behind it, which come as `conditions`."""
    for pattern in patterns:
        found = re.fullmatch(rf"{pattern}(?P<rest> .*)?", text)
        rest = _rest_of(found.groupdict()) if found is not None else None
        if found is not None and rest is not None:
            return found.groupdict() | {"conditions": rest}
    return None


def _rest_of(groups: dict[str, str | None]) -> str | None:
    words, kind = (groups.get("rest") or "").strip(), (groups.get("kind") or "").strip()
    if words and (not _CONDITION.match(words) or words.startswith("by ")):
        return None
    people = groups.get("who2") or groups.get("who") or "customers"
    return " ".join(p for p in (f"of {kind} {people}" if kind else "", words) if p)


def _one_worth(text: str) -> re.Match[str] | None:
    who = rf"(?P<who>{_ONE}) (?:number |no |nr |id |#)*{_ID}"
    patterns = (
        rf"(?:what|how much) (?:is|will) {who} (?:be )?worth(?: to us)?",
        rf"{_LEAD}(?:lifetime value|clv|ltv|value) (?:of|for) {who}",
        rf"(?:is|are) {who} (?:still |even )*(?:alive|active|an? {_ONE}|there|buying|with us)",
    )
    return next((m for p in patterns if (m := re.fullmatch(p, text))), None)


# leaving ------------------------------------------------------------------------------------------------------------


def _risk(text: str, _context: PlanContext) -> Asked | None:
    """“Which customers are about to leave?”, “predict churn”, “whom should we call first?”"""
    if re.search(r"\bchurn(?:ed)? rate|retention|how many .*\b(?:left|churned)\b", text):
        return None
    one = _one_at_risk(text)
    if one is not None:
        return Asked("churn_risk", {"who": one["id"]}, one["who"], "", "")
    churn = r"(?:churn|attrition|leaving|cancell?ation)"
    high = r"(?:at|with)(?: an?)?(?: high)?"
    ours = r"(?:(?:my|our|the) )*"
    lost = r"(?:(?:about|going|likely) to )?(?:be )?los(?:e|ing)(?: soon)?"
    by_chance = (
        rf"(?:who|whom|which {_MANY}) (?:are|might|could|will|do|may|would) (?:we|i) (?:probably |possibly )?{lost}",
        rf"{_LEAD}{churn} (?:risks?|probabilit(?:y|ies)) (?:of|for|among|in) {ours}{_MANY}",
        rf"{_LEAD}{_MANY} (?:that |who |which )?(?:(?:are|is) )?(?:(?:most|very|highly|probably) )*{_LIKELY}",
        rf"who (?P<who>)(?:is|are|will|might|may|could)? ?(?:(?:most|very|probably) )*(?:{_LIKELY}|{_LEAVE}{_SOON})",
        rf"{_LEAD}(?:(?:predict(?:ed)?|forecast|score|estimate|calculate|model) )+{ours}(?:{_MANY} )?churn(?: risks?)?",
        rf"{_LEAD}(?:{_MANY} )?{churn} (?:risks?|predictions?|probabilit(?:y|ies)|scores?|forecasts?)",
        rf"{_LEAD}{_MANY} {high} (?:risk of|risk for|{churn} risk)(?: (?:leaving|churn(?:ing)?|cancell?ing))?",
        rf"{_LEAD}risk(?:s)? of (?:{churn}|losing (?:(?:my|our) )?{_MANY})",
    )
    why = (
        rf"(?:why|what (?:makes|drives|causes)) (?:do |are |does )?{ours}(?:{_MANY} )?(?:to )?(?:{_LEAVE}|{churn})",
        rf"{_LEAD}(?:reasons?|drivers?|signs?) (?:for|of|behind) {ours}(?:{_MANY} )?(?:to )?{churn}",
    )
    call, by = r"(?:call|contact|phone|talk to|save|win back|retain)", r"(?: (?:from|of|through|by|due to)"
    by_loss = (
        rf"(?:who|whom|which {_MANY}) (?:should|must|do) (?:we|i) {call}(?: first| now)?",
        rf"how much (?:revenue|money|sales|value|turnover) (?:is|are) at risk{by} {churn})?",
        rf"(?:revenue|money|sales|value) at risk{by} {churn})?",
    )
    ways: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...]
    ways = (("", {}, by_chance), ("why", {}, why), ("", {"order": "loss"}, by_loss))
    for reading, args, patterns in ways:
        groups = _first(patterns, text)
        if groups is not None:
            return Asked("churn_risk", dict(args), groups.get("who") or "", str(groups["conditions"]), reading)
    return None


def _one_at_risk(text: str) -> re.Match[str] | None:
    who = rf"(?P<who>{_ONE}) (?:number |no |nr |id |#)*{_ID}"
    patterns = (
        rf"how likely is {who} to {_LEAVE}{_SOON}",
        rf"(?:will|is|might|could) {who} (?:going to |about to |likely to |at risk of )?{_LEAVE}{_SOON}",
        rf"{_LEAD}(?:churn|leaving) (?:risk|probability|chance) (?:of|for) {who}",
        rf"is {who} (?:at risk|about to {_LEAVE})",
    )
    return next((m for p in patterns if (m := re.fullmatch(p, text))), None)


READERS = (_risk, _worth, _moves, _named, _grouped)
ABOUT_ALL = (_risk, _worth)
"""Readers whose skills can tell kinds of customers apart."""
