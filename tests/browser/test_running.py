"""Looking after an installation on the page: budgets, one person's data, and an alert asked for in a conversation."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Any]
GUESTS = b"guest_id,email,nights\n" + b"".join(
    b"%d,guest%d@example.com,%d\n" % (n, n, n % 9 + 1) for n in range(100, 160)
)


def test_a_budget_is_set_and_taken_away(open_page: OpenPage, fresh: str) -> None:
    page = open_page(f"{fresh}/settings")
    page.get_by_role("link", name="Usage").click()
    page.get_by_text("No budgets").wait_for()
    new = page.get_by_role("form", name="Set budget")
    new.get_by_label("Budget of").select_option("workspace shop")
    new.get_by_label("Questions a day").fill("3")
    new.get_by_role("button", name="Set budget").click()
    page.get_by_text("0 of 3 questions today").wait_for()
    page.get_by_role("figure").get_by_text("0 questions in the last 30 days").wait_for()
    assert page.request.get(f"{fresh}/v1/budgets").json()["items"][0]["questions"] == 3
    page.get_by_role("button", name="Take away the budget of").click()
    page.get_by_text("No budgets").wait_for()


def test_a_person_is_shown_saved_and_erased_once_written_twice(open_page: OpenPage, fresh: str) -> None:
    page = open_page(f"{fresh}/data", viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.get_by_role("combobox", name="Add to").select_option(label="New workspace")
    page.get_by_role("textbox", name="Name").fill("Inn")
    page.locator("input[type=file]").set_input_files({"name": "guests.csv", "mimeType": "text/csv", "buffer": GUESTS})
    page.get_by_text("1 table is ready").wait_for()
    page.goto(f"{fresh}/admin/persons")
    page.get_by_role("combobox", name="Workspace").select_option(label="Inn")
    who = page.get_by_label("E-mail address, phone number or id")
    look = page.get_by_role("button", name="Look", exact=True)
    who.fill("nobody@example.com")
    look.click()
    page.get_by_text("Nothing is held of this person here.").wait_for()
    who.fill("guest104@example.com")
    look.click()
    page.get_by_role("list", name="What is held").get_by_text("1 row").wait_for()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a file").click()
    held = json.loads(saved.value.path().read_text(encoding="utf-8"))["items"]
    assert "guest104@example.com" in json.dumps(held)
    assert "guest103@example.com" not in json.dumps(held)
    erase = page.get_by_role("button", name="Erase for good")
    assert erase.is_disabled()
    page.get_by_label("Write the person down again").fill("guest104")
    assert erase.is_disabled()
    page.get_by_label("Write the person down again").fill("guest104@example.com")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    erase.click()
    page.get_by_text("Erased, earlier versions too.").wait_for()
    look.click()
    page.get_by_text("Nothing is held of this person here.").wait_for()


def test_an_alert_asked_for_in_a_conversation_is_made_once_confirmed(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(stocked.url)

    def kept() -> list[Any]:
        every = page.request.get(f"{stocked.url}/v1/alerts").json()["items"]
        return [one for one in every if one["rule"].get("level") == 10_000]

    page.get_by_role("textbox", name="Question", exact=True).fill("tell me when revenue falls below 10000")
    page.keyboard.press("Enter")
    offer = page.get_by_role("region", name="Alert to confirm")
    offer.get_by_text("10,000").wait_for()
    assert kept() == []
    offer.get_by_role("button", name="Make this alert").click()
    page.get_by_text("It is watched from now on.").wait_for()
    page.reload()  # What is made is not offered again.
    page.get_by_text("It is watched from now on.").wait_for()
    assert page.get_by_role("region", name="Alert to confirm").count() == 0
    assert len(kept()) == 1
    for one in kept():  # Others look at the same server.
        page.request.delete(f"{stocked.url}/v1/alerts/{one['id']}")
    assert kept() == []
