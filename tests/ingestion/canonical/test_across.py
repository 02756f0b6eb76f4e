"""Figures across providers equal SQL that somebody else wrote over the providers' own rows."""

from __future__ import annotations

import json
import random
from datetime import datetime

import pytest

from agent.view import WorkspaceViews
from ingestion.canonical import rates
from ingestion.connectors import connections, landing, sync
from ingestion.connectors.contract import Contract
from store.errors import InvalidRequest
from store.principal import LOCAL_OWNER
from tools import registry
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.lake import Lake
from warehouse.workspace import named

DICE = random.Random(7)
STRIPE = [
    {"id": f"ch_{n}", "amount": DICE.randint(100, 9999), "currency": DICE.choice(["eur", "jpy"]), "captured": True,
     "status": DICE.choice(["succeeded", "succeeded", "succeeded", "failed", "pending"]), "refunded": False,
     "amount_refunded": 0, "created": 1_788_000_000 + n, "livemode": True}
    for n in range(120)
]  # fmt: skip
MOLLIE = [
    {"id": f"tr_{n}", "amount": {"value": f"{DICE.randint(1, 99)}.{DICE.randint(0, 99):02}", "currency": "EUR"},
     "status": DICE.choice(["paid", "paid", "failed", "open", "canceled"]), "mode": "live",
     "createdAt": "2026-09-01T10:00:00+00:00"}
    for n in range(90)
]  # fmt: skip
KLARNA = [
    {"type": "SALE", "capture_id": f"k{n}", "amount": 5000, "currency_code": "EUR",
     "sale_date": "2026-09-01T10:00:00Z", "order_id": f"o{n}"}
    for n in range(10)
]  # fmt: skip
TIKTOK = [
    {"dimensions": {"stat_time_day": "2026-09-01 00:00:00", "ad_id": str(n)},
     "metrics": {"spend": "10.50", "impressions": "100", "clicks": "3", "conversion": "1", "currency": "EUR"}}
    for n in range(4)
]  # fmt: skip
PINTEREST = [{"AD_ACCOUNT_ID": "1", "DATE": "2026-09-01", "SPEND_IN_MICRO_DOLLAR": 2_000_000,
              "TOTAL_WEB_CHECKOUT_VALUE_IN_MICRO_DOLLAR": 9_000_000}]  # fmt: skip
