"""The retention suite: cohorts, stays and funnels equal independent SQL, find what was planted, and are quick."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals import bare
from evals.place import AS_OF, WORKSPACE, demo_home
from evals.result import Figure, SuiteResult, percentile

if TYPE_CHECKING:
    from tools.evidence import Evidence
    from tools.registry import ToolContext

SECONDS = 1.0
COHORTS = """
WITH acts AS ({acts}),
firsts AS (SELECT who, min(day) AS day FROM acts GROUP BY who),
cells AS (
  SELECT date_trunc('month', f.day)::DATE AS cohort, date_diff('month', f.day, a.day) AS age, count(DISTINCT a.who) AS n
  FROM firsts f JOIN acts a USING (who) GROUP BY ALL
)
SELECT c.cohort, c.age, c.n::DOUBLE / s.n FROM cells c JOIN cells s ON s.cohort = c.cohort AND s.age = 0
WHERE c.age > 0 AND date_trunc('month', c.cohort) + to_months(c.age::INTEGER + 1) <= DATE '{after}'
"""
DEMO_ACTS = """
SELECT l.customer_id AS who, l.order_date AS day FROM order_lines l JOIN customers c USING (customer_id)
WHERE l.status = 'completed' AND c.signed_up_on >= DATE '2024-01-01'
"""
WITHIN = """
WITH acts AS ({acts}), firsts AS (SELECT who, min(day) AS day FROM acts GROUP BY who)
SELECT count(DISTINCT f.who), count(DISTINCT CASE WHEN a.day - f.day BETWEEN 1 AND 90 THEN f.who END)
FROM firsts f JOIN acts a USING (who) WHERE last_day(f.day) + 90 <= DATE '{last}'
"""
FUNNEL = """
WITH v AS (SELECT visit_id, min(happened_at) AS t1 FROM web_events WHERE event_name = 'View product' GROUP BY 1),
c AS (SELECT v.visit_id, min(e.happened_at) AS t2 FROM v JOIN web_events e USING (visit_id)
  WHERE e.event_name = 'Add to cart' AND e.happened_at >= t1 GROUP BY 1),
b AS (SELECT c.visit_id, min(e.happened_at) AS t3 FROM c JOIN web_events e USING (visit_id)
  WHERE e.event_name = 'Begin checkout' AND e.happened_at >= t2 GROUP BY 1),
p AS (SELECT b.visit_id, min(e.happened_at) AS t4 FROM b JOIN web_events e USING (visit_id)
  WHERE e.event_name = 'Pay' AND e.happened_at >= t3 GROUP BY 1)
