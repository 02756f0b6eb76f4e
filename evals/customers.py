"""The customers suite: segments, lifetime value and churn on outside and planted data, beside what they must beat."""

from __future__ import annotations

import csv
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from evals import customers_planted
from evals.place import AS_OF, WORKSPACE, demo_home
from evals.result import Figure, SuiteResult
from tools.fitting import fit
from tools.lifetime import engine
from tools.lifetime.tool import seen
from tools.segments import rfm

if TYPE_CHECKING:
    from tools.registry import ToolContext

_TELCO = "ml/telco_churn/Telco-Customer-Churn.csv"
_CDNOW = "ml/cdnow/transactions.csv"
_NUMBERS = ("tenure", "MonthlyCharges", "TotalCharges")
CUT, END = date(1997, 10, 1), date(1998, 7, 1)


def run(data: Path) -> SuiteResult:
    """Outside data when they are there, planted truths always, and the time each skill takes on the full demo."""
    figures, cases = [], []
    for part in (_churn, _lifetime, _rfm):
        if (Path(data) / (_TELCO if part is _churn else _CDNOW)).exists():
            made, case = part(Path(data))
            figures += made
            cases.append(case)
    figures += customers_planted.figures()
    figures += _speed()
    return SuiteResult("customers", "accuracy", figures, cases)


# churn --------------------------------------------------------------------------------------------------------------


def _churn(data: Path) -> tuple[list[Figure], dict[str, Any]]:
    """Five folds over the telephone customers, beside plain logistic regression and a booster of scikit-learn."""
    columns, kinds, outcome = telco(data)
    request = {
        "kinds": kinds, "train": columns, "outcome": outcome, "group": list(range(len(outcome))), "score": columns,
        "most": 5,
    }  # fmt: skip
    began = time.perf_counter()
    ours = fit("churn", request)["figures"]
    seconds = time.perf_counter() - began
    logistic, booster = _sklearn(columns, kinds, outcome)
    figures = [
        Figure("churn (telco): AUC", ours["auc"], "", 0.8452, "more"),
        Figure("churn (telco): AUC, the aim", ours["auc"], "", 0.8484, "more"),
        Figure("churn (telco): AUC, scikit-learn logistic", logistic, ""),
        Figure("churn (telco): AUC, scikit-learn booster", booster, ""),
        Figure("churn (telco): calibration error", ours["calibration_error"], "", 0.013),
        Figure("churn (telco): lift of the riskiest tenth", ours["lift"], "x"),
        Figure("churn (telco): seconds", seconds, "s", 10),
    ]
    return figures, {"name": "telco", **ours}


def telco(data: Path) -> tuple[dict[str, list[Any]], dict[str, str], list[float]]:
    """Columns by name, their kinds and who left."""
    with (data / _TELCO).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = [n for n in rows[0] if n not in ("customerID", "Churn")]
    columns: dict[str, list[Any]] = {n: [r[n] for r in rows] for n in names}
    for name in _NUMBERS:
        columns[name] = [float(v) if v.strip() else None for v in columns[name]]
    kinds = {n: "number" if n in _NUMBERS else "category" for n in names}
    return columns, kinds, [float(r["Churn"] == "Yes") for r in rows]


def _sklearn(columns: dict[str, list[Any]], kinds: dict[str, str], outcome: list[float]) -> tuple[float, float]:
    """AUC over five shuffled folds with seed 0: one-hot logistic regression, and the booster as it comes."""
    wide = []
    for name, values in columns.items():
        if kinds[name] == "number":
            raw = np.array([0.0 if v is None else v for v in values])
            wide.append((raw - raw.mean()) / raw.std())
        else:
            wide += [np.array([v == level for v in values], dtype=float) for level in sorted(set(values))]
    points, y = np.column_stack(wide), np.array(outcome)
    selection = import_module("sklearn.model_selection")
    folds = selection.StratifiedKFold(5, shuffle=True, random_state=0)
    score = import_module("sklearn.metrics").roc_auc_score
    models = (
        import_module("sklearn.linear_model").LogisticRegression(max_iter=2000),
        import_module("sklearn.ensemble").HistGradientBoostingClassifier(random_state=0),
    )
    found = [selection.cross_val_predict(m, points, y, cv=folds, method="predict_proba")[:, 1] for m in models]
    return float(score(y, found[0])), float(score(y, found[1]))


# lifetime value -----------------------------------------------------------------------------------------------------


