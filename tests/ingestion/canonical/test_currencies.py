"""A currency is what a record, an account or a person says, never a guess; without one no sum holds the amount."""

from __future__ import annotations

import json
import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.view import WorkspaceViews
from ingestion.canonical import checks, rates
from ingestion.canonical.compiling import compiled
from ingestion.canonical.currencies import EXPONENTS, exponent
from ingestion.connectors import catalog, connections, landing, sync
from ingestion.connectors.contract import Contract
from store.errors import InvalidRequest, SourceProblem
from store.principal import LOCAL_OWNER
from tools import registry
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.lake import Lake
from warehouse.workspace import named

MANIFESTS = Path(catalog.__file__).with_name("manifests")
FACT = {"mpesa_daraja": "'KES'"}
"""Sources that pay in one currency by what they are: Daraja is the interface of M-Pesa in Kenya."""


@pytest.mark.parametrize("source", catalog.names())
def test_no_mapping_makes_a_currency_up(source):
    for mapping in catalog.get(source).canonical:
        text = mapping.columns.get("currency", "")
        made_up = set(re.findall(r"'[A-Z]{3}'", text))
        assert made_up <= {FACT.get(source)}, f"{mapping.table}: {text}"


def test_no_setting_of_a_currency_has_a_default():
    found = [(m.source, s.name) for m in catalog.everything() for s in m.settings if "currency" in s.name and s.default]
    assert found == [("dlocal", "quote_currency")], "that one chooses which exchange rate is read"


@pytest.mark.parametrize("source", [m.source for m in catalog.everything() if m.currency])
def test_what_nobody_names_is_unknown_and_minor_units_of_it_are_no_amount(source, engine):
    """No currency in the record, none of the account: NULL, and in minor units no amount either."""
    spec = catalog.get(source)
    used = [m for m in spec.canonical if "@currency" in m.columns.get("currency", "")]
    assert used, "a currency that nothing reads"
    for mapping in used:
        money = next(n for n in ("amount", "net", "spend", "total", "price", "available") if n in mapping.columns)
        engine.execute("CREATE OR REPLACE TABLE raw (_key VARCHAR, _row VARCHAR, _version TIMESTAMPTZ)")
        row = json.dumps(_filled(mapping.columns[money]))
        engine.execute("INSERT INTO raw VALUES ('k', ?, NULL)", [row])
        for known in (None, "KWD"):
            select = compiled(spec, mapping.model_copy(update={"where": None}), known).select
            amount, currency = engine.execute(f"SELECT {money}, currency FROM ({select})").fetchone()
            assert (currency or None) == known
            if spec.money.unit == "minor":
                assert amount == (None if known is None else Decimal("1.234"))
            elif spec.money.unit == "major":
                assert amount in (1234, 1234 - 1234), "credit less debit, or the amount"


def _filled(text):
    """A row that holds 1234 wherever an expression reads money."""
    row = {}
    for place in re.findall(r"([\w.^]+)(?:\[0\])?(?:\.price)? \| money", text):
        at = row
        *parents, last = place.lstrip("^").split(".")
        for name in parents:
            at = at.setdefault(name, {})
        at[last] = 1234
        row |= {"variants": [{"price": 1234}]} if "variants" in text else {}
    return row


@pytest.fixture(scope="module")
def engine():
    import duckdb

    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        opened.execute("CREATE MACRO hashed(x) AS sha256(x)")
        yield opened


