"""Training again in the background: what a job does with a registered model, and which models a load made stale."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from store.errors import NotEnough
from store.principal import LOCAL_OWNER

if TYPE_CHECKING:
    from api.shelf import Shelf
    from tools.registry import ToolContext
    from warehouse.engines.base import Engine
    from warehouse.workspace import Workspace

MOST_AT_ONCE = 5
Tell = Callable[[str, float | None], None]


class Training:
    """Blocking, run in a thread of a job; `engine` waits until there is one."""

    def __init__(self, shelf: Shelf, engine: Callable[[], Engine]) -> None:
        self._shelf, self._engine = shelf, engine

    def again(self, place: Workspace, model_id: str, tell: Tell) -> dict[str, Any]:
        """Train a model on the newest data; {"trained": its entry in the register}.

        Raises `UnknownName`, and `NotEnough` with the reason when the newest data do not carry it.
        """
        from tools import trained

        tell("Training on the newest data", None)
        model = trained.retrain(self._context(place), model_id)
        if model.state == "failed":
            raise NotEnough(" ".join(model.drift) or "It could not be trained again.", code="training_failed")
        return {"trained": model.model_dump(mode="json", include={"id", "tool", "state", "now"})}

    def stale(self, place: Workspace) -> list[str]:
        """Models that no longer fit the data that were just loaded, a few at most, the last trained first."""
        from tools import trained

        if not trained.Register(place.root).all():
            return []
        drifted = [m.id for m in trained.overdue(self._context(place)) if m.state == "drifted"]
        return drifted[:MOST_AT_ONCE]

    def _context(self, place: Workspace) -> ToolContext:
        from tools.registry import ToolContext

        view = self._shelf.views.get(place.name)
        return ToolContext(
            workspace=view.workspace, principal=LOCAL_OWNER, model=view.model, profile=view.profile,
            engine=self._engine(), snapshot=view.snapshot, as_of=datetime.now(),
        )  # fmt: skip
