"""Amounts are exact whatever the provider writes, and what cannot be known is empty, never 0."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.canonical.compiling import compiled
from ingestion.canonical.currencies import EXPONENTS, exponent
from ingestion.connectors import catalog
from ingestion.connectors.contract import Contract, fits
from ingestion.connectors.manifest import Manifest
from ingestion.connectors.spans import moment_of

CODES = ["EUR", "USD", "XXX", *EXPONENTS]


@pytest.fixture(scope="module")
def engine():
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        opened.execute("CREATE MACRO hashed(x) AS sha256(x)")
        yield opened


def manifest(unit, **overrides):
    return Manifest.model_validate(
        {
            "source": "money", "label": "Money", "group": "other", "hosts": ["x.example"], "auth": {"kind": "none"},
            "base_url": {"live": "https://x.example/"}, "money": {"unit": unit, "exponents": overrides},
            "resources": [{"name": "rows"}],
            "canonical": [{"table": "payouts", "resource": "rows", "columns": {
                "payout_id": "id", "initiated_at": "at | moment", "currency": "cur | upper", "net": "n | money",
                "fees": "f | money", "status": "'paid'"}}],
        }
    )  # fmt: skip


def built(engine, spec, row):
    import json

    engine.execute("CREATE OR REPLACE TABLE raw (_key VARCHAR, _row VARCHAR, _version TIMESTAMPTZ)")
    engine.execute("INSERT INTO raw VALUES ('k', ?, NULL)", [json.dumps(row)])
    made = compiled(spec, spec.canonical[0]).select
    return engine.execute(f"SELECT net, fees, currency FROM ({made})").fetchone()


@settings(max_examples=60, deadline=None)
@given(amount=st.integers(-(10**12), 10**12), code=st.sampled_from(CODES), text=st.booleans())
def test_minor_units_of_every_currency(engine, amount, code, text):
    row = {"id": "a", "at": "2026-01-01T00:00:00Z", "cur": code.lower(), "n": str(amount) if text else amount}
    net, fees, currency = built(engine, manifest("minor"), row)
    assert net == Decimal(amount).scaleb(-exponent(code))
    assert fees is None
    assert currency == code


@settings(max_examples=40, deadline=None)
@given(amount=st.decimals(-(10**9), 10**9, places=4), as_text=st.booleans())
def test_major_amounts_keep_their_decimals(engine, amount, as_text):
    value = str(amount) if as_text else float(amount)
    row = {"id": "a", "at": "2026-01-01T00:00:00Z", "cur": "EUR", "n": value}
    assert built(engine, manifest("major"), row)[0] == amount


def test_fractions_of_a_cent_micros_and_overrides(engine):
    row = {"id": "a", "at": "2026-01-01T00:00:00Z", "cur": "AUD", "n": 100, "f": 0.3839}
    assert built(engine, manifest("minor"), row)[1] == Decimal("0.003839")
    assert built(engine, manifest("micro"), row | {"n": 1_234_567})[0] == Decimal("1.2346")
    assert built(engine, manifest("minor", AUD=3), row)[0] == Decimal("0.1")


@pytest.mark.parametrize("value", ["12x", True, {}, [], "NaN", "Infinity", 10**14, "1,5"])
def test_what_is_no_amount_is_told(value):
    assert Contract({"n": "decimal"}).broken_by({"n": value} if value != [] else {"n": [[]]}) is not None


@pytest.mark.parametrize("value", [100, 100.5, "100.50", "", None, "-3", "1e2"])
def test_what_is_an_amount_passes(value):
    assert Contract({"n": "decimal"}).broken_by({"n": value}) is None


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        (1_790_000_000, "2026-09-21T14:13:20+00:00"), (1_790_000_000_000, "2026-09-21T14:13:20+00:00"),
        ("2026-01-02T03:04:05+0200", "2026-01-02T01:04:05+00:00"), ("2026-01-02", "2026-01-02T00:00:00+00:00"),
        ("20260102030405", "2026-01-02T03:04:05+00:00"), ("2026-01-02 03:04:05.123", "2026-01-02T03:04:05+00:00"),
        ("2026-01-02 03:04:05+02:00", "2026-01-02T01:04:05+00:00"), ("2026/1/2", "2026-01-02T00:00:00+00:00"),
        ("2026-01-02 03:04:05 -0100", "2026-01-02T04:04:05+00:00"), ("2026-1-2 3:04:05", "2026-01-02T03:04:05+00:00"),
    ],
)  # fmt: skip
def test_moments_of_all_spellings(value, iso):
    found = moment_of(value)
    assert found is not None
    assert found.isoformat() == iso


@pytest.mark.parametrize("value", ["soon", "", None, True, {}, "२०२६"])
def test_what_is_no_moment(value):
    assert moment_of(value) is None
    assert not fits(value, "moment") or value is None


@pytest.mark.parametrize("source", catalog.names())
def test_every_mapping_of_every_source_is_sql_that_runs(engine, source):
    spec = catalog.get(source)
    for mapping in spec.canonical:
        engine.execute("CREATE OR REPLACE TABLE raw (_key VARCHAR, _row VARCHAR, _version TIMESTAMPTZ)")
        engine.execute("INSERT INTO raw VALUES ('k', '{}', NULL)")
        engine.execute(compiled(spec, mapping).select).fetchall()


@pytest.mark.parametrize("source", ["adyen", "ebanx", "klarna"])
def test_a_fee_that_comes_later_is_unknown_not_free(source):
    spec = catalog.get(source)
    payments = [m for m in spec.canonical if m.table == "payments"]
    assert payments
    assert all("fee_amount" not in m.columns for m in payments)
    assert "fee_rate" in spec.cannot
