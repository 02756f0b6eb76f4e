"""Promise 4: no tool, no route and no SQL tells a bound person of rows, columns or cells that policies hide."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from agent.view import WorkspaceView, WorkspaceViews
from api import accounts
from api.app import create_app
from evals.canary import BOSS, BOUND, NEIGHBOUR, NOBODY, OTHER, SHOP, build, leaks
from store.errors import PlainsayError
from store.principal import Principal
from tools import registry
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.guard import RawSql, authorize

AS_OF = datetime(2026, 7, 15, 9)
JUNE: dict[str, Any] = {"start": "2026-06-01", "end": "2026-07-01"}
BY_REGION = [{"field": "customers.region"}]

# What each tool is asked. A tool that is not here makes `test_every_tool_is_walked` fail.
ASKED: dict[str, list[dict[str, Any]]] = {
    "describe_data": [{}, {"topic": "table", "name": "orders"}, {"topic": "table", "name": "secret"}]
    + [{"topic": "metric", "name": n} for n in ("total_amount", "secret")],
    "query_metrics": [
        {"query": {"metrics": [{"metric": "sum:orders.amount"}], "dimensions": d, **more}}
        for d in ([], BY_REGION, [{"field": "customers.name"}], [{"field": "orders.channel"}])
        for more in ({}, {"filters": [{"field": {"field": "customers.region"}, "op": "contains", "values": ["south"]}]})
    ]
    + [
        {"query": {"dimensions": BY_REGION}},
        {"query": {"metrics": [{"metric": "max:orders.amount"}]}},
        {"query": {"metrics": [{"metric": "sum:orders.amount"}], "dimensions": [{"field": "orders.secret_mem"}]}},
        {"query": {"metrics": [{"metric": "count:orders"}], "dimensions": [{"field": "orders.memo"}]}},
        {
            "query": {
                "metrics": [{"metric": "sum:orders.amount"}],
                "dimensions": BY_REGION,
                "top": {"n": 1, "by": "sum_amount", "others": True},
            }
        },
    ],
    "list_records": [
        {"query": {"table": "customers"}},
        {"query": {"table": "orders"}},
        {"query": {"table": "orders", "columns": [{"field": "customers.name"}], "distinct": True}},
        {"query": {"table": "customers", "related": [{"table": "orders", "exists": False}]}},
        {"query": {"table": "orders", "order": [{"by": "amount", "desc": True}]}},
    ],
    "explain_change": [
        {"metric": {"metric": "sum:orders.amount"}, "period": JUNE},
        {"metric": {"metric": "sum:orders.amount"}, "period": JUNE, "by": BY_REGION},
    ],
    "forecast": [{"metric": "sum:orders.amount"}, {"metric": "sum:orders.amount", "by": BY_REGION[0]}],
    "run_sql": [
        {"sql": sql}
        for sql in (
            "SELECT * FROM orders",
            "SELECT * FROM customers",
            "SELECT memo, secret FROM orders",
            "SELECT max(amount) FROM orders",
            "SELECT name, count(*) FROM customers GROUP BY 1",
        )
    ],
    "anomalies": [{"metric": "sum:orders.amount"}, {"metric": "sum:orders.amount", "by": BY_REGION[0]}],
    "insights": [
        {},
        {"grain": "week", "by": BY_REGION},
        {"metrics": [{"metric": "sum:orders.amount"}], "grain": "day"},
    ],
    "pacing": [{"metric": "sum:orders.amount", "goal": 100}, {"metric": "sum:orders.amount", "growth": 0.1}],
    "reach": [{"metric": "sum:orders.amount", "goal": 1e9}, {"metric": "sum:orders.amount", "goal": 100, "per": "day"}],
    "trend": [{"metric": "sum:orders.amount", "grain": g, "by": BY_REGION[0]} for g in ("day", "week", "month")],
    "benchmark": [
        {"metric": "sum:orders.amount", "by": BY_REGION[0]},
        {"metric": "sum:orders.amount", "by": BY_REGION[0], "focus": "canarysouth"},
    ],
    "cohorts": [{}, {"by": BY_REGION[0]}],
    "look_up": [{"topic": "orders"}, {"topic": "total_amount", "about": "benchmark"}],
    "survival": [{}, {"by": BY_REGION[0]}],
    "funnel": [{}, {"table": "orders", "entity": "orders.customer_id"}],
    "correlate": [{"metric": "sum:orders.amount"}],
    "segments": [{}, {"method": "kmeans"}],
    "lifetime_value": [{}],
    "churn_risk": [{}],
    "save_segment": [{"name": "Best", "skill": "segments", "args": {"only": "Champions"}}],
    "forget_segment": [{"name": "Best"}],
    "connected_sources": [{}, {"source": "stripe"}],
    "refresh_source": [{"source": "stripe"}],
    "live_lookup": [{"source": "stripe"}],
    "what_if": [{"metric": "total_amount", "goal": {"metric": "total_amount", "to": 9}}],
}
RAW = [
    "SELECT * FROM orders",
    "SELECT * FROM customers",
    "SELECT max(amount) FROM orders",
    "SELECT memo FROM orders",
    "SELECT secret FROM orders",
    "SELECT o.* FROM orders o RIGHT JOIN customers c ON c.id = o.customer_id",
    "SELECT CAST(name AS INTEGER) FROM customers",
    "SELECT COLUMNS('sec.*') FROM orders",
    "SELECT to_json(o) FROM orders o",
    "SELECT count(*) FILTER (WHERE region LIKE '%south') AS n, string_agg(name) FROM customers",
    "SELECT * FROM planets",
]
QUESTIONS = [
    "total amount by region",
    "total amount by customer name",
    "total amount in canarysoth",
    "amount for canarysmit",
    "orders of canary smiht",
    "show me the orders",
    "list customers",
    "what can I ask?",
    "how is total amount defined?",
    "top 5 customers by total amount",
    "which customers have no orders",
    "number of orders by secret mmo",
    "what are the memos",
    "why did total amount change in June 2026?",
    "forecast total amount",
    "anomalies in total amount",
    "what is the mass by planet",
    "total amount by month",
    "biggest order",
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("canaries")
    build(home)
    return home


@pytest.fixture(scope="module")
def view(house: Path) -> WorkspaceView:
    return WorkspaceViews(house).get(SHOP)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    with closing(DuckDBEngine(workers=2)) as opened:
        yield opened


def told(view: WorkspaceView, engine: DuckDBEngine, person: Principal, name: str, args: dict[str, Any]) -> str:
    """All that a tool says, its error included; what was asked is left out."""
    context = registry.ToolContext(
        workspace=view.workspace, principal=person, model=view.model, profile=view.profile, engine=engine,
        snapshot=view.snapshot, as_of=AS_OF,
    )  # fmt: skip
    try:
        found = registry.get(name).run(context, args)
    except PlainsayError as error:
        return json.dumps(error.to_dict(), default=str)
    return found.model_dump_json(exclude={"args", "sql"}) + (found.sql or "").replace("canarysouth", "")


def test_every_tool_is_walked() -> None:
    assert set(ASKED) == {t.name for t in registry.all_tools()}, "ask the new tool here"


@pytest.mark.parametrize("name", sorted(ASKED))
def test_a_tool_tells_a_bound_person_nothing_hidden(view: WorkspaceView, engine: DuckDBEngine, name: str) -> None:
    seen = [told(view, engine, BOSS, name, args) for args in ASKED[name]]  # fills every cache with all rows first
    few_rows = (
        "anomalies",
        "insights",
        "pacing",
        "reach",
        "trend",
        "benchmark",
        "cohorts",
        "look_up",
        "survival",
        "funnel",
        "correlate",
        "what_if",
        "segments",
        "lifetime_value",
        "churn_risk",
        "save_segment",
        "forget_segment",
        "connected_sources",
        "refresh_source",
        "live_lookup",
    )
    assert name in few_rows or any(leaks(text) for text in seen), "the canaries are not where the test looks"
    for args in ASKED[name]:
        for person in (BOUND, NOBODY):
            assert leaks(told(view, engine, person, name, args)) == [], (person.name, args)


@pytest.mark.parametrize("sql", RAW)
def test_sql_tells_a_bound_person_nothing_hidden(view: WorkspaceView, engine: DuckDBEngine, sql: str) -> None:
    def answer(person: Principal) -> str:
        try:
            bound = authorize(RawSql(sql), person, model=view.model, snapshot=view.snapshot)
            return str(engine.run(bound).table.to_pylist())
        except PlainsayError as error:
            return json.dumps(error.to_dict(), default=str)

    answer(Principal("boss", "Boss", "owner", BOSS.attributes))
    analyst = Principal("ana", "Ana", "analyst", BOUND.attributes)
    assert leaks(answer(analyst)) == []
    assert answer(BOUND) != "" and leaks(answer(BOUND)) == []


def test_the_index_of_values_and_the_profile_are_narrowed(house: Path, engine: DuckDBEngine) -> None:
    views = WorkspaceViews(house)
    whole, seen = views.get(SHOP), views.seen_by(SHOP, BOUND, engine)
    assert whole.values.match("canarysouth") and whole.values.match("north")
    assert seen.values.match("north")
    for word in ("canarysouth", "canarysmith", "canarynote1", "canarysmit"):
        assert seen.values.match(word) == []
    assert leaks(seen.profile.model_dump_json(exclude={"tables": {"orders": {"columns": {"secret_memo"}}}})) == []
    assert leaks(seen.model.model_dump_json(exclude={"policies", "column_policies"})) == []
    assert views.seen_by(SHOP, NEIGHBOUR, engine).values.match("canarysouth")
    assert views.seen_by(SHOP, NOBODY, engine).values.match("north") == []
    assert views.seen_by(SHOP, BOUND, engine) is seen


class Doors:
    """A client of the app in which the test says who is asking."""

    def __init__(self, client: httpx.AsyncClient, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.client, self.app, self._patch = client, app, monkeypatch

    def enter(self, person: Principal) -> None:
        self._patch.setattr(accounts, "current", lambda: person)

    async def text(self, method: str, path: str, **more: Any) -> str:
        return (await self.client.request(method, path, **more)).text

    async def ask(self, question: str, **more: Any) -> str:
        """The answer without the words of the question."""
        body = {"question": question, "workspace": SHOP, "as_of": "2026-07-15"} | more
        answer = (await self.client.post("/v1/ask", json=body)).json()
        return json.dumps({k: v for k, v in answer.items() if k != "question"}, ensure_ascii=False)


@asynccontextmanager
async def opened(home: Path, patch: pytest.MonkeyPatch) -> AsyncIterator[Doors]:
    app = create_app(home=home)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=120) as client,
    ):
        yield Doors(client, app, patch)


def _routes(found: list[Any]) -> Iterator[tuple[str, str]]:
    for route in found:
        inner = getattr(getattr(route, "original_router", None), "routes", None)
        if isinstance(route, Route):
            yield from ((method, route.path) for method in sorted(route.methods or ()) if method != "HEAD")
        else:
            yield from _routes(inner or list(getattr(route, "routes", ())))


# How each route is asked, by someone who is bound; {run}, {thread} … are what the boss made before.
# A route that is not here makes the walk fail.
METRIC = {"workspace": SHOP, "query": {"metrics": [{"metric": "sum:orders.amount"}], "dimensions": BY_REGION}}
LOOSE = "model: m\ntables:\n  orders:\n    source: orders\n    measures: {most: {agg: max, expr: amount}}\n"
HIGHEST = {
    "label": "Highest memo",
    "kind": "column",
    "table": "orders",
    "column": "secret_memo",
    "agg": "count_distinct",
}
CHAT = {"threadId": "{thread}", "runId": "{run}", "messages": [{"id": "m", "role": "user", "content": "go on"}]}
ACCEPT = {"Accept": "application/json, text/event-stream, */*"}
SAID = {"model": SHOP, "messages": [{"role": "user", "content": "total amount by region"}]}
RESPOND = {"model": SHOP, "input": "total amount by region"}
THERE = {"thread_id": "{thread}"}
TOOL: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
CALLS: list[dict[str, Any]] = [
    {"name": "ask", "arguments": {"question": "total amount by region", "workspace": SHOP}},
    {"name": "ask", "arguments": {"question": "go on", "thread_id": "{thread}"}},
    {"name": "list_metrics", "arguments": {"workspace": SHOP}},
    *({"name": n, "arguments": a | {"workspace": SHOP}} for n, given in ASKED.items() for a in given),
]
READS = [
    {"method": "tools/list"},
    {"method": "resources/read", "params": {"uri": f"plainsay://workspaces/{SHOP}/model"}},
]
RULES: list[dict[str, Any]] = [
    {"kind": "threshold", "metric": "sum:orders.amount", "direction": "above", "level": 0, "grain": "month"},
    {"kind": "threshold", "metric": "sum:orders.amount", "direction": "above", "level": 0, "by": "customers.region"},
    {"kind": "change", "metric": "sum:orders.amount", "share": 0.01, "by": "customers.region", "grain": "week"},
    {"kind": "anomaly", "metric": "sum:orders.amount", "least": "info", "by": "customers.region"},
    {"kind": "forecast", "metric": "sum:orders.amount", "direction": "above", "level": 1},
    {"kind": "goal", "metric": "sum:orders.amount", "goal": 1e12},
    {"kind": "freshness", "table": "orders", "days": 1},
    {"kind": "quality", "table": "orders", "check": "few", "share": 0.01},
    {"kind": "quality", "table": "orders", "check": "empty", "column": "amount"},
]
GRAPH = (
    "query($id: ID!, $w: String) { dashboard(id: $id) { title cards { title question answer { text warnings"
    " table { title columns { label } rows } } } } mine: dashboards(workspace: $w) { id title cards { question } } }"
)
WALK: dict[tuple[str, str], list[tuple[str, dict[str, Any] | None]]] = {
    ("GET", "/v1/openapi.json"): [("", None)],
    ("GET", "/v1/workspaces"): [("", None)],
    ("POST", "/v1/workspaces"): [("", {"name": SHOP})],
    ("POST", "/v1/workspaces/demo"): [("", {"industry": "nothing we have"})],
    ("GET", "/v1/workspaces/{name}/insights"): [("?as_of=2026-07-15", None), ("?grain=day", None)],
    ("GET", "/v1/workspaces/{name}/goals"): [("?as_of=2026-07-15", None)],
    ("GET", "/v1/model"): [("?workspace=shop", None)],
    ("GET", "/v1/tools"): [("", None)],
    ("POST", "/v1/graphql"): [
        ("", {"query": q, "variables": {"id": "{dashboard_id}", "w": SHOP}})
        for q in (GRAPH, "{ dashboards { id title cards { title question answer { text table { rows } } } } }")
    ],
    ("POST", "/v1/metrics/query"): [("", METRIC)],
    ("GET", "/v1/model/schema"): [("", None)],
    ("GET", "/v1/model/review"): [("?workspace=shop", None)],
    ("POST", "/v1/model/review/{item}"): [("?workspace=shop", {"verdict": "accepted"})],
    ("GET", "/v1/model/history"): [("?workspace=shop", None)],
    ("POST", "/v1/model/history/{number}/restore"): [("?workspace=shop", None)],
    ("POST", "/v1/model/check"): [("?workspace=shop", {"yaml": LOOSE})],
    ("GET", "/v1/model/text"): [("?workspace=shop", None)],
    ("PUT", "/v1/model/text"): [("?workspace=shop", {"yaml": LOOSE, "state": "0"})],
    ("PATCH", "/v1/model/names"): [("?workspace=shop", {"kind": "table", "table": "orders", "label": "Orders"})],
    ("POST", "/v1/model/metrics"): [("?workspace=shop", HIGHEST)],
    ("POST", "/v1/model/metrics/check"): [("?workspace=shop", HIGHEST)],
    ("DELETE", "/v1/model/metrics/{metric}"): [("?workspace=shop", None)],
    ("GET", "/v1/packs"): [("?workspace=shop", None)],
    ("GET", "/v1/packs/schema"): [("", None)],
    ("GET", "/v1/packs/quality"): [("?workspace=shop", None)],
    ("GET", "/v1/packs/news"): [("?workspace=shop", None)],
    ("GET", "/v1/packs/{pack}"): [("?workspace=shop", None)],
    ("GET", "/v1/packs/{pack}/preview"): [("?workspace=shop", None)],
    ("POST", "/v1/packs/{pack}"): [("?workspace=shop", None)],
    ("POST", "/v1/packs/{pack}/upgrade"): [("?workspace=shop", None)],
    ("POST", "/v1/packs/{pack}/bind"): [("?workspace=shop", {"choices": {"order": "orders"}})],
    ("PUT", "/v1/packs/{pack}/overrides"): [("?workspace=shop", {"yaml": ""})],
    ("DELETE", "/v1/packs/{pack}"): [("?workspace=shop", None)],
    ("GET", "/v1/knowledge"): [("?workspace=shop", None)],
    ("GET", "/v1/knowledge/search"): [("?workspace=shop&q=canarysouth", None)],
    ("POST", "/v1/knowledge/documents"): [("?workspace=shop", {})],
    ("DELETE", "/v1/knowledge/documents/{document}"): [("?workspace=shop", None)],
    ("POST", "/v1/chat"): [("", CHAT), ("", CHAT | {"runId": "own-run"}), ("", CHAT | {"threadId": "own"})],
    ("GET", "/v1/runs/{run_id}/events"): [("", None), ("?after=0", None)],
    ("POST", "/v1/runs/{run_id}/cancel"): [("", None)],
    ("POST", "/v1/ask"): [
        ("", {"question": "go on", "thread_id": "{thread}"}),
        ("", {"answer_id": "{answer}", "patch": {"limit": 5}}),
    ],
    ("GET", "/v1/models"): [("", None)],
    ("GET", "/v1/models/{model}"): [("", None)],
    ("POST", "/v1/chat/completions"): [("", SAID), ("", SAID | {"stream": True}), ("", SAID | {"plainsay": THERE})],
    ("POST", "/v1/responses"): [
        ("", RESPOND),
        ("", RESPOND | {"stream": True}),
        ("", RESPOND | {"previous_response_id": "{run}"}),
        ("", RESPOND | {"conversation": "{thread}"}),
    ],
    ("GET", "/v1/responses/{response_id}"): [("", None), ("?stream=true", None)],
    ("POST", "/v1/responses/{response_id}/cancel"): [("", None)],
    ("POST", "/v1/aisdk"): [("", SAID | {"workspace": SHOP}), ("", SAID | {"id": "{thread}"})],
    ("GET", "/v1/aisdk/{chat_id}/stream"): [("", None), ("?ended=true", None)],
    ("POST", "/mcp"): [("", TOOL | {"params": p}) for p in CALLS] + [("", TOOL | r) for r in READS],
    ("GET", "/mcp"): [("", None)],
    ("DELETE", "/mcp"): [("", None)],
    ("GET", "/v1/answers/{answer_id}"): [("", None)],
    ("GET", "/v1/answers/{answer_id}/ways"): [("?table=t1&row={row}", None)],
    ("GET", "/v1/threads"): [("", None), ("?q=region", None), ("?workspace=shop", None)],
    ("GET", "/v1/threads/{thread_id}"): [("", None)],
    ("POST", "/v1/threads/{thread_id}/branch"): [("", {"run_id": "{run}"})],
    ("GET", "/v1/threads/{thread_id}/share"): [("", None)],
    ("POST", "/v1/threads/{thread_id}/share"): [("", {})],
    ("DELETE", "/v1/threads/{thread_id}/share"): [("", None)],
    ("GET", "/v1/shared/{share_id}"): [("", None)],
    ("PATCH", "/v1/threads/{thread_id}"): [("", {"title": "Mine", "pinned": True})],
    ("DELETE", "/v1/threads/{thread_id}"): [("", None)],
    ("GET", "/v1/dashboards"): [("", None), ("?workspace=shop", None)],
    ("POST", "/v1/dashboards"): [("", {"title": "Mine", "workspace": SHOP})],
    ("GET", "/v1/dashboards/{dashboard_id}"): [("", None)],
    ("PATCH", "/v1/dashboards/{dashboard_id}"): [("", {"title": "Mine"})],
    ("POST", "/v1/dashboards/{dashboard_id}/cards"): [("", {"answer_id": "{answer}"})],
    ("PATCH", "/v1/dashboards/{dashboard_id}/cards/{card_id}"): [("", {"wide": True})],
    ("GET", "/v1/dashboards/{dashboard_id}/cards/{card_id}/answer"): [
        ("", None),
        ("?period=all", None),
        ("?field=customers.region&value=north", None),
    ],
    ("DELETE", "/v1/dashboards/{dashboard_id}/cards/{card_id}"): [("", None)],
    ("DELETE", "/v1/dashboards/{dashboard_id}"): [("", None)],
    ("GET", "/v1/brain"): [("", None)],
    ("POST", "/v1/brain/check"): [("", None)],
    ("GET", "/v1/brain/settings"): [("", None)],
    ("PUT", "/v1/brain/settings"): [("", {})],
    ("GET", "/v1/trained"): [("?workspace=shop", None), ("?workspace=shop&check=true", None)],
    ("POST", "/v1/trained/{model_id}/retrain"): [("?workspace=shop", None)],
    ("GET", "/v1/me/interests"): [("?workspace=shop", None)],
    ("PATCH", "/v1/me/interests"): [("?workspace=shop", {"detail": "short", "forget": ["orders"]})],
    ("DELETE", "/v1/me/interests"): [("?workspace=shop", None)],
    ("GET", "/v1/learned"): [("?workspace=shop", None)],
    ("POST", "/v1/learned"): [
        ("", {"said": "takings", "means": "amount", "workspace": SHOP}),
        ("", {"answer_id": "{answer}"}),
    ],
    ("POST", "/v1/learned/{learned_id}/approve"): [("", {}), ("", {"everyone": True})],
    ("DELETE", "/v1/learned/{learned_id}"): [("", None)],
    ("POST", "/v1/feedback"): [("", {"answer_id": "{answer}", "verdict": "down"})],
    ("GET", "/v1/feedback"): [("?workspace=shop", None)],
    ("DELETE", "/v1/feedback/{answer_id}"): [("", None)],
    ("POST", "/v1/feedback/{feedback_id}/review"): [("", {"state": "done"})],
    ("GET", "/v1/verified"): [("?workspace=shop", None)],
    ("GET", "/v1/fields"): [("?workspace=shop", None)],
    ("GET", "/v1/fields/{field}/values"): [("?workspace=shop", None)],
    ("GET", "/v1/tables/{table}/rows"): [("?workspace=shop&limit=50", None)],
    ("GET", "/v1/suggest"): [(f"?workspace=shop&q={q}", None) for q in ("", "can", "amount by", "canarysouth")],
    ("POST", "/v1/uploads"): [("?workspace=shop", {})],
    ("GET", "/v1/jobs"): [("?workspace=shop", None)],
    ("GET", "/v1/jobs/{job_id}"): [("", None)],
    ("POST", "/v1/jobs/{job_id}/cancel"): [("", None)],
    ("POST", "/v1/tables/{table}/columns/{column}"): [("?workspace=shop", {"kind": "number", "how": "point"})],
    ("DELETE", "/v1/tables/{table}"): [("?workspace=shop", None)],
    ("DELETE", "/v1/workspaces/{name}"): [("", None)],
    ("GET", "/v1/system"): [("", None)],
    ("GET", "/v1/sources/catalogue"): [("", None)],
    ("GET", "/v1/sources"): [("?workspace=shop", None)],
    ("POST", "/v1/sources"): [("", {"source": "stripe", "workspace": SHOP, "settings": {}})],
    ("POST", "/v1/sources/look"): [("", {"source": "stripe", "workspace": SHOP, "settings": {}})],
    ("POST", "/v1/sources/{source_id}/refresh"): [("?workspace=shop", None)],
    ("GET", "/v1/sources/{source_id}/schema"): [("?workspace=shop", None)],
    ("PATCH", "/v1/sources/{source_id}"): [("?workspace=shop", {"settings": {}})],
    ("DELETE", "/v1/sources/{source_id}"): [("?workspace=shop", None)],
    ("POST", "/v1/persons/held"): [("", {"workspace": SHOP, "who": "nobody@example.org"})],
    ("POST", "/v1/persons/erase"): [("", {"workspace": SHOP, "who": "nobody@example.org"})],
    ("GET", "/v1/rates"): [("?workspace=shop", None)],
    ("PUT", "/v1/rates"): [("", {"workspace": SHOP, "currency": "EUR"})],
    ("GET", "/v1/lineage/{table}"): [("?workspace=shop", None)],
    ("POST", "/v1/hooks/{source_id}"): [("?workspace=shop", {"id": "evt"})],
    ("POST", "/v1/events"): [("?key=wk-x", {"event": "a", "user_id": "u"})],
    ("OPTIONS", "/v1/events"): [("", None)],
    ("GET", "/v1/tracker.js"): [("", None)],
    ("GET", "/v1/events/live"): [("?workspace=shop", None)],
    ("GET", "/v1/events/status"): [("?workspace=shop", None)],
    ("GET", "/v1/events/keys"): [("?workspace=shop", None)],
    ("POST", "/v1/events/keys"): [("", {"name": "k", "workspace": SHOP})],
    ("DELETE", "/v1/events/keys/{write_key_id}"): [("", None)],
    ("GET", "/v1/webhooks"): [("?workspace=shop", None)],
    ("POST", "/v1/webhooks"): [("", {"url": "https://example.com/x", "workspace": SHOP})],
    ("GET", "/v1/webhooks/{webhook_id}"): [("", None)],
    ("PATCH", "/v1/webhooks/{webhook_id}"): [("", {"active": False})],
    ("POST", "/v1/webhooks/{webhook_id}/ping"): [("", None)],
    ("GET", "/v1/webhooks/{webhook_id}/deliveries"): [("", None)],
    ("POST", "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay"): [("", None)],
    ("DELETE", "/v1/webhooks/{webhook_id}"): [("", None)],
    ("GET", "/v1/digests"): [("?workspace=shop", None)],
    ("GET", "/v1/digests/recipes"): [("?workspace=shop", None)],
    ("POST", "/v1/digests"): [("", {"workspace": SHOP, "name": "Mine"})],
    ("POST", "/v1/digests/preview"): [
        ("", {"workspace": SHOP, "at": "2026-07-15T09:00:00Z", "timing": {"cadence": c}, "recipe": {"metrics": m}})
        for c in ("daily", "weekly", "monthly")
        for m in ([], ["sum:orders.amount"])
    ],
    ("GET", "/v1/digests/{digest_id}"): [("", None)],
    ("PATCH", "/v1/digests/{digest_id}"): [("", {"name": "Other"})],
    ("GET", "/v1/digests/{digest_id}/rehearsal"): [("?days=10", None)],
    ("POST", "/v1/digests/{digest_id}/send"): [("", None)],
    ("GET", "/v1/digests/{digest_id}/history"): [("", None)],
    ("POST", "/v1/digests/stop"): [("?digest={digest_id}&mark=x", None)],
    ("DELETE", "/v1/digests/{digest_id}"): [("", None)],
    ("GET", "/v1/alerts"): [("?workspace=shop", None)],
    ("POST", "/v1/alerts"): [("", {"workspace": SHOP, "name": "Mine", "rule": RULES[0]})],
    ("POST", "/v1/alerts/read"): [
        ("", {"workspace": SHOP, "text": f"tell me when {what} is below 3"})
        for what in ("amount", "amount in canarysouth", "amount of any region", "canarysouth")
    ],
    ("POST", "/v1/alerts/preview"): [
        ("", {"workspace": SHOP, "at": "2026-07-15T09:00:00Z", "rule": rule}) for rule in RULES
    ],
    ("POST", "/v1/alerts/rehearsal"): [
        ("", {"workspace": SHOP, "at": "2026-07-15T09:00:00Z", "rule": RULES[2], "days": 2})
    ],
    ("GET", "/v1/alerts/wishes"): [("", None)],
    ("PUT", "/v1/alerts/wishes"): [("", {"budget": 3})],
    ("GET", "/v1/alerts/{alert_id}"): [("", None)],
    ("PATCH", "/v1/alerts/{alert_id}"): [("", {"name": "Other"})],
    ("GET", "/v1/alerts/{alert_id}/rehearsal"): [("?days=2", None)],
    ("POST", "/v1/alerts/{alert_id}/check"): [("", None)],
    ("GET", "/v1/alerts/{alert_id}/history"): [("", None)],
    ("POST", "/v1/alerts/stop"): [("?alert={alert_id}&mark=x", None)],
    ("DELETE", "/v1/alerts/{alert_id}"): [("", None)],
    ("GET", "/v1/incidents"): [("", None)],
    ("PATCH", "/v1/incidents/{incident_id}"): [("", {"state": "acknowledged"})],
    ("GET", "/v1/inbox"): [("", None)],
    ("GET", "/v1/inbox/{message_id}"): [("", None)],
    ("GET", "/v1/inbox/{message_id}/report"): [("?as=pdf", None), ("?as=xlsx", None)],
    ("POST", "/v1/inbox/{message_id}/read"): [("", None)],
    ("GET", "/v1/budgets"): [("", None)],
    ("PUT", "/v1/budgets"): [("", {"kind": "workspace", "of": SHOP, "questions": 0})],
    ("POST", "/v1/inbox/{message_id}/follow"): [("", {"item": 0})],
    ("GET", "/v1/usage"): [("", None), ("?days=7", None)],
    ("POST", "/slack/events"): [("", {"type": "event_callback"})],
    ("POST", "/v1/me/slack"): [("", {"code": "x"})],
    ("DELETE", "/v1/me/slack"): [("", None)],
    ("GET", "/docs"): [("", None)],
    ("GET", "/docs/{name}"): [("", None)],
    ("GET", "/v1/workspaces/{name}/export"): [("", None)],
    ("POST", "/v1/workspaces/{name}/copy"): [("", {"name": "copied"})],
    ("POST", "/v1/workspaces/import"): [("?name=imported", {})],
    ("GET", "/v1/session"): [("", None)],
    ("POST", "/v1/session"): [("", {"email": "a@b.example", "password": "x"})],
    ("DELETE", "/v1/session"): [("", None)],
    ("POST", "/v1/setup"): [("", {"email": "a@b.example", "name": "A", "password": "x"})],
    ("POST", "/v1/session/view-as"): [("", {"user_id": "local"})],
    ("DELETE", "/v1/session/view-as"): [("", None)],
    ("PATCH", "/v1/me"): [("", {"name": "N"})],
    ("GET", "/v1/me/sessions"): [("", None)],
    ("DELETE", "/v1/me/sessions/{session_id}"): [("", None)],
    ("POST", "/v1/me/password"): [("", {"password": "x", "new": "y"})],
    ("POST", "/v1/me/second-factor"): [("", {"password": "x"})],
    ("POST", "/v1/me/second-factor/confirm"): [("", {"code": "1"})],
    ("POST", "/v1/me/second-factor/off"): [("", {"password": "x"})],
    ("GET", "/v1/users"): [("", None), ("?workspace=shop", None)],
    ("POST", "/v1/users"): [("", {"name": "S"})],
    ("GET", "/v1/users/{user_id}"): [("", None)],
    ("PATCH", "/v1/users/{user_id}"): [("", {"roles": {"*": "owner"}})],
    ("DELETE", "/v1/users/{user_id}"): [("", None)],
    ("POST", "/v1/users/{user_id}/sign-out"): [("", None)],
    ("POST", "/v1/users/{user_id}/password-link"): [("", None)],
    ("GET", "/v1/invitations"): [("", None)],
    ("POST", "/v1/invitations"): [("", {"email": "a@b.example"})],
    ("DELETE", "/v1/invitations/{invitation_id}"): [("", None)],
    ("POST", "/v1/invitations/look"): [("", {"token": "x"})],
    ("POST", "/v1/invitations/accept"): [("", {"token": "x", "name": "A", "password": "x"})],
    ("POST", "/v1/password"): [("", {"token": "x", "password": "x"})],
    ("GET", "/v1/keys"): [("", None)],
    ("POST", "/v1/keys"): [("", {"name": "k"})],
    ("DELETE", "/v1/keys/{key_id}"): [("", None)],
    ("GET", "/v1/policies"): [("?workspace=shop", None)],
    ("PUT", "/v1/policies"): [("?workspace=shop", {"policies": []})],
    ("GET", "/v1/sign-on"): [("", None)],
    ("GET", "/v1/sign-on/return"): [("?state=x&code=y", None)],
    ("GET", "/v1/audit"): [("", None), ("?workspace=shop", None), ("?q=canarysouth", None)],
    ("GET", "/v1/audit/verify"): [("", None)],
    ("GET", "/healthz"): [("", None)],
    ("GET", "/readyz"): [("", None)],
    ("GET", "/metrics"): [("", None)],
    ("GET", "/{path:path}"): [("", None)],
}


@pytest.mark.slow
async def test_no_route_tells_a_bound_person_anything_hidden(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(house, monkeypatch) as doors:
        assert set(WALK) == set(_routes(doors.app.routes)), "walk the new route here"
        made = await _boss_was_here(doors)
        doors.enter(BOUND)
        for (method, path), requests in WALK.items():
            for tail, body in requests:
                address = path.format_map(made | {"path:path": "index.html"}) if "{path" not in path else "/x"
                filled = json.loads(_filled(json.dumps(body), made)) if body is not None else None
                text = await doors.text(method, address + tail, json=filled, headers=ACCEPT)
                assert leaks(text) == [], (method, path, text[:2000])


@pytest.mark.slow
async def test_no_route_tells_one_tenant_of_another(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner of one workspace asks every address for all of the other one: by name, by ids, by warm caches."""
    tenant = Principal("tina", "Tina", memberships={OTHER: "owner"})
    theirs = ("canarysouth", "canarysmith", "canarynote", "secret_memo", "miller", "jones")
    async with opened(house, monkeypatch) as doors:
        made = await _boss_was_here(doors)
        assert "canarysmith" in await doors.ask("total amount by customer name"), "the cache is warm"
        doors.enter(tenant)
        assert "canaryworld" in (await doors.ask("list planets", workspace=OTHER)).casefold()
        answered = 0
        for (method, path), requests in WALK.items():
            for tail, body in requests:
                for place in (SHOP, OTHER):  # the other's rooms, and one's own with the other's questions and ids
                    named = made | {"model": place, "name": place if method == "GET" else "nothing"}
                    address = path.format_map(named | {"path:path": "index.html"}) if "{path" not in path else "/x"
                    filled = _filled(json.dumps(body), named).replace(f'"{SHOP}"', f'"{place}"')
                    sent = json.loads(filled) if body is not None else None
                    where = (address + tail).replace(f"workspace={SHOP}", f"workspace={place}")
                    reply = await doors.client.request(method, where, json=sent, headers=ACCEPT)
                    answered += reply.is_success
                    known = [word for word in theirs if word in reply.text.casefold() and word not in where]
                    assert known == [], (method, where, reply.text[:2000])
        assert answered > 60, "the tenant has a room of their own"


