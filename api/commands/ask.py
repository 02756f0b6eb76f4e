"""`plainsay ask`: one question, one answer, from any file or workspace."""

from __future__ import annotations

import asyncio
import threading
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.commands.common import Place, parse_as_of, place, shown_progress, telling_errors, write_json

if TYPE_CHECKING:
    from agent.answer import Answer

EXIT_CODES = {"answered": 0, "clarify": 3, "declined": 4}
BrainName = Literal["auto", "builtin", "llm"]

DataOption = Annotated[
    list[Path] | None,
    typer.Option("--data", help="CSV, TSV, JSON, Parquet, Excel, DuckDB or SQLite file, or a folder."),
]
WorkspaceOption = Annotated[str | None, typer.Option("--workspace", help="A workspace that was loaded before.")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", help="What “today” means, as 2026-01-31.")]


def ask(  # noqa: PLR0913  a command lists its options as parameters
    question: Annotated[str, typer.Argument(help="What you want to know, in plain English.")],
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    brain: Annotated[str, typer.Option(help="auto, builtin or model.")] = "auto",
    glossary: Annotated[Path | None, typer.Option(help="Text file with one business definition a line.")] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="A short report around the answer: what moved it, stands out, is ahead.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")] = False,
) -> None:
    """Ask a question in plain English. Exit code: 0 answered, 3 asked back, 4 declined."""
    with telling_errors():
        moment, lines = parse_as_of(as_of), _glossary(glossary)
        brain = _brain(brain)
        _warm()
        with shown_progress(quiet=as_json) as progress, place(data or [], workspace, progress) as where:
            answer = asyncio.run(_answer(where, _Asked(question, moment, brain, tuple(lines), deep)))
        _say(answer, as_json=as_json)
    raise typer.Exit(EXIT_CODES[answer.status])


def _say(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        write_json(answer.model_dump(mode="json"))
        return
    from rich.console import Console

    from api.commands.render import show

    show(answer, Console())


def _brain(name: str) -> str:
    """The brain of that name; `model` and `llm` are the same."""
    from store.errors import InvalidRequest

    known = {"auto": "auto", "builtin": "builtin", "model": "llm", "llm": "llm"}
    if name not in known:
        raise InvalidRequest(f"There is no brain called “{name}”.", hint="Use auto, builtin or model.")
    return known[name]


def _glossary(path: Path | None) -> tuple[str, ...]:
    if path is None:
        return ()
    from knowledge.glossary import read_glossary

    return read_glossary(path)


def _warm() -> None:
    """Import the graph library while files are read in their own process: together they take the time of the longer."""

    def load() -> None:
        import langgraph.checkpoint.sqlite.aio
        import langgraph.graph  # noqa: F401

        import agent.assistant
        import agent.nodes  # noqa: F401

    threading.Thread(target=load, daemon=True, name="warm-imports").start()


@dataclass(frozen=True)
class _Asked:
    """The question with its options."""

    question: str
    as_of: datetime | None
    brain: str
    glossary: tuple[str, ...]
    deep: bool


async def _answer(where: Place, asked: _Asked) -> Answer:
    from agent.assistant import Assistant
    from agent.turn import Turn

    assistant = Assistant(home=where.home, workers=1)
    assistant.prewarm(where.workspace)
    await assistant.start()
    try:
        run = uuid.uuid4().hex
        turn = Turn(
            workspace=where.workspace,
            thread_id=f"cli-{run}",
            run_id=run,
            text=asked.question,
            as_of=asked.as_of,
            brain=asked.brain,  # type: ignore[arg-type]
            glossary=asked.glossary,
            deep=asked.deep,
        )
        return await assistant.ask(turn)
    finally:
        await assistant.aclose()
