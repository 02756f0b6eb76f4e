"""What a brain decides: a plan of tool calls, a question back, or an honest no."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _M(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Step(_M):
    """One tool call. `title` is what a person reads while it runs."""

    tool: str
    args: dict[str, Any]
    title: str = ""


class Option(_M):
    """A choice. `patch` is a JSON merge patch (RFC 7396) on the plan's JSON: applying it needs no brain."""

    value: str
    label: str
    hint: str | None = None
    patch: dict[str, Any] = Field(default_factory=dict)


class Assumption(_M):
    """A choice the answer made, shown as an editable chip."""

    key: str
    label: str
    value: str
    display: str
    options: list[Option] = Field(default_factory=list)


class Plan(_M):
    """Steps by id ("s1", "s2" …), so that a merge patch can reach into one of them.

    `intent` tells the narrator what was asked: total, breakdown, trend, top, compare, records, count, describe.
    """

    kind: Literal["plan"] = "plan"
    intent: str
    steps: dict[str, Step]
    assumptions: list[Assumption] = Field(default_factory=list)
    confidence: float = Field(1.0, ge=0, le=1)
    hints: dict[str, Any] = Field(default_factory=dict, description="what the narrator may use, e.g. asked dimension")

    def patched(self, patch: dict[str, Any]) -> Plan:
        """The plan after a merge patch. The assumption whose option carries `patch` takes that option's value."""
        merged = merge_patch(self.model_dump(mode="json"), patch)
        plan = Plan.model_validate(merged)
        for assumption in plan.assumptions:
            chosen = next((o for o in assumption.options if o.patch == patch), None)
            if chosen is not None:
                assumption.value, assumption.display = chosen.value, chosen.label
        return plan


def evidence_number(key: str, position: int) -> int:
    """The number of a step's evidence: that of its id, so that a plan may leave out what it tried in vain."""
    return int(key[1:]) if key[:1] == "s" and key[1:].isdigit() else position


class Clarify(_M):
    """A question back, with options that each carry a whole plan as patch on an empty one."""

    kind: Literal["clarify"] = "clarify"
    question: str
    options: list[Option]
    allow_other: bool = True


class Decline(_M):
    """No, why, and the nearest questions that can be answered."""

    kind: Literal["decline"] = "decline"
    reason: str
    code: str
    nearest: list[str] = Field(default_factory=list)


Decision = Plan | Clarify | Decline


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396: objects merge by key, null removes, everything else replaces."""
    if not isinstance(patch, dict):
        return deepcopy(patch)
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result
