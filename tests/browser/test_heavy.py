"""Much and hostile: long tables and threads stay quick, and strings of ill will stay text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from evals import page_hostile

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Any]

# How smoothly they scroll is measured by `plainsay evals run page`: a busy machine must not fail a test.
SCROLL = "element => { element.scrollTop += 40_000; }"


def test_ten_thousand_rows(open_page: OpenPage, scripted: str) -> None:
    page = open_page(scripted)
    page.get_by_role("textbox", name="Question", exact=True).fill("ten thousand orders")
    page.keyboard.press("Enter")
    region = page.get_by_role("region", name="Orders", exact=True).and_(page.locator("[role=region]"))
    region.locator("tbody tr").nth(5).wait_for()
    assert region.locator("tbody tr").count() < 80
    assert region.locator("table").get_attribute("aria-rowcount") == "10001"
    region.evaluate(SCROLL)
    region.get_by_text("Order 1085", exact=True).wait_for()
    assert region.locator("tbody tr").count() < 80
    # Rows come and go around the reader, who stays.
    page.wait_for_timeout(100)
    assert region.evaluate("element => element.scrollTop") == 40_000
    region.get_by_role("button", name="Net revenue").click()
    assert region.locator("tbody tr").nth(0).inner_text().startswith("Order 99")
    page.get_by_role("link", name="$9,999.50").click()
    cell = page.locator('td[data-traced="1"]')
    cell.wait_for()
    assert cell.inner_text() == "$9,999.50"


def test_two_hundred_turns(open_page: OpenPage, scripted: str) -> None:
    page = open_page(f"{scripted}/t/long")
    page.get_by_role("heading", level=2, name="number 199").wait_for()
    page.locator('[data-ready="1"]').first.wait_for()
    assert page.get_by_role("heading", level=2).count() == 200
    assert page.locator("figure").count() < 20
    page.locator("main .overflow-y-auto").evaluate("element => { element.scrollTop = element.scrollHeight / 2; }")
    page.wait_for_timeout(300)
    assert page.locator("figure").count() < 30


def test_hostile_strings_stay_text(open_page: OpenPage, scripted: str) -> None:
    page = open_page(f"{scripted}/t/hostile", viewport={"width": 390, "height": 800})
    page.get_by_role("heading", level=2).nth(13).wait_for()
    page.wait_for_timeout(500)
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("main img, main iframe, main script, main style").count() == 0
    hrefs = page.evaluate("[...document.querySelectorAll('main a')].map(a => a.getAttribute('href'))")
    assert not any((href or "").lower().startswith("javascript") for href in hrefs)
    page.mouse.wheel(0, -4000)
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned") is None


def test_hostile_strings_stay_text_wherever_others_write(open_page: OpenPage, stocked: Any) -> None:
    """Each 70th of the corpora, and ours; the suite `page` shows all of them."""
    page = open_page(f"{stocked.url}/settings", service_workers="block")
    harm = page_hostile.Harm()
    page_hostile.watch(page, urlsplit(stocked.url).netloc, harm)
    every = page_hostile.strings()
    page_hostile.show(page, stocked, [*page_hostile.HOSTILE, *every[len(page_hostile.HOSTILE) :: 70]], harm)
    assert harm.all == []


def test_the_other_brain_is_asked_where_there_is_one(open_page: OpenPage, scripted: str) -> None:
    page = open_page(scripted)
    page.get_by_role("textbox", name="Question", exact=True).fill("Revenue by region")
    page.keyboard.press("Enter")
    page.locator('[data-ready="1"]').wait_for()
    page.get_by_role("button", name="More", exact=True).click()
    with page.expect_request("**/v1/chat") as request:
        page.get_by_role("menuitem", name="Ask the model").click()
    assert request.value.post_data_json["forwardedProps"]["plainsay"]["brain"] == "llm"
    page.goto(f"{scripted}/settings")
    page.get_by_text("gpt-test").wait_for()
    page.get_by_text("Does not answer").wait_for()
    page.get_by_role("button", name="Try the model").click()
    page.get_by_text("It answered.").wait_for()
