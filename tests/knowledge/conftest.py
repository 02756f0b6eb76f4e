"""A library with the knowledge of two trades and one private memo, and a way to close every index again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge import vectors
from knowledge.library import Library
from knowledge.passage import Document, Passage

PASSAGES = [
    Passage(
        id="stock#turn", title="Stock turn", text="Stock turn says how often the average stock was sold in a year."
    ),
    Passage(id="people#hours", title="Rostering", text="Too few staff at lunch make guests wait for their food."),
    Passage(id="money#food", title="Food cost", text="Food cost is what ingredients cost as a share of sales."),
]
MEMO = Passage(id="memo", title="Closing the north", text="The board plans to close the northern branches in spring.")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    found = Library(tmp_path / "home" / "workspaces" / "north", "north")
    found.put(Document(id="pack.trade", kind="pack", title="Trade", origin="pack trade", version="1.0.0"), PASSAGES)
    memo = Document(id="memo", kind="document", title="Memo", origin="memo.md", readers=("role:admin", "person:ann"))
    found.put(memo, [MEMO])
    return found


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    vectors.close_all()
