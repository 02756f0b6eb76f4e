"""Take the pictures of the tour (docs/img): each page, wide and on a phone, light and dark, none of them too large.

Names of pictures as arguments take those alone.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from evals import page_stage  # noqa: E402

WIDTHS = {1280: 860, 390: 844}
THEMES = ("light", "dark")
MOST_BYTES = 60_000
# Nothing is being fetched for a second: what comes in two steps shows its grey lines once more.
SETTLED = """() => {
    const busy = document.querySelector('main .animate-pulse') || !document.querySelector('h1');
    window.calmSince = busy ? 0 : window.calmSince || performance.now();
    return !busy && performance.now() - window.calmSince > 1000;
}"""
FORMS = {"digest-form": "New digest", "alert-form": "New alert"}
DRAWN = ("answer", "evidence", "dashboard", "shared")
QUALITIES = (80, 65, 50, 35)


def pages(stage: page_stage.Stage) -> dict[str, str]:
    """The pages of the tour by the names of their pictures."""
    return {
        "ask": "/", "answer": stage.thread, "evidence": stage.thread, "dashboard": stage.dashboard,
        "dashboards": "/dashboards", "history": "/history", "data": "/data", "model": "/data/model",
        "review": "/data/review", "settings": "/settings", "shared": stage.share, "inbox": stage.message,
        "digests": "/digests", "alerts": "/alerts", "knowledge": "/data/knowledge", "sources": "/data/sources",
        "webhooks": "/admin/webhooks", "keys": "/admin/keys", "usage": "/admin/usage", "setup": "/setup",
        "digest-form": "/digests", "alert-form": "/alerts",
    }  # fmt: skip


def main() -> None:
    """Grow a small demo, serve it, and write the pictures."""
    wanted = set(sys.argv[1:])
    with page_stage.demo() as url, page_stage.browser() as browser:
        found = pages(page_stage.tell(page_stage.stock(url)))
        shown = {name: url + place for name, place in found.items() if not wanted or name in wanted}
        for theme in THEMES:
            for width, height in WIDTHS.items():
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce",
                    has_touch=width < 600, service_workers="block",
                )  # fmt: skip
                _take(context, shown, f"{width}-{theme}")
                context.close()


def _take(context: Any, shown: dict[str, str], look: str) -> None:
    for name, address in shown.items():
        page = _opened(context, address, name)
        _write(page, ROOT / "docs" / "img" / f"page-{name}-{look}.webp")
        page.close()


def _opened(context: Any, address: str, name: str) -> Any:
    page = context.new_page()
    page.goto(address)
    page.wait_for_function(SETTLED, timeout=120_000)
    if name in DRAWN:
        page.locator('[data-ready="1"]').first.wait_for(timeout=60_000)
    if name in FORMS:
        page.get_by_role("button", name=FORMS[name], exact=True).click()
        page.get_by_role("form", name=FORMS[name]).wait_for()
    if name == "evidence":
        page.get_by_role("button", name="How I got this").first.click()
        page.get_by_role("tablist").wait_for()
    return page


def _write(page: Any, path: Path) -> None:
    """A WebP in the best quality that is small enough. Raises `SystemExit` when none is."""
    tools = page.context.new_cdp_session(page)
    for quality in QUALITIES:
        taken = tools.send("Page.captureScreenshot", {"format": "webp", "quality": quality})
        picture = base64.b64decode(taken["data"])
        if len(picture) <= MOST_BYTES:
            path.write_bytes(picture)
            return
    raise SystemExit(f"{path.name} is larger than {MOST_BYTES} bytes")


if __name__ == "__main__":
    main()
