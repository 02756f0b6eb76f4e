"""Whole turns with a scripted model: who answers, what is said early, what it costs, and what happens when it fails."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from agent import claims
from agent import recipe as recipes
from agent.assistant import Assistant
from agent.events import ReceiptReady, RunFinished, TextDelta
from agent.turn import Turn
from api import turns
from evals.fakes.model_script import scenario
from evals.fakes.model_server import Asked, Call, Reply
from store.errors import InvalidRequest

STRANGE = "Frobnicate the quux of our blorps"
KNOWN = "What was net revenue last month?"
MONTH = {"last": {"n": 1, "unit": "month"}}
TOTAL: dict[str, Any] = {"metrics": [{"metric": "net_revenue"}], "time": MONTH}
CHANNELS: dict[str, Any] = {**TOTAL, "dimensions": [{"field": "order_lines.channel"}]}
TRUE = "In {p1.1.value}, {t1.1.channel} had the highest net revenue, at {t1.1.net_revenue}. "


def script(query: dict[str, Any], text: str = TRUE, tool: str = "query_metrics"):
    def answer(asked: Asked) -> Reply:
        given = query if tool == "run_sql" else {"query": query}
        return Reply(calls=(Call(tool, {**given, "done": True}),)) if asked.tools else Reply(text=text)

    return answer


async def test_a_question_the_builtin_brain_knows_reaches_no_model(use, say) -> None:
    server = use(script(TOTAL))
    answer = await say(KNOWN, brain="auto")
    assert answer.status == "answered"
    assert answer.receipt.brain == "builtin"
    assert server.asked == []


async def test_a_question_it_does_not_know_is_planned_by_the_model(use, say) -> None:
    use(script({**CHANNELS, "order": [{"by": "net_revenue", "desc": True}]}), settings={"PLAINSAY_MODEL_PRICE_IN": "2"})
    answer = await say(STRANGE, brain="auto")
    assert (answer.status, answer.receipt.brain, answer.receipt.model) == ("answered", "llm", "scripted-1")
    assert answer.receipt.model_calls == 2
    assert answer.receipt.tokens["input"] > 500
    assert float(answer.receipt.cost["amount"]) > 0
    assert claims.problems(answer) == []
    assert [a.display for a in answer.assumptions] == ["Net revenue by channel, last month"]
    assert answer.suggestions


async def test_nothing_changes_without_a_model(say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k-secret")
    answer = await say(KNOWN, brain="auto")
    assert (answer.receipt.brain, answer.warnings) == ("builtin", [])
    with pytest.raises(InvalidRequest, match="PLAINSAY_MODEL"):
        await say(KNOWN, brain="llm")


async def test_true_sentences_are_said_and_others_are_the_narrators(use, say) -> None:
    lie = "{t1.1.channel} had net revenue of 99 million, thanks to magic. "
    use(script({**CHANNELS, "order": [{"by": "net_revenue", "desc": True}]}, TRUE + lie))
    plain = claims.LINK.sub(lambda m: m.group(1), (await say(STRANGE)).text)
    assert plain.startswith("In October 2026, Store had the highest net revenue, at ")
    assert "magic" not in plain
    assert "99 million" not in plain
    assert plain.count("highest") == 1


async def test_what_streams_is_the_text(use, assistant: Assistant, as_of) -> None:
    use(script({**CHANNELS, "order": [{"by": "net_revenue", "desc": True}]}, TRUE * 2 + "Nonsense here. " + TRUE))
    run = uuid.uuid4().hex
    turn = Turn(workspace="demo-retail", thread_id=run, run_id=run, text=STRANGE, brain="llm")
    events = [e async for e in assistant.stream(turn)]
    answer = next(e.answer for e in events if isinstance(e, RunFinished))
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == answer.text
    assert next(e.receipt for e in events if isinstance(e, ReceiptReady)).brain == "llm"


@pytest.mark.parametrize("fault", ["server_error", "slow", "cut", "garbage", "rate_limited", "no_model"])
async def test_a_failing_model_leaves_the_turn_to_the_builtin_brain(fault: str, use, say) -> None:
    use(lambda _asked: Reply(fault=fault, text="word " * 50), settings={"PLAINSAY_MODEL_SECONDS": "0.5"})
    answer = await say(KNOWN)
    assert (answer.status, answer.receipt.brain) == ("answered", "builtin")
    assert [w.code.startswith("model_") for w in answer.warnings] == [True]
    assert answer.warnings[0].message.endswith("The built-in brain answered instead.")
    declined = await say(STRANGE)
    assert declined.status == "declined"
    assert declined.declined is not None
    assert "language model" in declined.declined.reason


async def test_a_model_that_breaks_off_while_telling_keeps_what_was_true(use, say) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.tools:
            query = {**CHANNELS, "order": [{"by": "net_revenue", "desc": True}]}
            return Reply(calls=(Call("query_metrics", {"query": query, "done": True}),))
        return Reply(text=TRUE + "And then it was " * 40, fault="cut")

    use(answer)
    told = await say(STRANGE)
    assert told.status == "answered"
    assert "highest net revenue" in told.text
    assert "And then" not in told.text
    assert [w.code for w in told.warnings] == ["model_cut"]
    assert claims.problems(told) == []


async def test_two_sure_readings_that_differ_are_asked_about(use, say) -> None:
    use(script({"metrics": [{"metric": "orders"}], "time": MONTH}))
    answer = await say(KNOWN)
    assert answer.status == "clarify"
    assert answer.clarification is not None
    assert [o.label for o in answer.clarification.options][1] == "Orders, last month"


async def test_readings_that_agree_are_surer(use, say) -> None:
    use(script(TOTAL, "In {p1.1.value}, net revenue came to {t1.1.net_revenue}."))
    assert (await say(KNOWN)).confidence >= 0.9


async def test_a_question_asked_again_needs_no_second_plan(use, say) -> None:
    server = use(script(CHANNELS))
    await say(STRANGE, brain="auto")
    planned = len(server.asked)
    again = await say(STRANGE, brain="auto")
    assert len(server.asked) == planned
    assert (again.status, again.receipt.model_calls) == ("answered", 0)


async def test_a_changed_assumption_calls_no_model(use, assistant: Assistant, say) -> None:
    server = use(script(CHANNELS))
    thread = uuid.uuid4().hex
    first = await say(STRANGE, thread_id=thread)
    asked = len(server.asked)
    patch = {"steps": {"s1": {"args": {"query": {"limit": 2}}}}}
    again = await say("", thread_id=thread, answer_id=first.id, patch=patch)
    assert again.status == "answered"
    assert len(server.asked) == asked


async def test_sql_is_a_last_resort_and_labelled(use, say) -> None:
    use(script({"sql": "SELECT count(*) AS n FROM order_lines"}, tool="run_sql"))
    answer = await say(STRANGE)
    assert answer.status == "answered"
    assert [w.code for w in answer.warnings] == ["raw_sql"]
    assert answer.confidence <= 0.6
    assert claims.problems(answer) == []


async def test_a_day_has_a_budget(use, say, assistant: Assistant) -> None:
    use(script(CHANNELS), settings={"PLAINSAY_MODEL_USER_TOKENS": "100"})
    assert (await say(STRANGE)).receipt.brain == "llm"
    second = await say(STRANGE + " again")
    assert second.receipt.brain == "builtin"
    assert [w.code for w in second.warnings] == ["model_budget"]


async def test_a_cancelled_run_stops_its_model_call(use, assistant: Assistant) -> None:
    server = use(lambda _asked: Reply(fault="slow"))
    run = uuid.uuid4().hex
    turn = Turn(workspace="demo-retail", thread_id=run, run_id=run, text=STRANGE, brain="llm")

    async def follow() -> None:
        async for _ in assistant.stream(turn):
            pass

    task = asyncio.create_task(follow())
    while not server.asked:
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)


async def test_self_consistency_doubts_plans_that_differ(use, say) -> None:
    def wavering(asked: Asked) -> Reply:
        if not asked.tools:
            return Reply(text="Nothing.")
        metric = "net_revenue" if asked.number % 2 == 0 else "orders"
        return Reply(calls=(Call("query_metrics", {"query": {"metrics": [{"metric": metric}]}, "done": True}),))

    use(wavering, settings={"PLAINSAY_MODEL_CHECKS": "2"})
    answer = await say(STRANGE)
    assert answer.confidence <= 0.5
    assert "readings_differ" in [w.code for w in answer.warnings]


async def test_follow_ups_of_a_model_plan_need_no_model(use, say) -> None:
    server = use(script(CHANNELS))
    thread = uuid.uuid4().hex
    await say(STRANGE, brain="auto", thread_id=thread)
    asked = len(server.asked)
    follow = await say("by country instead", brain="auto", thread_id=thread)
    assert follow.status == "answered"
    assert len(server.asked) == asked


def test_scenarios_are_files() -> None:
    found = scenario("plain")
    asked = Asked(0, {"messages": [], "tools": [{"function": {"name": "query_metrics"}}]})
    assert found.script()(asked).calls[0].name == "query_metrics"
    assert "{t1.1" in found.script()(Asked(1, {"messages": []})).text


async def test_no_key_in_anything_that_is_kept(use, say, assistant: Assistant, tmp_path: Path) -> None:
    server = use(script(CHANNELS))
    answer = await say(STRANGE)
    kept = [p for p in tmp_path.rglob("*") if p.is_file() and b"k-secret" in p.read_bytes()]
    assert kept == []
    assert "k-secret" not in answer.model_dump_json() + json.dumps([a.body for a in server.asked])


async def test_a_model_that_gives_up_does_not_take_a_sure_answer_away(use, say) -> None:
    use(lambda asked: Reply(calls=(Call("give_up", {"reason": "no idea"}),)) if asked.tools else Reply(text="No."))
    answer = await say(KNOWN)
    assert (answer.status, answer.receipt.brain) == ("answered", "builtin")
    assert (await say(STRANGE)).status == "declined"


async def test_a_tool_that_breaks_on_a_models_call_does_not_break_the_turn(
    use, say, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent.desk import Desk

    def broken(self: Desk, tool: str, args: dict[str, Any], number: int) -> Any:
        raise KeyError("a bug")

    use(script(CHANNELS))
    monkeypatch.setattr(Desk, "run_tool", broken)
    answer = await say(STRANGE)
    assert (answer.status, answer.receipt.brain) == ("declined", "builtin")
    assert [w.code for w in answer.warnings] == ["model_lost"]


async def test_another_wording_of_a_planned_question_needs_no_second_plan(use, say) -> None:
    server = use(script(CHANNELS))
    first = await say("frobnicate net revenue by channel", brain="auto")
    planned = len(server.asked)
    other = await say("Could you please frobnicate net revenue by channel?", brain="auto")
    assert [first.receipt.planned_by, other.receipt.planned_by] == ["model", "remembered"]
    assert other.receipt.model_calls == 0 and other.result is not None and other.result.rows == first.result.rows
    assert len(server.asked) == planned


async def test_a_report_goes_on_with_what_the_model_adds(use, say) -> None:
    by_channel = {"metrics": [{"metric": "orders"}], "dimensions": [{"field": "order_lines.channel"}]}

    def answer(asked: Asked) -> Reply:
        if any(m["role"] == "tool" for m in asked.messages):
            return Reply(calls=(Call("finish", {"use": ["e61"]}),))
        assert "Key figures" in asked.text and "A report is wanted" in asked.text
        return Reply(calls=(Call("query_metrics", {"query": by_channel}),))

    use(answer)
    told = await say("review our quarter", brain="auto")
    assert told.status == "answered" and claims.problems(told) == []
    assert [e.id for e in told.evidence][-1] == "e61"
    assert "### Also looked at" in told.text and told.receipt.planned_by == "model"
    assert any(a.label == "Added by the model" for a in told.assumptions)


async def test_a_report_is_made_without_a_model_that_fails(use, say) -> None:
    use(lambda _asked: Reply(fault="server_error"))
    told = await say("review our quarter", brain="auto")
    assert told.status == "answered" and "### Key figures" in told.text
    assert [w.code for w in told.warnings if w.code.startswith("model_")] == ["model_failed"]


async def test_looking_at_a_kept_answer_again_calls_no_model(use, assistant: Assistant, say) -> None:
    server = use(script(CHANNELS))
    asked = Turn("demo-retail", "t-kept", uuid.uuid4().hex, STRANGE, brain="llm")
    told = await assistant.ask(asked)
    runs = [{"turn": turns.to_json(asked), "answer": told.model_dump(mode="json")}]
    kept = recipes.of_runs(runs, told.id)
    before = len(server.asked)
    for day in (None, datetime(2026, 12, 21, 9)):
        later = Turn("demo-retail", "again", uuid.uuid4().hex, "", as_of=day, brain="llm")
        again = await assistant.replay(kept, later, {})
        assert again.status == "answered" and again.receipt.model_calls == 0
    assert len(server.asked) == before


async def test_a_day_that_a_model_worked_out_is_not_taken_again(use, assistant: Assistant) -> None:
    fixed = {**CHANNELS, "time": {"start": "2026-10-01", "end": "2026-11-01"}}
    server = use(script(fixed))
    asked = Turn("demo-retail", "t-fixed", uuid.uuid4().hex, STRANGE, brain="llm")
    told = await assistant.ask(asked)
    kept = recipes.of_runs([{"turn": turns.to_json(asked), "answer": told.model_dump(mode="json")}], told.id)
    before = len(server.asked)
    await assistant.replay(kept, Turn("demo-retail", "x", uuid.uuid4().hex, "", as_of=datetime(2026, 12, 21, 9)), {})
    assert len(server.asked) > before
