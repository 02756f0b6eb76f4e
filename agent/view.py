"""A workspace as a turn sees it: model, profile, values and snapshot of one moment, kept until they change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path

from ingestion.pipeline import resume
from store.errors import SourceProblem
from store.principal import Principal
from warehouse import sight
from warehouse import workspace as workspaces
from warehouse.compiler.policies import Rights
from warehouse.engines.base import Engine
from warehouse.lake import Lake
from warehouse.model import store as model_store
from warehouse.model.schema import SemanticModel
from warehouse.model.values import ValuesIndex
from warehouse.profile import DataProfile
from warehouse.snapshot import Snapshot
from warehouse.workspace import Workspace

_MOST_NARROWED = 64


@dataclass(frozen=True)
class WorkspaceView:
    """Everything of a workspace that planning and tools read; immutable, safe to share between turns."""

    workspace: Workspace
    model: SemanticModel
    profile: DataProfile
    values: ValuesIndex
    snapshot: Snapshot


class WorkspaceViews:
    """Views by workspace, re-read when a file of the workspace changes."""

    def __init__(self, home: Path | None = None) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._views: dict[str, tuple[tuple[object, ...], WorkspaceView]] = {}
        self._narrowed: OrderedDict[tuple[str, str], tuple[WorkspaceView, WorkspaceView]] = OrderedDict()

    def get(self, name: str) -> WorkspaceView:
        """The current view of workspace `name`; a load that was cut off is finished first.

        Raises `UnknownName`, or `SourceProblem` when nothing is loaded yet.
        """
        workspace = workspaces.existing(name, self._home)
        resume(workspace)
        snapshot = Lake.open(workspace.lake).current()
        stamp = (snapshot.version, *(_changed(p) for p in _files(workspace)))
        with self._lock:
            known = self._views.get(name)
            if known is not None and known[0] == stamp:
                return known[1]
            view = _read(workspace, snapshot)
            self._views[name] = (stamp, view)
            return view

    def seen_by(self, name: str, principal: Principal, engine: Engine) -> WorkspaceView:
        """The view without what policies hide from `principal`; values are read once per rights and state of the data.

        Raises what `get` and the engine raise.
        """
        principal = principal.within(name)
        view = self.get(name)
        digest = Rights(view.model, principal).digest
        if not digest:
            return view
        with self._lock:
            known = self._narrowed.get((name, digest))
        if known is not None and known[0] is view:
            return known[1]
        made = _narrowed(view, principal, engine)
        with self._lock:
            self._narrowed[name, digest] = (view, made)
            while len(self._narrowed) > _MOST_NARROWED:
                self._narrowed.popitem(last=False)
        return made


def _narrowed(view: WorkspaceView, principal: Principal, engine: Engine) -> WorkspaceView:
    read = sight.distinct_values(view.model, view.profile, principal, view.snapshot, engine)
    return replace(
        view,
        model=sight.model_for(view.model, principal),
        profile=sight.profile_for(view.model, view.profile, principal),
        values=sight.values_for(view.values, view.model, principal, read),
    )


def _files(workspace: Workspace) -> tuple[Path, ...]:
    return workspace.model_file, workspace.profile_file, workspace.values_file


def _changed(path: Path) -> tuple[int, int]:
    if not path.exists():
        return 0, 0
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size


def _read(workspace: Workspace, snapshot: Snapshot) -> WorkspaceView:
    if not workspace.model_file.exists() or not workspace.profile_file.exists():
        raise SourceProblem(
            f"The workspace {workspace.name} has no data yet.",
            code="no_data",
            hint="Upload a file, or run `plainsay ingest PATH --workspace " + workspace.name + "`.",
        )
    model = model_store.load(workspace.model_file)
    try:
        profile = DataProfile.model_validate_json(workspace.profile_file.read_bytes())
        values = ValuesIndex.load(workspace.values_file)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceProblem(
            f"What is known about the data of {workspace.name} cannot be read.",
            code="stale_workspace",
            hint="It was written by another version, or damaged: load the files again.",
        ) from error
    return WorkspaceView(workspace=workspace, model=model, profile=profile, values=values, snapshot=snapshot)
