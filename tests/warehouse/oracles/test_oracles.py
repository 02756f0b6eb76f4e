"""Our figures against two other semantic layers' on generated questions; what differs is listed by reason."""

from __future__ import annotations

import subprocess
import sys

import pytest

from evals import oracles
from store.errors import ConfigProblem


def test_every_figure_is_the_other_layers_or_has_a_reason():
    told = oracles.compare("bsl")
    assert told.unexplained == []
    assert (told.questions, told.refused) == (340, 0)
    assert told.cells > 100_000
    assert set(told.differences) == {oracles.ZERO_FOR_NOTHING, oracles.ROUNDED}


def test_running_figures_and_earlier_periods_are_metricflows_or_have_a_reason():
    told = oracles.compare("metricflow", every=3)  # all of them are compared by `plainsay evals run oracles`
    assert told.unexplained == []
    assert (told.questions, told.refused) == (195, 0)
    assert told.cells > 40_000
    named = {oracles.ZERO_FOR_NOTHING, oracles.NO_ROW, oracles.PART_MISSING, oracles.ANEW}
    assert set(told.differences) == named


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({("web",): [7]}, [["web", "8"]]),
        ({("web",): [7]}, [["web", None]]),
        ({("web",): [None]}, [["web", "7"]]),
        ({("web",): [7]}, [["app", "7"]]),
        ({}, [["web", "0"]]),
        ({("web",): [7.0]}, [["web", "7.0000001"]]),
    ],
)
def test_a_wrong_figure_has_no_reason(ours, theirs):
    told = oracles.Compared()
    oracles.hold(told, {"metrics": ["revenue"], "dimensions": ["orders.channel"]}, ours, theirs)
    assert told.unexplained


def test_the_questions_are_the_ones_their_seed_gives(tmp_path):
    before = (oracles.HERE / "asked_deeper.json").read_bytes()
    copied = tmp_path / "oracles"
    copied.mkdir()
    for name in ("make.py", "deeper.py"):
        (copied / name).write_bytes((oracles.HERE / name).read_bytes())
    subprocess.run([sys.executable, str(copied / "deeper.py")], check=True)
    assert (copied / "asked_deeper.json").read_bytes() == before


def test_a_python_without_metricflow_is_told_what_it_needs(monkeypatch):
    monkeypatch.setenv(oracles.ASK_AGAIN, sys.executable)
    with pytest.raises(ConfigProblem) as problem:
        oracles.run()
    assert "metricflow==" in str(problem.value.hint)
