"""Plan and act: the model calls tools, reads typed findings and errors, repairs itself, and ends with a decision."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from agent.brain import PastTurn, PlanContext
from agent.llm import offers, shown
from agent.llm.faults import ModelFault
from agent.llm.founded import founded
from agent.llm.model import Model, Request
from agent.llm.naming import honest
from agent.llm.plainly import sayable
from agent.llm.prompts import PLAN, prompt
from agent.llm.retrieve import card
from agent.llm.spend import Meter
from agent.llm.spoken import title_of
from agent.llm.untrusted import block, cell
from agent.llm.wire import Reply, ToolCall
from agent.plan import Clarify, Decline, Option, Plan, Step
from store.errors import InvalidRequest, PlainsayError, unknown
from tools import registry
from tools.evidence import Evidence

_MOST_PAST = 4
_MOST_CALLS = 4
_MOST_SAME = 2
_MOST_OPTIONS = 5
_OURS = ("done", "seconds", "workers")
"""What a model does not choose: `done` is read before, and how long a skill may work is for us to say."""
_NUDGE = "Call a tool, or end with finish, ask_back or give_up."


class Runner(Protocol):
    """Runs a tool with the asker's own rights, as evidence `e{number}`. Raises what the tool raises."""

    def __call__(self, tool: str, args: dict[str, Any], number: int) -> Evidence: ...


@dataclass(frozen=True)
class Found:
    """A decision with the evidence behind it, in the order of its steps."""

    decision: Plan | Clarify | Decline
    evidence: tuple[Evidence, ...] = ()


