"""`plainsay ingest`, `query`, `tool` and `tools`: data and figures without any language involved."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.ask import AsOfOption, DataOption, WorkspaceOption
from api.commands.common import Place, load, parse_as_of, place, shown_progress, telling_errors, write_json
from store.errors import InvalidRequest

if TYPE_CHECKING:
    from ingestion.pipeline import LoadReport
    from tools.registry import Tool, ToolContext
    from warehouse.model.schema import SemanticModel
    from warehouse.workspace import Workspace

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders to load.")],
    workspace: Annotated[
        str, typer.Option(help="The workspace to load into; made when it does not exist.")
    ] = "my-data",
    as_json: JsonOption = False,
) -> None:
    """Load files into a workspace and work out what they mean."""
    from store import settings
    from warehouse.workspace import named

    with telling_errors():
        with shown_progress(quiet=as_json) as progress:
            where = load(settings.home(), workspace, paths, progress)
        report = where.report
        if as_json and report is not None:
            write_json(report.model_dump(mode="json"))
        elif report is not None:
            _tell_report(report, workspace)
            _tell_news(named(workspace, settings.home()))


def _tell_news(workspace: Workspace) -> None:
    """What the installed packs could do with the data as they are now."""
    from tools.binding import uses

    for one in uses.news(workspace):
        more = f"add {', '.join(one.more)}" if one.more else ""
        fewer = f"take away {', '.join(one.fewer)}" if one.fewer else ""
        typer.echo(f"Binding the pack {one.pack} again would {' and '.join(t for t in (more, fewer) if t)}:")
        typer.echo(f"  plainsay packs upgrade {one.pack} --workspace {workspace.name}")


def _tell_report(report: LoadReport, workspace: str) -> None:
    for table in report.tables:
        typer.echo(f"{table.name}: {table.rows:,} rows from {Path(table.origin).name}")
        for warning in table.warnings:
            typer.echo(f"  note: {warning}")
    for problem in report.problems:
        where = f"{problem.file}, line {problem.line}" if problem.line else problem.file
        typer.secho(f"{where}: {problem.reason} {problem.hint or ''}".rstrip(), fg="red", err=True)
    typer.echo(f'Ask with: plainsay ask --workspace {workspace} "what can I ask?"')


def _read_model(file: Path) -> SemanticModel:
    from warehouse.model.store import load as load_model

    return load_model(file)


def query(
    file: Annotated[Path, typer.Argument(help="A MetricQuery as JSON; - reads standard input.")],
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    model: Annotated[
        Path | None, typer.Option(help="Use this semantic model (YAML) instead of the workspace's.")
    ] = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    sql_only: Annotated[bool, typer.Option("--sql-only", help="Print the SQL and run nothing.")] = False,
) -> None:
    """Run a MetricQuery: typed in, numbers out, no language involved."""
    with telling_errors():
        asked, moment = _json_argument(file), parse_as_of(as_of)
        with shown_progress(quiet=True) as progress, place(data or [], workspace, progress) as where:
            if sql_only:
                typer.echo(_sql(where, asked, model, moment))
                return
            _run_tool(where, "query_metrics", {"query": asked}, as_of=moment, model=model, as_json=as_json)


def tool(
    name: Annotated[str, typer.Argument(help="A tool's name; `plainsay tools` lists them.")],
    args: Annotated[str, typer.Option(help="Its arguments as JSON.")] = "{}",
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run one analytic tool with typed arguments."""
    with telling_errors():
        parsed, moment = _parse_json(args, "--args"), parse_as_of(as_of)
        with shown_progress(quiet=True) as progress, place(data or [], workspace, progress) as where:
            _run_tool(where, name, parsed, as_of=moment, model=None, as_json=as_json)


def tools(as_json: JsonOption = False) -> None:
    """List the analytic tools, each with a question that it answers and the data that it needs."""
    from tools.registry import all_tools

    if as_json:
        write_json([tool_as_json(t) for t in all_tools()])
        return
    for found in all_tools():
        typer.echo(f"{found.name:16} {found.summary}")
        for head, text in (("ask", found.example), ("needs", found.needs)):
            if text:
                typer.echo(f"{'':16} {head + ':':6} {text}")


def tool_as_json(tool: Tool) -> dict[str, Any]:
    """A skill as programs see it."""
    return {
        "name": tool.name, "summary": tool.summary, "example": tool.example, "needs": tool.needs,
        "args": tool.args.model_json_schema(),
    }  # fmt: skip


def _json_argument(file: Path) -> dict[str, Any]:
    if str(file) == "-":
        return _parse_json(typer.get_text_stream("stdin").read(), "standard input")
    if not file.is_file():
        raise InvalidRequest(f"There is no file {file}.", hint="Give a file with a MetricQuery as JSON, or -.")
    return _parse_json(file.read_text(encoding="utf-8"), file.name)


def _parse_json(text: str, where: str) -> dict[str, Any]:
    import json

    try:
        parsed = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidRequest(
            f"{where} is not JSON: {error.msg} in line {error.lineno}, column {error.colno}.",
            details={"line": error.lineno, "column": error.colno},
        ) from error
    if not isinstance(parsed, dict):
        raise InvalidRequest(f"{where} must hold a JSON object.")
    return parsed


def _sql(where: Place, asked: dict[str, Any], model: Path | None, as_of: datetime | None) -> str:
    from pydantic import ValidationError

    from store.principal import LOCAL_OWNER
    from warehouse.compiler import compile_query
    from warehouse.query import MetricQuery

    view = where.view()
    try:
        typed = MetricQuery.model_validate(asked)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(p) for p in first["loc"])
        raise InvalidRequest(f"The query cannot be used: {at}: {first['msg']}.", details={"field": at}) from error
    meaning = _read_model(model) if model else view.model
    now = as_of or datetime.now()
    return compile_query(meaning, typed, profile=view.profile, as_of=now, principal=LOCAL_OWNER).sql


def _run_tool(
    where: Place, name: str, args: dict[str, Any], *, as_of: datetime | None, model: Path | None, as_json: bool
) -> None:
    from rich.console import Console

    from api.commands.render import show_table
    from tools import registry
    from warehouse.engines.duckdb import DuckDBEngine

    found = registry.get(name)
    engine = DuckDBEngine(workers=1)
    try:
        evidence = found.run(_context(where, engine, as_of, model), args)
    finally:
        engine.close()
    if as_json:
        write_json(evidence.model_dump(mode="json"))
        return
    for table in (t for t in evidence.tables if t.kind == "main"):
        show_table(table, Console())
    for warning in evidence.warnings:
        typer.echo(f"Note: {warning.message}")


def _context(where: Place, engine: Any, as_of: datetime | None, model: Path | None) -> ToolContext:
    from store.principal import LOCAL_OWNER
    from tools.registry import ToolContext

    view = where.view()
    return ToolContext(
        workspace=view.workspace,
        principal=LOCAL_OWNER,
        model=_read_model(model) if model else view.model,
        profile=view.profile,
        engine=engine,
        snapshot=view.snapshot,
        as_of=as_of or datetime.now(),
    )
