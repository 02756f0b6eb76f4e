"""Every page for everyone: no axe findings, nothing sideways at 320 px, themes that apply, focus that is never lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Any]

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"color_scheme": "dark", "forced_colors": "active"},
    "hc-light": {"stored": {"theme": "hc-light"}},
    "hc-dark": {"stored": {"theme": "hc-dark"}},
    "phone": {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}, "has_touch": True},
}

TOO_WIDE = """() => [...document.querySelectorAll('*')]
    .filter(e => !e.closest('[role=region], svg, .sr-only') && e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.outerHTML.slice(0, 120))"""


def ask(page: Any, question: str) -> None:
    page.get_by_role("textbox", name="Question", exact=True).fill(question)
    page.keyboard.press("Enter")


def findings(page: Any, look: str) -> list[str]:
    # Forced colours are the reader's own; axe still measures ours.
    rules = {"color-contrast": {"enabled": look != "forced"}}
    found = page.evaluate("options => axe.run(document, options)", {"runOnly": TAGS, "rules": rules})["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]


PLACES = {
    "asking": ("", "{thread}", "{share}"),
    "keeping": ("{dashboard}", "/dashboards", "/history", "/settings"),
    "data": ("/data", "/data/model", "/data/review", "/nowhere"),
}
# Every page in light and dark, the busiest in the other looks; the suite `page` walks all of them in all themes.
WALKS = [(look, group) for look in ("light", "dark") for group in PLACES] + [
    (look, "asking") for look in LOOKS if look not in ("light", "dark")
]


@pytest.mark.parametrize(("look", "group"), WALKS)
def test_axe_finds_nothing(open_page: OpenPage, stocked: Any, look: str, group: str) -> None:
    if not AXE.is_file():
        pytest.skip("needs `npm ci` in web/")
    page = open_page(stocked.url, **LOOKS[look])
    axe = Path(AXE).read_text(encoding="utf-8")
    for place in (p.format(**vars(stocked)) for p in PLACES[group]):
        page.goto(stocked.url + place)
        page.get_by_role("heading", level=1).wait_for()
        if place in (stocked.thread, stocked.share, stocked.dashboard):
            page.locator('[data-ready="1"]').first.wait_for()
        if place == stocked.thread:
            page.locator("a.cell-link").first.click()
            page.get_by_role("button", name="How I got this").click()
            page.get_by_role("tablist").wait_for()
        page.evaluate(axe)
        assert (place, findings(page, look)) == (place, [])


def test_nothing_moves_sideways_at_320(open_page: OpenPage, scripted: str) -> None:
    page = open_page(scripted, viewport={"width": 320, "height": 640})
    ask(page, "Net revenue by month")
    page.wait_for_selector('[data-ready="1"]')
    page.get_by_role("button", name="Table").click()
    assert page.evaluate(TOO_WIDE) == []
    ask(page, "What were sales?")
    page.get_by_role("button", name="Units sold").wait_for()
    assert page.evaluate(TOO_WIDE) == []
    for path in ("", "history", "data", "dashboards", "data/model"):
        page.goto(f"{scripted}/{path}")
        page.get_by_role("heading", level=1).wait_for()
        assert page.evaluate(TOO_WIDE) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_frame_never_scrolls(open_page: OpenPage, scripted: str) -> None:
    page = open_page(scripted)
    for question in ("Net revenue by month", "Revenue by region", "What about the weather?"):
        ask(page, question)
        page.get_by_role("heading", level=2, name=question).wait_for()
        page.wait_for_selector('article[aria-busy="true"]', state="detached")
    assert page.get_by_role("link", name="Plainsay").bounding_box()["y"] >= 0
    top = page.get_by_role("heading", level=2, name="What about the weather?").bounding_box()["y"]
    assert 0 <= top < 80


def test_a_chosen_theme_stays(open_page: OpenPage, scripted: str) -> None:
    page = open_page(scripted, color_scheme="light")
    canvas = "getComputedStyle(document.documentElement).backgroundColor"
    assert page.evaluate(canvas) == "rgb(246, 247, 249)"
    page.get_by_role("link", name="Settings").click()
    page.get_by_text("Dark", exact=True).click()
    page.wait_for_function(f"{canvas} === 'rgb(16, 21, 29)'")
    page.reload()
    assert page.evaluate(canvas) == "rgb(16, 21, 29)"


def test_the_skip_link_leads_to_the_content(open_page: OpenPage, scripted: str) -> None:
    page = open_page(f"{scripted}/history")
    page.get_by_role("heading", level=1).wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_going_offline_is_said(open_page: OpenPage, scripted: str) -> None:
    page = open_page(scripted)
    page.context.set_offline(True)
    page.get_by_text("You are offline.").wait_for()
    page.context.set_offline(False)
    page.get_by_text("You are offline.").wait_for(state="detached")
