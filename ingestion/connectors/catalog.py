"""Finds manifests: those that come with the product and those that an installation adds in a folder of its own."""

from __future__ import annotations

import difflib
import re
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from ingestion.connectors import manifest as grammar
from ingestion.connectors.manifest import Manifest
from store import settings
from store.errors import ConfigProblem, unknown

OURS = Path(__file__).parent / "manifests"
PLACES = Path(__file__).parent.parent / "feeds" / "places"


def names() -> list[str]:
    """All services that can be connected."""
    return sorted(_files())


def places() -> list[Manifest]:
    """The databases, document stores and places of files that can be connected, by label."""
    return sorted((read(path) for path in PLACES.glob("*.yaml")), key=lambda m: m.label.casefold())


def get(source: str) -> Manifest:
    """The manifest of `source`. Raises `UnknownName`, or `ConfigProblem` when the file cannot be used."""
    files = {path.stem: path for path in PLACES.glob("*.yaml")} | _files()
    if source not in files:
        raise unknown("source", source, files)
    file = files[source]
    return read(file, file.stat().st_mtime_ns)


def everything() -> list[Manifest]:
    """The manifests of all services by name."""
    return [get(name) for name in names()]


@lru_cache(maxsize=256)
def read(file: Path, _changed: int = 0) -> Manifest:
    """The manifest in `file`. Raises `ConfigProblem` naming the place that is wrong."""
    try:
        manifest = Manifest.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise ConfigProblem(
            f"The connector {file.name} cannot be used: {_told(error)}.", code="bad_manifest"
        ) from error
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        at = f" in line {mark.line + 1}, column {mark.column + 1}: {getattr(error, 'problem', '')}" if mark else ""
        raise ConfigProblem(f"The connector {file.name} cannot be read as YAML{at}.", code="bad_manifest") from error
    if manifest.source != file.stem:
        raise ConfigProblem(f"The connector {file.name} calls itself “{manifest.source}”.", code="bad_manifest")
    from ingestion.canonical.compiling import check

    check(manifest)
    return manifest


def _told(error: ValidationError) -> str:
    """The first thing that is wrong, with its place, and for a misspelt key what was probably meant."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "the file"
    if first["type"] != "extra_forbidden":
        return f"{where}: {first['msg'].removeprefix('Value error, ')}"
    models = [m for m in vars(grammar).values() if isinstance(m, type) and issubclass(m, grammar.Strict)]
    known = {f.alias or name for m in models for name, f in m.model_fields.items()}
    near = difflib.get_close_matches(str(first["loc"][-1]), sorted(known), 1)
    return f"{where}: there is no such key here" + (f"; did you mean “{near[0]}”?" if near else "")


def _files() -> dict[str, Path]:
    """Manifest files by source; an installation's own may not replace one of ours."""
    extra: str = settings.get("connectors")
    folders = [Path(extra).expanduser(), OURS] if extra else [OURS]
    return {
        path.stem: path for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.yaml"))
        if re.fullmatch(r"[a-z][a-z0-9_]*", path.stem)
    }  # fmt: skip
