"""One error tree for the whole house, so that people read a sentence and programs read a retry rule."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, Literal

Retry = Literal["never", "adjusted", "as_is"]


class PlainsayError(Exception):
    """Base of every error a person may see.

    `message` is fit for a business user: engine text, paths and SQL belong in the log, never here.
    `retry` says what a program may do: `never`, `adjusted` (with other arguments) or `as_is` (after `retry_after` s).
    """

    http_status = 500
    exit_code = 1
    default_code = "error"
    default_retry: Retry = "never"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        retry: Retry | None = None,
        retry_after: float | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.hint = hint
        self.retry: Retry = retry or self.default_retry
        self.retry_after = retry_after
        self.details: dict[str, Any] = dict(details or {})

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message

    def to_dict(self) -> dict[str, Any]:
        """The one JSON shape of an error: {code, message, hint, retry, retry_after, details}."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "retry": self.retry,
            "retry_after": self.retry_after,
            "details": self.details,
        }


class UnknownName(PlainsayError, LookupError):
    """A metric, column, tool or workspace that the asker cannot see; carries up to three near names."""

    http_status, exit_code, default_code, default_retry = 404, 4, "unknown_name", "adjusted"


class InvalidRequest(PlainsayError, ValueError):
    """Typed arguments that fail; `details` carries field, value and, when parsed, line and column."""

    http_status, exit_code, default_code, default_retry = 422, 2, "invalid_request", "adjusted"


class QueryRefused(PlainsayError, PermissionError):
    """The gate said no; `code` is the rule that said it."""

    http_status, exit_code, default_code = 403, 4, "query_refused"


class LimitReached(PlainsayError, RuntimeError):
    """Time, memory, rows, bytes, tokens or spend ran out; says which and how to narrow."""

    http_status, exit_code, default_code, default_retry = 422, 4, "limit_reached", "adjusted"


class NotEnough(PlainsayError, ValueError):
    """The data cannot carry the answer (too short a history, too few rows, no time); the message gives the numbers."""

    http_status, exit_code, default_code, default_retry = 422, 4, "too_few_rows", "adjusted"


class Unavailable(PlainsayError, ConnectionError):
    """Engine busy, lock held, model or network down; try again after `retry_after` seconds."""

    http_status, exit_code, default_code, default_retry = 503, 1, "unavailable", "as_is"


class SourceProblem(PlainsayError, ValueError):
    """A file, schema or connector is at fault; `details` names file, line and reason."""

    http_status, exit_code, default_code, default_retry = 422, 4, "source_problem", "adjusted"


class ConfigProblem(PlainsayError, RuntimeError):
    """The installation is at fault; lists every place that was searched."""

    http_status, exit_code, default_code = 500, 2, "config_problem"


class Defect(PlainsayError, RuntimeError):
    """Our own bug: the reader sees an id, the log has the rest."""

    http_status, exit_code, default_code = 500, 1, "defect"


def near_names(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """Up to `limit` known names that look like `name`, best first; callers pass only names the asker may see."""
    by_fold = {k.casefold(): k for k in known}
    return [by_fold[m] for m in difflib.get_close_matches(name.casefold(), by_fold, n=limit, cutoff=0.6)]


def unknown(kind: str, name: str, known: Iterable[str]) -> UnknownName:
    """An `UnknownName` with a did-you-mean hint built from the names the asker may see."""
    near = near_names(name, known)
    hint = f"Did you mean {' or '.join(near)}?" if near else None
    return UnknownName(f"There is no {kind} called “{name}”.", hint=hint, details={"kind": kind, "near": near})
