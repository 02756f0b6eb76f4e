"""What a load did, in words fit for the page and the command line."""

from __future__ import annotations

from pydantic import BaseModel, Field


class LoadedTable(BaseModel):
    """A table now in the lake; `origin` is its file with the sheet, member or source table."""

    name: str
    rows: int
    columns: int
    origin: str
    warnings: list[str] = Field(default_factory=list)


class FileProblem(BaseModel):
    """A file (or part of one) that was not loaded: why, and what to do."""

    file: str
    reason: str
    hint: str
    line: int | None = None


class LoadReport(BaseModel):
    """All tables loaded and all files that were not; `skipped` names files of folders that are no data.

    `snapshot` is the published version that holds the tables, None when nothing was loaded.
    """

    tables: list[LoadedTable] = Field(default_factory=list)
    problems: list[FileProblem] = Field(default_factory=list)
    skipped: list[str] = Field(default_factory=list)
    snapshot: int | None = None
