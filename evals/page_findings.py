"""What the checker of accessibility finds on a page, in every theme and in each state: full, empty, failing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from evals.page_stage import WEB, Stage, places
from store.errors import Unavailable

AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
THEMES = ("light", "dark", "hc-light", "hc-dark")
STATES = ("full", "empty", "failing")
FAILURE = {"code": "defect", "message": "Something went wrong on our side.", "hint": "Try again.", "retry": "never"}
# Without these there is no page at all: who asks, and which workspaces there are.
_GROUND = ("/v1/session", "/v1/workspaces")
_SETTLED = "() => !document.querySelector('main .animate-pulse') && !!document.querySelector('h1')"
_PATIENCE_MS = 60_000

# All rules are about structure but those of colour: in the other themes of a page only colours can differ.
_CHECK = """async ([tags, themes]) => {
    // What inherits a colour begins to change when its parent has: one wait is not enough. Animations that go on for
    // ever, or as far as one scrolls, never end.
    const settled = async () => {
        for (let round = 0; round < 100; round++) {
            await new Promise(requestAnimationFrame);
            const timed = document.getAnimations().filter(one => one.timeline === document.timeline);
            const ending = timed.filter(one => one.effect?.getTiming().iterations !== Infinity);
            if (!ending.length) return;
            await Promise.all(ending.map(one => one.finished.catch(() => null)));
        }
    };
    const found = [];
    for (const theme of themes) {
        if (theme) document.documentElement.dataset.theme = theme;
        await settled();
        const only = theme === themes[0] ? {type: 'tag', values: tags} : {type: 'rule', values: ['color-contrast']};
        const {violations} = await axe.run(document, {runOnly: only, resultTypes: ['violations']});
        found.push(...violations.map(v => `${theme} ${v.id}: ${v.nodes[0].html.slice(0, 160)}`));
    }
    return found;
}"""


def findings(page: Any, themes: tuple[str, ...] = THEMES) -> list[str]:
    """What axe finds on the page as it stands, in each theme ("" leaves it as it is).

    Raises `Unavailable` without the checker.
    """
    if not AXE.is_file():
        raise Unavailable("The checker of accessibility is not installed.", hint="Run `npm ci` in web/.")
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(
            f"{AXE.read_text(encoding='utf-8')}\n;void 0"
        )  # the checker itself would take seconds to hand over
    found: list[str] = page.evaluate(_CHECK, [list(TAGS), list(themes)])
    return found


def found_here(page: Any) -> list[str]:
    """What axe finds on the page as it looks now; nothing where the checker is not installed."""
    return findings(page, ("",)) if AXE.is_file() else []


def walk(
    page: Any, stage: Stage, state: str, themes: tuple[str, ...] = THEMES, only: tuple[str, ...] = ()
) -> Iterator[tuple[str, list[str]]]:
    """Each page (or `only` some) in a state with what is found on it in the themes.

    `page` is used for this state alone.
    """
    place = ""
    if state != "full":
        page.route(f"{stage.url}/v1/**", lambda route: _answer(route, state))
    page.route(f"{stage.url}/v1/session", lambda route: _signed_out(route) if "/sign-in" in place else route.fallback())
    for place in only or places(stage):
        page.goto(stage.url + place)
        page.wait_for_function(_SETTLED, timeout=_PATIENCE_MS)
        yield place, findings(page, themes)


def _answer(route: Any, state: str) -> None:
    """The server as it fails, or as it is before anything was made on it."""
    path = "/" + route.request.url.split("/", 3)[3].split("?")[0]
    if path in _GROUND or route.request.method != "GET":
        route.fallback()
    elif state == "failing":
        route.fulfill(status=500, content_type="application/json", body=json.dumps({"error": FAILURE}))
    else:
        _emptied(route)


def _emptied(route: Any) -> None:
    response = route.fetch()
    try:
        body = response.json()
    except ValueError:
        route.fulfill(response=response)
        return
    if isinstance(body, dict) and isinstance(body.get("items"), list):
        body["items"] = []
    route.fulfill(response=response, json=body)


def _signed_out(route: Any) -> None:
    response = route.fetch()
    route.fulfill(response=response, json={**response.json(), "signed_in": False, "needed": True, "setup": False})
