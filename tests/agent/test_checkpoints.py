"""A server that is stopped while it opens its conversations leaves none of them open."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from agent import checkpoints


async def test_stopped_while_opening_closes_what_was_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    waiting, opened = asyncio.Event(), []

    async def never(self: Any) -> None:
        opened.append(self.conn)
        waiting.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(AsyncSqliteSaver, "setup", never)
    threads = threading.active_count()
    opening = asyncio.create_task(checkpoints.opened(tmp_path, None))
    await waiting.wait()
    assert threading.active_count() == threads + 1
    opening.cancel()
    await asyncio.wait({opening})
    (connection,) = opened
    await asyncio.to_thread(connection._thread.join, 30)
    assert not connection._thread.is_alive() and connection._connection is None
