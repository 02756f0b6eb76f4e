"""GraphQL reads dashboards with the rights of who asks, within limits, and can change nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from agent.recipe import Move, Recipe
from api import accounts
from store import dashboards as table
from store.principal import Principal

BOARD = """
query Board($id: ID!) {
  dashboard(id: $id) {
    title workspace mine
    cards { id title question answer { status text warnings
      table { title totalRows columns { name role unit } rows(first: 1) } } }
  }
}
"""


async def _kept(door: Any, cards: int = 1) -> str:
    """A dashboard with so many cards of one answer; its id."""
    page = (await door.client.post("/v1/dashboards", json={"title": "Sales"})).json()
    recipe = Recipe(moves=[Move(kind="ask", text="revenue by region")]).model_dump(mode="json")
    card = {"title": "Regions", "question": "revenue by region", "thread_id": "t", "view": "auto", "wide": False}
    for _ in range(cards):
        await door.house.database.write(lambda c: table.add_card(c, "local", page["id"], {**card, "recipe": recipe}))
    return str(page["id"])


async def _graph(door: Any, query: str, status: int = 200, **variables: Any) -> dict[str, Any]:
    reply = await door.client.post("/v1/graphql", json={"query": query, "variables": variables})
    assert reply.status_code == status, reply.text
    return dict(reply.json())


async def test_a_dashboard_with_its_figures_in_one_request(door) -> None:
    page = await _kept(door)
    found = await _graph(door, BOARD, id=page)
    assert "errors" not in found
    board = found["data"]["dashboard"]
    assert (board["title"], board["workspace"], board["mine"]) == ("Sales", "shop", True)
    (card,) = board["cards"]
    same = (await door.client.get(f"/v1/dashboards/{page}/cards/{card['id']}/answer")).json()
    assert card["answer"]["status"] == "answered" and card["answer"]["text"] == same["text"]
    table = card["answer"]["table"]
    assert table["rows"] == same["result"]["rows"][:1] and table["totalRows"] == 2
    assert [c["name"] for c in table["columns"]] == ["region", "revenue"]
    listed = await _graph(door, '{ dashboards(workspace: "shop") { id title } }')
    assert listed["data"]["dashboards"] == [{"id": page, "title": "Sales"}]


async def test_the_query_of_the_docs_is_answered(door) -> None:
    page = (Path(__file__).parents[2] / "docs" / "connect-an-app.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"```graphql\n(.*?)```", page, re.S)
    found = await _graph(door, query, id=await _kept(door))
    assert "errors" not in found
    (card,) = found["data"]["dashboard"]["cards"]
    assert card["answer"]["status"] == "answered" and len(card["answer"]["table"]["rows"]) == 2


async def test_the_request_of_the_docs_is_answered(door) -> None:
    page = (Path(__file__).parents[2] / "docs" / "connect-an-app.md").read_text(encoding="utf-8")
    (body,) = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", page, re.S) if "dashboard(id" in text)
    found = await _graph(door, body["query"], **{**body["variables"], "id": await _kept(door)})
    assert "errors" not in found and found["data"]["dashboard"]["cards"][0]["answer"]["status"] == "answered"


async def test_a_batch_is_refused(door) -> None:
    reply = await door.client.post("/v1/graphql", json=[{"query": "{ dashboards { id } }"}] * 2)
    assert reply.status_code == 422 and reply.json()["error"]["code"]


async def test_others_dashboards_are_not_there(door, monkeypatch) -> None:
    page = await _kept(door)
    for stranger in (Principal("eve", "Eve", "viewer"), Principal("tom", "Tom", memberships={"cafe": "owner"})):
        monkeypatch.setattr(accounts, "current", lambda who=stranger: who)
        hidden = await _graph(door, BOARD, id=page)
        missing = await _graph(door, BOARD, id="db-none")
        assert hidden == missing and hidden["data"] is None
        assert hidden["errors"][0]["extensions"]["code"] == "unknown_dashboard"
        assert (await _graph(door, "{ dashboards { id } }"))["data"] == {"dashboards": []}


async def test_shared_pages_close_with_the_workspace(door, monkeypatch) -> None:
    page = await _kept(door)
    await door.client.patch(f"/v1/dashboards/{page}", json={"shared": True})
    monkeypatch.setattr(accounts, "current", lambda: Principal("ann", "Ann", memberships={"shop": "viewer"}))
    assert (await _graph(door, BOARD, id=page))["data"]["dashboard"]["mine"] is False
    monkeypatch.setattr(accounts, "current", lambda: Principal("tom", "Tom", memberships={"cafe": "owner"}))
    assert (await _graph(door, BOARD, id=page))["data"] is None


async def test_no_more_cards_are_worked_out_than_one_request_may_have(door) -> None:
    page = await _kept(door, cards=17)
    found = await _graph(door, "query($id: ID!) { dashboard(id: $id) { cards { answer { status } } } }", id=page)
    assert {e["extensions"]["code"] for e in found["errors"]} == {"too_many_answers"}
    assert found["data"] is None


DOUBLED = " ".join(
    ["{ dashboards { ...f0 } }", *(f"fragment f{n} on Dashboard {{ ...f{n + 1} ...f{n + 1} }}" for n in range(44))]
)
WOVEN = "{ dashboards { ...f0 } } " + " ".join(
    f"fragment f{n} on Dashboard {{ {' '.join(f'...f{other}' for other in range(12) if other != n)} }}"
    for n in range(12)
)
NESTED = "{ dashboards " * 40 + "{ id }" + " }" * 40
CYCLE = "query { dashboards { ...a } } fragment a on Dashboard { id ...b } fragment b on Dashboard { title ...a }"


@pytest.mark.parametrize(
    "query",
    [
        "mutation { remove }", "subscription { told }", "{ dashboards", "", "{ secrets }", CYCLE, DOUBLED,
        "{ dashboards { id ...nowhere } }", "{ dashboards { ...a } } fragment a on Dashboard { cards { ...nowhere } }",
        WOVEN, NESTED,
        "{" + " ".join(f"a{n}: dashboards {{ id }}" for n in range(13)) + "}",
        "{" + "dashboards { id } " * 300 + "}",
        "{ dashboards(first: " + "[" * 400 + "]" * 400 + ") { id } }", "{" * 5_000, "{ dashboards { id(x: 1) } }",
    ],
)  # fmt: skip
async def test_what_is_no_small_query_is_refused_with_a_reason(door, query: str) -> None:
    reply = await door.client.post("/v1/graphql", json={"query": query})
    assert reply.status_code in (200, 422), reply.text
    found = reply.json()
    assert found.get("data") is None and (found.get("errors") or found["error"])
    for secret in ("Traceback", "site-packages", "strawberry", "/api/"):
        assert secret not in reply.text


async def test_the_schema_can_be_read_and_says_nothing_of_the_data(door) -> None:
    from graphql import get_introspection_query

    await _kept(door)
    found = await _graph(door, get_introspection_query(descriptions=True))
    assert "errors" not in found
    kinds = {t["name"] for t in found["data"]["__schema"]["types"] if not t["name"].startswith("__")}
    assert {"Query", "Dashboard", "Card", "Answer", "Table", "Column"} <= kinds
    assert found["data"]["__schema"]["mutationType"] is None
    for word in ("shop", "Sales", "revenue"):
        assert f'"{word}"' not in str(found).replace("'", '"')
    for depth in (3, 60):
        assert await _bounded(door, depth)


async def _bounded(door: Any, depth: int) -> bool:
    """Whether a deep look at the types ends quickly, answered or refused."""
    query = "{ __schema { types { " + "fields { type { " * depth + "name" + " } }" * depth + " } } }"
    reply = await door.client.post("/v1/graphql", json={"query": query})
    return reply.status_code in (200, 422) and len(reply.content) < 200_000


async def test_a_fault_of_ours_is_told_as_one(door, monkeypatch) -> None:
    from api import boards

    async def broken(*_: Any) -> Any:
        raise RuntimeError("engine text with /a/path")

    page = await _kept(door)
    monkeypatch.setattr(boards, "answered", broken)
    found = await _graph(door, BOARD, id=page)
    assert "/a/path" not in str(found) and found["errors"][0]["extensions"]["code"] == "defect"
