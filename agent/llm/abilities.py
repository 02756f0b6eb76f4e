"""What an endpoint can do, learned from what it refuses, so that servers without tools or JSON still serve."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from agent.llm.faults import ModelFault

Form = Literal["tools", "json_schema", "json_object", "text"]
_NEXT: dict[Form, Form] = {"tools": "json_schema", "json_schema": "json_object", "json_object": "text"}


@dataclass(frozen=True)
class Abilities:
    """How to speak to an endpoint. `form` is how plans are asked for, best first; the rest are request fields."""

    form: Form = "tools"
    stream: bool = True
    usage: bool = True
    temperature: bool = True
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"

    def without(self, fault: ModelFault, body: dict[str, Any]) -> Abilities | None:
        """Less of what the server just refused; None when nothing in the request explains the refusal."""
        if fault.fault not in ("bad_request", "failed", "no_model"):
            return None
        said = fault.detail.casefold()
        if "max_completion_tokens" in said and self.limit == "max_tokens":
            return replace(self, limit="max_completion_tokens")
        if "temperature" in said and self.temperature:
            return replace(self, temperature=False)
        if "stream" in said and "stream_options" in body and ("option" in said or "usage" in said):
            return replace(self, usage=False)
        if "usage" in said and self.usage:
            return replace(self, usage=False)
        if "stream" in said and self.stream:
            return replace(self, stream=False)
        return self._simpler(said, fault, body)

    def _simpler(self, said: str, fault: ModelFault, body: dict[str, Any]) -> Abilities | None:
        """A server that chokes on tools or on a format is asked in the next simpler form."""
        shaped = "tools" in body or "response_format" in body
        named = any(w in said for w in ("tool", "function", "response_format", "json", "format", "schema", "grammar"))
        if not shaped or self.form == "text" or (fault.fault == "no_model" and not named):
            return None
        if fault.fault == "failed" and not named and self.form == "tools":
            return None
        return replace(self, form=_NEXT[self.form])

    def shaped(self, body: dict[str, Any], tokens: int) -> dict[str, Any]:
        """The request with the fields that this endpoint takes."""
        shaped = {**body, self.limit: tokens, "stream": self.stream}
        if self.temperature:
            shaped["temperature"] = 0
        if self.stream and self.usage:
            shaped["stream_options"] = {"include_usage": True}
        return shaped
