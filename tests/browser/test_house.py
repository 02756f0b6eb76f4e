"""The whole way on the real server: a file goes in, a question is asked of it, and the answer is found again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

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
    page.get_by_role("button", name="Ask about it").wait_for(timeout=30_000)
    assert page.get_by_text("1 table is ready").is_visible()
    assert page.get_by_role("alert").get_by_text("broken.xlsx").is_visible()
    page.get_by_role("button", name="Ask about it").click()

    page.get_by_role("button", name=QUESTION).click()
    page.wait_for_selector('[data-ready="1"]', timeout=30_000)
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
    page.get_by_role("button", name=f"Delete “{QUESTION}”").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("Nothing matches this search.").wait_for()
