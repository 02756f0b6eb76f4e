"""What is set up by forms: figures of one's own, the language model; and conversations looked after on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.fakes.model_server import MODEL, ModelServer, Reply

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


def test_a_language_model_is_set_up_tested_and_its_key_never_shown(open_page: OpenPage, real: str) -> None:
    page = open_page(f"{real}/admin/model")
    form = page.get_by_role("form", name="Language model")
    with ModelServer(lambda _asked: Reply(text='{"word": "yes"}')) as server:
        form.get_by_label("Address of the server").fill(server.url)
        form.get_by_label("Name of the model").fill(MODEL)
        form.get_by_label("Key", exact=True).fill("k-canary")
        form.get_by_label("Tokens for one question").fill("5000")
        form.get_by_role("button", name="Save").click()
        form.get_by_text("A key is kept, sealed").wait_for()
        page.get_by_role("button", name="Try the model").click()
        page.get_by_role("main").get_by_text("answers in").wait_for()
    page.reload()
    form.get_by_text("A key is kept, sealed").wait_for()
    assert form.get_by_label("Tokens for one question").input_value() == "5000"
    assert form.get_by_label("Key", exact=True).input_value() == ""
    form.get_by_label("Address of the server").fill("https://elsewhere.example/v1")
    form.get_by_text("the key has to be written again").wait_for()
    form.get_by_role("button", name="Remove the key").click()
    form.get_by_text("No key is kept").wait_for()


def test_what_the_environment_says_of_the_model_cannot_be_changed(
    open_page: OpenPage, serve_at: Callable[..., str], tmp_path: Path
) -> None:
    url = serve_at(tmp_path, PLAINSAY_MODEL="from-outside", OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    page = open_page(f"{url}/admin/model", viewport={"width": 390, "height": 860})
    name = page.get_by_label("Name of the model")
    name.wait_for()
    assert name.is_disabled() and name.input_value() == "from-outside"
    assert page.get_by_text("Set by the environment of the server").count() == 2
    assert page.get_by_label("Tokens for one question").is_enabled()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_conversations_are_renamed_kept_on_top_and_deleted_on_a_phone(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(f"{stocked.url}/history", viewport={"width": 390, "height": 800}, has_touch=True)
    line = page.get_by_role("listitem").filter(has_text="orders in 2025").last

    def choose(item: str) -> None:
        line.get_by_role("button", name="Do something with").click()
        page.get_by_role("menuitem", name=item).click()

    choose("Keep on top")
    page.get_by_role("region", name="Kept on top").get_by_text("orders in 2025").wait_for()
    choose("Rename")
    field = page.get_by_role("textbox", name="Title")
    field.fill("Orders of last year, with a title that is far too long for the width of a phone")
    page.keyboard.press("Enter")
    line = page.get_by_role("listitem").filter(has_text="Orders of last year")
    line.wait_for()
    choose("Delete")
    buttons = [line.get_by_role("button", name="Delete"), line.get_by_role("button", name="Cancel")]
    for button in buttons:
        box = button.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    buttons[0].click()
    line.wait_for(state="detached")
