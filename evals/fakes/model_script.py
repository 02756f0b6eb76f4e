"""Scripts for the model server as files: what is said when, so that a scenario can be read, kept and run anywhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from evals.fakes.model_server import Asked, Call, ModelServer, Reply, Script


class _M(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ScriptedCall(_M):
    """A tool call of a scenario; `arguments` may be text that is no JSON."""

    tool: str
    arguments: dict[str, Any] | str = Field(default_factory=dict)


class Line(_M):
    """One reply with its conditions: words in the last message, a tool on offer, the turn of the conversation."""

    when: str = Field("", description="text that the last message must hold, whatever the case")
    offered: str = Field("", description="a tool that must be on offer; `none` for a request without tools")
    say: str = ""
    calls: list[ScriptedCall] = Field(default_factory=list)
    fault: str = ""
    delay: float = 0.0
    retry_after: float = 1.0
    times: int = Field(0, description="how often the line may be used; 0 means always")


class Scenario(_M):
    """A named list of lines; the first that fits a request answers it."""

    name: str
    about: str
    lacks: list[str] = Field(default_factory=list)
    lines: list[Line]

    def script(self) -> Script:
        """The scenario as a script with its own counters."""
        return _Player(self.lines)


class _Player:
    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._used = [0] * len(lines)
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Reply:
        with self._lock:
            for number, line in enumerate(self._lines):
                if _fits(line, asked) and (not line.times or self._used[number] < line.times):
                    self._used[number] += 1
                    return _reply(line)
        return Reply(fault="server_error", text="the script has no line for this")


def _fits(line: Line, asked: Asked) -> bool:
    if line.offered == "none" and asked.tools:
        return False
    if line.offered not in ("", "none", *asked.tools):
        return False
    return line.when.casefold() in str(asked.last.get("content") or "").casefold()


def _reply(line: Line) -> Reply:
    calls = tuple(Call(c.tool, c.arguments) for c in line.calls)
    return Reply(text=line.say, calls=calls, fault=line.fault, delay=line.delay, retry_after=line.retry_after)


def scenario(name: str) -> Scenario:
    """One of the scenarios that come with the house."""
    text = resources.files("evals.fakes").joinpath("scenarios", f"{name}.yaml").read_text("utf-8")
    return Scenario.model_validate(yaml.safe_load(text))


def read(path: Path) -> Scenario:
    """A scenario of one's own."""
    return Scenario.model_validate(yaml.safe_load(path.read_text("utf-8")))


def main(path: str) -> None:
    """`python -m evals.fakes.model_script FILE` serves a scenario until interrupted, and says where."""
    found = read(Path(path))
    with ModelServer(found.script(), lacks=tuple(found.lacks)) as server:
        sys.stdout.write(f"OPENAI_BASE_URL={server.url} OPENAI_API_KEY=scripted PLAINSAY_MODEL=scripted-1\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