def _lifetime(data: Path) -> tuple[list[Figure], dict[str, Any]]:
    """The classical split: learn through September 1997, test on the 39 weeks after, beside the past rate."""
    columns = _cdnow_columns(data)
    before = date(1997, 1, 1) + (CUT - date(1997, 1, 1)) * 2 / 3
    state = {
        "before": engine.known_at(seen(columns, "_before", before)), "cut": engine.known_at(seen(columns, "_cut", CUT)),
    }  # fmt: skip
    request = {
        "then": columns["then"].tolist(), "since": columns["since"].tolist(), "spent": columns["spent"].tolist(),
        "past": columns["amount_cut"].tolist(), "weeks": [(CUT - before).days / 7, (END - CUT).days / 7],
    }  # fmt: skip
    began = time.perf_counter()
    found = engine.backtest(state, request)
    seconds = time.perf_counter() - began
    plain = engine.fit(state["cut"], 0.0).ahead(state["cut"], request["weeks"][1])
    later = np.array(request["since"])
    figures = [
        Figure("lifetime value (cdnow): RMSE of purchases", found["rmse"], "", 1.733),
        Figure("lifetime value (cdnow): RMSE, BG/NBD alone", float(np.sqrt(((plain - later) ** 2).mean())), ""),
        Figure("lifetime value (cdnow): RMSE, past rate", found["past_rmse"], ""),
        Figure("lifetime value (cdnow): total off by", 100 * abs(found["total_error"]), "%", 11),
        Figure("lifetime value (cdnow): total off by, BG/NBD alone", 100 * abs(plain.sum() / later.sum() - 1), "%"),
        Figure("lifetime value (cdnow): total off by, past rate", 100 * abs(found["past_total_error"]), "%"),
        Figure("lifetime value (cdnow): spend off by", 100 * abs(found["value_error"]), "%", 15.1),
        Figure("lifetime value (cdnow): MAE of purchases", found["mae"], ""),
        Figure("lifetime value (cdnow): top tenth holds", found["top_share"], "", 0.523, "more"),
        Figure("lifetime value (cdnow): top tenth of past spend holds", found["past_top_share"], ""),
        Figure("lifetime value (cdnow): seconds", seconds, "s", 3),
    ]
    return figures, {"name": "cdnow", **found}


def _cdnow_columns(data: Path) -> dict[str, Any]:
    """What each of the classical sample did by hand-written SQL, in the names the tool gives its columns."""
    import duckdb

    early = date(1997, 1, 1) + (CUT - date(1997, 1, 1)) * 2 / 3
    parts = []
    for label, end in (("before", early), ("cut", CUT)):
        inside = f"FILTER (d < DATE '{end}')"
        parts += [
            f"count(*) {inside} AS days_{label}", f"min(d) {inside} AS first_{label}",
            f"max(d) {inside} AS last_{label}", f"coalesce(sum(s) {inside}, 0) AS amount_{label}",
            f"arg_min(s, d) {inside} AS first_amount_{label}",
        ]  # fmt: skip
    sql = (
        f"WITH log AS (SELECT customer_id, date::DATE AS d, sum(spend) AS s FROM read_csv('{data / _CDNOW}')"
        f" WHERE in_sample = 1 GROUP BY ALL) SELECT {', '.join(parts)},"
        f" count(*) FILTER (d >= DATE '{early}' AND d < DATE '{CUT}') AS \"then\","
        f" count(*) FILTER (d >= DATE '{CUT}') AS since, coalesce(sum(s) FILTER (d >= DATE '{CUT}'), 0) AS spent"
        " FROM log GROUP BY customer_id ORDER BY customer_id"
    )
    raw = duckdb.connect().execute(sql).fetchnumpy()
    return {n: _numbers(v) for n, v in raw.items()}


def _numbers(values: Any) -> Any:
    filled = np.ma.filled(values, np.datetime64("NaT")) if values.dtype.kind == "M" else np.ma.filled(values, np.nan)
    if filled.dtype.kind == "M":
        days = filled.astype("datetime64[D]")
        return np.where(np.isnat(days), np.nan, days.astype(np.int64).astype(np.float64))
    return filled.astype(np.float64)


# segments -----------------------------------------------------------------------------------------------------------


