"""Importing the application is light: what is heavy warms up after the door is open."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = (
    "sklearn", "statsforecast", "statsmodels", "prophet", "scipy", "chromadb", "langchain_openai", "langchain",
    "openai", "ag_ui_langgraph", "dlt", "altair", "matplotlib", "mcp", "slack_bolt", "dbos", "pandas",
    "langgraph", "duckdb", "pyarrow", "sqlglot", "alembic",
)  # fmt: skip


def test_app_and_server_import_nothing_heavy():
    code = "import sys, json, api.server, api.app; print(json.dumps(sorted(m.split('.')[0] for m in sys.modules)))"
    loaded = set(json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout))
    assert not loaded & set(HEAVY)


def test_serve_refuses_taken_ports():
    import socket

    import pytest

    from api.server import check_address
    from store.errors import ConfigProblem

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigProblem) as refused:
            check_address("127.0.0.1", taken.getsockname()[1], keyed=False)
        assert refused.value.code == "port_taken"
    check_address("127.0.0.1", 0, keyed=False)


def test_secrets_are_masked_by_name_and_in_urls():
    from api.logs import secrets_of

    found = secrets_of(
        {
            "OPENAI_API_KEY": "sk-1234567",
            "SLACK_BOT_TOKEN": "xoxb-12345",
            "PLAINSAY_DATABASE_URL": "postgresql://u:hunter2222@db/x",
            "OPENAI_BASE_URL": "http://localhost/v1",
            "HOME": "/root/home",
            "EMPTY_TOKEN": "",
        }
    )
    assert sorted(found) == ["hunter2222", "sk-1234567", "xoxb-12345"]
