"""The one door through which a skill joins the house: ours and an outsider's tools register with the same call."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from store import rights
from store.errors import ConfigProblem, InvalidRequest, QueryRefused, unknown
from store.principal import Principal
from store.rights import Right
from tools import trained
from tools.evidence import Evidence
from tools.factbook.weigh import stamp
from tools.privacy import gate
from warehouse import sight
from warehouse.engines.base import Engine
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile
from warehouse.snapshot import Snapshot
from warehouse.workspace import Workspace


@dataclass
class ToolContext:
    """What a tool may use, and nothing else: the asker, the engine behind the gate, and what today means.

    Model and profile lose what policies hide from the asker, so that no tool can tell it.
    """

    workspace: Workspace
    principal: Principal
    model: SemanticModel
    profile: DataProfile
    engine: Engine
    snapshot: Snapshot
    as_of: datetime
    evidence_id: str = "e1"
    deadline: float | None = None
    progress: Callable[[str, float | None], None] = field(default=lambda _text, _share: None)

    def __post_init__(self) -> None:
        whole = self.model
        self.principal = self.principal.within(self.workspace.name)
        self.model = sight.model_for(whole, self.principal)
        self.profile = sight.profile_for(whole, self.profile, self.principal)


@dataclass(frozen=True)
class Tool:
    """A registered skill. `summary` is the first docstring sentence (for who chooses), `doing` the progress line.

    `example` is a question that it answers, `needs` the data that it takes, both in plain words for people. One that
    `writes` changes what the workspace remembers: a person may call it, a language model may not. `asks` is the right
    of whoever calls it.
    """

    name: str
    summary: str
    doing: str
    args: type[BaseModel]
    call: Callable[[ToolContext, Any], Evidence]
    example: str = ""
    needs: str = ""
    writes: bool = False
    asks: Right | None = None

    def run(self, context: ToolContext, args: dict[str, Any]) -> Evidence:
        """Validate `args` and run. Raises `InvalidRequest` naming the first field that fails, `QueryRefused` without
        the right that the tool asks for; one that asks for none runs for nobody."""
        if self.asks is None:
            raise QueryRefused(f"Nobody may use {self.name}: it names no right.", code="tool_unlisted")
        context.principal.require(self.asks)
        try:
            typed = self.args.model_validate(args)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(p) for p in first["loc"]) or "arguments"
            raise InvalidRequest(
                f"The tool {self.name} cannot use the value of `{where}`: {first['msg']}.",
                details={"field": where, "tool": self.name},
            ) from error
        context, typed = gate.prepared(context, self.name, typed)
        found = stamp(gate.checked(context, self.name, self.call(context, typed)))
        if self.name in trained.LEARNED:
            trained.remember(context, found)
        return found


_Skill = Callable[[ToolContext, Any], Evidence]
_TOOLS: dict[str, Tool] = {}


def tool(
    name: str, *, example: str = "", needs: str = "", writes: bool = False, asks: Right | None = None
) -> Callable[[_Skill], _Skill]:
    """Register a function `(context, args) -> Evidence` as tool `name`; the schema comes from the type of `args`.

    The docstring's first sentence is for the planner, the second is the progress line a person reads.
    `asks` is the right that an outsider's tool wants; ours have theirs in the table of `store.rights`.
    Raises `ConfigProblem` at import for a missing docstring, an untyped argument or a name that is taken.
    """

    def register(function: _Skill) -> _Skill:
        sentences = [s.strip() for s in (inspect.getdoc(function) or "").split("\n\n")[0].split(". ") if s.strip()]
        if len(sentences) < 2:
            raise ConfigProblem(f"The tool {name} needs a docstring of two sentences: what it does, and doing what.")
        hints = inspect.get_annotations(function, eval_str=True)
        args = [t for n, t in hints.items() if n not in ("return", "context")]
        if len(args) != 1 or not issubclass(args[0], BaseModel):
            raise ConfigProblem(f"The tool {name} needs one typed argument besides its context.")
        if name in _TOOLS:
            raise ConfigProblem(f"Two tools are called {name}.")
        summary, doing = f"{sentences[0].rstrip('.')}.", sentences[1].rstrip(".")
        _TOOLS[name] = Tool(
            name, summary, doing, args[0], function, example, needs, writes, asks=rights.TOOLS.get(name, asks)
        )
        return function

    return register


def load_builtin() -> None:
    """Import our own tools, which register like anybody's."""
    from tools import (  # noqa: F401
        anomalies,
        benchmark,
        correlate,
        describe_data,
        explain_change,
        forecast,
        funnel,
        list_records,
        look_up,
        pacing,
        query_metrics,
        reach,
        retention,
        run_sql,
        sources,
        survival,
        trend,
        what_if,
    )
    from tools.churn import tool as _churn  # noqa: F401
    from tools.insights import tool as _insights  # noqa: F401
    from tools.lifetime import tool as _lifetime  # noqa: F401
    from tools.segments import saving  # noqa: F401


def get(name: str) -> Tool:
    """The tool `name`. Raises `UnknownName`."""
    load_builtin()
    if name not in _TOOLS:
        raise unknown("tool", name, _TOOLS)
    return _TOOLS[name]


def all_tools() -> list[Tool]:
    """All registered tools by name."""
    load_builtin()
    return [_TOOLS[n] for n in sorted(_TOOLS)]
