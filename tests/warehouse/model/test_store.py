"""The YAML store: what goes in comes out, and every mistake names its line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.errors import InvalidRequest
from warehouse.model import store
from warehouse.model.schema import SemanticModel

texts = st.text(alphabet=st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=12)
words = st.one_of(
    st.sampled_from(["on", "no", "yes", "null", "12:30", "1e3", "~x", "2025-01-01", "a: b", "# c"]), texts
)
synonyms = st.lists(
    st.one_of(words, st.builds(lambda t: {"text": t, "state": "generated", "weight": 0.7}, words)), max_size=3
)
measures = st.dictionaries(
    words, st.builds(lambda e, s: {"agg": "sum", "expr": e, "synonyms": s}, words, synonyms), max_size=3
)
dimensions = st.dictionaries(
    words,
    st.builds(
        lambda label, values, groupable: {"label": label, "values": values, "groupable": groupable},
        words, st.dictionaries(words, st.lists(words, max_size=2), max_size=2), st.booleans(),
    ),
    max_size=3,
)  # fmt: skip
tables = st.builds(
    lambda m, d, c, s: {"source": "t", "measures": m, "dimensions": d, "confidence": c, "synonyms": s},
    measures, dimensions, st.sampled_from([0.5, 1.0]), synonyms,
)  # fmt: skip
models = st.builds(
    lambda n, t, s: SemanticModel.model_validate({"model": n, "tables": t, "starters": s}),
    words, st.dictionaries(words, tables, max_size=3), st.lists(words, max_size=2),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(models)
def test_round_trip(model):
    assert store.parse(store.dump(model)) == model


def test_save_and_load(tmp_path):
    model = SemanticModel(model="m", starters=("How many?",))
    store.save(model, tmp_path / "deep" / "model.yaml")
    assert store.load(tmp_path / "deep" / "model.yaml") == model
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["model.yaml"]


def test_small_entries_take_one_line_and_defaults_none():
    model = SemanticModel.model_validate(
        {
            "model": "m",
            "tables": {
                "t": {"source": "t", "joins": [{"to": "u", "on": {"a": "b"}}], "dimensions": {"c": {"label": "C"}}}
            },
        }
    )
    text = store.dump(model)
    assert "- {to: u, on: {a: b}}" in text
    assert "c: {label: C}" in text
    assert "groupable" not in text


TABLE = "model: m\ntables:\n  t:\n    source: t\n"


@pytest.mark.parametrize(
    ("text", "line", "field", "says"),
    [
        ("model: m\ntabels: {}\n", 2, "tabels", "Did you mean tables"),
        (TABLE + "    dimensions:\n      d: {lable: x}\n", 6, "tables.t.dimensions.d.lable", "Did you mean label"),
        (TABLE + "    joins:\n      - {to: u, on: {a: b}, defualt: true}\n", 6, "tables.t.joins.0.defualt", "default"),
        (TABLE + "    measures:\n      m: {agg: total}\n", 6, "tables.t.measures.m.agg", "sum"),
        (TABLE + "    measures:\n      m: {agg: sum}\n", 6, "tables.t.measures.m", "needs `expr`"),
        (TABLE + "    synonyms: 3\n", 5, "tables.t.synonyms", "tuple"),
        ("model: m\nmodel: n\n", 2, "model", "given twice"),
        ("model: m\nlabel: [\n", 3, "", "not valid YAML"),
        ("model: &x m\nlabel: *x\n", 1, "label", "aliases"),
        ("tables: {}\n", 1, "model", "missing"),
        ("model: m\nlabel: !!python/object:os.system x\n", 2, "", "quotes"),
    ],
)
def test_mistakes_name_their_line(text, line, field, says):
    with pytest.raises(InvalidRequest) as caught:
        store.parse(text)
    assert (caught.value.details["line"], caught.value.details["field"]) == (line, field)
    assert says in str(caught.value)


def test_a_missing_file_is_told_plainly(tmp_path):
    with pytest.raises(InvalidRequest, match="no semantic model yet"):
        store.load(tmp_path / "none.yaml")


def test_the_json_schema_lists_the_keys():
    assert {"tables", "metrics", "starters"} <= store.json_schema()["properties"].keys()
