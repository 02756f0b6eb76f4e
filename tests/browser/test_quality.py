"""Every page for everyone: no axe findings, nothing sideways at 320 px, themes that apply, focus that is never lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from evals import page_findings, page_stage

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Any]

LOOKS: dict[str, dict[str, Any]] = {
    "dark": {"color_scheme": "dark"},
    "forced": {"color_scheme": "dark", "forced_colors": "active"},
    "more contrast": {"color_scheme": "light", "contrast": "more"},
    "phone": {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}, "has_touch": True},
}

# A page to ask on, a list, a list with a form, a page of tables and files, one of the settings, one of an admin.
OF_EACH_KIND = ("/", "/history", "/alerts", "/data", "/settings", "/admin/members")

TOO_WIDE = """() => [...document.querySelectorAll('*')]
    .filter(e => !e.closest('[role=region], svg, .sr-only') && e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.outerHTML.slice(0, 120))"""


def ask(page: Any, question: str) -> None:
    page.get_by_role("textbox", name="Question", exact=True).fill(question)
    page.keyboard.press("Enter")


def test_every_page_of_the_router_is_looked_at(stocked: Any) -> None:
    assert sorted(set(page_stage.router_paths())) == sorted(page_stage.PLACES), "say how to look at the new page"
    assert all(part in page_stage.places(stocked) for part in ("/admin/members", "/admin/audit"))


def test_axe_finds_nothing_on_any_page_in_any_theme(open_page: OpenPage, told: Any) -> None:
    page = open_page(f"{told.url}/settings", service_workers="block")
    found = [f"{place} {one}" for place, here in page_findings.walk(page, told, "full") for one in here]
    assert found == []


@pytest.mark.parametrize(("state", "theme"), [("empty", "dark"), ("failing", "light")])
def test_axe_finds_nothing_where_there_is_nothing_or_it_fails(
    open_page: OpenPage, told: Any, state: str, theme: str
) -> None:
    """One page of each kind; `plainsay evals run page` looks at all of them in these states, in all themes."""
    page = open_page(f"{told.url}/settings", service_workers="block")
    walk = page_findings.walk(page, told, state, (theme,), (*OF_EACH_KIND, told.thread, told.dashboard))
    assert [f"{place} {one}" for place, here in walk for one in here] == []


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_axe_finds_nothing_in_the_midst_of_an_answer(open_page: OpenPage, stocked: Any, look: str) -> None:
    page = open_page(stocked.url + stocked.thread, **LOOKS[look])
    page.locator('[data-ready="1"]').first.wait_for()
    page.locator("a.cell-link").first.click()
    page.get_by_role("button", name="How I got this").click()
    page.get_by_role("tablist").wait_for()
    # Forced colours are the reader's own; axe would measure ours.
    assert [one for one in page_findings.findings(page, ("",)) if look != "forced" or "color-contrast" not in one] == []


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


@pytest.mark.parametrize("contrast", ["no-preference", "more"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_wishes_of_the_system_and_of_the_reader_choose_the_colours(
    open_page: OpenPage, scripted: str, scheme: str, contrast: str
) -> None:
    # Less motion would make each change of colour a transition, however short.
    options = {"color_scheme": scheme, "contrast": contrast, "reduced_motion": "no-preference"}
    page = open_page(f"{scripted}/settings", **options)
    colour = """theme => {
        if (theme) document.documentElement.dataset.theme = theme;
        return getComputedStyle(document.documentElement).backgroundColor;
    }"""
    usual = {"light": "rgb(246, 247, 249)", "dark": "rgb(16, 21, 29)"}
    more = {"light": "rgb(255, 255, 255)", "dark": "rgb(0, 0, 0)"}
    wanted = more if contrast == "more" else usual
    assert page.evaluate(colour, "") == wanted[scheme]
    assert {theme: page.evaluate(colour, theme) for theme in ("light", "dark")} == wanted
    assert [page.evaluate(colour, f"hc-{theme}") for theme in more] == list(more.values())


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