INSTAGRAM = {
    "media": [{"id": "m1", "like_count": likes, "comments_count": 1, "timestamp": "2026-08-01T00:00:00+0000",
               "_taken": day} for day, likes in (("2026-09-01", 10), ("2026-09-02", 25), ("2026-09-03", 24))],
    "user": [{"id": "u", "followers_count": 200, "_taken": "2026-09-03"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("across")
    workspace = named("shop", home)
    put(workspace, "stripe", {"api_key": "rk_live_12345678"}, {"charges": STRIPE})
    put(workspace, "mollie", {"api_key": "live_1"}, {"payments": MOLLIE})
    put(workspace, "klarna", {"username": "u", "password": "p"}, {"transactions": KLARNA})
    put(workspace, "tiktok_business", {"access_token": "t", "advertiser_id": "1"}, {"report_daily": TIKTOK})
    three = {"client_id": "a", "client_secret": "b", "refresh_token": "c"}
    named_by = {"ad_account_analytics": PINTEREST, "ad_account": [{"id": "1", "currency": "USD"}]}
    put(workspace, "pinterest", three, named_by)
    put(workspace, "instagram", {"access_token": "t", "ig_user_id": "1"}, INSTAGRAM)
    sync.publish(workspace)
    return home


def put(workspace, source, given, rows):
    made = connections.make(workspace, source, given)
    connections.save(workspace, made)
    with Lake.create(workspace.lake).writer() as writer:
        landing.prepare(writer, made.schema, rows)
        for name, found in rows.items():
            place = (made.id, made.schema, made.manifest.resource(name))
            landing.commit(writer, place, found, None, "test", Contract({}))


@pytest.fixture(scope="module")
def ask(home):
    engine = DuckDBEngine(workers=1)

    def figure(metric, *by, **more):
        view = WorkspaceViews(home).get("shop")
        context = registry.ToolContext(
            workspace=view.workspace, principal=LOCAL_OWNER, model=view.model, profile=view.profile, engine=engine,
            snapshot=view.snapshot, as_of=datetime(2026, 11, 21),
        )  # fmt: skip
        query = {"metrics": [{"metric": metric}], "dimensions": [{"field": f} for f in by], **more}
        found = registry.get("query_metrics").run(context, {"query": query})
        asked[:] = [found]
        rows = found.main().rows
        return {row[0] if len(row) > 1 else None: row[-1] for row in rows}

    asked = []
    figure.asked = asked
    yield figure
    engine.close()


def share(rows, good, bad, status):
    won, lost = (sum(status(r) in words for r in rows) for words in (good, bad))
    return won / (won + lost)


PROVIDER = "connected_sources.provider"


def test_success_rate_by_provider_and_none_where_attempts_are_unknown(ask):
    found = ask("payment_success_rate", PROVIDER)
    assert found["Stripe"] == pytest.approx(share(STRIPE, {"succeeded"}, {"failed"}, lambda r: r["status"]))
    assert found["Mollie"] == pytest.approx(share(MOLLIE, {"paid"}, {"failed"}, lambda r: r["status"]))
    assert found.get("Klarna") is None


def test_currencies_are_never_added_up_and_split_they_are_exact(ask):
    apart = ask("payment_volume")
    assert set(apart) == {"EUR", "JPY"}, "one row per currency, nothing over all of them"
    with pytest.raises(InvalidRequest, match="several currencies"):
        ask("payment_volume", PROVIDER, top={"n": 1, "by": "payment_volume"})
    found = ask("payment_volume", "payments.currency")
    yen = sum(r["amount"] for r in STRIPE if r["status"] == "succeeded" and r["currency"] == "jpy")
    euro = sum(r["amount"] for r in STRIPE if r["status"] == "succeeded" and r["currency"] == "eur")
    euro += sum(round(float(r["amount"]["value"]) * 100) for r in MOLLIE if r["status"] == "paid") + 10 * 5000
    assert float(found["JPY"]) == yen
    assert float(found["EUR"]) == pytest.approx(euro / 100)


def test_no_fact_compares_two_currencies(ask):
    ask("payment_volume", "payments.currency")
    kinds = {f.kind for f in ask.asked[0].facts}
    assert kinds == {"in_currency"}
    ask("payment_volume", PROVIDER)
    best = {
        ask.asked[0].main().rows[ask.asked[0].main().row_keys.index(f.values["value"].row)][1]: f.kind
        for f in ask.asked[0].facts
    }
    assert best == {"EUR": "top_in_currency", "JPY": "in_currency"}
    assert "currencies_apart" in {w.code for w in ask.asked[0].warnings}


def test_a_ratio_of_one_currency_each_is_told_by_currency(ask):
    found = ask("roas", PROVIDER)
    assert float(found["Pinterest"]) == pytest.approx(4.5)


def test_totals_to_date_are_differenced_and_corrections_stay(ask):
    """Likes 10, 25, 24 and a comment: 24 likes and 1 comment in all, over 200 followers."""
    assert float(ask("engagements")[None]) == 25
    assert float(ask("engagement_per_follower", PROVIDER)["Instagram"]) == pytest.approx(25 / 200)


def test_stated_rates_make_one_currency_of_all(home, ask, tmp_path):
    file = tmp_path / "rates.csv"
    file.write_text("day,base,quote,rate\n2026-08-28,EUR,JPY,160\n2026-08-28,EUR,USD,1.25\n2026-08-31,EUR,JPY,160\n")
    workspace = named("shop", home)
    rates.choose_currency(workspace, "EUR")
    with Lake.open(workspace.lake).writer() as writer:
        rates.store(writer, rates.read_file(file), "test")
    sync.publish(workspace)
    yen = sum(r["amount"] for r in STRIPE if r["status"] == "succeeded" and r["currency"] == "jpy")
    euro = sum(r["amount"] for r in STRIPE if r["status"] == "succeeded" and r["currency"] == "eur") / 100
    assert float(ask("payment_volume", PROVIDER)["Stripe"]) == pytest.approx(euro + yen / 160, abs=0.01)
    assert float(ask("ad_spend")[None]) == pytest.approx(4 * 10.5 + 2 / 1.25)
    roas = ask("roas", PROVIDER)
    assert float(roas["Pinterest"]) == pytest.approx(4.5)
    assert roas.get("TikTok") is None, "no conversion value is no value, not 0"


def test_rows_name_where_they_come_from(home):
    with Lake.open(named("shop", home).lake).writer() as writer:
        (ref,) = writer.execute("SELECT raw_ref FROM payments WHERE payment_id = 'ch_3'").fetchone()
    assert ref == f"charges:{json.dumps(['ch_3'])}"
