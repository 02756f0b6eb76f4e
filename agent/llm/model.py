"""A model as the brain uses it: one `chat` that knows what the server can do, when to rest it and what it may cost."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.llm.abilities import Abilities
from agent.llm.breaker import Breaker
from agent.llm.endpoint import Endpoint
from agent.llm.faults import ModelFault
from agent.llm.spend import Meter
from agent.llm.wire import Reply, Wire

MOST_TOKENS = 1500
_PATIENCE = 2.0
_SHAPES = 8
_FORGET_SECONDS = 900.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Request:
    """Messages, the tools on offer, and the JSON schema of a plan for servers without tools."""

    messages: Sequence[dict[str, Any]]
    tools: Sequence[dict[str, Any]] = ()
    schema: dict[str, Any] | None = None
    tokens: int = MOST_TOKENS


class Model:
    """One endpoint of this process; shared by all questions, thread-safe."""

    def __init__(self, endpoint: Endpoint, *, wire: Wire | None = None, breaker: Breaker | None = None) -> None:
        self.endpoint = endpoint
        self.wire = wire or Wire(endpoint)
        self.breaker = breaker or Breaker()
        self._abilities = Abilities()
        self._learned = 0.0

    @property
    def abilities(self) -> Abilities:
        """What the server is taken to be able to do; what it once refused is tried again after a while."""
        if self._learned and time.monotonic() - self._learned > _FORGET_SECONDS:
            self._abilities, self._learned = Abilities(), 0.0
        return self._abilities

    @abilities.setter
    def abilities(self, less: Abilities) -> None:
        self._abilities, self._learned = less, time.monotonic()

    def chat(self, request: Request, meter: Meter, hear: Callable[[str], None] | None = None) -> Reply:
        """The model's reply; one transient failure is tried again, unless text was already heard.

        Raises `ModelFault`.
        """
        call = _Call(self, request, meter, hear)
        for _ in range(_SHAPES):
            try:
                return call.once()
            except ModelFault as fault:
                if not call.again(fault):
                    _log.info("model fault", extra={"fault": fault.fault})
                    raise
        raise ModelFault("bad_request")


@dataclass
class _Call:
    model: Model
    request: Request
    meter: Meter
    hear: Callable[[str], None] | None
    heard: bool = False
    retried: bool = False
    body: dict[str, Any] = field(default_factory=dict)
    abilities: Abilities = field(init=False)

    def __post_init__(self) -> None:
        self.abilities = self.model.abilities

    def once(self) -> Reply:
        """Send the request in the form the server takes today."""
        seconds = self.meter.next_call()
        self.model.breaker.check()
        self.body = body_of(self.request, self.model.endpoint.model, self.abilities)
        began, reply = time.perf_counter(), None
        try:
            reply = self.model.wire.send(self.body, seconds, self._listen, self.meter.running)
        except ModelFault as fault:
            if self.abilities.without(fault, self.body) is None:
                self.model.breaker.failed(fault)
            else:
                self.model.breaker.worked()
            raise
        finally:
            size = len(json.dumps([self.body["messages"], self.body.get("tools")])) if reply is None else 0
            asked = size or sum(len(str(m.get("content"))) for m in self.body["messages"])
            self.meter.count(reply, asked, time.perf_counter() - began)
        self.model.breaker.worked()
        if self.abilities != self.model.abilities:
            self.model.abilities = self.abilities
        return reply

    def _listen(self, text: str) -> None:
        self.heard = True
        if self.hear is not None:
            self.hear(text)

    def again(self, fault: ModelFault) -> bool:
        """Whether to send once more: in a form that the server takes, or after a short wait for a passing fault."""
        less = self.abilities.without(fault, self.body) if self.body else None
        if less is not None:
            self.abilities = less
            return True
        wait = fault.retry_after if fault.retry_after is not None else 0.2
        if not fault.transient or self.retried or self.heard or self.model.breaker.open_for:
            return False
        if wait > min(_PATIENCE, self.meter.left / 4):
            return False
        self.retried = True
        time.sleep(wait)
        return True


def body_of(request: Request, name: str, abilities: Abilities) -> dict[str, Any]:
    """The request as the endpoint takes it; tools become a JSON format where there are none."""
    body: dict[str, Any] = {"model": name, "messages": list(request.messages)}
    if request.tools and abilities.form == "tools":
        body["tools"] = list(request.tools)
    elif request.tools and request.schema is not None and abilities.form == "json_schema":
        shape = {"name": "step", "schema": request.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": shape}
    elif request.tools and abilities.form == "json_object":
        body["response_format"] = {"type": "json_object"}
    return abilities.shaped(body, request.tokens)
