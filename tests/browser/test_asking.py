"""Asking, as a person sees it: streamed answers, traced figures, changed assumptions, questions back and bad news."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Any]

RECORD_STATUS = """() => {
    window.said = [];
    const note = () => {
        const said = document.querySelector('[aria-live]')?.textContent;
        if (said && window.said.at(-1) !== said) window.said.push(said);
    };
    new MutationObserver(note).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""
COMPOSE_ENTER = """e => e.dispatchEvent(new KeyboardEvent('keydown',
    {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"""


def ask(page: Any, question: str) -> None:
    field = page.get_by_role("textbox", name="Question", exact=True)
    field.fill(question)
    field.press("Enter")


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_answer_streams_in_and_figures_trace_to_their_cells(open_page: OpenPage, scripted: str) -> None:
    page = open_page(scripted)
    page.evaluate(RECORD_STATUS)
    ask(page, "Net revenue by month")
    page.wait_for_selector('[data-ready="1"]')
    page.wait_for_selector('article[aria-busy="true"]', state="detached")
    assert page.locator("h1").count() == 1
    assert page.get_by_role("heading", level=2, name="Net revenue by month").is_visible()
    assert page.get_by_role("heading", level=3, name="Net revenue by month").is_visible()
    assert page.evaluate("window.said") == ["Working on it", "Answer ready"]
    assert page.locator("svg [aria-roledescription]").count() >= 11

    page.get_by_role("link", name="$1.13M").click()
    cell = page.locator('td[data-traced="1"]')
    cell.wait_for()
    assert cell.inner_text() == "$1,133,902"
    assert focused(page) == "$1,133,902"
    assert page.get_by_text("The text says $1.13M; this cell holds $1,133,902.").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("[data-traced]").count() == 0
    assert focused(page) == "$1.13M"

    page.get_by_role("link", name="11.2%").press("Enter")
    assert page.locator('td[data-traced="1"]').inner_text() == "11.2%"
    page.get_by_role("button", name="$1,019,556").click()
    assert page.locator('td[data-traced="1"]').inner_text() == "$1,019,556"
    page.keyboard.press("Escape")
    assert focused(page) == "11.2%"


def test_the_chart_is_read_by_arrow_keys_and_its_table_sorts(open_page: OpenPage, scripted: str) -> None:
    page = open_page(scripted)
    ask(page, "Revenue by region")
    page.wait_for_selector('[data-ready="1"]')
    figure = page.get_by_role("figure")
    figure.focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_text("Region: North, Net revenue: $3,310,200.10").is_visible()
    page.get_by_role("button", name="Table").click()
    assert page.locator("tbody tr").first.inner_text().startswith("North")
    heading = page.get_by_role("columnheader", name="Net revenue")
    heading.get_by_role("button").click()
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    assert page.locator("tbody tr").first.inner_text().startswith("=cmd|calc")
    page.get_by_role("button", name="Save “Net revenue by region”").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Save as CSV").click()
    assert download.value.suggested_filename == "net-revenue-by-region.csv"
    assert "'=cmd|calc,40210.00" in open_text(download.value)


def open_text(download: Any) -> str:
    with open(download.path(), encoding="utf-8-sig") as file:  # noqa: PTH123
        return file.read()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_changed_assumption_runs_again(open_page: OpenPage, scripted: str, width: int) -> None:
    page = open_page(scripted, viewport={"width": width, "height": 844}, has_touch=width < 500)
    ask(page, "Net revenue by month")
    page.get_by_role("button", name="Metric: Net revenue. Change").click()
    page.get_by_role("menuitemradio", name="Gross revenue").click()
    page.get_by_text("With Metric: Gross revenue").wait_for()
    page.get_by_role("button", name="Metric: Gross revenue. Change").wait_for()
    assert page.get_by_role("heading", level=2).count() == 2
    assert 0 <= page.get_by_role("heading", level=2).last.bounding_box()["y"] < 160


@pytest.mark.parametrize("width", [1280, 390])
def test_how_it_was_made_opens_and_gives_focus_back(open_page: OpenPage, scripted: str, width: int) -> None:
    page = open_page(scripted, viewport={"width": width, "height": 844})
    ask(page, "Net revenue by month")
    page.get_by_role("button", name="How I got this").click()
    page.get_by_role("region", name="SQL").wait_for()
    assert "run=" in page.url
    for tab, text in (
        ("Checks", "No row was counted twice."),
        ("Steps", "1. Net revenue from orders"),
        ("Receipt", "1,203,344"),
    ):
        page.get_by_role("tab", name=tab).click()
        assert page.get_by_role("tabpanel").get_by_text(text).is_visible()
    page.keyboard.press("Escape")
    page.get_by_role("tablist").wait_for(state="detached")
    assert focused(page) == "How I got this"
    assert "run=" not in page.url


def test_a_question_back_is_answered_by_number_key(open_page: OpenPage, scripted: str) -> None:
    page = open_page(scripted)
    ask(page, "What were sales?")
    page.get_by_text("What should “sales” mean here?").wait_for()
    assert focused(page) == "What should “sales” mean here?"
    sent: list[dict[str, Any]] = []
    page.on("request", lambda r: sent.append(r.post_data_json) if r.url.endswith("/v1/chat") else None)
    page.keyboard.press("1")
    page.get_by_text("With Net revenue").wait_for()
    page.wait_for_selector('[data-ready="1"]')
    assert page.get_by_role("heading", level=2, name="What were sales?").count() == 2
    assert sent[0]["resume"][0]["status"] == "resolved"
    assert sent[0]["resume"][0]["payload"] == {"choice": "net"}


def test_asking_something_else_cancels_the_question_back(open_page: OpenPage, scripted: str) -> None:
    page = open_page(scripted)
    ask(page, "What were sales?")
    page.get_by_role("button", name="Units sold").wait_for()
    with page.expect_request("**/v1/chat") as request:
        ask(page, "Revenue by region")
    assert request.value.post_data_json["resume"][0]["status"] == "cancelled"


def test_a_decline_says_why_and_offers_what_works(open_page: OpenPage, scripted: str) -> None:
    page = open_page(scripted)
    ask(page, "What about the weather?")
    page.get_by_text("No table in this workspace holds weather data.").wait_for()
    page.get_by_role("button", name="Net revenue by region").click()
    page.wait_for_selector('[data-ready="1"]')


def test_a_run_can_be_stopped_and_its_question_edited(open_page: OpenPage, scripted: str) -> None:
    page = open_page(scripted)
    ask(page, "slow revenue by month")
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped before the answer was complete.").wait_for()
    assert page.get_by_role("textbox", name="Question", exact=True).input_value() == "slow revenue by month"


def test_a_lost_line_is_picked_up_where_it_broke(open_page: OpenPage, scripted: str) -> None:
    page = open_page(scripted)
    with page.expect_request("**/v1/runs/*/events") as request:
        ask(page, "cut off revenue by month")
    page.wait_for_selector('[data-ready="1"]')
    assert request.value.headers["last-event-id"] == "7"
    assert page.locator(".prose").inner_text().startswith("Net revenue was $1.13M in October, up 11.2% on September")


def test_errors_and_hostile_charts_are_told_in_plain_words(open_page: OpenPage, scripted: str) -> None:
    page = open_page(scripted)
    ask(page, "please fail")
    page.get_by_role("alert").get_by_text("The query took longer than 30 seconds").wait_for()
    assert page.get_by_role("button", name="Try again").is_visible()
    ask(page, "evil chart")
    page.get_by_text("This chart asked for outside data or code and was blocked.").wait_for()


def test_shift_enter_breaks_the_line_and_composing_never_sends(open_page: OpenPage, scripted: str) -> None:
    page = open_page(scripted)
    field = page.get_by_role("textbox", name="Question", exact=True)
    field.fill("first")
    field.press("Shift+Enter")
    field.type("second")
    assert field.input_value() == "first\nsecond"
    field.evaluate(COMPOSE_ENTER)
    assert "/t/" not in page.url
