"""Figures about few people: attacks through every way of asking, none of which may tell or give away a small group."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.view import WorkspaceViews
from ingestion.pipeline import ingest
from store.errors import PlainsayError, QueryRefused
from store.principal import LOCAL_OWNER
from tools import registry
from tools.evidence import Evidence
from tools.privacy.cells import kept_back
from tools.privacy.gate import prepared
from tools.registry import ToolContext
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.workspace import named

LEAST = 11
# people a month by (hospital, ward); Burns at North is the group that nobody may learn about
SIZES = {
    ("North", "Burns"): 3, ("North", "Surgery"): 40, ("North", "Medicine"): 55,
    ("South", "Burns"): 25, ("South", "Surgery"): 30, ("South", "Medicine"): 60,
}  # fmt: skip
MODEL = """
model: clinic
small_cells: {least: 11, persons: {visits: patient}}
tables:
  visits:
    source: visits
    record: visit
    records: visits
    key: [visit_id]
    time: {default: day, columns: {day: {kind: date}}}
    dimensions:
      visit_id: {type: integer, groupable: false, sample: 0}
      patient: {type: integer, groupable: false, pii: true, sample: 0}
      hospital: {}
      ward: {}
      payer: {}
    numbers: {cost: {type: decimal}}
    measures:
      visits: {label: Visits, agg: count}
      cost: {label: Cost, agg: sum, expr: cost, unit: {currency: USD}}
      returned: {label: Returned visits, agg: count, where: "payer = 'Self'"}
  wards:
    source: wards
    key: [ward]
    dimensions: {ward: {}}
    numbers: {beds: {type: integer}}
    measures: {beds: {label: Beds, agg: sum, expr: beds}}
