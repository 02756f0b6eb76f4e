"""Desk and post of servers that are killed: a message takes a while to work out, and each mail leaves a line."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from bots.digests.desk import Made
from bots.digests.gather import Finding, Gathered
from bots.digests.message import Message
from bots.digests.run import EMAIL, KIND

SLOW_SECONDS = 3.0
MAILS = "mails.txt"
_FOUND = Finding("abc", "moved", "bad", "down", 0.6, 0.2, "Revenue down", "Revenue fell.", "Why?")


class SlowDesk:
    """Finds the same for everybody, slowly enough to be killed at it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def made(self, wanted: Any, person: Any, moment: Any, told: Any, *, note: str = "") -> Made:
        """The one message."""
        await asyncio.sleep(self._seconds)
        return Made(
            Message("Revenue fell.", "yesterday", False, False, (_FOUND,)), Gathered("yesterday", (_FOUND,)), {}
        )


def desk_of(slow: str) -> SlowDesk:
    """The desk of a server whose parcels of the kind `slow` take long."""
    return SlowDesk(SLOW_SECONDS * (slow == KIND))


def post_of(home: Path, slow: str) -> Callable[[EmailMessage], Awaitable[str]]:
    """A post that writes each mail's number to a file in `home`."""

    async def post(mail: EmailMessage) -> str:
        handle = os.open(home / MAILS, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:  # one short write at the end of the file: never torn, whoever else writes
            os.write(handle, f"{mail['Message-ID']}\n".encode())
        finally:
            os.close(handle)
        await asyncio.sleep(SLOW_SECONDS * (slow == EMAIL))  # it arrived, and the sender does not know yet
        return "accepted"

    return post
