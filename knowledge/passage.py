"""A passage of knowledge with where it comes from and who may read it, as it is kept, searched and cited."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from store.principal import Principal
from store.rights import ROLES

EVERYONE = "everyone"
Kind = Literal["pack", "document"]


class _M(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Document(_M):
    """What passages were cut from: a pack, or a file that somebody added.

    `readers` are `everyone`, roles (`role:admin`), groups (`group:finance`) or people (`person:ID`). `origin` is the
    file's name or the pack's. `licence` and `updated` are as the author gave them.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,79}$")
    kind: Kind
    title: str = Field(min_length=1, max_length=200)
    origin: str = Field(max_length=200)
    version: str = ""
    licence: str = ""
    updated: date | None = None
    readers: tuple[str, ...] = (EVERYONE,)
    by: str | None = None


class Passage(_M):
    """The text (Markdown) under one heading of a document; `id` is unique in the document.

    `also` are other words for what it is about, by which it is found too: synonyms, abbreviations. `told` is what is
    said of it elsewhere, and finds it too: what a pack's figures and words mean, what its playbooks ask.
    """

    id: str
    title: str
    text: str
    also: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


class Cited(_M):
    """A passage with its document, as search gives it. `score` only orders the passages of one search."""

    document: Document
    passage: Passage
    score: float = 0.0

    @property
    def id(self) -> str:
        """What an answer cites: `document/passage`, unique in a workspace."""
        return f"{self.document.id}/{self.passage.id}"


def may_read(document: Document, principal: Principal) -> bool:
    """Whether a person may read a document and everything cut from it."""
    return bool(set(document.readers) & set(tickets(principal)))


def tickets(principal: Principal) -> list[str]:
    """Everything that opens documents to a person; a role opens what is open to the roles below it."""
    roles = [f"role:{r}" for r in ROLES[ROLES.index(principal.role) :]]
    return [EVERYONE, *roles, f"person:{principal.user_id}", *(f"group:{g}" for g in principal.groups)]


def mark(text: str) -> str:
    """A short fingerprint of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
