"""The page that a new administrator follows has the steps that its suite runs, and every name that is put in."""

from __future__ import annotations

from pathlib import Path

from evals import install


def test_the_page_has_the_steps_that_the_suite_runs(tmp_path: Path) -> None:
    blocks = install.commands()
    assert len(blocks) == len(install.STEPS)
    text = install.PAGE.read_text(encoding="utf-8").partition(install.HEADING)[2].partition("\n## ")[0]
    url = "postgresql://postgres:@/postgres?host=/tmp/pg"
    with install._walk(tmp_path / "machine", url, "http://127.0.0.1:1") as walk:
        assert [name for name in walk.names if name not in text] == []
        shown = walk.text("\n".join(blocks))
    places = ("db.example.com", "login.example.com", "data.example.com", " /opt/", "=/var/lib", " /etc/")
    assert [place for place in places if place in shown] == []
    assert "postgresql://plainsay:a-long-one@/plainsay?host=/tmp/pg" in shown
