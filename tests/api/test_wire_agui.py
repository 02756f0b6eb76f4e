"""Whatever order our events come in, the AG-UI stream keeps the rules that the official client enforces."""

from __future__ import annotations

import json
import re
from typing import Any

from ag_ui.core import Event
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from agent import events as ours
from agent.answer import Answer, Claim, Clarification, Declined, Receipt, Suggestion
from agent.plan import Option
from api.wires import agui
from api.wires.limits import inline
from tools.evidence import Caveat, Chart, Column, ResultTable

_EVENT: TypeAdapter[Any] = TypeAdapter(Event)
LINK = "[$1.2M](#cell:t1:abc:revenue)"


def table(rows: int = 2, width: int = 1) -> ResultTable:
    return ResultTable(
        id="t1",
        title="T",
        columns=[Column(name="a", label="A", type="text", role="dimension")],
        rows=[["x" * width] for _ in range(rows)],
        row_keys=[f"k{i}" for i in range(rows)],
        total_rows=rows,
        partial=[f"k{rows - 1}"] if rows else [],
    )


def answer(**more: Any) -> Answer:
    return Answer(**{"id": "a1", "thread_id": "t", "question": "q", "status": "answered", **more})


NAMES = st.sampled_from(["1. Query", "2. Query", "tell"])
IDS = st.sampled_from(["e1", "e2"])
TEXTS = st.one_of(
    st.text(max_size=30), st.sampled_from([LINK, LINK[:9], LINK[9:], "a plain bracket [x] y", "\\[", "[", "]("])
)
BODY = st.one_of(
    st.builds(ours.RunStarted, run_id=st.just("r"), thread_id=st.just("t"), question=st.just("q")),
    st.builds(ours.StepStarted, name=NAMES),
    st.builds(ours.StepFinished, name=NAMES),
    st.builds(ours.ToolStarted, id=IDS, tool=st.just("query"), args=st.just({"a": 1})),
    st.builds(ours.ToolFinished, id=IDS, rows=st.just(3)),
    st.builds(ours.Progress, text=st.just("half"), share=st.none() | st.just(0.5)),
    st.builds(ours.TextDelta, text=TEXTS),
    st.just(ours.AssumptionsMade(items=[])),
    st.just(ours.WarningsRaised(items=[Caveat(code="c", message="m")])),
    st.just(ours.TableReady(table=table())),
    st.just(ours.ChartReady(chart=Chart(id="c1", title="C", alt="", table="t1", spec={}))),
    st.just(ours.ClaimsMade(items=[Claim(text="1", value=1, table="t1", row="k", column="a")])),
    st.just(ours.EvidenceReady(items=[])),
    st.just(ours.SourcesCited(items=[])),
    st.just(ours.SuggestionsReady(items=[Suggestion(question="?")])),
    st.just(ours.DeclineGiven(declined=Declined(reason="no", code="c"))),
    st.just(ours.ReceiptReady(receipt=Receipt())),
    st.just("flush"),
)
END = st.sampled_from(
    [
        ours.RunFinished(answer=answer()),
        ours.RunFinished(
            answer=answer(
                status="clarify",
                clarification=Clarification(question="Which?", options=[Option(value="n", label="Net")]),
            )
        ),
        ours.RunCancelled(),
        ours.RunFailed(code="limit_reached", message="Too slow.", hint="Narrow it."),
    ]
)


def sent_by(wire: agui.AguiWire, events: list[Any]) -> list[dict[str, Any]]:
    out = []
    for event in events:
        out += wire.flush() if event == "flush" else wire.feed(event)
    for event in out:
        _EVENT.validate_json(agui.body(event))
    return [json.loads(agui.body(event)) for event in out]


def assert_rules(sent: list[dict[str, Any]]) -> None:
    assert sent[0]["type"] == "RUN_STARTED"
    assert [e["type"] for e in sent].count("RUN_STARTED") == 1
    assert [e["type"] in ("RUN_FINISHED", "RUN_ERROR") for e in sent].index(True) == len(sent) - 1
    steps: set[str] = set()
    messages: set[str] = set()
    calls: set[str] = set()
    ids: list[str] = []
    kinds: dict[str, str] = {}
    for event in sent:
        match event["type"]:
            case "STEP_STARTED":
                assert event["stepName"] not in steps
                steps.add(event["stepName"])
            case "STEP_FINISHED":
                steps.remove(event["stepName"])
            case "TEXT_MESSAGE_START":
                ids.append(event["messageId"])
                messages.add(event["messageId"])
            case "TEXT_MESSAGE_CONTENT":
                assert event["messageId"] in messages and event["delta"]
            case "TEXT_MESSAGE_END":
                messages.remove(event["messageId"])
            case "TOOL_CALL_START":
                ids.append(event["toolCallId"])
                calls.add(event["toolCallId"])
            case "TOOL_CALL_END":
                calls.remove(event["toolCallId"])
            case "TOOL_CALL_RESULT":
                ids.append(event["messageId"])
            case "ACTIVITY_SNAPSHOT":
                assert kinds.setdefault(event["messageId"], event["activityType"]) == event["activityType"]
                assert event["content"]["v"] == 1
        assert None not in event.values()
    assert not steps and not messages and not calls
    assert len(ids) == len(set(ids)) and not set(ids) & set(kinds)


