"""A changed assumption re-runs by patch alone."""

from __future__ import annotations

from agent.plan import Assumption, Option, Plan, Step, merge_patch


def test_merge_patch_follows_rfc_7396() -> None:
    assert merge_patch({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": None, "e": 3}, "d": [2]}) == {
        "a": {"c": 2, "e": 3},
        "d": [2],
    }


def test_patch_changes_the_step_and_the_chip() -> None:
    patch = {"steps": {"s1": {"args": {"query": {"metrics": [{"metric": "gross"}]}}}}}
    chip = Assumption(
        key="metric",
        label="Metric",
        value="net",
        display="Net revenue",
        options=[Option(value="gross", label="Gross revenue", patch=patch)],
    )
    step = Step(tool="query_metrics", args={"query": {"metrics": [{"metric": "net"}], "limit": 5}})
    plan = Plan(intent="total", steps={"s1": step}, assumptions=[chip])
    changed = plan.patched(patch)
    assert changed.steps["s1"].args["query"] == {"metrics": [{"metric": "gross"}], "limit": 5}
    assert (changed.assumptions[0].value, changed.assumptions[0].display) == ("gross", "Gross revenue")
    assert plan.assumptions[0].value == "net"