SELECT (SELECT count(*) FROM v), (SELECT count(*) FROM c), (SELECT count(*) FROM b), (SELECT count(*) FROM p)
"""
EVENTS = """
COPY (
  SELECT n AS event_id, n // 4 AS visit_id, TIMESTAMP '2026-06-01' + to_seconds(n * 10 + hash(n) % 7) AS happened_at,
    ['View', 'Add', 'Checkout', 'Pay'][1 + (hash(n * 7) % (1 + n % 4))::INTEGER] AS event_name
  FROM range(1000000) t(n)
) TO '{path}' (FORMAT parquet)
"""


def run(data: Path) -> SuiteResult:
    """Demo and cdnow against SQL, the planted break of the funnel, known survival curves, speed on a million rows."""
    figures: list[Figure] = []
    with demo_home() as home, context(home, WORKSPACE, AS_OF) as demo, bare.connect(home, WORKSPACE) as gold:
        figures += _demo(demo, gold)
        figures += [
            _timed(demo, "cohorts", {}),
            _timed(demo, "survival", {}),
            _timed(demo, "cohorts", {"by": {"field": "customers.segment"}}),
        ]
    folder = Path(data) / "ml" / "cdnow"
    if folder.is_dir():
        figures += _cdnow(folder / "transactions.csv")
    figures.append(Figure("known survival curve inside the 95 % range", 100 * _covered(), "%", 93, "more"))
    figures.append(_million_events())
    return SuiteResult("retention", "accuracy", figures)


@contextmanager
def context(home: Path, workspace: str, as_of: datetime) -> Iterator[ToolContext]:
    """A tool context on a workspace, its engine closed at the end."""
    from agent.view import WorkspaceViews
    from store.principal import LOCAL_OWNER
    from tools.registry import ToolContext
    from warehouse.engines.duckdb import DuckDBEngine

    view = WorkspaceViews(home).get(workspace)
    engine = DuckDBEngine(workers=1)
    try:
        yield ToolContext(
            workspace=view.workspace,
            principal=LOCAL_OWNER,
            model=view.model,
            profile=view.profile,
            engine=engine,
            snapshot=view.snapshot,
            as_of=as_of,
        )
    finally:
        engine.close()


def _run(context: ToolContext, name: str, args: dict[str, Any]) -> Evidence:
    from tools import registry

    return registry.get(name).run(context, args)


def _timed(context: ToolContext, name: str, args: dict[str, Any]) -> Figure:
    """The middle of five calls, each as of another day, so that none finds its result kept from the one before."""
    from dataclasses import replace
    from datetime import timedelta

    seconds = []
    for n in range(5):
        began = time.perf_counter()
        _run(replace(context, as_of=context.as_of + timedelta(days=-n)), name, args)
        seconds.append(time.perf_counter() - began)
    split = ", by segment" if args else ""
    return Figure(f"{name}{split}, 1.2 M rows, median", percentile(seconds, 0.5), "s", SECONDS)


def wrong_cells(evidence: Evidence, gold: list[tuple[Any, ...]]) -> tuple[int, int]:
    """Cells of a cohort table that differ from the gold (cohort, age, rate), and how many there are."""
    table = next(t for t in evidence.tables if t.id.startswith("t"))
    ages = {c.name: int(c.name.removeprefix("age_")) for c in table.columns if c.name.startswith("age_")}
    wanted = {(str(cohort), int(age)): float(rate) for cohort, age, rate in gold}
    wrong = total = 0
    for row in table.rows:
        for name, age in ages.items():
            value, known = row[table.column_index(name)], wanted.get((str(row[0]), age))
            if value is None and known is None:
                continue
            total += 1
            wrong += value is None or abs(value - (known or 0.0)) > 1e-12
    return wrong, total


def _demo(context: ToolContext, gold: Any) -> list[Figure]:
    cells = gold.execute(COHORTS.format(acts=DEMO_ACTS, after="2026-11-21")).fetchall()
    wrong, total = wrong_cells(_run(context, "cohorts", {}), cells)
    steps = [r[1] for r in next(t for t in _run(context, "funnel", {}).tables if t.id.startswith("t")).rows]
    same = list(gold.execute(FUNNEL).fetchone()) == steps
    broken = _run(
        context, "funnel", {"by": {"field": "web_events.device"}, "time": {"start": "2026-10-05", "end": "2026-11-21"}}
    )
    worst = next(f for f in broken.facts if f.kind == "funnel_group" and f.attributes["place"] == "worst")
    told = [
        next(t for t in broken.tables if t.id == r.table).value(r.row, r.column)
        for r in (worst.values["name"], worst.values.get("step", worst.values["name"]))
    ]
    return [
        Figure("demo cohort cells", total, ""),
        Figure("demo cohort cells other than SQL's", wrong, "", 0),
        Figure("demo funnel equals SQL", float(same), "", 1, "more"),
        Figure("planted break named (phones, at Pay)", float(told == ["Phone", "Pay"]), "", 1, "more"),
    ]


def _cdnow(path: Path) -> list[Figure]:
    import duckdb

    from ingestion.pipeline import ingest
    from warehouse.workspace import named

    acts = f"SELECT customer_id AS who, date::DATE AS day FROM read_csv('{path}')"
    with tempfile.TemporaryDirectory(prefix="plainsay-evals-") as folder:
        ingest(named("cdnow", Path(folder)), [path])
        with context(Path(folder), "cdnow", datetime(1998, 7, 1, 9)) as tool, duckdb.connect() as gold:
            cells = gold.execute(COHORTS.format(acts=acts, after="1998-07-01")).fetchall()
            wrong, _ = wrong_cells(_run(tool, "cohorts", {}), cells)
            within = _run(tool, "cohorts", {"returned": "within", "days": 90})
            row = next(t for t in within.tables if t.id.startswith("r")).rows[0]
            wanted = gold.execute(WITHIN.format(acts=acts, last="1998-06-30")).fetchone()
            same = wanted is not None and (row[2], row[1]) == wanted
    return [
        Figure("cdnow cohort cells other than SQL's", wrong, "", 0),
        Figure("cdnow back within 90 days equals SQL", float(same), "", 1, "more"),
    ]


def _covered(runs: int = 400) -> float:
    """How often the range of S(12) holds the truth, with a constant risk and people cut off at random."""
    from tools.cohorts.survival import kaplan_meier, share_at

    rng, inside = random.Random(20), 0
    for _ in range(runs):
        spells = []
        for _ in range(120):
            left = next(t for t in range(1, 2_000) if rng.random() < 0.06)
            cut = rng.randrange(6, 50)
            spells.append((float(min(left, cut)), left <= cut, 1))
        point = share_at(kaplan_meier(spells), 12)
        inside += point.low <= 0.94**12 <= point.high
    return inside / runs


def _million_events() -> Figure:
    """A funnel of four steps over a million events of a quarter of a million visits."""
    import duckdb

    from ingestion.pipeline import ingest
    from warehouse.workspace import named

    with tempfile.TemporaryDirectory(prefix="plainsay-evals-") as folder:
        path = Path(folder) / "events.parquet"
        with duckdb.connect() as made:
            made.execute(EVENTS.format(path=path))
        ingest(named("events", Path(folder)), [path])
        with context(Path(folder), "events", datetime(2026, 11, 21, 9)) as tool:
            seconds = []
            for month in (6, 7, 8):
                began = time.perf_counter()
                _run(
                    tool,
                    "funnel",
                    {
                        "steps": ["View", "Add", "Checkout", "Pay"],
                        "time": {"start": date(2026, month, 1).isoformat(), "end": "2026-11-21"},
                    },
                )
                seconds.append(time.perf_counter() - began)
    return Figure("funnel of 4 steps, 1 M events, fastest of 3", min(seconds), "s", SECONDS)
