"""A run belongs to the server: it starts once, can be followed from any event, cancelled, answered, and continued."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from agent import events as ours
from api.routes import chat as chat_route
from evals.fakes.assistant import ScriptedAssistant
from store.runlog import RunLog


def events(text: str) -> list[tuple[int, dict[str, Any]]]:
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in lines:
            found.append((int(lines["id"]), json.loads(lines["data"])))
    return found


def types(text: str) -> list[str]:
    return [event["type"] for _, event in events(text)]


async def test_a_run_streams_and_is_kept(door):
    response = await door.chat()
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    assert [seq for seq, _ in events(response.text)] == list(range(1, len(events(response.text)) + 1))
    last = events(response.text)[-1][1]
    assert last["result"] == {"answer_id": "a-r1", "status": "answered", "confidence": 0.9}
    assert last["usage"] == [{"provider": "builtin", "inputTokens": 0, "outputTokens": 0}]
    thread = (await door.client.get("/v1/threads/t1")).json()
    assert thread["turns"][0]["status"] == "done"
    assert thread["turns"][0]["answer"]["id"] == "a-r1"
    assert (await door.client.get("/v1/answers/a-r1")).json() == thread["turns"][0]["answer"]


async def test_cut_at_each_event_the_log_is_the_same_bytes_and_one_run(open_door):
    assistant = ScriptedAssistant()
    async with open_door(assistant) as door:
        whole = (await door.chat()).text
        blocks = whole.split("\n\n")[:-1]
        for cut in range(len(blocks) + 1):
            again = await door.client.get("/v1/runs/r1/events", headers={"Last-Event-ID": str(cut)})
            assert again.text == "".join(f"{b}\n\n" for b in blocks[cut:])
        assert (await door.client.get("/v1/runs/r1/events?after=3")).text == "".join(f"{b}\n\n" for b in blocks[3:])
        assert (await door.chat()).text == whole
    assert len(assistant.turns) == 1


async def test_readers_of_a_live_run_may_leave_and_come_back_at_each_event(open_door):
    async with open_door(ScriptedAssistant(pause=0.003)) as door:
        first = asyncio.create_task(door.chat())
        while not door.house.runs._tasks:
            await asyncio.sleep(0.001)
        seen: list[str] = []
        after = 0
        while not seen or '"RUN_FINISHED"' not in seen[-1]:
            async for entry in door.house.runs.tail("r1", after):
                seen.append(f"id: {entry.seq}\ndata: {entry.body}\n\n")
                after = entry.seq
                break
        assert "".join(seen) == (await first).text


async def test_two_at_once_with_one_id_are_one_run(open_door):
    assistant = ScriptedAssistant(pause=0.005)
    async with open_door(assistant) as door:
        first, second = await asyncio.gather(door.chat(), door.chat())
    assert first.text == second.text
    assert len(assistant.turns) == 1


async def test_the_first_event_does_not_wait_for_the_assistant(open_door):
    async with open_door(ScriptedAssistant(lambda turn: [3600.0])) as door:
        task = asyncio.create_task(door.chat())
        while not (await door.house.runlog.entries("r1")):
            await asyncio.sleep(0.001)
        await door.client.post("/v1/runs/r1/cancel")
        assert types((await task).text) == ["RUN_STARTED", "RUN_FINISHED"]
        assert "plainsay_first_event_seconds_count 1.0" in door.house.meters.text().decode()


async def test_cancelling_ends_the_run_with_cancelled(door):
    stream = asyncio.create_task(door.chat("hang"))
    while "STEP_STARTED" not in [e.type for e in await door.house.runlog.entries("r1")]:
        await asyncio.sleep(0.005)
    assert (await door.client.post("/v1/runs/r1/cancel")).json() == {"run_id": "r1", "status": "cancelled"}
    text = (await stream).text
    assert types(text) == ["RUN_STARTED", "STEP_STARTED", "STEP_FINISHED", "RUN_FINISHED"]
    assert events(text)[-1][1]["outcome"] == {"type": "cancelled"}
    assert (await door.client.post("/v1/runs/r1/cancel")).json()["status"] == "cancelled"


async def test_failures_end_the_run_with_what_a_person_may_read(door):
    failed = events((await door.chat("fail")).text)[-1][1]
    assert failed == {
        "type": "RUN_ERROR",
        "message": "That took too long. Ask for a shorter period.",
        "code": "limit_reached",
    }
    broken = events((await door.chat("break", run="r2")).text)[-1][1]
    assert broken["code"] == "defect" and "/a/path" not in json.dumps(broken)
    turns = (await door.client.get("/v1/threads/t1")).json()["turns"]
    assert [t["status"] for t in turns] == ["failed", "failed"]
    assert turns[0]["error"]["hint"] == "Ask for a shorter period."
    asked = await door.client.post("/v1/ask", json={"question": "fail"})
    assert (asked.status_code, asked.json()["error"]["code"]) == (422, "limit_reached")


def resume(run: str, payload: Any, status: str = "resolved") -> list[dict[str, Any]]:
    return [{"interruptId": f"{run}-clarify", "status": status, "payload": payload}]


async def test_a_question_back_is_answered_once(open_door):
    assistant = ScriptedAssistant()
    async with open_door(assistant) as door:
        asked = events((await door.chat("clarify")).text)[-1][1]
        assert asked["outcome"]["interrupts"][0]["id"] == "r1-clarify"
        wrong = await door.chat("", run="r2", resume=resume("r1", {"choice": "unheard"}))
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "invalid_reply")
        elsewhere = await door.chat("", run="r2", thread="t9", resume=resume("r1", {"choice": "net"}))
        assert elsewhere.status_code == 404
        right = await door.chat("", run="r2", resume=resume("r1", {"choice": "net"}))
        assert types(right.text)[-1] == "RUN_FINISHED"
        second = await door.chat("", run="r3", resume=resume("r1", {"choice": "gross"}))
        assert (second.status_code, second.json()["error"]["code"]) == (409, "already_resumed")
        assert (await door.chat("", run="r2", resume=resume("r1", {"choice": "net"}))).text == right.text
    assert [t.resume for t in assistant.turns] == [None, {"choice": "net"}]


async def test_a_question_back_may_be_left_for_another_question(open_door):
    assistant = ScriptedAssistant()
    async with open_door(assistant) as door:
        await door.chat("clarify")
        other = await door.chat("orders", run="r2", resume=resume("r1", None, "cancelled"))
        assert types(other.text)[-1] == "RUN_FINISHED"
    assert assistant.turns[-1].resume is None and assistant.turns[-1].text == "orders"


async def test_what_our_page_forwards_reaches_the_turn(open_door):
    assistant = ScriptedAssistant()
    async with open_door(assistant) as door:
        await door.chat()
        props = {"workspace": "shop", "brain": "builtin", "as_of": "2026-05-01", "answer_id": "a-r1", "patch": {"a": 1}}
        await door.chat("ignored", run="r2", forwardedProps={"plainsay": props})
    turn = assistant.turns[-1]
    assert (turn.workspace, turn.brain, turn.patch, turn.answer_id, turn.text) == (
        "shop",
        "builtin",
        {"a": 1},
        "a-r1",
        "",
    )
    assert turn.as_of is not None and turn.as_of.date().isoformat() == "2026-05-01"


async def test_unknown_runs_are_404_and_pruned_logs_410(door, monkeypatch):
    assert (await door.client.get("/v1/runs/none/events")).status_code == 404
    await door.chat()
    from store import runs as table
    from store.models import utc_now

    assert await door.house.database.write(lambda c: table.prune_events(c, utc_now())) > 5
    gone = await door.client.get("/v1/runs/r1/events")
    assert (gone.status_code, gone.json()["error"]["code"]) == (410, "gone")
    assert (await door.client.get("/v1/answers/a-r1")).status_code == 200


async def test_threads_are_listed_found_and_forgotten(door):
    await door.chat("Revenue by region", run="r1", thread="t1")
    await door.chat("Orders 100%_ by day", run="r2", thread="t2")
    await door.chat("and by week?", run="r3", thread="t2")
    items = (await door.client.get("/v1/threads?workspace=shop")).json()["items"]
    assert [(i["id"], i["turns"], i["title"]) for i in items] == [
        ("t2", 2, "Orders 100%_ by day"),
        ("t1", 1, "Revenue by region"),
    ]
    for words, found in (
        ("WEEK", ["t2"]),
        ("100%_", ["t2"]),
        ("0%_ ", ["t2"]),
        ("%", ["t2"]),
        ("region", ["t1"]),
        ("zzz", []),
    ):
        hits = (await door.client.get("/v1/threads", params={"q": words})).json()["items"]
        assert [h["id"] for h in hits] == found, words
    assert (await door.client.delete("/v1/threads/t2")).status_code == 204
    assert (await door.client.get("/v1/threads/t2")).status_code == 404
    assert (await door.client.get("/v1/runs/r2/events")).status_code == 404


async def test_a_restart_continues_what_was_cut_off(open_door, home):
    """The first house is closed as a kill leaves it: the run stays `running` with an open step and half a text."""
    half = [
        ours.StepStarted(name="1. Query"),
        ours.TextDelta(text="Revenue was about to be told in"),
    ]
    async with open_door(ScriptedAssistant(lambda turn: [*half, 3600.0])) as door:
        task = asyncio.create_task(door.chat())
        while "TEXT_MESSAGE_CONTENT" not in [e.type for e in await door.house.runlog.entries("r1")]:
            await asyncio.sleep(0.005)
        door.house.runs.leave()
        door.house.runs._tasks["r1"].cancel()
        before = (await task).text
    assert types(before)[-1] == "TEXT_MESSAGE_CONTENT"
    assistant = ScriptedAssistant()
    async with open_door(assistant) as door:
        after = (await door.client.get("/v1/runs/r1/events", headers={"Last-Event-ID": str(len(events(before)))})).text
        assert types(after)[:3] == ["TEXT_MESSAGE_END", "STEP_FINISHED", "CUSTOM"]
        assert events(after)[2][1]["name"] == "analytics.superseded"
        whole = (await door.client.get("/v1/runs/r1/events")).text
        assert whole == before + after
        assert types(whole).count("RUN_STARTED") == 1 and types(whole).count("RUN_FINISHED") == 1
        assert assistant.turns[0].text == "total revenue"
        assert (await door.chat("next", run="r2")).status_code == 200


async def test_a_run_that_keeps_stopping_the_server_is_given_up(open_door):
    for _ in range(3):
        async with open_door(ScriptedAssistant(lambda turn: [3600.0])) as door:
            if not door.house.runs._tasks:
                task = asyncio.create_task(door.chat())
                while not door.house.runs._tasks:
                    await asyncio.sleep(0.002)
            door.house.runs.leave()
            for running in door.house.runs._tasks.values():
                running.cancel()
            await asyncio.gather(task)
    async with open_door(ScriptedAssistant()) as door:
        text = (await door.client.get("/v1/runs/r1/events")).text
        assert types(text)[-1] == "RUN_ERROR"


async def test_ask_answers_and_patches(open_door):
    assistant = ScriptedAssistant()
    async with open_door(assistant) as door:
        first = (await door.client.post("/v1/ask", json={"question": "total", "glossary": ["net = paid"]})).json()
        assert first["status"] == "answered" and first["question"] == "total"
        changed = await door.client.post("/v1/ask", json={"answer_id": first["id"], "patch": {"steps": {}}})
        assert changed.json()["thread_id"] == first["thread_id"]
        assert (await door.client.post("/v1/ask", json={"answer_id": "a-none", "patch": {}})).status_code == 404
        assert (await door.client.post("/v1/ask", json={"answer_id": first["id"]})).status_code == 422
    assert assistant.turns[0].glossary == ("net = paid",)


async def test_turns_of_one_thread_do_not_overlap(open_door):
    open_now, most = 0, 0

    def script(turn):
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        yield 0.02
        open_now -= 1
        yield ours.RunFinished(answer=_answer(turn))

    async with open_door(ScriptedAssistant(script)) as door:
        await asyncio.gather(*(door.chat(run=f"r{n}") for n in range(4)))
    assert most == 1


def _answer(turn):
    from evals.fakes.assistant import answer

    return answer(turn)


@pytest.mark.parametrize("text", ["7", "0", "-1", "x", "٣", "", "9" * 30, "9" * 5000])
def test_last_event_id_is_a_number_or_the_beginning(text):
    assert chat_route._seq(text) == (7 if text == "7" else 0)


async def test_log_refuses_a_second_entry_with_the_same_number(door):
    from sqlalchemy.exc import IntegrityError

    from store.runlog import Entry

    await door.chat()
    log = RunLog(door.house.database)
    with pytest.raises(IntegrityError):
        await log.append("r1", [Entry(1, "CUSTOM", "{}")], urgent=True)
    await log.aclose()


async def test_a_run_whose_end_cannot_be_written_lets_its_readers_go_and_is_continued(open_door, monkeypatch):
    from store.errors import Unavailable

    async def full(_work):
        raise Unavailable("The disk is full.")

    def script(turn):
        yield ours.StepStarted(name="1. Query")
        yield 0.05
        monkeypatch.setattr(door.house.database, "write", full)
        for number in range(500):
            yield ours.TextDelta(text=f"word {number:10} and more of it ")

    async with open_door(ScriptedAssistant(script)) as door:
        text = (await door.chat()).text
        monkeypatch.undo()
    assert types(text) == ["RUN_STARTED", "STEP_STARTED"]
    async with open_door() as door:
        assert types((await door.client.get("/v1/runs/r1/events")).text)[-1] == "RUN_FINISHED"
