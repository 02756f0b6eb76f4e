"""Inference on the oddities of other people's schemas: numbers kept as text, twin tables, keys without a name."""

import pytest


def rows(columns: str, n: int = 60, table: str = "t") -> str:
    """A table of n rows; `columns` are expressions over i with aliases."""
    return f"CREATE TABLE {table} AS SELECT {columns} FROM range({n}) r(i);"


@pytest.mark.parametrize(
    ("column", "expr", "kind"),
    [
        ("(i * 2 + 1)::VARCHAR AS age", "TRY_CAST(age AS BIGINT)", "integer"),
        ("(i / 4.0)::VARCHAR AS weight", "TRY_CAST(weight AS DOUBLE)", "float"),
        ("CASE WHEN i = 7 THEN 'null' ELSE (i + 40)::VARCHAR END AS horsepower", "TRY_CAST(horsepower AS BIGINT)",
         "integer"),
    ],
)  # fmt: skip
def test_numbers_kept_as_text_are_numbers(inferred, column, expr, kind):
    table = inferred(rows(column)).model.tables["t"]
    (number,) = table.numbers.values()
    assert (number.expr, number.type) == (expr, kind)
    assert any(m.expr == expr for m in table.measures.values())


@pytest.mark.parametrize(
    "column",
    [
        "lpad(i::VARCHAR, 5, '0') AS size",  # leading zeros name something
        "(10000 + i)::VARCHAR AS zip_code",
        "i::VARCHAR AS zone",  # no word of quantity
        "CASE WHEN i < 9 THEN 'big' ELSE i::VARCHAR END AS weight",
        "CASE WHEN i < 9 THEN 'NaN' ELSE i::VARCHAR END AS weight",
        "i::VARCHAR || ' kg' AS weight",
    ],
)
def test_other_text_stays_text(inferred, column):
    table = inferred(rows(column)).model.tables["t"]
    (dimension,) = table.dimensions.values()
    assert (table.numbers, dimension.type, dimension.expr) == ({}, "text", None)


def test_a_year_kept_as_text_can_be_compared_as_a_number(inferred):
    table = inferred(rows("(2000 + i % 9)::VARCHAR AS open_year, 'n' || i AS name")).model.tables["t"]
    assert (table.dimensions["open_year"].type, table.dimensions["open_year"].expr) == (
        "integer",
        "TRY_CAST(open_year AS BIGINT)",
    )


TWINS = rows("i + 1 AS Id, i * 2.5 AS weight, i % 4 AS cylinders", table="cars") + rows(
    "i + 1 AS MakeId, 'make ' || i AS make", table="car_names"
)


def test_tables_that_share_their_keys_are_joined_from_the_numbers_to_the_names(inferred):
    made = inferred(TWINS)
    assert [(j.to, j.on) for j in made.model.tables["cars"].joins] == [("car_names", {"Id": "MakeId"})]
    assert any(i.kind == "join" and i.table == "cars" for i in made.review)


@pytest.mark.parametrize(
    "other",
    [
        rows("i + 1 AS car_order_id, 'x' || i AS note", table="car_orders"),  # its own ids, by chance 1 to 60 too
        rows("i + 2 AS MakeId, 'make ' || i AS make", table="car_names"),
        rows("i + 1 AS MakeId, 'make ' || i AS make", 59, "car_names"),
    ],
)
def test_equal_numbers_alone_are_no_join(inferred, other):
    tables = inferred(rows("i + 1 AS Id, i * 2.5 AS weight", table="cars") + other).model.tables
    assert all(t.joins == () for t in tables.values())


