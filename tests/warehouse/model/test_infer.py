"""Named traps of inference: what must never be summed, joined or sampled, whatever the columns are called."""

import pytest


def rows(columns: str, n: int = 60, table: str = "t") -> str:
    """A table of n rows; `columns` are expressions over i with aliases."""
    return f"CREATE TABLE {table} AS SELECT {columns} FROM range({n}) r(i);"


@pytest.mark.parametrize(
    "column",
    [
        "2000 + i % 20 AS year",
        "1990 + i % 30 AS year_built",
        "10000 + i * 7 AS zip_code",
        "5550000 + i AS phone",
        "i + 1 AS customer_id",
        "i + 100 AS record_no",
        "52.1 + i / 100.0 AS latitude",
        "i % 2 AS is_active",
        "i % 2 AS churned_flag",
        "1700000000000 + i AS epoch_ms",
        "40000 + i AS invoice_number",
        "i % 12 + 1 AS month",
    ],
)
def test_codes_are_dimensions_and_never_numbers(inferred, column):
    table = inferred(rows(f"{column}, i * 2.5 AS amount")).model.tables["t"]
    name = column.rsplit(" AS ", 1)[1]
    assert name not in table.numbers
    assert name in table.dimensions
    assert name not in {m.expr for m in table.measures.values()}


@pytest.mark.parametrize(
    ("column", "agg", "additive"),
    [
        ("CAST(i AS DECIMAL(10,2)) AS unit_price", "avg", "none"),
        ("i / 100.0 AS discount_rate", "avg", "none"),
        ("i AS completion_pct", "avg", "none"),
        ("i % 5 AS rating", "avg", "none"),
        ("20 + i % 40 AS age", "avg", "none"),
        ("i * 10.5 AS score", "avg", "none"),
        ("i * 9 AS salary", "avg", "none"),
        ("i * 3 AS quantity", "sum", "all"),
        ("i * 3.5 AS revenue", "sum", "all"),
        ("i * 3.5 AS shipping_cost", "sum", "all"),
        ("i % 9 AS num_tickets", "sum", "all"),
        ("i * 11 AS population", "sum", "all"),
        ("i % 7 AS years_of_experience", "avg", "none"),
    ],
)
def test_the_natural_aggregation(inferred, column, agg, additive):
    table = inferred(rows(f"{column}, 'x' || i AS note")).model.tables["t"]
    name = column.rsplit(" AS ", 1)[1]
    measure = next(m for m in table.measures.values() if m.expr == name)
    assert (measure.agg, measure.additive) == (agg, additive)


def test_the_price_of_a_sale_is_an_amount_unless_a_quantity_stands_beside_it(inferred):
    sold = "i + 1 AS id, i * 9.5 AS sale_price, DATE '2025-01-01' + CAST(i AS INT) AS sale_date"
    alone = inferred(rows(sold, table="sales")).model.tables["sales"]
    beside = inferred(rows(f"{sold}, i % 3 AS quantity", table="sales")).model.tables["sales"]
    assert alone.measures["sale_price"].agg == "sum"
    assert "revenue" in alone.measures["sale_price"].words()
    assert beside.measures["sale_price"].agg == "avg"


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("i / 100.0 AS conversion_rate", {"ratio": True}),
        ("i AS margin_pct", {"percent": True}),
        ("i * 2.0 AS price_usd", {"currency": "USD"}),
        ("i * 2.0 AS amount_eur", {"currency": "EUR"}),
        ("i AS delivery_days", {"name": "day"}),
        ("i * 1.5 AS weight_kg", {"name": "kg"}),
        ("i * 1.5 AS total_amount", {}),
        ("50 + i AS heart_rate", {}),
    ],
)
def test_units_come_from_names_and_ranges_and_are_never_guessed(inferred, column, unit):
    number = inferred(rows(column)).model.tables["t"].numbers[column.rsplit(" AS ", 1)[1]]
    assert (number.unit.model_dump(exclude_defaults=True) if number.unit else {}) == unit


def test_a_currency_column_gives_the_unit_per_row_or_for_all(inferred):
    mixed = inferred(rows("i * 2.0 AS amount, CASE WHEN i % 2 = 0 THEN 'USD' ELSE 'EUR' END AS currency"))
    single = inferred(rows("i * 2.0 AS amount, 'usd' AS currency"))
    assert mixed.model.tables["t"].numbers["amount"].unit.currency_column == "currency"
    assert single.model.tables["t"].numbers["amount"].unit.currency == "USD"
    assert single.model.currency == "USD"


