"""Where the focus goes: in reading order on every page, always to be seen, kept in dialogs and given back by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from evals import page_stage

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Any]

# Everything the Tab key stops at, in the order of the document; each must lie after the one before it (below it, beside
# it, or at the top of the next column), and must look different once it has the focus. What is scrolled out of sight
# lies at the edge behind which it went. Cards that are packed are read by where they begin: by row, then by column.
ASTRAY = """() => {
    const still = new CSSStyleSheet();  // A colour on its way would still be the one before.
    still.replaceSync('*, ::before, ::after { transition-property: none !important; }');
    document.adoptedStyleSheets = [still];
    const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
        .filter(e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({visibilityProperty: true}));
    const look = e => {
        const around = [e.parentElement, e.closest('label'), e.closest('[class*=focus-within]')];
        const seen = [e, ...around].filter(Boolean).map(getComputedStyle);
        const outline = s => s.outlineStyle === 'none' ? '' : [s.outlineStyle, s.outlineWidth, s.outlineColor];
        const parts = s => [outline(s), s.boxShadow, s.borderColor].join();
        return seen.map(parts).join();
    };
    const name = e => e.outerHTML.slice(0, 110);
    const found = [];
    if (stops.some(e => e.tabIndex > 0)) found.push('an order of its own: ' + name(stops.find(e => e.tabIndex > 0)));
    const up = e => e ? [e, ...up(e.parentElement)] : [];
    const scrolls = e => ['auto', 'scroll'].includes(getComputedStyle(e).overflowY);
    const box = (e, other) => {
        const {left, right, top, bottom} = e.getBoundingClientRect();
        const frames = up(e.parentElement).filter(one => scrolls(one) && !one.contains(other));
        const within = y => frames.reduce((at, one) => {
            const frame = one.getBoundingClientRect();
            return Math.min(Math.max(at, frame.top), frame.bottom);
        }, y);
        return {left, right, top: within(top), bottom: within(bottom)};
    };
    const cards = (a, b) => {
        const grid = up(a).find(one => one.contains(b));
        const packs = getComputedStyle(grid).gridAutoRows !== 'auto' && getComputedStyle(grid).display === 'grid';
        return packs ? [a, b].map(e => [...grid.children].find(one => one.contains(e))) : null;
    };
    const inMain = stops.filter(e => e.closest('main') && !e.closest('.sr-only'));
    inMain.forEach((e, i) => {
        if (i === 0) return;
        const last = inMain[i - 1], packed = cards(last, e);
        if (packed) {
            const [a, b] = packed.map(one => one.getBoundingClientRect());
            const begins = Math.abs(b.top - a.top) <= 1 ? b.left > a.left : b.top > a.top;
            if (!begins) found.push('a card before the last: ' + name(e));
            return;
        }
        const a = box(last, e), b = box(e, last);
        const above = b.bottom <= a.top + 1, sameRow = b.top < a.bottom && b.bottom > a.top;
        if (above && b.left < a.right - 1) found.push('upwards: ' + name(e));
        if (sameRow && b.right <= a.left + 1) found.push('backwards: ' + name(e));
    });
    document.activeElement?.blur();
    const before = new Map(stops.map(e => [e, look(e)]));
    for (const e of stops) {
        e.focus({preventScroll: true});
        if (document.activeElement !== e) found.push('cannot be reached: ' + name(e));
        else if (look(e) === before.get(e)) found.push('not seen: ' + name(e));
    }
    return found;
}"""
SETTLED = "() => document.querySelector('h1') && !document.querySelector('main .animate-pulse')"
INSIDE = "() => !!document.activeElement.closest('[role=dialog]')"


def test_tab_goes_in_reading_order_and_is_seen_on_every_page(open_page: OpenPage, told: Any) -> None:
    page = open_page(f"{told.url}/settings", service_workers="block")
    found: list[str] = []
    for place in page_stage.places(told):
        page.goto(told.url + place)
        page.wait_for_function(SETTLED)
        page.keyboard.press("Tab")  # From here on the browser knows that the keyboard is used.
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 860})
            found += [f"{place} at {width}: {one}" for one in page.evaluate(ASTRAY)]
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append(f"{place} at {width}: moves sideways")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", [1280, 390])
def test_dialogs_keep_the_focus_and_give_it_back(open_page: OpenPage, stocked: Any, width: int) -> None:
    page = open_page(stocked.url + stocked.thread, viewport={"width": width, "height": 844})
    page.get_by_role("button", name="How I got this").wait_for()
    more = page.get_by_role("button", name="More", exact=True)
    more.focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Share the conversation").press("Enter")
    page.get_by_role("dialog").wait_for()
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate(INSIDE)
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(INSIDE)
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    page.wait_for_function("() => document.activeElement.getAttribute('aria-label') === 'More'")
    if width < 500:  # On a wide screen the evidence stands beside the answer, and the reader may go back and forth.
        page.get_by_role("button", name="How I got this").press("Enter")
        page.get_by_role("dialog").wait_for()
        for _ in range(8):
            page.keyboard.press("Tab")
            assert page.evaluate(INSIDE)


# Chooses in one menu and presses the next button before the first menu has said that it is closed, as happens to
# whoever is quick on a slow machine.
CHOOSE_AND_PRESS = """async next => {
    document.querySelector('[role=menuitemradio]:not([data-state=checked])').click();
    await Promise.resolve();
    const button = document.querySelector(`button[aria-label^="${next}"]`);
    button.dispatchEvent(new PointerEvent('pointerdown', {bubbles: true, cancelable: true, button: 0}));
}"""


def test_a_menu_that_closes_leaves_alone_who_has_the_focus_by_then(open_page: OpenPage, stocked: Any) -> None:
    page = open_page(stocked.url + stocked.dashboard)
    more = page.get_by_role("button", name="Do something with this dashboard")
    more.click()
    page.keyboard.press("Escape")
    page.get_by_role("menu").wait_for(state="detached")
    page.get_by_role("button", name="Period:").click()
    page.get_by_role("menuitemradio").nth(1).wait_for()
    page.evaluate(CHOOSE_AND_PRESS, "Do something with this dashboard")
    page.wait_for_timeout(200)
    assert page.get_by_role("menuitem", name="Present").count() == 1

    page.goto(stocked.url + stocked.thread)
    page.get_by_role("button", name="More", exact=True).last.click()
    page.get_by_role("menuitem").first.wait_for()
    page.get_by_role("textbox", name="Question", exact=True).click()
    page.get_by_role("menu").wait_for(state="detached")
    page.wait_for_timeout(200)
    page.keyboard.type("revenue")
    assert page.get_by_role("textbox", name="Question", exact=True).input_value() == "revenue"
