"""What all turns of a process share about models: one endpoint, its breaker, the ledger and remembered plans."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from agent.brain import Brain
from agent.llm.brain import ModelBrain, Surroundings
from agent.llm.breaker import Breaker
from agent.llm.endpoint import Endpoint, configured
from agent.llm.memory import Memory
from agent.llm.model import Model
from agent.llm.spend import FILE, Ledger, Limits, Meter
from store import settings
from store.errors import ConfigProblem, InvalidRequest
from tools.evidence import Caveat

if TYPE_CHECKING:
    from agent.desk import Desk


class ModelHouse:
    """Gives each turn its brain. Thread-safe; settings are read at every turn, so a key may come later."""

    def __init__(self, home: Path) -> None:
        self._lock = threading.Lock()
        self._model: Model | None = None
        self._ledger = Ledger(home / FILE)
        self._memory = Memory()

    def model(self) -> Model | None:
        """The configured model, the same object while the settings stay. Raises `ConfigProblem`."""
        endpoint = configured()
        with self._lock:
            if self._model is not None and self._model.endpoint != endpoint:
                self._model.wire.close()
                self._model = None
            if endpoint is not None and self._model is None:
                self._model = Model(endpoint, breaker=Breaker(rest=settings.get("model_rest_seconds")))
            return self._model

    def close(self) -> None:
        """Close the connections to the model."""
        with self._lock:
            if self._model is not None:
                self._model.wire.close()

    def warm(self) -> None:
        """Import the client in the background when a model is set up."""
        if self._endpoint() is not None:
            from agent.llm.wire import warm

            threading.Thread(target=warm, daemon=True, name="warm-model").start()

    def _endpoint(self) -> Endpoint | None:
        try:
            return configured()
        except ConfigProblem:
            return None

    def brain_for(self, desk: Desk) -> Brain:
        """The brain of a turn: the built-in one unless a model is wanted or may help, and is set up.

        Raises `InvalidRequest` when the turn insists on a model and there is none.
        """
        if desk.turn.brain == "builtin":
            return desk.brain
        try:
            model = self.model()
        except ConfigProblem as error:
            if desk.turn.brain == "llm":
                raise
            desk.notes.append(Caveat(code="model_config", message=f"{error.message} The built-in brain answered."))
            return desk.brain
        if model is None and desk.turn.brain == "llm":
            raise InvalidRequest(
                "No language model is set up, so the model brain cannot be used.",
                code="brain_unavailable",
                hint="Set PLAINSAY_MODEL and OPENAI_BASE_URL or OPENAI_API_KEY, or use --brain builtin or auto.",
            )
        return desk.brain if model is None else self._of(model, desk)

    def _of(self, model: Model, desk: Desk) -> ModelBrain:
        around = Surroundings(desk.run_tool, desk.say, desk.notes.append, desk.progress, *_where(desk, model))
        return ModelBrain(
            model, desk.brain, Meter(model.endpoint, Limits.from_settings()), self._ledger, around,
            choice=desk.turn.brain, checks=settings.get("model_checks"), memory=self._memory,
        )  # fmt: skip


def thrifty(brain: Brain) -> Brain:
    """The brain for working an answer out again: no model words it, and none plans what can be planned without."""
    if isinstance(brain, ModelBrain):
        brain.thrifty = True
    return brain


def _where(desk: Desk, model: Model) -> tuple[str, str, tuple[str, ...]]:
    """Workspace, person, and all that a remembered plan belongs to: data, meaning, rights and model too."""
    view, asker = desk.view, desk.turn.principal
    stamp = view.workspace.model_file.stat().st_mtime_ns if view.workspace.model_file.exists() else 0
    held = (asker.role, sorted(asker.attributes.items()), sorted(asker.groups), sorted(asker.scopes or ()))
    rights = repr((asker.user_id, asker.viewed_by, asker.scopes is None, *held))
    name = view.workspace.name
    return name, asker.user_id, (name, view.snapshot.id, str(stamp), rights, model.endpoint.url, model.endpoint.model)
