"""Words that want no figure (a greeting, thanks, who are you) get a short word back and no lecture."""

from __future__ import annotations

import re

from agent.builtin.text import fold
from agent.plan import Plan

_FILL = (
    r"(?: (?:there|all|everyone|team|plainsay|again|so much|a lot|very much|today|you"
    r"|for (?:that|this|the help|your help)))*"
)
_KINDS: tuple[tuple[str, str], ...] = (
    ("hello", rf"(?:hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)|yo){_FILL}"),
    ("thanks", rf"(?:(?:ok(?:ay)?|great|perfect|cool|nice|super)[ ,]*)?(?:thanks?|thank you|thx|ty|cheers"
               rf"|much appreciated){_FILL}"),
    ("fine", r"(?:(?:ok(?:ay)?|yes|no|well|very|so)[ ,]*)?"
             r"(?:ok(?:ay)?|great|perfect|cool|nice|good|super|awesome|excellent|got it|i see|understood"
             r"|makes sense|well done"
             r"|great job|good job|wow|yes|yep|no|nope|sure|fine|all right|alright)"),
    ("bye", r"(?:bye|good ?bye|see you(?: later)?|that(?:'s| is) all(?: for (?:today|now))?|good night)"),
    ("who", r"(?:who|what) are you|what(?:'s| is) your name|are you (?:a )?(?:robot|bot|human|real|an? ai"
            r"|chatgpt|person)"
            r"|who (?:made|built|created) you|introduce yourself|what is plainsay"),
    ("how", r"how are you(?: doing)?(?: today)?|how(?:'s| is) it going|what(?:'s| is) up"),
    ("joke", r"(?:tell|sing|write) me (?:a|an|some) (?:joke|story|song|poem)s?(?: about .*)?"),
)  # fmt: skip
_PATTERNS = [(kind, re.compile(pattern, re.I)) for kind, pattern in _KINDS]
_FILLER = re.compile(r"\b(?:please|well|um+|uh+)\b[ ,]*", re.I)

WORDS = {
    "hello": "Hello. Ask me anything about your data in your own words.",
    "thanks": "You are welcome.",
    "fine": "Good. Ask the next one whenever you like.",
    "bye": "Goodbye. This conversation is kept, so we can go on where we stopped.",
    "who": "I am Plainsay. I turn questions in plain English into queries on your own data and show how each"
    " figure came about.",
    "how": "Ready when you are: ask me about your data.",
    "joke": "I am better with figures than with that: ask me about your data.",
    "taught": "Noted: in this conversation I read it that way. It waits for review, and holds for good once approved.",
    "judged": "Noted: I leave that out from now on and am a little slower to call this figure odd. It is kept with"
    " what was taught, and can be taken back there.",
    "reset": "A fresh start: the next question stands on its own.",
}
"""What is said back, by kind; no digit in it, because it rests on no data."""


def small_talk(question: str) -> Plan | None:
    """A plan without steps for a text that is small talk and nothing more."""
    text = _FILLER.sub("", fold(question)).strip(" ,.!?;:")
    kind = next((k for k, p in _PATTERNS if p.fullmatch(text)), None)
    return talk(kind) if kind else None


def talk(kind: str) -> Plan:
    """The plan that says `WORDS[kind]`."""
    return Plan(intent="talk", steps={}, confidence=1.0, hints={"talk": kind})
