"""Whether packs find their columns in tables that call them otherwise, lack some, and list them in another order."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.result import Figure, SuiteResult
from ingestion import profiling
from ingestion.demo import INDUSTRIES, build_demo
from knowledge.packs import load
from knowledge.packs.schema import Pack
from tools.binding.bind import bind, every_column
from tools.binding.result import Binding
from warehouse.lake import Lake
from warehouse.model.infer import infer
from warehouse.model.probe import DuckDBProbe
from warehouse.workspace import named

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_DAY = date(2026, 10, 31)
_SCALE = 0.02
_SHORT = {"amount": "amt", "quantity": "qty", "number": "no", "date": "dt", "customer": "cust", "account": "acct",
          "product": "prod", "department": "dept", "description": "descr", "average": "avg", "percent": "pct",
          "transaction": "txn", "order": "ord", "balance": "bal"}  # fmt: skip


@dataclass(frozen=True)
class Variant:
    """Another spelling of a schema: how names are written, and which part of the columns is dropped (0-1)."""

    name: str
    spelled: Callable[[str], str]
    dropped: float = 0.0


def _shortened(name: str) -> str:
    return "_".join(_SHORT.get(word, word) for word in name.split("_"))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


VARIANTS = (
    Variant("as it is", str),
    Variant("shortened", _shortened),
    Variant("camel case", _camel),
    Variant("prefixed", lambda name: f"f_{name}"),
    Variant("thinned out", _shortened, 0.15),
)


def run() -> SuiteResult:
    """Share of bindable metrics bound right, and metrics bound wrongly with high confidence, by pack and variant.

    What is right is read off the demo as it is, whose binding is exact names; a metric is bindable in a variant when
    every column that it reads there is still in the data.
    """
    figures: list[Figure] = []
    cases: list[dict[str, Any]] = []
    wrong_in_all = 0
    for industry in INDUSTRIES:
        if industry not in load.available(Path("/nowhere")):
            continue
        pack = load.load(load.find(industry, Path("/nowhere")))
        right = bindable = 0
        for variant, truth, found, renamed in _bindings(industry, pack):
            judged = [_judged(pack, m, truth, found, renamed) for m in pack.metrics]
            right += judged.count("right")
            bindable += judged.count("right") + judged.count("lost") + judged.count("wrong")
            wrong_in_all += judged.count("wrong")
            bad = [m for m, verdict in zip(pack.metrics, judged, strict=True) if verdict in ("wrong", "lost")]
            cases.append({"pack": industry, "variant": variant, "right": judged.count("right"), "not": bad})
        figures.append(Figure(f"bound right, {industry}", right / bindable if bindable else 0.0, "share", 0.9, "more"))
    figures.append(Figure("bound wrongly with high confidence", wrong_in_all, "metrics", 0))
    return SuiteResult("binding", "quality", figures, cases)


def _bindings(industry: str, pack: Pack) -> Iterator[tuple[str, Binding, Binding, dict[str, str | None]]]:
    """Variant, the binding of the demo as it is, that of the variant, and new name (None: dropped) of old ones."""
    with tempfile.TemporaryDirectory() as folder:
        place = named("demo", Path(folder))
        build_demo(industry, place, last_day=_DAY, scale=_SCALE)
        lake = Lake.open(place.lake)
        truth: Binding | None = None
        for variant in VARIANTS:
            with lake.writer() as connection:
                connection.execute("BEGIN")
                renamed = _changed(connection, variant)
                profile = profiling.profile(connection)
                found = bind(pack, infer(profile, DuckDBProbe(connection), name="demo").model, profile)
                connection.execute("ROLLBACK")
            truth = truth or found
            yield variant.name, truth, found, renamed


def _changed(connection: DuckDBPyConnection, variant: Variant) -> dict[str, str | None]:
    """Rename and drop columns and rename tables; gives `table.column` -> `table.column` or None."""
    chance = random.Random(7)
    named_: dict[str, str | None] = {}
    for (table,) in connection.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall():
        columns = [c for (c,) in connection.execute(f"SELECT column_name FROM (DESCRIBE {table})").fetchall()]
        kept = [c for c in columns if c.endswith("_id") or chance.random() >= variant.dropped]
        target = variant.spelled(table)
        for column in columns:
            named_[f"{table}.{column}"] = f"{target}.{variant.spelled(column)}" if column in kept else None
        order = sorted(kept, key=lambda c: chance.random()) if variant.name != "as it is" else kept
        listed = ", ".join(f'"{c}" AS "{variant.spelled(c)}"' for c in order)
        connection.execute(f'CREATE TABLE "tmp_{table}" AS SELECT {listed} FROM "{table}"')
        connection.execute(f'DROP TABLE "{table}"')
        connection.execute(f'ALTER TABLE "tmp_{table}" RENAME TO "{target}"')
    return named_


def _judged(pack: Pack, metric: str, truth: Binding, found: Binding, renamed: dict[str, str | None]) -> str:
    """`right`, `wrong` (used on another column), `lost` (bindable, not used), or `none` (rightly not used)."""
    wanted = {place: renamed.get(c) for place, c in _columns(pack, metric, truth).items()}
    got = _columns(pack, metric, found)
    if not wanted:
        return "none" if not got else "right"  # not bound on the demo itself: nothing to compare with
    if found.used(metric):
        same = all(wanted.get(place) in (column, None) for place, column in got.items() if place in wanted)
        gone = any(wanted.get(place) is None for place in got)
        return "right" if same and not gone else "wrong" if found.metrics[metric].status == "bound" else "lost"
    return "lost" if all(wanted.values()) else "none"


def _columns(pack: Pack, metric: str, binding: Binding) -> dict[str, str]:
    """The stored columns (`table.column`) behind a used metric, by canonical column."""
    if not binding.used(metric):
        return {}
    way = pack.metrics[metric].ways[binding.metrics[metric].way or 0]
    if way.agg is None:
        parts = way.ratio or ()
        return {k: v for part in parts for k, v in _columns(pack, part, binding).items()}
    found = {f"{way.entity}.{c}": binding.columns.get(f"{way.entity}.{c}") for c in every_column(way)}
    return {place: f"{c.table}.{c.stored}" for place, c in found.items() if c is not None}
