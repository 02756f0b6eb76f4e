"""What is shipped for running Plainsay fits it: files that are copied exist, settings and meters are real."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from api.meters import Meters
from store.settings import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
VARIABLES = {s.variable for s in SETTINGS}


def test_the_dockerfile_copies_what_exists_and_ends_as_nobody_special() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    stages = re.findall(r"^FROM \S+ AS (\w+)", text, re.M)
    copied = [line.split()[1:-1] for line in text.splitlines() if line.startswith("COPY ") and "--from" not in line]
    assert all((ROOT / name).exists() for names in copied for name in names), copied
    assert set(re.findall(r"--from=(\w+)", text)) <= set(stages)
    wheel = re.search(r"packages = \[(.*?)\]", (ROOT / "pyproject.toml").read_text())
    assert wheel is not None
    packages = set(re.findall(r'"(\w+)"', wheel[1]))
    assert packages <= {name for names in copied for name in names}
    lines = text.splitlines()
    assert lines.index("USER plainsay") > max(i for i, line in enumerate(lines) if line.startswith("RUN"))
    extras = re.search(r"\[([\w,]+)\]\" && rm", text)
    assert extras is not None
    known = re.findall(r"^(\w[\w-]*) = \[", (ROOT / "pyproject.toml").read_text(), re.M)
    assert set(extras[1].split(",")) <= set(known)


@pytest.mark.parametrize("name", ["compose.yaml", "helm/plainsay/values.yaml", "helm/plainsay/Chart.yaml"])
def test_yaml_is_yaml(name: str) -> None:
    assert yaml.safe_load((DEPLOY / name).read_text())


def test_settings_of_the_files_are_settings() -> None:
    for path in (p for p in DEPLOY.rglob("*") if p.is_file()):
        for name in re.findall(r"\bPLAINSAY_[A-Z_]+\b", path.read_text()):
            assert name in VARIABLES or name.removesuffix("_FILE") in VARIABLES, (path.name, name)


def test_compose_runs_what_the_command_line_knows() -> None:
    service = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["plainsay"]
    done = subprocess.run(
        [str(Path(sys.executable).parent / "plainsay"), service["command"][0], "--help"],
        capture_output=True, text=True, timeout=60, check=False, env={"PYTHONPATH": str(ROOT), "COLUMNS": "200"},
    )  # fmt: skip
    options = [part for part in service["command"] if part.startswith("--")]
    assert done.returncode == 0 and all(option in done.stdout for option in options)
    assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).exists()
    assert service["read_only"] and service["cap_drop"] == ["ALL"]


def test_the_chart_renders_to_kubernetes_objects() -> None:
    """Helm is not at hand in tests: the few constructs that the chart uses are filled in here."""
    values = yaml.safe_load((DEPLOY / "helm/plainsay/values.yaml").read_text())
    for enabled in (True, False):
        values["ingress"]["enabled"] = enabled
        template = (DEPLOY / "helm/plainsay/templates/plainsay.yaml").read_text()
        objects = list(yaml.safe_load_all(_rendered(template, values)))
        kinds = [one["kind"] for one in objects]
        assert kinds == ["PersistentVolumeClaim", "Deployment", "Service", *(["Ingress"] if enabled else [])]
        pod = objects[1]["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] and container["securityContext"]["readOnlyRootFilesystem"]
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["volumes"]}
        assert container["resources"]["limits"]["memory"] == "8Gi"


def _rendered(text: str, values: dict[str, Any]) -> str:
    def looked_up(path: str) -> Any:
        found: Any = {"Values": values, "Release": {"Name": "house"}}
        for part in path.strip(".").split("."):
            found = found[part]
        return found

    text = re.sub(r"\s*\{\{-", "{{", text)  # as Helm does: `{{-` takes the space before it away
    text = re.sub(r"\{\{ range .*?\{\{ end \}\}", "", text, flags=re.S)
    text = re.sub(r"\{\{ if (\S+) \}\}(.*?)\{\{ end \}\}", lambda m: m[2] if looked_up(m[1]) else "", text, flags=re.S)
    text = re.sub(r"\{\{ toJson (\S+) \}\}", lambda m: json.dumps(looked_up(m[1])), text)
    return re.sub(r"\{\{ (\.[\w.]+) \}\}", lambda m: str(looked_up(m[1])), text)


def test_the_dashboard_asks_for_meters_that_exist() -> None:
    dashboard = json.loads((DEPLOY / "grafana.json").read_text())
    shown = " ".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
    meters = Meters()
    known = {family.name for family in text_string_to_metric_families(meters.text().decode())}
    asked = set(re.findall(r"\b(?:plainsay|process)_\w+", shown))
    bare = {re.sub(r"_(total|bucket)$", "", name) for name in asked}
    assert bare <= known, bare - known
    ours = {name for name in known if name.startswith("plainsay_")}
    assert len(ours & bare) >= 10


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_bill_of_materials_names_every_package_once_with_its_version() -> None:
    found = script("sbom").document()
    purls = [component["purl"] for component in found["components"]]
    assert len(purls) == len(set(purls)) > 100
    assert f"pkg:pypi/duckdb@{metadata.version('duckdb')}" in purls
    refs = {component["bom-ref"] for component in found["components"]}
    assert all(set(one["dependsOn"]) <= refs for one in found["dependencies"])
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
    assert any(len(one["dependsOn"]) > 3 for one in found["dependencies"])


def test_the_bill_of_materials_is_what_its_schema_says() -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    found, validator = script("sbom").document(), JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(json.dumps(found)) is None
    assert validator.validate_str(json.dumps(found | {"serialNumber": "one"})) is not None


def test_the_audit_looks_at_the_pins_alone() -> None:
    assert str(ROOT / "constraints.txt") in script("audit").command()
