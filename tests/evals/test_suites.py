"""Suites are found by name, leave a result behind, and the scoreboard says what they measured."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from evals import scoreboard, suites
from evals.result import Figure, SuiteResult, percentile
from store.errors import UnknownName


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(suites, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(scoreboard, "write", lambda: None)
    return tmp_path


def pretend(monkeypatch: pytest.MonkeyPatch, measured: object) -> None:
    module = import_module("evals.demo")
    monkeypatch.setattr(module, "run", lambda: measured)


def test_a_run_is_kept_and_rendered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [
        {"question": "revenue?", "verdict": "wrong", "why": "expected 1"},
        {"question": "orders?", "verdict": "right"},
    ]
    pretend(monkeypatch, SuiteResult("demo", "accuracy", [Figure("right", 50, "%", 90, "more")], cases))
    result = suites.run("demo")
    assert json.loads((folder / "results" / "demo.json").read_text()) == result
    text = suites.render(result)
    assert "target ≥ 90 %  MISSED" in text
    assert "WRONG  revenue?  expected 1" in text
    assert "orders?" not in text


def test_plain_figures_become_a_result(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, {"files": 3, "slowest_file": "a.csv"})
    result = suites.run("demo")
    assert [(f["name"], f["value"]) for f in result["figures"]] == [("files", 3)]
    assert result["cases"] == [{"slowest_file": "a.csv"}]


def test_unknown_suites_get_a_hint() -> None:
    with pytest.raises(UnknownName) as caught:
        suites.run("benhc")
    assert "bench" in str(caught.value)


def test_every_suite_is_listed_with_a_sentence() -> None:
    assert {"bench", "demo"} <= {name for name, _ in suites.listed()}
    assert all(summary.endswith(".") for _, summary in suites.listed())


def test_the_scoreboard_has_every_section(tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    measured = SuiteResult("bench", "speed", [Figure("full answer, p50", 41.5, "ms", 100), Figure("questions", 50, "")])
    (results / "bench.json").write_text(json.dumps(measured.to_dict()))
    page = scoreboard.write(tmp_path).read_text()
    for section in ("Accuracy", "Quality", "Speed", "Safety"):
        assert f"## {section}" in page
    assert "| full answer, p50 | 41.5 ms | ≤ 100 ms, reached |" in page
    assert page.count("Not measured yet") == 3


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1.0), (0.5, 3.0), (0.95, 5.0), (1.0, 5.0)])
def test_percentiles(share: float, expected: float) -> None:
    assert percentile([5.0, 1.0, 3.0, 2.0, 4.0], share) == expected
    assert percentile([], share) == 0.0


def test_a_figure_knows_its_target() -> None:
    assert Figure("x", 2, "s", 3).ok is True
    assert Figure("x", 2, "%", 3, "more").ok is False
    assert Figure("x", 2, "s").ok is None
