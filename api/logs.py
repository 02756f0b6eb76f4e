"""One JSON object a line on stderr: request ids, routes and times, never questions, bodies, headers or secrets."""

from __future__ import annotations

import logging
import os
import re
import sys
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import structlog

_SECRET_NAME = re.compile(r"(TOKEN|SECRET|PASSWORD|API_KEYS?|_KEY|_URL)$")
_QUIET = ("uvicorn.access", "httpx", "alembic", "sse_starlette")
_SHORTEST_SECRET = 6


def configure(level: str = "info", as_json: bool = True) -> None:
    """Send structlog and the standard library through one masked handler on stderr."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_colours,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    last = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Masked(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _without_colours(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Drop uvicorn's second copy of its message."""
    event.pop("color_message", None)
    return event


class _Masked(structlog.stdlib.ProcessorFormatter):
    """The last line of defence: secrets of the environment never leave, whoever put them into a message."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with every known secret replaced."""
        text = super().format(record)
        for secret in secrets_of(os.environ):
            text = text.replace(secret, "•••")
        return text


def secrets_of(environment: os._Environ[str] | dict[str, str]) -> list[str]:
    """Values that must never be shown: by the name of the variable, the password inside a URL, and what is in files."""
    found: set[str] = set()
    for variable, given in environment.items():
        name, value = variable, given
        if variable.endswith("_FILE") and _SECRET_NAME.search(variable.removesuffix("_FILE")):
            name, value = variable.removesuffix("_FILE"), _in_file(given)
        if not _SECRET_NAME.search(name):
            continue
        if name.endswith("_KEYS"):
            found.update(part.rpartition("=")[2].strip() for part in value.split(","))
        else:
            found.add((_password(value)) if name.endswith("_URL") else value)
    return [s for s in found if len(s) >= _SHORTEST_SECRET]


@lru_cache(maxsize=32)
def _in_file(path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return url
