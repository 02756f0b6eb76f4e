"""Replies about lists of records: fewer of them, sorted, counted; and “who are they?” after a count."""

from __future__ import annotations

import re
from typing import Any

from agent.builtin import patches
from agent.builtin.acts import Said, number_of
from agent.builtin.bench import Bench
from agent.builtin.carried import plan_of
from agent.builtin.edits import Edit
from agent.builtin.past import Past
from agent.builtin.text import stem
from agent.plan import Assumption, Decision, Plan, Step
from tools.conditions import in_words, only_known
from warehouse.query import MetricQuery, MetricRef, Order, RecordQuery

_WITHOUT = re.compile(r"^(?:without|excluding|except)\s+", re.I)


def list_them(past: Past, bench: Bench) -> Decision | None:
    """The records that the last answer counted; None when it counted no rows of one table."""
    query = past.query
    if query is None or not query.metrics or query.dimensions or query.having:
        return None
    table = _counted(query.metrics[0].metric, bench)
    if table is None:
        return None
    listed = RecordQuery(
        table=table, filters=query.filters, time=query.time.model_copy(update={"grain": None}) if query.time else None
    )
    return _plan(listed, past, bench) if bench.runs(listed) else None


def _counted(metric: str, bench: Bench) -> str | None:
    """The table whose rows a figure counts one by one."""
    home = bench.home(metric)
    table = bench.model.tables.get(home or "")
    if table is None or ":" in metric:
        return home if table is not None and metric.startswith("count:") else None
    spec = table.measures.get(metric)
    return home if spec is not None and spec.agg == "count" and not spec.where and not spec.expr else None


def follow_records(said: Said, past: Past, bench: Bench) -> Decision | None:
    """The last listing, changed; None when the reply says nothing that fits it."""
    last = past.records
    if last is None:
        return None
    if "count" in said.acts or "total" in said.acts:
        return _count(last, past, bench)
    changed = _sorted(said, last, bench) or _cut(said, last) or _narrowed(said, last, bench)
    return _plan(changed, past, bench) if changed is not None and changed != last and bench.runs(changed) else None


def _count(last: RecordQuery, past: Past, bench: Bench) -> Decision | None:
    if last.related:
        return None
    table = bench.model.tables[last.table]
    name = next((n for n, m in table.measures.items() if m.agg == "count" and not m.where and not m.expr), None)
    if name is None:
        return None
    query = MetricQuery(metrics=(MetricRef(metric=name),), filters=last.filters, time=last.time)
    return plan_of(Edit(query), _as_figures(past, query), bench) if bench.runs(query) else None


def _as_figures(past: Past, query: MetricQuery) -> Past:
    """The listing as if it had been counted, so that its conditions show as kept."""
    step = Step(tool="query_metrics", args={"query": patches.dump(query)})
    return Past(past.question, past.plan.model_copy(update={"intent": "count", "steps": {"s1": step}}))


def _sorted(said: Said, last: RecordQuery, bench: Bench) -> RecordQuery | None:
    words = said.act("sort")
    if words is None:
        return None
    column = _column(last, words.get("by", "name"), bench)
    way = words.get("dir", "").lower()
    if column is None:
        return None
    desc = way.startswith(("desc", "rev", "largest", "highest", "biggest", "latest", "newest"))
    return last.model_copy(update={"order": (Order(by=column, desc=desc),)})


def _column(last: RecordQuery, said: str, bench: Bench) -> str | None:
    table = bench.model.tables[last.table]
    stems = {stem(w) for w in said.lower().split()}
    if stems & {"name", "alphabet", "alphabetical"} and table.name_column:
        return table.name_column
    shown = [c.field.rsplit(".", 1)[-1] for c in last.columns] or [*table.dimensions, *table.numbers]
    fields = [f"{last.table}.{n}" for n in shown]
    return next(
        (f.rsplit(".", 1)[-1] for f in fields if stems & {stem(w) for w in bench.field_label(f).lower().split()}), None
    )


def _cut(said: Said, last: RecordQuery) -> RecordQuery | None:
    words = said.act("top")
    if words is not None and "what" not in words and "by" not in words:
        return last.model_copy(update={"limit": number_of(words.get("n", "")) or 10})
    wanted = number_of((said.act("size") or {}).get("n", ""))
    if wanted:
        return last.model_copy(update={"limit": wanted})
    return last.model_copy(update={"limit": 5000}) if "all" in said.acts else None


def _narrowed(said: Said, last: RecordQuery, bench: Bench) -> RecordQuery | None:
    """Conditions, columns and a period of a listing planned from the reply, added to the last one."""
    table = bench.model.tables[last.table]
    plural = table.records or table.label or last.table
    text = _WITHOUT.sub("without ", said.text)
    for shape in (
        "list {plural} {text}",
        "list {plural} in {text}",
        "list {plural} with {text}",
        "list {plural} for {text}",
    ):
        plan = bench.plan(shape.format(plural=plural, text=text))
        step = next(iter(plan.steps.values()), None) if isinstance(plan, Plan) else None
        if step is None or step.tool != "list_records":
            continue
        found = RecordQuery.model_validate(step.args["query"])
        if found.table == last.table and (found.filters or found.related or found.time):
            return _joined(last, found)
    return None


def _joined(last: RecordQuery, found: RecordQuery) -> RecordQuery:
    fields = {getattr(f, "field", None) for f in found.filters}
    kept = tuple(f for f in last.filters if getattr(f, "field", None) not in fields)
    return last.model_copy(update={
        "filters": (*kept, *found.filters),
        "related": tuple(dict.fromkeys((*last.related, *found.related))),
        "time": found.time or last.time,
    })  # fmt: skip


def _plan(query: RecordQuery, past: Past, bench: Bench) -> Plan:
    table = bench.model.tables[query.table]
    chips = []
    words = [in_words(f) for f in query.filters if not only_known(f)]
    if words:
        shown = "; ".join(words)
        chips.append(Assumption(key="kept", label="Only", value="kept", display=shown))
    args: dict[str, Any] = {"query": patches.dump(query)}
    title = (table.records or table.label or query.table).capitalize()
    step = Step(tool="list_records", args=args, title=title)
    return Plan(intent="records", steps={"s1": step}, assumptions=chips, confidence=0.88, hints={"table": query.table})