@settings(max_examples=25, deadline=None)
@given(
    amounts=st.lists(
        st.tuples(st.integers(-(10**11), 10**11), st.sampled_from(["EUR", "USD", *EXPONENTS, None])), max_size=12
    ),
    known=st.sampled_from([None, "EUR", "JPY", "KWD", "CLF"]),
)
def test_sums_by_currency_are_exact_whatever_is_mixed(engine, amounts, known):
    """Settlements of Paystack in random currencies, some without: each sum is that of its own minor units."""
    spec = catalog.get("paystack")
    mapping = next(m for m in spec.canonical if m.resource == "settlements")
    engine.execute("CREATE OR REPLACE TABLE raw (_key VARCHAR, _row VARCHAR, _version TIMESTAMPTZ)")
    wanted = {}
    for n, (amount, code) in enumerate(amounts):
        row = {"id": n, "effective_amount": amount, "currency": code and code.lower(), "createdAt": "2026-01-01"}
        engine.execute("INSERT INTO raw VALUES (?, ?, NULL)", [str(n), json.dumps(row)])
        real = code or known
        if real:
            wanted[real] = wanted.get(real, 0) + Decimal(amount).scaleb(-exponent(real))
    found = engine.execute(
        f"SELECT currency, sum(net) FROM ({compiled(spec, mapping, known).select}) WHERE currency <> '' GROUP BY ALL"
    ).fetchall()
    assert dict(found) == wanted


def put(workspace, source, given_settings, rows):
    made = connections.make(workspace, source, given_settings)
    connections.save(workspace, made)
    with Lake.create(workspace.lake).writer() as writer:
        landing.prepare(writer, made.schema, rows)
        for name, found in rows.items():
            place = (made.id, made.schema, made.manifest.resource(name))
            landing.commit(writer, place, found, None, "test", Contract({}))
    return made


def spent(n, **metrics):
    return {"dimensions": {"stat_time_day": "2026-09-01 00:00:00", "ad_id": str(n)},
            "metrics": {"spend": "10.00", "impressions": "100", "clicks": "3", **metrics}}  # fmt: skip


def sums(found):
    return {row[0]: float(row[1]) for row in found.main().rows}


TIKTOK = {"access_token": "t", "advertiser_id": "1"}


@pytest.fixture
def place(tmp_path):
    return named("ads", tmp_path)


@pytest.fixture
def told(tmp_path):
    engine = DuckDBEngine(workers=1)

    def ask(metric, *by):
        view = WorkspaceViews(tmp_path).get("ads")
        context = registry.ToolContext(
            workspace=view.workspace, principal=LOCAL_OWNER, model=view.model, profile=view.profile, engine=engine,
            snapshot=view.snapshot, as_of=datetime(2026, 11, 21),
        )  # fmt: skip
        query = {"metrics": [{"metric": metric}], "dimensions": [{"field": f} for f in by]}
        return registry.get("query_metrics").run(context, {"query": query})

    yield ask
    engine.close()


def test_the_account_names_the_currency_else_a_person_else_nobody(place, told):
    put(place, "tiktok_business", TIKTOK, {"report_daily": [spent(1), spent(2), spent(3, currency="EUR")]})
    sync.publish(place)
    found = told("ad_spend")
    assert sums(found) == {"EUR": 10}, "unknown is no sum"
    assert any(w.code == "currency_unknown" and w.message.startswith("2 ") for w in found.warnings)
    with Lake.open(place.lake).writer() as writer:
        (kept,) = writer.execute("SELECT sum(spend) FROM ad_performance_daily WHERE currency IS NULL").fetchone()
        problems = {c["test"]: c["bad"] for c in checks.run(writer) if c["table"] == "ad_performance_daily"}
    assert kept == 20, "the amounts are kept"
    assert problems["every amount has a known currency"] == 2

    stated = connections.change(place, connections.get(place, "tiktok_business"), {"currency": "usd"})
    assert stated.given["currency"] == "USD"
    sync.publish(place)
    assert sums(told("ad_spend")) == {"EUR": 10, "USD": 20}

    with Lake.open(place.lake).writer() as writer:
        landing.prepare(writer, stated.schema, ["advertisers"])
        resource = stated.manifest.resource("advertisers")
        rows = [{"advertiser_id": "1", "currency": "EUR"}, {"advertiser_id": "2", "currency": "GBP"}]
        landing.commit(writer, (stated.id, stated.schema, resource), rows, None, "test", Contract({}))
    sync.publish(place)
    found = told("ad_spend")
    assert [float(row[-1]) for row in found.main().rows] == [30], "what the account says counts, of the right account"
    assert not [w for w in found.warnings if w.code == "currency_unknown"]


