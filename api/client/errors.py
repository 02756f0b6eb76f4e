"""What the server said when it did not do something, as an exception that a program can act on."""

from __future__ import annotations

from typing import Any

import httpx


class ApiError(Exception):
    """A problem: `status`, a stable `code`, a sentence for people, and whether trying again can help."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        told = problem.get("error") or {}
        self.status = status
        self.code = str(told.get("code") or f"http_{status}")
        self.message = str(told.get("message") or problem.get("title") or "The server did not do it.")
        self.hint: str | None = told.get("hint")
        self.retry = str(told.get("retry") or "never")
        self.details: dict[str, Any] = told.get("details") or {}
        super().__init__(f"{self.message} {self.hint}" if self.hint else self.message)

    @classmethod
    def of(cls, response: httpx.Response) -> ApiError:
        """The problem in a response that was read."""
        try:
            body = response.json()
        except ValueError:
            body = {}
        return cls(response.status_code, body if isinstance(body, dict) else {})
