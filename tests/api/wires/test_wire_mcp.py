"""The official MCP client over HTTP and over standard input: tools, resources, questions back, errors, rights."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from evals.fakes.assistant import ScriptedAssistant
from tools import registry

TEXT = "Revenue was $114,000.00 in the north and $86,000.00 south."


@contextlib.asynccontextmanager
async def session(url: str, key: str | None = None) -> AsyncIterator[ClientSession]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with (
        httpx2.AsyncClient(headers=headers) as http,
        streamable_http_client(f"{url}/mcp", http_client=http) as (read, write),
        ClientSession(read, write) as opened,
    ):
        await opened.initialize()
        yield opened


def said(result) -> str:
    return "".join(part.text for part in result.content)


async def test_tools_and_resources_are_listed(served):
    async with session(served.url) as client:
        tools = {t.name: t for t in (await client.list_tools()).tools}
        assert {"ask", "list_metrics", "list_workspaces", "query_metrics", "forecast", "explain_change"} <= set(tools)
        assert all(t.description and t.annotations and t.annotations.read_only_hint for t in tools.values())
        assert not {t.name for t in registry.all_tools() if t.writes} & set(tools)
        assert set(tools["forecast"].input_schema["properties"]) >= {"metric", "workspace", "as_of"}
        assert [r.uri for r in (await client.list_resources()).resources] == ["plainsay://workspaces/shop/model"]
        templates = (await client.list_resource_templates()).resource_templates
        assert templates[0].uri_template == "plainsay://workspaces/{workspace}/model"


async def test_a_question_is_answered_with_progress_and_receipts(served):
    steps: list[str] = []

    async def told(_progress: float, _total: float | None, message: str | None) -> None:
        steps.append(message or "")

    async with session(served.url) as client:
        done = await client.call_tool("ask", {"question": "total revenue"}, progress_callback=told)
    assert not done.is_error and said(done).startswith(TEXT) and "| North | 114,000 |" in said(done)
    assert done.structured_content["status"] == "answered" and len(done.structured_content["claims"]) == 2
    assert steps == ["1. Query orders"]


async def test_a_question_back_is_replied_to_on_its_thread(serve):
    assistant = ScriptedAssistant()
    with serve(assistant) as served:
        async with session(served.url) as client:
            asked = await client.call_tool("ask", {"question": "clarify revenue"})
            thread = asked.structured_content["thread_id"]
            assert asked.structured_content["status"] == "clarify" and thread in said(asked)
            assert "1. Net revenue" in said(asked)
            await client.call_tool("ask", {"question": "Net revenue", "thread_id": thread})
    assert assistant.turns[1].thread_id == thread


@pytest.mark.parametrize(
    ("tool", "args", "code"),
    [
        ("ask", {"question": "fail"}, "limit_reached"),
        ("ask", {"question": "break"}, "defect"),
        ("ask", {}, "invalid_request"),
        ("ask", {"question": "x" * 4001}, "too_large"),
        ("ask", {"question": "x", "workspace": "nowhere"}, "unknown_name"),
        ("ask", {"question": "x", "wrong": 1}, "invalid_request"),
        ("query_metrics", {"query": {}}, "unavailable"),
    ],
)
async def test_what_goes_wrong_is_a_result_a_model_can_read(served, tool, args, code):
    async with session(served.url) as client:
        failed = await client.call_tool(tool, args)
    assert failed.is_error and failed.structured_content["error"]["code"] == code
    assert said(failed) and "/a/path" not in said(failed)


async def test_unknown_names_are_protocol_errors(served):
    async with session(served.url) as client:
        with pytest.raises(MCPError):
            await client.call_tool("nothing", {})
        for uri in ("plainsay://workspaces/nowhere/model", "file:///etc/passwd", "plainsay://workspaces/../model"):
            with pytest.raises(MCPError):
                await client.read_resource(uri)


async def test_the_caller_of_the_protocol_has_the_rights_of_its_key(serve, monkeypatch):
    monkeypatch.setenv("PLAINSAY_API_KEYS", f"app:viewer={'k' * 30},boss={'b' * 30}")
    assistant = ScriptedAssistant()
    with serve(assistant, hosts=None, keyed=True) as served:
        async with session(served.url, "k" * 30) as guest, session(served.url, "b" * 30) as boss:
            await guest.call_tool("ask", {"question": "total", "thread_id": "t1"})
            await boss.call_tool("ask", {"question": "total", "thread_id": "t2"})
            refused = await boss.call_tool("ask", {"question": "total", "thread_id": "t1"})
            names = {t.name for t in (await guest.list_tools()).tools}
            assert "run_sql" not in names and "ask" in names
        with pytest.raises(BaseExceptionGroup):
            async with session(served.url):
                pass
    assert refused.structured_content["error"]["code"] == "unknown_thread"
    assert [t.principal.user_id for t in assistant.turns] == ["key:app", "key:boss"]


@contextlib.asynccontextmanager
async def local(home: Path, *options: str) -> AsyncIterator[ClientSession]:
    command = StdioServerParameters(
        command=str(Path(sys.executable).parent / "plainsay"), args=["mcp", *options], env={"PLAINSAY_HOME": str(home)}
    )
    async with stdio_client(command) as (read, write), ClientSession(read, write) as opened:
        await opened.initialize()
        yield opened


async def test_on_standard_input_real_data_is_asked(retail_home):
    async with local(retail_home, "--workspace", "demo-retail") as client:
        asked = await client.call_tool("ask", {"question": "total net revenue by channel", "as_of": "2026-11-21"})
        assert not asked.is_error and asked.structured_content["claims"] and "| Channel |" in said(asked)
        follow = {"question": "and by category", "thread_id": asked.structured_content["thread_id"]}
        assert (await client.call_tool("ask", follow)).structured_content["status"] == "answered"
        metrics = await client.call_tool("list_metrics", {"search": "revenue"})
        names = {m["name"] for m in metrics.structured_content["metrics"]}
        assert "net_revenue" in names and "`net_revenue`" in said(metrics)
        query = {"query": {"metrics": [{"metric": "net_revenue"}]}}
        found = await client.call_tool("query_metrics", {**query, "as_of": "2026-11-21"})
        assert found.structured_content["sql"] and found.structured_content["tables"][0]["rows"]
        wrong = await client.call_tool("query_metrics", {"query": {"metrics": [{"metric": "net_revenu"}]}})
        assert wrong.is_error and "net_revenue" in said(wrong)
        model = await client.read_resource("plainsay://workspaces/demo-retail/model")
        assert '"metrics"' in model.contents[0].text


async def test_on_standard_input_a_file_is_asked(tmp_path):
    (tmp_path / "sales.csv").write_text("day,region,amount\n2026-01-01,north,10\n2026-01-02,south,5\n")
    async with local(tmp_path / "home", "--data", str(tmp_path / "sales.csv")) as client:
        asked = await client.call_tool("ask", {"question": "total amount by region"})
        assert asked.structured_content["status"] == "answered" and "| north |" in said(asked).casefold()
    assert not (tmp_path / "home" / "workspaces").exists()