@settings(max_examples=300, deadline=None)
@given(st.lists(BODY, max_size=40), END, st.lists(BODY, max_size=3))
def test_any_order_keeps_the_rules(events, end, late):
    sent = sent_by(agui.AguiWire("r", "t"), [*events, end, *late])
    assert_rules(sent)
    text = "".join(e["delta"] for e in sent if e["type"] == "TEXT_MESSAGE_CONTENT")
    assert text == "".join(e.text for e in events if isinstance(e, ours.TextDelta))


@settings(max_examples=200, deadline=None)
@given(st.lists(BODY, max_size=40), st.lists(BODY, max_size=10), END, st.data())
def test_a_log_cut_anywhere_goes_on_and_keeps_the_rules(events, again, end, data):
    whole = sent_by(agui.AguiWire("r", "t"), [ours.RunStarted(run_id="r", thread_id="t", question="q"), *events])
    kept = whole[: data.draw(st.integers(1, len(whole)))]
    mended = [json.loads(agui.body(e)) for e in agui.superseded("r", kept)]
    wire = agui.AguiWire("r", "t", origin=len(kept) + len(mended) + 1, started=True)
    sent = [*kept, *mended, *sent_by(wire, [*again, end])]
    assert_rules(sent)
    taken_back = {e["value"]["messageId"] for e in mended if e["type"] == "CUSTOM"}
    assert taken_back == {e["messageId"] for e in kept if e["type"] == "TEXT_MESSAGE_START"}


@given(st.lists(st.integers(1, 12), min_size=1, max_size=30), st.booleans())
def test_a_link_is_never_split(cuts, flushing):
    text = f"Revenue was {LINK} in May, up from {LINK}; see [1] and [^s1]. {LINK}"
    wire = agui.AguiWire("r", "t")
    events: list[Any] = []
    position = 0
    for cut in cuts:
        events += [ours.TextDelta(text=text[position : position + cut]), *(["flush"] if flushing else [])]
        position += cut
    events += [ours.TextDelta(text=text[position:]), ours.RunFinished(answer=answer())]
    deltas = [e["delta"] for e in sent_by(wire, events) if e["type"] == "TEXT_MESSAGE_CONTENT"]
    assert "".join(deltas) == text
    assert sum(len(re.findall(re.escape(LINK), d)) for d in deltas) == 3


def test_text_is_joined_to_twenty_characters():
    wire = agui.AguiWire("r", "t")
    deltas = [
        e["delta"]
        for e in sent_by(wire, [ours.TextDelta(text="x") for _ in range(50)])
        if e["type"] == "TEXT_MESSAGE_CONTENT"
    ]
    assert [len(d) for d in deltas] == [20, 20]
    assert wire.holding


def test_big_tables_are_cut_to_200_rows_or_64_kilobytes():
    many, wide = inline(table(500)), inline(table(100, 2000))
    assert len(many["rows"]) == len(many["row_keys"]) == 200
    assert many["truncated"] and many["total_rows"] == 500 and many["partial"] == []
    assert len(wide["rows"]) < 33 and wide["truncated"]
    assert inline(table(200))["truncated"] is False


def test_a_question_back_is_an_interrupt_with_its_schema():
    asked = Clarification(question="Which?", options=[Option(value="net", label="Net")], allow_other=False)
    last = sent_by(agui.AguiWire("r", "t"), [ours.RunFinished(answer=answer(status="clarify", clarification=asked))])[
        -1
    ]
    interrupt = last["outcome"]["interrupts"][0]
    assert last["outcome"]["type"] == "interrupt"
    assert interrupt["responseSchema"]["properties"] == {"choice": {"enum": ["net"]}}
    assert interrupt["metadata"]["options"][0]["id"] == "net"
    assert interrupt["id"] == agui.interrupt_id("r")
