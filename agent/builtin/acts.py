"""What a short reply does to the last answer, by everyday words: the English of dialogue in one place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agent.builtin.text import NUMBER_WORDS, ORDINALS, fold

MOST_WORDS = 14
_LEAN = re.compile(
    r"^(?:and(?: now| then)?|but|so|or|now|then|also|plus|(?:what|how) about|what if (?:we|i) (?:look at|take)"
    r"|(?:the |do the |show the )?same(?: thing| question| figures?| analysis)?(?: again)?(?:,? but)?(?: (?:for"
    r"|with|in))?"
    r"|only(?: for| show)?|just(?: for| the ones (?:in|from))?|instead(?: of that)?|rather|make (?:it|that)|this time"
    r"|(?:show|give|see|do|put|display|break|split|group|slice|cut|filter|limit|narrow|restrict|change|switch"
    r"|drill|zoom|plot|draw|chart)"
    r"(?: me)? (?:it|that|this|those|these|them)\b(?: (?:up|down|out))?(?: (?:to|for|into))?"
    r"|(?:filter|limit|narrow|restrict|change|switch)(?: down)? (?:to|by|on)|filter|switch|include|exclude(?= )"
    r"|(?:break|split|group|slice)(?: down)? by(?= )|break down|drill(?: down)?(?: (?:in|into|to))?"
    r"|zoom in(?:to)?(?: on)?"
    r"|no(?!-),? (?:i meant?)?|sorry,?|actually,?|i (?:meant?|actually (?:meant?|want)|was asking (?:about|for))"
    r"|not that,?"
    r"|of (?:those|these|them)|for (?:those|these|them|it|that)|(?:how many|which|what share) of (?:those|these"
    r"|them) (?:are|were|is)?"
    r"|(?:what|how) (?:was|is|were|are|did|does|do|would|has|have) (?:it|that|this|they|those|these|them)"
    r"(?: (?:look|looked|be|been|do|doing|develop|developed|change|changed|break down|split))?(?: like)?)\b[ ,:;]*",
    re.I,
)  # fmt: skip
_POLITE = re.compile(
    r"^(?:please|ok(?:ay)?|great|thanks|thank you|cool|good|nice|hm+|yes|right|well|(?:can|could"
    r"|would) you(?: please)?"
    r"|i(?: would|'d)? (?:like|want)(?: to see)?|let(?:'s| us| me) (?:see|look at)|show(?: me)?(?= (?:only|just"
    r"|the same))"
    r"|(?:show|give|tell|do)(?: me)?(?= (?:as|in|by|per|it|that|top|bottom)\b))\b[ ,.!:;]*",
    re.I,
)  # fmt: skip
_TAIL = re.compile(
    r"[ ,]*\b(?:instead|too|as well|please|only|now|then|(?<!are )(?<!is )(?<!were )(?<!was )there|also|again"
    r"|rather)\b\s*(?=[?.!]*$)",
    re.I,
)
_ADDS = re.compile(
    r"^(?:and |now |please )*(?:also|plus|add|include)\b|\b(?:too|as well|also|in addition)\s*[?.!]*$", re.I
)
_DEEPER = re.compile(r"(?:(?:and|now|please|then|can you|could you) )*(?:break|drill|further)\b", re.I)
_GRAINS = {"day": "day", "dai": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"}
_NUMBER = rf"\d{{1,3}}|{'|'.join(NUMBER_WORDS)}"
_ORDINAL = rf"{'|'.join(ORDINALS)}|fifth|last|top|biggest|largest|highest|best|smallest|lowest|worst|leader|winner"
_IT = r"(?:it|that|this|them|those|these)"
_GROUP = r"(?!one\b|ones\b|the\b|it\b|that\b)[a-z][a-z-]*(?: [a-z][a-z-]*)?"
_VERDICT = r"best|worst|strongest|weakest|poorest|highest|lowest"
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("undo", rf"undo(?: {_IT})?|go back(?: (?:one|a step|one step))?|back|step back|revert(?: {_IT})?|take {_IT} back"
             rf"|never ?mind|(?:the )?previous (?:answer|question|result)|undo the last (?:step|change|filter)"
             rf"|(?:remove|drop) the last (?:step|change|filter)"),
    ("reset", r"start (?:over|again|from scratch)|reset|(?:a )?new (?:question|topic|start)"
              r"|forget (?:it|that|everything|all that)|clear(?: everything| the chat)?"),
    ("why", rf"why|why (?:not|so|is|was|did|does|are|do) ?{_IT}?(?: .*)?|why so .*|how come(?: .*)?"
            rf"|explain(?: {_IT})?"
            rf"|what(?:'s| is| was)? (?:the reason|behind|caused|drove|drives|causes|explains).*"),
    ("chart", rf"(?:as |in |on |draw |make |show |give me )?(?:an? |the )?(?P<kind>line |bar |pie |column )?"
              rf"(?:chart|graph|plot|diagram)(?: {_IT})?|visuali[sz]e(?: {_IT})?|(?:draw|plot|graph"
              rf"|chart)(?: {_IT})?"),
    ("table", r"(?:as |in |show )?(?:an? |the )?(?:table|list|grid)(?: view| form)?|no chart|without (?:the "
              r"|a )?chart"),
    ("total", r"(?:(?:what|how much) (?:is|was) )?(?:the |in |and |as |a |grand |overall )*(?:total|sum)(?: for all)?"
              r"|overall|altogether|all together|in all|sum (?:it|them) up|add (?:it|them) up"
              r"|without (?:the |a )?(?:split|breakdown|grouping|groups)|no (?:split|breakdown|grouping)"),
    ("all", rf"(?:show|list|see|give)?(?: me)? ?(?:all|everything|the rest|all of {_IT}|the (?:full|whole) list"
            rf"|all rows"
            rf"|every one|everyone|all groups|the others too|more)"),
    ("percent", rf"(?:in|as|by)? ?(?:a |the )?(?:percent(?:age)?s?|%|shares?"
                rf"|proportions?)(?: of (?:the )?(?:total|whole))?"
                rf"|(?:in|as) relative terms|what (?:share|percent(?:age)?|proportion"
                rf"|part)(?: of (?:the )?(?:total|whole))?"
                rf" (?:is|are|was|were|does|do) {_IT}(?: of (?:the )?(?:total|whole)| represent| make up)?"
                rf"|{_IT} (?:in|as) (?:a )?(?:percent(?:age)?s?|shares?)"),
    ("sort", rf"(?:sort|order|rank|arrange)(?:ed)?(?: {_IT})? ?(?:by (?P<by>.+?))? ?(?P<dir>asc\w*|desc\w*|reversed?|"
             rf"from (?:high|low) to (?:low|high)|(?:largest|highest|biggest|smallest|lowest|latest|newest"
             rf"|oldest) first)?"),
    ("sort", r"(?P<by>alphabetical)(?:ly|(?: order)?)|in (?P<by2>alphabetical) order"
             r"|(?P<dir>reverse)(?: (?:the )?order)?"
             r"|(?:the )?(?P<dir2>(?:largest|highest|biggest|smallest|lowest|latest|newest|oldest) first)"),
    ("grain", r"(?:as |an? |the |show )*(?:over|by|per|for each|each|every)? ?(?:the )?(?P<grain>days?|weeks?|months?"
              r"|quarters?|years?|daily|weekly|monthly|quarterly|yearly|annually)(?: by (?:day|week|month"
              r"|quarter|year))?"
              r"(?: (?:trend|series|development|evolution|split|breakdown|chart|figures|numbers))?"
              rf"(?: (?:for|of) (?:{_IT}|(?:that|this) one))?"),
    ("grain", r"over time|(?:as |an? |the |show |me |give |see )*(?:trend|time series|development|evolution"
              r"|time ?line|history)"
              rf"(?: (?:for|of) (?:{_IT}|(?:that|this) one))?"),
    ("compare", r"(?:(?:and )?(?:how (?:does|do|did) (?:it|that|this|they) )?compared?|versus|vs\.?|against"
                r"|relative to|"
                r"(?:the )?(?:change|growth|difference)(?: (?:on|over|from))?)"
                r"(?: (?:it|that|this|them))? ?(?:with|to|against|from)? ?(?:the )?"
                r"(?P<to>(?:last|previous|prior|preceding) week,? same (?:week)?day"
                r"|same (?:week)?day,? (?:of |in )?(?:the )?(?:last|previous|prior) week"
                r"|(?:a|one|the) week (?:ago|earlier)"
                r"|(?:last|previous|prior|preceding) (?:year|month|quarter|week|day|period|one)"
                r"|(?:same )?(?:period|time|month|quarter|week|day)?,? ?(?:of |in )?(?:the )?(?:last|previous"
                r"|prior) year"
                r"|(?:year|month|quarter|week|day|period) before|a year (?:ago|earlier|before))"),
    ("compare", r"(?P<to>year on year|year over year|yoy|month on month|month over month|mom|period over period)"
                r"(?: (?:change|growth))?"),
    ("shift", r"(?:in |for |during )?(?:the )?(?P<shift>same (?:period|time|month|quarter|week|days?)(?: (?:of|in))?"
              r"(?: the)? (?:last|previous|prior) year|a year (?:ago|earlier|before)|one year (?:ago|earlier|before)"
              r"|(?:year|month|quarter|week|day|period|one) (?:before|earlier|prior)(?: (?:that|it|this))?"
              r"|(?:previous|prior|preceding) (?:year|month|quarter|week|day|period|one)"
              r"|(?:year|month|quarter|week|day|period|one) after(?: (?:that|it|this))?"
              r"|(?:following|next) (?:year|month|quarter|week|day|period|one)|before that|after that)"),
    ("row", rf"(?:show |give |tell )?(?:me )?(?:about )?(?:the )?(?P<ordinal>{_ORDINAL})(?: (?:one|row|item"
            rf"|entry|place|option))?"),
    ("row", rf"(?:number|no\.?|row|#) ?(?P<number>{_NUMBER})"),
    ("winner", r"(?:which|what|who)(?: one)? (?:is|was|had|has|were)(?: the)? ?(?P<end>best|highest|top|most"
               r"|largest|biggest|first"
               r"|worst|lowest|bottom|least|smallest|fewest|last)(?: one)?"
               r"|(?:the )?(?P<end2>best|worst|highest|lowest) only"),
    ("judged", rf"(?:which|what|who)(?: of (?:the|our))? (?P<what>{_GROUP}) (?:is|was|are|were|has|had|did"
               rf"|does|do|looks?|performs?|performed)(?: been)?(?: doing| performing| looking)?"
               rf"(?: the| our)? (?P<end>{_VERDICT})(?: one| overall)?"
               rf"|(?:what(?:'s| is| was) |show me )?(?:the |our )?(?P<end2>best|worst|weakest|strongest)"
               rf"(?:[- ]performing)? (?P<what2>{_GROUP})"),
    ("turned", rf"(?:which|what|who)(?: of (?:the|our))? (?P<what>{_GROUP})(?: has| have| is| are| did)?"
               r"(?: got(?:ten)?| getting| become| gone| do)? ?"
               r"(?P<way>worse(?:ned|ning)?|better|improved|improving|deteriorated|deteriorating|declined"
               r"|slipped|slipping)(?: (?:the )?most| lately| recently)?"),
    ("turned", rf"(?:which|what|who)(?: of (?:the|our))? (?P<what>{_GROUP})(?: has| have)? (?P<way>grew|grown|rose"
               r"|risen|increased|gained|fell|fallen|dropped|decreased|shrank|lost)(?: by)? (?:the )?most"),
    ("fine", rf"(?:and |so |but )?(?:(?:is|are|was|were) )?(?:(?:{_IT}|that figure|that number) )?(?:a )?"
             r"(?:too |rather |very |really |quite |any )?(?:good|bad|high|low|ok|okay|normal|usual|typical|healthy"
             r"|acceptable|in line|alright|a lot|a problem|within range)(?: or (?:bad|not|low|high))?"
             r"(?: for us| then| compared (?:to|with) others)?"),
    ("top", rf"(?:show |list |see )?(?:me )?(?:only )?(?:the )?(?P<end>top|best|first|highest|largest|biggest"
            rf"|bottom|worst|last"
            rf"|lowest|smallest)(?: (?P<n>{_NUMBER}))(?: (?!by\b)(?P<what>.+?))?(?: by (?P<by>.+))?"),
    ("size", rf"(?:(?:make|show|give|list)(?: me)?(?: {_IT})? ?(?:the )?(?:first |top )?|(?:only|just) (?:the )?)?"
             rf"(?P<n>{_NUMBER})(?: (?:of (?:them|those|these)|rows|items|entries|lines|results))?"),
    ("sql", r"(?:show|give|see|tell)?(?: me)? ?(?:the |its |this |that )?(?:sql|query|code)"
            rf"(?: (?:behind|for|of) {_IT})?|what(?:'s| is| was) the (?:sql|query)(?: behind {_IT})?"
            r"|how did you (?:get|compute|calculate) (?:it|that|this)"),
    ("unfilter", r"(?:without|drop|remove|clear|no|ignore)(?: the| that| all| any| those| these)? (?:filters?"
                 r"|restrictions?|conditions?)"
                 r"|(?:for |in |across )?(?:all|every) (?P<field>[a-z][a-z ]+)"),
    ("alltime", r"(?:for |over |of )?(?:all|the whole|the entire)(?: the)? time|ever"
                r"|since (?:the )?(?:beginning|start)"
                r"|(?:for )?all (?:years|dates|periods)|no (?:period|date|time)(?: filter| limit)?"
                r"|without (?:the )?(?:period|date)"),
    ("list", r"(?:list|show|name|see)(?: me)? (?:them|those|these)|who (?:are|were) (?:they|these|those)"
             r"|(?:which|what) (?:ones|are (?:they|these|those)|one)(?: are (?:they|these))?|(?:show|see"
             r"|list)(?: me)? the "
             r"(?:rows|records|details)|details"),
    ("count", r"how many(?: (?:are|were) (?:they|there|those|these|that))?|count(?: them)?"
              r"|(?:what is )?the (?:count|number)"),
)  # fmt: skip
_ACTS = [(name, re.compile(rf"(?:{pattern})", re.I)) for name, pattern in _PATTERNS]
_CASES = ("alltime", "unfilter")


@dataclass(frozen=True)
class Said:
    """A reply: the part that says what changes, whether it leans on the last answer or adds to it, and its act."""

    text: str
    leans: bool = False
    adds: bool = False
    deeper: bool = False
    acts: dict[str, dict[str, str]] = field(default_factory=dict)

    def act(self, name: str) -> dict[str, str] | None:
        """The words of an act, None when the reply is none."""
        return self.acts.get(name)


def read(question: str) -> Said:
    """The reply without its lead and tail; `acts` holds every act that its words can mean."""
    text = fold(question).strip().strip("?.! ")
    adds = bool(_ADDS.search(text))
    deeper = bool(_DEEPER.match(text))
    acts = _acts_of(text)
    leans = False
    while True:
        shorter = _POLITE.sub("", text, count=1)
        if (leaner := _LEAN.sub("", shorter, count=1)) != shorter:
            leans, shorter = True, leaner
        if shorter == text or not shorter.strip():
            break
        text = shorter.strip()
        acts = {**_acts_of(text), **acts}
    while (shorter := _TAIL.sub("", text)) != text and shorter.strip():
        text, leans = shorter.strip("?.! "), True
        acts |= _acts_of(text)
    return Said(text, leans, adds, deeper, acts)


def _acts_of(text: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, pattern in _ACTS:
        match = pattern.fullmatch(text.strip(" ,?.!"))
        if match and name not in found:
            found[name] = {k.rstrip("2"): v.strip() for k, v in match.groupdict().items() if v}
    return found


def grain_of(word: str) -> str:
    """The grain a word speaks of: "monthly" -> "month"; "month" for a trend without a grain."""
    return next(
        (grain for start, grain in _GRAINS.items() if word.lower().startswith(start)),
        "year" if word.startswith("annual") else "month",
    )


def number_of(word: str) -> int | None:
    """3 for "3", "three" and "third"; None for anything else."""
    low = word.lower()
    return int(low) if low.isdigit() else NUMBER_WORDS.get(low) or ORDINALS.get(low) or (5 if low == "fifth" else None)


def is_low(word: str) -> bool:
    """Whether a word asks for the small end of a ranking."""
    return word.lower() in ("bottom", "worst", "last", "lowest", "smallest", "least", "fewest", "weakest", "poorest")
