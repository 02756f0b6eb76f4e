"""The register of what was learned: from which data, with which error, and whether it still holds on newer data."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from store.errors import PlainsayError, unknown
from tools.evidence import Evidence
from warehouse.locks import exclusive
from warehouse.profile import TableProfile

if TYPE_CHECKING:
    from tools.registry import ToolContext

_log = logging.getLogger(__name__)
LEARNED = ("forecast", "anomalies", "churn_risk", "lifetime_value", "segments")
_MOST = 200
_KEPT_VERSIONS = 10
_LEAST_ACTUALS = 5
_OFF = 2.0
_HELD = 0.5
_MOVED = 0.25
_EMPTIED = 0.05


class _M(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Column(_M):
    """What a column of the training data looked like: share of empty values, mean, how many different values."""

    empty: float
    mean: float | None = None
    distinct: int = 0


class Version(_M):
    """One training: when, on which snapshot, with which figures."""

    at: datetime
    snapshot: str
    n: int
    trust: str
    figures: dict[str, float] = Field(default_factory=dict)


class Model(_M):
    """A skill that learned from data with certain arguments; the last training and those before it.

    `expected` holds (period, value, low, high) of a forecast, to be held against what really came. `drift` says in
    sentences what no longer fits; `state` is live, drifted, training or failed.
    """

    id: str
    tool: str
    args: dict[str, Any]
    method: str
    baseline: str
    now: Version
    before: list[Version] = Field(default_factory=list)
    inputs: dict[str, dict[str, Column]] = Field(default_factory=dict)
    expected: list[tuple[str, float, float, float]] = Field(default_factory=list)
    state: Literal["live", "drifted", "training", "failed"] = "live"
    drift: list[str] = Field(default_factory=list)
    checked: datetime | None = None


class Register:
    """The models of a workspace, in a file of its own; one writer at a time, readers always see a whole file."""

    def __init__(self, root: Path) -> None:
        self._file = root / "trained.json"

    def all(self) -> list[Model]:
        """All models, the last trained first."""
        found = [Model.model_validate(m) for m in self._read().values()]
        return sorted(found, key=lambda m: (m.now.at, m.id), reverse=True)

    def get(self, model_id: str) -> Model:
        """The model `model_id`. Raises `UnknownName`."""
        stored = self._read()
        if model_id not in stored:
            raise unknown("trained model", model_id, stored)
        return Model.model_validate(stored[model_id])

    def save(self, model: Model) -> None:
        """Keep a model; beyond 200 the ones trained longest ago are forgotten."""
        with self._changed() as stored:
            stored[model.id] = model.model_dump(mode="json")
            for old in sorted(stored, key=lambda i: str(stored[i]["now"]["at"]))[: max(0, len(stored) - _MOST)]:
                del stored[old]

    @contextmanager
    def _changed(self) -> Iterator[dict[str, Any]]:
        with exclusive(self._file.with_suffix(".lock"), 5.0):
            stored = self._read()
            yield stored
            draft = self._file.with_suffix(".new")
            draft.write_text(json.dumps(stored, indent=1, sort_keys=True), encoding="utf-8")
            draft.replace(self._file)

    def _read(self) -> dict[str, Any]:
        if not self._file.is_file():
            return {}
        found: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
        return found


def id_of(tool: str, args: dict[str, Any]) -> str:
    """The same skill with the same arguments is the same model."""
    text = json.dumps([tool, args], sort_keys=True, default=str)
    return f"m-{hashlib.blake2s(text.encode(), digest_size=6).hexdigest()}"


def remember(context: ToolContext, evidence: Evidence) -> None:
    """Enter a training into the register, if it was one and over all rows. A full disk must not cost an answer."""
    if evidence.tool not in LEARNED or evidence.quality is None or sees_a_part(context):
        return
    try:
        register = Register(context.workspace.root)
        register.save(_entered(context, evidence, register))
    except (OSError, ValueError, PlainsayError):
        _log.warning("a training could not be registered", extra={"tool": evidence.tool})


def sees_a_part(context: ToolContext) -> bool:
    """What a person under row policies sees is not the workspace's model, and its error may tell others about it."""
    from warehouse.compiler.policies import Rights

    return Rights(context.model, context.principal).digest != ""


def _entered(context: ToolContext, evidence: Evidence, register: Register) -> Model:
    quality = evidence.quality
    assert quality is not None  # looked at before
    model_id = id_of(evidence.tool, evidence.args)
    now = Version(
        at=datetime.now(UTC), snapshot=str(evidence.snapshot or context.snapshot.id), n=quality.n, trust=quality.trust,
        figures=quality.figures,
    )  # fmt: skip
    known = next((m for m in register.all() if m.id == model_id), None)
    before = [known.now, *known.before][:_KEPT_VERSIONS] if known and known.now.snapshot != now.snapshot else (
        known.before if known else []
    )  # fmt: skip
    inputs = {t: _columns(context.profile.tables.get(_source(context, t))) for t in evidence.source_tables}
    return Model(
        id=model_id, tool=evidence.tool, args=evidence.args, method=quality.method, baseline=quality.baseline, now=now,
        before=before, inputs=inputs, expected=_expected(evidence),
    )  # fmt: skip


