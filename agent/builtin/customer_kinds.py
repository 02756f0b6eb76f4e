"""“Which segment is most likely to churn?”, “lifetime value by channel”: kinds of customers instead of single ones.

The split is taken out of the sentence, and what is left must be a question about single customers that is known.
"""

from __future__ import annotations

import re
from dataclasses import replace

from agent.brain import PlanContext
from agent.builtin.customer_questions import ABOUT_ALL, Asked
from tools.entity_ways import WHO

_PEOPLE = rf"(?:{'|'.join(f'{w}s?' for w in WHO)}|people|buyers|shoppers)"
_NO = r"(?!(?:the|most|least|is|are|has|have|which|what)\b)"
_WORDS = rf"{_NO}[a-z][a-z-]*(?: {_NO}[a-z][a-z-]*){{0,2}}?"
_SPLIT = re.compile(
    r"^(?P<head>.+?) (?:(?:split|broken down|grouped|separately|compared|differ(?:s|ing)?) )?"
    r"(?:by|per|for each|for every|of each|in each|across|between) (?:(?:their|our|the|each|different|all) )*"
    rf"(?P<by>(?!churn|attrition|leaving|expected|chance|loss){_WORDS})"
    r"(?P<tail> (?:in|of|for|from|with|over|within|during) .*)?$"
)
_AHEAD = r"(?P<tail> (?:in|of|for|from|over|within|during) .*)?"
_WHICH = rf"(?:which|what)(?: of (?:our|the|my))? (?P<by>{_WORDS})"
_MOST = r"(?P<way>most|least|more|less)"
_HIGHEST = r"(?:the )?(?P<way>highest|largest|biggest|greatest|most|best|lowest|smallest|least|worst)"
_CHURN = r"(?:churn|attrition|cancell?ation)(?: (?:risks?|rates? ahead|probabilit(?:y|ies)))?|risk of (?:churn|leaving)"
_GONE = r"(?:likely to (?:churn|leave|cancel|quit|go)|at risk(?: of (?:churn(?:ing)?|leaving))?|prone to churn(?:ing)?)"
_LOW = frozenset(["least", "less", "lowest", "smallest", "worst"])
_BY_RISK = (
    rf"{_WHICH}(?: {_PEOPLE})? (?:is|are) (?:the )?{_MOST} {_GONE}{_AHEAD}",
    rf"{_WHICH} (?:has|have) {_HIGHEST} (?:{_CHURN}){_AHEAD}",
    rf"{_WHICH} (?:has|have) {_HIGHEST} {_PEOPLE} (?:at risk|about to leave|likely to (?:leave|churn)){_AHEAD}",
    rf"{_WHICH} (?:will|are we going to|do we|might|could)? ?(?:we )?(?:lose|churn) the {_MOST}(?: {_PEOPLE})?{_AHEAD}",
    rf"{_WHICH} (?:is|are) (?P<way>)(?:likely|about|going) to (?:churn|leave){_AHEAD}",
)
_VALUE = r"(?:clv|cltv|ltv|(?:customer )?life ?time values?|expected values?|future values?)"
_BY_WORTH = (
    rf"{_WHICH} (?:has|have|brings?(?: in)?|attracts?|gets?|wins?|acquires?) {_HIGHEST} {_VALUE}{_AHEAD}",
    rf"{_WHICH} (?:has|have|brings?(?: in)?|attracts?|gets?|wins?|acquires?|gives? us) (?:the )?"
    rf"(?:{_MOST} valuable|(?P<way2>best)) {_PEOPLE}{_AHEAD}",
    rf"{_WHICH} {_PEOPLE} (?:is|are|will be) (?:worth (?:the )?{_MOST}|(?:the )?(?P<way2>most|least) valuable){_AHEAD}",
    rf"{_WHICH} (?:is|are) (?:the )?(?P<way>best) for customer value{_AHEAD}",
)


def of_kinds(text: str, context: PlanContext) -> Asked | None:
    """A question about kinds of customers, with the words of the split in `by`; None for any other question."""
    for tool, sentences in (("churn_risk", _BY_RISK), ("lifetime_value", _BY_WORTH)):
        found = next((m for s in sentences if (m := re.fullmatch(s, text)) is not None), None)
        if found is not None and not re.fullmatch(_PEOPLE, found["by"]):
            groups = found.groupdict()
            way = groups.get("way") or groups.get("way2") or ""
            reading = "by_low" if way in _LOW else "by"
            plain = "which customers are likely to churn" if tool == "churn_risk" else "customer lifetime value"
            return _with(plain, groups.get("tail") or "", found["by"], reading, context)
    split = _SPLIT.fullmatch(text)
    if split is None:
        return None
    head = re.sub(r"^(?:how does|how do) (.*?)(?: (?:vary|differ|compare|change))?$", r"\1", split["head"])
    return _with(head, split["tail"] or "", split["by"], "by", context)


def _with(head: str, tail: str, by: str, reading: str, context: PlanContext) -> Asked | None:
    """The plain question behind it, or None when that is no question about customers."""
    head = f"{head} of leaving" if head.endswith(" at risk") else head
    found = next((a for read in ABOUT_ALL if (a := read(f"{head}{tail}", context)) is not None), None)
    return replace(found, reading=reading, by=by) if found is not None and "who" not in found.args else None
