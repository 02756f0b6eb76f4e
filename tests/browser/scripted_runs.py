"""The scripted runs of the stand-in server: what a question streams, event by event."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agent import plan
from tools.evidence import row_keys

MONEY = {"currency": "USD", "percent": False, "ratio": False, "name": None}
SQL = """SELECT
  DATE_TRUNC('month', o.ordered_at) AS month,
  SUM(o.net_amount) AS revenue -- after returns
FROM orders AS o
WHERE o.status = 'completed' AND o.ordered_at >= DATE '2026-01-01'
GROUP BY 1
ORDER BY 1"""


def column(name: str, label: str, kind: str, role: str, **more: Any) -> dict[str, Any]:
    base = {"unit": None, "decimals": None, "good": None, "additive": role == "measure", "grain": None, "lineage": {}}
    return {"name": name, "label": label, "type": kind, "role": role, **base, **more}


def table(
    table_id: str, title: str, columns: list[dict[str, Any]], rows: list[list[Any]], **more: Any
) -> dict[str, Any]:
    keys = row_keys(rows, [i for i, c in enumerate(columns) if c["role"] in ("dimension", "time")])
    base = {"kind": "main", "total_rows": len(rows), "truncated": False, "partial": [], "lineage": [], "evidence": "e1"}
    return {"v": 1, "id": table_id, "title": title, "columns": columns, "rows": rows, "row_keys": keys, **base, **more}


def activity(kind: str, content: dict[str, Any], number: int = 0) -> dict[str, Any]:
    return {
        "type": "ACTIVITY_SNAPSHOT",
        "messageId": f"a-{kind}-{number}",
        "activityType": f"analytics.{kind}",
        "content": {"v": 1, **content},
        "replace": True,
    }


def text(message: str) -> list[dict[str, Any]]:
    pieces = [message[i : i + 30] for i in range(0, len(message), 30)]
    return [
        {"type": "TEXT_MESSAGE_START", "messageId": "m1", "role": "assistant"},
        *({"type": "TEXT_MESSAGE_CONTENT", "messageId": "m1", "delta": p} for p in pieces),
        {"type": "TEXT_MESSAGE_END", "messageId": "m1"},
    ]


def evidence(rows: int) -> list[dict[str, Any]]:
    checks = [
        {"code": "fan_out", "ok": True, "detail": "No row was counted twice."},
        {"code": "partial_period", "ok": False, "detail": "November has 21 of 30 days."},
    ]
    item = {
        "id": "e1",
        "tool": "query_metrics",
        "args": {},
        "sql": SQL,
        "engine": "duckdb",
        "snapshot": "s42",
        "rows": rows,
        "ms": 12.4,
        "tables": ["orders"],
        "checks": checks,
    }
    receipt = {
        "brain": "builtin",
        "model": None,
        "ms": {"plan": 4.1, "sql": 12.4, "check": 1.8, "tell": 2.9},
        "tokens": {"input": 0, "output": 0},
        "cost": {"amount": "0", "currency": "USD"},
        "rows_scanned": 1_203_344,
        "cached": False,
    }
    return [activity("evidence", {"items": [item]}), activity("receipt", receipt)]


def trend(changed: bool) -> list[dict[str, Any]]:
    values = [
        812_400,
        790_120,
        905_233,
        951_870,
        1_002_310,
        987_400,
        1_040_118,
        1_101_202,
        1_019_556,
        1_133_902,
        701_334,
    ]
    rows = [[f"2026-{m:02d}-01", f"{v * (1.2 if changed else 1):.2f}"] for m, v in enumerate(values, 1)]
    columns = [
        column("month", "Month", "date", "time", grain="month"),
        column("revenue", "Gross revenue" if changed else "Net revenue", "decimal", "measure", unit=MONEY, decimals=0),
    ]
    main = table("t1", "Net revenue by month", columns, rows)
    main["partial"] = [main["row_keys"][-1]]
    a, b = main["row_keys"][8], main["row_keys"][9]
    change = table(
        "d1",
        "Change from September to October",
        [column("change", "Change", "decimal", "derived", unit={**MONEY, "currency": None, "ratio": True})],
        [["0.11215274"]],
        kind="derived",
    )
    change["lineage"] = [
        {
            "row": change["row_keys"][0],
            "formula": "(b - a) / a",
            "inputs": {
                "a": {"table": "t1", "row": a, "column": "revenue"},
                "b": {"table": "t1", "row": b, "column": "revenue"},
            },
        }
    ]
    ratio = change["row_keys"][0]
    words = (
        f"Net revenue was [$1.13M](#cell:t1:{b}:revenue) in October, up [11.2%](#cell:d1:{ratio}:change) on "
        f"September ([$1.02M](#cell:t1:{a}:revenue)). It has grown in **seven of the last nine** full months."
    )
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"name": "t1"},
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {
                "field": "month",
                "type": "temporal",
                "title": None,
                "axis": {"format": "%b %Y", "labelOverlap": True},
            },
            "y": {"field": "revenue", "type": "quantitative", "title": "Net revenue", "axis": {"format": "$~s"}},
            "tooltip": [
                {"field": "month", "type": "temporal", "title": "Month", "format": "%B %Y"},
                {"field": "revenue", "type": "quantitative", "title": "Net revenue", "format": ",.2~f"},
            ],
        },
    }
    claims = [
        {
            "text": "$1.13M",
            "value": rows[9][1],
            "table": "t1",
            "row": b,
            "column": "revenue",
            "style": "auto",
            "rounding": 2,
        }
    ]
    return [
        activity(
            "warnings",
            {
                "items": [
                    {
                        "code": "partial_period",
                        "message": "November is not over: its figure covers 21 of 30 days.",
                        "cells": [],
                    }
                ]
            },
        ),
        activity("table", main),
        activity("table", change, 1),
        *text(words),
        activity("claims", {"items": claims}),
        activity(
            "chart",
            {
                "id": "c1",
                "title": main["title"],
                "alt": "Line chart of net revenue by month.",
                "table": "t1",
                "spec": spec,
            },
        ),
        *evidence(11),
    ]


def bars(hostile: bool) -> list[dict[str, Any]]:
    rows = [
        ["North", "3310200.10"],
        ["West", "2904110.55"],
        ["South", "1204998.00"],
        ["Center", "998120.40"],
        ["=cmd|calc", "40210.00"],
    ]
    columns = [
        column("region", "Region", "text", "dimension"),
        column("revenue", "Net revenue", "decimal", "measure", unit=MONEY),
    ]
    main = table("t1", "Net revenue by region", columns, rows)
    spec: dict[str, Any] = {
        "data": {"name": "t1"},
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "region", "type": "nominal", "title": None, "sort": [r[0] for r in rows]},
            "x": {"field": "revenue", "type": "quantitative", "title": "Net revenue", "axis": {"format": "$~s"}},
        },
    }
    if hostile:
        spec["data"] = {"url": "http://127.0.0.1:9/steal.json"}
    north, west = main["row_keys"][:2]
    words = (
        f"**North** leads with [$3.31M](#cell:t1:{north}:revenue), ahead of West ([$2.90M](#cell:t1:{west}:revenue))."
    )
    return [
        activity("table", main),
        *text(words),
        activity("claims", {"items": []}),
        activity(
            "chart",
            {
                "id": "c1",
                "title": main["title"],
                "alt": "Bar chart of net revenue by region.",
                "table": "t1",
                "spec": spec,
            },
        ),
        *evidence(5),
    ]


def assumptions(changed: bool) -> dict[str, Any]:
    options = [
        plan.Option(value="net", label="Net revenue", hint="after returns", patch={"m": "net"}).model_dump(),
        plan.Option(value="gross", label="Gross revenue", hint="before returns", patch={"m": "gross"}).model_dump(),
    ]
    chosen = options[1 if changed else 0]
    return activity(
        "assumptions",
        {
            "items": [
                {
                    "key": "metric",
                    "label": "Metric",
                    "value": chosen["value"],
                    "display": chosen["label"],
                    "options": options,
                },
                {
                    "key": "period",
                    "label": "Period",
                    "value": "2026",
                    "display": "January to November 2026",
                    "options": [],
                },
            ]
        },
    )


SUGGEST = activity(
    "suggestions",
    {
        "items": [
            {"question": "Why did revenue rise in October?", "why": "the largest change this quarter"},
            {"question": "Net revenue by region", "why": ""},
            {"question": "Top 10 products by revenue", "why": "they make up most of it"},
        ]
    },
)


def finished(run_id: str, status: str) -> dict[str, Any]:
    return {
        "type": "RUN_FINISHED",
        "outcome": {"type": "success"},
        "result": {"answer_id": f"ans-{run_id}", "status": status, "confidence": 0.93},
    }


def script(body: dict[str, Any]) -> list[dict[str, Any]]:
    """All events of a run but RUN_STARTED."""
    run_id, question = body["runId"], body["messages"][-1]["content"].lower()
    for reply in body.get("resume") or []:
        question = (reply.get("payload") or {}).get("choice", question)
    changed = bool(body["forwardedProps"]["plainsay"].get("patch"))
    steps = [
        {"type": "STEP_STARTED", "stepName": "Reading the question"},
        {"type": "STEP_FINISHED", "stepName": "Reading the question"},
        {"type": "STEP_STARTED", "stepName": "1. Net revenue from orders"},
        {"type": "TOOL_CALL_START", "toolCallId": "c1", "toolCallName": "query_metrics"},
        {"type": "TOOL_CALL_ARGS", "toolCallId": "c1", "delta": "{}"},
        {"type": "TOOL_CALL_END", "toolCallId": "c1"},
        {
            "type": "TOOL_CALL_RESULT",
            "messageId": "r1",
            "toolCallId": "c1",
            "content": json.dumps({"rows": 11, "ms": 12.4, "evidence": "e1"}),
        },
        {"type": "STEP_FINISHED", "stepName": "1. Net revenue from orders"},
    ]
    if "weather" in question:
        declined = {
            "reason": "No table in this workspace holds weather data.",
            "code": "unknown_name",
            "nearest": ["Net revenue by month", "Net revenue by region"],
        }
        return [activity("declined", declined), finished(run_id, "declined")]
    if "ten thousand" in question:
        return [*steps, *long_table(10_000), finished(run_id, "answered")]
    if "fail" in question:
        return [
            *steps[:3],
            {
                "type": "RUN_ERROR",
                "message": "The query took longer than 30 seconds and was stopped. Ask for a shorter period.",
                "code": "limit_reached",
            },
        ]
    if "sales" in question:
        options = [
            {"id": "net", "label": "Net revenue", "hint": "after returns and discounts", "patch": {}},
            {"id": "units", "label": "Units sold", "hint": "number of items", "patch": {}},
        ]
        interrupt = {
            "id": f"i-{run_id}",
            "reason": "clarification",
            "message": "What should “sales” mean here?",
            "metadata": {"options": options, "allow_other": True},
        }
        return [
            {
                "type": "RUN_FINISHED",
                "outcome": {"type": "interrupt", "interrupts": [interrupt]},
                "result": {"status": "clarify"},
            }
        ]
    middle = bars("evil" in question) if "region" in question or "evil" in question else trend(changed)
    return [*steps, assumptions(changed), *middle, SUGGEST, finished(run_id, "answered")]


def stored(number: int, question: str, activities: list[dict[str, Any]], words: str) -> dict[str, Any]:
    """A turn as the server keeps it."""
    of = {a["activityType"]: a["content"] for a in activities if a["type"] == "ACTIVITY_SNAPSHOT"}
    chart = of.get("analytics.chart")
    answer = {
        "id": f"a-{number}",
        "thread_id": "long",
        "question": question,
        "status": "answered",
        "text": words,
        "result": of["analytics.table"],
        "tables": [],
        "charts": [chart] if chart else [],
        "evidence": of.get("analytics.evidence", {"items": []})["items"],
    }
    at = "2026-11-21T09:00:00Z"
    return {"run_id": f"run-{number}", "question": question, "status": "done", "created_at": at, "answer": answer,
            "error": None, "verdict": None}  # fmt: skip


def long_thread(turns: int) -> dict[str, Any]:
    """A conversation of many answers, each with a chart."""
    parts = bars(False)
    words = "".join(e["delta"] for e in parts if e["type"] == "TEXT_MESSAGE_CONTENT")
    every = [stored(n, f"Revenue by region, number {n}", parts, words) for n in range(turns)]
    return {"id": "long", "title": "A long day", "workspace": "demo-retail", "pinned": False, "turns": every}


def long_table(rows: int) -> list[dict[str, Any]]:
    """One result of many rows and no chart."""
    columns = [
        column("order", "Order", "text", "dimension"),
        column("revenue", "Net revenue", "decimal", "measure", unit=MONEY),
    ]
    main = table("t1", "Orders", columns, [[f"Order {n}", f"{n}.50"] for n in range(rows)])
    last = main["row_keys"][-1]
    words = f"The last of all orders brought [${rows - 1:,}.50](#cell:t1:{last}:revenue)."
    return [activity("table", main), *text(words), activity("claims", {"items": []}), *evidence(rows)]


HOSTILE = [
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg/onload=window.pwned=1>",
    "javascript:window.pwned=1",
    "![x](http://127.0.0.1:9/x.png)",
    "[click](javascript:window.pwned=1)",
    "<iframe src='javascript:window.pwned=1'></iframe>",
    "\"><style>@import 'http://127.0.0.1:9/x.css'</style>",
    "{{constructor.constructor('window.pwned=1')()}}",
    "=cmd|' /C calc'!A0",
    "\u202egnp.exe",
    "\u0000\u0007\u001b[31m",
    "W" * 400,
    "\u0e01\u0e33" * 60 + "Z\u0351\u036b\u0343\u036a\u0302" * 40,
]


def hostile_strings() -> list[str]:
    """Strings that have broken pages, from a corpus when there is one."""
    from store import settings

    found = list(HOSTILE)
    data = settings.get("data")
    corpus = Path(data or ".") / "corpora" / "naughty-strings" / "blns.json"
    if corpus.is_file():
        found += json.loads(corpus.read_text(encoding="utf-8"))
    return [s for s in found if s]


def hostile_thread() -> dict[str, Any]:
    """Strings of ill will in title, question, words, headings, cells and names."""
    every = hostile_strings()
    columns = [column("name", every[0], "text", "dimension"), column("other", every[1], "text", "dimension")]
    main = table("t1", every[1], columns, [[a, b] for a, b in zip(every, reversed(every), strict=True)])
    turns = [stored(n, s, [activity("table", main)], s) for n, s in enumerate(HOSTILE)]
    return {"id": "hostile", "title": every[1], "workspace": every[0], "pinned": False, "turns": turns}