def test_good_and_bad_directions(inferred):
    numbers = (
        inferred(rows("i * 2.0 AS revenue, i * 3.0 AS refund_amount, i * 4.0 AS volume")).model.tables["t"].numbers
    )
    assert [numbers[n].good for n in ("revenue", "refund_amount", "volume")] == ["up", "down", None]


def test_personal_data_is_marked_and_not_sampled(inferred):
    columns = (
        "'a' || i AS email, 'b' || i AS home_phone, 'c' || i AS street_address, 'd' || i AS ip_address, 'e' AS city"
    )
    found = inferred(rows(columns)).model.tables["t"].dimensions
    assert {n for n, d in found.items() if d.pii} == {"email", "home_phone", "street_address"}
    assert all(found[n].sample == 0 and found[n].groupable for n in ("email", "home_phone"))


def test_prose_is_not_offered_as_a_group(inferred):
    found = inferred(rows("repeat('word ', 20) || i AS comments, 'k' || i % 3 AS kind")).model.tables["t"].dimensions
    assert (found["comments"].groupable, found["kind"].groupable) == (False, True)


def test_composite_key(inferred):
    table = inferred(rows("i % 5 AS product_id, DATE '2025-01-01' + CAST(i // 5 AS INT) AS day, i * 2 AS on_hand"))
    assert table.model.tables["t"].key == ("product_id", "day")


def test_stock_levels_are_not_summed_over_time(inferred):
    made = inferred(rows("i % 5 AS product_id, DATE '2025-01-01' + CAST(i // 5 AS INT) AS day, i * 2 AS stock"))
    assert made.model.tables["t"].numbers["stock"].additive == "none"
    level = made.model.tables["t"].measures["stock"]
    assert (level.agg, level.semi_additive.over, level.semi_additive.take) == ("sum", "day", "last")
    assert any(item.kind == "stock" for item in made.review)


CUSTOMERS = rows("i + 1 AS id, 'n' || i AS name, i * 2.0 AS credit", 20, "customers")


@pytest.mark.parametrize(
    "column", ["customer_id", "customerId", "cust_id", "CUSTOMER_KEY", "customer", "customer_code"]
)
def test_joins_by_name(inferred, column):
    orders = rows(f'i + 1 AS id, i % 20 + 1 AS "{column}", i * 2.0 AS amount', table="orders")
    joins = inferred(CUSTOMERS + orders).model.tables["orders"].joins
    assert [(j.to, j.on) for j in joins] == [("customers", {column: "id"})]


def test_no_join_without_a_name_or_without_partners(inferred):
    unnamed = rows("i + 1 AS id, i % 20 + 1 AS grade", table="orders")
    strangers = rows("i + 1 AS id, i + 500 AS customer_id", table="orders")
    assert inferred(CUSTOMERS + unnamed).model.tables["orders"].joins == ()
    assert inferred(CUSTOMERS + strangers).model.tables["orders"].joins == ()


def test_no_join_to_a_column_that_repeats(inferred):
    regions = rows("i % 3 AS region_id, 'c' || i AS city", 30, "regions")
    sales = rows("i + 1 AS id, i % 3 AS region_id", table="sales")
    assert inferred(regions + sales).model.tables["sales"].joins == ()


def test_two_columns_to_one_table_become_roles(inferred):
    flights = rows(
        "i + 1 AS id, i % 20 + 1 AS origin_airport_id, i % 19 + 1 AS destination_airport_id", table="flights"
    )
    airports = rows("i + 1 AS airport_id, 'a' || i AS name", 20, "airports")
    made = inferred(airports + flights)
    roles = {j.role: j.default for j in made.model.tables["flights"].joins}
    assert roles == {"origin": True, "destination": False}
    assert any(item.kind == "role" for item in made.review)


def test_a_manager_is_a_join_to_the_same_table_with_a_role(inferred):
    script = rows("i + 1 AS employee_id, 'n' || i AS name, i // 4 + 1 AS manager_id", 20, "employees")
    (join,) = inferred(script).model.tables["employees"].joins
    assert (join.to, join.on, join.role) == ("employees", {"manager_id": "employee_id"}, "manager")


