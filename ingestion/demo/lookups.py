"""The small tables that decide what the demo's rows can be: plain arithmetic, the same on every machine."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
JOINED_FROM = date(2018, 1, 1)
JOINING_A_DAY = 14
GROWTH_FROM = date(2024, 1, 1)


@dataclass(frozen=True)
class Campaign:
    """A sale: when it runs, what it is about, what it gives and what it brings. Percentages are 0-100."""

    id: int
    name: str
    first_day: date
    days: int
    category: str | None
    discount: int
    taken: int
    lift: int

    @property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=self.days - 1)


def first_day(last_day: date) -> date:
    """Whole years, two and a half to three and a half of them, so that years compare."""
    return date(last_day.year - (2 if last_day.month > 6 else 3), 1, 1)


def days(start: date, end: date) -> Iterator[date]:
    """Every day from `start` through `end`."""
    return (start + timedelta(days=n) for n in range((end - start).days + 1))


def spread(weighted: Iterable[Sequence[Any]], sides: int) -> list[Any]:
    """`sides` labels in proportion to their weights ([label, weight] pairs), so that a roll picks one by its number."""
    pairs = list(weighted)
    total = sum(weight for _, weight in pairs)
    labels: list[Any] = []
    reached = 0
    for label, weight in pairs:
        reached += weight
        labels += [label] * (reached * sides // total - len(labels))
    return labels


def thanksgiving_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def campaigns(book: Row, start: date, end: date) -> list[Campaign]:
    """All sales that begin from `start` through `end`, ids and names by year, earliest first."""
    found: list[Campaign] = []
    for year in range(start.year, end.year + 1):
        for index, (name, when, *rest) in enumerate(book["campaigns"], 1):
            day = thanksgiving_friday(year) if when == "friday" else date.fromisoformat(f"{year}-{when}")
            found.append(Campaign(year * 100 + index, f"{name} {year}", day, *rest))
    for index, (name, day, *rest) in enumerate(book["one_off_campaigns"], 50):
        found.append(Campaign(day.year * 100 + index, f"{name} {day.year}", day, *rest))
    return sorted((c for c in found if start <= c.first_day <= end), key=lambda c: c.first_day)


def orders_on(day: date, book: Row, running: Sequence[Campaign], scale: float) -> int:
    """How many orders a day takes: growth, season, weekday, sales and a little noise of its own."""
    percent: float = 100 + book["growth"] * (day - GROWTH_FROM).days / 365
    percent *= book["seasons"][day.month - 1] / 100
    percent *= book["weekdays"][day.weekday()] / 100
    percent *= (100 + sum(c.lift for c in running if c.first_day <= day <= c.last_day)) / 100
    percent *= (95 + zlib.crc32(day.isoformat().encode()) % 11) / 100
    usual: float = book["orders_a_day"] * scale
    return max(1, round(usual * percent / 100))


def campaign_days(book: Row, running: Sequence[Campaign]) -> list[Row]:
    """One row a day and category with a sale; a sale of the category goes before a general one."""
    chosen: dict[tuple[date, str], Campaign] = {}
    for campaign in sorted(running, key=lambda c: c.category is not None):
        for day in days(campaign.first_day, campaign.last_day):
            for category in [campaign.category] if campaign.category else book["categories"]:
                chosen[day, category] = campaign
    return [
        {"day": day, "category": category, "promotion_id": c.id, "discount_percent": c.discount,
         "taken_percent": c.taken}
        for (day, category), c in chosen.items()
    ]  # fmt: skip


def channel_slots(book: Row, start: date, end: date) -> list[Row]:
    """A thousand slots a month, moving evenly from one known mix to the next and staying at the last."""
    mixes = sorted(book["channel_mix"].items())
    rows: list[Row] = []
    for month in (d for d in days(start, end) if d.day == 1):
        before = max((m for m in mixes if m[0] <= month), default=mixes[0])
        after = min((m for m in mixes if m[0] > month), default=before)
        length = max(1, (after[0] - before[0]).days)
        gone = min(length, max(0, (month - before[0]).days))
        weights = [b * (length - gone) + a * gone for b, a in zip(before[1], after[1], strict=True)]
        labels = spread(zip(book["channels"], weights, strict=True), 1000)
        rows += [{"month": month, "no": no, "channel": label} for no, label in enumerate(labels)]
    return rows


def category_slots(book: Row) -> list[Row]:
    """A thousand slots a month of the year, by the weight of each category and its season."""
    categories = list(book["categories"].values())
    rows: list[Row] = []
    for month in range(1, 13):
        weighted = [(index, c["weight"] * c["season"][month - 1]) for index, c in enumerate(categories)]
        rows += [{"month": month, "no": no, "category_no": c} for no, c in enumerate(spread(weighted, 1000))]
    return rows


def slots(book: Row) -> list[Row]:
    """The plain choices: a kind, a number rolled, and what it means."""
    sizes = {
        "segment": ("segments", 100), "payment": ("payments", 100), "status": ("statuses", 10_000),
        "basket": ("basket", 100), "quantity": ("quantities", 100), "hour": ("hours", 100),
        "reason": ("return_reasons", 100),
    }  # fmt: skip
    book = book | {"devices": book["visits"]["devices"], "referrers": book["visits"]["referrers"]}
    sizes |= {"device": ("devices", 100), "referrer": ("referrers", 100)}
    return [
        {"kind": kind, "no": no, "label": str(label)}
        for kind, (key, sides) in sizes.items()
        for no, label in enumerate(spread(book[key], sides))
    ]


def places(book: Row) -> list[Row]:
    """Where goods are sold: the shops of every region and one online shop a country."""
    shops = [
        {"online": False, "region_no": no, "city": city, "region": region, "country": country,
         "opened_on": book["opened_late"].get(city)}
        for no, (region, country, _, cities) in enumerate(book["regions"])
        for city in cities
    ]  # fmt: skip
    countries = list(dict.fromkeys(country for _, country, _, _ in book["regions"]))
    online = [
        {"online": True, "region_no": no, "city": None, "region": None, "country": country, "opened_on": None}
        for no, country in enumerate(countries)
    ]
    return shops + online


def region_slots(book: Row) -> list[Row]:
    """A hundred slots of regions by the weight of their customers."""
    weighted = [((no, region, country), weight) for no, (region, country, weight, _) in enumerate(book["regions"])]
    return [
        {"no": slot, "region_no": no, "region": region, "country": country}
        for slot, (no, region, country) in enumerate(spread(weighted, 100))
    ]


def all_tables(book: Row, last_day: date, scale: float) -> dict[str, list[Row]]:
    """Every lookup the SQL reads, by table name; each row is a dict."""
    start = first_day(last_day)
    running = campaigns(book, start, last_day)
    joining = max(1, round(JOINING_A_DAY * scale))
    numbered = {
        plain: [{key: no, value: text} for no, text in enumerate(book[plural])]
        for plain, plural, key, value in (
            ("series", "series", "series_no", "series"), ("brand", "brands", "brand_no", "brand"),
            ("first_name", "first_names", "no", "name"), ("last_name", "last_names", "no", "name"),
        )
    }  # fmt: skip
    return numbered | {
        "span": [{
            "last_day": last_day, "joined_from": JOINED_FROM, "joining_a_day": joining,
            "customers": joining * (last_day - JOINED_FROM).days,
            "late_day": book["late_load"]["day"], "late_by": book["late_load"]["days"],
        }],
        "day": [
            {"day": d, "day_no": (d - JOINED_FROM).days, "orders": orders_on(d, book, running, scale)}
            for d in days(start, last_day)
        ],
        "category": [
            {"category_no": no, "category": name, "cheapest": c["price"][0], "dearest": c["price"][1],
             "cost_percent": c["cost"], "returns_percent": c["returns"]}
            for no, (name, c) in enumerate(book["categories"].items())
        ],
        "product_type": [
            {"type_no": no, "type": kind, "category": name}
            for name, c in book["categories"].items() for no, kind in enumerate(c["types"])
        ],
        "campaign": [
            {"promotion_id": c.id, "promotion_name": c.name, "category": c.category, "discount_percent": c.discount,
             "starts_on": c.first_day, "ends_on": c.last_day}
            for c in running
        ],
        "campaign_day": campaign_days(book, running), "channel_slot": channel_slots(book, start, last_day),
        "category_slot": category_slots(book), "slot": slots(book), "place": places(book),
        "region_slot": region_slots(book), "effect": effects(book), "ad_day": ad_days(book, start, last_day),
        "shopping": [{k: v for k, v in book["visits"].items() if isinstance(v, int)} | {
            f"broken_{k}": v for k, v in book["visits"]["broken"].items()
        }],
    }  # fmt: skip


def ad_days(book: Row, start: date, end: date) -> list[Row]:
    """What was spent on advertising a day and channel: more when the orders of some days later run high."""
    plan = book["advertising"]
    rows: list[Row] = []
    for day in days(start, end):
        coming = zlib.crc32((day + timedelta(days=plan["ahead"])).isoformat().encode()) % 11 - 5
        for channel, usual in plan["channels"].items():
            own = zlib.crc32(f"{channel} {day.isoformat()}".encode()) % 21 - 10
            rows.append({"day": day, "ad_channel": channel, "amount": round(usual * (100 + 4 * coming + own) / 100)})
    return rows


def effects(book: Row) -> list[Row]:
    """What went differently once, with every column filled or null."""
    keys = ("region", "category", "channel", "product", "kept", "returns")
    return [
        {"first_day": e["from"], "last_day": e["to"], **{k: e.get(k) for k in keys}, "return_reason": e.get("reason")}
        for e in book["effects"]
    ]
