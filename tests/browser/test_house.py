"""The whole way on the real server: a file goes in, a question is asked of it, and the answer is found again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from evals.page_findings import found_here

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Any]

REGIONS = ("North", "South", "West")
QUESTION = "What is the total revenue by region?"


def orders_csv() -> bytes:
    start = date(2026, 1, 1)
    lines = [
        f"{number},{start + timedelta(days=number)},{REGIONS[number % 3]},{100 + number % 3 * 50}.50"
        for number in range(300)
    ]
    return ("order_id,order_date,region,revenue\n" + "\n".join(lines) + "\n").encode()


def test_upload_ask_trace_and_find_again(open_page: OpenPage, real: str) -> None:
    page = open_page(f"{real}/data")
    files = [
        {"name": "orders.csv", "mimeType": "text/csv", "buffer": orders_csv()},
        {"name": "broken.xlsx", "mimeType": "application/octet-stream", "buffer": b"not a workbook"},
    ]
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_role("button", name="Ask about it").wait_for()
    assert page.get_by_text("1 table is ready").is_visible()
    assert page.get_by_role("alert").get_by_text("broken.xlsx").is_visible()
    page.get_by_role("button", name="Ask about it").click()

    page.get_by_role("button", name=QUESTION).click()
    page.wait_for_selector('[data-ready="1"]')
    page.locator("a.cell-link").filter(has_text="20,050").first.click()
    assert "20,050" in page.locator('td[data-traced="1"]').inner_text()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="How I got this").click()
    assert "SELECT" in page.get_by_role("region", name="SQL").inner_text()

    page.reload()
    page.get_by_role("heading", level=2, name=QUESTION).wait_for()
    page.wait_for_selector('[data-ready="1"]')
    page.get_by_role("link", name="History").click()
    page.get_by_role("searchbox").fill("region")
    page.get_by_role("main").get_by_role("link", name=QUESTION).wait_for()
    do = page.get_by_role("button", name=f"Do something with “{QUESTION}”")
    do.click()
    page.get_by_role("menuitem", name="Keep on top").click()
    page.get_by_role("heading", name="Kept on top").wait_for()
    do.click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("Nothing matches this search.").wait_for()


def test_words_and_the_model_are_changed(open_page: OpenPage, real: str) -> None:
    page = open_page(f"{real}/data")
    page.locator("input[type=file]").set_input_files(
        {"name": "orders.csv", "mimeType": "text/csv", "buffer": orders_csv()}
    )
    page.get_by_text("1 table is ready").wait_for()
    page.get_by_role("button", name="Add more files").click()
    page.get_by_role("group").get_by_text("Orders", exact=True).first.click()
    page.get_by_role("button", name="Change the words of Total revenue").click()
    page.get_by_role("textbox", name="Other words for it").fill("takings, turnover")
    assert found_here(page) == []
    page.get_by_role("button", name="Save").click()
    page.get_by_text("also: takings, turnover").wait_for()

    page.get_by_role("link", name="Open the model as a file").click()
    text = page.get_by_role("textbox", name="Model file")
    text.wait_for()
    before = text.input_value()
    assert "takings" in before
    text.fill("tabels: {}\n" + before)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").get_by_role("button", name="Line 1").click()
    assert page.evaluate("document.activeElement.selectionStart") == 0
    page.get_by_role("button", name="Undo changes").click()
    text.fill(before.replace("takings", "till receipts"))
    page.get_by_role("button", name="Try on the data").click()
    page.get_by_text("No faults").wait_for()
    assert found_here(page) == []
    page.get_by_role("button", name="Save").click()
    page.get_by_text("edited as text").first.wait_for()
    page.get_by_role("link", name="Ask", exact=True).click()
    page.get_by_role("textbox", name="Question", exact=True).fill("till receipts by region in May 2026")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=3, name="Total revenue by region").wait_for()


def keep(page: Any, question: str) -> None:
    """Ask, and put the answer on the first thing the menu offers."""
    page.get_by_role("textbox", name="Question", exact=True).fill(question)
    page.keyboard.press("Enter")
    answer = page.get_by_role("article").filter(has=page.get_by_role("heading", level=2, name=question))
    answer.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_role("menuitem").first.click()
    answer.get_by_role("link", name="Kept on").wait_for()


def test_keep_answers_and_arrange_them(open_page: OpenPage, real: str) -> None:
    page = open_page(f"{real}/data")
    page.locator("input[type=file]").set_input_files(
        {"name": "orders.csv", "mimeType": "text/csv", "buffer": orders_csv()}
    )
    page.get_by_role("button", name="Ask about it").click()
    keep(page, "total revenue in May 2026")
    keep(page, "revenue by region in May 2026")
    page.get_by_role("link", name="Kept on").last.click()

    figure, regions = (
        page.get_by_role("region", name=name, exact=True) for name in ("Total revenue", "Total revenue by region")
    )
    figure.get_by_text("4,615.50", exact=True).wait_for()
    regions.locator('[data-ready="1"]').wait_for()
    assert found_here(page) == []
    page.get_by_role("button", name="Period: Period as asked. Change").click()
    page.get_by_role("menuitemradio", name="All time").click()
    figure.get_by_text("45,150", exact=False).first.wait_for()

    page.get_by_role("button", name="Do something with “Total revenue by region”").click()
    page.get_by_role("menuitem", name="Move forward").click()
    first = page.get_by_role("main").get_by_role("region").first
    page.wait_for_function("() => document.querySelector('main section h2').textContent === 'Total revenue by region'")
    assert first.get_attribute("aria-label") == "Total revenue by region"
    page.get_by_role("button", name="Do something with “Total revenue”").click()
    page.get_by_role("menuitem", name="Take off").click()
    figure.wait_for(state="detached")

    page.get_by_role("button", name="Do something with this dashboard").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_role("textbox", name="Title of the dashboard").fill("Monday")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Monday").wait_for()
    page.reload()
    page.get_by_role("heading", level=1, name="Monday").wait_for()
    page.get_by_role("link", name="Dashboards").click()
    page.get_by_role("link", name="Monday").click()
    page.get_by_role("button", name="Do something with this dashboard").click()
    page.get_by_role("menuitem", name="Delete dashboard").click()
    page.get_by_role("button", name="Delete dashboard").click()
    page.get_by_text("No dashboards yet.").wait_for()
