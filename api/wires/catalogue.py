"""What can be measured and grouped by, short enough to be read by a model before it writes a query."""

from __future__ import annotations

from typing import Any

from api.wires import markdown


def of_model(model: dict[str, Any], search: str | None = None) -> dict[str, Any]:
    """{metrics, dimensions} of a semantic model's JSON: name (as queries write it), label, description, synonyms."""
    metrics = [_entry(name, m) for name, m in model["metrics"].items()]
    dimensions = []
    for table, parts in model["tables"].items():
        metrics += [_entry(name, m) for name, m in parts["measures"].items()]
        dimensions += [
            {**_entry(f"{table}.{name}", d), "type": d["type"]}
            for name, d in parts["dimensions"].items()
            if d.get("groupable", True)
        ]
    words = (search or "").casefold().split()
    return {
        "metrics": [e for e in metrics if _has(e, words)],
        "dimensions": [e for e in dimensions if _has(e, words)],
    }


def as_text(found: dict[str, Any]) -> str:
    """The catalogue as two lists."""
    heads = {"metrics": "Metrics:", "dimensions": "Dimensions:"}
    blocks = [markdown.listed(heads[kind], [_line(e) for e in entries]) for kind, entries in found.items() if entries]
    return "\n\n".join(blocks) or "Nothing has that name."


def _entry(name: str, described: dict[str, Any]) -> dict[str, Any]:
    label = described.get("label") or name.rpartition(".")[2].replace("_", " ").capitalize()
    synonyms = [s["text"] for s in described.get("synonyms") or ()]
    entry = {"name": name, "label": label, "description": described.get("description"), "synonyms": synonyms}
    return {k: v for k, v in entry.items() if v}


def _has(entry: dict[str, Any], words: list[str]) -> bool:
    text = " ".join([entry["name"], entry["label"], *entry.get("synonyms", ())]).casefold()
    return all(word in text for word in words)


def _line(entry: dict[str, Any]) -> str:
    also = f" (also: {', '.join(entry['synonyms'])})" if entry.get("synonyms") else ""
    about = f": {entry['description']}" if entry.get("description") else ""
    return f"`{entry['name']}` {markdown.literal(entry['label'] + also + about)}"
