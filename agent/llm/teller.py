"""A model's wording as it streams in: each proven sentence is said at once, each other one by the built-in narrator."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from agent.brain import TellContext
from agent.builtin import talk
from agent.claims import Draft, Ref, Sentence
from agent.llm import shown
from agent.llm.book import Book
from agent.llm.faults import ModelFault
from agent.llm.model import Model, Request
from agent.llm.prompts import TELL, prompt
from agent.llm.proof import proven
from agent.llm.spend import Meter
from agent.llm.untrusted import block, cell

MOST_TOKENS = 500
_MOST_SENTENCES = 5
_END = re.compile(r"(?<=[.!?])(?:\s+|$)|\n+")
_WORDED = ("query_metrics", "list_records")


@dataclass
class Telling:
    """One answer being told. `fault` says why the model stopped, `rejected` how many sentences were not true."""

    context: TellContext
    narrated: Draft
    say: Callable[[Sentence, bool], None]
    told: list[Sentence] = field(default_factory=list)
    by_model: int = 0
    rejected: int = 0
    fault: ModelFault | None = None

    def __post_init__(self) -> None:
        evidence = self.context.evidence
        self._books = [Book(e, self.context.model, [o for o in evidence if o is not e]) for e in evidence]
        self._waiting = [s for paragraph in self.narrated.paragraphs for s in paragraph]
        self._rest = ""

    def run(self, model: Model, meter: Meter) -> Draft:
        """The answer, whatever the model does: what it said truly, and the narrator for everything else."""
        if not worded(self.context):
            return self._whole()
        try:
            reply = model.chat(Request(messages(self.context), tokens=MOST_TOKENS), meter, self._hear)
            if not self.told and not self._rest:
                self._hear(reply.text)
            self._close(reply.finish)
        except ModelFault as fault:
            self.fault = fault
        return self._whole()

    def _hear(self, piece: str) -> None:
        self._rest += piece
        *whole, self._rest = _sentences(self._rest)
        for sentence in whole:
            self._take(sentence)

    def _close(self, finish: str) -> None:
        if self._rest.strip() and (finish != "length" or self._rest.rstrip().endswith((".", "!"))):
            self._take(self._rest)
        self._rest = ""

    def _take(self, text: str) -> None:
        if not text.strip() or len(self.told) >= _MOST_SENTENCES:
            return
        sentence = self._proven(text)
        if sentence is not None:
            self.by_model += 1
            self._tell(sentence)
            return
        self.rejected += 1
        instead = self._next_narrated()
        if instead is not None:
            self._tell(instead)

    def _proven(self, text: str) -> Sentence | None:
        """The sentence over the one finding it fits; over several it could be about either."""
        first = not self.told
        found = [s for book in self._books if (s := proven(text, book, first)) is not None]
        return found[0] if len(found) == 1 else None

    def _tell(self, sentence: Sentence) -> None:
        self.say(sentence, len(self.told) == 1)
        self.told.append(sentence)

    def _next_narrated(self) -> Sentence | None:
        """The narrator's next sentence whose first figure nobody told yet."""
        while self._waiting:
            sentence = self._waiting.pop(0)
            figures = [p.cell.link for p in sentence if isinstance(p, Ref) and self._is_figure(p)]
            if not figures or figures[0] not in self._told_cells():
                return sentence
        return None

    def _is_figure(self, ref: Ref) -> bool:
        tables = [t for e in self.context.evidence for t in e.tables if t.id == ref.cell.table]
        return any(t.columns[t.column_index(ref.cell.column)].role in ("measure", "derived") for t in tables)

    def _told_cells(self) -> set[str]:
        return {c for s in self.told for c in _cells(s)}

    def _whole(self) -> Draft:
        """What was told so far, or all of the narrator's when nothing was; doubts are never left out."""
        if not self.told:
            return self.narrated
        doubts = talk.reservations(self.context, self.context.evidence)
        said = [s for s in self.told if s not in doubts]
        first, rest = tuple(said[:1]), tuple(said[1:])
        return Draft(tuple(p for p in (first, rest, tuple(doubts)) if p))


def worded(context: TellContext) -> bool:
    """Whether the answer is of a kind that a model may word: figures and lists; skills are told by our own words."""
    return bool(context.evidence) and all(e.tool in _WORDED and e.rows for e in context.evidence)


def messages(context: TellContext) -> list[dict[str, str]]:
    """Rules first, then the findings as data, the question last."""
    asked = (
        f"The findings:\n{shown.to_tell(context.evidence)}\n\nThe question:\n{block(str(cell(context.question, 2000)))}"
    )
    return [{"role": "system", "content": prompt(TELL)}, {"role": "user", "content": asked}]


def _sentences(text: str) -> Iterator[str]:
    """The whole sentences of a text and, last, what is not finished yet; a place in braces is never cut."""
    start = 0
    for found in _END.finditer(text):
        if text.count("{", start, found.start()) > text.count("}", start, found.start()):
            continue
        if found.end() == len(text) and not found.group():
            break
        yield text[start : found.start()]
        start = found.end()
    yield text[start:]


def _cells(sentence: Sentence) -> set[str]:
    return {p.cell.link for p in sentence if isinstance(p, Ref)}
