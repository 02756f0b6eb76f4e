"""Running it: what doctor sees, secrets from files, traces without data, pages of other origins, several processes."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api import checkup, crosssite, keys, logs
from api.app import create_app
from api.cli import app as command_line
from api.house import Parts
from api.server import serve
from evals.fakes.assistant import ScriptedAssistant
from store import settings, tracing
from store.errors import ConfigProblem, PlainsayError


def found() -> dict[str, tuple[bool | None, str]]:
    return {name: (ok, detail) for name, ok, detail in checkup.findings()}


def test_a_good_installation_passes(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAINSAY_HOME", str(tmp_path / "home"))
    seen = found()
    assert {name for name, (ok, _) in seen.items() if ok is False} == set()
    assert {"settings", "home folder", "disk space", "permissions", "state database", "clock", "OS fence"} <= set(seen)
    assert seen["OS fence"][0] is None and "missing" in seen["OS fence"][1]


@pytest.mark.parametrize(
    ("variable", "value", "where"),
    [
        ("PLAINSAY_QUERY_SECONDS", "soon", "PLAINSAY_QUERY_SECONDS"),
        ("PLAINSAY_QUERY_ROWS", "-5", "PLAINSAY_QUERY_ROWS"),
        ("PLAINSAY_QUERY_SECONS", "5", "PLAINSAY_QUERY_SECONS"),
        ("PLAINSAY_DATABASE_URL", "mysql://x/y", "state database"),
        ("PLAINSAY_DATABASE_URL", "postgresql://u:canarypass@127.0.0.1:1/x", "state database"),
        ("PLAINSAY_TRACES_URL", "", ""),
    ],
)
def test_what_is_wrong_is_named(monkeypatch, variable, value, where):
    monkeypatch.setenv(variable, value)
    seen = found()
    wrong = {name for name, (ok, _) in seen.items() if ok is False}
    assert wrong == ({where} if where else set())
    assert "canarypass" not in str(seen)


def test_others_may_not_read_secrets(tmp_path, monkeypatch):
    home = tmp_path / "open"
    home.mkdir(mode=0o755)
    home.chmod(0o755)
    (home / "secret.key").write_text("x")
    (home / "secret.key").chmod(0o644)
    monkeypatch.setenv("PLAINSAY_HOME", str(home))
    assert found()["permissions"] == (False, "others may read secret.key: run chmod 700 on the home folder")


def test_doctor_fails_with_its_exit_code(monkeypatch):
    monkeypatch.setenv("PLAINSAY_QUERY_ROWS", "-5")
    done = CliRunner().invoke(command_line, ["doctor", "--json"])
    assert done.exit_code == 2
    assert [row["name"] for row in json.loads(done.stdout) if row["ok"] is False] == ["PLAINSAY_QUERY_ROWS"]


def test_secrets_come_from_files(tmp_path, monkeypatch):
    (tmp_path / "key").write_text("sk-from-a-file\n")
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("PLAINSAY_DATABASE_URL_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("PLAINSAY_QUERY_ROWS_FILE", str(tmp_path / "key"))
    assert settings.get("model_key") == settings.get("database_url") == "sk-from-a-file"
    assert settings.get("query_rows") == 10_000
    monkeypatch.setenv("OPENAI_API_KEY", "sk-given")
    assert settings.get("model_key") == "sk-given"
    monkeypatch.setenv("PLAINSAY_SECRET_KEY_FILE", str(tmp_path / "nothing"))
    with pytest.raises(ConfigProblem):
        settings.get("secret_key")
    assert "sk-from-a-file" in logs.secrets_of({"OPENAI_API_KEY_FILE": str(tmp_path / "key")})


def test_a_secret_that_does_not_parse_is_not_shown(monkeypatch):
    monkeypatch.setenv("PLAINSAY_SECRET_KEY", "canarysecret")
    from store import installation

    with pytest.raises(PlainsayError) as refused:
        installation.key()
    assert "canarysecret" not in str(refused.value)


async def test_traces_go_from_the_request_to_the_turn_and_hold_no_question(door):
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    assert tracing.start(exporter)
    try:
        await door.client.post("/v1/ask", json={"question": "canary revenue", "thread_id": "canary-thread"})
        await door.client.post("/v1/ask", json={"question": "canary fail"})
    finally:
        tracing.stop()
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert {"request", "turn"} <= set(spans)
    turns = [span for span in exporter.get_finished_spans() if span.name == "turn"]
    assert all(span.parent is not None for span in turns)
    assert {span.attributes.get("error.type") for span in turns} == {None, "LimitReached"}
    assert "canary" not in "".join(span.to_json() for span in exporter.get_finished_spans())


async def test_nothing_is_traced_unless_it_is_asked_for():
    assert not tracing.start()
    with tracing.span("x", a=1):
        assert tracing._tracer is None


async def test_pages_of_other_origins_are_shut_out_unless_named(home, monkeypatch):
    text = keys.create("ann", "owner")
    there = {"Origin": "https://app.example.com", "Sec-Fetch-Site": "cross-site"}
    preflight = {**there, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for named, allowed in (("", False), ("https://app.example.com", True), ("*", False)):
        monkeypatch.setenv("PLAINSAY_ORIGINS", named)
        app = create_app(home=home, parts=Parts(assistant=ScriptedAssistant()), static=home / "static", keyed=True)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                asked = await client.options("/v1/ask", headers=preflight)
                assert (asked.headers.get("access-control-allow-origin") is not None) == allowed
                keyed = {**there, "Authorization": f"Bearer {text}"}
                sent = await client.post("/v1/ask", json={"question": "total"}, headers=keyed)
                assert sent.status_code == (200 if allowed else 403)
                assert (await client.post("/v1/ask", json={"question": "total"}, headers=there)).status_code == 403
                assert "access-control-allow-credentials" not in sent.headers
    assert crosssite.origins() == frozenset()


def test_several_processes_on_sqlite_are_refused(tmp_path):
    with pytest.raises(ConfigProblem, match="Postgres"):
        serve(port=0, home=tmp_path, processes=2)


async def test_the_page_of_the_api_brings_all_it_needs(door):
    page = await door.client.get("/docs")
    assert page.status_code == 200 and "Plainsay API" in page.text
    assert "http://" not in page.text.replace("http://www.w3.org", "") and "https://" not in page.text
    for name in ("explorer.js", "explorer.css"):
        assert f"/docs/{name}" in page.text
        assert (await door.client.get(f"/docs/{name}")).status_code == 200
    script = (await door.client.get("/docs/explorer.js")).text
    assert "innerHTML" not in script and "eval(" not in script
    for name in ("../app.py", "__init__.py", "%2e%2e"):
        assert (await door.client.get(f"/docs/{name}")).status_code == 404


async def test_the_description_reads_well(door):
    told = (await door.client.get("/v1/openapi.json")).json()
    operations = [(path, verb, one) for path, verbs in told["paths"].items() for verb, one in verbs.items()]
    assert len({one["operationId"] for _, _, one in operations}) == len(operations) > 50
    tags = {tag["name"] for tag in told["tags"]}
    for path, verb, one in operations:
        assert one["tags"][0] in tags and one["summary"] and not one["summary"].endswith("."), path
        assert "500" in one["responses"] and "401" in one["responses"], (verb, path)
        assert all(answer.get("description") or "$ref" in answer for answer in one["responses"].values())
    assert "HTTPValidationError" not in json.dumps(told)
    examples = [one for _, _, one in operations if "example" in json.dumps(one.get("requestBody", {}))]
    assert len(examples) >= 7
    assert Path(settings.home()).exists()
