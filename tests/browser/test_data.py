"""Bringing data in by the page: files with their types corrected, a connected source, events as they arrive."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from evals.canary import build
from evals.connectors.corner import sales, shop
from evals.fakes.replay import Book, Replay, serving
from evals.page_findings import found_here

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Any]
LOAD_MS = 120_000  # a first load on a busy machine
SECRET = "corner-secret-1234567890"
PARCELS = "No,Shipped\n" + "".join(f"{n},{n:02}.03.2026 10:15\n" for n in range(1, 29)) + "29,soon\n"


@dataclass(frozen=True)
class House:
    """A server that knows one more source, which a server of the test plays."""

    url: str
    replay: Replay


@pytest.fixture(scope="module")
def house(serve_at: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("data")
    build(home)
    with serving(Replay()) as replay:
        replay.books["sales"] = Book(sales(120))
        manifest = shop() | {
            "base_url": {"live": replay.url}, "hosts": ["127.0.0.1"],
            "auth": {"kind": "bearer", "token": "api_key"},
            "settings": [{"name": "api_key", "label": "API key", "secret": True, "help": "It begins with corner."}],
        }  # fmt: skip
        (home / "manifests").mkdir()
        (home / "manifests" / "corner.yaml").write_text(yaml.safe_dump(manifest, sort_keys=False))
        private = urlsplit(replay.url).netloc
        url = serve_at(home, PLAINSAY_CONNECTORS=str(home / "manifests"), PLAINSAY_CONNECTOR_PRIVATE=private)
        yield House(url, replay)


def sent_key(house: House) -> str:
    """The header that the last request to the source proved itself with."""
    return {name.lower(): text for name, text in house.replay.asked[-1].headers.items()}["authorization"]


def test_a_file_is_corrected_asked_and_a_table_left_out(open_page: OpenPage, house: House) -> None:
    page = open_page(f"{house.url}/data", viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.get_by_role("combobox", name="Add to").select_option(label="New workspace")
    page.get_by_role("textbox", name="Name").fill("Parcels")
    page.locator("input[type=file]").set_input_files([
        {"name": "parcels.csv", "mimeType": "text/csv", "buffer": PARCELS.encode()},
        {"name": "notes.csv", "mimeType": "text/csv", "buffer": b"id,note\n1,a\n2,b\n"},
    ])  # fmt: skip
    page.get_by_text("2 tables are ready").wait_for()
    report = page.get_by_role("region", name="What was read")
    parcels = report.get_by_role("listitem").filter(has_text="29 rows")
    parcels.get_by_role("button", name="Columns and types").click()
    page.get_by_role("button", name="Change what shipped is").click()
    form = page.get_by_role("form", name="Change what shipped is")
    form.get_by_label("It is").select_option(label="Date")
    form.get_by_label("Written as").select_option(label="day, month, year")
    form.get_by_text("1 of 29 values cannot be read so").wait_for()
    form.get_by_text("“soon”").wait_for()
    assert found_here(page) == []
    form.get_by_role("button", name="Apply").click()
    form.wait_for(state="detached")
    parcels.get_by_text("Date · 28 different values").wait_for()
    report.get_by_role("button", name="Leave notes out").click()
    report.get_by_role("button", name="Delete", exact=True).click()
    report.get_by_text("Left out.").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    report.get_by_role("button", name="Ask about it").click()
    page.get_by_label("Question", exact=True).wait_for()


def test_a_source_is_found_connected_refreshed_traced_and_disconnected(open_page: OpenPage, house: House) -> None:
    page = open_page(f"{house.url}/data/sources", stored={"workspace": "shop"})
    page.get_by_role("button", name="Connect a source").click()
    page.get_by_label("Find a service").fill("corner")
    assert found_here(page) == []
    page.get_by_role("button", name="Corner", exact=True).click()
    page.get_by_label("API key").fill(SECRET)
    page.get_by_role("button", name="Try and load").click()
    row = page.get_by_role("list", name="Connected sources").get_by_role("listitem").filter(has_text="Corner")
    row.get_by_text("120 rows").first.wait_for(timeout=LOAD_MS)
    row.get_by_text("fresh", exact=True).wait_for()
    assert sent_key(house) == f"Bearer {SECRET}"
    assert SECRET not in page.content()

    house.replay.books["sales"].rows.extend(sales(123)[120:])
    row.get_by_role("button", name="Refresh").click()
    row.get_by_text("123 rows").first.wait_for(timeout=LOAD_MS)
    menu = page.get_by_role("button", name="Do something with “Corner”")
    menu.click()
    page.get_by_role("menuitem", name="What it brings").click()
    row.locator("summary").filter(has_text="sales").last.click()
    page.get_by_role("button", name="Where its rows come from").click()
    page.get_by_role("list", name="Where the rows of payments come from").get_by_text("Corner › sales").wait_for()
    assert found_here(page) == []
    menu.click()
    page.get_by_role("menuitem", name="Change settings").click()
    assert page.get_by_label("API key").input_value() == ""
    page.get_by_label("API key").fill(f"{SECRET}-2")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("form", name="Change settings").wait_for(state="detached")
    row.get_by_role("button", name="Refresh").click()
    row.get_by_role("progressbar").wait_for(state="detached", timeout=LOAD_MS)
    assert sent_key(house) == f"Bearer {SECRET}-2"

    page.get_by_role("link", name="Loads").click()
    page.get_by_role("list", name="Loads").get_by_text("Source").first.wait_for()
    assert found_here(page) == []
    page.get_by_role("link", name="Sources").click()
    menu.click()
    page.get_by_role("menuitem", name="Disconnect").click()
    page.get_by_role("button", name="Delete its rows too").click()
    page.get_by_text("Nothing is connected yet.").wait_for()


def test_a_refused_source_says_why_and_saves_nothing(open_page: OpenPage, house: House) -> None:
    house.replay.answers["sales"] = lambda _request: (401, {}, b'{"error": "no"}')
    page = open_page(f"{house.url}/data/sources", stored={"workspace": "shop"})
    page.get_by_role("button", name="Connect a source").click()
    page.get_by_role("button", name="Corner", exact=True).click()
    page.get_by_label("API key").fill(SECRET)
    page.get_by_role("button", name="Try and load").click()
    page.get_by_role("alert").wait_for()
    assert SECRET not in page.get_by_role("alert").inner_text()
    assert page.get_by_label("API key").input_value() == SECRET  # what was typed is there to be mended
    del house.replay.answers["sales"]


def test_events_are_seen_as_they_arrive(open_page: OpenPage, house: House) -> None:
    page = open_page(f"{house.url}/data/events", stored={"workspace": "shop"}, viewport={"width": 390, "height": 844})
    page.get_by_text("No write keys yet").wait_for()
    page.get_by_label("What is it for?").fill("Website")
    page.get_by_role("button", name="Make write key").click()
    page.get_by_text("Nothing arrived in the last minute.").wait_for()
    script = page.get_by_label("In the pages of a site").inner_text()
    key = script.split('data-key="')[1].split('"')[0]
    body = json.dumps([{"event": "signup", "user_id": f"u{n}"} for n in range(3)]).encode()
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{house.url}/v1/events", body, headers), timeout=30) as sent:
        assert json.load(sent)["accepted"] == 3
    page.get_by_role("list", name="Events by name").get_by_text("signup").wait_for()
    assert found_here(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.reload()
    page.get_by_role("list", name="Write keys").wait_for()
    assert key not in page.content()
    page.get_by_role("button", name="Revoke Website").click()
    page.get_by_text("No write keys yet").wait_for()


def test_rates_are_stated_and_told(open_page: OpenPage, house: House) -> None:
    page = open_page(f"{house.url}/data/rates", stored={"workspace": "shop"})
    page.get_by_label("Reporting currency").fill("eur")
    page.get_by_label("New rates").fill("2026-01-01, USD, EUR, 0.85\n2026-02-01\tUSD\tEUR\t0.86")
    page.get_by_text("2 rates are understood.").wait_for()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Amounts are told in EUR.").wait_for()
    page.get_by_role("cell", name="0.86 EUR").wait_for()
    assert found_here(page) == []
