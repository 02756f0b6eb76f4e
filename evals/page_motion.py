"""How smoothly much of it scrolls: two hundred answers, and a table of ten thousand rows, frame by frame.

The machine that measures has no graphics card, so that pictures are made by its processor: beside the frames stands
what the page itself needs for each, in time of the processor, which says as much on any machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from evals.result import Figure

ROWS = 10_000
FRAMES = 240
STEP_PX = 120
# A frame of a sixtieth of a second, and two of them; clocks round to a tenth of a millisecond.
_FRAME_MS, _TWO_FRAMES_MS = 16.8, 33.5
_PATIENCE_MS = 120_000
_AT = "2026-11-21T09:00:00Z"

_SCROLL = """([scroller, frames, step]) => new Promise(done => {
    const stamps = [];
    const tick = now => {
        stamps.push(now);
        scroller.scrollTop += step;
        if (stamps.length <= frames) requestAnimationFrame(tick);
        else done(stamps.slice(1).map((t, i) => t - stamps[i]));
    };
    requestAnimationFrame(tick);
})"""


@dataclass(frozen=True)
class Motion:
    """Milliseconds of each frame, and milliseconds of the processor the page took for one."""

    frames: list[float]
    work: float

    def figures(self, what: str) -> Iterator[Figure]:
        """The motion in figures."""
        count = len(self.frames)
        late = sum(frame > _FRAME_MS for frame in self.frames) / count
        missed = sum(frame > _TWO_FRAMES_MS for frame in self.frames) / count
        yield Figure(f"frames a second, {what}, median", 1000 / median(self.frames), "fps", 59, "more")
        yield Figure(f"frames over 16.7 ms, {what}", 100 * late, "%", 5)
        yield Figure(f"frames over 33 ms, {what}", 100 * missed, "%", 1)
        yield Figure(f"the page's own work for a frame, {what}", self.work, "ms", 8)


def scrolled(page: Any, tools: Any, scroller: Any, step: int = STEP_PX) -> Motion:
    """Scroll an element of the page by so many pixels a frame; `tools` is a session of the browser's protocol."""
    page.wait_for_timeout(1000)  # what is drawn once the page has come to rest
    tools.send("Performance.disable")
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = _busy(tools)
    frames = [
        float(one) for one in scroller.evaluate(f"(element, rest) => ({_SCROLL})([element, ...rest])", [FRAMES, step])
    ]
    work = (_busy(tools) - before) * 1000 / len(frames)
    tools.send("Performance.disable")
    return Motion(frames, work)


def _busy(tools: Any) -> float:
    held = {one["name"]: float(one["value"]) for one in tools.send("Performance.getMetrics")["metrics"]}
    return held["TaskDuration"]


def long_table(browser: Any, url: str) -> Motion:
    """Scroll ten thousand rows of an answer, as the server would send them."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 860}, reduced_motion="reduce", service_workers="block"
    )
    page = context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    page.route(f"{url}/v1/threads/orders", lambda route: route.fulfill(json=_thread()))
    page.goto(f"{url}/t/orders")
    region = page.locator("[role=region]")
    region.locator("tbody tr").nth(5).wait_for()
    motion = scrolled(page, context.new_cdp_session(page), region)
    reached = region.evaluate("element => element.scrollTop")
    context.close()
    if reached < FRAMES * STEP_PX * 0.9:
        raise ValueError(f"the table moved by {reached} pixels only")
    return motion


def _thread() -> dict[str, object]:
    columns = [
        _column("order", "Order", "text", "dimension"), _column("day", "Day", "date", "time"),
        _column("customer", "Customer", "text", "dimension"), _column("channel", "Channel", "text", "dimension"),
        _column("units", "Units", "integer", "measure"), _column("revenue", "Revenue", "decimal", "measure"),
    ]  # fmt: skip
    rows = [
        [f"Order {n}", f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}", f"Customer {n * 7 % 991}", ("Web", "Store")[n % 2],
         n % 9 + 1, f"{n * 37 % 5000}.{n % 100:02}"]
        for n in range(ROWS)
    ]  # fmt: skip
    table = {
        "v": 1, "id": "t1", "title": "Orders", "kind": "main", "columns": columns, "rows": rows,
        "row_keys": [f"k{n}" for n in range(ROWS)], "total_rows": ROWS, "truncated": False, "partial": [],
        "lineage": [], "evidence": "e1",
    }  # fmt: skip
    answer = {
        "id": "a", "thread_id": "orders", "question": "orders", "status": "answered", "text": "All orders.",
        "result": table, "tables": [], "charts": [], "evidence": [], "warnings": [], "suggestions": [],
    }  # fmt: skip
    turn = {
        "run_id": "r", "question": "orders", "status": "done", "created_at": _AT, "answer": answer, "error": None,
        "verdict": None,
    }  # fmt: skip
    return {"id": "orders", "title": "Orders", "workspace": "demo-retail", "pinned": False, "turns": [turn]}


def _column(name: str, label: str, kind: str, role: str) -> dict[str, object]:
    return {
        "name": name, "label": label, "type": kind, "role": role, "unit": None, "decimals": None, "good": None,
        "additive": False, "grain": None, "lineage": {},
    }  # fmt: skip
