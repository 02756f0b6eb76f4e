"""Turns stored names into the words people use, so that a question need not know how a column was spelled."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from warehouse.model.bags import bag

_PARTS = re.compile(
    r"(?!id\d)[A-Za-z]{1,2}\d{1,3}(?![a-z0-9]|[A-Z](?![a-z]))|[A-Z]+s?(?![a-z])|[A-Z]?[a-z]+(?:\d+[a-z]+)?|\d+"
)
_FORMULA = re.compile(r"[a-z]{1,2}\d+")  # no2, pm25, q1: one word, never “number 2”

ABBREVIATIONS: dict[str, str] = {
    "acct": "account", "addr": "address", "amt": "amount", "approx": "approximate", "avg": "average",
    "avail": "available", "bal": "balance", "bldg": "building", "cat": "category", "ccy": "currency", "cd": "code",
    "cnt": "count", "crtd": "created", "ctry": "country", "curr": "currency", "cust": "customer",
    "custs": "customers", "dept": "department", "desc": "description", "descr": "description", "diag": "diagnosis",
    "disc": "discount", "displ": "displacement", "dob": "birth date", "dod": "death date", "dt": "date",
    "emp": "employee", "est": "estimated", "exp": "expiry", "flg": "flag", "fname": "first name",
    "freq": "frequency", "identifier": "id", "idx": "index", "inv": "invoice", "lang": "language",
    "lat": "latitude", "lname": "last name", "lng": "longitude", "loc": "location", "lon": "longitude",
    "lvl": "level", "max": "maximum", "mfr": "manufacturer", "mgr": "manager", "min": "minimum", "mkt": "market",
    "mktg": "marketing", "mname": "middle name", "msg": "message", "mth": "month", "nbr": "number", "no": "number",
    "num": "number", "pop": "population", "proj": "project", "stu": "student", "univ": "university",
    "ord": "order", "org": "organization", "pct": "percent", "perc": "percent", "pmt": "payment", "prod": "product",
    "ptnt": "patient", "pymt": "payment", "qty": "quantity", "qtr": "quarter", "rcvd": "received", "ref": "reference",
    "rev": "revenue", "seq": "sequence", "shpmt": "shipment", "str": "", "subcat": "subcategory",
    "supp": "supplier", "tel": "phone", "temp": "temperature", "tot": "total", "trans": "transaction",
    "trx": "transaction", "ts": "time", "tx": "transaction", "txn": "transaction", "uom": "unit", "upd": "updated",
    "updt": "updated", "usr": "user", "val": "value", "vend": "vendor", "vol": "volume", "wk": "week", "wt": "weight",
    "yr": "year", "yrs": "years",
}  # fmt: skip
_ACRONYMS = bag(
    "api asin b2b b2c bmi cac cogs cpc cpm ctr crm csat dma ein erp eur fx gbp gdp gmv gpa hr icd icu id ip isbn it "
    "kpi ltv mpg mrp msrp mrr nps ok pdf po pos ppc roi rma sat seo sku sla ssn uk upc uri url us usd uom vat vin "
    "voc yoy ytd zip"
)
_IRREGULAR = {
    "person": "people", "child": "children", "man": "men", "woman": "women", "salesman": "salesmen", "foot": "feet",
    "mouse": "mice", "goose": "geese", "tooth": "teeth", "datum": "data", "criterion": "criteria", "index": "indexes",
    "diagnosis": "diagnoses", "analysis": "analyses", "status": "statuses", "address": "addresses", "bus": "buses",
    "gas": "gases", "leaf": "leaves", "life": "lives", "shelf": "shelves", "half": "halves", "knife": "knives",
    "movie": "movies", "series": "series", "species": "species", "news": "news", "campus": "campuses",
    "quiz": "quizzes", "bonus": "bonuses", "census": "censuses", "lens": "lenses", "virus": "viruses", "menu": "menus",
    "cookie": "cookies",
}  # fmt: skip
_SINGULAR = {many: one for one, many in _IRREGULAR.items()}
UNCOUNTABLE = bag(
    "data info information staff equipment inventory history feedback traffic cash revenue money music weather "
    "personnel software hardware furniture luggage research content media metadata sales news series species"
) - {"sales"}
_WRAPPERS = bag("dim fact fct tbl table stg staging raw vw view src mart")
_TAILS = bag("data dataset info information table tbl list details detail master records record")
_FILED = bag("export exported extract download dump backup copy final")
_YEARS = range(1950, 2100)
_MOST_RECORD_WORDS = 4
_RUN_ON_TAILS = ("address", "amount", "status", "title", "price", "code", "date", "name", "time", "type", "key", "id")
_WHOLE = bag(
    "candidate consolidate datetime downtime lifetime mandate overtime realtime runtime timestamp update uptime "
    "validate android avoid bid covid fluid grid hybrid invalid paid prepaid rapid solid squid unpaid valid void"
)
_PREPOSITIONS = bag("in of for by per from to on with at")


def split(name: str) -> list[str]:
    """Lower-case parts of a stored name: `sbTxDateTime` -> sb, tx, date, time."""
    return [part.lower() for part in _PARTS.findall(name)]


def apart(part: str, known: Collection[str]) -> list[str]:
    """A run-together part as its words when both are known: `itemid` -> item, id; `zipcode` -> zip, code.

    Only endings that columns commonly have are split off; any word of three letters may stand before an id.
    """
    if part in known or part in _WHOLE:
        return [part]
    for tail in _RUN_ON_TAILS:
        head = part.removesuffix(tail)
        if head != part and len(head) >= 3 and (tail == "id" or head in known or singular(head) in known):
            return [head, tail]
    return [part]


def expand(parts: Iterable[str]) -> list[str]:
    """Common abbreviations spelled out: tx -> transaction."""
    return " ".join(ABBREVIATIONS.get(p, p) for p in parts).split()


def shared_prefix(names: Sequence[str]) -> int:
    """How many leading parts all names share and can lose without any of them becoming empty; 0 below three names."""
    split_names = [split(n) for n in names]
    if len(split_names) < 3 or not all(split_names):
        return 0
    shortest = min(len(parts) for parts in split_names)
    same = 0
    while same < shortest - 1 and len({parts[same] for parts in split_names}) == 1:
        same += 1
    return same


def plural(word: str) -> str:
    """The plural of one word: order -> orders."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in UNCOUNTABLE or word in _SINGULAR:
        return word
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def many(word: str) -> str:
    """The plural of a word that may be one already: ticket, tickets -> tickets."""
    return plural(singular(word))


