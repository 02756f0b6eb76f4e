"""Whole ways through the product on the real server, as a business user goes them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Any]

FIGURE = "main section [data-figure]"

SPEAK = """window.SpeechRecognition = class {
    start() { setTimeout(() => { this.onresult({results: [[{transcript: 'revenue in 2025'}]]}); this.onend(); }, 50); }
    stop() {} abort() {}
}"""


def orders_csv() -> bytes:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(300)]
    lines = [f"{n},{day},{('North', 'South', 'West')[n % 3]},{100 + n % 3 * 50}.50" for n, day in enumerate(days)]
    return ("order_id,order_date,region,revenue\n" + "\n".join(lines) + "\n").encode()


def ask(page: Any, question: str) -> Any:
    """Ask and wait for the end; the article of the answer."""
    field = page.get_by_role("textbox", name="Question", exact=True)
    field.fill(question)
    field.press("Escape")
    field.press("Enter")
    article = page.get_by_role("article").filter(has=page.get_by_role("heading", level=2, name=question, exact=True))
    article.last.wait_for()
    page.wait_for_selector('article[aria-busy="true"]', state="detached")
    return article.last


def menu(page: Any, button: str, item: str) -> None:
    page.get_by_role("button", name=button).last.click()
    page.get_by_role("menuitem", name=item).click()


def test_upload_ask_chip_drill_pin_export(open_page: OpenPage, real: str) -> None:
    page = open_page(f"{real}/data")
    page.get_by_role("combobox", name="Add to").select_option(label="New workspace")
    page.get_by_role("textbox", name="Name").fill("Whole way")
    page.locator("input[type=file]").set_input_files(
        {"name": "orders.csv", "mimeType": "text/csv", "buffer": orders_csv()}
    )
    page.get_by_text("1 table is ready").wait_for()
    page.get_by_role("button", name="Show some rows").first.click()
    page.get_by_role("cell", name="150.5").first.wait_for()
    page.get_by_role("button", name="Ask about it").click()

    ask(page, "revenue by region in May 2026")
    page.locator('[data-ready="1"]').wait_for()
    page.get_by_role("button", name="Period: May 2026. Change").click()
    page.get_by_role("menuitemradio").nth(1).click()
    page.get_by_text("With Period:").wait_for()
    page.wait_for_selector('article[aria-busy="true"]', state="detached")

    page.locator('article:last-of-type [data-ready="1"]').wait_for()
    page.locator("figure").last.locator("path[aria-roledescription=bar]").first.click()
    page.get_by_role("menuitem", name="Only this").click()
    page.get_by_role("heading", level=2).nth(2).wait_for()
    page.wait_for_selector('article[aria-busy="true"]', state="detached")
    page.get_by_role("button", name="Keep", exact=True).last.click()
    page.get_by_role("menuitem", name="New dashboard").click()
    page.get_by_role("link", name="Kept on").click()
    page.get_by_role("main").get_by_role("region").first.wait_for()
    page.locator(FIGURE).wait_for()
    with page.expect_download() as download:
        menu(page, "Do something with this dashboard", "Save as Excel")
    with open(download.value.path(), "rb") as file:  # noqa: PTH123
        book = zipfile.ZipFile(io.BytesIO(file.read()))
    assert "xl/worksheets/sheet1.xml" in book.namelist() and book.testzip() is None
    assert b"inlineStr" in book.read("xl/worksheets/sheet1.xml")


def test_type_ahead_offers_figures_values_and_questions(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(stocked.url)
    field = page.get_by_role("textbox", name="Question", exact=True)
    field.type("net rev")
    page.get_by_role("option").first.wait_for()
    assert page.get_by_role("option", name="net revenue", exact=True).count() == 1
    field.press("ArrowDown")
    assert page.get_by_role("option").first.get_attribute("aria-selected") == "true"
    field.press("Escape")
    page.get_by_role("option").first.wait_for(state="detached")
    field.fill("")
    field.type("net revenue for Websi")
    page.get_by_role("option", name="net revenue for Website", exact=True).click()
    assert field.input_value() == "net revenue for Website "


def test_a_question_is_changed_and_asked_again(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(stocked.url)
    ask(page, "revenue in 2024")
    page.get_by_role("heading", level=2, name="revenue in 2024").hover()
    page.get_by_role("button", name="Change the question").click()
    page.get_by_role("textbox", name="Change the question").fill("revenue in 2025")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=2, name="revenue in 2025").wait_for()
    assert page.get_by_role("heading", level=2).count() == 2


def test_a_conversation_branches_and_its_link_reads_only(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(stocked.url)
    ask(page, "revenue by channel in 2025")
    ask(page, "and in 2024?")
    first = page.url
    page.get_by_role("button", name="More", exact=True).first.click()
    page.get_by_role("menuitem", name="Go on from here in a new conversation").click()
    page.wait_for_function("first => location.href !== first", arg=first)
    page.get_by_role("heading", level=2, name="revenue by channel in 2025").wait_for()
    assert page.get_by_role("heading", level=2).count() == 1
    ask(page, "only for Website")

    menu(page, "More", "Share the conversation")
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_role("textbox", name="Link").input_value()
    page.goto(link)
    page.get_by_text("Shared by").wait_for()
    page.get_by_role("heading", level=2).nth(1).wait_for()
    assert page.get_by_role("heading", level=2).count() == 2
    assert page.get_by_role("textbox", name="Question", exact=True).count() == 0
    page.locator("a.cell-link").first.click()
    page.locator('td[data-traced="1"]').wait_for()
    assert page.locator('td[data-traced="1"]').count() == 1
    page.go_back()
    menu(page, "More", "Share the conversation")
    page.get_by_role("button", name="Take the link back").click()
    page.get_by_role("button", name="Make a link").wait_for()
    page.goto(link)
    page.get_by_role("alert").get_by_text("This link leads nowhere.").wait_for()


def test_a_correction_becomes_the_answer(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(stocked.url)
    ask(page, "revenue last month")
    page.get_by_role("button", name="This is wrong").click()
    page.get_by_text("Wrong period").click()
    page.get_by_role("textbox", name="The question in better words").fill("revenue in March 2025")
    page.get_by_role("button", name="Send and ask again").click()
    page.get_by_text("Asked again in better words. Is this what “revenue last month” meant?").wait_for()
    page.get_by_role("button", name="Always answer this question so").click()
    page.get_by_text("Kept for review.").wait_for()
    page.goto(f"{stocked.url}/data/review")
    page.get_by_text("Wrong period").wait_for()
    waiting = page.get_by_role("listitem").filter(has_text="an answer to keep")
    waiting.get_by_role("button", name="For everyone").click()
    page.get_by_text("for everyone").wait_for()
    page.get_by_role("button", name="Dealt with").click()
    page.get_by_text("Wrong period").wait_for(state="detached")
    page.goto(stocked.url)
    answer = ask(page, "revenue last month")
    assert "March 2025" in answer.inner_text()
    page.goto(f"{stocked.url}/data/review")
    page.get_by_role("button", name="Take back").click()
    page.get_by_role("button", name="Take back").wait_for(state="detached")


def test_a_dashboard_is_narrowed_shared_presented_and_saved(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(stocked.url + stocked.dashboard)
    figure = page.locator(FIGURE).first
    figure.wait_for()
    whole = figure.inner_text()
    page.get_by_role("button", name="Filter: No filter. Change").click()
    page.get_by_role("menuitemradio", name="Channel").first.click()
    page.get_by_role("button", name="Only Choose a value. Change").click()
    page.get_by_role("menuitemradio", name="Website").click()
    page.wait_for_function(f"whole => document.querySelector('{FIGURE}').textContent !== whole", arg=whole)
    assert "value=Website" in page.url
    page.get_by_role("button", name="Take the filter off").click()
    page.wait_for_function(f"whole => document.querySelector('{FIGURE}').textContent === whole", arg=whole)
    menu(page, "Do something with this dashboard", "Share with everyone")
    page.get_by_text("Shared with everyone").wait_for()
    menu(page, "Do something with this dashboard", "Keep to myself")
    page.get_by_text("Shared with everyone").wait_for(state="detached")
    page.locator('[data-ready="1"]').nth(1).wait_for()
    with page.expect_download() as download:
        menu(page, "Do something with this dashboard", "Save as picture")
    assert download.value.suggested_filename == "monday.png"
    menu(page, "Do something with this dashboard", "Present")
    page.get_by_role("button", name="End the presentation").wait_for()
    page.get_by_role("button", name="End the presentation").click()
    page.get_by_role("button", name="End the presentation").wait_for(state="detached")


def test_the_chart_is_drawn_another_way_and_saved(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(stocked.url + stocked.thread)
    page.locator('[data-ready="1"]').wait_for()
    page.get_by_role("button", name="Drawn as: Bars. Change").click()
    page.get_by_role("menuitemradio", name="Shares of the whole").click()
    page.locator("figure path[aria-roledescription^=arc]").first.wait_for()
    page.get_by_role("button", name="Save “Net revenue by channel”").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Save as picture").click()
    assert download.value.suggested_filename == "net-revenue-by-channel.png"


def test_rows_and_joins_of_the_data_are_seen(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(f"{stocked.url}/data")
    page.get_by_role("heading", name="How the tables hang together").wait_for()
    page.get_by_text("The joins in words").click()
    page.get_by_text("Order lines belong to Products by product_id").wait_for()
    page.get_by_role("group").get_by_text("Products", exact=True).first.click()
    page.locator("details[open]").get_by_role("button", name="Show some rows").click()
    page.locator("details[open]").get_by_role("cell").first.wait_for()


def test_what_is_spoken_lands_in_the_field(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(stocked.url)
    page.add_init_script(SPEAK)
    page.reload()
    page.get_by_role("button", name="Speak the question").click()
    page.get_by_role("button", name="Speak", exact=True).click()
    page.wait_for_function("() => document.querySelector('textarea').value === 'revenue in 2025'")
    assert "/t/" not in page.url


def test_the_page_speaks_german_and_writes_german_numbers(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(f"{stocked.url}/settings", locale="de-DE")
    page.get_by_text("Deutsch").click()
    page.get_by_role("heading", level=1, name="Einstellungen").wait_for()
    assert page.evaluate("document.documentElement.lang") == "de"
    page.goto(stocked.url + stocked.thread)
    page.get_by_role("button", name="Tabelle").click()
    assert page.locator("tbody td").nth(1).inner_text().count(".") >= 1
    page.get_by_role("button", name="So bin ich darauf gekommen").wait_for()
    page.goto(f"{stocked.url}/data")
    page.get_by_role("heading", level=1, name="Daten").wait_for()


def test_a_link_brings_a_question_and_an_answer(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(f"{stocked.url}/?q=revenue%20in%202025")
    field = page.get_by_role("textbox", name="Question", exact=True)
    assert field.input_value() == "revenue in 2025"
    assert "/t/" not in page.url
    ask(page, "revenue in 2024")
    ask(page, "revenue in 2025")
    run = page.locator("article").first.get_attribute("id")
    page.goto(f"{page.url}#{run}")
    page.reload()
    page.get_by_role("heading", level=2, name="revenue in 2024").wait_for()
    page.wait_for_timeout(300)
    assert 0 <= page.get_by_role("heading", level=2, name="revenue in 2024").bounding_box()["y"] < 160


def test_all_by_keyboard(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(stocked.url)
    page.get_by_role("textbox", name="Question", exact=True).wait_for()
    page.keyboard.type("revenue by channel in 2025")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.locator('[data-ready="1"]').wait_for()

    def tab_to(selector: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} is not on the way")

    page.evaluate("document.getElementById('main').focus()")
    tab_to("figure")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Only this").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    page.get_by_role("menu").wait_for(state="detached")
    assert page.evaluate("document.activeElement.tagName") == "FIGURE"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Break down by").first.wait_for()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=2).nth(1).wait_for()


def test_everything_is_there_at_400_percent(open_page: OpenPage, stocked: Any) -> None:
    # 1280 x 860 pixels at 400 % are 320 x 215.
    page = open_page(stocked.url + stocked.thread, viewport={"width": 320, "height": 215})
    page.get_by_role("button", name="How I got this").wait_for()
    for place in (stocked.thread, stocked.dashboard, "/settings", "/data/review", stocked.share):
        page.goto(stocked.url + place)
        page.get_by_role("heading", level=1).wait_for()
        # Not until the network rests: a dashboard asks for news of its own.
        page.wait_for_function("() => !document.querySelector('main .animate-pulse')")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.evaluate(
            "[...document.querySelectorAll('main button')].every(e => e.getBoundingClientRect().right < 321)"
        )


def test_right_to_left_keeps_the_layout(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(stocked.url + stocked.thread, viewport={"width": 390, "height": 800})
    page.locator('[data-ready="1"]').wait_for()
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.get_by_role("link", name="Plainsay").bounding_box()["x"] > 195
