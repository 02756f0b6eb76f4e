"""Sentences let out one by one while an answer is being written; together they are exactly its text."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from agent import claims
from agent.claims import Draft, Sentence
from agent.events import Event, TextDelta
from tools.evidence import ResultTable


class Speaker:
    """Renders a sentence from its cells and sends it; `spoken` is what was sent so far."""

    def __init__(self, tables: Iterable[ResultTable], emit: Callable[[Event], None]) -> None:
        self._tables = list(tables)
        self._emit = emit
        self.spoken = ""

    def say(self, sentence: Sentence, new_paragraph: bool) -> None:
        """Send one sentence; one that cannot be rendered is not sent."""
        text = claims.render(Draft(((sentence,),)), self._tables).text
        if text:
            between = ("\n\n" if new_paragraph else " ") if self.spoken else ""
            self._send(between + text)

    def rest(self, text: str) -> None:
        """Send what of the whole text was not sent yet, paragraph by paragraph."""
        left = text.removeprefix(self.spoken) if text.startswith(self.spoken) else ""
        for paragraph in left.splitlines(keepends=True):
            self._send(paragraph)

    def _send(self, text: str) -> None:
        self.spoken += text
        self._emit(TextDelta(text=text))
