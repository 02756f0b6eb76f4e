"""Our events as AG-UI 1.0: the rules that the official client enforces hold for any order of events that comes in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ag_ui.core import (
    ActivitySnapshotEvent,
    BaseEvent,
    CustomEvent,
    Interrupt,
    RunErrorEvent,
    RunFinishedCancelledOutcome,
    RunFinishedEvent,
    RunFinishedInterruptOutcome,
    RunFinishedSuccessOutcome,
    RunStartedEvent,
    StepFinishedEvent,
    StepStartedEvent,
    TextMessageContentEvent,
    TextMessageEndEvent,
    TextMessageStartEvent,
    TokenUsage,
    ToolCallArgsEvent,
    ToolCallEndEvent,
    ToolCallResultEvent,
    ToolCallStartEvent,
)
from pydantic import BaseModel

from agent import events as ours
from agent.answer import Answer
from api.wires.limits import inline

PROTOCOL_VERSION = "1.0"
SHORTEST_TEXT = 20
LONGEST_LINK = 600


class AguiWire:
    """Translates the events of one run. `origin` makes the ids of a continued run new; `started` skips RUN_STARTED."""

    def __init__(self, run_id: str, thread_id: str, *, origin: int = 1, started: bool = False) -> None:
        self._run_id = run_id
        self._thread_id = thread_id
        self._prefix = f"{run_id}-{origin}"
        self._started = started
        self._ended = False
        self._count = 0
        self._steps: dict[str, list[str]] = {}
        self._tools: dict[str, str] = {}
        self._message: str | None = None
        self._held = ""

    @property
    def ended(self) -> bool:
        """Whether the terminal event was given; nothing may follow it."""
        return self._ended

    @property
    def holding(self) -> bool:
        """Whether text waits to be joined with more text."""
        return bool(self._held)

    def feed(self, event: ours.Event) -> list[BaseEvent]:
        """The AG-UI events of one of ours; none after the terminal one."""
        if self._ended:
            return []
        first = [] if self._started else self._start()
        return [*first, *self._translate(event)]

    def flush(self) -> list[BaseEvent]:
        """The text that waited, except the beginning of a link that is not complete."""
        return [] if self._ended else self._say(self._take(len(self._held)))

    def _start(self) -> list[BaseEvent]:
        self._started = True
        return [
            RunStartedEvent(thread_id=self._thread_id, run_id=self._run_id, protocol_version=PROTOCOL_VERSION)
        ]  # fmt: skip

    def _translate(self, event: ours.Event) -> list[BaseEvent]:
        match event:
            case ours.TextDelta():
                return self._text(event.text)
            case ours.StepStarted():
                return self._step_started(event.name)
            case ours.StepFinished():
                return self._step_finished(event.name)
            case ours.ToolStarted():
                return self._tool_started(event)
            case ours.ToolFinished():
                return self._tool_finished(event)
            case ours.Progress():
                value = event.model_dump(exclude={"type"}, exclude_none=True)
                return [CustomEvent(name="analytics.progress", value=value)]
            case ours.RunFinished():
                return self._end(self._finished(event.answer))
            case ours.RunCancelled():
                return self._end(self._closing(RunFinishedCancelledOutcome()))
            case ours.RunFailed():
                message = f"{event.message} {event.hint}" if event.hint else event.message
                return self._end(RunErrorEvent(message=message, code=event.code))
            case _:
                return self._activity(event)

    def _id(self, kind: str) -> str:
        self._count += 1
        return f"{self._prefix}-{kind}{self._count}"

    def _text(self, text: str) -> list[BaseEvent]:
        self._held += text
        return self._say(self._take(len(self._held))) if len(self._held) >= SHORTEST_TEXT else []

    def _take(self, upto: int) -> str:
        """Cut the held text before a link that has begun and not ended."""
        begun = _open_link(self._held)
        if begun is not None and len(self._held) - begun <= LONGEST_LINK:
            upto = min(upto, begun)
        text, self._held = self._held[:upto], self._held[upto:]
        return text

    def _say(self, text: str) -> list[BaseEvent]:
        if not text:
            return []
        out: list[BaseEvent] = []
        if self._message is None:
            self._message = self._id("m")
            out.append(TextMessageStartEvent(message_id=self._message, role="assistant"))
        return [*out, TextMessageContentEvent(message_id=self._message, delta=text)]

    def _end_text(self) -> list[BaseEvent]:
        text, self._held = self._held, ""
        out = self._say(text)
        if self._message is not None:
            out.append(TextMessageEndEvent(message_id=self._message))
            self._message = None
        return out

    def _step_started(self, name: str) -> list[BaseEvent]:
        in_use = {n for names in self._steps.values() for n in names}
        unique, number = name, 2
        while unique in in_use:
            unique, number = f"{name} ({number})", number + 1
        self._steps.setdefault(name, []).append(unique)
        return [StepStartedEvent(step_name=unique)]

    def _step_finished(self, name: str) -> list[BaseEvent]:
        open_names = self._steps.get(name)
        return [StepFinishedEvent(step_name=open_names.pop())] if open_names else []

    def _tool_started(self, event: ours.ToolStarted) -> list[BaseEvent]:
        call = self._tools[event.id] = self._id("t")
        return [
            ToolCallStartEvent(tool_call_id=call, tool_call_name=event.tool),
            ToolCallArgsEvent(tool_call_id=call, delta=json.dumps(event.args, ensure_ascii=False, default=str)),
            ToolCallEndEvent(tool_call_id=call),
        ]

    def _tool_finished(self, event: ours.ToolFinished) -> list[BaseEvent]:
        call = self._tools.pop(event.id, None)
        if call is None:
            return []
        content = event.model_dump_json(exclude={"type", "id"}, exclude_none=True)
        return [ToolCallResultEvent(message_id=self._id("r"), tool_call_id=call, content=content, role="tool")]

    def _activity(self, event: ours.Event) -> list[BaseEvent]:
        match event:
            case ours.TableReady():
                return [self._snapshot("table", inline(event.table), event.table.id)]
            case ours.ChartReady():
                return [self._snapshot("chart", event.chart.model_dump(mode="json"), event.chart.id)]
            case ours.ClaimsMade():
                return [*self._end_text(), self._snapshot("claims", _items(event.items))]
            case ours.AssumptionsMade() | ours.WarningsRaised() | ours.EvidenceReady():
                return [self._snapshot(event.type, _items(event.items))]
            case ours.SourcesCited() | ours.SuggestionsReady():
                return [self._snapshot(event.type, _items(event.items))]
            case ours.DeclineGiven():
                return [self._snapshot("declined", event.declined.model_dump(mode="json"))]
            case ours.ReceiptReady():
                return [self._snapshot("receipt", event.receipt.model_dump(mode="json"))]
            case _:
                return []

    def _snapshot(self, kind: str, content: dict[str, Any], key: str = "") -> BaseEvent:
        """The same thing sent again, also after a restart, has the same id and replaces what was there."""
        return ActivitySnapshotEvent(
            message_id=f"{self._run_id}-{kind}{f'-{key}' if key else ''}",
            activity_type=f"analytics.{kind}",
            content={"v": 1, **content},
        )

    def _end(self, terminal: BaseEvent) -> list[BaseEvent]:
        self._ended = True
        steps = [StepFinishedEvent(step_name=n) for names in self._steps.values() for n in reversed(names)]
        return [*self._end_text(), *steps, terminal]

    def _finished(self, answer: Answer) -> RunFinishedEvent:
        usage = [
            TokenUsage(
                provider=answer.receipt.brain,
                model=answer.receipt.model,
                input_tokens=answer.receipt.tokens.get("input", 0),
                output_tokens=answer.receipt.tokens.get("output", 0),
            )
        ]
        result: dict[str, Any] = {"answer_id": answer.id, "status": answer.status}
        if answer.confidence is not None:
            result["confidence"] = answer.confidence
        if answer.clarification is None:
            return self._closing(RunFinishedSuccessOutcome(), result=result, usage=usage)
        outcome = RunFinishedInterruptOutcome(interrupts=[interrupt(self._run_id, answer)])
        return self._closing(outcome, result=result, usage=usage)

    def _closing(self, outcome: Any, **more: Any) -> RunFinishedEvent:
        return RunFinishedEvent(thread_id=self._thread_id, run_id=self._run_id, outcome=outcome, **more)


def interrupt_id(run_id: str) -> str:
    """The name of the question back of a run."""
    return f"{run_id}-clarify"


def interrupt(run_id: str, answer: Answer) -> Interrupt:
    """The question back as an AG-UI interrupt with the JSON Schema of a reply."""
    asked = answer.clarification
    if asked is None:
        raise ValueError("the answer asks nothing")
    properties: dict[str, Any] = {"choice": {"enum": [o.value for o in asked.options]}}
    if asked.allow_other:
        properties["other"] = {"type": "string"}
    options = [{"id": o.value, **o.model_dump(mode="json", exclude_none=True)} for o in asked.options]
    return Interrupt(
        id=interrupt_id(run_id),
        reason="clarification",
        message=asked.question,
        response_schema={"type": "object", "properties": properties},
        metadata={"options": options, "allow_other": asked.allow_other},
    )


def body(event: BaseEvent) -> str:
    """The JSON text of an event: camelCase names, optional fields without a value left out."""
    return event.model_dump_json(by_alias=True)


def superseded(run_id: str, sent: Sequence[dict[str, Any]]) -> list[BaseEvent]:
    """What makes a log that a crash cut off whole again: close what is open and take back half-sent text."""
    steps: list[str] = []
    messages: dict[str, bool] = {}
    calls: list[str] = []
    for event in sent:
        match event["type"]:
            case "STEP_STARTED":
                steps.append(event["stepName"])
            case "STEP_FINISHED":
                steps.remove(event["stepName"])
            case "TEXT_MESSAGE_START":
                messages[event["messageId"]] = True
            case "TEXT_MESSAGE_END":
                messages[event["messageId"]] = False
            case "TOOL_CALL_START":
                calls.append(event["toolCallId"])
            case "TOOL_CALL_END":
                calls.remove(event["toolCallId"])
            case "CUSTOM" if event["name"] == "analytics.superseded":
                messages.pop(event["value"]["messageId"], None)
    return [
        *(TextMessageEndEvent(message_id=m) for m, is_open in messages.items() if is_open),
        *(ToolCallEndEvent(tool_call_id=c) for c in calls),
        *(StepFinishedEvent(step_name=s) for s in reversed(steps)),
        *(CustomEvent(name="analytics.superseded", value={"messageId": m}) for m in messages),
    ]


def _items(items: Sequence[BaseModel]) -> dict[str, Any]:
    return {"items": [item.model_dump(mode="json") for item in items]}


def _open_link(text: str) -> int | None:
    """Where a markdown link begins that the text does not end; None when every link is whole."""
    position = 0
    while position < len(text):
        if text[position] == "\\":
            position += 2
            continue
        if text[position] == "[":
            end = _link_end(text, position)
            if end is None:
                return position
            position = end
        position += 1
    return None


def _link_end(text: str, start: int) -> int | None:
    """The last position of the bracket or link that begins at `start`; None when the text stops before it is known."""
    position = start + 1
    while position < len(text) and text[position] != "]":
        position += 2 if text[position] == "\\" else 1
    if position >= len(text) - 1:
        return None
    if text[position + 1] != "(":
        return position
    closing = text.find(")", position)
    return closing if closing >= 0 else None