def test_a_short_name_with_few_orphans_still_joins_and_is_shown(inferred):
    models = rows("i + 1 AS id, CASE WHEN i = 3 THEN 99 ELSE i % 20 + 1 END AS maker", table="models")
    made = inferred(rows("i + 1 AS id, 'm' || i AS full_name", 20, "car_makers") + models)
    (join,) = made.model.tables["models"].joins
    assert (join.to, join.on, join.confidence) == ("car_makers", {"maker": "id"}, 0.7)
    assert any(i.name == "maker" for i in made.review)


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        ("i % 6 AS citing, i // 6 AS cited", ("citing", "cited")),
        ("i % 6 AS employee_id, (2000 + i // 6)::VARCHAR AS year_awarded, 5.0 AS bonus", ("employee_id",
                                                                                         "year_awarded")),
        ("'P' || i AS asset_tag, i % 3 AS grade", ("asset_tag",)),
    ],
)  # fmt: skip
def test_keys_without_a_name_of_their_own(inferred, columns, key):
    assert inferred(rows(columns)).model.tables["t"].key == key


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("i AS number_products", {"products", "product count"}),
        ("i % 5 AS level_of_membership", {"membership level"}),
        ("'c' || i % 5 AS role_code", {"role"}),
        ("'n' || i AS fname", set()),
        ("i * 3.5 AS treatment_cost", {"cost"}),
        ("TIMESTAMP '2025-01-01' + INTERVAL (i) DAY AS date_arrived", {"arrival date", "arrived"}),
    ],
)
def test_other_words_for_a_column(inferred, column, words):
    table = inferred(rows(f"{column}, 'x' || i % 3 AS kind", table="treatments")).model.tables["treatments"]
    name = column.rsplit(" AS ", 1)[1]
    times = table.time.columns if table.time else {}
    entry = {**table.dimensions, **table.numbers, **times}[name]
    assert words <= set(entry.words())
    if name == "fname":
        assert entry.label == "First name"


@pytest.mark.parametrize(
    ("column", "expr", "true", "false"),
    [
        ("CASE WHEN i % 3 = 0 THEN 'T' ELSE 'F' END AS is_male", "is_male = 'T'", "male", "female"),
        ("(i % 2)::VARCHAR AS abandoned_yn", "abandoned_yn = '1'", "abandoned", "not abandoned"),
        ("i % 2 AS is_active", "is_active = 1", "active", "inactive"),
        ("i % 2 = 0 AS churned", None, "churned", "not churned"),
        ("CASE WHEN i % 3 = 0 THEN 'yes' ELSE 'no' END AS smoker_flag", "smoker_flag = 'yes'", "smoker", "not smoker"),
    ],
)
def test_yes_and_no_under_all_disguises(inferred, column, expr, true, false):
    (flag,) = inferred(rows(column)).model.tables["t"].dimensions.values()
    assert (flag.type, flag.expr) == ("boolean", expr)
    assert true in flag.values["true"]
    assert false in flag.values["false"]


@pytest.mark.parametrize("column", ["i % 2 AS gender", "CASE WHEN i % 2 = 0 THEN 'M' ELSE 'F' END AS is_man"])
def test_two_values_alone_are_no_yes_and_no(inferred, column):
    (dimension,) = inferred(rows(column)).model.tables["t"].dimensions.values()
    assert dimension.type != "boolean"


def test_drilling_down_follows_the_rows_and_not_the_names_alone(inferred):
    places = "CASE WHEN i < 30 THEN 'US' ELSE 'DE' END AS country, 's' || i // 10 AS state, 'c' || i // 2 AS city"
    crossing = "'n' || i % 2 AS country, 's' || i % 3 AS state"
    made = inferred(rows(places, table="stores") + rows(crossing, table="trips")).model.tables
    assert made["stores"].hierarchies["place"].levels == ("country", "state", "city")
    assert made["trips"].hierarchies == {}


def test_drilling_down_goes_along_joins_between_things(inferred):
    script = (
        rows("i + 1 AS category_id, 'c' || i AS category_name", 4, "categories")
        + rows("i + 1 AS product_id, i % 4 + 1 AS category_id, 'p' || i AS product_name", 20, "products")
        + rows("i + 1 AS sale_id, i % 20 + 1 AS product_id, DATE '2025-01-01' AS day", 60, "sales")
    )
    tables = inferred(script).model.tables
    assert tables["products"].hierarchies["parents"].levels == (
        "categories.category_name",
        "products.product_name",
    )
    assert tables["sales"].hierarchies == {}


def test_a_table_of_pairs_is_a_bridge(inferred):
    script = (
        rows("i + 1 AS author_id, 'a' || i AS name", 12, "authors")
        + rows("i + 1 AS paper_id, 't' || i AS title", 12, "papers")
        + rows("i % 12 + 1 AS author_id, i // 5 + 1 AS paper_id", 60, "writes")
    )
    tables = inferred(script).model.tables
    assert tables["writes"].bridge is not None
    assert tables["papers"].bridge is None