def test_rates_convert_all_that_is_known_and_the_answer_says_so(place, told):
    put(
        place,
        "tiktok_business",
        TIKTOK,
        {"report_daily": [spent(1, currency="USD"), spent(2, currency="EUR"), spent(3)]},
    )
    rates.choose_currency(place, "eur", 31)
    with Lake.create(place.lake).writer() as writer:
        rates.store(writer, rates.stated([{"day": "2026-08-05", "base": "EUR", "quote": "USD", "rate": "1.25"}]), "ECB")
    sync.publish(place)
    found = told("ad_spend")
    assert [float(r[-1]) for r in found.main().rows] == [18.0], "8 from dollars, 10 euro; unknown is left out"
    codes = {w.code: w.message for w in found.warnings}
    assert "EUR" in codes["converted"]
    assert "31 days" in codes["converted"]
    assert codes["currency_unknown"].startswith("1 ")


def test_large_amounts_are_converted_too(place, told):
    rows = [spent(1, currency="USD", spend="209.45"), spent(2, currency="USD", spend="99999999.99")]
    put(place, "tiktok_business", TIKTOK, {"report_daily": rows})
    rates.choose_currency(place, "eur", 31)
    with Lake.create(place.lake).writer() as writer:
        rates.store(writer, rates.stated([{"day": "2026-08-31", "base": "EUR", "quote": "USD", "rate": "1.25"}]), "ECB")
    assert sync.publish(place) is not None
    assert [float(r[-1]) for r in told("ad_spend").main().rows] == [pytest.approx((209.45 + 99999999.99) / 1.25)]


def test_a_ratio_never_has_euro_above_and_another_money_below(place, told):
    """Fees are known of the currency with a rate alone, volume of one without a rate too."""
    paid = {"status": "success", "createdAt": "2026-09-01T10:00:00Z", "domain": "live"}
    rows = [{"id": 1, "amount": 100_000, "currency": "NGN", "fees": 1_500, **paid},
            {"id": 2, "amount": 50_000, "currency": "GHS", "fees": None, **paid}]  # fmt: skip
    put(place, "paystack", {"secret_key": "sk_live_12345678"}, {"transactions": rows})
    rates.choose_currency(place, "EUR", 31)
    with Lake.create(place.lake).writer() as writer:
        rates.store(writer, rates.stated([{"day": "2026-08-31", "base": "EUR", "quote": "NGN", "rate": "1600"}]), "x")
    sync.publish(place)
    found = told("fee_rate", "payments.currency").main()
    assert {row[0]: row[-1] and float(row[-1]) for row in found.rows} == {"NGN": pytest.approx(0.015), "GHS": None}


def test_an_amount_without_a_rate_keeps_all_apart_and_is_named(place, told):
    put(place, "tiktok_business", TIKTOK, {"report_daily": [spent(1, currency="USD"), spent(2, currency="EUR")]})
    rates.choose_currency(place, "EUR")
    with Lake.create(place.lake).writer() as writer:
        rates.store(writer, rates.stated([{"day": "2026-08-05", "base": "EUR", "quote": "USD", "rate": "1.25"}]), "ECB")
    sync.publish(place)
    assert rates.gaps(place)["ad_performance_daily"]["spend"] == {"USD": 1}, "the rate is 27 days old, 7 count"
    found = told("ad_spend")
    assert sums(found) == {"EUR": 10, "USD": 10}
    assert any("no rate into EUR is stated for USD" in w.message for w in found.warnings)


@pytest.mark.parametrize(
    "wrong", [{"day": "soon"}, {"base": "EURO"}, {"rate": "-1"}, {"base": "E1R"}, {"rate": "NaN"}, {"rate": "1e30"}]
)
def test_what_is_no_rate_is_told(wrong):
    with pytest.raises(SourceProblem, match="Rate 1"):
        rates.stated([{"day": "2026-01-01", "base": "EUR", "quote": "USD", "rate": "1", **wrong}])


@pytest.mark.parametrize(("code", "days"), [("EURO", None), ("12A", None), ("EUR", 0), ("EUR", 5000)])
def test_what_is_no_choice_of_a_currency(place, code, days):
    with pytest.raises(InvalidRequest):
        rates.choose_currency(place, code, days)
