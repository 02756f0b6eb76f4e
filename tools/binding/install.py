"""Installs, upgrades, corrects and removes packs: the one place that lets a pack change a workspace's model."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from knowledge.library import Library
from knowledge.packs import load
from knowledge.packs.check import check
from knowledge.packs.schema import Pack
from knowledge.packs.shelving import glossary, shelved
from knowledge.passage import Document
from store.errors import InvalidRequest, unknown
from tools.binding import shelf
from tools.binding.bind import bind
from tools.binding.entries import Change, Entries, Place, at, plain, put
from tools.binding.match import Decisions
from tools.binding.result import Binding
from tools.binding.shelf import Installed
from warehouse.compiler import check_model
from warehouse.locks import exclusive
from warehouse.model import history, store
from warehouse.model.refresh import baseline_file
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile
from warehouse.workspace import Workspace

_WAIT = 20.0  # seconds
UNCOMPUTABLE = "a way to compute it on this data"


def preview(workspace: Workspace, source: Traversable) -> Binding:
    """How a pack would be bound to a workspace; changes nothing. Raises `InvalidRequest` for a faulty pack."""
    model, profile = _now(workspace)
    return bind(_sound(source), model, profile)


def install(
    workspace: Workspace, source: Traversable, *, by: str | None = None, today: date | None = None
) -> Installed:
    """Bind the pack in `source` and put what is bound into the workspace's model.

    Raises `InvalidRequest` when the pack is faulty or already there.
    """
    found = _sound(source)
    with _lock(workspace):
        if found.name in shelf.names(workspace):
            version = shelf.record(workspace, found.name).version
            raise InvalidRequest(
                f"The pack {found.name} {version} is installed already.",
                code="pack_installed", hint=f"Use `plainsay packs upgrade {found.name}`.",
            )  # fmt: skip
        model, profile = _now(workspace)
        shelf.copy_pack(workspace, found.name, source)
        act = _Act(f"pack {found.name} {found.manifest.version} installed", by, today)
        return _put(workspace, found, model, profile, {}, act)


def upgrade(
    workspace: Workspace, name: str, *, source: Traversable | None = None, decided: Decisions | None = None,
    by: str | None = None, today: date | None = None,
) -> Installed:  # fmt: skip
    """Bind an installed pack anew: with the files in `source` when given, with what people `decided` added.

    What people changed in the model since stays. Raises `UnknownName`, `InvalidRequest`.
    """
    with _lock(workspace):
        before = shelf.record(workspace, name)
        if source is not None:
            if _sound(source).name != name:
                raise InvalidRequest(f"That is the pack {_sound(source).name}, not {name}.")
            shelf.copy_pack(workspace, name, source)
        model, profile = _now(workspace)
        found = shelf.pack(workspace, name)
        why = f"pack {name} {found.manifest.version} bound anew"
        chosen = {**before.decided, **(decided or {})}
        return _put(workspace, found, _without(model, before), profile, chosen, _Act(why, by or before.by, today))


def change(
    workspace: Workspace, name: str, text: str, *, by: str | None = None, today: date | None = None
) -> Installed:
    """Put the workspace's own changes to a pack in force, as YAML. Raises `InvalidRequest` and keeps the old ones."""
    shelf.record(workspace, name)
    changed = load.load(shelf.folder(workspace, name) / "pack", shelf.parsed_changes(text))
    _refuse_faults(changed)
    shelf.keep_changes(workspace, name, text)
    return upgrade(workspace, name, by=by, today=today)


def remove(workspace: Workspace, name: str, *, by: str | None = None) -> None:
    """Take a pack out: what it added goes, what it replaced returns, what people changed stays.

    Raises `UnknownName`.
    """
    with _lock(workspace):
        installed = shelf.record(workspace, name)
        model, _ = _now(workspace)
        history.save(workspace, _without(model, installed), why=f"pack {name} removed", by=by)
        Library(workspace.root, workspace.name).drop(knowledge_id(name))
        shelf.drop(workspace, name)


def rebound(workspace: Workspace, name: str) -> Binding:
    """How an installed pack would be bound to the data as it is now; changes nothing. Raises `UnknownName`."""
    before = shelf.record(workspace, name)
    model, profile = _now(workspace)
    return bind(shelf.pack(workspace, name), _without(model, before), profile, before.decided)


def newest(name: str, home: Path | None = None) -> Traversable:
    """The files of the newest version of a pack that is at hand. Raises `UnknownName`."""
    known = load.available(home)
    if name not in known:
        raise unknown("pack", name, known)
    return known[name]


@dataclass(frozen=True)
class _Act:
    """Why the model changes, by whom, and on which day."""

    why: str
    by: str | None
    today: date | None


