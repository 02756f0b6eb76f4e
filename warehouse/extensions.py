"""DuckDB extensions are found on this machine first, because nothing may need a network at run time."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import duckdb

from store.errors import ConfigProblem

Source = Literal["wheel", "extension folder", "download"]


@dataclass(frozen=True)
class Extension:
    """Where an extension was found; `path` is None only for one that DuckDB itself had to download."""

    name: str
    source: Source
    path: Path | None


@lru_cache
def locate(name: str) -> Extension:
    """The extension `name` from its wheel, else from DuckDB's extension folder, else by a download.

    Raises `ConfigProblem` listing every place that was searched.
    """
    for source, path in _candidates(name):
        if path.is_file():
            return Extension(name, source, path)
    return _download(name)


def load(connection: duckdb.DuckDBPyConnection, name: str) -> Extension:
    """Load the extension into a trusted connection and say where it came from."""
    found = locate(name)
    connection.load_extension(str(found.path) if found.path else name)
    return found


def report(names: tuple[str, ...] = ("ducklake", "sqlite_scanner")) -> list[Extension]:
    """Which place served each extension, for `plainsay doctor`. Raises `ConfigProblem` for one that is missing."""
    return [locate(name) for name in names]


def _version() -> str:
    return f"v{duckdb.__version__}"


def _candidates(name: str) -> list[tuple[Source, Path]]:
    file = f"{name}.duckdb_extension"
    found: list[tuple[Source, Path]] = []
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        found.append(("wheel", Path(folder) / "extensions" / _version() / file))
    found.append(("extension folder", _extension_folder() / file))
    return found


@lru_cache
def _extension_folder() -> Path:
    with duckdb.connect() as connection:
        row = connection.execute("SELECT current_setting('extension_directory'), platform FROM pragma_platform()")
        chosen, platform = row.fetchone() or ("", "")
    root = Path(str(chosen)) if chosen else Path.home() / ".duckdb" / "extensions"
    return root / _version() / str(platform)


def _download(name: str) -> Extension:
    try:
        with duckdb.connect() as connection:
            connection.install_extension(name)
    except duckdb.Error as error:
        package = f"duckdb-extension-{name.replace('_', '-')}=={duckdb.__version__}"
        searched = "; ".join(f"{source} {path}" for source, path in _candidates(name))
        raise ConfigProblem(
            f"The DuckDB extension {name} is not installed and could not be downloaded.",
            hint=f"Run: pip install {package}. Searched: {searched}.",
            details={"extension": name},
        ) from error
    return Extension(name, "download", None)
