"""How managers ask ("slow movers", "who is our slowest partner?"), as the plain question about the figure they mean.

Each wording is written out with names that this model has, and only where one figure fits; a wording that needs a
figure the model lacks, or that two figures fit, yields nothing and the question is declined as before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from agent.builtin.defaults import event_noun, money_noun, product_noun
from agent.builtin.lexicon import Lexicon, Ref, described, gerund
from agent.builtin.rules_figures import sold_figure
from agent.builtin.spelled import mapped
from agent.builtin.text import fold, stem, tokenize
from agent.builtin.vocabulary import STOP_WORDS
from warehouse.model.bags import bag
from warehouse.model.words import singular

_TIMES = frozenset(("second", "minute", "hour", "day", "week", "month"))
_PLACES = ("store", "location", "restaurant", "branch", "site", "facility", "dealership", "shop", "hospital", "clinic")
_SLOW = r"(?P<end>slow(?:est|ly)?|fast(?:est)?|quick(?:est|ly)?|longest|shortest)"
_WHEN = r"(?P<rest>(?:,? (?:in|last|this|since|during|over|for|from|by|at|on|today|yesterday|year|so far)\b.*)?)"
_X, _X_SHORT = r"(?P<x>\w+(?: \w+)?)", r"(?P<x>\w+(?: \w+)??)"
_WHICH = r"(?:which|what|whose|who (?:is|are|was|were)) (?:of (?:our|the) |our |the |my )?"
_PEOPLE = frozenset(("patient", "people", "customer", "guest", "client", "we", "you", "they", "it"))
_PARTICIPLES = mapped(
    "lose => lost | throw => thrown | give => given | spend => spent | lend => lent | pay => paid | write => written | "
    "win => won | take => taken | make => made | buy => bought | sell => sold | earn => earned | waste => wasted"
)
_AVERAGED = bag("average avg mean median price rate per")
_MOST_WORDS = 6
Writer = Callable[[re.Match[str], Lexicon], Iterator[str]]


def managers_way(question: str, lexicon: Lexicon) -> Iterator[str]:
    """Plain wordings of a question, each to be planned in turn."""
    text = " ".join(fold(question).strip(" ?.!").split())
    for pattern, write in _WAYS:
        found = pattern.match(text)
        if found is not None:
            yield from write(found, lexicon)


def _label(lexicon: Lexicon, ref: Ref) -> str:
    return lexicon.label(ref).lower()


def _named(lexicon: Lexicon, text: str) -> list[Ref]:
    """What a phrase names, best first."""
    return lexicon.lookup(tuple(t.stem for t in tokenize(fold(text)) if t.kind != "punct"))


def _figures(lexicon: Lexicon, text: str) -> list[Ref]:
    return [r for r in _named(lexicon, text) if r.is_figure and r.weight >= 0.9]


def _sellers(m: re.Match[str], lexicon: Lexicon) -> Iterator[str]:
    """“slow movers”, “which dishes hardly sell”: the products by pieces sold."""
    said = (m.groupdict().get("x") or "").strip()
    product = product_noun(lexicon)
    noun = said or (product.text if product else "")
    sold = sold_figure(lexicon)
    if noun and sold:
        low = re.search(r"\b(?:slow|worst|hardly|barely|rarely|least|poor|never|not)", m.group(), re.I)
        most = m.groupdict().get("n") or 10
        yield f"{'bottom' if low else 'top'} {most} {noun} by {_label(lexicon, sold)}{m['rest']}"


def _returned(m: re.Match[str], lexicon: Lexicon) -> Iterator[str]:
    product, done = product_noun(lexicon), m["v"].lower()
    for name in (f"{done} units", f"{done} items", f"units {done}", f"{done} quantity"):
        if product and _figures(lexicon, name):
            yield f"top 10 {product.text} by {name}{m['rest']}"


def _busy(m: re.Match[str], lexicon: Lexicon) -> Iterator[str]:
    """“how busy was Saturday?”: what makes a day busy, on that day."""
    noun = event_noun(lexicon, "busy")
    if noun:
        when = re.sub(r"^(?:we|it|you|they|the \w+|our \w+)\b ?", "", m["when"].strip(), flags=re.I)
        if not re.fullmatch(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day", when, re.I):  # one of them, or all of them?
            yield f"{_label(lexicon, noun.refs[0])} {when}".strip()


def _anywhere(m: re.Match[str], lexicon: Lexicon) -> Iterator[str]:
    """“is labor above 30% anywhere?”: in which places it is."""
    place = next((p for p in _PLACES if any(r.kind == "table" or r.is_column for r in _named(lexicon, p))), None)
    if place is None:
        return
    said = m["x"].strip()
    tails = (" percentage", " cost percentage", " rate", " ratio", "") if "%" in m["limit"] else ("",)
    for name in (said + tail for tail in tails if _figures(lexicon, said + tail)):
        yield f"which {place} had {name} {m['op']} {m['limit']}{m['rest']}"
        return


def _durations(lexicon: Lexicon, words: set[str], noun: list[Ref], unit: str = "") -> list[Ref]:
    """Average times of the records that `noun` groups, those that share a word with the question first."""
    fits: list[tuple[float, Ref]] = []
    for ref in dict.fromkeys(r for refs in lexicon.phrases.values() for r in refs if r.is_figure and r.weight == 1):
        told = described(lexicon.model, ref)
        measured = getattr(getattr(told, "unit", None), "name", None)
        whole = getattr(told, "agg", None) in ("sum", "count", "count_distinct")
        if told is None or measured not in _TIMES or whole or (unit and measured != unit):
            continue
        named, tables = _words(lexicon, ref), _tables(lexicon, ref)
        if not noun or any(r.table in tables or _reaches(lexicon, tables, r.table) for r in noun):
            meant = 0.5 if told.confidence == 1 or told.origin else 0.0  # what a pack or a person named comes first
            fits.append((meant + sum(any(_akin(w, n) for n in named) for w in words), ref))
    most = max((score for score, _ in fits), default=0.0)
    return [ref for score, ref in fits if score == most]


def _words(lexicon: Lexicon, ref: Ref) -> set[str]:
    told = described(lexicon.model, ref)
    texts = (lexicon.label(ref), *(told.words() if told else ()))
    return {stem(word) for text in texts for word in text.lower().split()}


def _akin(one: str, other: str) -> bool:
    """wait and waiting, stay and stays, deliver and delivery."""
    short, long = sorted((one, other), key=len)
    return len(short) >= 4 and (long.startswith(short) or (len(short) > 5 and long[:-2] == short[:-2]))


def _tables(lexicon: Lexicon, ref: Ref) -> set[str]:
    if ref.table:
        return {ref.table}
    metric = lexicon.model.metrics[ref.name]
    parts = (metric.measure, metric.numerator, metric.denominator)
    return {t for p in parts if p and (t := lexicon.model.measure_table(p))}


def _reaches(lexicon: Lexicon, facts: set[str], table: str) -> bool:
    return any(j.to == table for f in facts for j in lexicon.model.tables[f].joins)


def _slowest(m: re.Match[str], lexicon: Lexicon) -> Iterator[str]:
    """“which partner is slowest?”, “which store answers its leads slowest?”: the group with the longest time."""
    groups = m.groupdict()
    noun = _named(lexicon, groups["x"])
    said = f"{groups.get('v') or ''} {groups.get('o') or ''}".lower()
    words = {stem(w) for w in re.findall(r"\w+", said)} - STOP_WORDS
    if not any(r.kind == "table" or r.is_column for r in noun):
        return
    exact = [f for f in (f"{groups.get('o') or ''} {groups.get('v') or ''}".strip(),) if f and _figures(lexicon, f)]
    found = _durations(lexicon, words, [r for r in noun if not r.is_figure])
    if len(found) == 1 and not exact:
        end = "highest" if m["end"].lower().startswith(("slow", "long")) else "lowest"
        yield f"which {groups['x']} had the {end} {_label(lexicon, found[0])}{m['rest']}"


def _most_of(m: re.Match[str], lexicon: Lexicon) -> Iterator[str]:
    """“which location turns its tables most?”: the figure that is called by the thing and the deed."""
    verb = stem(m["v"].lower())
    for name in (f"{stem(m['o'].lower())} {verb}", f"{m['o']} {verb}"):
        if _figures(lexicon, name):
            end = "lowest" if m["end"].lower() in ("least", "worst") else "highest"
            yield f"which {m['x']} had the {end} {name}{m['rest']}"
            return


def _how_long(m: re.Match[str], lexicon: Lexicon) -> Iterator[str]:
    """“how long do patients wait?”: the one average time that speaks of waiting."""
    verb = stem(m["v"].lower())
    who = re.sub(r"^(?:the|our|a|an|your|my) ", "", m["x"].lower())
    unit = stem((m["unit"] or "").lower())
    noun = [] if stem(who) in _PEOPLE else [r for r in _named(lexicon, who) if not r.is_figure]
    found = _durations(lexicon, {verb}, noun, unit)
    akin = len(found) == 1 and (noun or _says(lexicon, found[0], verb))
    if akin:
        yield f"{_label(lexicon, found[0])}{m['rest']}"
        bare = re.sub(r"^ (?:in|at) (?:our|the) \w+(?= |$)", "", m["rest"])
        where = _named(lexicon, m["rest"].split()[2]) if bare != m["rest"] else []
        if any(r.kind == "table" for r in where):
            yield f"{_label(lexicon, found[0])}{bare}"


def _says(lexicon: Lexicon, ref: Ref, verb: str) -> bool:
    return any(_akin(verb, word) for word in _words(lexicon, ref))


def _money_deed(m: re.Match[str], lexicon: Lexicon) -> Iterator[str]:
    """“how much did we lose to fraud last month?”: the one figure whose name says the deed and its object."""
    verb = m["v"].lower().removesuffix("ing") if m["v"].lower().endswith("ing") else m["v"].lower()
    verb = verb if verb in _PARTICIPLES or verb + "e" not in _PARTICIPLES else verb + "e"
    done = _PARTICIPLES.get(verb, verb + ("d" if verb.endswith("e") else "ed"))
    rest = m["rest"].split()
    for used in range(min(len(rest), _MOST_WORDS), -1, -1):
        said, after = " ".join(rest[:used]), " ".join(rest[used:])
        if used and rest[used - 1].lower() in STOP_WORDS:
            continue  # “this” of “this year” is no part of the name
        told = {stem(singular(w)) for w in f"{m['o'] or ''} {said}".lower().split()} - STOP_WORDS - {"money"}
        name = re.sub(r"^(?:away |out |up )?(?:in|on|to|for|through|as) ", "", said)
        money = [r for r in _figures(lexicon, name) if _is_money(lexicon, r)] if used else []
        called = (
            _unique(lexicon, {stem(done), *told})
            or _unique(lexicon, {stem(verb), *told})
            or (None if told else _unique(lexicon, {gerund(verb)}))
        )
        if called and not told and _AVERAGED & {stem(w) for w in _label(lexicon, called).lower().split()}:
            called = None  # “how much did we sell” asks for a sum, never for the average selling price
        sold = money_noun(lexicon) if verb == "sell" and not told and not called else None
        if sold:
            yield f"{_label(lexicon, sold.refs[0])} {after}".strip()
            return
        if called or (money and not m["o"]):
            yield f"{_label(lexicon, called or money[0])} {after}".strip()
            return


def _is_money(lexicon: Lexicon, ref: Ref) -> bool:
    unit = getattr(described(lexicon.model, ref), "unit", None)
    return bool(unit and (unit.currency or unit.currency_column))


def _unique(lexicon: Lexicon, stems: set[str]) -> Ref | None:
    """The one figure that is called just so, else the one of which a name holds all these words."""
    named = [
        (set(phrase) == stems, r) for phrase, refs in lexicon.phrases.items() if stems <= set(phrase) for r in refs
        if r.is_figure and r.weight >= 0.9
    ]  # fmt: skip
    for found in ({(r.table, r.name): r for just_so, r in named if just_so}, {(r.table, r.name): r for _, r in named}):
        if len(found) == 1:
            return next(iter(found.values()))
    return None


def _cost_of(m: re.Match[str], lexicon: Lexicon) -> Iterator[str]:
    for name in (f"cost per {m['x']}", f"cost per new {m['x']}", f"{gerund(m['v'])} cost"):
        if _figures(lexicon, name):
            yield f"{name}{m['rest']}"
            return


def _shrinking(m: re.Match[str], lexicon: Lexicon) -> Iterator[str]:
    money = money_noun(lexicon)
    if money:
        yield f"which {m['x']} fell most in {_label(lexicon, money.refs[0])}{m['rest'] or ' this year'}"


def _look(m: re.Match[str], _lexicon: Lexicon) -> Iterator[str]:
    yield f"{m['x']} last month compared with the previous period"


def _called(m: re.Match[str], lexicon: Lexicon) -> Iterator[str]:
    """“how many cars are over 60 days?”, where just that is what a figure is called."""
    name = f"{m['x']} {m['rest']}"
    if _figures(lexicon, name):
        yield name


def _beaten(m: re.Match[str], _lexicon: Lexicon) -> Iterator[str]:
    yield f"{m['x']} this {m['u']} compared with last {m['u']}"


def _way(pattern: str, write: Writer) -> tuple[re.Pattern[str], Writer]:
    return re.compile(f"^(?:and |so |tell me |show me |list )?{pattern}$", re.I), write


_WAYS: tuple[tuple[re.Pattern[str], Writer], ...] = (
    _way(
        r"(?:what (?:are|were) )?(?:our |the |my )?(?:top|best|slow|slowest|worst|poor)(?: (?P<n>\d+))?[- ]"
        rf"(?:sellers|movers|selling (?P<x>\w+(?: \w+)?)){_WHEN}",
        _sellers,
    ),
    _way(
        rf"(?:which|what) {_X} (?:hardly|barely|rarely|never|do not|are not|is not)(?: ever)? "
        rf"(?:sell|sells|sold|selling|move|moving|shift){_WHEN}",
        _sellers,
    ),
    _way(
        r"what (?:gets|got|is|was|are|were|do (?:people|customers|guests))(?: being)? "
        rf"(?P<v>\w+ed|bought)(?: the)? most{_WHEN}",
        _returned,
    ),
    _way(r"how busy (?:is|are|was|were|will) (?P<when>.+)", _busy),
    _way(
        r"(?:is|are|was|were) (?:our |the )?(?P<x>[\w& ]+?) (?P<op>above|below|over|under|more than|less than"
        rf"|higher than|lower than) (?P<limit>[$€£]?[\d.,]+ ?%?) (?:anywhere|in any \w+|at any \w+|somewhere){_WHEN}",
        _anywhere,
    ),
    _way(rf"{_WHICH}{_SLOW} {_X_SHORT}{_WHEN}", _slowest),
    _way(rf"{_WHICH}{_X_SHORT} (?:is|are|was|were)(?: the)? {_SLOW}{_WHEN}", _slowest),
    _way(
        rf"{_WHICH}{_X_SHORT} (?P<v>\w+?)s? (?:(?:its|their|the|our) (?P<o>\w+(?: \w+)?) )?(?:the )?{_SLOW}{_WHEN}",
        _slowest,
    ),
    _way(
        rf"{_WHICH}{_X_SHORT} (?P<v>\w+?)s? (?:its|their|the|our) (?P<o>\w+) "
        rf"(?:the )?(?P<end>most|least|best|worst)(?: often)?{_WHEN}",
        _most_of,
    ),
    _way(
        r"how (?:long|many (?P<unit>days|hours|minutes)) (?:do|does|did|have|has|must) "
        r"(?P<x>(?:the |our |a |an )?\w+(?: \w+)?) (?P<v>wait|stay|stand|sit|take|last|spend|need|lie)"
        rf"(?: (?:before|until|till) (?:it|they|we|being) \w+| on average)?{_WHEN}",
        _how_long,
    ),
    _way(
        r"(?:how much|what)(?: (?P<o>\w+))? (?:did|do|have|are|were|has) (?:we|our \w+|you) (?:been )?"
        r"(?P<v>\w+)(?P<rest>.*)",
        _money_deed,
    ),
    _way(
        r"(?:what does it|how much does it) cost (?:us )?to (?P<v>\w+) (?:a|an|one|each) "
        rf"(?P<x>(?:new )?\w+){_WHEN}",
        _cost_of,
    ),
    _way(
        rf"(?:which|what) {_X} (?:is|are) (?:shrinking|declining|going backwards|losing sales|on the way down)"
        rf"(?: (?:the )?(?:most|fastest))?{_WHEN}",
        _shrinking,
    ),
    _way(r"how (?:do|does|did) (?:our |the |my )?(?P<x>[\w& ]+?) look(?: like)?", _look),
    _way(rf"how many {_X} (?:are|is|were|have been) (?P<rest>(?:over|under|above|below|past|older than) .+)", _called),
    _way(
        r"(?:did|have) we (?:beat|beaten|top|topped|exceed(?:ed)?|surpass(?:ed)?) last (?P<u>year|month|quarter|week)"
        r"(?: on| in| for| by| with) (?P<x>.+)",
        _beaten,
    ),
)
