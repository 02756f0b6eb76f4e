"""Values named in questions: found by whole value, synonym, words, prefix and one typo, and nothing by accident."""

import pytest

from warehouse.model.schema import SemanticModel
from warehouse.model.value_build import assemble, build
from warehouse.model.values import IndexedColumn, ValuesIndex, fold

MODEL = SemanticModel.model_validate(
    {
        "model": "m",
        "tables": {
            "t": {
                "source": "main.t",
                "dimensions": {
                    "name": {"values": {"Ford Motor Company": ["the blue oval"]}},
                    "country": {},
                    "state": {},
                    "email": {"pii": True},
                    "code": {"sample": 0},
                },
            }
        },
    }
)
ROWS = """
    CREATE TABLE t (name TEXT, country TEXT, state TEXT, email TEXT, code TEXT);
    INSERT INTO t VALUES
      ('Ford Motor Company', 'United States', 'IN', 'a@x', 'c1'), ('São Paulo Café', 'Germany', 'CA', 'b@x', 'c2'),
      ('Citrus Press', 'Germany', 'OR', 'c@x', 'c3'), ('42', 'France', 'NY', 'd@x', 'c4'),
      ('Widget', NULL, '', 'e@x', '')
"""


@pytest.fixture
def index(database):
    return build(MODEL, database(ROWS))


@pytest.mark.parametrize(
    ("phrase", "value", "how"),
    [
        ("germany", "Germany", "whole"),
        ("GERMANY", "Germany", "whole"),
        ("sao paulo cafe", "São Paulo Café", "whole"),
        ("42", "42", "whole"),
        ("the blue oval", "Ford Motor Company", "synonym"),
        ("USA", "United States", "synonym"),
        ("america", "United States", "synonym"),
        ("US", "United States", "synonym"),
        ("California", "CA", "synonym"),
        ("new york", "NY", "synonym"),
        ("widgets", "Widget", "inflection"),
        ("Ford", "Ford Motor Company", "words"),
        ("ford company", "Ford Motor Company", "words"),
        ("citr", "Citrus Press", "prefix"),
        ("germny", "Germany", "typo"),
        ("gemrany", "Germany", "typo"),
        ("frannce", "France", "typo"),
        ("IN", "IN", "whole"),
    ],
)
def test_found(index, phrase, value, how):
    best = index.match(phrase)[0]
    assert (best.value, best.how) == (value, how)


@pytest.mark.parametrize("phrase", ["in", "or", "us", "motor ford", "frnce2x", "", "  ", "?", "a@x", "c1", "gxrmxny"])
def test_not_found(index, phrase):
    assert index.match(phrase) == []


def test_whole_values_and_declared_words_score_as_certain(index):
    assert index.match("germany")[0].score == 1.0
    assert index.match("usa")[0].score >= 0.99
    assert index.match("ford")[0].score < 0.9


def test_personal_and_unsampled_columns_stay_out(index):
    assert index.values_of("t", "email") == []
    assert index.values_of("t", "code") == []
    assert not index.complete("t", "email")


def test_a_cut_column_is_not_complete(database, monkeypatch):
    monkeypatch.setattr("warehouse.model.value_build.PER_COLUMN", 2)
    cut = build(MODEL, database(ROWS))
    assert not cut.complete("t", "name")
    assert cut.values_of("t", "country")[0] == "France"
    assert len(cut.values_of("t", "name")) == 2


def test_saved_and_loaded_it_answers_alike(index, tmp_path):
    path = tmp_path / "values.json"
    index.save(path)
    again = ValuesIndex.load(path)
    for phrase in ("usa", "ford", "germny", "citr", "widgets"):
        assert again.match(phrase) == index.match(phrase)
    assert again.longest_phrase() == index.longest_phrase() == 4  # united states of america
    assert again.complete("t", "country")


def test_without_a_file_it_is_empty(tmp_path):
    empty = ValuesIndex.load(tmp_path / "none.json")
    assert (empty.match("germany"), empty.longest_phrase(), len(empty)) == ([], 0, 0)


def test_every_single_edit_of_a_value_is_found():
    letters = "abcdefghij"
    index = assemble([IndexedColumn("t", "d")], [0], [letters, "other words"], {})
    for i in range(len(letters)):
        dropped, changed = letters[:i] + letters[i + 1 :], letters[:i] + "x" + letters[i + 1 :]
        added = letters[:i] + "x" + letters[i:]
        for typo in (dropped, changed, added):
            assert index.match(typo)[0].value == letters, typo


def test_the_limit_cuts_the_list():
    index = assemble([IndexedColumn("t", "d")], [0], [f"blue {i}" for i in range(30)], {})
    assert len(index.match("blue", limit=3)) == 3


def test_folding():
    assert fold("  Crème-Brûlée’s  ") == "creme brulee's"
    assert fold("A.B.") == "a b"


@pytest.mark.parametrize("held", ["[1]", "1", "{}", '{"version": 99}', '"x"', "null", "{"])
def test_a_damaged_index_is_told_or_empty(tmp_path, held):
    path = tmp_path / "values.json"
    path.write_text(held)
    try:
        assert len(ValuesIndex.load(path)) == 0
    except (ValueError, KeyError, TypeError, AttributeError):
        assert held not in ("{}", '{"version": 99}')
