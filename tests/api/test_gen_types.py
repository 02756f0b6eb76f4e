"""The page's types are what the models say: a changed model must not leave the page behind."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from api.schemas import wire_schemas

WEB = Path(__file__).resolve().parents[2] / "web"


def test_every_model_of_an_answer_is_described() -> None:
    definitions = wire_schemas()["$defs"]
    assert {"Answer", "ResultTable", "Chart", "Claim", "Assumption", "EvidenceItem", "SemanticModel"} <= set(
        definitions
    )
    assert definitions["Answer"]["additionalProperties"] is False
    assert set(definitions["Answer"]["required"]) == set(definitions["Answer"]["properties"])


def test_generated_types_are_up_to_date(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not (WEB / "node_modules" / "json-schema-to-typescript").is_dir():
        pytest.skip("needs node and `npm ci` in web/")
    fresh = tmp_path / "wire.ts"
    command = [node, str(WEB / "scripts" / "gen-types.mjs"), str(fresh)]
    subprocess.run(command, check=True, env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"}, timeout=60)
    assert fresh.read_text(encoding="utf-8") == (WEB / "src" / "gen" / "wire.ts").read_text(encoding="utf-8")
