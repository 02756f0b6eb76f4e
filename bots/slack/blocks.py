"""An answer as Slack shows it: words first, then the figures, then what was assumed and what to ask next.

Buttons carry the number of a choice and the id of a run, never a word of the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.answer import Answer
from agent.plan import Assumption
from bots.slack import mrkdwn
from bots.slack.labels import short
from bots.slack.send import Block

MOST_BUTTON, MOST_CHIPS, MOST_NEXT, MOST_CHOICES = 75, 5, 3, 10
_WORKING = "Looking at the data …"


def text(words: str) -> Block:
    """A block of encoded words; what looks like an address stays words."""
    return {"type": "section", "expand": True, "text": {"type": "mrkdwn", "text": words, "verbatim": True}}


def note(words: str) -> Block:
    """A small line of encoded words."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": mrkdwn.cut(words), "verbatim": True}]}


def button(label: str, action: str, value: str, style: str | None = None) -> dict[str, Any]:
    """A button; its label is shown letter by letter."""
    made = {"type": "button", "text": plain(label), "action_id": action, "value": value}
    return {**made, "style": style} if style else made


def link(label: str, url: str) -> dict[str, Any]:
    """A button that opens a page of ours."""
    return {"type": "button", "text": plain(label), "action_id": "web", "url": url}


def working(words: str = _WORKING, said: str = "") -> list[Block]:
    """While an answer is made: what is being done, below what was said so far."""
    shown = [text(part) for part in mrkdwn.split(mrkdwn.of_markdown(said))[:8]] if said else []
    return [*shown, note(f"⏳ {mrkdwn.escape(words)}")]


def answer(found: Answer, run_id: str, web: str | None = None, head: str = "") -> tuple[list[Block], str]:
    """The blocks of an answer and the words of its notification."""
    body = {"clarify": _clarify, "declined": _declined}.get(found.status, _answered)
    told = [text(part) for part in mrkdwn.split(head)] if head else []
    blocks = [*told, *body(found, run_id), *_foot(found, run_id, web)]
    words = _first_words(found)
    return _fitted(blocks), mrkdwn.cut(mrkdwn.of_markdown(words), 300)


def failure(message: str, hint: str | None) -> tuple[list[Block], str]:
    """What went wrong, in words fit for everybody."""
    words = f"⚠️ {mrkdwn.escape(message)}" + (f"\n{mrkdwn.escape(hint)}" if hint else "")
    return [text(mrkdwn.cut(words))], mrkdwn.escape(message)[:300]


def receipt(found: Answer) -> dict[str, Any]:
    """A modal that says how an answer was worked out: its figures, its queries, what was checked."""
    blocks: list[Block] = []
    for claim in found.claims[:20]:
        origin = _origin(found, claim.table, claim.row, claim.column)
        blocks.append(note(f"*{mrkdwn.escape(claim.text)}* is {mrkdwn.escape(str(claim.value))}: {origin}"))
    for item in found.evidence[:6]:
        took = f"{mrkdwn.escape(item.tool)}: {item.rows:,} rows in {item.ms:,.0f} ms"
        blocks.append(note(took))
        for part in mrkdwn.split(mrkdwn.code(item.sql or ""), mrkdwn.MOST_TEXT - 10)[:3]:
            blocks.append(text(f"```{part}```"))
        held = [f"{'✓' if c.ok else '✗'} {mrkdwn.escape(c.detail or c.code)}" for c in item.checks[:8]]
        blocks += [note(mrkdwn.cut("   ".join(held)))] if held else []
    blocks += [note(f"Source {s.id}: {mrkdwn.escape(s.title)} ({mrkdwn.escape(s.origin)})") for s in found.sources[:5]]
    blocks = blocks or [text("This reply has no figures.")]
    return {"type": "modal", "title": plain("How we know"), "close": plain("Close"), "blocks": blocks[:90]}


def message_modal(title: str, words: str) -> dict[str, Any]:
    """A modal with a sentence."""
    shown = [text(mrkdwn.cut(words))]
    return {"type": "modal", "title": plain(title, 24), "close": plain("Close"), "blocks": shown}


def _answered(found: Answer, run_id: str) -> list[Block]:
    blocks = [text(part) for part in mrkdwn.split(mrkdwn.of_markdown(found.text))[:20]]
    blocks += [note(f"⚠️ {mrkdwn.escape(said)}") for said in dict.fromkeys(w.message for w in found.warnings[:8])][:6]
    if found.result is not None and len(found.result.rows) > 1:
        blocks.append(text(mrkdwn.table(found.result)))
    made = (_chip(a, n) for n, a in enumerate(found.assumptions[:MOST_CHIPS]))
    chips = [c for c in made if c is not None]
    fixed = [a for a in found.assumptions if not a.options]
    if fixed:
        blocks.append(note("Assumed: " + "; ".join(mrkdwn.escape(f"{a.label} {a.display}") for a in fixed[:6])))
    return [*blocks, *([_row(chips)] if chips else []), *_next([s.question for s in found.suggestions], run_id)]


