"""Files and cards that leave the house: nothing in them runs, links or reaches out."""

from __future__ import annotations

import csv
import io
import json

import pytest

from bots import pictures, sheets, teams
from bots.slack import manifest
from evals.fakes.assistant import TABLE
from store.errors import InvalidRequest, Unavailable
from tools.evidence import Chart

BARS = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "data": {"name": "t1"},
    "mark": "bar",
    "encoding": {"x": {"field": "region", "type": "nominal"}, "y": {"field": "revenue", "type": "quantitative"}},
}


def chart(**more):
    return Chart(id="c1", title="Revenue by region", alt="Bars.", table="t1", spec={**BARS, **more})


def test_a_chart_is_a_picture() -> None:
    drawn = pictures.png(chart(), TABLE)
    assert drawn.startswith(b"\x89PNG") and len(drawn) > 5_000


@pytest.mark.parametrize(
    "more",
    [
        {"data": {"url": "http://127.0.0.1:1/x"}},
        {"mark": {"type": "image", "url": "http://127.0.0.1:1/x.png"}},
        {"encoding": {"href": {"value": "http://x"}}},
        {"transform": [{"calculate": "1", "as": "x", "expr": "1"}]},
        {"mark": 5},
    ],
)
def test_a_chart_that_reaches_out_or_is_none_is_not_drawn(more) -> None:
    with pytest.raises(Unavailable):
        pictures.png(chart(**more), TABLE)


def test_a_sheet_is_inert_and_whole() -> None:
    rows = [["=HYPERLINK(1)", "-5"], ["@cmd", "12.50"], ['a,"b"\nc', None], ["North", "3"]]
    table = TABLE.model_copy(update={"rows": rows, "row_keys": list("abcd"), "total_rows": 4})
    content = sheets.csv_file(table).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(content)))
    assert read == [
        ["Region", "Revenue"],
        ["'=HYPERLINK(1)", "-5"],
        ["'@cmd", "12.50"],
        ['a,"b"\nc', ""],
        ["North", "3"],
    ]
    assert sheets.file_name("Umsatz: Süd & Nord", "csv") == "umsatz-süd-nord.csv"


def test_a_teams_card_holds_words_alone() -> None:
    made = teams.card("Revenue fell [5%](#cell:t1:n:x)", ["**North** fell. [pay](https://evil.example)", "<b>x</b>"])
    told = json.dumps(made, ensure_ascii=False)
    assert "Revenue fell 5%" in told and "**North**" in told
    assert "evil.example" not in told and "<b>" not in told.replace("\\\\<b", "")


def test_the_manifest_asks_for_little_and_knows_its_address() -> None:
    made = json.loads(manifest.text("https://data.example.com/"))
    assert made["settings"]["event_subscriptions"]["request_url"] == "https://data.example.com/slack/events"
    assert made["settings"]["socket_mode_enabled"] is False
    assert "chat:write" in made["oauth_config"]["scopes"]["bot"] and "admin" not in json.dumps(made)
    assert json.loads(manifest.text())["settings"]["socket_mode_enabled"] is True
    with pytest.raises(InvalidRequest):
        manifest.text("http://data.example.com")
