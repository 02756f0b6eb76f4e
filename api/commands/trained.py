"""`plainsay trained`: what was learned, with which error, whether it still holds, and training it again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.ask import WorkspaceOption
from api.commands.common import chosen, telling_errors, write_json

if TYPE_CHECKING:
    from tools.trained import Model


def trained(
    workspace: WorkspaceOption = None,
    check: Annotated[bool, typer.Option(help="Look for drift on data loaded since.")] = False,
    retrain: Annotated[bool, typer.Option(help="Train again what drifted.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what was trained on which snapshot with which error; check it, or train again what no longer holds."""
    from store.principal import LOCAL_OWNER
    from tools import trained as register
    from tools.registry import ToolContext
    from warehouse.engines.duckdb import DuckDBEngine

    with telling_errors():
        view = chosen(workspace).view()
        engine = DuckDBEngine(workers=1)
        try:
            context = ToolContext(
                workspace=view.workspace, principal=LOCAL_OWNER, model=view.model, profile=view.profile, engine=engine,
                snapshot=view.snapshot, as_of=datetime.now(),
            )  # fmt: skip
            checked = register.overdue(context) if check or retrain else []
            for model in (m for m in checked if retrain and m.state == "drifted"):
                register.retrain(context, model.id)
        finally:
            engine.close()
        found = register.Register(view.workspace.root).all()
    if as_json:
        write_json([m.model_dump(mode="json") for m in found])
        return
    for model in found:
        _tell(model)
    if not found:
        typer.echo("Nothing was trained yet. Ask for a forecast, such as “What will revenue be next month?”")


def _tell(model: Model) -> None:
    figures = ", ".join(f"{n.replace('_', ' ')} {v:.4g}" for n, v in list(model.now.figures.items())[:4])
    typer.echo(
        f"{model.id}  {model.state:9} {model.tool:14} snapshot {model.now.snapshot}, {model.now.at:%Y-%m-%d %H:%M}"
    )
    typer.echo(f"{'':16}{model.method}: {figures}")
    for sentence in model.drift:
        typer.echo(f"{'':16}! {sentence}")