def _clarify(found: Answer, run_id: str) -> list[Block]:
    asked = found.clarification
    if asked is None:
        return [text(mrkdwn.of_markdown(found.text) or "What do you mean?")]
    blocks = [text(part) for part in mrkdwn.split(mrkdwn.of_markdown(asked.question))]
    shown = asked.options[:MOST_CHOICES]
    blocks += [note(f"{mrkdwn.escape(o.label)}: {mrkdwn.escape(o.hint)}") for o in shown if o.hint]
    buttons = [button(o.label, f"choose:{n}", run_id) for n, o in enumerate(shown)]
    blocks += [_row(buttons[n : n + 5]) for n in range(0, len(buttons), 5)]
    if asked.allow_other or len(asked.options) > MOST_CHOICES:
        blocks.append(_row([button("Say it in your own words", "own", run_id)]))
    return blocks


def _declined(found: Answer, run_id: str) -> list[Block]:
    said = found.declined
    words = found.text or (said.reason if said else "I cannot answer that.")
    blocks = [text(part) for part in mrkdwn.split(mrkdwn.of_markdown(words))]
    nearest = said.nearest if said else []
    return [*blocks, *([note("What I can answer:")] if nearest else []), *_next(nearest, run_id, "near")]


def _next(questions: Sequence[str], run_id: str, action: str = "ask") -> list[Block]:
    buttons = [button(short(q), f"{action}:{n}", run_id) for n, q in enumerate(questions[:MOST_NEXT])]
    return [_row(buttons)] if buttons else []


def _chip(assumption: Assumption, number: int) -> dict[str, Any] | None:
    """An assumption with other choices; which message it belongs to says the run."""
    if not assumption.options:
        return None
    shown = assumption.options[:100]
    options = [{"text": plain(o.label), "value": str(n)} for n, o in enumerate(shown)]
    chosen = next((n for n, o in enumerate(shown) if o.value == assumption.value), None)
    made = {
        "type": "static_select", "action_id": f"assume:{number}", "options": options,
        "placeholder": plain(f"{assumption.label}: {assumption.display}"),
    }  # fmt: skip
    return made if chosen is None else {**made, "initial_option": options[chosen]}


def _foot(found: Answer, run_id: str, web: str | None) -> list[Block]:
    if found.status == "answered" and not (found.evidence or found.sources or found.claims or found.result):
        return []  # a greeting has nothing to check or to judge
    buttons = [button("How we know", "receipt", run_id)] if found.status == "answered" else []
    if found.status != "clarify":
        buttons += [button("👍", "up", run_id), button("👎", "down", run_id)]
    if web:
        buttons.append(link("Continue in the web", web))
    return [_row(buttons)] if buttons else []


def _row(elements: Sequence[dict[str, Any]]) -> Block:
    return {"type": "actions", "elements": list(elements)}


def plain(words: str, most: int = MOST_BUTTON) -> dict[str, Any]:
    """Words that Slack shows letter by letter."""
    words = mrkdwn.plain(mrkdwn.escape(" ".join(words.split()))) or "…"
    return {"type": "plain_text", "text": words if len(words) <= most else f"{words[: most - 1]}…", "emoji": False}


def _origin(found: Answer, table: str, row: str, column: str) -> str:
    for shown in found.all_tables():
        if shown.id == table and row in shown.row_keys:
            head = next((c.label for c in shown.columns if c.name == column), column)
            named = [str(v) for v, c in zip(shown.rows[shown.row_keys.index(row)], shown.columns, strict=True)
                     if c.role in ("dimension", "time") and v is not None]  # fmt: skip
            return mrkdwn.escape(", ".join([head, *named]))
    return mrkdwn.escape(column)


def _first_words(found: Answer) -> str:
    if found.clarification is not None:
        return found.clarification.question
    return found.text or (found.declined.reason if found.declined else "")


def _fitted(blocks: list[Block]) -> list[Block]:
    """At most fifty blocks; the buttons at the end stay."""
    if len(blocks) <= mrkdwn.MOST_BLOCKS:
        return blocks
    tail = [b for b in blocks if b["type"] == "actions"][-4:]
    kept = [b for b in blocks if b not in tail][: mrkdwn.MOST_BLOCKS - len(tail) - 1]
    return [*kept, note("… the rest is in the web."), *tail]
