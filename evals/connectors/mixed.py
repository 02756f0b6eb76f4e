"""Rows that twelve vendors would send of one business, in their words, so that figures across them can be checked."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from evals.connectors.played import Sent

DAYS = 70
SEED = 20261122
Lists = dict[str, list[Sent]]


def lists(source: str, now: datetime) -> Lists:
    """The lists of one source over the last `DAYS` days before `now`, the same for the same day."""
    return _MADE[source](random.Random(f"{SEED}{source}"), now)


def sources() -> list[str]:
    """The vendors that are played."""
    return list(_MADE)


def _moments(dice: random.Random, now: datetime, count: int) -> list[datetime]:
    """Moments of whole seconds, oldest first, none in the last hour, so that every window of a load holds them."""
    span = DAYS * 86_400
    return sorted(now - timedelta(seconds=3600 + dice.randrange(span)) for _ in range(count))


def _days(now: datetime) -> list[datetime]:
    """The days before today, oldest first."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return [today - timedelta(days=n) for n in range(DAYS, 0, -1)]


def _stripe(dice: random.Random, now: datetime) -> Lists:
    """Minor units; three currencies, of which yen have no minor unit; test charges and refunded ones among them."""
    charges, refunds = [], []
    for n, when in enumerate(_moments(dice, now, 420)):
        currency = dice.choice(["eur", "eur", "usd", "jpy"])
        amount, created = dice.randint(300, 90_000), int(when.timestamp())
        status = dice.choices(["succeeded", "failed", "pending"], [80, 15, 5])[0]
        back = dice.choice([0, 0, 0, 0, amount, amount // 3]) if status == "succeeded" else 0
        charges.append(Sent({
            "id": f"ch_{n:04}", "amount": amount, "currency": currency, "captured": True, "status": status,
            "refunded": back == amount, "amount_refunded": back, "created": created, "livemode": n % 20 != 7,
            "customer": f"cus_{n % 60}", "failure_code": "insufficient_funds" if status == "failed" else None,
            "payment_method_details": {"type": dice.choice(["card", "ideal"]), "card": {"brand": "visa"}},
        }, when))  # fmt: skip
        if back:
            refund = {"id": f"re_{n:04}", "charge": f"ch_{n:04}", "amount": back, "currency": currency,
                      "created": created, "status": "succeeded"}  # fmt: skip
            refunds.append(Sent(refund, when))
    return {"charges": charges, "refunds": refunds, **_stripe_money(charges, now)}


def _stripe_money(charges: list[Sent], now: datetime) -> Lists:
    """What charges cost, which were disputed, and what went to the bank, all in minor units."""
    dice, moved, disputes = random.Random(f"{SEED}money"), [], []
    for n, charge in enumerate(c for c in charges if c.row["status"] == "succeeded"):
        row = charge.row
        same = {"currency": row["currency"], "created": row["created"]}
        fee = row["amount"] * 14 // 1000 + 25
        moved.append(Sent({"id": f"txn_{n:04}", "type": "charge", "source": row["id"],
                           "amount": row["amount"], "fee": fee, "net": row["amount"] - fee,
                           "available_on": row["created"], **same}, charge.when))  # fmt: skip
        if n % 29 == 3:
            status = dice.choice(["won", "lost", "lost", "needs_response", "warning_closed"])
            disputes.append(Sent({"id": f"dp_{n:04}", "charge": row["id"], "amount": row["amount"],
                                  "status": status, "reason": dice.choice(["fraudulent", "duplicate"]),
                                  **same}, charge.when))  # fmt: skip
    payouts = [
        Sent({"id": f"po_{n:02}", "amount": 100_000 + n * 1_111, "currency": "eur", "created": int(day.timestamp()),
              "arrival_date": int(day.timestamp()) + 172_800, "status": "paid" if n < 8 else "in_transit"}, day)
        for n, day in enumerate(_days(now)[::7])
    ]  # fmt: skip
    return {"balance_transactions": moved, "disputes": disputes, "payouts": payouts}


def _mollie(dice: random.Random, now: datetime) -> Lists:
    """Major units as text, newest first; canceled and expired payments were never decided."""
    payments = []
    for n, when in enumerate(_moments(dice, now, 260)):
        status = dice.choices(["paid", "failed", "canceled", "expired", "open"], [70, 12, 8, 6, 4])[0]
        value = f"{dice.randint(3, 400)}.{dice.randint(0, 99):02}"
        payments.append(Sent({
            "id": f"tr_{n:04}", "amount": {"value": value, "currency": "EUR"}, "status": status,
            "mode": "live", "createdAt": when.isoformat(), "customerId": f"cst_{n % 40}",
            "method": dice.choice(["ideal", "creditcard"]),
            "amountRefunded": {"value": value if status == "paid" and n % 11 == 0 else "0.00", "currency": "EUR"},
        }, when))  # fmt: skip
    refunds = [
        Sent({"id": f"r{p.row['id']}", "paymentId": p.row["id"], "amount": p.row["amountRefunded"],
              "status": "refunded", "createdAt": p.row["createdAt"]}, p.when)
        for p in payments if p.row["amountRefunded"]["value"] != "0.00"
    ]  # fmt: skip
    back = [
        Sent({"id": f"chb_{n}", "paymentId": p.row["id"], "amount": p.row["amount"], "createdAt": p.row["createdAt"],
              "reversedAt": p.row["createdAt"] if n % 3 == 0 else None}, p.when)
        for n, p in enumerate([p for p in payments if p.row["status"] == "paid"][5::30])
    ]  # fmt: skip
    return {"payments": payments[::-1], "refunds": refunds[::-1], "chargebacks": back[::-1]}


def _paystack(dice: random.Random, now: datetime) -> Lists:
    """Kobo with fees; an abandoned payment did not fail, a reversed one did succeed."""
    found = []
    for n, when in enumerate(_moments(dice, now, 240)):
        status = dice.choices(["success", "failed", "abandoned", "reversed"], [60, 20, 15, 5])[0]
        amount = dice.randint(50_000, 9_000_000)
        found.append(Sent({
            "id": 10_000 + n, "reference": f"ref{n}", "amount": amount, "currency": "NGN", "status": status,
            "fees": amount * 15 // 1000 if status in ("success", "reversed") else None, "domain": "live",
            "createdAt": _iso(when), "channel": dice.choice(["card", "ussd", "mobile_money"]),
            "customer": {"customer_code": f"CUS_{n % 30}"},
        }, when))  # fmt: skip
    return {"transactions": found, "balance": [Sent({"currency": "NGN", "balance": 4_200_000}, now)]}


def _facebook(dice: random.Random, now: datetime) -> Lists:
    """Two ads a day with what they brought; a post's likes are a total to date."""
    rows = []
    for day in _days(now):
        for ad in (1, 2):
            spend, value = f"{dice.randint(20, 90)}.{dice.randint(0, 99):02}", f"{dice.randint(0, 400)}.5"
            rows.append(Sent({
                "date_start": f"{day:%Y-%m-%d}", "account_id": "9", "campaign_id": f"c{ad}", "adset_id": f"s{ad}",
                "ad_id": f"fb{ad}", "account_currency": "EUR", "spend": spend, "clicks": str(dice.randint(5, 60)),
                "impressions": str(dice.randint(900, 4000)),
                "actions": [{"action_type": "link_click", "value": "9"}, {"action_type": "purchase", "value": str(ad)}],
                "action_values": [{"action_type": "purchase", "value": value}],
            }, day))  # fmt: skip
    campaigns = [Sent({"id": f"c{n}", "name": f"Autumn {n}", "status": "ACTIVE"}, now) for n in (1, 2)]
    return {"ads_insights": rows, "campaigns": campaigns}


def _snapchat(dice: random.Random, now: datetime) -> Lists:
    """Micro units, a currency that only the account names."""
    days = [
        Sent({"campaign_id": "sc1", "start_time": _iso(day), "stats": {
            "spend": dice.randint(5, 60) * 1_000_000 + dice.randint(0, 99) * 10_000,
            "impressions": dice.randint(500, 900), "swipes": dice.randint(1, 30),
            "conversion_purchases": dice.randint(0, 4),
            "conversion_purchases_value": dice.randint(0, 150) * 1_000_000}}, day)
        for day in _days(now)
    ]  # fmt: skip
    account = Sent({"id": "1234567890", "currency": "EUR"}, now)
    campaigns = [Sent({"id": "sc1", "name": "Snap 1", "ad_account_id": "1234567890", "status": "ACTIVE"}, now)]
    return {"campaigns": campaigns, "stats": days, "ad_account": [account]}


def _tiktok(dice: random.Random, now: datetime) -> Lists:
    """Spend without any conversion value: what it returned is not known, which is not nothing."""
    rows = [
        Sent({"dimensions": {"ad_id": "tt1", "stat_time_day": f"{day:%Y-%m-%d} 00:00:00"}, "metrics": {
            "spend": f"{dice.randint(5, 40)}.50", "impressions": str(dice.randint(100, 2000)), "currency": "EUR",
            "clicks": str(dice.randint(1, 50)), "conversion": "2", "campaign_id": "t1", "adgroup_id": "g1"}}, day)
        for day in _days(now)
    ]  # fmt: skip
    return {"report_daily": rows, "campaigns": [Sent({"campaign_id": "t1", "campaign_name": "Tok 1"}, now)]}


def _instagram(dice: random.Random, now: datetime) -> Lists:
    """Likes to date, no impressions; followers of today."""
    media = [
        Sent({"id": f"ig{n}", "like_count": dice.randint(5, 400), "comments_count": dice.randint(0, 30),
              "timestamp": f"{when:%Y-%m-%dT%H:%M:%S+0000}", "media_type": dice.choice(["IMAGE", "VIDEO"])}, when)
        for n, when in enumerate(_moments(dice, now, 24))
    ]  # fmt: skip
    return {"media": media[::-1], "user": [Sent({"id": "1234567890", "followers_count": 5_200}, now)]}


def _x_twitter(dice: random.Random, now: datetime) -> Lists:
    """All counters with impressions; followers of today."""
    tweets = [
        Sent({"id": str(70 + n), "text": f"news {n}", "created_at": _iso(when), "public_metrics": {
            "impression_count": dice.randint(500, 9000), "like_count": dice.randint(0, 200),
            "reply_count": dice.randint(0, 20), "retweet_count": dice.randint(0, 30), "quote_count": dice.randint(0, 5),
            "bookmark_count": dice.randint(0, 9)}}, when)
        for n, when in enumerate(_moments(dice, now, 30))
    ]  # fmt: skip
    user = {"id": "1234567890", "public_metrics": {"followers_count": 1_830}}
    return {"user_tweets": tweets, "user": [Sent(user, now)]}


def _youtube(dice: random.Random, now: datetime) -> Lists:
    """Views a day, no impressions and no followers."""
    rows = [
        Sent({"day": f"{day:%Y-%m-%d}", "video": f"yt{n}", "views": dice.randint(50, 900), "likes": dice.randint(0, 60),
              "comments": dice.randint(0, 9), "shares": dice.randint(0, 9), "estimatedMinutesWatched": 40,
              "subscribersGained": 1}, day)
        for day in _days(now) for n in (1, 2)
    ]  # fmt: skip
    return {"reports": rows}


def _woocommerce(dice: random.Random, now: datetime) -> Lists:
    """Orders in euro; canceled ones count nowhere."""
    orders = []
    for n, when in enumerate(_moments(dice, now, 180)):
        status = dice.choices(["completed", "processing", "cancelled"], [80, 10, 10])[0]
        total, at = f"{dice.randint(8, 300)}.{dice.randint(0, 99):02}", f"{when:%Y-%m-%dT%H:%M:%S}"
        orders.append(Sent({
            "id": n + 1, "currency": "EUR", "status": status, "total": total, "customer_id": n % 50,
            "date_created_gmt": at,
            "date_modified_gmt": at, "billing": {"country": dice.choice(["DE", "FR", "NL"])}, "line_items": [],
        }, when))  # fmt: skip
    return {"orders": orders}


def _google_analytics_4(dice: random.Random, now: datetime) -> Lists:
    """Visits a day by channel and device, with what they bought; a day is eight digits."""
    rows = [
        Sent({"date": f"{day:%Y%m%d}", "sessionDefaultChannelGroup": channel, "sessionSource": source,
              "sessionMedium": medium, "deviceCategory": device, "country": "Germany",
              "sessions": str(sessions := dice.randint(20, 200)), "totalUsers": str(sessions - 5),
              "newUsers": str(sessions // 2), "engagedSessions": str(sessions * 2 // 3),
              "screenPageViews": str(sessions * 3), "conversions": str(dice.randint(0, 9)),
              "purchaseRevenue": f"{dice.randint(0, 400)}.5"}, day)
        for day in _days(now)
        for channel, source, medium in (("Organic Search", "google", "organic"), ("Email", "news", "email"))
        for device in ("desktop", "mobile")
    ]  # fmt: skip
    return {"run_report": rows}


def _hubspot(dice: random.Random, now: datetime) -> Lists:
    """Deals of three people in a pipeline of four stages, and contacts; each change is told by updatedAt."""
    stages = [("new", "New", "0.1", "false"), ("offer", "Offer sent", "0.5", "false"), ("won", "Won", "1.0", "true"),
              ("lost", "Lost", "0.0", "true")]  # fmt: skip
    deals, contacts = [], []
    for n, when in enumerate(_moments(dice, now, 90)):
        stage, at = dice.choice(stages)[0], _iso(when)
        closed = stage in ("won", "lost")
        deals.append(Sent({"id": str(500 + n), "createdAt": at, "updatedAt": at, "properties": {
            "pipeline": "default", "dealstage": stage, "amount": str(dice.randint(500, 20_000)), "createdate": at,
            "closedate": at if closed else None, "hubspot_owner_id": str(n % 3 + 1),
            "hs_is_closed_won": str(stage == "won").lower(), "hs_is_closed": str(closed).lower(),
            "deal_currency_code": "EUR"}}, when))  # fmt: skip
        contacts.append(Sent({"id": str(900 + n), "createdAt": at, "updatedAt": at, "properties": {
            "email": f"p{n}@example.org", "createdate": at,
            "lifecyclestage": dice.choice(["lead", "customer"])}}, when))  # fmt: skip
    owners = [
        Sent({"id": str(n + 1), "firstName": name, "lastName": "Berg"}, now)
        for n, name in enumerate(["Ada", "Bo", "Cy"])
    ]
    steps = [{"id": i, "label": label, "displayOrder": n, "metadata": {"probability": chance, "isClosed": closed}}
             for n, (i, label, chance, closed) in enumerate(stages)]  # fmt: skip
    pipeline = Sent({"id": "default", "label": "Sales", "stages": steps}, now)
    account = Sent({"portalId": 1, "companyCurrency": "EUR"}, now)
    return {"deals": deals, "contacts": contacts, "owners": owners, "pipelines": [pipeline], "account": [account]}


def _iso(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_MADE: dict[str, Callable[[random.Random, datetime], Lists]] = {
    "stripe": _stripe, "mollie": _mollie, "paystack": _paystack, "facebook": _facebook, "snapchat_ads": _snapchat,
    "tiktok_business": _tiktok, "instagram": _instagram, "x_twitter": _x_twitter, "youtube_analytics": _youtube,
    "woocommerce": _woocommerce, "google_analytics_4": _google_analytics_4, "hubspot": _hubspot,
}  # fmt: skip
