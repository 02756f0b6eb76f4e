"""Driver trees: parts add up at every step of any tree, and the tree that a model gives is the one that is followed."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

import pytest

from tools.drivers.tree import LOG_MEAN, MOST_ENDS, SHAPLEY, Branch, Followed, follow, grown
from warehouse.model.schema import SemanticModel

_MEASURES = {n: {"agg": "sum", "expr": n} for n in ("revenue", "cost", "orders", "units", "visits")}
_RATIOS = {
    "order_value": ("revenue", "orders"), "unit_price": ("revenue", "units"), "basket": ("units", "orders"),
    "conversion": ("orders", "visits"),
}  # fmt: skip


def _model(**trees: dict[str, object]) -> SemanticModel:
    metrics = {n: {"kind": "ratio", "numerator": a, "denominator": b} for n, (a, b) in _RATIOS.items()}
    tables = {"sales": {"source": "sales", "measures": _MEASURES}}
    return SemanticModel.model_validate({"model": "t", "tables": tables, "metrics": metrics, "driver_trees": trees})


def _random(rng: random.Random, depth: int, names: list[str]) -> Branch:
    name = f"n{len(names)}"
    names.append(name)
    if depth == 0 or rng.random() < 0.25:
        return Branch(name)
    operation = rng.choice(["product", "sum", "ratio"])
    parts = tuple(_random(rng, depth - 1, names) for _ in range(2 if operation == "ratio" else rng.choice([2, 3])))
    return Branch(name, operation, parts, rng.choice([0, 1]) if operation == "sum" else 0)


def _values(tree: Branch, value: Callable[[], Fraction], into: dict[str, Fraction]) -> Fraction:
    """Values of every branch, the ends drawn and the rest worked out."""
    found = value() if not tree.parts else Fraction(0)
    if tree.parts:
        parts = [_values(p, value, into) for p in tree.parts]
        found = Branch("", tree.operation, tuple(Branch("") for _ in parts), tree.taken_off).value(parts)
    into[tree.name] = found
    return found


def _followed(tree: Branch, seed: int) -> tuple[Followed, Fraction]:
    rng = random.Random(seed)
    before: dict[str, Fraction] = {}
    after: dict[str, Fraction] = {}
    change = -_values(tree, lambda: Fraction(rng.randint(1, 500), 7), before)
    change += _values(tree, lambda: Fraction(rng.randint(1, 500), 7), after)
    found = follow(tree, before, after, change)
    assert found is not None
    return found, change


@pytest.mark.parametrize("seed", range(40))
def test_every_step_adds_up_exactly(seed: int) -> None:
    tree = _random(random.Random(seed), 3, [])
    if not tree.parts or len(tree.ends()) > MOST_ENDS:
        tree = Branch("n0", "product", (Branch("n1"), Branch("n2", "sum", (Branch("n3"), Branch("n4")))))
    found, change = _followed(tree, seed)
    effects = {e.branch.name: e.effect for e in found.effects}
    assert sum(effects[e.name] for e in tree.ends()) == change
    for branch, _ in tree.all():
        if branch.parts:
            below = sum((effects[p.name] for p in branch.parts), Fraction(0))
            assert below == (effects[branch.name] if branch is not tree else change)


def test_products_are_split_by_logarithmic_means_and_sums_by_shapley() -> None:
    product, total = (Branch("r", o, (Branch("a"), Branch("b"))) for o in ("product", "sum"))
    assert _followed(product, 1)[0].method == LOG_MEAN
    assert _followed(total, 1)[0].method == SHAPLEY


def test_a_factor_that_did_not_move_made_nothing() -> None:
    tree = Branch("r", "product", (Branch("a"), Branch("b")))
    one = {"r": Fraction(20), "a": Fraction(4), "b": Fraction(5)}
    found = follow(tree, one, {"r": Fraction(30), "a": Fraction(6), "b": Fraction(5)}, Fraction(10))
    assert found is not None
    assert [round(float(e.effect), 9) for e in found.effects] == [10, 0]


def test_a_sum_gives_each_part_its_own_change() -> None:
    tree = Branch("m", "sum", (Branch("r"), Branch("c")), taken_off=1)
    before = {"m": Fraction(3), "r": Fraction(10), "c": Fraction(7)}
    found = follow(tree, before, {"m": Fraction(-1), "r": Fraction(11), "c": Fraction(12)}, Fraction(-4))
    assert found is not None
    assert [e.effect for e in found.effects] == [1, -5]


def test_nothing_can_be_divided_by_nothing() -> None:
    tree = Branch("r", "ratio", (Branch("a"), Branch("b")))
    one = {"r": Fraction(1), "a": Fraction(1), "b": Fraction(1)}
    assert follow(tree, one, {"r": Fraction(0), "a": Fraction(1), "b": Fraction(0)}, Fraction(-1)) is None


def test_the_tree_of_the_model_goes_all_the_way_down() -> None:
    found = grown(
        _model(
            revenue={"operation": "product", "of": ["visits", "conversion", "order_value"]},
            order_value={"operation": "product", "of": ["basket", "unit_price"]},
        ),
        "revenue",
    )
    assert found is not None and found[1]
    assert [e.name for e in found[0].ends()] == ["visits", "conversion", "basket", "unit_price"]
    assert found[0].said({n: n for n in ("visits", "conversion", "order_value")}) == "visits × conversion × order_value"


def test_obvious_trees_are_read_off_ratios() -> None:
    found = grown(_model(), "revenue")
    assert found is not None and not found[1]
    assert [e.name for e in found[0].ends()] == ["orders", "basket", "unit_price"]
    assert grown(_model(), "cost") is None


def test_a_tree_too_wide_to_work_out_loses_its_lowest_steps() -> None:
    wide = [f"x{i}" for i in range(8)]
    tables = {"t": {"source": "t", "measures": {n: {"agg": "sum", "expr": n} for n in ["a", "b", *wide]}}}
    trees = {"a": {"operation": "sum", "of": ["b", "x0", "x1"]}, "b": {"operation": "sum", "of": wide}}
    model = SemanticModel.model_validate({"model": "t", "tables": tables, "driver_trees": trees})
    found = grown(model, "a")
    assert found is not None and len(found[0].ends()) == 10
    trees["x2"] = {"operation": "sum", "of": ["x3", "x4"]}
    found = grown(SemanticModel.model_validate({"model": "t", "tables": tables, "driver_trees": trees}), "a")
    assert found is not None and len(found[0].ends()) == 10