def singular(word: str) -> str:
    """The singular of one word: orders -> order. Words that are not plurals stay."""
    if word in _SINGULAR:
        return _SINGULAR[word]
    if word in UNCOUNTABLE or word in _IRREGULAR or len(word) < 4 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


def label(words: Sequence[str]) -> str:
    """Words as a label: date, time -> `Date time`; acronyms in capitals."""
    text = phrase(words)
    return text[:1].upper() + text[1:]


def phrase(words: Sequence[str]) -> str:
    """Words as they stand inside a sentence: acronyms in capitals, the rest lower case."""
    return " ".join(w.upper() if w in _ACRONYMS or _FORMULA.fullmatch(w) else w for w in words)


def record_words(table: str, prefix: int = 0) -> list[str]:
    """The words for one row of `table`, singular: `sbDailyPrice` -> daily, price; `payments_made` -> payment, made.

    `prefix` is how many leading parts all tables share.
    """
    parts = split(table)[prefix:]
    while len(parts) > 1 and parts[0] in _WRAPPERS | {"d", "f"}:
        parts = parts[1:]
    while len(parts) > 1 and (parts[-1] in _TAILS | _WRAPPERS | _FILED or _dated(parts[-1])):
        parts = parts[:-1]
    if not parts or parts[-1].isdigit() or parts in (["data"], ["table"], ["sheet"], ["csv"]):
        return ["row"]
    words = list(dict.fromkeys(expand(p for p in parts if p != "dataset" or len(parts) == 1)))
    while len(words) > 1 and words[-1] in _TAILS:
        words.pop()
    if len(words) > _MOST_RECORD_WORDS:
        return ["row"]
    head = _head(words)
    return [*words[:head], singular(words[head]), *words[head + 1 :]]


def _dated(part: str) -> bool:
    """Whether a part of a name says only when a file was made: 2026, 202611, 20261120."""
    return part.isdigit() and len(part) in (4, 6, 8) and int(part[:4]) in _YEARS


def records_words(record: Sequence[str]) -> list[str]:
    """The plural of what `record_words` gives: payment, made -> payments, made."""
    head = _head(record)
    return [*record[:head], plural(record[head]), *record[head + 1 :]]


def _head(words: Sequence[str]) -> int:
    """Position of the noun that takes the plural: the last one before a preposition or a participle."""
    stop = next((i for i, w in enumerate(words) if i and w in _PREPOSITIONS), len(words))
    if stop > 1 and words[stop - 1] in _PARTICIPLES:
        return stop - 2
    return stop - 1


_PARTICIPLES = bag(
    "made received sent paid sold placed opened closed created approved rejected completed shipped delivered returned "
    "cancelled"
)


def identifier(words: Sequence[str]) -> str:
    """Words as a name in the model: order, line -> order_line."""
    return "_".join(re.sub(r"\W+", "", w) for w in words).lower() or "value"
