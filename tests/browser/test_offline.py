"""Lost lines and lost servers: an answer goes on after a reload and a crash, and is read again without a network."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Any]

KEPT = """async () => {
    const name = (await caches.keys()).find(key => key.startsWith('plainsay-page-'));
    const keys = name ? await (await caches.open(name)).keys() : [];
    return ['VegaView', 'HistoryPage'].every(part => keys.some(key => key.url.includes(part)));
}"""


def begin(page: Any) -> None:
    page.get_by_role("textbox", name="Question", exact=True).fill("total revenue")
    page.keyboard.press("Enter")
    page.locator('article[aria-busy="true"]').wait_for()


def test_a_reload_and_a_crash_in_mid_stream_lose_nothing(open_page: OpenPage, slow: Any) -> None:
    page = open_page(slow.url)
    begin(page)
    page.wait_for_timeout(400)
    page.reload()
    page.get_by_text("south", exact=False).first.wait_for()
    page.wait_for_selector('article[aria-busy="true"]', state="detached")
    assert page.get_by_role("heading", level=2).count() == 1

    page.goto(slow.url)
    begin(page)
    page.wait_for_timeout(400)
    slow.stop(signal.SIGKILL)
    page.get_by_text("Connection lost, reconnecting").wait_for()
    slow.start()
    page.get_by_text("south", exact=False).first.wait_for()
    page.wait_for_selector('article[aria-busy="true"]', state="detached")
    assert page.locator(".prose").last.inner_text().count("in the north") == 1


def test_answers_and_dashboards_are_read_offline(chromium: Any, stocked: Any) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(120_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(stocked.url + stocked.dashboard)
    page.locator('[data-ready="1"]').nth(1).wait_for()
    page.goto(stocked.url + stocked.thread)
    page.locator('[data-ready="1"]').wait_for()
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function(KEPT)
    context.set_offline(True)
    page.goto(stocked.url + stocked.thread)
    page.locator('[data-ready="1"]').wait_for()
    page.get_by_text("You are offline. This was kept on").wait_for()
    page.goto(stocked.url + stocked.dashboard)
    page.locator('[data-ready="1"]').nth(1).wait_for()
    page.goto(f"{stocked.url}/history")
    page.get_by_role("main").get_by_role("link", name="revenue by channel in 2025").first.wait_for()
    context.set_offline(False)
    page.goto(f"{stocked.url}/settings")
    page.get_by_role("button", name="Delete them").click()
    page.get_by_role("button", name="Deleted").wait_for()
    context.set_offline(True)
    page.goto(stocked.url + stocked.thread)
    page.get_by_role("alert").get_by_text("The server cannot be reached.").wait_for()
    assert errors == []
    context.close()