def test_orphans_are_tolerated_only_with_an_exact_name_and_shown(inferred):
    orders = rows("i + 1 AS id, CASE WHEN i = 7 THEN 99 ELSE i % 20 + 1 END AS customer_id", table="orders")
    made = inferred(CUSTOMERS + orders)
    assert made.model.tables["orders"].joins[0].confidence < 0.8
    assert any("98%" in item.finding for item in made.review)


def test_the_event_date_is_the_default_not_the_audit_stamp_or_the_birthday(inferred):
    day = "DATE '2025-01-01' + CAST(i AS INT)"
    script = rows(
        f"i + 1 AS id, TIMESTAMP '2025-01-01' AS created_at, {day} AS order_date, {day} AS due_date", table="orders"
    )
    people = rows(f"i + 1 AS id, {day} AS birth_date, {day} AS join_date", table="people")
    tables = inferred(script + people).model.tables
    assert tables["orders"].time.default == "order_date"
    assert tables["people"].time.default == "join_date"


def test_names_of_measures_are_unique_across_tables(inferred):
    made = inferred(rows("i * 2.0 AS amount", table="refunds") + rows("i * 2.0 AS amount, i AS orders", table="orders"))
    names = [n for t in made.model.tables.values() for n in t.measures]
    assert len(names) == len(set(names))
    assert {"orders", "orders_count", "refunds_amount", "orders_amount"} <= set(names)


def test_labels_drop_what_all_columns_share_and_spell_abbreviations_out(inferred):
    others = rows("i AS a", table="shItem") + rows("i AS b", table="shStore")
    script = rows("i AS shTxQty, 'a' || i AS shTxTypeCd, DATE '2025-01-01' AS shTxDt", table="shTransaction")
    made = inferred(others + script)
    table = made.model.tables["shTransaction"]
    assert table.numbers["shTxQty"].label == "Quantity"
    assert table.time.columns["shTxDt"].label == "Transaction date"


def test_column_names_with_spaces_become_quoted_expressions(inferred):
    measures = inferred(rows('i * 2.0 AS "Monthly Revenue"')).model.tables["t"].measures
    assert measures["monthly_revenue"].expr == '"Monthly Revenue"'


def test_same_tables_give_the_same_model(inferred):
    script = CUSTOMERS + rows("i + 1 AS id, i % 20 + 1 AS customer_id, i * 2.0 AS amount", table="orders")
    assert inferred(script) == inferred(script)


def test_an_empty_table_is_modelled_from_names(inferred):
    made = inferred(
        "CREATE TABLE orders (order_id INT, customer_id INT, amount DECIMAL(10,2));"
        "CREATE TABLE customers (customer_id INT)"
    )
    table = made.model.tables["orders"]
    assert table.key == ("order_id",)
    assert [j.to for j in table.joins] == ["customers"]
    assert all(j.confidence <= 0.6 for j in table.joins)


def test_starters_speak_of_this_data(inferred):
    day = "DATE '2025-01-01' + CAST(i AS INT)"
    script = rows(f"i + 1 AS id, i * 2.0 AS amount, 'r' || i % 4 AS region, {day} AS order_date", table="orders")
    starters = inferred(script).model.starters
    assert "What is the total amount by region?" in starters
    assert any("by month" in s for s in starters)
    assert 3 <= len(starters) <= 6


def test_what_was_wished_is_never_what_was_sold(inferred):
    model = inferred(
        "CREATE TABLE orders_export_2026 AS SELECT i AS order_no, DATE '2026-01-01' + (i % 300)::INT AS order_date, "
        "(i * 7.25)::DECIMAL(10, 2) AS net_amount FROM range(60) r(i);"
        "CREATE TABLE targets AS SELECT DATE '2026-01-01' + (i * 30)::INT AS month, "
        "(40000 + i * 100.5)::DECIMAL(10, 2) AS target_revenue FROM range(12) r(i)"
    ).model
    spoken = {m.label: {s.text for s in m.synonyms} for t in model.tables.values() for m in t.measures.values()}
    assert {"revenue", "turnover"} <= spoken["Total net amount"]
    assert not {"revenue", "sales", "turnover"} & spoken["Total target revenue"]
    assert model.tables["orders_export_2026"].label == "Orders"
