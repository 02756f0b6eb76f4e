"""What each reader cares for, learned from questions: it shapes order and length of what they read, never a number."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from store.principal import Principal
from tools.evidence import Evidence
from warehouse.model.schema import SemanticModel
from warehouse.workspace import Workspace

Detail = Literal["short", "full"]
_MOST, _FAVOURITE, _FADES, _FORGOTTEN = 40, 100.0, 0.98, 0.2
_MATTERS = 3.0  # from where on it orders what is shown: a question or two say little
_WORD = re.compile(r"\w+")
_LOCK = threading.Lock()
T = TypeVar("T")


class Interests(BaseModel):
    """One reader in one workspace. `learned` weighs figures and fields by name; what is asked less often fades.

    `favourites` were named by the reader and come first, `ignored` ones are never learned again. `detail` short leaves
    the first paragraph of an answer. With `learning` off nothing is added.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    learned: dict[str, float] = Field(default_factory=dict, max_length=_MOST)
    favourites: tuple[str, ...] = Field((), max_length=_MOST)
    ignored: tuple[str, ...] = Field((), max_length=200)
    detail: Detail = "full"
    learning: bool = True

    def weight(self, name: str) -> float:
        """How much the reader cares for a figure or field, 0 when nothing is known."""
        return _FAVOURITE if name in self.favourites else self.learned.get(name, 0.0)


def of(workspace: Workspace, principal: Principal) -> Interests:
    """The interests of a reader; a file that cannot be read counts as none."""
    path = _file(workspace, principal)
    try:
        return Interests.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return Interests()


def change(
    workspace: Workspace, principal: Principal, *, favourites: Sequence[str] | None = None, forget: Sequence[str] = (),
    detail: Detail | None = None, learning: bool | None = None,
) -> Interests:  # fmt: skip
    """Change what is known of a reader; None leaves as it is. What is to `forget` is not learned again."""
    with _LOCK:
        now = of(workspace, principal)
        gone, chosen = set(forget), now.favourites if favourites is None else favourites
        changed = Interests(
            learned={n: w for n, w in now.learned.items() if n not in gone},
            favourites=tuple(dict.fromkeys(n for n in chosen if n not in gone)),
            ignored=tuple(dict.fromkeys((*(n for n in now.ignored if n not in (favourites or ())), *forget)))[-200:],
            detail=detail or now.detail, learning=now.learning if learning is None else learning,
        )  # fmt: skip
        _write(_file(workspace, principal), changed)
    return changed


def forget(workspace: Workspace, principal: Principal) -> None:
    """Delete all that is known of a reader here."""
    with _LOCK:
        _file(workspace, principal).unlink(missing_ok=True)


def note(workspace: Workspace, principal: Principal, evidence: Sequence[Evidence]) -> None:
    """Learn from what a reader asked: figures and fields of the findings grow, all others fade a little."""
    named = list(dict.fromkeys(n for one in evidence for n in _named(one.args)))
    with _LOCK:
        now = of(workspace, principal)
        if not named or not now.learning:
            return
        weights = {n: w * _FADES for n, w in now.learned.items() if w * _FADES >= _FORGOTTEN}
        for name in named:
            if name not in now.ignored:
                weights[name] = weights.get(name, 0.0) + 1.0
        kept = sorted(weights.items(), key=lambda kv: (-kv[1], kv[0]))[:_MOST]
        _write(_file(workspace, principal), now.model_copy(update={"learned": dict(kept)}))


def care(workspace: Workspace, principal: Principal, names: Iterable[str], by: float) -> None:
    """Let a reader care more, or less, for figures and fields; nothing changes with `learning` off."""
    told = list(dict.fromkeys(names))
    with _LOCK:
        now = of(workspace, principal)
        if not told or not now.learning:
            return
        weights = {**now.learned, **{n: now.learned.get(n, 0.0) + by for n in told if n not in now.ignored}}
        kept = sorted(((n, w) for n, w in weights.items() if w >= _FORGOTTEN), key=lambda kv: (-kv[1], kv[0]))[:_MOST]
        _write(_file(workspace, principal), now.model_copy(update={"learned": dict(kept)}))


def named(model: SemanticModel, text: str) -> list[str]:
    """The figures and fields that a text calls by their names."""
    bare = _bare(text)
    return [name for name, label in labels(model).items() if f" {_bare(label).strip()} " in bare]


def ordered(items: Iterable[T], said: Sequence[str], model: SemanticModel, interests: Interests) -> list[T]:
    """The items with what the reader cares for first, else in their order; `said` is the text of each."""
    words = _words(model, interests)

    def weight(text: str) -> float:
        return max((w for name, w in words.items() if name in _bare(text)), default=0.0)

    pairs = sorted(zip(items, said, strict=True), key=lambda pair: -weight(pair[1]))
    return [item for item, _ in pairs]


def labels(model: SemanticModel) -> dict[str, str]:
    """The figures and fields of a model that one can be interested in, by name, with what people call them."""
    found = {n: m.label or _plain(n) for n, m in model.metrics.items()}
    for key, table in model.tables.items():
        found |= {n: m.label or _plain(n) for n, m in table.measures.items()}
        fields = {n: d for n, d in table.dimensions.items() if d.groupable and not d.pii}
        found |= {f"{key}.{n}": d.label or _plain(n) for n, d in fields.items()}
    return found


def _words(model: SemanticModel, interests: Interests) -> dict[str, float]:
    """What the things a reader cares for are called, with their weight."""
    known = labels(model)
    found: dict[str, float] = {}
    for name in (*interests.favourites, *interests.learned):
        if name in known and interests.weight(name) >= _MATTERS:
            said = f" {_bare(known[name]).strip()} "
            found[said] = max(found.get(said, 0.0), interests.weight(name))
    return found


def _named(args: dict[str, Any]) -> list[str]:
    """The figures and fields that a finding was asked for."""
    query = args.get("query") or {}
    told = [*query.get("metrics", ()), *([args["metric"]] if args.get("metric") else [])]
    found = [str(m.get("metric")) if isinstance(m, dict) else str(m) for m in told]
    found += [str(d.get("field")) for d in query.get("dimensions", ()) if isinstance(d, dict)]
    return [n for n in found if ":" not in n and len(n) <= 200]


def _bare(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _file(workspace: Workspace, principal: Principal) -> Path:
    who = hashlib.sha256(principal.user_id.encode()).hexdigest()[:32]
    return workspace.root / "interests" / f"{who}.json"


def _write(path: Path, interests: Interests) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_bytes(interests.model_dump_json(indent=1).encode())
    draft.replace(path)