async def _boss_was_here(doors: Doors) -> dict[str, str]:
    """What an owner leaves behind: an answer full of canaries, its run and thread, warm caches."""
    doors.enter(BOSS)
    assert "canarysouth" in await doors.text("POST", "/v1/metrics/query", json=METRIC)
    body = {"question": "total amount by region", "workspace": SHOP, "thread_id": "boss-thread"}
    answer = (await doors.client.post("/v1/ask", json=body)).json()
    assert leaks(json.dumps(answer)) and answer["status"] == "answered"
    thread = (await doors.client.get("/v1/threads/boss-thread")).json()
    assert leaks(json.dumps(thread))
    run = thread["turns"][0]["run_id"]
    page = (await doors.client.post("/v1/dashboards", json={"title": "Boss", "workspace": SHOP})).json()
    kept = await doors.client.post(f"/v1/dashboards/{page['id']}/cards", json={"answer_id": answer["id"]})
    card = kept.json()["cards"][0]["id"]
    assert "canarysouth" in await doors.text("GET", f"/v1/dashboards/{page['id']}/cards/{card}/answer")
    await doors.client.patch(f"/v1/dashboards/{page['id']}", json={"shared": True})
    share = (await doors.client.post("/v1/threads/boss-thread/share")).json()["id"]
    assert leaks(await doors.text("GET", f"/v1/shared/{share}"))
    told = {"url": "https://example.com/canarysouth", "workspace": SHOP, "events": ["run.done"]}
    hook = (await doors.client.post("/v1/webhooks", json=told)).json()["id"]
    digest = (await doors.client.post("/v1/digests", json={"workspace": SHOP, "name": "canarysouth"})).json()["id"]
    told = {"workspace": SHOP, "name": "canarysouth", "rule": RULES[0]}
    made = await doors.client.post("/v1/alerts", json=told)
    assert made.status_code == 201, made.text
    alert = made.json()["id"]
    said = {"answer_id": answer["id"], "verdict": "down", "comment": "canarysouth"}
    feedback = (await doors.client.post("/v1/feedback", json=said)).json()["id"]
    return {
        "share_id": share, "feedback_id": feedback, "field": "customers.region", "table": "customers",
        "column": "region",
        "row": answer["result"]["row_keys"][0],
        "dashboard_id": page["id"], "card_id": card,
        "pack": "retail", "document": "none", "metric": "none",
        "run": run, "run_id": run, "thread": "boss-thread", "thread_id": "boss-thread", "answer": answer["id"],
        "answer_id": answer["id"], "item": "0" * 12, "number": "1", "job_id": "none", "name": "nothing",
        "digest_id": digest, "alert_id": alert, "incident_id": "in-none", "message_id": "dm-none",
        "webhook_id": hook, "source_id": "stripe", "delivery_id": "o-none", "write_key_id": "wk-none",
        "learned_id": "l-none", "model_id": "m-none", "session_id": "none", "user_id": "local", "invitation_id": "none",
        "key_id": "none",
        "response_id": run, "chat_id": "boss-thread", "model": SHOP,
    }  # fmt: skip