def _rfm(data: Path) -> tuple[list[Figure], dict[str, Any]]:
    """The segments of everybody against hand-written SQL, and what the segments of one day spent afterwards."""
    from tools.segments.tool import SegmentsArgs, segmented

    with _loaded(data / _CDNOW) as context:
        found = segmented(context, SegmentsArgs())
        ours = dict(zip(found.activity.ids, found.labels, strict=True))
        context.as_of = datetime(CUT.year, CUT.month, CUT.day)
        then = segmented(context, SegmentsArgs())
    theirs = _by_sql(data / _CDNOW)
    later = _spent_later(data / _CDNOW)
    spent = {
        name: float(np.mean([later.get(then.activity.ids[i], 0.0) for i in then.members(name)])) for name in then.names
    }
    wrong = sum(ours.get(who) != name for who, name in theirs.items()) + len(set(ours) - set(theirs))
    ratio = spent[rfm.CHAMPIONS] / spent[rfm.LOST]
    figures = [
        Figure("segments (cdnow): customers whose segment differs from hand-written SQL", wrong, "", 0),
        Figure("segments (cdnow): champions' later spend over that of the lost", ratio, "x", 5, "more"),
    ]  # fmt: skip
    return figures, {"name": "rfm", "spent afterwards, each": spent}


def _by_sql(path: Path) -> dict[int, str]:
    """Customer -> segment, written by hand: ranks that keep ties together, and the grid spelled out."""
    import duckdb

    grid = ", ".join(f"({r}, {fm}, '{name.replace(chr(39), chr(39) * 2)}')" for (r, fm), name in rfm.GRID.items())
    rows = duckdb.connect().execute(
        f"WITH c AS (SELECT customer_id, max(date) AS l, count(DISTINCT date) AS n, sum(spend::DECIMAL(12,2)) AS s"
        f" FROM read_csv('{path}') GROUP BY 1), q AS (SELECT customer_id,"
        " 1 + 5 * (rank() OVER (ORDER BY l) - 1) // count(*) OVER () AS r,"
        " 1 + 5 * (rank() OVER (ORDER BY n) - 1) // count(*) OVER () AS f,"
        " 1 + 5 * (rank() OVER (ORDER BY s) - 1) // count(*) OVER () AS m FROM c)"
        f" SELECT customer_id, g.name FROM q JOIN (VALUES {grid}) g(r, fm, name)"
        " ON g.r = q.r AND g.fm = floor((q.f + q.m) / 2.0 + 0.5)"
    ).fetchall()  # fmt: skip
    return dict(rows)


def _spent_later(path: Path) -> dict[int, float]:
    import duckdb

    sql = f"SELECT customer_id, sum(spend) FROM read_csv('{path}') WHERE date >= DATE '{CUT}' GROUP BY 1"
    return {who: float(spend) for who, spend in duckdb.connect().execute(sql).fetchall()}


# speed --------------------------------------------------------------------------------------------------------------


def _speed() -> list[Figure]:
    """Seconds from call to evidence over the full demo (1.2 million order lines, 43,000 customers), engine warm."""
    from tools.registry import get

    figures = []
    asked: tuple[tuple[str, str, dict[str, Any], float], ...] = (
        ("segments", "RFM", {}, 0.3), ("segments", "k-means with its choice of k", {"method": "auto"}, 2.0),
        ("lifetime_value", "fit, backtest and value", {}, 3.0), ("churn_risk", "train, test and reasons", {}, 11.0),
    )  # fmt: skip
    with demo_home() as home, _context(home, WORKSPACE, AS_OF) as context:
        get("query_metrics").run(context, {"query": {"metrics": [{"metric": "orders"}]}})
        for name, what, args, most in asked:
            began = time.perf_counter()
            get(name).run(context, args)
            seconds = time.perf_counter() - began
            figures.append(Figure(f"1.2 M rows, {name}: {what}", seconds, "s", most))
    return figures


@contextmanager
def _loaded(path: Path) -> Iterator[ToolContext]:
    """A throw-away workspace with one file."""
    from ingestion.pipeline import ingest
    from warehouse.workspace import named

    with tempfile.TemporaryDirectory(prefix="plainsay-evals-") as folder:
        ingest(named("customers", Path(folder)), [path])
        with _context(Path(folder), "customers", AS_OF) as context:
            yield context


@contextmanager
def _context(home: Path, name: str, as_of: datetime) -> Iterator[ToolContext]:
    from agent.view import WorkspaceViews
    from store.principal import LOCAL_OWNER
    from tools.registry import ToolContext
    from warehouse.engines.duckdb import DuckDBEngine

    view = WorkspaceViews(home).get(name)
    engine_ = DuckDBEngine(workers=1)
    try:
        yield ToolContext(view.workspace, LOCAL_OWNER, view.model, view.profile, engine_, view.snapshot, as_of)
    finally:
        engine_.close()
