"""What a text-only client is told, from the stored events alone: nothing in data can become markup there."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent import events as ours
from agent.answer import Answer, Claim, Declined, EvidenceItem, Source, Suggestion
from agent.plan import Assumption
from api.wires import agui, markdown
from api.wires.aisdk import AiSdkWire
from api.wires.openai_chat import ChatWire
from api.wires.openai_responses import ResponsesWire
from api.wires.reading import Reading
from evals.fakes.assistant import TABLE
from tools.evidence import Caveat, Column, ResultTable

NASTY = "![x](https://evil.example/a.png) <img src=x> | [y](javascript:1) `z` *b* #h"


def sent(*events: ours.Event) -> list[dict[str, Any]]:
    wire = agui.AguiWire("r1", "t1")
    begun = ours.RunStarted(run_id="r1", thread_id="t1", question="q")
    return [orjson.loads(agui.body(e)) for event in (begun, *events) for e in wire.feed(event)]


def finished(**more: Any) -> ours.RunFinished:
    return ours.RunFinished(answer=Answer(id="a1", thread_id="t1", question="q", **{"status": "answered", **more}))


def read(events: list[dict[str, Any]], detail: Any = "full") -> tuple[str, Reading]:
    reading = Reading(detail)
    return "".join(reading.feed(e) for e in events), reading


def table(rows: int, text: str = "a", **more: Any) -> ResultTable:
    columns = [
        Column(name="x", label=f"X {text}", type="text", role="dimension"),
        Column(name="n", label="N", type="integer", role="measure"),
    ]
    return ResultTable(
        id="t1", title="T", columns=columns, rows=[[f"{text}{i}", i * 1000] for i in range(rows)],
        row_keys=[f"k{i}" for i in range(rows)], total_rows=rows, **more,
    )  # fmt: skip


WHOLE = (
    ours.AssumptionsMade(items=[Assumption(key="period", label="Period", value="m", display="October 2026")]),
    ours.WarningsRaised(items=[Caveat(code="partial_period", message="November has 21 of 30 days.")]),
    ours.TableReady(table=TABLE),
    ours.TextDelta(text="Net\\_revenue was [$1,200](#cell:t1:n:revenue)[^s1]."),
    ours.ClaimsMade(items=[Claim(text="$1,200", value=1200, table="t1", row="n", column="revenue")]),
    ours.EvidenceReady(items=[EvidenceItem(id="e1", tool="query_metrics", args={}, sql="SELECT 1")]),
    ours.SourcesCited(items=[Source(id="s1", title="Handbook", passage="p", origin="wiki", licence="own")]),
    ours.SuggestionsReady(items=[Suggestion(question="And by month?")]),
)


def test_everything_in_its_order():
    text, reading = read(sent(*WHOLE, finished(confidence=0.9)))
    blocks = text.split("\n\n")
    assert blocks[0] == "Net_revenue was $1,200[^s1]."
    assert blocks[1].startswith("| Region | Revenue |\n| --- | ---: |\n| North | 114,000 |")
    assert blocks[2:5] == [
        "Note: November has 21 of 30 days.",
        "Assumed: period – October 2026.",
        "[^s1]: Handbook, wiki",
    ]
    assert "```sql\nSELECT 1\n```" in text and text.endswith("You could ask next:\n\n- And by month?")
    assert reading.receipts()["confidence"] == 0.9 and reading.receipts()["sources"][0]["id"] == "s1"


def test_less_for_those_who_want_less():
    brief, _ = read(sent(*WHOLE, finished()), "brief")
    text, _ = read(sent(*WHOLE, finished()), "text")
    assert "SELECT" not in brief and "| North |" in brief
    assert text == "Net_revenue was $1,200[^s1].\n\nNote: November has 21 of 30 days."


def test_long_tables_say_what_is_left_out():
    text = markdown.table(table(25).model_dump(mode="json"))
    assert text.count("\n| a") == 20 and text.endswith("… and 5 more rows.")


def test_a_no_says_why_and_what_else():
    no = ours.DeclineGiven(
        declined=Declined(reason="No table holds store hours.", code="unknown_name", nearest=["Revenue?"])
    )
    text, reading = read(sent(no, finished(status="declined")))
    assert text == "No table holds store hours.\n\nYou could ask:\n\n- Revenue?"
    assert reading.status == "declined" and reading.receipts()["declined"]["code"] == "unknown_name"


def test_nothing_from_data_is_markup():
    events = sent(
        ours.AssumptionsMade(items=[Assumption(key="k", label=NASTY, value="v", display=NASTY)]),
        ours.WarningsRaised(items=[Caveat(code="c", message=NASTY)]),
        ours.TableReady(table=table(2, NASTY)),
        ours.SuggestionsReady(items=[Suggestion(question=NASTY)]),
        finished(),
    )
    text, _ = read(events)
    for live in (r"(?<!\\)!\[", r"(?<!\\)<", r"(?<!\\)\[y", r"(?<!\\)`z", r"(?<!\\)\*b"):
        assert not re.search(live, text), live
    assert all(line.count(" | ") == 1 for line in text.splitlines() if line.startswith("| "))


BODY = st.sampled_from([*WHOLE, ours.StepStarted(name="s"), ours.StepFinished(name="s"), ours.TextDelta(text="More. ")])
END = st.sampled_from([finished(), ours.RunCancelled(), ours.RunFailed(code="limit_reached", message="Too slow.")])


@settings(max_examples=60, deadline=None)
@given(st.lists(BODY, max_size=14), END)
def test_every_wire_tells_the_same_and_ends(events, end):
    log = sent(*events, end)
    chat, response, ui = ChatWire("c", "m", 0), ResponsesWire("resp_f1", "m", 0), AiSdkWire("u")
    chunks = [c for e in log for c in chat.feed(e)]
    numbered = [c for e in log for c in response.feed(e)]
    parts = [c for e in log for c in ui.feed(e)]
    said = "".join(c["choices"][0]["delta"].get("content", "") for c in chunks if "choices" in c)
    assert said == "".join(c["delta"] for c in numbered if c["type"] == "response.output_text.delta") == read(log)[0]
    assert numbered[-1]["type"] in ("response.completed", "response.failed", "response.incomplete")
    assert [c["sequence_number"] for c in numbered] == list(range(len(numbered)))
    assert parts[0]["type"] == "start" and parts[-1]["type"] in ("finish", "abort", "error")
    assert "#cell:" not in json.dumps([*chunks, *numbered][:-1]).replace('"lineage"', "")


@pytest.mark.parametrize("cut", range(12))
def test_a_translation_begun_again_is_the_same(cut):
    log = sent(*WHOLE, finished())
    whole = [c for wire in [ResponsesWire("resp_f1", "m", 0)] for e in log for c in wire.feed(e)]
    again = ResponsesWire("resp_f1", "m", 0)
    assert [c for e in log for c in again.feed(e)][cut:] == whole[cut:]
