"""The links suite: chance is not called a link, a true lag is found, and suppositions add up exactly."""

from __future__ import annotations

import random
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.place import AS_OF, WORKSPACE, demo_home
from evals.result import Figure, SuiteResult
from evals.retention import context

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tools.registry import ToolContext

    Numbers = NDArray[np.float64]

CALLED = 0.03
WALKS = ((60, "month", 3), (180, "day", 7), (365, "day", 14))
RUNS = 80


def run(data: Path) -> SuiteResult:
    """Planted series, the demo, the simulated marketing weeks of the data folder, and speed."""
    figures = [*_planted()]
    with demo_home() as home, context(home, WORKSPACE, AS_OF) as demo:
        figures += _demo(demo)
    source = Path(data) / "ml" / "robyn_mmm" / "dt_simulated_weekly.csv"
    if source.is_file():
        figures += _marketing(source)
    return SuiteResult("links", "accuracy", figures)


def _planted() -> list[Figure]:
    import numpy as np

    from tools.links.engine import link

    draw = np.random.default_rng(11)
    called = total = 0
    for n, grain, lags in WALKS:
        for _ in range(RUNS):
            one, other = (100 + np.cumsum(draw.normal(size=n)) for _ in range(2))
            called += link(one, other, grain, lags)["p"] <= CALLED
            total += 1
    seasons = sum(link(_season(draw), _season(draw), "day", 14)["p"] <= CALLED for _ in range(RUNS))
    found = 0
    for _ in range(RUNS):
        target, other = _lagged(draw)
        linked = link(target, other, "day", 14)
        found += abs(linked["lag"] - 3) <= 1 and linked["p"] <= CALLED
    return [
        Figure("random walks called linked", 100 * called / total, "%", 5),
        Figure("shared season alone called linked", 100 * seasons / RUNS, "%", 5),
        Figure("true lag of 3 found within 1", 100 * found / RUNS, "%", 95, "more"),
    ]


def _season(draw: np.random.Generator) -> Numbers:
    import numpy as np

    at = np.arange(730)
    week = np.where(at % 7 >= 5, 1.5, 1.0)
    made: Numbers = (100 + 30 * np.sin(2 * np.pi * at / 365.25) + draw.normal(size=730) * 5) * week
    return made


def _lagged(draw: np.random.Generator) -> tuple[Numbers, Numbers]:
    import numpy as np

    other = 100 + np.cumsum(draw.normal(size=403)) * 0.3 + draw.normal(size=403) * 2
    target = 0.8 * other[:-3] + draw.normal(size=400) * 1.6
    return target, other[3:]


def _demo(demo: ToolContext) -> list[Figure]:
    """The planted lead of advertising, exactness of suppositions, and seconds."""
    from tools import registry

    began = time.perf_counter()
    found = registry.get("correlate").run(demo, {"metric": "net_revenue"})
    all_figures = time.perf_counter() - began
    ads = registry.get("correlate").run(demo, {"metric": "orders", "candidates": ["ad_spend"]}).main()
    lag = ads.rows[0][ads.column_index("lag")] if ads else None
    began = time.perf_counter()
    worst = max(_off(demo, seed) for seed in range(25))
    each = (time.perf_counter() - began) / 25
    return [
        Figure("advertising runs 3 days ahead of orders on the demo", float(lag == 3), "", 1, "more"),
        Figure("what-if against its own arithmetic, worst relative", worst, "", 1e-9),
        Figure("all figures against revenue, 3 years of days, 1.2 M rows", all_figures, "s", 5),
        Figure("figures tested there", float(found.quality.figures["tested"]) if found.quality else 0.0, ""),
        Figure("one supposition, 1.2 M rows", each, "s", 0.2),
    ]


def _off(demo: ToolContext, seed: int) -> float:
    """How far a random supposition is from the product worked out by hand, and its parts from the change."""
    from tools import registry

    rng = random.Random(seed)
    a, b = round(rng.uniform(-0.5, 0.9), 3), round(rng.uniform(-0.5, 0.9), 3)
    args: dict[str, Any] = {
        "metric": "net_revenue",
        "changes": [{"metric": "average_order_value", "by": a}, {"metric": "orders", "by": b}],
        "time": {"start": f"2026-{1 + seed % 10:02}-01", "end": f"2026-{2 + seed % 10:02}-01"},
    }
    made = registry.get("what_if").run(demo, args)
    main = made.main()
    assert main is not None  # a supposition always has its figure
    base, new, change = (float(main.rows[0][i]) for i in (1, 2, 3))
    parts = sum(float(t.rows[0][t.column_index("effect")]) for t in made.tables if t.id.startswith("l"))
    return max(abs(new / (base * (1 + a) * (1 + b)) - 1), abs(parts - change) / base)


def _marketing(source: Path) -> list[Figure]:
    """Spend and revenue of simulated weeks: the skill reads them without a hand, and names what moves with revenue."""
    from ingestion.pipeline import ingest
    from tools import registry
    from warehouse.workspace import named

    with tempfile.TemporaryDirectory(prefix="plainsay-evals-") as folder:
        ingest(named("marketing", Path(folder)), [source])
        with context(Path(folder), "marketing", datetime(2020, 1, 1, 9)) as tool:
            name = next(m for t in tool.model.tables.values() for m in t.measures if "revenue" in m)
            found = registry.get("correlate").run(tool, {"metric": name, "grain": "week"})
    quality = found.quality
    assert quality is not None  # the skill always says how sure it is
    return [
        Figure("marketing weeks: figures tested", quality.figures["tested"], "", 8, "more"),
        Figure("marketing weeks: beyond chance", quality.figures["held"], ""),
    ]
