"""Which files a message may bring along, made the same way for mail, Slack and the inbox."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import structlog

from bots.sheets import file_name
from store.errors import ConfigProblem

log = structlog.get_logger("plainsay.reports")

Format = Literal["pdf", "xlsx"]
FORMATS: tuple[Format, ...] = ("pdf", "xlsx")
MEDIA: dict[str, tuple[str, str]] = {
    "pdf": ("application", "pdf"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@dataclass(frozen=True)
class Report:
    """A file: its name, its content, and what kind it is."""

    name: str
    content: bytes
    format: Format

    @property
    def media(self) -> str:
        """Its media type."""
        return "/".join(MEDIA[self.format])


def made(body: Mapping[str, Any], wanted: Format) -> Report:
    """A message's body as a file; slow, so call it in a thread. Raises `ConfigProblem` without the extra `reports`."""
    from bots.digests import picture

    title = " ".join(part for part in (body["name"], body["period"]) if part)
    try:
        if wanted == "xlsx":
            from bots.reports import workbook

            return Report(file_name(title, "xlsx"), workbook.workbook(body), "xlsx")
        from bots.reports import paper

        drawn = picture.png(body["chart"]) if body.get("chart") else None
        return Report(file_name(title, "pdf"), paper.pdf(body, drawn), "pdf")
    except ModuleNotFoundError as error:
        raise ConfigProblem(
            "Reports as files need a package that is not installed.", code="missing_extra",
            hint="Install it with: pip install 'plainsay[reports]'.",
        ) from error  # fmt: skip


async def attached(body: Mapping[str, Any], wanted: Sequence[str]) -> list[Report]:
    """The files of a message in the order of `FORMATS`; one that cannot be made here is left out: the words go."""
    found: list[Report] = []
    for one in FORMATS:
        if one in wanted:
            try:
                found.append(await asyncio.to_thread(made, body, one))
            except ConfigProblem as error:
                log.warning("report_left_out", code=error.code, format=one)
    return found
