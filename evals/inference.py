"""How much of a model inference gets right: against what a person reads off the tables, and what gold queries join."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from agent.view import WorkspaceView, WorkspaceViews
from evals.result import Figure, SuiteResult
from warehouse.model.schema import SemanticModel, Table
from warehouse.workspace import named

_EXPECTATIONS = Path(__file__).with_name("inference_expectations.yaml")
_SETS = ("defog", "spider_dev", "acme")
_ASPECTS = ("joins", "keys", "time columns", "measures")


@dataclass
class Tally:
    """Right and wrong of one aspect, with the wrong ones in words."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)

    def note(self, right: bool, what: str) -> None:
        """Count one choice."""
        if right:
            self.right += 1
        else:
            self.wrong.append(what)

    @property
    def share(self) -> float:
        """Percent right; 100 when there was nothing to choose."""
        total = self.right + len(self.wrong)
        return 100 * self.right / total if total else 100.0


def run(data: Path) -> SuiteResult:
    """Load every database of the shared question sets, infer, and compare."""
    expected = yaml.safe_load(_EXPECTATIONS.read_text(encoding="utf-8"))
    cases, tallies = [], {aspect: Tally() for aspect in _ASPECTS}
    joined, faults = Tally(), 0
    for file, view in _databases(data / "nlq"):
        case: dict[str, Any] = {"name": file, "tables": len(view.model.tables)}
        if file in expected:
            found = judge(view.model, expected[file])
            case["hand-checked"] = {a: round(t.share, 1) for a, t in found.items()}
            for aspect, tally in found.items():
                tallies[aspect].right += tally.right
                tallies[aspect].wrong += [f"{file}: {text}" for text in tally.wrong]
        used = _gold_joins(data / "nlq", file, view)
        case["gold joins"] = f"{used.right} of {used.right + len(used.wrong)}"
        joined.right, joined.wrong = joined.right + used.right, joined.wrong + used.wrong
        broken = _faults(view)
        faults += len(broken)
        cases.append(case | {"missed": [*used.wrong, *broken]})
    figures = [Figure(f"{aspect} right, hand-checked", t.share, "%", 95, "more") for aspect, t in tallies.items()]
    figures += [
        Figure("joins of gold queries found", joined.share, "%", 90, "more"),
        Figure("databases", len(cases), ""),
        Figure("faults of inferred models", faults, "", 0),
    ]
    wrong = [{"name": aspect, "verdict": "wrong", "why": text} for aspect, t in tallies.items() for text in t.wrong]
    return SuiteResult("inference", "quality", figures, cases + wrong)


def judge(model: SemanticModel, expected: dict[str, dict[str, Any]]) -> dict[str, Tally]:
    """Compare a model with what a person expects of each table; joins are scored on those expected or found."""
    tallies = {aspect: Tally() for aspect in _ASPECTS}
    for name, wanted in expected.items():
        table = model.tables[name]
        tallies["keys"].note(set(table.key) == set(wanted["key"]), f"{name}: key {' + '.join(table.key) or 'none'}")
        default = table.time.default if table.time else None
        if default or wanted.get("time"):
            tallies["time columns"].note(default == wanted.get("time"), f"{name}: date {default}")
        found = {(next(iter(j.on)), j.to) for j in table.joins}
        stated = set(wanted.get("joins", {}).items())
        for column, to in sorted(found | stated):
            tallies["joins"].note((column, to) in found & stated, f"{name}.{column} -> {to}")
        for column, told in _quantities(table, wanted):
            tallies["measures"].note(told == _wanted(column, wanted), f"{name}.{column}: {told}")
    return tallies


def _quantities(table: Table, wanted: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """How each column is told that is a quantity to the model or to the person: sum, avg, or only a number."""
    stated = (*wanted.get("sums", ()), *wanted.get("averages", ()))
    told = {m.expr: m.agg for m in table.measures.values()}
    for column in dict.fromkeys((*table.numbers, *stated)):
        number = table.numbers.get(column)
        yield column, told.get(number.expr or column, "number") if number else "none"


def _wanted(column: str, wanted: dict[str, Any]) -> str:
    return "sum" if column in wanted.get("sums", ()) else "avg" if column in wanted.get("averages", ()) else "none"


def _databases(nlq: Path) -> Iterator[tuple[str, WorkspaceView]]:
    """Every database of the question sets, loaded into a throw-away home, by its path below the folder."""
    from ingestion.pipeline import ingest

    files = [f for s in _SETS for f in sorted((nlq / s).rglob("*.duckdb"))]
    with tempfile.TemporaryDirectory(prefix="plainsay-inference-") as home:
        for number, file in enumerate(files):
            ingest(named(f"db{number}", Path(home)), [file])
            yield file.relative_to(nlq).as_posix(), WorkspaceViews(Path(home)).get(f"db{number}")


def _faults(view: WorkspaceView) -> list[str]:
    from warehouse.compiler import check_model

    return [f"{p.where}: {p.message}" for p in check_model(view.model, view.profile) if not p.warning]


def _gold_joins(nlq: Path, file: str, view: WorkspaceView) -> Tally:
    """The joins that gold queries make on a column that is unique on one side, and whether the model has them."""
    folder, below = file.split("/", 1)
    lines = (nlq / folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    gold = [q["gold_sql"] for q in map(json.loads, lines) if q.get("gold_sql") and q["db_file"] == below]
    have = {
        frozenset(((t, own.lower()), (j.to, other.lower())))
        for t, table in view.model.tables.items()
        for j in table.joins
        for own, other in j.on.items()
    }
    tally = Tally()
    for pair in sorted({p for sql in gold for p in _equalities(sql, view)}, key=sorted):
        if any(_unique(view, table, column) for table, column in pair):
            tally.note(pair in have, " = ".join(f"{t}.{c}" for t, c in sorted(pair)))
    return tally


def _unique(view: WorkspaceView, table: str, column: str) -> bool:
    profile = next(c for n, c in view.profile.tables[table].columns.items() if n.lower() == column)
    return profile.rows > 0 and profile.distinct == profile.rows


def _equalities(sql: str, view: WorkspaceView) -> Iterator[frozenset[tuple[str, str]]]:
    """Pairs of columns of different stored tables that a query sets equal, column names in lower case."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import traverse_scope

    tables = view.profile.tables
    schema: dict[str, object] = {
        t.lower(): {c.lower(): p.duckdb_type for c, p in tables[t].columns.items()} for t in tables
    }
    stored = {t.lower(): t for t in tables}
    tree = qualify(sqlglot.parse_one(sql, dialect="duckdb"), schema=schema, dialect="duckdb")
    for scope in traverse_scope(tree):
        named_as = {a: stored.get(s.name.lower()) for a, s in scope.sources.items() if isinstance(s, exp.Table)}
        for equal in scope.find_all(exp.EQ):
            sides = [c for c in (equal.this, equal.expression) if isinstance(c, exp.Column) and named_as.get(c.table)]
            if len(sides) == 2 and sides[0].table != sides[1].table:
                yield frozenset((named_as[c.table] or "", c.name.lower()) for c in sides)