@dataclass
class Loop:
    """One question's conversation with the model. `run` ends with a decision or raises `ModelFault`.

    `brief` says more about what is wanted; findings are numbered after `before`.
    """

    model: Model
    meter: Meter
    context: PlanContext
    runner: Runner
    progress: Callable[[str], None] = lambda _text: None
    steps: dict[int, Step] = field(default_factory=dict)
    evidence: dict[int, Evidence] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    nudges: int = 0
    brief: str = ""
    before: int = 0

    def run(self) -> Found:
        """Talk until the model ends the plan or a budget does; what was found by then still counts."""
        self.messages = self._opening(self.model.abilities.form != "tools")
        form = self.model.abilities.form
        for _ in range(self.meter.limits.steps):
            request = Request(
                self.messages, offers.tools(self.context.principal), offers.step_schema(self.context.principal)
            )
            reply = self.model.chat(request, self.meter)
            if form == "tools" != self.model.abilities.form and len(self.messages) == 2:
                self.messages = self._opening(True)
            found = self._answered(reply)
            if found is not None:
                return found
        if self.steps:
            return self._finish(list(self.steps))
        raise ModelFault("lost", said="The language model did not come to an answer.")

    def _opening(self, spoken: bool) -> list[dict[str, Any]]:
        messages = opening(self.context, spoken)
        if self.brief:
            messages[-1]["content"] += f"\n\n{self.brief}"
        return messages

    def _answered(self, reply: Reply) -> Found | None:
        calls = reply.calls or _calls_in_text(reply.text, len(self.messages))
        spoken = not reply.calls
        if not calls:
            return self._nudged(reply.text)
        self.messages.append(_said(reply, calls, spoken))
        for call in calls[:_MOST_CALLS]:
            result = self._do(call)
            if isinstance(result, Found):
                return result
            self.messages.append(_result(call, result, spoken))
        for call in calls[_MOST_CALLS:]:
            self.messages.append(_result(call, block({"error": "too_many_calls"}), spoken))
        return None

    def _nudged(self, text: str) -> Found | None:
        """Plain words instead of a call: with findings at hand that is an end, else it is asked for a call once."""
        if self.steps:
            return self._finish(list(self.steps))
        self.nudges += 1
        if self.nudges > 1:
            raise ModelFault("lost", said="The language model answered without looking at the data.")
        self.messages += [{"role": "assistant", "content": text[:2000]}, {"role": "user", "content": _NUDGE}]
        return None

    def _do(self, call: ToolCall) -> str | Found:
        """A finding or an error as text, or the end."""
        same = f"{call.name} {call.arguments}"
        self.seen[same] = self.seen.get(same, 0) + 1
        if self.seen[same] > _MOST_SAME:
            raise ModelFault("lost", said="The language model went round in circles.")
        try:
            args = _arguments(call)
            if call.name == "find_names":
                return block(card(self.context, str(args.get("words", ""))[:200]))
            ending = {"finish": self._ending, "ask_back": self._asking, "give_up": self._giving_up}.get(call.name)
            return ending(args) if ending else self._run_tool(call.name, args)
        except PlainsayError as error:
            if error.exit_code == 1:
                raise
            return shown.failed(error)

    def _run_tool(self, name: str, args: dict[str, Any]) -> str | Found:
        done = bool(args.pop("done", False))
        if name == "use_skill":
            name, given = str(args.get("skill", "")), args.get("arguments")
            args = dict(given) if isinstance(given, dict) else {}
        args = {k: v for k, v in args.items() if k not in _OURS}
        if name not in offers.data_tools(self.context.principal):
            raise unknown("tool", str(cell(name, 40)), offers.data_tools(self.context.principal))
        args = self._settled(name, args)
        number = max(self.steps, default=self.before) + 1
        self.progress(registry.get(name).doing)
        evidence = self.runner(name, args, number)
        doubled = next((c for c in evidence.checks if c.code == "fan_out" and not c.ok), None)
        if doubled is not None or evidence.refusal:
            raise InvalidRequest(
                "These figures could be counted twice.", code="fan_out", hint="Group or join otherwise."
            )
        self.steps[number], self.evidence[number] = Step(tool=name, args=args), evidence
        return self._finish([number]) if done and evidence.rows else shown.found(evidence)

    def _settled(self, name: str, args: dict[str, Any]) -> dict[str, Any]:
        """The arguments with every word accounted for, and figures under their own names."""
        return honest(name, founded(name, settled(name, args), self.context))

    def _ending(self, args: dict[str, Any]) -> Found:
        wanted = args.get("use")
        asked = wanted if isinstance(wanted, list) else [wanted]
        numbers = [int(str(w)[1:]) for w in asked if str(w)[:1] == "e" and str(w)[1:].isdigit()]
        kept = [n for n in dict.fromkeys(numbers) if n in self.steps]
        if not kept:
            raise unknown("finding", str(cell(asked[0], 20)), [f"e{n}" for n in self.steps])
        return self._finish(kept)

    def _finish(self, numbers: list[int]) -> Found:
        steps = {f"s{n}": self.steps[n] for n in numbers}
        plan = Plan(intent="model", steps=steps, confidence=0.7, hints={"by": "llm", "prompt": PLAN})
        return Found(plan, tuple(self.evidence[n] for n in numbers))

    def _asking(self, args: dict[str, Any]) -> Found:
        """Options whose tool call would not even start are dropped; two must be left."""
        options: list[Option] = []
        given = args.get("options")
        for number, raw in enumerate(given[:_MOST_OPTIONS] if isinstance(given, list) else []):
            option = self._option(raw, number)
            options += [option] if option else []
        if len(options) < 2:
            raise InvalidRequest("A question back needs two options that are valid tool calls.", code="options")
        question = plain(args.get("question"), 200)
        fair = sayable(question, self.context)
        return Found(Clarify(question=question if question and fair else "Which one is meant?", options=options))

    def _option(self, raw: Any, number: int) -> Option | None:
        if not isinstance(raw, dict) or raw.get("tool") not in offers.data_tools(self.context.principal):
            return None
        name, args = str(raw["tool"]), raw.get("arguments")
        if not isinstance(args, dict):
            return None
        try:
            args = self._settled(name, {k: v for k, v in args.items() if k != "done"})
            registry.get(name).args.model_validate(args)
        except ValueError:
            return None
        step = Step(tool=name, args=args)
        plan = Plan(intent="model", steps={"s1": step}, confidence=0.8, hints={"by": "llm"})
        return Option(value=f"m{number + 1}", label=title_of(step), patch=plan.model_dump(mode="json"))

    def _giving_up(self, args: dict[str, Any]) -> Found:
        reason = plain(args.get("reason"), 240)
        if not reason or not sayable(reason, self.context):
            reason = "The data does not hold what the question asks for."
        return Found(Decline(reason=reason, code="not_in_data", nearest=list(self.context.model.starters[:3])))


