"""Names of tables and columns: always plain ASCII, always unique, always with the original at hand."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.names import MAX_LENGTH, column_names, comment, kept_name, table_name


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Order ID", "order_id"), ("orderDate", "order_date"), ("HTTPStatus", "http_status"), ("Größe", "grosse"),
        ("  Total\n(net) ", "total_net"), ("Имя клиента", "imya_klienta"), ("名前", "column_1"), ("", "column_1"),
        ("2019", "c_2019"), ("order", "order_"), ("%", "pct"), ("a" * 300, "a" * MAX_LENGTH),
    ],
)  # fmt: skip
def test_headers(header, name):
    assert column_names([header]) == [name]


def test_duplicates_are_numbered():
    assert column_names(["a", "A", "a ", "a_2"]) == ["a", "a_2", "a_3", "a_2_2"]


def test_names_of_databases_are_kept():
    assert kept_name("sbCustId") == "sbCustId"
    assert column_names(["custId", "has space", "select"], keep=True) == ["custId", "has_space", "select_"]


def test_the_original_is_kept_when_it_says_more():
    assert comment("Order\n ID", "order_id") == "Order ID"
    assert comment("amount", "amount") is None


@given(st.lists(st.text(max_size=80), min_size=1, max_size=30))
def test_any_headers_become_unique_plain_names(headers):
    names = column_names(headers)
    assert len({n.lower() for n in names}) == len(headers)
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", n) for n in names)


@given(st.text(max_size=300))
def test_any_file_name_becomes_a_plain_table_name(text):
    assert re.fullmatch(r"[a-z_][a-z0-9_]*", table_name(text))