def _source(context: ToolContext, table: str) -> str:
    return context.model.tables[table].source if table in context.model.tables else table


def _columns(profile: TableProfile | None) -> dict[str, Column]:
    if profile is None:
        return {}
    return {
        name: Column(empty=round(c.nulls / c.rows, 6) if c.rows else 0.0, mean=c.mean, distinct=c.distinct)
        for name, c in profile.columns.items()
    }


def _expected(evidence: Evidence) -> list[tuple[str, float, float, float]]:
    """The future a forecast of a whole figure spoke of."""
    main = evidence.main()
    if evidence.tool != "forecast" or main is None or evidence.args.get("by"):
        return []
    time = next((c.name for c in main.columns if c.role == "time"), None)
    names = {c.name for c in main.columns}
    if time is None or not {"forecast", "low_80", "high_80"} <= names:
        return []
    found: list[tuple[str, float, float, float]] = []
    for row in main.row_keys:
        value, low, high = (float(main.value(row, n)) for n in ("forecast", "low_80", "high_80"))
        found.append((str(main.value(row, time)), value, low, high))
    return found


def check(context: ToolContext, model: Model) -> Model:
    """The model with what no longer fits the newest data; kept in the register.

    Inputs are compared by the profile of their columns, a forecast by what came after it was made.
    """
    drift = _moved_inputs(context, model) + _missed(context, model)
    found = model.model_copy(
        update={"drift": drift, "state": "drifted" if drift else "live", "checked": datetime.now(UTC)}
    )
    Register(context.workspace.root).save(found)
    return found


def _moved_inputs(context: ToolContext, model: Model) -> list[str]:
    found: list[str] = []
    for table, columns in model.inputs.items():
        newer = _columns(context.profile.tables.get(_source(context, table)))
        for name, then in columns.items():
            if name not in newer:
                found.append(f"The column {name} of {table} is gone.")
                continue
            now = newer[name]
            if now.empty - then.empty > _EMPTIED:
                found.append(f"{name} of {table} is empty in {now.empty:.0%} of rows, before in {then.empty:.0%}.")
            if then.mean and now.mean is not None and abs(now.mean / then.mean - 1) > _MOVED:
                found.append(f"The mean of {name} of {table} went from {then.mean:,.4g} to {now.mean:,.4g}.")
    return found


def _missed(context: ToolContext, model: Model) -> list[str]:
    """Whether what came lies in the ranges of a forecast about as often as it should."""
    if not model.expected:
        return []
    actual = _actuals(context, model)
    pairs = [(actual[p], value, low, high) for p, value, low, high in model.expected if p in actual]
    if len(pairs) < _LEAST_ACTUALS:
        return []
    inside = sum(low <= a <= high for a, _, low, high in pairs) / len(pairs)
    total = sum(abs(a) for a, *_ in pairs) or 1.0
    error = sum(abs(a - v) for a, v, *_ in pairs) / total
    stated = model.now.figures.get("wape", 0.0)
    said: list[str] = []
    if inside < _HELD:
        said.append(f"Only {inside:.0%} of {len(pairs)} actual values lay in the 80 % range.")
    if stated and error > _OFF * stated:
        said.append(f"It was off by {error:.0%} on {len(pairs)} actual values; its backtests said {stated:.0%}.")
    return said


def _actuals(context: ToolContext, model: Model) -> dict[str, float]:
    from tools.series import SeriesArgs, SeriesGrain, load

    given = {k: v for k, v in model.args.items() if k in SeriesArgs.model_fields}
    dates = [p for p, *_ in model.expected]
    monthly = all(d.endswith("-01") for d in dates) and len(dates) > 1
    grain: SeriesGrain = given.get("grain") or ("month" if monthly else "day")
    try:
        series = load(context, SeriesArgs.model_validate(given), grain)
    except PlainsayError:
        return {}
    values = next(iter(series.values.values()))
    return {s.isoformat(): v for s, v in zip(series.starts, values, strict=True)}


def retrain(context: ToolContext, model_id: str) -> Model:
    """Train a model again on the newest data; a failure is kept with its reason and leaves the old training in force.

    Raises `UnknownName`.
    """
    from tools import registry

    register = Register(context.workspace.root)
    model = register.get(model_id)
    register.save(model.model_copy(update={"state": "training"}))
    try:
        registry.get(model.tool).run(replace(context, evidence_id="e1"), model.args)
    except PlainsayError as error:
        failed = model.model_copy(update={"state": "failed", "drift": [error.message]})
        register.save(failed)
        return failed
    return register.get(model_id)


def overdue(context: ToolContext) -> list[Model]:
    """Every model that was trained on an older snapshot, checked against the newest one."""
    stale = [m for m in Register(context.workspace.root).all() if m.now.snapshot != str(context.snapshot.id)]
    return [check(context, m) for m in stale]