def plain(text: Any, longest: int) -> str:
    """Words of a model as plain text for people: no markup, no links, one line."""
    words = str(cell(text or "", longest)).split()
    kept = [w for w in words if "://" not in w and not w.casefold().startswith(("www.", "http"))]
    return " ".join(kept).translate(str.maketrans("", "", "[]!`*_|#‹›")).strip()


def settled(tool: str, args: dict[str, Any]) -> dict[str, Any]:
    """Arguments that a model put one level too high or sent as text, where they belong."""
    args = {k: _parsed(v) for k, v in args.items()} if tool != "run_sql" else args
    if tool in ("query_metrics", "list_records") and "query" not in args:
        return {"query": args}
    return args


def _parsed(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _arguments(call: ToolCall) -> dict[str, Any]:
    try:
        args = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("The arguments are not valid JSON.", code="bad_json", hint="Send one object.") from error
    if not isinstance(args, dict):
        raise InvalidRequest("The arguments are not a JSON object.", code="bad_json", hint="Send one object.")
    return args


def _calls_in_text(text: str, turn: int) -> list[ToolCall]:
    """The step of a model without tools: the first JSON object of its text."""
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end <= start:
        return []
    try:
        step = json.loads(text[start : end + 1])
    except (ValueError, RecursionError):
        return []
    if not isinstance(step, dict) or not isinstance(step.get("tool"), str):
        return []
    return [ToolCall(f"said-{turn}", step["tool"], json.dumps(step.get("arguments") or {}))]


def _said(reply: Reply, calls: list[ToolCall], spoken: bool) -> dict[str, Any]:
    if spoken:
        return {"role": "assistant", "content": reply.text[:4000]}
    made = [{"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}} for c in calls]
    return {"role": "assistant", "content": reply.text[:2000] or None, "tool_calls": made}


def _result(call: ToolCall, text: str, spoken: bool) -> dict[str, Any]:
    if spoken:
        return {"role": "user", "content": text}
    return {"role": "tool", "tool_call_id": call.id, "content": text}


def opening(context: PlanContext, spoken: bool) -> list[dict[str, Any]]:
    """Rules first and the question last, so that a server can keep the beginning; data stands between its marks."""
    system = prompt(PLAN) + (offers.in_words(context.principal) if spoken else "")
    parts = [f"The data model:\n{block(card(context))}"]
    if context.glossary:
        parts.append("Definitions:\n" + block("\n".join(str(cell(line, 300)) for line in context.glossary[:20])))
    if context.history:
        parts.append("Earlier in this conversation:\n" + block([_past(p) for p in context.history[-_MOST_PAST:]]))
    parts.append(f"Today is {context.as_of:%A, %Y-%m-%d}.")
    parts.append("The question:\n" + block(str(cell(context.question, 2000))))
    return [{"role": "system", "content": system}, {"role": "user", "content": "\n\n".join(parts)}]


def _past(turn: PastTurn) -> dict[str, Any]:
    told: dict[str, Any] = {"question": cell(turn.question, 200), "status": turn.status}
    if turn.plan is not None:
        told["calls"] = [{"tool": s.tool, "arguments": s.args} for s in turn.plan.steps.values()][:2]
    if turn.rows:
        told["first_rows"] = [{k: cell(v) for k, v in row.items()} for row in turn.rows[:3]]
    return told
