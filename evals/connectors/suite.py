"""The suites behind `manifests` and `connectors`; what they find out is what the labels of connectors say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from evals.connectors import kills, playing, prism, specs, stranger, stripe, tried
from evals.result import Figure, SuiteResult
from ingestion.connectors import catalog, proven

_EXPLAINED = Path(__file__).with_name("explained.yaml")
_MOCKS = Path(__file__).with_name("mocked.json")


def manifests(data: Path) -> SuiteResult:
    """Compare every manifest with the specification of its vendor, and write the labels."""
    explained: dict[str, str] = yaml.safe_load(_EXPLAINED.read_text(encoding="utf-8"))
    folder = data / "connectors" / "specs"
    looked: dict[str, int] = {}
    unread: set[str] = set()  # their specifications are not installed here; what was found out before stands
    cases: list[dict[str, Any]] = []
    for manifest in catalog.everything():
        count, differences = specs.compare(manifest, folder)
        if count:
            looked[manifest.source] = count
        elif any(r.spec for r in manifest.resources):
            unread.add(manifest.source)
        cases += [
            {"name": d.id, "verdict": "explained" if d.id in explained else "wrong", "why": explained.get(d.id, "")}
            for d in differences
        ]
    facts = yaml.safe_load((data / "connectors" / "facts.yaml").read_text(encoding="utf-8"))["sources"]
    out = [f"{s}.{r['name']}" for s, fact in facts.items() for r in fact["resources"] if not _covered(s, r["name"])]
    cases += [
        {"name": n, "verdict": "explained" if n in explained else "wrong", "why": explained.get(n, "")} for n in out
    ]
    wrong = sum(c["verdict"] == "wrong" for c in cases)
    unused = {n for n in explained if n.partition(".")[0] not in unread} - {str(c["name"]) for c in cases}
    faulty = {str(c["name"]).partition(".")[0] for c in cases if c["verdict"] == "wrong"}
    write_labels((set(looked) | _told(unread)) - faulty)
    figures = [
        Figure("manifests", len(catalog.names()), "", 39, "more"),
        Figure("names compared with specifications", sum(looked.values()), "", 350, "more"),
        Figure("vendors with a specification", len(looked), "", 6, "more"),
        Figure("differences without a reason", wrong + len(unused), "", 0),
        Figure("differences with a reason", len(cases) - wrong, ""),
        Figure("known resources left out, each with a reason", len(out), ""),
    ]
    return SuiteResult("manifests", "quality", figures, cases)


def connectors(data: Path) -> SuiteResult:
    """Load from independent servers, and kill loads, counting every row."""
    outcome = prism.run(data / "connectors" / "specs")
    good = {t.source for t in outcome.tried if t.landed} - {t.source for t in outcome.tried if t.error and not t.rows}
    bought = stripe.run()
    served = {t.source for t in outcome.tried if t.landed}
    _note({"prism": _counted(outcome.tried), "localstripe": bought.ok})
    followed = stranger.run()
    killed = kills.run()
    figures = [
        Figure("vendors loaded from Prism", len(served), "", 8, "more"),
        Figure("vendors of which every resource was", len(good), ""),
        Figure("lists loaded from Prism", sum(bool(t.landed) for t in outcome.tried), "", len(outcome.tried), "more"),
        Figure("counts and sums beside what Prism served", outcome.sums, "", 20, "more"),
        Figure("of these, different", len(outcome.differences), "", 0),
        Figure("localstripe: differences of totals", bought.differences, "", 0),
        Figure("localstripe: rows of a second load", bought.again, "", 0),
        Figure("commands of docs/write-a-connector.md", followed.commands, "", 3, "more"),
        Figure("of these, failed or without the answer", len(followed.failed) + len(followed.missing), "", 0),
        Figure("kills during loads", killed.kills, "", 100, "more"),
        Figure("rows lost", killed.lost, "", 0),
        Figure("rows doubled", killed.doubled, "", 0),
    ]
    cases = [
        {"name": f"{t.source}.{t.resource}", "verdict": "note" if t.error else "right", "why": t.error,
         "rows": t.rows, "placeholders": t.placeholders} for t in outcome.tried
    ]  # fmt: skip
    cases += [{"name": name, "verdict": "wrong", "why": "not the same sum"} for name in outcome.differences]
    return SuiteResult("connectors", "quality", figures, cases)


def sources() -> SuiteResult:
    """Load every source twice from a server that plays it with faults, and count each row."""
    played = playing.run()
    exact = {p.source: (p.exact, p.lists) for p in played if not p.wrong and not p.again}
    copied = tried.run()
    _note({"replay": exact, "places": copied})
    figures = [
        Figure("sources played with faults, every list exact", len(exact), "", len(played), "more"),
        Figure("lists played", sum(p.lists for p in played), ""),
        Figure("faults met", sum(p.faults for p in played), "", 50, "more"),
        Figure("lists with rows lost or doubled", sum(p.lists - p.exact for p in played), "", 0),
        Figure("rows that a second load changed", sum(p.again for p in played), "", 0),
        Figure("tokens fetched and renewed", sum(p.tokens for p in played), ""),
        Figure("databases copied from servers of their own, exactly", len(copied), "", 2, "more"),
    ]
    cases = [
        {"name": p.source, "verdict": "wrong" if p.wrong or p.again else "right", "why": "; ".join(p.wrong),
         "kinds": p.kinds, "lists": p.lists, "rows": p.rows, "faults": p.faults, "tokens": p.tokens} for p in played
    ]  # fmt: skip
    return SuiteResult("sources", "quality", figures, cases)


def _note(found: dict[str, Any]) -> None:
    """Keep what ran beside what ran before, and write the labels."""
    before = json.loads(_MOCKS.read_text(encoding="utf-8")) if _MOCKS.is_file() else {}
    _MOCKS.write_text(json.dumps({**before, **found}, indent=1) + "\n", encoding="utf-8")
    write_labels(None)


def write_labels(checked: set[str] | None) -> None:
    """The label of each connector from what ran: specifications now (`checked`) or before, mocks as last noted."""
    before = json.loads(proven.FILE.read_text(encoding="utf-8")) if proven.FILE.is_file() else {}
    mocked: dict[str, Any] = {"prism": {}, "localstripe": False, "replay": {}, "places": {}}
    if _MOCKS.is_file():
        mocked |= json.loads(_MOCKS.read_text(encoding="utf-8"))
    today = datetime.now(UTC).date().isoformat()
    found: dict[str, dict[str, Any]] = {}
    for source in catalog.names():
        spec = source in checked if checked is not None else before.get(source, {}).get("spec", False)
        parts = ["every name compared with the vendor's specification"] if spec else []
        landed, asked = mocked["prism"].get(source, (0, 0))
        parts += [f"{landed} of {asked} lists loaded from a Prism mock of it"] if landed else []
        parts += ["loaded from localstripe with exact totals"] if source == "stripe" and mocked["localstripe"] else []
        exact, lists = mocked["replay"].get(source, (0, 0))
        parts += [f"{exact} of {lists} lists exact from our own replay of its manifest, with faults"] if lists else []
        tested = 2 * landed > asked or (source == "stripe" and mocked["localstripe"]) or bool(lists)
        label = "mock-tested" if tested else "spec-checked" if spec else "untested"
        if parts:
            found[source] = {"label": label, "detail": _sentence(parts), "spec": spec, "date": today}
    for place, what in mocked["places"].items():
        detail = f"All of a table, and then what was new in it, copied exactly from {what} of its own."
        found[place] = {"label": "mock-tested", "detail": detail, "spec": False, "date": today}
    proven.FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _told(sources: set[str]) -> set[str]:
    """Those of the sources whose labels say that they were compared."""
    before = json.loads(proven.FILE.read_text(encoding="utf-8")) if proven.FILE.is_file() else {}
    return {s for s in sources if before.get(s, {}).get("spec")}


def _counted(tried: list[prism.Tried]) -> dict[str, tuple[int, int]]:
    """By source: how many of its lists landed, of how many that were asked for."""
    found: dict[str, tuple[int, int]] = {}
    for one in tried:
        landed, asked = found.get(one.source, (0, 0))
        found[one.source] = (landed + bool(one.landed), asked + 1)
    return found


def _sentence(parts: list[str]) -> str:
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def _covered(source: str, resource: str) -> bool:
    return source in catalog.names() and any(r.name == resource for r in catalog.get(source).resources)
