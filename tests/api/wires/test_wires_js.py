"""The official JavaScript clients against a real server: openai, @ag-ui/client, ai, @modelcontextprotocol/sdk."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("client", ["openai", "agui", "aisdk", "mcp"])
def test_official_client(served, node, client):
    assert node(f"{client}.mjs", served.url).strip().endswith("ok")
