"""A change to a model file touches the lines that differ and nothing else that a person wrote."""

from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse.model import store
from warehouse.model.roundtrip import rewritten
from warehouse.model.schema import SemanticModel

TEXT = """\
# Our shop, kept by Ana.
model: shop   # the web shop
tables:
  # what we sell
  orders:
    source: orders
    key: [id]   # never null
    dimensions:
      channel: {label: Channel, synonyms: [sales channel, "on"]}   # asked often
      status:
        label: 'Status'
    measures:
      revenue: {agg: sum, expr: amount}
  old: {source: old}
"""


def changed(**update):
    model = store.parse(TEXT)
    orders = model.tables["orders"].model_copy(update=update)
    return model.model_copy(update={"tables": {**model.tables, "orders": orders}})


def lines_kept(text: str) -> set[str]:
    return {" ".join(line.split()) for line in text.splitlines()}


def test_the_same_model_is_the_same_text():
    assert rewritten(TEXT, store.parse(TEXT)) == TEXT


def test_comments_order_and_quotes_stay():
    dimensions = dict(store.parse(TEXT).tables["orders"].dimensions)
    dimensions["channel"] = dimensions["channel"].model_copy(update={"label": "Sales way"})
    model = changed(dimensions=dimensions, key=("id", "day"))
    text = rewritten(TEXT, model)
    assert store.parse(text) == model
    gone = lines_kept(TEXT) - lines_kept(text)
    assert gone == {
        "key: [id] # never null",
        'channel: {label: Channel, synonyms: [sales channel, "on"]} # asked often',
    }
    assert "# never null" in text
    assert "# asked often" in text


def test_what_is_gone_goes_and_what_is_new_comes():
    model = store.parse(TEXT)
    orders = model.tables["orders"]
    new = orders.model_copy(update={"dimensions": {**orders.dimensions, "region": orders.dimensions["status"]}})
    model = model.model_copy(update={"tables": {"orders": new}})
    text = rewritten(TEXT, model)
    assert store.parse(text) == model
    assert "old" not in text
    assert "# what we sell" in text


def test_a_file_nobody_touched_is_written_anew():
    model = store.parse(TEXT)
    plain = store.dump(model)
    other = model.model_copy(update={"label": "Shop"})
    assert rewritten(plain, other) == store.dump(other)


words = st.sampled_from(["on", "no", "12:30", "a: b", "# c", "~x", "länge", "it's"])
labels = st.dictionaries(
    words, st.fixed_dictionaries({"label": words, "synonyms": st.lists(words, max_size=2)}), max_size=3
)
tables = st.fixed_dictionaries({"source": words, "key": st.lists(words, max_size=2), "dimensions": labels})
models = st.builds(
    lambda t, s: SemanticModel.model_validate({"model": "m", "tables": t, "starters": s}),
    st.dictionaries(words, tables, max_size=2), st.lists(words, max_size=3),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(models, models)
def test_any_model_can_become_any_other(before, after):
    text = "# kept\n" + store.dump(before)
    assert store.parse(rewritten(text, after)) == after
