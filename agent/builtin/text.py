"""Text as tokens with one spelling per word, so that every later step compares stems and never raw strings."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from agent.builtin.spelled import mapped

MAX_CHARS = 2000

_QUOTES = {
    "“": '"',
    "”": '"',
    "„": '"',
    "«": '"',
    "»": '"',
    "‘": "'",
    "’": "'",
    "‚": "'",
    "`": "'",
    "–": "-",
    "—": " - ",
}
_CONTRACTIONS = (
    (re.compile(r"\b(can)'?not\b|\bcan't\b", re.I), "can not"),
    (re.compile(r"\bwon't\b", re.I), "will not"),
    (re.compile(r"\b(\w+)n't\b", re.I), r"\1 not"),
    (re.compile(r"\b(what|who|how|where|when|that|there|it|let)'s\b", re.I), r"\1 is"),
    (re.compile(r"\b(\w+)'(?:re|ve|ll|d)\b", re.I), r"\1"),
)
_TOKEN = re.compile(
    r"""
      (?P<quoted>"[^"]{1,120}"|(?<!\w)'[^']{1,120}'(?!\w))
    | (?P<date>\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.]\d{1,2}[/.]\d{4}|\d{4}/\d{1,2}/\d{1,2})
    | (?P<month>\d{4}-\d{2}(?![\d-]))
    | (?P<quarter>[qQ][1-4](?!\w))
    | (?P<number>[$€£]?\s?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?:\s?(?:k|m|mn|bn|b)\b)?%?
        |[$€£]?\d+(?:\.\d+)?(?:\s?(?:k|m|mn|bn|b)\b)?%?(?!\w))
    | (?P<word>[^\W_]+(?:'s\b)?)
    | (?P<punct>[^\w\s])
    """,
    re.VERBOSE | re.UNICODE,
)
_SCALE = {"k": 10**3, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9}
_SMALL = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
NUMBER_WORDS = {word: n for n, word in enumerate(_SMALL)} | {"fifteen": 15, "twenty": 20, "thirty": 30, "hundred": 100}
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}

_IRREGULAR = mapped(
    "people => person | salespeople => salesperson | children => child | men => man | women => woman | feet => foot | "
    "mice => mouse | indices => index | criteria => criterion | analyses => analysis | statuses => status | "
    "buses => bus | bonuses => bonus | gases => gas | campuses => campus | aliases => alias | viruses => virus | "
    "movies => movie | cookies => cookie | calories => calorie | ties => tie | lies => lie | pies => pie | "
    "heroes => hero | axes => axis | lenses => lens | ids => id | ads => ad"
) | {
    w: w
    for w in [
        "series",
        "species",
        "news",
        "lens",
        "canvas",
        "christmas",
        "gas",
        "always",
        "perhaps",
        "does",
        "this",
        "less",
    ]
}


@dataclass(frozen=True)
class Token:
    """One word, number, date, quoted text or mark; `low` is folded, `stem` is singular, `value` is set on numbers.

    `owner` says that the word stood with a possessive 's, which is part of some values ("Master's").
    """

    text: str
    low: str
    stem: str
    kind: str
    start: int
    value: Decimal | None = None
    owner: bool = False

    @property
    def spoken(self) -> str:
        """The word as it was written."""
        return f"{self.text}'s" if self.owner else self.text


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The singular, lower-case form of a word: `Countries` -> `country`; what is no plural comes back as it is."""
    low = word.casefold()
    if low in _IRREGULAR:
        return _IRREGULAR[low]
    if len(low) <= 3 or not low.endswith("s") or low.endswith(("ss", "us", "is", "ous")):
        return low
    if low.endswith("ies"):
        return low[:-3] + "y"
    if low.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return low[:-2]
    return low[:-1]


def fold(text: str) -> str:
    """One spelling for quotes, dashes and contractions; control characters become spaces."""
    plain = re.sub(r"\s*[\r\n]+\s*", " ; ", unicodedata.normalize("NFKC", text[:MAX_CHARS]).strip())
    plain = re.sub(r"\b(vs|approx|incl|excl|no)\.", r"\1", plain, flags=re.I)
    plain = re.sub(r"\b(?:as well as|along with|together with|in addition to)\b", "and", plain, flags=re.I)
    plain = "".join(_QUOTES.get(c, " " if unicodedata.category(c)[0] == "C" else c) for c in plain)
    plain = re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", " ", plain)
    for pattern, replacement in _CONTRACTIONS:
        plain = pattern.sub(replacement, plain)
    return plain


def tokenize(text: str) -> list[Token]:
    """Tokens of a folded text; hyphenated words come apart, possessive 's is dropped."""
    return [_token(m) for m in _TOKEN.finditer(text)]


def _token(match: re.Match[str]) -> Token:
    kind, raw = match.lastgroup or "punct", match.group()
    if kind == "quoted":
        inner = raw[1:-1].strip()
        return Token(inner, inner.casefold(), inner.casefold(), kind, match.start())
    if kind == "number":
        return Token(raw, raw.casefold(), raw.casefold(), kind, match.start(), parse_number(raw))
    low = raw.casefold().removesuffix("'s")
    value = Decimal(NUMBER_WORDS[low]) if kind == "word" and low in NUMBER_WORDS else None
    return Token(raw.removesuffix("'s"), low, stem(low), kind, match.start(), value, raw.endswith("'s"))


def parse_number(raw: str) -> Decimal | None:
    """`$30,000` -> 30000, `1.5k` -> 1500, `5%` -> 5; None when it is no number."""
    found = re.fullmatch(r"[$€£]?\s?([\d,]+(?:\.\d+)?)\s?([a-z]*)%?", raw.strip().casefold())
    if not found or found[2] not in ("", *_SCALE):
        return None
    try:
        return Decimal(found[1].replace(",", "")) * _SCALE.get(found[2], 1)
    except InvalidOperation:
        return None


def split_name(name: str) -> list[str]:
    """A stored name as lower-case words: `sbTxDateTime` -> sb, tx, date, time; `order_id` -> order, id."""
    spaced = re.sub(r"([a-z0-9])([A-Z])|([A-Z]+)([A-Z][a-z])", r"\1\3 \2\4", name)
    return [w.casefold() for w in re.findall(r"[^\W_]+", spaced)]


def split_sentences(tokens: list[Token]) -> list[list[Token]]:
    """Runs of tokens between full stops, question marks, semicolons and line ends; empty runs are left out."""
    runs: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind == "punct" and token.low in ".?!;":
            runs.append([])
        else:
            runs[-1].append(token)
    return [run for run in runs if run]
