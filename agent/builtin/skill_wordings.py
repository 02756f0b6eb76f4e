"""Everyday ways to ask for a skill, written out as the plain question its doorway knows; tried before a decline.

A question that another reader understands never comes here, so these may be generous: what is not about a figure or
people the data know is declined by the doorway, as it would have been without them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from agent.brain import PlanContext
from agent.builtin.ahead import along_time
from agent.builtin.borrow import Planner, plain_text
from agent.builtin.first_doors import asked_first
from agent.builtin.skills import asked_of_skills
from agent.builtin.why import explained
from agent.plan import Assumption, Decision, Decline, Plan
from tools.entity_ways import WHO

_WHO = rf"(?:(?:our|the|my|new|all|most|people|buyers?|shoppers?|{'|'.join(f'{w}s?' for w in WHO)}) ?)+"
_VISITORS = r"(?:visitors?|users?|people|shoppers?|customers?|visits?|sessions?|buyers?)"
_LOSE = r"(?:drop (?:out|off)|give up|leave|quit|bail(?: out)?|abandon|stop|get lost|disappear)"
_BUY = r"(?:buy|pay|purchase|order|convert|check ?out)(?:ing|s)?"
_LEAD = r"(?:(?:please|can you|could you|would you|so|and|tell me|show me|show|give me|i want to know|list) )*"
_UP = r"(?:up|higher|rising|increasing|growing)"
_DOWN = r"(?:down|lower|falling|decreasing|declining)"
_RELATED = r"(?:correlated|related|linked|connected|associated|tied|moving together)"
_AMOUNT = r"[$€£]?\d[\d.,]* ?(?:thousand|million|billion|mn|bn|k|m)?\b"

_WORDINGS: tuple[tuple[str, str], ...] = (
    # funnels
    (rf"of (?:all |the )?(?:those|{_VISITORS}) (?:who|that|which) (?P<a>.+?) (?:how many|what share|what percentage)"
     rf" (?:also |then |actually |finally |end up |go on to )*(?P<b>{_BUY})", r"funnel from \g<a> to \g<b>"),
    (rf"where (?:in the (?:funnel|process|checkout) )?do (?P<a>\w+) {_VISITORS} {_LOSE}",
     r"where do visitors drop out for \g<a>"),
    (rf"(?:which|what) (?:step|stage|page)s? (?:do(?:es)? we )?(?:loses?|costs? us|sees?) (?:the )?most {_VISITORS}"
     r"(?P<rest>.*)", r"where do visitors drop out\g<rest>"),
    (rf"(?:what|which) (?:share|percentage|percent|part|proportion|fraction) of (?:the |our |all )*{_VISITORS} "
     rf"(?:actually |finally |eventually |end up |go on to )*{_BUY}(?P<rest>.*)", r"conversion funnel\g<rest>"),
    # forecasts
    (r"(?:what is |whats )?(?:your |the )?best (?:guess|estimate) (?:for|of|on) (?P<a>.+)", r"forecast \g<a>"),
    (r"what (?:do|can|should) (?:you|we|i) expect (?:for|of|from|in terms of) (?P<a>.+)", r"forecast \g<a>"),
    # what is odd
    (r"(?:is|was|are|were) (?P<p>yesterday|last week|last month|this week|this month|today)(?:s|'s) (?P<a>.+?) "
     r"(?:normal|usual|typical|ok|okay|as expected|in line)", r"anything unusual in \g<a> \g<p>"),
    (r"(?:is|was|are|were) (?P<a>.+?) (?:normal|as usual|typical|in line|within the usual range)(?P<rest>| .+)",
     r"anything unusual in \g<a>\g<rest>"),
    (rf"{_LEAD}(?:are there |is there |were there |was there |did we (?:see|have) )?(?:any |some |sudden |big |a )*"
     r"(?:spikes?|dips?|jumps?|blips?|peaks?|glitch(?:es)?|surprises?|breakouts?) (?:in|of|with|for) (?P<a>.+)",
     r"anything unusual in \g<a>"),
    # why
    (r"explain (?P<p>last (?:week|month|quarter|year)|yesterday)(?:s|'s) (?P<a>.+)",
     r"what drove the change in \g<a> \g<p>"),
    (r"what (?:happened|went wrong|is wrong|went on) (?:to|with) (?:our |the )?(?P<a>.+?)"
     r"(?P<p> (?:in|last|this|during|since) .+|)", r"what drove the change in \g<a>\g<p>"),
    # news
    (rf"{_LEAD}(?:what (?:are|were) )?(?:the |your |our |some |any )*(?:key|main|top|important|best)? ?"
     r"(?:insights|findings|takeaways|highlights|learnings|conclusions)(?: (?:for|of|from|in|about|on) (?P<a>.+))",
     r"anything interesting in \g<a>"),
    (r"(?:is there |was there )?(?:anything|something) (?:that )?(?:i|we) (?:should|must|need to|have to|ought to) "
     r"(?:worry about|know(?: about)?|look (?:at|into)|be (?:worried|concerned) about|watch|act on|pay attention to)"
     r"(?P<a>.*)", r"what should i know\g<a>"),
    (r"what (?:needs|deserves|requires) (?:my|our) attention(?P<a>.*)", r"what should i know\g<a>"),
    # goals
    (rf"how (?:far|close) (?:are|is|am) (?:we|i) (?:away )?(?:from|to|of|off) (?:our |the |a )?(?P<a>.*{_AMOUNT}.*)",
     r"are we on track for \g<a>"),
    # trends
    (rf"(?:has|have|is|are|was|were) (?P<a>.+?) (?:been )?(?:going|moving|getting|becoming) {_UP}(?: .*)?",
     r"is \g<a> trending up"),
    (rf"(?:has|have|is|are|was|were) (?P<a>.+?) (?:been )?(?:going|moving|getting|becoming) {_DOWN}(?: .*)?",
     r"is \g<a> trending down"),
    (r"(?:in )?(?:what|which) direction (?:is|are|do|does) (?P<a>.+?) (?:going|heading|moving|developing|go|move)",
     r"where is \g<a> heading"),
    (rf"{_LEAD}(?:what is |whats )?(?:the |a )?(?:long[- ]term|longer|general|overall|underlying|real) "
     r"(?:trend|direction|development) (?:in|of|for) (?P<a>.+)", r"what is the underlying trend of \g<a>"),
    (r"(?:did|has|have) (?P<a>.+?) (?:ever )?(?:change[d]?|shift(?:ed)?|jump(?:ed)?) (?:its |their |to a new )?"
     r"(?:level|for good|permanently)(?: .*)?", r"change points in \g<a>"),
    # peers
    (r"(?:who|which|what) (?:are )?(?:the |our )*(?:best|worst|top|weakest|strongest)(?:[- ]performing)? (?P<a>\w+) "
     r"(?:compared (?:to|with)|against|relative to|beside) (?:their |the )?(?:peers|others|rest|each other)",
     r"benchmark our \g<a>"),
    (r"(?:rank|compare|judge|rate) (?:our |the |all )*(?P<a>\w+) (?:fairly|like for like|against each other)(?: .*)?",
     r"how do our \g<a> compare like for like"),
    (r"how (?:is|are|was|were) (?P<a>.+?) (?:doing|performing|developing) (?:relative to|beside|versus|vs|against) "
     r"(?:the )?other (?P<b>\w+)(?: (?:in|on|by) (?P<c>.+?)(?: growth)?)?",
     r"how is \g<a> doing compared to the other \g<b> on \g<c>"),
    # kinds of customers
    (rf"(?:split|divide|break|sort|put|classify|organi[sz]e) {_WHO}(?:in(?:to)? )?(?:up )?(?:in(?:to)? )?"
     r"(?:groups|segments|types|kinds|classes|buckets|tiers)(?: by (?:value|worth|spend|what they spend))?",
     "segment our customers"),
    (rf"(?:what|which) (?:types?|kinds?|sorts?|groups?|segments?) of {_WHO}(?:do we have|are there|have we)",
     "segment our customers"),
    (rf"{_LEAD}(?:the |our |a )*{_WHO}segmentation", "segment our customers"),
    (r"(?:who are|list|show|name) (?:our |the |my )*(?:vips?|key accounts|stars|biggest fans|a[- ]customers)",
     "who are my best customers"),
    (rf"(?:which|what) (?:loyal|good|regular) {_WHO}(?:went|have gone|are|fell|turned) (?:quiet|silent|inactive)",
     "which customers are at risk"),
    # coming back
    (rf"do {_WHO}(?:usually |ever |really )?(?:come back|return|buy again|order again)(?: .*)?",
     "how many new customers come back"),
    (rf"how (?:loyal|sticky|faithful) are {_WHO}", "how many new customers come back"),
    (rf"(?:what|which|how) (?:share|percentage|percent|proportion|part|many|much)(?: of)? {_WHO}"
     r"(?:never|do not|don't|dont|did not|didn't) (?:return|come back|buy again|order again)(?: .*)?",
     "what share of new customers ever come back"),
    # leaving
    (r"who (?:might|may|could|will|would|can|do) we (?:be )?los(?:e|ing)(?: .*)?", "who are we about to lose"),
    (rf"why (?:are|do|did|have) we (?:been )?los(?:e|ing|t) (?:so many )?{_WHO}", "why do customers leave"),
    (rf"(?:what|why) (?:makes|is making|causes) {_WHO}(?:leave|leaving|churn|go|quit)", "why do customers leave"),
    (r"how much (?:money|revenue|sales|turnover)? ?(?:do|would|will|could|might) (?:we|it) (?:lose|cost)(?: us)?"
     rf" (?:if|when|should) (?:the |our )?(?:at[- ]risk |risky |endangered )?{_WHO}(?:leave|left|churn|go|quit)",
     "how much revenue is at risk"),
    # worth
    (rf"how (?:valuable|much worth) (?:is|are) (?:an? |our |the )?(?:average |typical |single )?{_WHO}(?:to us)?",
     "what is a customer worth"),
    (rf"(?:predict|forecast|estimate|project) (?:the |our )?{_WHO}(?:life ?time )?(?:value|worth)"
     r"(?P<a>(?: (?:for|over|in) the next .+)?)", r"customer lifetime value\g<a>"),
    (rf"(?:which|what) {_WHO}(?:will|are going to|should|would) (?:spend|buy|bring(?: in)?|generate) (?:us )?"
     r"(?:the )?most(?: (?:next|over the next|in the next) (?P<a>.+))?",
     r"who are the most valuable customers over the next \g<a>"),
    # what goes together
    (r"what (?:goes|moves|rises|increases|falls) (?:up |down )?(?:when|if|as|whenever) (?P<a>.+?) "
     r"(?:goes|moves|rises|increases|falls|changes|does)(?: up| down)?", r"what moves with \g<a>"),
    (rf"(?:are|is|were) (?P<a>.+?) and (?P<b>.+?) {_RELATED}", r"is \g<a> correlated with \g<b>"),
    (r"(?:does|do|did) (?P<a>.+?) (?:help|boost|push|increase|raise|improve|hurt|harm|lower|matter for|pay off in|bring"
     r"(?: us)?(?: more)?) (?P<b>.+)", r"does \g<a> lead \g<b>"),
    (r"(?:is there|do you see|can you see) (?:a |any )?(?:link|relation|relationship|correlation|connection) between "
     r"(?P<a>.+?) and (?P<b>.+)", r"is \g<a> correlated with \g<b>"),
    # what if
    (r"what (?:happens|would happen) (?:to|with) (?P<t>.+?) if (?:we )?(?:lose|lost) (?P<v>[\d.,]+ ?%) of (?P<m>.+)",
     r"what would \g<t> be if \g<m> falls by \g<v>"),
    (r"if (?P<c>.+?) (?:then )?how (?:does|would|will|do) (?P<t>.+?) (?:change|develop|move|look|react)",
     r"what would \g<t> be if \g<c>"),
    (r"what (?:happens|would happen|if)(?: if)?(?: we)? (?P<w>doubl|halv)e[ds]? (?P<m>.+)",
     r"what if \g<m> \g<w>es"),
    (rf"by how much (?:must|should|do|does|would) (?P<m>.+?) (?:have to |need to )?(?:grow|rise|increase|go up|climb) "
     rf"(?:to (?:reach|get(?: to)?|hit|make)|for) (?P<v>{_AMOUNT})(?: (?:in|of))? ?(?P<t>.*)",
     r"how many \g<m> do we need for \g<v> \g<t>"),
)  # fmt: skip
_COMPILED = tuple((re.compile(f"^{_LEAD}{p}$"), to) for p, to in _WORDINGS)
_LAST_RESORT = frozenset(["not_understood", "not_supported_yet", "prediction", "no_path", "no_context", "opinion"])
_DOORS: tuple[Callable[[PlanContext, Planner], Decision | None], ...] = (
    asked_first, explained, along_time, asked_of_skills,
)  # fmt: skip


def in_other_words(context: PlanContext, declined: Decline, planner: Planner) -> Decision | None:
    """The plan of a skill for a question that would be declined; None where no wording of it fits."""
    if declined.code not in _LAST_RESORT:
        return None
    for written in wordings(context.question):
        again = context.asking(written)
        decision = next((d for door in _DOORS if (d := door(again, planner)) is not None), None)
        if isinstance(decision, Plan):
            said = Assumption(key="reading", label="Read as", value="skill", display=f"{written}?")
            return decision.model_copy(update={"assumptions": [*decision.assumptions, said], "confidence": 0.75})
    return None


def wordings(question: str) -> Iterator[str]:
    """Plain questions that a text may stand for."""
    text = plain_text(question)
    for pattern, written in _COMPILED:
        found = pattern.match(text)
        if found is not None:
            groups = {n: v or "" for n, v in found.groupdict().items()}
            filled = re.sub(r"\\g<(\w+)>", lambda m: groups.get(m[1], ""), written)  # noqa: B023
            yield " ".join(filled.split()).removesuffix(" on").removesuffix(" over the next")
