"""A run's stored events as a text-only client reads them: what to say now, what to say last, and the receipts aside."""

from __future__ import annotations

from typing import Any, Literal

from agent.answer import Answer
from api.wires import markdown

Status = Literal["running", "answered", "clarify", "declined", "cancelled", "failed"]
Detail = Literal["full", "brief", "text"]
_LISTS = {"claims", "assumptions", "warnings", "evidence", "sources", "suggestions"}


class Reading:
    """Folds the AG-UI events of one run, in order. The same events always give the same words.

    `detail` "brief" leaves the SQL away, "text" everything but the prose and its notes: for voices and small screens.
    """

    def __init__(self, detail: Detail = "full") -> None:
        self.status: Status = "running"
        self.thread_id = ""
        self.error: dict[str, str] = {}
        self.tokens = {"input": 0, "output": 0}
        self._detail = detail
        self._result: dict[str, Any] = {}
        self._question: dict[str, Any] | None = None
        self._lists: dict[str, list[dict[str, Any]]] = {}
        self._single: dict[str, dict[str, Any]] = {}
        self._shown: dict[str, dict[str, dict[str, Any]]] = {"table": {}, "chart": {}}
        self._said = False

    @property
    def over(self) -> bool:
        """Whether the last event was read."""
        return self.status != "running"

    def feed(self, event: dict[str, Any]) -> str:
        """Read one event; the text to be said because of it."""
        match event["type"]:
            case "RUN_STARTED":
                self.thread_id = event["threadId"]
            case "TEXT_MESSAGE_START":
                return "\n\n" if self._said else ""
            case "TEXT_MESSAGE_CONTENT":
                self._said = True
                return markdown.plain(event["delta"])
            case "ACTIVITY_SNAPSHOT":
                self._keep(event["activityType"].removeprefix("analytics."), event["content"])
            case "CUSTOM" if event["name"] == "analytics.superseded":
                self._said = False
            case "RUN_FINISHED":
                return self._finish(event)
            case "RUN_ERROR":
                self.status = "failed"
                self.error = {"code": event.get("code") or "error", "message": event["message"]}
        return ""

    def receipts(self) -> dict[str, Any]:
        """What the text rests on, for clients that do know: the parts of the answer, under their names there."""
        answer = {"thread_id": self.thread_id, **self._result, "status": self.status}
        found = {kind: items for kind, items in self._lists.items() if items}
        shown = {f"{kind}s": list(items.values()) for kind, items in self._shown.items() if items}
        asked = {"clarification": self._question} if self._question else {}
        return {**answer, **shown, **found, **self._single, **asked}

    def _keep(self, kind: str, content: dict[str, Any]) -> None:
        content = {k: v for k, v in content.items() if k != "v"}
        if kind in _LISTS:
            self._lists[kind] = content["items"]
        elif kind in self._shown:
            self._shown[kind][content["id"]] = content
        elif kind in ("declined", "receipt"):
            self._single[kind] = content

    def _finish(self, event: dict[str, Any]) -> str:
        outcome = event["outcome"]
        self._result = event.get("result") or {}
        for used in event.get("usage") or ():
            self.tokens["input"] += used.get("inputTokens") or 0
            self.tokens["output"] += used.get("outputTokens") or 0
        if outcome["type"] == "cancelled":
            self.status = "cancelled"
            self.error = {"code": "cancelled", "message": "The question was stopped."}
            return ""
        if outcome["type"] == "interrupt":
            self.status, asked = "clarify", outcome["interrupts"][0]
            options = [{k: o[k] for k in ("value", "label", "hint") if o.get(k)} for o in asked["metadata"]["options"]]
            self._question = {
                "id": asked["id"], "question": asked["message"], "options": options,
                "allow_other": asked["metadata"]["allow_other"],
            }  # fmt: skip
        else:
            self.status = "declined" if self._result.get("status") == "declined" else "answered"
        return self._joined(list(self._closing()))

    def _joined(self, blocks: list[str]) -> str:
        return "\n\n".join([*([""] if self._said and blocks else []), *blocks])

    def _closing(self) -> list[str]:
        if self._question is not None:
            return asked(self._question)
        if self.status == "declined":
            return declined(self._single.get("declined") or {})
        return self._notes() if self._detail == "text" else self._rest()

    def _rest(self) -> list[str]:
        """The main table, what to know before trusting it, what it rests on, and what to ask next."""
        main = next((t for t in self._shown["table"].values() if t["kind"] == "main"), None)
        worth_it = main is not None and (len(main["rows"]) > 1 or len(main["columns"]) > 1)
        blocks = [markdown.table(main)] if main is not None and worth_it else []
        blocks += self._notes()
        assumed = "; ".join(f"{_inner(a['label'])} – {a['display']}" for a in self._lists.get("assumptions", ()))
        blocks += [f"Assumed: {markdown.literal(assumed)}."] if assumed else []
        blocks += [
            f"[^{s['id']}]: {markdown.literal(', '.join(filter(None, (s['title'], s['origin']))))}"
            for s in self._lists.get("sources", ())
        ]
        sql = [e["sql"] for e in self._lists.get("evidence", ()) if e.get("sql")]
        blocks += [markdown.details("How this was computed", sql)] if sql and self._detail == "full" else []
        next_up = [markdown.literal(s["question"]) for s in self._lists.get("suggestions", ())]
        return [*blocks, markdown.listed("You could ask next:", next_up)] if next_up else blocks

    def _notes(self) -> list[str]:
        return [f"Note: {markdown.literal(w['message'])}" for w in self._lists.get("warnings", ())]


def _inner(label: str) -> str:
    """A label inside a sentence; names in capitals stay."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def asked(question: dict[str, Any]) -> list[str]:
    """A question back, as text with numbered choices."""
    options = [
        markdown.literal(f"{o['label']} ({o['hint']})" if o.get("hint") else o["label"]) for o in question["options"]
    ]
    head = markdown.literal(question["question"])
    return [markdown.listed(head, options, numbered=True) if options else head]


def declined(given: dict[str, Any]) -> list[str]:
    """A no with its reason, as text with what can be asked instead."""
    reason = markdown.literal(given.get("reason") or "This cannot be answered here.")
    nearest = [markdown.literal(q) for q in given.get("nearest") or ()]
    return [reason, *([markdown.listed("You could ask:", nearest)] if nearest else [])]


def opening(answer: Answer) -> str:
    """How the text of a stored answer begins on a text-only wire; by it a conversation is found again."""
    if answer.clarification is not None:
        return markdown.literal(answer.clarification.question)
    if answer.declined is not None:
        return markdown.literal(answer.declined.reason)
    return markdown.plain(answer.text)
