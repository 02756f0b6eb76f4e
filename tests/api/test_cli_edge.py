"""The edge of the command line: a bug is a sentence and exit code 1; the trace comes when asked for."""

from __future__ import annotations

import pytest

from api import cli


def _break(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise AttributeError("'list' object has no attribute 'get' in /secret/path")

    monkeypatch.setattr(cli, "app", broken)


def test_a_bug_is_a_sentence_without_a_trace(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    _break(monkeypatch)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    told = capsys.readouterr()
    assert ended.value.code == 1
    assert "went wrong" in told.err and "secret" not in told.err + told.out


def test_the_trace_is_there_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    _break(monkeypatch)
    monkeypatch.setenv("PLAINSAY_LOG_LEVEL", "debug")
    with pytest.raises(AttributeError):
        cli.main()
