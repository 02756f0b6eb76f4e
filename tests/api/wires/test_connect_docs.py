"""Every example of docs/connect-an-app.md is run as it stands there, against the demo."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import sys
from pathlib import Path

import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "connect-an-app.md").read_text()
ADDRESS = "http://127.0.0.1:8000"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_python_examples(demo, number: int, tmp_path: Path, capsys) -> None:
    (tmp_path / "example.py").write_text(blocks("python")[number].replace(ADDRESS, demo.url))
    runpy.run_path(str(tmp_path / "example.py"))
    said = capsys.readouterr().out
    assert re.search(r"\d", said), said


@pytest.mark.parametrize("number", range(len(blocks("js"))))
def test_javascript_examples(demo, node, number: int) -> None:
    said = node("--input-type=module", "-e", blocks("js")[number].replace(ADDRESS, demo.url))
    assert "highest net revenue" in said and re.search(r"\$[\d,.]+", said), said


def test_the_page_with_use_chat(demo, node) -> None:
    page = blocks("jsx")[0].replace(ADDRESS, demo.url)
    shown = node("page.mjs", "net revenue by channel last month", "</td>", stdin=page)
    assert "<th>" in shown and "<td>" in shown and "net revenue" in shown.casefold()


async def test_the_configuration_of_clients(demo) -> None:
    for block in blocks("json"):
        for server in json.loads(block).get("mcpServers", {}).values():
            command = shutil.which(server["command"], path=str(Path(sys.executable).parent))
            environment = {"PLAINSAY_HOME": str(demo.house.home)}
            started = StdioServerParameters(command=str(command), args=server["args"], env=environment)
            async with stdio_client(started) as (read, write), ClientSession(read, write) as session:
                await session.initialize()
                names = (await session.call_tool("list_workspaces")).structured_content["workspaces"]
                assert names == [server["args"][-1]]


def test_there_are_examples() -> None:
    assert [len(blocks(kind)) for kind in ("python", "js", "jsx", "json")] == [6, 2, 1, 2]
