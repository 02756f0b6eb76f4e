"""Figures made by a form: tried on the data, kept, asked about, refused in plain words, taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Any]


@pytest.mark.parametrize("width", [1280, 390])
def test_a_metric_is_made_tried_asked_and_taken_back(open_page: OpenPage, stocked: Any, width: int) -> None:
    page = open_page(f"{stocked.url}/data", viewport={"width": width, "height": 860})
    page.get_by_role("button", name="New metric").click()
    form = page.get_by_role("form", name="New metric")
    form.get_by_label("Name").fill("Discount per order")
    form.get_by_label("How it is made").select_option(label="One figure divided by another")
    form.get_by_label("This figure").select_option(label="Discounts")
    form.get_by_label("Divided by").select_option(label="Orders")
    form.get_by_role("button", name="Show what it would be").click()
    shown = form.get_by_role("status")
    shown.get_by_text("$").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    form.get_by_label("How it is made").select_option(label="A formula of figures")
    form.get_by_label("Formula", exact=True).fill("discounts / nothing_known")
    form.get_by_role("button", name="Keep the metric").click()
    form.get_by_role("alert").get_by_text("nothing_known").first.wait_for()
    form.get_by_label("How it is made").select_option(label="One figure divided by another")
    form.get_by_role("button", name="Keep the metric").click()
    page.get_by_text("“Discount per order” is a metric now").wait_for()
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("“Discount per order” is a metric now").wait_for(state="detached")
    page.get_by_role("button", name="Change the words of Discount per order").wait_for(state="detached")