"""


def _write(folder: Path) -> list[Path]:
    visits, wards = folder / "visits.csv", folder / "wards.csv"
    number = itertools.count(1)
    with visits.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["visit_id", "patient", "hospital", "ward", "payer", "day", "cost"])
        for month in range(1, 7):
            for (hospital, ward), people in SIZES.items():
                for one in range(people):
                    who = next(number)
                    day = date(2026, month, 1) + timedelta(days=one % 27)
                    payer = "Self" if one % 2 else "Plan"
                    out.writerow([who, who, hospital, ward, payer, day.isoformat(), 100 + one])
    with wards.open("w", newline="") as file:
        csv.writer(file).writerows([["ward", "beds"], ["Burns", 4], ["Surgery", 20], ["Medicine", 30]])
    return [visits, wards]


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ToolContext]:
    folder = tmp_path_factory.mktemp("clinic")
    workspace = named("clinic", folder / "home")
    ingest(workspace, _write(folder))
    workspace.model_file.write_text(MODEL)
    view = WorkspaceViews(folder / "home").get("clinic")
    engine = DuckDBEngine(workers=1)
    yield ToolContext(
        view.workspace, LOCAL_OWNER, view.model, view.profile, engine, view.snapshot, datetime(2026, 7, 1, 9)
    )
    engine.close()


MAY = {"start": "2026-05-01", "end": "2026-06-01"}


def asked(context: ToolContext, **query: Any) -> Evidence:
    return registry.get("query_metrics").run(context, {"query": {"metrics": [{"metric": "visits"}], **query}})


def shown(found: Evidence, *keys: str, column: str = "visits") -> dict[Any, Any]:
    table = found.main()
    assert table is not None
    at = [table.column_index(k) for k in keys]
    return {tuple(r[i] for i in at): r[table.column_index(column)] for r in table.rows}


def by(*fields: str) -> list[dict[str, str]]:
    return [{"field": f"visits.{f}"} for f in fields]


def only(field: str, *values: str, op: str = "in") -> dict[str, Any]:
    return {"field": {"field": f"visits.{field}"}, "op": op, "values": list(values)}


def test_a_small_group_is_empty_and_so_is_what_would_give_it_away(clinic: ToolContext) -> None:
    found = asked(clinic, dimensions=by("ward"), filters=[only("hospital", "North")], time=MAY)
    cells = shown(found, "ward")
    assert cells["Burns",] is None
    assert [w.code for w in found.warnings].count("small_cells") == 1
    total = next(t for t in found.tables if t.id.endswith("o")).rows[0][0]
    assert total is None or total - sum(v for v in cells.values() if v) >= LEAST


def test_no_line_of_a_table_and_its_sums_gives_a_small_group_away(clinic: ToolContext) -> None:
    cells = shown(asked(clinic, dimensions=by("hospital", "ward"), time=MAY), "hospital", "ward")
    for place in (0, 1):
        for value in {k[place] for k in cells}:
            gone = [k for k, v in cells.items() if k[place] == value and v is None]
            assert not gone or (len(gone) >= 2 and sum(SIZES[k] for k in gone) >= LEAST)
    assert cells["North", "Burns"] is None


@pytest.mark.parametrize(
    "filters",
    [
        [only("hospital", "North"), only("ward", "Burns", op="=")],
        [only("hospital", "North"), only("ward", "Burns", op="!=")],
        [only("hospital", "North"), only("ward", "Surgery", "Medicine")],
        [only("hospital", "North"), only("ward", "Burns", "Medicine")],
        [only("hospital", "North"), only("ward", "B", op="starts_with")],
        [only("hospital", "North"), {"any_of": [only("ward", "Surgery", op="="), only("ward", "Medicine", op="=")]}],
    ],
)
def test_conditions_tell_no_small_group_nor_all_but_one(clinic: ToolContext, filters: list[dict[str, Any]]) -> None:
    with pytest.raises(QueryRefused) as refused:
        asked(clinic, filters=filters, time=MAY)
    assert refused.value.code == "small_cells"


def test_asking_piece_by_piece_gives_no_more_than_the_table(clinic: ToolContext) -> None:
    """Total of North, and each ward of North by itself: what stays hidden is together a large group."""
    hidden = []
    for ward in ("Burns", "Surgery", "Medicine"):
        try:
            asked(clinic, filters=[only("hospital", "North"), only("ward", ward, op="=")], time=MAY)
        except QueryRefused:
            hidden.append(("North", ward))
    assert ("North", "Burns") in hidden
    assert len(hidden) >= 2
    assert sum(SIZES[h] for h in hidden) >= LEAST


def test_a_condition_on_the_figure_itself_chooses_no_small_group(clinic: ToolContext) -> None:
    for op, value in (("=", 3), ("<", 11), ("<", 41)):
        chosen = [{"column": "visits", "op": op, "value": value}]
        try:
            found = asked(clinic, dimensions=by("hospital", "ward"), time=MAY, having=chosen)
        except QueryRefused:
            continue
        assert ("North", "Burns") not in shown(found, "hospital", "ward")


def test_a_short_list_holds_no_small_group(clinic: ToolContext) -> None:
    try:
        found = asked(clinic, dimensions=by("hospital", "ward"), time=MAY, top={"n": 1, "by": "visits", "bottom": True})
    except QueryRefused:
        return
    assert ("North", "Burns") not in shown(found, "hospital", "ward")


def test_a_comparison_shows_neither_period_of_a_small_group(clinic: ToolContext) -> None:
    found = asked(
        clinic, dimensions=by("ward"), filters=[only("hospital", "North")], time=MAY, compare={"to": "previous_period"}
    )
    table = found.main()
    assert table is not None
    burns = next(r for r in table.rows if "Burns" in r)
    assert [v for v in burns if v not in ("Burns", None)] == []


def test_odd_windows_cannot_be_moved_by_a_day(clinic: ToolContext) -> None:
    with pytest.raises(QueryRefused):
        asked(clinic, filters=[only("ward", "Surgery", op="=")], time={"start": "2026-05-06", "end": "2026-05-21"})


def test_the_largest_value_of_one_person_is_nobodys_business(clinic: ToolContext) -> None:
    with pytest.raises(QueryRefused):
        registry.get("query_metrics").run(clinic, {"query": {"metrics": [{"metric": "max:visits.cost"}], "time": MAY}})


def test_a_rate_hides_its_small_part(clinic: ToolContext) -> None:
    found = asked(
        clinic, metrics=[{"metric": "returned", "per": "visits", "alias": "share"}], dimensions=by("hospital", "ward"),
        time=MAY,
    )  # fmt: skip
    assert shown(found, "hospital", "ward", column="share")["North", "Burns"] is None


def test_what_is_about_nobody_and_what_is_large_is_shown(clinic: ToolContext) -> None:
    found = asked(clinic, metrics=[{"metric": "beds"}], dimensions=[{"field": "wards.ward"}])
    assert shown(found, "ward", column="beds")["Burns",] == 4
    assert shown(asked(clinic, dimensions=by("hospital"), time=MAY), "hospital") == {("North",): 98, ("South",): 115}


@pytest.mark.parametrize(
    ("tool", "args"),
    [
        ("list_records", {"query": {"table": "visits", "limit": 5}}),
        ("run_sql", {"sql": "SELECT ward, count(*) FROM visits GROUP BY ward"}),
    ],
)
def test_lists_and_sql_do_not_go_around_it(clinic: ToolContext, tool: str, args: dict[str, Any]) -> None:
    with pytest.raises(PlainsayError) as refused:
        registry.get(tool).run(clinic, args)
    assert refused.value.code == "small_cells"


@pytest.mark.parametrize("tool", sorted(t.name for t in registry.all_tools()))
def test_every_tool_was_thought_about(tool: str) -> None:
    """A tool that reads people is refused unless it is listed as one that keeps groups large."""
    from tools.privacy import gate

    listed = gate._OWN | gate._FREE | gate._GROUPS
    singles = {
        "churn_risk", "cohorts", "funnel", "lifetime_value", "list_records", "live_lookup", "run_sql", "save_segment",
        "segments", "survival",
    }  # fmt: skip
    assert (tool in listed) != (tool in singles)


def test_explanations_name_no_small_group(clinic: ToolContext) -> None:
    found = registry.get("explain_change").run(
        clinic, {"metric": "visits", "period": MAY, "compare": {"to": "previous_period"}}
    )
    told = str([t.rows for t in found.tables])
    assert "North / Burns" not in told and "Burns / North" not in told
    with pytest.raises(QueryRefused):
        registry.get("explain_change").run(
            clinic, {"metric": "visits", "period": MAY, "filters": [only("hospital", "North"), only("ward", "Burns")]}
        )


def test_without_the_rule_everything_is_shown(clinic: ToolContext) -> None:
    free = replace(clinic, model=clinic.model.model_copy(update={"small_cells": None}))
    cells = shown(asked(free, dimensions=by("hospital", "ward"), time=MAY), "hospital", "ward")
    assert cells == SIZES


def test_lines_of_cells_keep_back_enough() -> None:
    assert kept_back({("a",): 3, ("b",): 20, ("c",): 30}, LEAST) == {("a",), ("b",)}
    assert kept_back({("a",): 0, ("b",): 20}, LEAST) == set()
    assert kept_back({("a",): 2, ("b",): 3, ("c",): 9, ("d",): 40}, LEAST) == {("a",), ("b",), ("c",)}
    assert kept_back({("a",): 2, ("b",): 3, ("c",): 15, ("d",): 40}, LEAST) == {("a",), ("b",), ("c",)}


def insights(context: ToolContext, **args: Any) -> Evidence:
    return registry.get("insights").run(context, {"grain": "month", **args})


@pytest.mark.parametrize("metrics", [["visits"], []])
@pytest.mark.parametrize("op", ["=", "!="])
def test_looking_around_tells_of_no_few_and_not_by_leaving_them_out(
    clinic: ToolContext, metrics: list[str], op: str
) -> None:
    with pytest.raises(PlainsayError) as refused:
        insights(clinic, metrics=metrics, filters=[only("hospital", "North"), only("ward", "Burns", op=op)])
    assert refused.value.code == ("small_cells" if metrics else "no_time"), (
        "refused, or left out where nothing is named"
    )


def test_a_table_with_few_people_a_day_does_not_silence_the_others(clinic: ToolContext) -> None:
    """Beds have no people: they are looked at, and visits, of which a day has few, are not."""
    with pytest.raises(QueryRefused, match="too few people"):
        insights(clinic, grain="day", metrics=["visits"])
    found = prepared(clinic, "insights", registry.get("insights").args.model_validate({"grain": "day"}))[0].model
    assert found.tables["visits"].time is None and clinic.model.tables["visits"].time is not None
