"""Promise 13: what is data stays words in Slack; it neither pings nor links, and reads as it was written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bots.slack import mrkdwn
from evals.fakes.assistant import TABLE
from store import settings

HOSTILE = [
    "<!channel>", "<!here|x>", "<@U123>", "<#C1|general>", "<https://evil.example|pay>", "https://evil.example/?q=1",
    "&lt;!channel&gt;", "a & b < c > d", "*bold* _it_ ~no~ `code`", "> quote", "@here @channel", ":smile:",
    "\u202eevil", "mailto:a@b.example", "www.evil.example", "```\nblock", "x\u200by", "line\r\nnext",
]  # fmt: skip
PING = re.compile(r"<[!@#]|<https?:|<mailto:")


def corpus() -> list[str]:
    folder = Path(settings.get("data") or "/nowhere") / "corpora"
    if not folder.is_dir():
        pytest.skip("the corpora are not here (PLAINSAY_DATA)")
    found: list[str] = []
    for part in ("naughty-strings", "payloads-all-the-things", "fuzzdb"):
        for file in sorted((folder / part).rglob("*.txt")):
            if "xss" in str(file).lower() or "naughty" in str(file) or "csv" in str(file):
                found += file.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line for line in found if line.strip()]


def inert(text: str) -> bool:
    told = mrkdwn.escape(text)
    entities = re.sub(r"&(amp|lt|gt);", "", told)
    return not PING.search(told) and not set("<>&") & set(entities) and "://" not in told


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(text: str) -> None:
    assert inert(text)
    clean = mrkdwn._CONTROL.sub("", text.replace("\r\n", "\n"))
    assert mrkdwn.plain(mrkdwn.escape(text)) == clean


@pytest.mark.data
def test_the_corpora_stay_words() -> None:
    lines = corpus()
    assert len(lines) > 1_400
    assert [line for line in lines if not inert(line)] == []
    assert [line for line in lines if PING.search(mrkdwn.of_markdown(line))] == []


def test_our_markdown_reads_well() -> None:
    said = "Revenue was [$1.2M](#cell:t1:n:revenue) in **the north**, as said[^ba].\n\n- A\\_b & c\n- [text](https://x.example)"
    assert mrkdwn.of_markdown(said).replace("\u200b", "") == (
        "Revenue was $1.2M in *the north*, as said (source ba).\n\n• A_b &amp; c\n• text"
    )


def test_what_people_write_is_read_as_words() -> None:
    assert mrkdwn.of_person("<@U0BOT> R&amp;D in <#C1|ops> by <https://a.example|the site> &lt; 5", "U0BOT") == (
        "R&D in #ops by the site < 5"
    )


def test_long_text_is_cut_where_it_may_be() -> None:
    pieces = mrkdwn.split("word " * 2_000)
    assert all(len(p) <= mrkdwn.MOST_TEXT for p in pieces) and "".join(pieces).count("word") == 2_000
    assert mrkdwn.cut("a &amp; b", 5) == "a …" or "&" not in mrkdwn.cut("a &amp; b", 5)


def test_a_table_is_short_and_says_what_is_left_out() -> None:
    many = TABLE.model_copy(update={"rows": TABLE.rows * 20, "row_keys": [str(n) for n in range(40)], "total_rows": 40})
    told = mrkdwn.table(many)
    assert told.startswith("```Region") and "… and 30 more rows" in told
