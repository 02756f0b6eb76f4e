"""Personal data is found by headers and by cells, and a policy about it follows the data wherever it stands."""

from __future__ import annotations

import pytest

from store.principal import Principal
from warehouse.compiler.policies import Rights
from warehouse.compiler.visible import MASK
from warehouse.model.policies import ColumnPolicy
from warehouse.model.protected import loosens
from warehouse.model.schema import personal_columns

CARDS = ("4111 1111 1111 1111", "5500005555555559", "340000000000009")
ACCOUNTS = ("DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "FR1420041010050500013M02606")


def one_of(*texts: str) -> str:
    listed = ", ".join(f"'{t}'" for t in texts)
    return f"[{listed}][i % {len(texts)} + 1]"


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("'p' || i || '@example.org' AS login", "email"),
        ("'p' || i || '@example.org' AS e_mail", "email"),
        ("'+44 20 7946 0' || (100 + i) AS reach_at", "phone"),
        ("'(555) 555-0' || (100 + i) AS line", "phone"),
        ("'555-0' || (100 + i) AS phone", "phone"),
        (f"{one_of(*CARDS)} AS paid_with", "payment card"),
        (f"{one_of(*ACCOUNTS)} AS pays_from", "bank account"),
        ("'078-05-' || (1100 + i) AS national", "government number"),
        ("i || ' High Street' AS home_address", "address"),
        ("'n' || i AS first_name", "name"),
        ("'n' || i AS patient_name", "name"),
        ("'n' || i AS product_name", None),
        ("'10.0.0.' || i AS ip_address", None),
        ("'a@b' || i AS handle", None),
        ("(4111111111111111 + i)::VARCHAR AS parcel", None),  # one in ten of any numbers has the right last digit
        ("'555-0' || (100 + i) AS part", None),
        ("'DE' || (10 + i) || '370400440532013000' AS code", None),
        ("i || '' AS zip", None),
    ],
)
def test_personal_data_is_known_by_its_header_or_its_cells(inferred, column, kind):
    model = inferred(f"CREATE TABLE visits AS SELECT i AS visit_id, {column} FROM range(60) r(i);").model
    assert [k for _, _, k in personal_columns(model)] == ([kind] if kind else [])


def test_the_names_of_people_are_personal_and_those_of_things_are_not(inferred):
    tables = "".join(
        f"CREATE TABLE {t} AS SELECT i AS id, 'n' || i AS name FROM range(60) r(i);" for t in ("patients", "products")
    )
    assert [(t, k) for t, _, k in personal_columns(inferred(tables).model)] == [("patients", "name")]


STAFF = (
    "CREATE TABLE staff AS SELECT i AS staff_id, 'n' || i AS full_name, 'p' || i || '@example.org' AS login,"
    " i % 3 AS team, i * 1000.5 AS salary FROM range(60) r(i);"
)
EVERYWHERE = ColumnPolicy(name="personal_data", personal=True, action="mask", exempt=("owner",))


def test_one_policy_binds_all_personal_data_and_nothing_else(inferred):
    model = inferred(STAFF).model.model_copy(update={"column_policies": (EVERYWHERE,)})
    seen = Rights(model, Principal("a", "A", "viewer")).model.tables["staff"]
    assert {n for n, d in seen.dimensions.items() if MASK in (d.expr or "")} == {"full_name", "login"}
    assert "salary" in seen.numbers
    assert Rights(model, Principal("a", "A", "owner")).digest == ""


def test_what_is_made_from_personal_data_is_bound_with_it(inferred):
    model = inferred(STAFF).model
    table = model.tables["staff"]
    made = table.dimensions["login"].model_copy(update={"expr": "lower(login)"})
    other = table.dimensions["team"].model_copy(update={"expr": "split_part(login, '@', 2)"})
    table = table.model_copy(update={"dimensions": {"mail": made, "host": other}})
    hidden = EVERYWHERE.model_copy(update={"action": "hide"})
    model = model.model_copy(update={"tables": {"staff": table}, "column_policies": (hidden,)})
    rights = Rights(model, Principal("a", "A", "viewer"))
    assert rights.model.tables["staff"].dimensions == {} and ("staff", "login") in rights.hidden


@pytest.mark.parametrize("change", [{"pii": False, "personal": None}, {"expr": "staff_id"}])
def test_who_may_not_set_policies_may_not_say_that_data_is_not_personal(inferred, change):
    before = inferred(STAFF).model.model_copy(update={"column_policies": (EVERYWHERE,)})
    table = before.tables["staff"]
    changed = table.model_copy(
        update={"dimensions": {**table.dimensions, "login": table.dimensions["login"].model_copy(update=change)}}
    )
    assert loosens(before, before.model_copy(update={"tables": {"staff": changed}}))
    assert not loosens(before, before.model_copy(update={"label": "Staff"}))


@pytest.mark.parametrize("said", [{}, {"personal": True, "columns": ["a"], "table": "t"}, {"columns": ["a"]}])
def test_a_column_policy_says_what_it_is_about(said):
    with pytest.raises(ValueError, match="name"):
        ColumnPolicy(name="p", **said)
