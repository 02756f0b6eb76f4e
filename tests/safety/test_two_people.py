"""Two people of one workspace with other rows each, signed in for real: by no way does one learn of the other's."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from api import passwords
from api.app import create_app
from evals.canary import SHOP, build
from evals.fakes.browsers import People

NORTH, SOUTH = ("miller", "jones", '"north"'), ("canarysouth", "canarysmith", "7913375", "7,913,375")
RULES = {"policies": [{"name": "own", "table": "customers", "where": "region = {user.region}", "exempt": ["owner"]}]}
QUESTIONS = (
    "total amount by region", "total amount by customer name", "top 5 customers by total amount", "list customers",
    "biggest order", "total amount by month", "why did total amount change in June 2026?", "amount for canary smiht",
    "orders of milelr", "which customers have no orders",
)  # fmt: skip
READS = (
    f"/v1/workspaces/{SHOP}/insights?as_of=2026-07-15", f"/v1/workspaces/{SHOP}/goals?as_of=2026-07-15",
    f"/v1/model?workspace={SHOP}", "/v1/workspaces", "/v1/threads",
    f"/v1/suggest?workspace={SHOP}&q=can", f"/v1/suggest?workspace={SHOP}&q=mil", f"/v1/suggest?workspace={SHOP}",
    f"/v1/learned?workspace={SHOP}", "/v1/dashboards", f"/v1/fields?workspace={SHOP}", f"/v1/verified?workspace={SHOP}",
    f"/v1/fields/customers.name/values?workspace={SHOP}", f"/v1/tables/customers/rows?workspace={SHOP}",
    f"/v1/tables/orders/rows?workspace={SHOP}", f"/v1/feedback?workspace={SHOP}",
)  # fmt: skip


def found(text: str, words: tuple[str, ...]) -> list[str]:
    folded = text.casefold()
    return [word for word in words if word in folded]


async def say(client: Any, question: str, **more: Any) -> str:
    body = {"question": question, "workspace": SHOP, "as_of": "2026-07-15"} | more
    answer = (await client.post("/v1/ask", json=body)).json()
    return json.dumps({k: v for k, v in answer.items() if k != "question"}, ensure_ascii=False)


async def _left_behind(client: Any, thread: str, word: str) -> dict[str, str]:
    """A dashboard that is shared, a link to a conversation, and a word that was taught."""
    body = {"question": "total amount by region", "workspace": SHOP, "thread_id": thread}
    answer = (await client.post("/v1/ask", json=body)).json()
    page = (await client.post("/v1/dashboards", json={"title": "Mine", "workspace": SHOP})).json()
    kept = (await client.post(f"/v1/dashboards/{page['id']}/cards", json={"answer_id": answer["id"]})).json()
    await client.patch(f"/v1/dashboards/{page['id']}", json={"shared": True})
    link = (await client.post(f"/v1/threads/{thread}/share")).json()["id"]
    await client.post("/v1/learned", json={"workspace": SHOP, "said": "my best", "means": word})
    return {"page": page["id"], "card": kept["cards"][0]["id"], "link": link}


@pytest.mark.slow
async def test_neither_learns_of_the_others_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from argon2 import PasswordHasher

    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    build(tmp_path)
    app = create_app(home=tmp_path)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        there = People(app, app.state.house)
        stack.push_async_callback(there.aclose)
        boss = await there.boss()
        assert (await boss.put(f"/v1/policies?workspace={SHOP}", json=RULES)).status_code == 200
        people = {}
        for name, region in (("ana", "north"), ("bob", "canarysouth")):
            people[name] = await there.joined(boss, f"{name}@example.com", "analyst", SHOP)
            user = await there.id_of(boss, f"{name}@example.com")
            await boss.patch(f"/v1/users/{user}", json={"attributes": {"region": [region]}})
        ana, bob = people["ana"], people["bob"]
        mine = await _left_behind(ana, "t-one", "north"), await _left_behind(bob, "t-two", "canarysouth")
        assert found(await say(ana, QUESTIONS[0]), NORTH) and found(await say(bob, QUESTIONS[0]), SOUTH)
        tried, leaks = 0, []
        for client, hidden, theirs in ((ana, SOUTH, mine[1]), (bob, NORTH, mine[0])):
            texts = {q: await say(client, q) for q in QUESTIONS}
            texts |= {f"then {q}": await say(client, q, thread_id=f"chat-{theirs['page']}") for q in QUESTIONS[:3]}
            others = [f"/v1/dashboards/{theirs['page']}", f"/v1/shared/{theirs['link']}"]
            others += [f"/v1/dashboards/{theirs['page']}/cards/{theirs['card']}/answer"]
            texts |= {path: (await client.get(path)).text for path in (*READS, *others)}
            sql = [{"sql": s} for s in ("SELECT * FROM customers", "SELECT max(amount), min(amount) FROM orders")]
            key = (await client.post("/v1/keys", json={"name": "k"})).json()["key"]
            program = await there.program(key)
            for number, args in enumerate(sql):
                call = {"name": "run_sql", "arguments": args | {"workspace": SHOP}}
                body = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": call}
                accept = {"Accept": "application/json, text/event-stream"}
                texts[f"sql {number}"] = (await program.post("/mcp", json=body, headers=accept)).text
            tried += len(texts)
            leaks += [(name, found(text, hidden)) for name, text in texts.items() if found(text, hidden)]
        assert leaks == []
        assert tried >= 60
