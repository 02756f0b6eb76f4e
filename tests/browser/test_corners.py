"""Corners of the page that the great ways through it do not pass: each is opened, used, and leaves things as before."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bots.digests.recipe import Goal, Recipe
from evals.page_findings import found_here

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Any]
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True}
# As the server tells proposals: a whole recipe.
RECIPE = Recipe(metrics=("net_revenue",), goals=(Goal(metric="net_revenue", goal=5000, period="week"),))
PROPOSAL = {
    "id": "shop.week", "name": "A week in the shop", "pack": "shop", "audience": "manager", "cadence": "workdays",
    "recipe": RECIPE.model_dump(mode="json"), "missing": [],
}  # fmt: skip


def told_as(page: Any, url: str, path: str, change: Callable[[Any], Any]) -> None:
    """Let the server say something else at one address."""
    told = change(page.request.get(url + path).json())
    page.route(url + path, lambda route: route.fulfill(json=told))


def test_a_webhook_is_made_looked_at_and_removed(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(f"{stocked.url}/admin/webhooks")
    page.get_by_text("No webhooks yet").wait_for()
    page.get_by_label("Address, beginning with https").fill("https://example.com/told")
    page.get_by_label("loads done").check()
    page.get_by_role("button", name="Make webhook").click()
    row = page.get_by_role("listitem").filter(has_text="https://example.com/told")
    row.get_by_role("button", name="Deliveries").click()
    row.get_by_text("Nothing was sent yet.").wait_for()
    row.get_by_role("button", name="Switch off").click()
    row.get_by_text("switched off").wait_for()
    assert found_here(page) == []
    row.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("No webhooks yet").wait_for()


def test_a_digest_begins_with_a_proposal_and_brings_files_along(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(f"{stocked.url}/settings", **PHONE, service_workers="block")
    page.route("**/v1/digests/recipes?*", lambda route: route.fulfill(json={"items": [PROPOSAL]}))
    told_as(page, stocked.url, "/v1/system", lambda told: {**told, "channels": ["inbox", "email"]})
    page.goto(f"{stocked.url}/digests")
    page.get_by_role("button", name="New digest").click()
    page.get_by_label("Begin with").select_option(label="A week in the shop")
    assert page.get_by_label("Name", exact=True).input_value() == "A week in the shop"
    assert page.get_by_label("How often").input_value() == "workdays"
    page.get_by_text("5,000 in a week").wait_for()
    assert page.get_by_label("A workbook (Excel)").count() == 0
    page.get_by_label("E-mail to my account").check()
    page.get_by_label("A workbook (Excel)").check()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert found_here(page) == []
    page.route("**/v1/digests", lambda route: route.abort() if route.request.method == "POST" else route.fallback())
    with page.expect_request(lambda request: request.method == "POST" and request.url.endswith("/v1/digests")) as sent:
        page.get_by_role("button", name="Save").click()
    kept = sent.value.post_data_json
    assert (kept["attach"], kept["channels"]) == (["xlsx"], ["inbox", "email"])
    assert kept["timing"]["cadence"] == "workdays"
    assert kept["recipe"] == RECIPE.model_dump(mode="json")


def test_a_rule_is_rehearsed_before_it_is_kept(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(f"{stocked.url}/alerts", **PHONE)
    page.get_by_role("button", name="New alert").click()
    page.get_by_label("Figure").select_option(label="Net revenue")
    page.get_by_label("By", exact=True).select_option(label="month")
    page.get_by_label("Limit").fill("1")
    page.get_by_role("form", name="New alert").get_by_role("button", name="What would have come?").click()
    days = page.get_by_role("region", name="Rehearsal")
    days.get_by_role("status").get_by_text("Worked out").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="New alert").wait_for()


def test_the_own_name_is_changed(open_page: OpenPage, fresh: str) -> None:
    page = open_page(f"{fresh}/settings", service_workers="block")
    person = {"id": "u1", "name": "Ana", "email": "ana@example.com", "roles": {}, "second_factor": False}
    session = {"signed_in": True, "by": "cookie", "setup": False, "person": {**person, "has_password": False}}
    told_as(page, fresh, "/v1/session", lambda told: {**told, **session})
    page.goto(f"{fresh}/account")
    name = page.get_by_label("Name")
    assert name.input_value() == "Ana"
    assert page.get_by_role("button", name="Save").count() == 0
    name.fill("Ana Lima")
    page.route(
        "**/v1/me", lambda route: route.fulfill(status=200, content_type="application/json", body=json.dumps({}))
    )
    with page.expect_request("**/v1/me") as sent:
        page.get_by_role("button", name="Save").click()
    assert sent.value.post_data_json == {"name": "Ana Lima"}


def test_a_first_visit_offers_files_a_source_or_a_demo(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(f"{stocked.url}/settings", **PHONE, service_workers="block")
    made: list[str] = []

    def make(route: Any) -> None:
        made.append(route.request.post_data_json["industry"])
        route.fulfill(status=202, content_type="application/json", body='{"workspace": "demo-retail", "job_id": null}')

    there = page.request.get(f"{stocked.url}/v1/workspaces").json()
    page.route("**/v1/workspaces", lambda route: route.fulfill(json=there if made else {"items": []}))
    page.route("**/v1/workspaces/demo", make)
    page.goto(stocked.url)
    page.get_by_role("link", name="Add files").wait_for()
    page.get_by_role("link", name="Connect a source").wait_for()
    page.get_by_label("Industry of the demo").select_option(label="Restaurants")
    assert found_here(page) == []
    page.get_by_role("button", name="Make the demo").click()
    page.get_by_role("heading", name="Good questions to start with").wait_for()
    assert made == ["restaurant"]


def test_a_phone_has_its_pages_at_the_bottom_in_letters_to_read(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(f"{stocked.url}/dashboards", **PHONE)
    pages = page.get_by_role("navigation", name="Pages")
    for link in pages.get_by_role("link").all():
        box = link.bounding_box()
        assert box["y"] + box["height"] > 780 and box["height"] >= 44 and box["width"] >= 44
        assert link.evaluate("e => parseFloat(getComputedStyle(e.querySelector('span')).fontSize)") >= 13
    pages.get_by_role("link", name="History").tap()
    page.get_by_role("heading", level=1, name="History").wait_for()
