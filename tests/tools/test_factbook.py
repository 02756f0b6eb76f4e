"""The book of facts is closed: tools find known kinds only, each kind reads well, yesterday's findings are known."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from agent import claims
from agent.factual import told
from store.errors import UnknownName
from tools import registry
from tools.evidence import Column, Evidence, Fact, ResultTable
from tools.factbook.book import all_kinds, kind, problems
from tools.factbook.kind import FactKind, Length
from tools.factbook.weigh import TELL, impact, stamp, surprise, tone
from tools.registry import ToolContext
from warehouse.model.schema import Unit

ROOT = Path(__file__).resolve().parents[2]
LENGTHS: tuple[Length, ...] = ("short", "normal", "long")
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("query_metrics", {"query": {"metrics": [{"metric": "orders"}], "time": {"last": {"n": 1, "unit": "month"}}}}),
    (
        "query_metrics",
        {
            "query": {
                "metrics": [{"metric": "net_revenue"}, {"metric": "orders"}],
                "dimensions": [{"field": "order_lines.channel"}],
                "time": {"last": {"n": 1, "unit": "month"}},
                "compare": {"to": "previous_period"},
            }
        },
    ),
    ("query_metrics", {"query": {"metrics": [{"metric": "units"}], "time": {"grain": "month"}}}),
    ("list_records", {"query": {"table": "stores"}}),
    ("describe_data", {"topic": "metric", "name": "net_revenue"}),
    ("explain_change", {"metric": "net_revenue", "period": {"start": "2026-05-01", "end": "2026-06-01"}}),
    ("anomalies", {"metric": "orders", "time": {"start": "2026-10-01", "end": "2026-11-01"}}),
    ("forecast", {"metric": "orders", "horizon": "next 7 days"}),
)


def example(known: FactKind, *, whole: bool = True) -> tuple[Fact, ResultTable]:
    """A fact of a kind with all its values, or only those it must have."""
    typed = {n.rstrip("*") or "other": t for n, (t, optional) in known.typed().items() if whole or not optional}
    units = {"growth": Unit(ratio=True), "share": Unit(ratio=True), "points": Unit(ratio=True)}
    cells: dict[str, Any] = {"member": "Berlin", "period": "2026-10-01", "text": "October"}
    columns = [
        Column(
            name=n, label=n, type="text" if t in ("member", "text") else "date" if t == "period" else "float",
            role="dimension" if t in cells else "measure", unit=units.get(t),
        )
        for n, t in typed.items()
    ]  # fmt: skip
    row = [cells.get(t, 0.25) for t in typed.values()]
    table = ResultTable(id="t1", title="", columns=columns, rows=[row], row_keys=["r"], total_rows=1)
    words = {n: next(w for w in (*(a.split("|")), "x") if w) for n, a in known.attributes.items()}
    return Fact(
        kind=known.name, metric="Net revenue", values={n: table.ref(0, n) for n in typed}, attributes=words
    ), table


@pytest.mark.parametrize("name", sorted(all_kinds()))
def test_every_kind_reads_at_every_length(name: str) -> None:
    for whole in (True, False):
        fact, table = example(kind(name), whole=whole)
        for length in LENGTHS:
            sentence = told(fact, [table], length)
            rendered = claims.render(claims.Draft(((sentence,),)), [table])
            assert not rendered.dropped
            assert not set("{}|@~") & set(claims.LINK.sub(r"\1", rendered.text))
            assert "  " not in rendered.text
            if length != "short" and rendered.text:
                assert rendered.text.endswith((".", "]"))


def test_counts_take_the_right_noun() -> None:
    fact, table = example(kind("record_list"))
    table.columns[0] = table.columns[0].model_copy(update={"type": "integer"})
    for count, words in ((1, "1 record."), (2, "2 records.")):
        table.rows[0][0] = count
        text = claims.render(claims.Draft(((told(fact, [table]),),)), [table]).text
        assert claims.LINK.sub(r"\1", text) == f"I found {words}"


def spelled_kinds() -> set[str]:
    """The kinds that the code of the tools spells out."""
    found: set[str] = set()
    for path in (ROOT / "tools").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            if call.func.id == "Fact":
                nodes = [k.value for k in call.keywords if k.arg == "kind"]
            else:
                nodes = call.args[:1] if call.func.id == "_named" else []
            found |= {c.value for n in nodes for c in ast.walk(n) if isinstance(c, ast.Constant) and _word(c.value)}
    return found


def _word(value: object) -> bool:
    return isinstance(value, str) and value.isidentifier()


def test_no_tool_spells_a_kind_that_is_not_in_the_book() -> None:
    """A new kind of fact belongs on a page of tools/factbook, where it gets its words (docs/add-a-tool.md)."""
    spelled = spelled_kinds()
    assert {"top", "anomaly", "quiet", "forecast_peak"} <= spelled
    assert spelled - all_kinds().keys() == set()


@pytest.mark.parametrize(("tool", "args"), CALLS)
def test_what_tools_find_is_of_a_known_kind(context: ToolContext, tool: str, args: dict[str, Any]) -> None:
    evidence = registry.get(tool).run(context, args)
    assert evidence.facts
    assert problems(evidence) == []
    assert all(len(f.identity) == 10 for f in evidence.facts)


def test_the_same_finding_is_recognised_tomorrow(context: ToolContext) -> None:
    """Another period and other figures, the same identity; another group or another filter, another one."""
    query: dict[str, Any] = {
        "metrics": [{"metric": "net_revenue"}], "dimensions": [{"field": "order_lines.channel"}],
        "time": {"start": "2026-09-01", "end": "2026-10-01"},
    }  # fmt: skip
    later = query | {"time": {"start": "2026-10-01", "end": "2026-11-01"}}
    narrow = query | {"filters": [{"field": {"field": "order_lines.country"}, "values": ["Germany"]}]}
    first, second, third = (
        {f.kind: f.identity for f in registry.get("query_metrics").run(context, {"query": q}).facts}
        for q in (query, later, narrow)
    )
    assert first["overall"] == second["overall"]
    assert first["overall"] != third["overall"]
    assert first["top"] != first["bottom"]


def test_impact_is_size_by_surprise_by_relevance() -> None:
    assert impact(100, 10, 0.2, 1.0) == 0
    assert impact(10, 10, 1e-9, 1.0) == 0.5
    assert impact(10, 10, 1e-9, 0.5) == 0.25
    assert impact(1000, 10, 1e-9, 1.0) > 0.98
    assert impact(5, 0, 1e-9, 1.0) == 0
    assert surprise(0.05) == 0
    assert surprise(0.001) < surprise(0.0001) < surprise(1e-7) == 1
    assert 0 < TELL < 1
    assert (tone("down", "up"), tone("down", "down"), tone("up", None)) == ("bad", "good", "neutral")


def test_unknown_kinds_are_named() -> None:
    with pytest.raises(UnknownName):
        kind("totals")
    odd = stamp(Evidence(id="e1", tool="x", args={}, facts=[Fact(kind="totals", impact=2)]))
    assert problems(odd) == ["totals: no such kind is registered"]
    empty = Evidence(id="e1", tool="x", args={}, facts=[Fact(kind="total", attributes={"way": "up"}, impact=2)])
    assert problems(empty) == [
        "total: the value value is missing", "total: the attribute way says “up”", "total: its impact is 2.0",
    ]  # fmt: skip
