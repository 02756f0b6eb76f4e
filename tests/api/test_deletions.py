"""A deletion that a crash cut short is ended at the next start, before anybody can see what was left."""

from __future__ import annotations

from typing import Any

import pytest


async def _made(door: Any) -> None:
    assert (
        await door.client.post("/v1/workspaces", json={"name": "coffee", "label": "The Roastery"})
    ).status_code == 201
    assert (await door.chat(workspace="coffee")).status_code == 200


async def _threads(door: Any) -> int:
    return len((await door.client.get("/v1/threads", params={"workspace": "coffee"})).json()["items"])


async def test_a_crash_between_hiding_and_forgetting(open_door: Any, home: Any) -> None:
    async with open_door() as door:
        await _made(door)
        assert await _threads(door) == 1
        door.house.shelf.remove("coffee")  # and the process dies here
    async with open_door() as door:
        assert list((home / "trash").iterdir()) == []
        await door.client.post("/v1/workspaces", json={"name": "coffee"})
        assert await _threads(door) == 0
        items = (await door.client.get("/v1/workspaces")).json()["items"]
        assert [i["label"] for i in items if i["name"] == "coffee"] != ["The Roastery"]


async def test_what_lies_outside_the_folder_is_forgotten_too(
    open_door: Any, home: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the assistant remembers of the conversations, and the index of knowledge, after a crash as well."""
    gone: list[str] = []

    async def forget(_self: Any, thread_id: str) -> None:
        gone.append(thread_id)

    monkeypatch.setattr("evals.fakes.assistant.ScriptedAssistant.forget", forget)
    monkeypatch.setattr("api.forgetting.passages", lambda _home, workspace: gone.append(workspace))
    async with open_door() as door:
        await _made(door)
        (thread,) = (await door.client.get("/v1/threads", params={"workspace": "coffee"})).json()["items"]
        door.house.shelf.remove("coffee")  # and the process dies here
    async with open_door() as door:
        await door.house.courier.look()
        assert set(gone) == {thread["id"], "coffee"}


async def test_what_could_not_be_deleted_is_no_reason_to_forget_again(
    open_door: Any, home: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_door() as door:
        await _made(door)
        with monkeypatch.context() as patch:
            patch.setattr("api.shelf.shutil.rmtree", lambda *_args, **_more: None)
            assert (await door.client.delete("/v1/workspaces/coffee")).status_code == 204
        assert len(list((home / "trash").iterdir())) == 1
        await _made(door)
    async with open_door() as door:
        assert await _threads(door) == 1
        assert list((home / "trash").iterdir()) == []