def _filled(text: str, made: dict[str, str]) -> str:
    for name, value in made.items():
        text = text.replace("{" + name + "}", value)
    return text


@pytest.mark.slow
async def test_no_question_tells_a_bound_person_anything_hidden(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(house, monkeypatch) as doors:
        found = {}
        for question in QUESTIONS:
            doors.enter(BOSS)
            await doors.ask(question)  # two people in turn: what the first one fills, the second must not be told
            doors.enter(BOUND)
            text = await doors.ask(question, thread_id="bound-thread")
            assert '"status"' in text or '"error"' in text, text
            found[question] = leaks(text)
        assert {q: f for q, f in found.items() if f} == {}
        shown = await doors.text("GET", "/v1/threads/bound-thread")
        assert leaks(shown) == []
        doors.enter(NEIGHBOUR)
        assert "canarysouth" in await doors.ask("total amount by region")


@pytest.mark.slow
async def test_one_workspace_never_shows_in_another(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(house, monkeypatch) as doors:
        doors.enter(BOSS)
        assert "canaryworld" in (await doors.ask("list planets", workspace=OTHER)).casefold()
        for question in (*QUESTIONS, "list planets", "mass of canaryworl", "total mass by planet"):
            assert "canaryworld" not in (await doors.ask(question)).casefold(), question
        for address in ("/v1/model?workspace=shop", "/v1/model/review?workspace=shop", "/v1/workspaces"):
            assert "canaryworld" not in (await doors.text("GET", address)).casefold(), address
