"""Finds and reads packs: ours from the package, a company's own from its home folder, any from a path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from knowledge.packs import files, passages
from knowledge.packs.parts import Strict
from knowledge.packs.schema import SECTIONS, Manifest, Pack, Passage
from store import settings
from store.errors import InvalidRequest, near_names, unknown

MANIFEST = "pack.yaml"
_MOST_FILES = 200


def own_folder(home: Path | None = None) -> Path:
    """Where a company keeps packs of its own, one folder each."""
    return (home or settings.home()) / "packs"


def available(home: Path | None = None) -> dict[str, Traversable]:
    """The folders of all packs by name; a company's own pack takes the place of ours of the same name."""
    shipped: Traversable = resources.files("industry_prompts")
    places: list[Traversable] = [shipped, own_folder(home)]
    found = {f.name: f for place in places if place.is_dir() for f in place.iterdir() if (f / MANIFEST).is_file()}
    return dict(sorted(found.items()))


def sound(home: Path | None = None) -> Iterator[Pack]:
    """Every pack at hand that can be read; `plainsay packs check` says what is wrong with the others."""
    for folder in available(home).values():
        try:
            yield load(folder)
        except InvalidRequest:
            continue


def find(name_or_path: str, home: Path | None = None) -> Traversable:
    """The folder of the pack called so or lying there. Raises `UnknownName` with near names."""
    known = available(home)
    if name_or_path in known:
        return known[name_or_path]
    path = Path(name_or_path)
    if (path / MANIFEST).is_file():
        return path
    raise unknown("pack", name_or_path, known)


def load(folder: Traversable, overrides: Mapping[str, Any] | None = None) -> Pack:
    """The pack in `folder`, with `overrides` laid over its sections (null takes an entry away).

    Raises `InvalidRequest` with details {file, line, field} for the first thing that is wrong.
    """
    marks: files.Marks = {}
    data = _merged(folder, marks)
    if overrides:
        data = laid_over(data, overrides)
    manifest = {key: data.pop(key) for key in list(data) if key in Manifest.model_fields}
    sections = {key: data[key] for key in data if key in SECTIONS}
    texts = _texts(folder, data)
    _refuse_unknown(data, marks)
    try:
        Manifest.model_validate(manifest)
        return Pack.model_validate({"manifest": manifest, **sections, **texts})
    except ValidationError as error:
        raise _explained(_first(error), marks) from error


def _texts(folder: Traversable, data: dict[str, Any]) -> dict[str, Any]:
    """Prompts and passages: the Markdown files, with those that overrides give by name (text) or id ({title, text})."""
    prompts = laid_over(dict(_markdown(folder, "prompts")), data.pop("prompts", {}))
    told = {p.id: {"title": p.title, "text": p.text, "also": p.also} for p in _passages(folder)}
    told = laid_over(told, data.pop("passages", {}))
    return {"prompts": prompts, "passages": tuple({"id": i, **p} for i, p in told.items())}


def laid_over(data: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`data` with `changes` merged in: mappings by key, null removes, everything else replaces."""
    merged = dict(data)
    for key, value in changes.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = laid_over(merged[key], value)
        else:
            merged[key] = value
    return merged


def _yaml_files(folder: Traversable) -> list[Traversable]:
    """The pack's YAML files in order of their names; a demo's own files are no part of the pack."""
    found = [f for f in folder.iterdir() if f.name.endswith(".yaml") and not f.name.startswith("demo")]
    if len(found) > _MOST_FILES:
        raise files.invalid("The pack has too many files.", file=folder.name, hint=f"At most {_MOST_FILES}.")
    return sorted(found, key=lambda f: (f.name != MANIFEST, f.name))


def _merged(folder: Traversable, marks: files.Marks) -> dict[str, Any]:
    """All files as one mapping; a section may be spread over files, an entry may not."""
    whole: dict[str, Any] = {}
    for file in _yaml_files(folder):
        own: files.Marks = {}
        for key, value in files.read(_text(file), file.name, own).items():
            if key in whole and not (isinstance(value, dict) and isinstance(whole[key], dict)):
                raise files.invalid(f"“{key}” is given in another file too.", file=file.name, line=own[(key,)][1])
            doubles = set(value) & set(whole[key]) if key in whole else set()
            if doubles:
                name = sorted(doubles)[0]
                raise files.invalid(f"“{key}.{name}” is given twice.", file=file.name, line=own[key, name][1])
            whole[key] = {**whole.get(key, {}), **value} if isinstance(value, dict) else value
        marks.update(own)
    return whole


def _text(file: Traversable) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise files.invalid("The file is not UTF-8 text.", file=file.name, hint="Save it as UTF-8.") from error


def _markdown(folder: Traversable, name: str) -> Iterator[tuple[str, str]]:
    inner = folder / name
    if inner.is_dir():
        for file in sorted(inner.iterdir(), key=lambda f: f.name):
            if file.name.endswith(".md"):
                yield file.name.removesuffix(".md"), _text(file)


def _passages(folder: Traversable) -> Iterator[Passage]:
    for stem, text in _markdown(folder, "knowledge"):
        for section in passages.sections(text, title=stem):
            name = f"{stem}#{section.anchor}" if section.anchor else stem
            yield Passage(id=name, title=section.title, text=section.text, also=section.also)


def _refuse_unknown(data: Mapping[str, Any], marks: files.Marks) -> None:
    for key in data:
        if key not in SECTIONS:
            file, line = marks.get((key,), (MANIFEST, 1))
            near = near_names(key, [*SECTIONS, *Manifest.model_fields])
            hint = f"Did you mean {' or '.join(near)}?" if near else f"Sections are {', '.join(SECTIONS)}."
            raise files.invalid(f"“{key}” is no section of a pack.", file=file, line=line, hint=hint, field=key)


def _first(error: ValidationError) -> ErrorDetails:
    """The error to tell: a misspelled key before the missing one that it was meant to be."""
    return min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")


def _explained(error: ErrorDetails, marks: files.Marks) -> InvalidRequest:
    path = tuple(p for p in error["loc"] if p not in ("[key]", "manifest"))
    place = path
    while place and place not in marks:
        place = place[:-1]
    file, line = marks.get(place, (MANIFEST, 1)) if place else (MANIFEST, 1)
    field = ".".join(str(p) for p in path)
    if error["type"] == "extra_forbidden":
        near = near_names(str(path[-1]), _field_names())
        hint = f"Did you mean {' or '.join(near)}?" if near else None
        if " " in str(path[-1]):
            hint = "Between { and } a text with a comma or colon needs quotes."
        message = f"“{path[-1]}” is not a key that “{'.'.join(str(p) for p in path[:-1])}” can have."
        return files.invalid(message, file=file, line=line, hint=hint, field=field)
    if error["type"] == "missing":
        where = f" in “{'.'.join(str(p) for p in path[:-1])}”" if len(path) > 1 else ""
        return files.invalid(f"“{path[-1]}” is missing{where}.", file=file, line=line, field=field)
    said = error["msg"].removeprefix("Value error, ")
    return files.invalid(f"“{field}”: {said[:1].lower()}{said[1:]}.", file=file, line=line, field=field)


def _field_names() -> list[str]:
    """Every key that some part of a pack may have."""
    kinds = list(Strict.__subclasses__())
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    return sorted({field.alias or name for kind in kinds for name, field in kind.model_fields.items()})
