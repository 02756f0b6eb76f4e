"""“How many new customers come back?” and “how long do they stay?”: questions that follow the same people over time."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from agent.brain import PlanContext
from agent.builtin.borrow import (
    Borrowed,
    Planner,
    as_window,
    borrowed,
    chip,
    lend,
    one_step,
    periods,
    plain_text,
    unasked,
)
from agent.builtin.dates import Today
from agent.builtin.lexicon import lexicon_of
from agent.builtin.text import NUMBER_WORDS, ORDINALS, stem
from agent.plan import Assumption, Decision
from tools.cohorts.who import PEOPLE, Candidate, candidates
from warehouse.model.words import plural

_NAMES = "|".join(
    sorted({plural(p) for p in PEOPLE} | set(PEOPLE) | {"people", "buyers", "clients"}, key=len, reverse=True)
)
_AGAIN = (
    r"(?:come|comes|came|coming) back|(?:buy|buys|bought|buying|order|orders|ordered|ordering|purchase|purchases"
    r"|purchased|visit|visits|visited|shop|shopped|use|used|pay|paid) (?:from us )?(?:again|a second time"
    r"|more than once|repeatedly)"
    r"|(?:make|makes|made|place|places|placed) (?:a |another )?(?:second|repeat|further|another)? ?(?:order"
    r"|purchase|visit)s?(?: again)?"
    r"|reorders?|(?:are|were|is|being|get|got) retained|stick around|(?:do|did|does) we (?:keep|retain)|retain"
)
_RETENTION = re.compile(
    rf"\b(?:retention|cohorts?|repeat (?:purchase|order|buying|visit|customer|buyer)s?(?: rates?)?"
    rf"|returning (?:{_NAMES})|new (?:{_NAMES})(?: \w+){{0,4}} return\b"
    rf"|(?:{_NAMES})(?: who| that| do| does| did| will| \w+ed| \w+ly| first| in \w+| last \w+){{0,4}} (?:{_AGAIN})"
    rf"|(?:{_NAMES}) (?:return|returning) (?:to|for|after|within|the (?:next|same))|(?:do|did|does) (?:the |our |new "
    rf"|most )*(?:{_NAMES})"
    rf"(?: \w+){{0,2}} (?:{_AGAIN}|return)\b|(?:share|percent|percentage|proportion|many"
    rf"|much) (?:of )?(?:\w+ ){{0,4}}(?:{_AGAIN}))"
)
_STAY = re.compile(
    rf"\bhow long (?:do|does|did|will|can|have) (?:\w+ ){{0,4}}(?:stay|stays|stayed|remain|last|stick|keep"
    rf"|continue)\w*"
    rf"|\bhow long (?:is|are|was) (?:\w+ ){{0,5}}(?:active|loyal|with us|around|{_NAMES} relationship|lifespan"
    rf"|lifetime)"
    rf"|\b(?:{_NAMES}) (?:lifespan|lifetime(?! value)|tenure|survival)|\bsurvival (?:curve|analysis|rate)"
    rf"|\b(?:time|how long)(?: it takes)? (?:until|till|before) (?:\w+ ){{0,4}}(?:leave|leaves|left|churn"
    rf"|churns|stop|stops|fall silent|go quiet|lose)\w*"
    rf"|\bhow (?:soon|quickly|fast) do (?:\w+ ){{0,3}}(?:leave|churn|drop off|stop (?:buying|ordering|coming))"
    rf"|\baverage length of (?:a )?(?:{_NAMES}) relationship"
)
_N = rf"(?P<n>\d{{1,4}}|a|an|one|{'|'.join(sorted({*NUMBER_WORDS, *ORDINALS}, key=len, reverse=True))})"
_U = r"(?P<u>day|week|month|quarter|year)s?"
_WITHIN = re.compile(
    rf"\bwithin (?:the )?(?:first |next |following )?(?:{_N} )?{_U}(?: of (?:their|the) (?:first )?\w+)?"
)
_DAY_RATE = re.compile(rf"\b{_N}[ -]day (?=retention|repeat|return|survival)")
_ON_DAY = re.compile(r"\b(?:on |at )?(?:day|d) ?(?P<n>\d{1,3})\b")
_IN_AGE = re.compile(
    rf"\b(?:(?:after|in|by|at) (?:the |their )?{_N}(?:st|nd|rd|th)? {_U}|{_N.replace('<n>', '<n2>')}[ -]"
    rf"{_U.replace('<u>', '<u2>')} (?=retention|repeat|survival|later)(?:later)?"
    rf"|(?:in|at|after) {_U.replace('<u>', '<u3>')} {_N.replace('<n>', '<n3>')}"
    rf"|(?:(?:in|during) )?the (?:next|following) {_U.replace('<u>', '<u4>')}|the {_U.replace('<u>', '<u5>')} after"
    rf"(?: (?:their|the) first \w+)?)"
)
_EVER = re.compile(r"\b(?:ever(?: again)?|at all|at some point|eventually|or later|any ?time)\b")
_REPEAT = re.compile(r"\b(?:second|repeat|more than once|a second time|further|another)\b")
_GRAIN = re.compile(
    r"\b(?:by (?P<a>week|month|quarter) (?:of (?:their )?(?:first|joining|sign ?up)\w*(?: \w+)?|joined)"
    r"|(?P<b>week|month|quarter)ly(?= cohort| retention)|(?P<c>week|month|quarter) cohorts?"
    r"|by (?P<d>week|month|quarter)$)"
)
_SILENT = re.compile(
    r"\b(?:after|for|of) (?P<n>\d{1,4}) days? (?:of silence|without \w+(?: \w+)?|inactive|of inactivity)"
)
_NOISE = re.compile(
    rf"\b(?:{_AGAIN}|how (?:many|much|often|long|soon|quickly|fast)|what (?:share|percentage|percent|proportion"
    rf"|part|fraction)"
    r"|(?:which|what) (?:share|percentage)|(?:share|percentage|percent|proportion|fraction) of|is there"
    r"|are there|show(?: me)?"
    r"|give me|tell me|please|can you|could you|compare[ds]?|comparison|draw|plot|chart|table|curves?|analysis"
    r"|analy[sz]e|rates?"
    r"|retention|cohorts?|retained|repeat|returning|return|survival|lifespan|lifetime|tenure|relationship"
    r"|getting|become|becoming|vs|versus|against|compared (?:with|to)|longer|shorter|longest|sooner|which"
    r"|gotten|got|improv(?:e|es|ed|ing|ement)|better|worse|higher|lower|increas(?:e|ed|ing)|decreas(?:e|ed"
    r"|ing)|ris(?:e|ing)"
    r"|fall(?:ing)?|trend(?:ing|s)?|over time|new|first[ -]?time|newly|who|that|whose|usually|typically"
    r"|normally|on average"
    r"|average|most|joined|joining|signed up|sign up|acquired|started|first (?:ordered|bought|purchased|came"
    r"|visited|purchase|order|visit)"
    r"|first|ordered|bought|purchased|their|they|them|with us|to us|us|from us|our|we|the|a|an|is|are|was|were"
    r"|do|does|did|has|have"
    r"|had|been|be|will|would|what|how|stay(?:s|ed|ing)?|remain(?:s|ed)?|last(?:s|ed)?(?! (?:week|month"
    r"|quarter|year|\d))|keep"
    r"|buying|ordering|coming|active|loyal|around|until|till|before|it takes|leave[s]?|left|churn(?:s|ed)?"
    r"|stop|lose|and|then"
    r"|length|long|time|customer base|purchases?|orders?|visits?|second|another|place[ds]?|make|made"
    r"|group(?:ed)?|split)\b"
)
_TAIL = re.compile(r"^(?:(?:of|in|for|to|by|from|with|on|at|than|back|up|or|against|vs|versus) )*$")
_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}


def followed(context: PlanContext, planner: Planner) -> Decision | None:
    """The decision on a question about coming back or staying; None for any other question."""
    text = plain_text(context.question)
    stay, back = _STAY.search(text), _RETENTION.search(text)
    found = stay or back
    if found is None or any(lexicon_of(context.model).lookup((stem(w),)) for w in ("retention", "cohort") if w in text):
        return None
    who = _whom(text, context)
    today = _today(context, who)
    args, text = _silence(text) if stay else _returned(text, _years(context, who))
    said, rest = periods(text, context, today)
    if len(said) > 1:
        args["compare"] = [as_window(p) for p in said]
    elif said:
        args["joined"] = as_window(said[0])
    if who is not None and who.one != _usual(context):
        args["entity"] = who.one
    rest = _left(rest)
    chips: list[Assumption] = []
    if rest:
        decision = borrowed(context, planner, _figure(context, who), rest)
        if not isinstance(decision, Borrowed):
            return unasked(decision)
        chips = lend(decision, args, "joined")
    if "by" in args:
        args.pop("compare", None)
    if stay:
        return one_step("survival", args, "Following how long they stay", "survival", [*chips, _gone_chip(args)])
    return one_step("cohorts", args, "Following who came back", "cohorts", [*chips, _meaning_chip(args)])


def _usual(context: PlanContext) -> str:
    found = candidates(context.model, context.profile)
    return found[0].one if found else ""


def _whom(text: str, context: PlanContext) -> Candidate | None:
    """Whom the question is about, by its own word where the data know it."""
    found = candidates(context.model, context.profile)
    named = [c for c in found if re.search(rf"\b(?:{c.one}|{plural(c.one)})\b", text)]
    return next(iter(named or found), None)


def _figure(context: PlanContext, who: Candidate | None) -> str:
    """A plain figure of what they do, to read filters and splits with."""
    if who is None or who.measure is None:
        return "how many"
    measure = context.model.tables[who.table].measures[who.measure]
    return (measure.label or who.measure.replace("_", " ")).lower()


def _today(context: PlanContext, who: Candidate | None) -> Today:
    """What “last month” counts from: today, or the end of data that end long before it."""
    rules, day = context.model.calendar, context.as_of.date()
    last = _last_day(context, who)
    anchored = not context.as_of_given and last is not None and (day - last).days > 7
    return Today(last if anchored and last else day, rules.first_weekday, rules.fiscal_start_month, anchored, rules)


def _last_day(context: PlanContext, who: Candidate | None) -> date | None:
    table = context.model.tables.get(who.table) if who else None
    return context.profile.bounds(table.source, table.time.default)[1] if table and table.time else None


def _years(context: PlanContext, who: Candidate | None) -> bool:
    table = context.model.tables.get(who.table) if who else None
    first, last = context.profile.bounds(table.source, table.time.default) if table and table.time else (None, None)
    return first is not None and last is not None and (last - first).days >= 730


def _count(text: str | None) -> int:
    if text in (None, "a", "an"):
        return 1
    assert text is not None  # looked at above
    return int(text) if text.isdigit() else NUMBER_WORDS.get(text) or ORDINALS.get(text, 1)


def _silence(text: str) -> tuple[dict[str, Any], str]:
    found = _SILENT.search(text)
    if found is None:
        return {}, text
    return {"silence": _count(found["n"])}, text[: found.start()] + text[found.end() :]


def _returned(text: str, years: bool) -> tuple[dict[str, Any], str]:
    """What coming back means and when, taken out of the text; `years` says that two years of data are there."""
    args: dict[str, Any] = {}
    if grain := _GRAIN.search(text):
        args["grain"] = grain["a"] or grain["b"] or grain["c"] or grain["d"]
        text = _without(text, grain)
    if hit := _WITHIN.search(text) or _DAY_RATE.search(text):
        unit = hit.groupdict().get("u") or "day"
        args |= {"returned": "within", "days": _count(hit["n"]) * _DAYS[unit]}
        text = _without(text, hit)
    elif hit := _ON_DAY.search(text):
        args |= {"returned": "on_day", "days": max(1, int(hit["n"]))}
        text = _without(text, hit)
    elif hit := _IN_AGE.search(text):
        n = _count(hit["n"] or hit["n2"] or hit["n3"])
        unit = next(hit[g] for g in ("u", "u2", "u3", "u4", "u5") if hit[g])
        unit, n = ("month", 12 * n) if unit == "year" else (unit, n)
        if unit == "day":
            args |= {"returned": "within", "days": n}
        else:
            args |= {"grain": unit, **({"age": n} if n > 1 else {})}
        text = _without(text, hit)
    if hit := _EVER.search(text):
        args |= {"returned": "after"} if args.get("returned") is None else {}
        text = _without(text, hit)
    elif "returned" not in args and "age" not in args and _REPEAT.search(text):
        args |= {"returned": "within", "days": 365 if years else 90}
    return args, text


def _without(text: str, hit: re.Match[str]) -> str:
    return " ".join(f"{text[: hit.start()]} {text[hit.end() :]}".split())


def _left(rest: str) -> str:
    """What the planner has to read: words beside those that ask to follow somebody."""
    bare = " ".join(_NOISE.sub(" ", rest.replace("'", " ")).split())
    bare = re.sub(rf"^(?:(?:of|for|in|to|among) )*(?:{_NAMES})\b", "", bare).strip()
    bare = re.sub(rf"\b(?:of|for|in|from|among|vs|versus|against|with|compared) (?:{_NAMES})?$", "", bare).strip()
    if _TAIL.match(f"{bare} ") or re.fullmatch(_NAMES, bare):
        return ""
    return bare if re.match(r"(?:by|per|in|for|from|of|at|on|with|across|among)\b", bare) else f"for {bare}"


def _gone_chip(args: dict[str, Any]) -> Assumption:
    days = args.get("silence")
    shown = f"{days} days of silence" if days else "silence longer than nine in ten gaps"
    choices = {"usual": ("Longer than nine in ten gaps", {"silence": None})} | {
        str(n): (f"{n} days of silence", {"silence": n}) for n in (30, 90, 180, 365)
    }
    return chip("gone", "Counted as gone after", str(days or "usual"), shown, choices)


def _meaning_chip(args: dict[str, Any]) -> Assumption:
    """What coming back means, and its other meanings."""
    emptied: dict[str, Any] = dict.fromkeys(("days", "age", "grain"))
    choices = {
        "during": ("Active in the period after", {**emptied, "returned": "during"}),
        "after": ("Active then or later", {**emptied, "returned": "after"}),
        **{f"within {n}": (f"Within {n} days", {**emptied, "returned": "within", "days": n}) for n in (7, 30, 90)},
        "on 7": ("On day 7", {**emptied, "returned": "on_day", "days": 7}),
    }
    kind, days = args.get("returned", "during"), args.get("days")
    shown = {
        "during": "active in the period after", "after": "active then or later", "within": f"within {days} days",
        "on_day": f"on day {days}",
    }[kind]  # fmt: skip
    return chip("returned", "Coming back means", kind if days is None else f"{kind} {days}", shown, choices)
