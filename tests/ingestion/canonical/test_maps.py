"""A word of a map that stands for all others stands for no silence: what succeeded has no reason to have failed."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest

from ingestion.canonical.compiling import compiled
from ingestion.connectors import catalog

CHARGE = {"id": "ch", "amount": 100, "currency": "eur", "created": 1_788_000_000, "livemode": True, "captured": True}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"status": "succeeded", "failure_code": None}, None),
        ({"status": "succeeded"}, None),
        ({"status": "failed", "failure_code": "expired_card"}, "card_invalid"),
        ({"status": "failed", "failure_code": "never_heard_of"}, "other"),
    ],
)
def test_only_a_failed_payment_has_a_decline_reason(more: dict[str, Any], reason: str | None):
    manifest = catalog.get("stripe")
    mapping = next(m for m in manifest.canonical if m.table == "payments")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE raw (_key VARCHAR, _row VARCHAR, _version TIMESTAMPTZ)")
        connection.execute("INSERT INTO raw VALUES ('k', ?, NULL)", [json.dumps(CHARGE | more)])
        found = connection.execute(f"SELECT decline_category FROM ({compiled(manifest, mapping).select})").fetchall()
    assert found == [(reason,)]
