"""A whole pack as one type: what its files must say, which editors read as JSON Schema."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field, field_validator

from knowledge.packs.parts import (
    Benchmark,
    Digest,
    Entity,
    Event,
    Metric,
    Name,
    Playbook,
    Privacy,
    Prose,
    Question,
    Role,
    Rule,
    Segment,
    Strict,
    Term,
    Tree,
    Words,
)

FORMAT = 1
Version = Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]


class Manifest(Strict):
    """What the pack is: the head of `pack.yaml`. `updated` is the day its knowledge was last gone through."""

    pack: Name
    version: Version
    format: int = Field(FORMAT, ge=1, le=FORMAT)
    label: Words
    description: Prose
    licence: Words
    author: Words
    updated: date
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    locations: Words | None = Field(None, description="what the trade calls its places: shops, clinics")


class Passage(Strict):
    """A piece of the pack's Markdown under one heading. `id` is `file#heading`; `text` is Markdown.

    `also` are other words by which people look for it.
    """

    id: str
    title: str
    text: str
    also: tuple[str, ...] = ()


class Pack(Strict):
    """Everything a pack says. Names are unique per section; all references are checked by `plainsay packs check`."""

    manifest: Manifest
    entities: dict[Name, Entity] = Field(default_factory=dict)
    metrics: dict[Name, Metric] = Field(default_factory=dict)
    terms: dict[Name, Term] = Field(default_factory=dict)
    trees: dict[Name, Tree] = Field(default_factory=dict)
    segments: dict[Name, Segment] = Field(default_factory=dict)
    questions: dict[Role, tuple[Question, ...]] = Field(default_factory=dict)
    digests: dict[Name, Digest] = Field(default_factory=dict)
    events: dict[Name, Event] = Field(default_factory=dict)
    quality: dict[Name, Rule] = Field(default_factory=dict)
    benchmarks: dict[Name, Benchmark] = Field(default_factory=dict)
    playbooks: dict[Name, Playbook] = Field(default_factory=dict)
    privacy: Privacy | None = None
    prompts: dict[Name, str] = Field(default_factory=dict)
    passages: tuple[Passage, ...] = ()

    @field_validator("questions", mode="before")
    @classmethod
    def _bare_questions(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {
            role: [{"ask": q} if isinstance(q, str) else q for q in asked] if isinstance(asked, list) else asked
            for role, asked in data.items()
        }

    @property
    def name(self) -> str:
        """The pack's name."""
        return self.manifest.pack

    @property
    def origin(self) -> str:
        """How entries of a model say where they come from: `pack retail 1.0.0`."""
        return f"pack {self.manifest.pack} {self.manifest.version}"

    def passage(self, passage_id: str) -> Passage | None:
        """The passage of that id, or None."""
        return next((p for p in self.passages if p.id == passage_id), None)


SECTIONS: tuple[str, ...] = tuple(f for f in Pack.model_fields if f not in ("manifest", "prompts", "passages"))


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a pack's YAML files, any of which may hold any section; pack.yaml also holds the manifest."""
    whole = Pack.model_json_schema(by_alias=True)
    definitions = whole.pop("$defs")
    manifest = definitions.pop("Manifest")
    properties = {name: whole["properties"][name] for name in SECTIONS}
    metric = definitions["Metric"]
    metric["properties"] |= definitions["Way"]["properties"]
    metric["required"] = [r for r in metric["required"] if r != "ways"]
    definitions["Question"] = {"anyOf": [{"type": "string"}, definitions["Question"]]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Plainsay pack file",
        "type": "object",
        "additionalProperties": False,
        "properties": {**manifest["properties"], **properties},
        "$defs": definitions,
    }
