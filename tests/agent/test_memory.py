"""What people teach waits for review, holds for whom it was approved, and can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import memory
from store.errors import InvalidRequest, QueryRefused, SourceProblem, UnknownName
from store.principal import Principal
from warehouse.workspace import Workspace, named

ANN = Principal(user_id="ann", name="Ann", role="viewer")
BO = Principal(user_id="bo", name="Bo", role="viewer")
EDITOR = Principal(user_id="ed", name="Ed", role="admin")


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    workspace = named("shop", tmp_path)
    workspace.root.mkdir(parents=True, exist_ok=True)
    return workspace


def _said(place: Workspace, who: Principal) -> list[str]:
    return [x.said for x in memory.in_force(place, who)]


def test_nothing_changes_before_review(place: Workspace) -> None:
    made = memory.propose_word(place, ANN, "takings", "net revenue")
    assert (made.state, made.scope) == ("waiting", "person")
    assert memory.in_force(place, ANN) == ()
    assert memory.propose_word(place, ANN, "Takings", "net revenue").id == made.id


def test_a_persons_own_word_is_theirs_alone(place: Workspace) -> None:
    made = memory.propose_word(place, ANN, "takings", "net revenue")
    with pytest.raises(UnknownName):
        memory.approve(place, BO, made.id)
    memory.approve(place, ANN, made.id)
    assert (_said(place, ANN), _said(place, BO)) == (["takings"], [])
    assert memory.listed(place, BO) == []


def test_a_word_for_everyone_needs_an_editor(place: Workspace) -> None:
    made = memory.propose_word(place, ANN, "takings", "net revenue")
    with pytest.raises(QueryRefused):
        memory.approve(place, ANN, made.id, everyone=True)
    memory.approve(place, EDITOR, made.id, everyone=True)
    assert _said(place, BO) == ["takings"]
    with pytest.raises(QueryRefused):
        memory.remove(place, ANN, made.id)
    memory.remove(place, EDITOR, made.id)
    assert _said(place, BO) == []
    memory.approve(place, EDITOR, made.id, everyone=True)
    assert _said(place, BO) == ["takings"]


def test_answers_are_kept_with_the_mark_of_their_meaning(place: Workspace) -> None:
    made = memory.propose_answer(place, ANN, "our best shop", {"metrics": [{"metric": "revenue"}]}, "mark")
    memory.approve(place, ANN, made.id)
    kept = memory.in_force(place, ANN)[0]
    assert (kept.kind, kept.query, kept.meaning) == ("answer", {"metrics": [{"metric": "revenue"}]}, "mark")


@pytest.mark.parametrize(("said", "means"), [("", "x"), ("x", " "), ("Sales", "sales")])
def test_empty_lessons_are_refused(place: Workspace, said: str, means: str) -> None:
    with pytest.raises(InvalidRequest):
        memory.propose_word(place, ANN, said, means)


def test_a_damaged_file_says_so(place: Workspace) -> None:
    (place.root / "learned.json").write_text("[{]")
    with pytest.raises(SourceProblem):
        memory.in_force(place, ANN)
