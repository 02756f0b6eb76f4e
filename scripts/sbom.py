"""Writes a CycloneDX 1.6 bill of materials of what is installed, so that a company knows what it runs."""

from __future__ import annotations

import hashlib
import json
import sys
import uuid
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

SPEC = "1.6"


def document(distributions: list[metadata.Distribution] | None = None) -> dict[str, Any]:
    """The bill of materials of these distributions, by default of all that are installed here."""
    found = list(metadata.distributions()) if distributions is None else distributions
    named = {_purl(one): one for one in found if one.metadata["Name"]}
    components = [_component(purl, one) for purl, one in sorted(named.items())]
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([c["purl"] for c in components]))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "component": {"type": "application", "name": "plainsay", "bom-ref": "plainsay"},
        },
        "components": components,
        "dependencies": [_depends(purl, one, named) for purl, one in sorted(named.items())],
    }


def _component(purl: str, one: metadata.Distribution) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library", "bom-ref": purl, "name": one.metadata["Name"], "version": one.version, "purl": purl,
    }  # fmt: skip
    licence = one.metadata.get("License-Expression") or one.metadata.get("License") or ""
    if licence and len(licence) < 100:
        component["licenses"] = [{"license": {"name": licence}}]
    record = one.read_text("RECORD")
    if record:
        component["properties"] = [
            {"name": "plainsay:record:sha256", "value": hashlib.sha256(record.encode()).hexdigest()}
        ]
    return component


def _depends(purl: str, one: metadata.Distribution, named: dict[str, metadata.Distribution]) -> dict[str, Any]:
    by_name = {known.partition("@")[0]: known for known in named}
    wanted = {f"pkg:pypi/{_name(text)}" for text in one.requires or [] if "extra ==" not in text}
    return {"ref": purl, "dependsOn": sorted(by_name[name] for name in wanted if name in by_name)}


def _purl(one: metadata.Distribution) -> str:
    return f"pkg:pypi/{_name(one.metadata['Name'] or '')}@{one.version}"


def _name(text: str) -> str:
    plain = text
    for mark in " ;[<>=!~(":
        plain = plain.partition(mark)[0]
    return plain.strip().lower().replace("_", "-").replace(".", "-")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(document(), indent=1) + "\n")
