"""Being told unasked: digests with preview and rehearsal, alerts that are tried first, and the inbox they come to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from evals.page_findings import found_here

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Any]


def orders_csv() -> bytes:
    """A year of orders that ends yesterday: what is told is about the last month."""
    days = [date.today() - timedelta(days=n) for n in range(1, 366)]
    lines = [f"{n},{day},{('North', 'South')[n % 2]},{100 + n % 7}.50" for n, day in enumerate(days)]
    return ("order_id,order_date,region,revenue\n" + "\n".join(lines) + "\n").encode()


def load(page: Any) -> None:
    page.get_by_role("combobox", name="Add to").select_option(label="New workspace")
    page.get_by_role("textbox", name="Name").fill("Told")
    page.locator("input[type=file]").set_input_files(
        {"name": "orders.csv", "mimeType": "text/csv", "buffer": orders_csv()}
    )
    page.get_by_text("1 table is ready").wait_for()


def do(page: Any, name: str, item: str) -> None:
    page.get_by_role("button", name=f"Do something with “{name}”").click()
    page.get_by_role("menuitem", name=item).click()


def test_a_digest_is_tried_kept_sent_read_and_ended(open_page: OpenPage, real: str) -> None:
    page = open_page(f"{real}/data")
    load(page)
    page.get_by_role("link", name="Inbox").click()
    page.get_by_role("link", name="Be told by a digest").click()
    page.get_by_role("button", name="New digest").click()
    page.get_by_label("Name", exact=True).fill("Monday morning")
    page.get_by_label("How often").select_option(label="Every month")
    page.get_by_label("On day").select_option("3")
    page.get_by_label("At", exact=True).fill("07:30")
    page.get_by_text("Goals", exact=True).click()
    page.get_by_label("Figure").select_option(label="Total revenue")
    page.get_by_label("To reach").fill("500000")
    page.get_by_role("button", name="Add goal").click()
    page.get_by_text("Total revenue: 500,000 in a month").wait_for()
    assert page.get_by_label("E-mail to my account").count() == 0  # No mail server is set up here.
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("region", name="As it would be now").get_by_text("Next questions").wait_for()
    assert found_here(page) == []
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Every month on day 3 at 07:30").wait_for()
    page.get_by_role("button", name="What would have come?").click()
    page.get_by_role("region", name="Rehearsal").get_by_role("status").get_by_text("90").wait_for()
    assert found_here(page) == []

    do(page, "Monday morning", "Send now")
    page.get_by_role("link", name="Inbox, 1 unread").click()
    message = page.get_by_role("main").get_by_role("listitem").get_by_role("button", name="Unread:")
    message.wait_for()
    message.click()
    page.get_by_role("link", name="Inbox, 1 unread").wait_for(state="detached")
    assert "/inbox/dm-" in page.url
    question = page.get_by_role("region", name="Next questions").get_by_role("button").first
    asked = question.inner_text()
    assert found_here(page) == []
    question.click()
    page.get_by_role("heading", level=2, name=asked).wait_for()

    page.goto(f"{real}/digests")
    do(page, "Monday morning", "Mute for a week")
    page.get_by_text("muted until").wait_for()
    do(page, "Monday morning", "Change")
    page.get_by_label("Name", exact=True).fill("Third of the month")
    page.get_by_role("button", name="Save").click()
    do(page, "Third of the month", "What it said")
    page.get_by_role("list", name="What it said").get_by_role("link").first.wait_for()
    do(page, "Third of the month", "Delete")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("You have no digests yet.").wait_for()


def test_an_alert_is_tried_kept_looked_at_and_acknowledged(open_page: OpenPage, fresh: str) -> None:
    page = open_page(
        f"{fresh}/alerts", stored={"workspace": "shop"}, viewport={"width": 390, "height": 844}, color_scheme="dark"
    )
    page.get_by_text("Nothing is watched yet.").wait_for()  # Until then the button may still move under the pointer.
    page.get_by_role("button", name="New alert").click()
    page.get_by_label("Tell me when").select_option(label="data is not in order")
    page.get_by_label("Trouble is").select_option(label="empty cells")
    page.get_by_label("Column").wait_for()
    page.get_by_label("Tell me when").select_option(label="data stops coming")
    page.get_by_label("Table").select_option(label="Orders")
    page.get_by_label("Days without rows").fill("1")
    page.get_by_role("button", name="Try it").click()
    page.get_by_role("region", name="It would tell you now").wait_for()
    assert found_here(page) == []
    page.get_by_role("button", name="Save").click()
    name = page.get_by_role("heading", level=3).inner_text()
    assert "no new data" in name
    do(page, name, "Look now")
    page.get_by_role("heading", name="Lasts now").wait_for()
    assert found_here(page) == []
    page.get_by_role("button", name="I know").click()
    page.get_by_text("you know").wait_for()
    do(page, name, "What it found")
    page.get_by_role("list", name="What it found").get_by_text("Told you").wait_for()
    page.get_by_role("button", name="It is over").click()
    page.get_by_role("heading", name="Lasts now").wait_for(state="detached")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    do(page, name, "Delete")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("Nothing is watched yet.").wait_for()
