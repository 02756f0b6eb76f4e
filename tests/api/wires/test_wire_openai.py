"""OpenAI's own Python client against a real server: completions and responses, whole and streamed, cut and refused."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import httpx
import openai
import pytest

from evals.fakes.assistant import ScriptedAssistant

TEXT = "Revenue was $114,000.00 in the north and $86,000.00 south."
TABLE = "| Region | Revenue |\n| --- | ---: |\n| North | 114,000 |\n| South | 86,000 |"


def client(url: str, **more: Any) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=0, timeout=20, **more)


@pytest.fixture(scope="module")
def ai(served):
    with client(served.url) as opened:
        yield opened


def chat(ai, *said: str, **more: Any):
    roles = ("user", "assistant")
    messages: Any = [{"role": roles[i % 2], "content": text} for i, text in enumerate(said)]
    return ai.chat.completions.create(model="plainsay", messages=messages, **more)


def test_models_are_workspaces(ai):
    assert [m.id for m in ai.models.list()] == ["plainsay", "shop"]
    assert ai.models.retrieve("shop").owned_by == "plainsay"
    with pytest.raises(openai.NotFoundError) as refused:
        ai.models.retrieve("nowhere")
    assert refused.value.code == "model_not_found"


def test_a_completion_reads_as_text_with_receipts_beside_it(ai):
    done = chat(ai, "total revenue")
    choice = done.choices[0]
    assert choice.finish_reason == "stop" and choice.message.role == "assistant"
    text = choice.message.content or ""
    assert text.startswith(TEXT) and TABLE in text and "And by month?" in text and "#cell" not in text
    assert done.model == "shop" and done.id.startswith("chatcmpl-")
    assert done.usage is not None and done.usage.total_tokens == 0
    aside = done.model_extra["plainsay"]
    assert aside["status"] == "answered" and aside["confidence"] == 0.9
    assert aside["claims"][0] | {"text": "$114,000.00", "table": "t1", "row": "n"} == aside["claims"][0]
    assert aside["tables"][0]["rows"][0] == ["North", "114000.00"]


def test_a_stream_says_the_same_words(ai):
    whole = chat(ai, "total revenue").choices[0].message.content
    chunks = list(chat(ai, "total revenue", stream=True, stream_options={"include_usage": True}))
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == whole
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].choices == [] and chunks[-1].usage is not None
    assert chunks[-2].model_extra["plainsay"]["status"] == "answered"
    assert len({c.id for c in chunks}) == 1


def test_the_stream_helper_of_the_client_reads_it(ai):
    with ai.chat.completions.stream(model="shop", messages=[{"role": "user", "content": "total"}]) as stream:
        said = "".join(e.delta for e in stream if e.type == "content.delta")
        final = stream.get_final_completion()
    assert said == final.choices[0].message.content and said.startswith(TEXT)


def test_only_the_prose_for_voices(ai):
    done = chat(ai, "total revenue", extra_body={"plainsay": {"detail": "text"}})
    assert done.choices[0].message.content == TEXT


def test_parts_and_developer_messages_are_read(ai):
    messages: Any = [
        {"role": "developer", "content": "Answer in French."},
        {"role": "user", "content": [{"type": "text", "text": "total"}, {"type": "text", "text": "revenue"}]},
    ]
    assert (ai.chat.completions.create(model="shop", messages=messages).choices[0].message.content or "").startswith(
        TEXT
    )


FUNCTION = {"type": "function", "function": {"name": "f"}}
PICTURE = [{"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": "http://x"}}]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"n": 2}, "invalid_request"),
        ({"response_format": {"type": "json_object"}}, "unsupported_format"),
        ({"tool_choice": "required", "tools": [FUNCTION]}, "unsupported_tool_choice"),
        ({"messages": [{"role": "system", "content": "x"}]}, "no_question"),
        ({"messages": []}, "invalid_request"),
        ({"messages": [{"role": "user", "content": PICTURE}]}, "text_only"),
        ({"messages": [{"role": "user", "content": "x" * 4001}]}, "too_large"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_in_openais_shape(ai, more, code):
    body: Any = {"model": "shop", "messages": [{"role": "user", "content": "total"}]} | more
    with pytest.raises(openai.APIStatusError) as refused:
        ai.chat.completions.create(**body)
    assert refused.value.code == code and refused.value.type == "invalid_request_error"
    assert refused.value.status_code in (413, 422)


def test_tools_that_may_stay_unused_are_no_error(ai):
    tools: Any = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    assert chat(ai, "total", tools=tools, tool_choice="auto", temperature=0.2, max_tokens=5).choices[0].message.content


def test_a_run_that_breaks_is_an_error_of_the_client(ai):
    with pytest.raises(openai.APIStatusError) as refused:
        chat(ai, "fail")
    assert (refused.value.code, refused.value.status_code) == ("limit_reached", 422)
    assert "Ask for a shorter period" in refused.value.message
    with pytest.raises(openai.InternalServerError) as broken:
        chat(ai, "break")
    assert broken.value.response.headers["x-should-retry"] == "false" and "/a/path" not in broken.value.message
    with pytest.raises(openai.APIError) as cut:
        list(chat(ai, "fail", stream=True))
    assert cut.value.code == "limit_reached"


def test_a_question_back_is_text_and_its_answer_goes_on(serve):
    assistant = ScriptedAssistant()
    with serve(assistant) as served, client(served.url) as ai:
        asked = chat(ai, "clarify revenue")
        text = asked.choices[0].message.content or ""
        assert text == "Which revenue?\n\n1. Net revenue\n2. Gross revenue"
        assert asked.model_extra["plainsay"]["clarification"]["options"][0]["value"] == "net"
        chat(ai, "clarify revenue", text, "1")
    assert assistant.turns[1].text == "1" and assistant.turns[1].thread_id == assistant.turns[0].thread_id


def test_a_history_finds_its_thread_again_and_branches_do_not_mix(serve):
    assistant = ScriptedAssistant()
    with serve(assistant) as served, client(served.url) as ai:
        first = chat(ai, "total revenue").choices[0].message.content or ""
        second = chat(ai, "total revenue", first, "by month").choices[0].message.content or ""
        chat(ai, "total revenue", f"  {first}\n", "by month", second, "by day")
        chat(ai, "total revenue", first, "by week")
        chat(ai, "total revenue", "I made this up", "by week")
        chat(ai, "total revenue", first, "by month", user="someone else")
    threads = [t.thread_id for t in assistant.turns]
    assert threads[0] == threads[1] == threads[2] and len(set(threads)) == 4


def test_two_with_the_same_history_do_not_share_a_thread(serve):
    assistant = ScriptedAssistant(pause=0.01)

    async def both(url: str) -> None:
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="x", max_retries=0) as ai:

            async def say(*said: str) -> str:
                messages: Any = [{"role": ("user", "assistant")[i % 2], "content": t} for i, t in enumerate(said)]
                done = await ai.chat.completions.create(model="shop", messages=messages)
                return done.choices[0].message.content or ""

            firsts = await asyncio.gather(say("total"), say("total"))
            await asyncio.gather(*(say("total", f, "by month") for f in firsts))

    with serve(assistant) as served:
        asyncio.run(both(served.url))
    assert len({t.thread_id for t in assistant.turns}) == 2


def test_a_completion_stops_when_its_client_leaves(serve):
    assistant = ScriptedAssistant(lambda turn: [3600.0])
    with serve(assistant) as served, client(served.url) as ai:
        with chat(ai, "hang", stream=True) as stream:
            run = next(iter(stream)).id
        with pytest.raises(openai.APITimeoutError):
            chat(ai.with_options(timeout=0.3), "hang")
        deadline = time.monotonic() + 5
        while served.house.runs._tasks and time.monotonic() < deadline:
            time.sleep(0.02)
        assert served.house.runs._tasks == {}
        body = httpx.get(f"{served.url}/v1/runs/{run}/events").text
        assert '"type":"cancelled"' in body.replace(" ", "")


def test_a_response_whole_and_streamed(ai):
    whole = ai.responses.create(model="plainsay", input="total revenue")
    assert whole.status == "completed" and whole.output_text.startswith(TEXT) and TABLE in whole.output_text
    assert whole.usage is not None and whole.model_extra["plainsay"]["status"] == "answered"
    with ai.responses.stream(model="shop", input="total revenue") as stream:
        events = list(stream)
        final = stream.get_final_response()
    assert final.output_text == whole.output_text
    kinds = [e.type for e in events]
    begun = ["created", "in_progress", "output_item.added", "content_part.added"]
    ended = ["output_text.done", "content_part.done", "output_item.done", "completed"]
    assert kinds[:4] == [f"response.{k}" for k in begun] and kinds[-4:] == [f"response.{k}" for k in ended]
    assert [e.sequence_number for e in events] == list(range(len(events)))
    assert ai.responses.retrieve(final.id).output_text == whole.output_text


def test_a_response_goes_on_after_another(serve):
    assistant = ScriptedAssistant()
    with serve(assistant) as served, client(served.url) as ai:
        first = ai.responses.create(model="shop", input="total revenue")
        second = ai.responses.create(model="shop", input="by month", previous_response_id=first.id)
        listed: Any = [
            {"role": "user", "content": [{"type": "input_text", "text": "total revenue"}]},
            {"role": "assistant", "content": [{"type": "output_text", "text": first.output_text}]},
            {"role": "user", "content": "by week"},
        ]
        ai.responses.create(model="shop", input=listed)
        ai.responses.create(model="shop", input="in my thread", conversation="my-thread")
        with pytest.raises(openai.UnprocessableEntityError) as refused:
            ai.responses.create(model="shop", input="again", previous_response_id=first.id)
        assert refused.value.code == "not_the_last" and second.id in refused.value.message
        with pytest.raises(openai.NotFoundError):
            ai.responses.create(model="shop", input="again", previous_response_id="resp_none")
    threads = [t.thread_id for t in assistant.turns]
    assert threads[0] == threads[1] != threads[2] and threads[3] == "my-thread"


def test_a_response_in_the_background_is_polled_and_stopped(served, ai):
    response = ai.responses.create(model="shop", input="slow revenue", background=True)
    assert response.status == "in_progress"
    while response.status == "in_progress":
        time.sleep(0.05)
        response = ai.responses.retrieve(response.id)
    assert response.status == "completed" and response.output_text.startswith("Revenue was")
    stopped = ai.responses.cancel(ai.responses.create(model="shop", input="hang", background=True).id)
    assert stopped.status == "cancelled"
    failed = ai.responses.create(model="shop", input="fail", background=True)
    while failed.status == "in_progress":
        failed = ai.responses.retrieve(failed.id)
    assert failed.status == "failed" and failed.error is not None and "too long" in failed.error.message


def lines(url: str, run: str, after: int) -> list[str]:
    got = httpx.get(f"{url}/v1/responses/{run}", params={"stream": "true", "starting_after": after})
    return [line[6:] for line in got.text.splitlines() if line.startswith("data: ")]


def test_a_response_cut_at_every_event_is_the_same_transcript(served, ai):
    with ai.responses.create(model="shop", input="total revenue", stream=True) as stream:
        seen = [next(stream) for _ in range(5)]
    run = seen[0].response.id
    whole = lines(served.url, run, -1)
    assert [json.loads(w)["type"] for w in whole[:5]] == [s.type for s in seen]
    assert json.loads(whole[-1])["type"] == "response.completed"
    for cut in range(-1, len(whole)):
        assert lines(served.url, run, cut) == whole[cut + 1 :]
    rest = list(ai.responses.retrieve(run, stream=True, starting_after=4))
    assert [e.sequence_number for e in rest] == list(range(5, len(whole)))


def test_what_a_restart_took_back_is_not_in_the_final_response():
    from api.wires.openai_responses import ResponsesWire

    said = [
        {"type": "RUN_STARTED", "threadId": "t", "runId": "resp_f1"},
        {"type": "TEXT_MESSAGE_START", "messageId": "m1"},
        {"type": "TEXT_MESSAGE_CONTENT", "messageId": "m1", "delta": "Half a"},
        {"type": "TEXT_MESSAGE_END", "messageId": "m1"},
        {"type": "CUSTOM", "name": "analytics.superseded", "value": {"messageId": "m1"}},
        {"type": "TEXT_MESSAGE_START", "messageId": "m2"},
        {"type": "TEXT_MESSAGE_CONTENT", "messageId": "m2", "delta": "The whole."},
        {"type": "TEXT_MESSAGE_END", "messageId": "m2"},
        {"type": "RUN_FINISHED", "outcome": {"type": "success"}, "result": {"status": "answered"}},
    ]
    wire = ResponsesWire("resp_f1", "shop", 0)
    sent = [e for event in said for e in wire.feed(event)]
    last = sent[-1]["response"]
    assert [item["content"][0]["text"] for item in last["output"]] == ["The whole."]
    assert [e["item"]["status"] for e in sent if e["type"].endswith("item.done")] == ["incomplete", "completed"]


def test_a_key_opens_the_wire_and_a_wrong_one_does_not(serve, monkeypatch):
    monkeypatch.setenv("PLAINSAY_API_KEYS", "app:viewer=" + "k" * 30)
    with serve(hosts=None, keyed=True) as served:
        with client(served.url) as wrong, pytest.raises(openai.AuthenticationError) as refused:
            wrong.models.list()
        assert refused.value.type == "authentication_error"
        with openai.OpenAI(base_url=f"{served.url}/v1", api_key="k" * 30) as right:
            assert (chat(right, "total").choices[0].message.content or "").startswith(TEXT)
            assert right.responses.create(model="shop", input="total").output_text.startswith(TEXT)
