"""Every version of a model can be seen and taken back, whoever made it and however."""

import pytest

from store.errors import InvalidRequest, UnknownName
from warehouse.model import history, store
from warehouse.model.schema import SemanticModel
from warehouse.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace("demo", tmp_path)


def labelled(text: str) -> SemanticModel:
    return SemanticModel(model="m", label=text)


def test_versions_say_who_and_why_and_come_back(workspace):
    history.save(workspace, labelled("one"), why="data loaded")
    history.save(workspace, labelled("two"), why="renamed", by="ana")
    history.save(workspace, labelled("two"), why="nothing new")
    assert [(v.number, v.by, v.why) for v in history.versions(workspace)] == [
        (1, None, "data loaded"),
        (2, "ana", "renamed"),
    ]
    assert history.restore(workspace, 1, by="ana").label == "one"
    assert store.load(workspace.model_file).label == "one"
    assert history.versions(workspace)[-1].why == "version 1 restored"


def test_an_edit_in_the_file_is_a_version_of_its_own(workspace):
    history.save(workspace, labelled("one"), why="data loaded")
    workspace.model_file.write_text("# mine\nmodel: m\nlabel: by hand\n")
    history.save(workspace, labelled("two"), why="data loaded")
    assert [v.why for v in history.versions(workspace)] == ["data loaded", history.OUTSIDE, "data loaded"]
    assert "by hand" in history.text_of(workspace, 2)
    assert workspace.model_file.read_text() == "# mine\nmodel: m\nlabel: two\n"


def test_old_versions_make_room(workspace, monkeypatch):
    monkeypatch.setattr(history, "_MOST", 3)
    for i in range(5):
        history.save(workspace, labelled(str(i)), why="")
    assert [v.number for v in history.versions(workspace)] == [3, 4, 5]
    with pytest.raises(UnknownName):
        history.text_of(workspace, 1)
    assert len(list((workspace.root / "model-history").glob("*.yaml"))) == 3


def test_a_text_that_is_no_model_changes_nothing(workspace):
    history.save(workspace, labelled("one"), why="")
    with pytest.raises(InvalidRequest):
        history.save_text(workspace, "model: m\nlable: x\n", why="")
    assert store.load(workspace.model_file).label == "one"
    assert len(history.versions(workspace)) == 1


def test_editors_find_the_schema_beside_the_file(workspace):
    history.save(workspace, labelled("one"), why="")
    assert "$schema=./model.schema.json" in workspace.model_file.read_text().splitlines()[0]
    assert (workspace.root / "model.schema.json").is_file()
