"""Accounts on the page: the first owner, an invitation, a policy, viewing as another, signing out and in again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Any]
PASSWORD = "crumpled otter sings at noon"


def test_from_the_first_owner_to_the_rows_of_another(open_page: OpenPage, fresh: str) -> None:
    boss = open_page(f"{fresh}/")
    boss.get_by_role("link", name="Set up accounts").click()
    boss.get_by_label("Name").fill("Bo Boss")
    boss.get_by_label("E-mail address").fill("boss@example.com")
    boss.get_by_label("Password").fill("password1234")
    boss.get_by_role("button", name="Make the account").click()
    boss.get_by_role("alert").get_by_text("easy to guess").wait_for()
    boss.get_by_label("Password").fill(PASSWORD)
    boss.get_by_role("button", name="Make the account").click()
    boss.get_by_role("heading", name="Your account is ready").wait_for()
    boss.get_by_role("link", name="Invite people").click()
    boss.get_by_label("E-mail address").fill("ana@example.com")
    boss.get_by_role("button", name="Invite", exact=True).click()
    link = boss.get_by_role("status").locator("p.font-mono").inner_text()

    ana = open_page(link, viewport={"width": 390, "height": 844}, color_scheme="dark")
    ana.get_by_text("ana@example.com").wait_for()
    ana.get_by_label("Name").fill("Ana")
    ana.get_by_label("Password").fill("lamps argue over cold soup")
    ana.get_by_role("button", name="Join").click()
    ana.get_by_role("heading", name="What would you like to know?").wait_for()
    assert not ana.get_by_role("link", name="Admin").is_visible()
    ana.goto(link)
    ana.get_by_role("alert").get_by_text("no longer works").wait_for()

    boss.get_by_role("link", name="Who sees what").click()
    boss.get_by_label("Workspace").select_option("shop")
    boss.get_by_text("own_region").wait_for()
    boss.get_by_text("secret_memo").first.wait_for()
    new = boss.get_by_role("form", name="New column policy")
    new.get_by_label("Table").select_option("customers")
    new.get_by_label("What happens").select_option(label="Masked")
    new.get_by_label("name", exact=True).check()
    new.get_by_label("For", exact=True).fill("viewer")
    new.get_by_role("button", name="Add column policy").click()
    boss.get_by_text("Binds viewer; not owner, admin.").wait_for()
    boss.get_by_role("button", name="Remove customers_columns").click()
    boss.get_by_text("Binds viewer; not owner, admin.").wait_for(state="detached")
    boss.get_by_role("link", name="Members").click()
    row = boss.get_by_role("listitem").filter(has_text="ana@example.com")
    row.get_by_role("button", name="More").click()
    row.get_by_label("Attributes").fill("regions=north")
    row.get_by_role("button", name="Save").click()
    row.get_by_text("Saved.").wait_for()
    row.get_by_role("button", name="View as").click()
    boss.get_by_text("You see what Ana would see").wait_for()
    shown = boss.evaluate(
        """async () => (await (await fetch('/v1/ask', {method: 'POST', headers: {'content-type': 'application/json'},
           body: JSON.stringify({question: 'total amount by region', workspace: 'shop'})})).text())"""
    )
    assert "north" in shown and "canarysouth" not in shown
    boss.get_by_role("button", name="Be yourself again").click()
    boss.get_by_role("link", name="Audit").click()
    boss.get_by_text("did something while viewing as somebody else").first.wait_for()

    boss.goto(f"{fresh}/account")
    boss.get_by_role("button", name="Sign out").first.click()
    boss.get_by_role("heading", name="Sign in").wait_for()
    boss.goto(f"{fresh}/dashboards")
    boss.wait_for_url("**/sign-in?next=%2Fdashboards")
    boss.get_by_label("E-mail address").fill("boss@example.com")
    boss.get_by_label("Password").fill("wrong wrong wrong")
    boss.get_by_role("button", name="Sign in").click()
    boss.get_by_role("alert").get_by_text("is wrong").wait_for()
    boss.get_by_label("Password").fill(PASSWORD)
    boss.get_by_role("button", name="Sign in").click()
    boss.wait_for_url("**/dashboards")
