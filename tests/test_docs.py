"""The docs say what is there, all of it, and nothing that is not."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from store.settings import SETTINGS
from tools.registry import all_tools
from warehouse.model import store
from warehouse.query import MetricQuery

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFERENCE = reference()


def all_text() -> str:
    return "\n".join(p.read_text(encoding="utf-8") for p in PAGES)


@pytest.mark.parametrize("name", sorted(REFERENCE.PAGES))
def test_reference_pages_are_what_the_code_says(name: str) -> None:
    """Run `make docs` when this fails."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == REFERENCE.PAGES[name]()


def test_settings_in_the_docs_exist() -> None:
    named = set(re.findall(r"\b(?:PLAINSAY|OPENAI|SLACK)_[A-Z_]+\b", all_text()))
    assert named == {s.variable for s in SETTINGS}


def test_commands_in_the_docs_exist() -> None:
    known = set(re.findall(r"^## `plainsay ([a-z -]+)`$", REFERENCE.commands_page(), re.M))
    groups = "|".join(sorted({command.split()[0] for command in known if " " in command}))
    spelled = set(
        re.findall(
            rf"(?<!/)plainsay ((?:{groups}) [a-z][a-z-]*|(?!https?:)[a-z][a-z-]*)\b", "\n".join(_code(all_text()))
        )
    )
    assert spelled - known == set()


def test_make_targets_in_the_docs_exist() -> None:
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert set(re.findall(r"\bmake ([a-z-]+)\b", "\n".join(_code(all_text())))) - known == set()


def test_every_tool_is_documented() -> None:
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert all(f"`{t.name}`" in text for t in all_tools())


def _code(text: str) -> list[str]:
    """Fenced blocks of commands, and inline code."""
    return re.findall(r"```(?:sh|console)\n(.*?)```", text, re.S) + re.findall(r"`([^`\n]+)`", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_and_paths_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if not link.startswith(("http", "#"))]
    paths = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|md|yaml)|(?:[a-z_]+/)+)`", text)
    missing = [link for link in links if not (page.parent / link).exists()]
    missing += [path for path in paths if not (ROOT / path).exists()]
    assert missing == []


def test_the_query_of_the_docs_is_a_query() -> None:
    text = (ROOT / "docs" / "query.md").read_text(encoding="utf-8")
    for block in re.findall(r"```json\n(.*?)```", text, re.S):
        MetricQuery.model_validate(json.loads(block))
    words = set(re.findall(r"`([a-z_]+)`", text.split("| Part |")[1].split("\n\n")[0]))
    inner = {"where", "alias", "any_of", "term", "grain", "part", "start", "end", "last", "to_date", "per"}
    inner |= {"share", "rank", "running", "moving", "growth", "many", "calendar", "timezone", "offset", "window"}
    inner |= {"others", "note", "refuse"}
    assert words - inner == set(MetricQuery.model_fields)


def test_the_model_of_the_docs_is_a_model() -> None:
    text = (ROOT / "docs" / "semantic-model.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(re.sub(r"\bon:", "'on':", b)) for b in re.findall(r"```yaml\n(.*?)```", text, re.S)]
    assert len(blocks) == 5
    calendar = blocks[2]["calendar"] | blocks[3]["calendar"]
    whole = {"model": "example"} | blocks[0] | blocks[1] | blocks[3] | blocks[4] | {"calendar": calendar}
    model = store.parse(yaml.safe_dump(whole))
    assert set(model.metrics) == set(blocks[1]["metrics"])
    assert model.calendar.retail is not None
    assert model.calendar.holidays and model.events and model.driver_trees
