"""What a door tells about workspaces: names, sizes, opening questions, the model; read off the event loop."""

from __future__ import annotations

import shutil
import uuid
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from store.errors import PlainsayError, UnknownName, unknown
from store.principal import Principal
from warehouse import workspace as workspaces

if TYPE_CHECKING:
    from agent.view import WorkspaceView, WorkspaceViews

log = structlog.get_logger("plainsay.shelf")

DEMO = "demo-retail"
MOST_STARTERS = 6


class Shelf:
    """The workspaces of an installation. All methods block; call them in a thread."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._views: WorkspaceViews | None = None

    @property
    def views(self) -> WorkspaceViews:
        """Models, profiles and snapshots by workspace, kept until they change."""
        if self._views is None:
            from agent.view import WorkspaceViews

            self._views = WorkspaceViews(self.home)
        return self._views

    def names(self, person: Principal | None = None) -> list[str]:
        """The workspaces that a person may enter, sorted; all of them for the house itself."""
        return [n for n in workspaces.names(self.home) if person is None or person.role_in(n) is not None]

    def default(self, person: Principal | None = None) -> str:
        """The workspace meant when none is named. Raises `UnknownName` when there is none to enter."""
        names = self.names(person)
        if not names:
            raise UnknownName(
                "There is no workspace yet.", code="no_workspace", hint="Upload a file, or run `plainsay demo`."
            )
        return DEMO if DEMO in names else names[0]

    def chosen(self, name: str | None, person: Principal) -> str:
        """The named workspace, or the default one. Raises `UnknownName`, alike for what is not there and not theirs."""
        if not name:
            return self.default(person)
        found = workspaces.named(name, self.home).name
        names = self.names(person)
        if found not in names:
            raise unknown("workspace", name, names)
        return found

    def create(self, name: str) -> None:
        """Make an empty workspace; one that exists stays as it is."""
        workspaces.named(name, self.home).lake.mkdir(parents=True, exist_ok=True)

    def remove(self, name: str) -> Path:
        """Take a workspace out of sight; its grave, to be cleared once its conversations are forgotten."""
        place = workspaces.existing(name, self.home)
        grave = self._trash / f"{name}.{uuid.uuid4().hex}"
        grave.parent.mkdir(exist_ok=True)
        place.root.rename(grave)
        return grave

    def clear(self, grave: Path) -> None:
        """Delete what is left of a workspace that nothing remembers; what cannot be deleted is tried at every start."""
        gone = self._trash / uuid.uuid4().hex
        with suppress(FileNotFoundError):  # another process was quicker
            grave.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def graves(self) -> list[tuple[str | None, Path]]:
        """What a crash left of deletions: the name of a workspace that may still be remembered, or None, and where."""
        found = sorted(self._trash.iterdir()) if self._trash.is_dir() else []
        return [(path.name.rpartition(".")[0] or None, path) for path in found]

    @property
    def _trash(self) -> Path:
        return self.home / "trash"

    def items(self, labels: dict[str, str], person: Principal) -> list[dict[str, Any]]:
        """One card per workspace: name, label, tables, rows, updated_at, starters, default."""
        names = self.names(person)
        return [self._card(n, labels.get(n), n == self.default(person), person.within(n)) for n in names]

    def model(self, name: str, person: Principal) -> dict[str, Any]:
        """The semantic model and the shape of the data as a person may see them; values of cells stay here."""
        from warehouse import sight

        view = self.views.get(name)
        first, last = _span(view)
        hidden = sight.hidden_columns(view.model, person)
        tables = {
            table.name: {
                "rows": table.rows,
                "loaded": table.from_files,
                "columns": {
                    c.name: {"type": c.duckdb_type, "nulls": c.nulls, "distinct": c.distinct, "unit": c.unit}
                    for c in table.columns.values()
                    if (table.name, c.name) not in hidden
                },
            }
            for table in view.profile.tables.values()
        }
        return {
            "model": sight.model_for(view.model, person).model_dump(
                mode="json", by_alias=True, exclude={"policies", "column_policies"} if hidden else None
            ),
            "profile": {"tables": tables},
            "data_from": first.isoformat() if first else None,
            "data_through": last.isoformat() if last else None,
        }

    def readable(self) -> bool:
        """Whether the folder of workspaces can be listed."""
        try:
            workspaces.names(self.home)
        except OSError:
            return False
        return True

    def _card(self, name: str, label: str | None, default: bool, person: Principal) -> dict[str, Any]:
        card: dict[str, Any] = {
            "name": name, "label": label or name.replace("-", " ").replace("_", " ").capitalize(), "tables": 0,
            "rows": 0, "updated_at": None, "starters": [], "default": default, "role": person.role,
        }  # fmt: skip
        try:
            view = self.views.get(name)
        except PlainsayError:
            return card  # empty: it is listed, and says what is missing when it is asked
        except Exception:  # BLE001 - process edge: one damaged workspace must not hide the others
            log.exception("workspace_unreadable", workspace=name)
            return card
        changed = view.workspace.profile_file.stat().st_mtime
        card.update(
            label=label or view.model.label or card["label"],
            tables=len(view.profile.tables),
            rows=sum(t.rows for t in view.profile.tables.values()),
            updated_at=datetime.fromtimestamp(changed, UTC).isoformat(),
            starters=list(_starters(view, person))[:MOST_STARTERS],
        )
        return card


def _starters(view: WorkspaceView, person: Principal) -> tuple[str, ...]:
    from warehouse import sight

    return sight.model_for(view.model, person).starters


def _span(view: WorkspaceView) -> tuple[date | None, date | None]:
    """First and last day of the data: what the model says, else what the largest table with a time column holds."""
    calendar, profile = view.model.calendar, view.profile
    dated = [t for t in view.model.tables.values() if t.time is not None and t.source in profile.tables]
    largest = max(dated, key=lambda t: profile.tables[t.source].rows, default=None)
    if largest is None or largest.time is None:
        return calendar.data_from, calendar.data_through
    first, last = profile.bounds(largest.source, largest.time.default)
    return calendar.data_from or first, calendar.data_through or last
