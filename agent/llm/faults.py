"""What can go wrong with a model, in words: each fault has a code, a sentence, and whether trying again may help."""

from __future__ import annotations

from typing import Literal

from store.errors import Unavailable

Fault = Literal[
    "refused", "tls", "timeout", "cut", "garbage", "empty", "too_long", "rate_limited", "overloaded", "failed",
    "unauthorised", "no_model", "bad_request", "resting", "stopped", "budget", "lost", "not_installed",
]  # fmt: skip

_SENTENCES: dict[Fault, str] = {
    "refused": "The language model cannot be reached.",
    "tls": "No safe connection to the language model could be made.",
    "timeout": "The language model took too long.",
    "cut": "The language model broke off in the middle of its reply.",
    "garbage": "The language model's reply could not be read.",
    "empty": "The language model gave an empty reply.",
    "too_long": "The language model did not stop writing.",
    "rate_limited": "The language model has too many requests at the moment.",
    "overloaded": "The language model is overloaded at the moment.",
    "failed": "The language model's server reported an error.",
    "unauthorised": "The language model's server refused the key.",
    "no_model": "The language model's server does not know this model.",
    "bad_request": "The language model's server refused the request.",
    "resting": "The language model failed a moment ago and is left alone for a while.",
    "stopped": "The question was stopped.",
    "budget": "The budget for the language model is used up.",
    "lost": "The language model found no way to answer.",
    "not_installed": "The packages for language models are not installed.",
}
_HINTS: dict[Fault, str] = {
    "refused": "Check OPENAI_BASE_URL and that the server runs; `plainsay doctor` tries it.",
    "tls": "Check the certificate of OPENAI_BASE_URL.",
    "unauthorised": "Check OPENAI_API_KEY.",
    "no_model": "Check PLAINSAY_MODEL; `plainsay doctor` tries it.",
    "not_installed": "Run: pip install 'plainsay[llm]'",
}
_TRANSIENT: frozenset[Fault] = frozenset({"refused", "cut", "rate_limited", "overloaded", "failed"})
_HARMLESS: frozenset[Fault] = frozenset({"stopped", "budget", "lost", "resting", "not_installed"})


class ModelFault(Unavailable):
    """A model call that gave nothing to use. `detail` is for the log and for reading what a server cannot do."""

    def __init__(self, fault: Fault, *, retry_after: float | None = None, detail: str = "", said: str = "") -> None:
        super().__init__(
            said or _SENTENCES[fault], code=f"model_{fault}", hint=_HINTS.get(fault), retry_after=retry_after
        )
        self.fault = fault
        self.detail = detail

    @property
    def transient(self) -> bool:
        """Whether the same request may work in a moment."""
        return self.fault in _TRANSIENT

    @property
    def counts(self) -> bool:
        """Whether it says something about the server, so that the breaker should know."""
        return self.fault not in _HARMLESS
