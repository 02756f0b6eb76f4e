"""The drivers suite: planted causes are found, contributions add up, and an answer comes while one waits."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.place import AS_OF, WORKSPACE, demo_home
from evals.result import Figure, SuiteResult, percentile

if TYPE_CHECKING:
    from tools.drivers.search import Leaves
    from tools.evidence import Evidence
    from tools.registry import ToolContext

DIMENSIONS = ("a", "b", "c", "d", "e")
SECONDS = 2.0
TWELVE = (
    "order_lines.channel", "order_lines.country", "order_lines.region", "products.category", "products.product_type",
    "products.brand", "products.product_name", "stores.store_name", "stores.store_type", "stores.city",
    "customers.segment", "customers.loyalty_tier",
)  # fmt: skip
QUICK = (("2026-05-01", "same_date_last_year"), ("2026-10-01", "previous_period"), ("2026-03-01", "previous_period"))
STORIES: tuple[tuple[str, str, str, str, frozenset[str]], ...] = (
    (
        "South runs out of garden goods",
        "net_revenue",
        "2026-05-01",
        "same_date_last_year",
        frozenset({"Garden", "South"}),
    ),
    ("clearance eats the margin", "margin_rate", "2026-03-01", "previous_period", frozenset({"Furniture"})),
    ("website goes down", "orders", "2025-09-17", "previous_period", frozenset({"Website"})),
    ("customers move to the app", "net_revenue", "2026-05-01", "same_date_last_year", frozenset({"Mobile app"})),
)


@dataclass(frozen=True)
class Score:
    """Exact matches of whole combinations over some cases, and the slowest search in seconds."""

    right: int
    wrong: int
    missed: int
    slowest: float

    @property
    def f1(self) -> float:
        return 2 * self.right / max(2 * self.right + self.wrong + self.missed, 1)


def run(data: Path) -> SuiteResult:
    """The generated cases of the data folder (when it is there), the stories of the demo, and the time they take."""
    figures, cases = [], []
    folder = Path(data) / "ml" / "drivers_generated"
    if folder.is_dir():
        score = score_generated(folder)
        figures.append(Figure("generated cases, exact F1 (RiskLoc .598)", score.f1, "", 0.7, "more"))
        figures.append(Figure("slowest search of 48,000 leaves", score.slowest, "s", SECONDS))
    with demo_home() as home, demo_context(home) as context:
        timed = [_timed(context, start, to) for start, to in QUICK for _ in range(2)]
        found = [_story(context, *story) for story in STORIES]
    middle = percentile([t for t, _ in timed], 0.5)
    figures.append(Figure("explanation, 12 dimensions, 1.2 M rows, median", middle, "s", SECONDS))
    figures.append(Figure("contributions against the change, worst", max(gap for _, gap in timed), "", 1e-9))
    figures.append(
        Figure("planted stories of the demo named", sum(c["verdict"] == "right" for c in found), "of 4", 4, "more")
    )
    cases += found
    return SuiteResult("drivers", "accuracy", figures, cases)


def score_generated(folder: Path, most: int | None = None) -> Score:
    """Search the generated cases (at most `most`) with the tool's own search, all dimensions deep, no size limit."""
    from tools.drivers.search import Limits, find

    right = wrong = missed = 0
    slowest = 0.0
    with (folder / "truth.csv").open(encoding="utf-8") as lines:
        truth = list(csv.DictReader(lines))[:most]
    for case in truth:
        leaves, names = _case(folder / "cases" / f"{case['case']}.parquet")
        began = time.perf_counter()
        found, _ = find(leaves, Limits(depth=len(DIMENSIONS), most=15, least_share=0.0, seconds=20))
        slowest = max(slowest, time.perf_counter() - began)
        named = {frozenset(f"{DIMENSIONS[d]}={names[d][m]}" for d, m in g.members) for g in found}
        wanted = {frozenset(cause.split("&")) for cause in case["root_causes"].split(";")}
        right, wrong, missed = right + len(named & wanted), wrong + len(named - wanted), missed + len(wanted - named)
    return Score(right, wrong, missed, slowest)


def _case(path: Path) -> tuple[Leaves, list[list[str]]]:
    import numpy as np
    import pyarrow.parquet as pq

    from tools.drivers.search import Leaves

    table = pq.read_table(path)
    coded = [table.column(d).combine_chunks().dictionary_encode() for d in DIMENSIONS]
    real, expected = (table.column(c).to_numpy().astype(np.float64) for c in ("real", "predict"))
    codes = tuple(c.indices.to_numpy().astype(np.int64) for c in coded)
    names = [c.dictionary.to_pylist() for c in coded]
    return Leaves(tuple(map(len, names)), codes, real - expected, (real + expected) / 2), names


class demo_context:  # reads like the function it stands for
    """A tool context on the demo, its engine closed at the end."""

    def __init__(self, home: Path, workspace: str = WORKSPACE) -> None:
        self.home, self.workspace = home, workspace

    def __enter__(self) -> ToolContext:
        from agent.view import WorkspaceViews
        from store.principal import LOCAL_OWNER
        from tools.registry import ToolContext
        from warehouse.engines.duckdb import DuckDBEngine

        view = WorkspaceViews(self.home).get(self.workspace)
        self.engine = DuckDBEngine(workers=2)
        return ToolContext(
            workspace=view.workspace, principal=LOCAL_OWNER, model=view.model, profile=view.profile,
            engine=self.engine, snapshot=view.snapshot, as_of=AS_OF,
        )  # fmt: skip

    def __exit__(self, *_error: object) -> None:
        self.engine.close()


def _explained(context: ToolContext, metric: str, start: str, to: str, by: Any = "auto") -> Evidence:
    from tools import registry

    first = date.fromisoformat(start)
    following = first.replace(day=1) + timedelta(days=32)
    end = following.replace(day=1) if first.day == 1 else first + timedelta(days=1)
    period = {"start": start, "end": end.isoformat()}
    args = {"metric": metric, "period": period, "compare": {"to": to}, "by": by}
    return registry.get("explain_change").run(context, args)


def _timed(context: ToolContext, start: str, to: str) -> tuple[float, float]:
    """Seconds of one explanation over twelve dimensions, and how far its contributions are from the change."""
    began = time.perf_counter()
    evidence = _explained(context, "net_revenue", start, to, list(TWELVE))
    seconds = time.perf_counter() - began
    main, whole = evidence.main(), next(t for t in evidence.tables if t.id.startswith("o"))
    assert main is not None
    added = sum(float(r[main.column_index("contribution")]) for r in main.rows)
    change = float(whole.rows[0][whole.column_index("change")])
    return seconds, abs(added - change) / abs(change)


def _story(context: ToolContext, name: str, metric: str, start: str, to: str, wanted: frozenset[str]) -> dict[str, Any]:
    """Right when one of the named groups holds all the words of the story."""
    main = _explained(context, metric, start, to).main()
    named: list[str] = [str(r[0]) for r in main.rows] if main is not None else []
    holds: Callable[[str], bool] = lambda text: all(word in text for word in wanted)  # noqa: E731
    verdict = "right" if any(map(holds, named)) else "wrong"
    return {"name": name, "verdict": verdict, "why": f"named: {', '.join(named)}"}
