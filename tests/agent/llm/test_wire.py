"""Every way a server can fail ends in time, as a fault with a name; what a server cannot do is asked otherwise."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from agent.llm.abilities import Abilities
from agent.llm.breaker import Breaker
from agent.llm.endpoint import Endpoint, configured
from agent.llm.faults import ModelFault
from agent.llm.model import Request
from agent.llm.spend import Limits, Meter
from evals.fakes.model_server import FAULTS, LACKS, Call, ModelServer, Reply
from store.errors import ConfigProblem

EXPECTED = {
    "rate_limited": "rate_limited", "unauthorised": "unauthorised", "forbidden": "unauthorised",
    "no_model": "no_model", "server_error": "failed", "bad_gateway": "failed", "overloaded": "overloaded",
    "too_long": "bad_request", "bad_request": "bad_request", "stalled": "timeout", "trickle": "timeout",
    "cut": "cut", "garbage": "garbage", "no_choices": "garbage", "error_event": "failed", "endless": "too_long",
    "reset": "cut", "not_utf8": "garbage", "slow": "timeout", "html": "garbage", "wrong_schema": "garbage",
    "empty": "garbage", "redirect": "refused",
}  # fmt: skip
MOST_SECONDS = 20.0  # far more than the patience given, far less than a server that never ends
BODY = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "hello"}]}
TOOL = {"type": "function", "function": {"name": "say", "parameters": {"type": "object"}}}
REQUEST = Request([{"role": "user", "content": "hello"}], [TOOL], {"type": "object"})


def endpoint(server: ModelServer) -> Endpoint:
    return Endpoint(server.url, "m", "k-secret")


def test_every_fault_is_expected() -> None:
    assert set(EXPECTED) == set(FAULTS)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_has_its_name_and_ends_in_time(fault: str, serve, wire) -> None:
    server = serve(lambda _asked: Reply(text="some words " * 20, fault=fault))
    began = time.perf_counter()
    with pytest.raises(ModelFault) as caught:
        wire(endpoint(server)).send(BODY, 0.4 if EXPECTED[fault] == "timeout" else MOST_SECONDS)
    assert caught.value.fault == EXPECTED[fault]
    assert time.perf_counter() - began < MOST_SECONDS
    assert "k-secret" not in f"{caught.value!r} {caught.value.detail}"


def test_nobody_listens(serve, wire) -> None:
    server = serve(lambda _asked: Reply(text="x"))
    server.close()
    with pytest.raises(ModelFault) as caught:
        wire(endpoint(server)).send(BODY, 2)
    assert caught.value.fault == "refused"


def test_no_safe_connection(serve, wire) -> None:
    server = serve(lambda _asked: Reply(text="x"))
    with pytest.raises(ModelFault) as caught:
        wire(Endpoint(f"https://127.0.0.1:{server.port}/v1", "m")).send(BODY, 2)
    assert caught.value.fault == "tls"


@pytest.mark.parametrize("stream", [True, False])
def test_text_calls_and_counts_come_whole(stream: bool, serve, wire) -> None:
    calls = (Call("say", {"word": "a" * 300}), Call("say", "{broken"))
    server = serve(lambda _asked: Reply(text="Hello there, world. " * 5, calls=calls))
    heard: list[str] = []
    body = {**BODY, "stream": stream} | ({"stream_options": {"include_usage": True}} if stream else {})
    reply = wire(endpoint(server)).send(body, 5, heard.append)
    assert reply.text == "Hello there, world. " * 5
    assert [(c.name, c.arguments) for c in reply.calls] == [("say", calls[0].text), ("say", "{broken")]
    assert reply.read is not None
    assert "".join(heard) == (reply.text if stream else "")


@pytest.mark.parametrize("lacks", [*[(x,) for x in LACKS], LACKS, ()])
def test_what_a_server_lacks_is_done_without(lacks: tuple[str, ...], serve, model_of) -> None:
    server = serve(lambda asked: Reply(text='{"tool": "say"}'), lacks=lacks)
    model = model_of(endpoint(server))
    for _ in range(2):
        assert model.chat(REQUEST, Meter(model.endpoint, Limits())).text == '{"tool": "say"}'
    refused = sum(("tools" in a.body or "response_format" in a.body) for a in server.asked[-1:])
    assert model.abilities.form == ("tools" if "no_tools" not in lacks else "json_schema" if lacks != LACKS else "text")
    assert refused == (0 if lacks == LACKS else 1)
    assert model.breaker.open_for == 0


def test_a_refusal_that_explains_nothing_is_not_remembered(serve, model_of) -> None:
    server = serve(lambda _asked: Reply(fault="too_long"))
    model = model_of(endpoint(server))
    with pytest.raises(ModelFault):
        model.chat(REQUEST, Meter(model.endpoint, Limits()))
    assert model.abilities == Abilities()


@pytest.mark.parametrize(
    ("said", "less"),
    [
        ("Unsupported parameter: use max_completion_tokens", replace(Abilities(), limit="max_completion_tokens")),
        ("temperature does not support 0", replace(Abilities(), temperature=False)),
    ],
)
def test_request_fields_are_changed_as_told(said: str, less: Abilities) -> None:
    fault = ModelFault("bad_request", detail=said)
    assert Abilities().without(fault, {"tools": [TOOL]}) == less


def test_a_passing_fault_is_tried_once_more_and_no_more(serve, model_of) -> None:
    server = serve(lambda asked: Reply(fault="server_error") if asked.number < 1 else Reply(text="fine"))
    model = model_of(endpoint(server))
    assert model.chat(REQUEST, Meter(model.endpoint, Limits())).text == "fine"
    always = serve(lambda _asked: Reply(fault="server_error"))
    failing = model_of(endpoint(always))
    with pytest.raises(ModelFault):
        failing.chat(REQUEST, Meter(failing.endpoint, Limits()))
    assert len(always.asked) == 2


def test_a_server_that_says_when_is_left_alone_until_then(serve, model_of) -> None:
    server = serve(lambda _asked: Reply(fault="rate_limited", retry_after=60))
    model = model_of(endpoint(server))
    for _ in range(3):
        with pytest.raises(ModelFault):
            model.chat(REQUEST, Meter(model.endpoint, Limits()))
    assert len(server.asked) == 1
    assert 50 < model.breaker.open_for <= 60


def test_the_breaker_opens_rests_longer_and_closes() -> None:
    now = [0.0]
    breaker = Breaker(lambda: now[0], rest=10)
    for _ in range(3):
        breaker.check()
        breaker.failed(ModelFault("failed"))
    assert breaker.open_for == 10
    now[0] = 11
    breaker.check()
    with pytest.raises(ModelFault, match="left alone"):
        breaker.check()  # one call tests it, nobody else
    breaker.failed(ModelFault("failed"))
    assert breaker.open_for == 20
    now[0] = 40
    breaker.check()
    breaker.worked()
    breaker.check()
    assert breaker.open_for == 0


def test_a_key_alone_turns_nothing_on(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k-secret")
    assert configured() is None
    monkeypatch.setenv("PLAINSAY_MODEL", "m")
    found = configured()
    assert found is not None
    assert (found.url, found.key) == ("https://api.openai.com/v1", "k-secret")
    assert "k-secret" not in repr(found)
    (tmp_path / "key").write_text("from-file\n")
    monkeypatch.setenv("PLAINSAY_MODEL_KEY_FILE", str(tmp_path / "key"))
    assert configured().key == "from-file"  # type: ignore[union-attr]
    monkeypatch.setenv("PLAINSAY_MODEL_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(ConfigProblem):
        configured()


def test_only_the_header_holds_the_key(serve, wire) -> None:
    server = serve(lambda _asked: Reply(text="x"), key="k-secret")
    assert wire(endpoint(server)).send(BODY, 2).text == "x"
    assert "k-secret" not in str([a.body for a in server.asked])


def test_a_stopped_question_ends_its_call(serve, model_of) -> None:
    import threading

    server = serve(lambda _asked: Reply(fault="slow"))
    model = model_of(endpoint(server))
    meter = Meter(model.endpoint, Limits())
    threading.Timer(0.2, meter.stop).start()
    began = time.perf_counter()
    with pytest.raises(ModelFault) as caught:
        model.chat(REQUEST, meter)
    assert caught.value.fault == "stopped"
    assert time.perf_counter() - began < MOST_SECONDS
    with pytest.raises(ModelFault):
        meter.next_call()