def _put(
    workspace: Workspace, found: Pack, model: SemanticModel, profile: DataProfile, decided: Decisions, act: _Act
) -> Installed:
    binding = bind(found, model, profile, decided)
    starters = _inferred_starters(workspace, model)
    changes: list[Change] = []
    changed = model
    for _ in range(5):  # each round leaves out what fails on this data; what depends on it follows in the next
        changes = Entries(found, binding, model, profile).changes(starters, act.today or date.today())
        changed = applied(model, changes)
        failing = _failing(found, changed, profile)
        if not failing:
            break
        binding = _without_metrics(binding, failing)
    history.save(workspace, changed, why=act.why, by=act.by)
    installed = Installed(
        pack=found.name, version=found.manifest.version, by=act.by, binding=binding, decided=dict(decided),
        changes=_as_written(changes, plain(changed)),
    )  # fmt: skip
    shelf.keep(workspace, installed)
    _shelve(workspace, found)
    return installed


def _shelve(workspace: Workspace, found: Pack) -> None:
    """What the pack knows becomes searchable in the workspace, open to everyone in it."""
    told = found.manifest
    document = Document(
        id=knowledge_id(found.name), kind="pack", title=told.label, origin=f"pack {told.pack}", version=told.version,
        licence=told.licence, updated=told.updated,
    )  # fmt: skip
    Library(workspace.root, workspace.name).put(document, shelved(found), glossary(found))


def knowledge_id(pack: str) -> str:
    """The id of the document that holds a pack's passages: passage `a#b` of the pack retail is `pack.retail/a#b`."""
    return f"pack.{pack}"


def _as_written(changes: list[Change], data: dict[str, Any]) -> list[Change]:
    """One change per place, from what was there first to what stands in the model now."""
    first: dict[Place, Change] = {}
    for one in changes:
        first.setdefault(one.place, one)
    return [one.model_copy(update={"after": at(data, place)}) for place, one in first.items()]


def applied(model: SemanticModel, changes: list[Change]) -> SemanticModel:
    """The model with changes made. Raises `ValidationError` only for a defect of ours."""
    data = plain(model)
    for one in changes:
        put(data, one.place, one.after)
    return SemanticModel.model_validate(data)


def _without(model: SemanticModel, installed: Installed) -> SemanticModel:
    """The model as it would be without the pack; entries that people changed since are left as they are."""
    data = plain(model)
    for one in reversed(installed.changes):
        if at(data, one.place) == one.after:
            put(data, one.place, one.before)
    for one in installed.changes:
        _orphaned(data, one)
    return SemanticModel.model_validate(data)


def _orphaned(data: dict[str, Any], one: Change) -> None:
    """An entry that a person changed is theirs now."""
    entry = at(data, one.place)
    if isinstance(entry, dict) and str(entry.get("origin", "")).startswith("pack "):
        put(data, one.place, {k: v for k, v in entry.items() if k not in ("origin", "confidence")})


def _failing(found: Pack, model: SemanticModel, profile: DataProfile) -> set[str]:
    """The pack's metrics that the compiler refuses on this data."""
    places = [p.where.split(".") for p in check_model(model, profile) if not p.warning]
    return {part for place in places for part in place if part in found.metrics}


def _without_metrics(binding: Binding, names: set[str]) -> Binding:
    failed = {
        n: m.model_copy(update={"status": "missing", "missing": (UNCOMPUTABLE,)}) if n in names else m
        for n, m in binding.metrics.items()
    }
    return binding.model_copy(update={"metrics": failed})


def _inferred_starters(workspace: Workspace, model: SemanticModel) -> bool:
    """Whether nobody chose the opening questions."""
    path = baseline_file(workspace)
    return not model.starters or (path.is_file() and store.load(path).starters == model.starters)


def _now(workspace: Workspace) -> tuple[SemanticModel, DataProfile]:
    model = store.load(workspace.model_file)
    return model, DataProfile.model_validate_json(workspace.profile_file.read_bytes())


def _sound(source: Traversable) -> Pack:
    found = load.load(source)
    _refuse_faults(found)
    return found


def _refuse_faults(found: Pack) -> None:
    wrong = [f for f in check(found) if f.severity == "error"]
    if wrong:
        more = f" and {len(wrong) - 1} more faults" if len(wrong) > 1 else ""
        raise InvalidRequest(
            f"The pack {found.name} is faulty: {wrong[0].where}: {wrong[0].message}{more}", code="invalid_pack",
            hint=wrong[0].hint or "`plainsay packs check` lists every fault.",
        )  # fmt: skip


def _lock(workspace: Workspace) -> AbstractContextManager[None]:
    return exclusive(workspace.root / "packs" / "lock", _WAIT)
