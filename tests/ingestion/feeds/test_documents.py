"""Document stores over their own wire: paged, flattened, by what is new; cut reads and broken shards lose nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from unittest.mock import Mock

import pytest
from pymongo.uri_parser import parse_uri

from evals.fakes.mongo import Mongo, serving
from evals.fakes.stores import Elastic, Influx
from ingestion.connectors import health
from ingestion.feeds import mongo as store_of_mongo
from store.errors import InvalidRequest, SourceProblem

START = datetime(2026, 3, 1, tzinfo=UTC)


def order(number: int, **more):
    from bson import Decimal128, ObjectId

    return {
        "_id": ObjectId(f"{number:024x}"), "total": Decimal128(f"{number}.50"),
        "placed": START + timedelta(hours=number),
        "buyer": {"name": f"b{number % 7}", "address": {"city": "Bern" if number % 2 else "Rome"}},
        "lines": [{"sku": f"s{n}", "qty": n + 1} for n in range(number % 3)], **more,
    }  # fmt: skip


@pytest.fixture
def mongo():
    found = Mongo({"orders": [order(n) for n in range(1, 251)], "empty": [], "system.views": [{"_id": 1}]})
    with serving(found) as running:
        yield running


@pytest.mark.slow
def test_mongo_comes_flat_and_whole_and_then_only_what_is_new(mongo, connect, load, rows, place):
    made = connect("mongodb", {"address": mongo.url, "cursor": "placed"}, trusted=True)
    report = load(made)
    assert report.problems == [] and rows("SELECT count(*), sum(total) FROM orders") == [(250, Decimal("31500.00"))]
    assert rows("SELECT count(*) FROM orders WHERE buyer_address_city = 'Bern'") == [(125,)]
    assert rows("SELECT count(*), sum(qty) FROM orders_lines") == [
        (250, sum(sum(range(1, n % 3 + 1)) for n in range(1, 251)))
    ]
    assert rows("SELECT max(placed)::VARCHAR LIKE '2026-03-11 10:00:00%' FROM orders") == [(True,)]
    mongo.collections["orders"][0] |= {"total": "7.25", "placed": START + timedelta(days=30)}
    mongo.collections["orders"].append(order(251, placed=START + timedelta(days=31), note="new field"))
    mongo.asked.clear()
    load(made)
    asked = [c for c in mongo.asked if "find" in c and c["find"] == "orders" and c.get("filter")]
    assert len(asked) == 1, "only what is new was asked for"
    assert rows("SELECT count(*), sum(total) FROM orders") == [
        (251, Decimal("31500") - Decimal("1.5") + Decimal("7.25") + Decimal("251.5"))
    ]
    assert rows("SELECT count(note) FROM orders") == [(1,)]
    assert health.of(place, made).state == "fresh"


@pytest.mark.slow
def test_a_whole_read_that_is_cut_keeps_the_table_and_the_next_one_mends_it(mongo, connect, load, rows):
    made = connect("mongodb", {"address": mongo.url}, trusted=True)
    load(made)
    del mongo.collections["orders"][:50]
    mongo.fail_after = 1
    mongo.batch = 40
    report = load(made)
    assert [p.file for p in report.problems] == ["orders"] and "127.0.0.1" not in report.problems[0].reason
    assert rows("SELECT count(*) FROM orders") == [(250,)]
    assert load(made).problems == [] and rows("SELECT count(*) FROM orders") == [(200,)], "deleted documents went"


@pytest.mark.slow
def test_a_first_read_that_is_cut_offers_no_half_of_a_collection(mongo, connect, load, rows):
    made = connect("mongodb", {"address": mongo.url}, trusted=True)
    mongo.fail_after = 0
    assert load(made).tables == []
    assert {t.name for t in load(made).tables} == {"orders", "orders_lines"}


def test_values_that_change_their_type_stay_all_there(mongo, connect, load, rows):
    for number, value in enumerate((1, 2.5, "three", None, [4], {"five": 5})):
        mongo.collections["orders"][number]["odd"] = value
    load(connect("mongodb", {"address": mongo.url}, trusted=True))
    found = {row[0] for row in rows("SELECT odd FROM orders WHERE odd IS NOT NULL")}
    assert found == {"1", "2.5", "three", "[4]"} and rows("SELECT sum(odd_five) FROM orders") == [(5,)]


def test_mongo_goes_to_the_address_that_was_checked(mongo, connect, load, rows, monkeypatch):
    port = int(mongo.url.rpartition(":")[2].partition("/")[0])
    monkeypatch.setenv("PLAINSAY_CONNECTOR_PRIVATE", f"db.example:{port}")
    asked = []

    def once(host, *_, **__):
        asked.append(host)
        assert asked == ["db.example"]  # a second look-up could answer with another address
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr("ingestion.feeds.addresses.socket.getaddrinfo", Mock(side_effect=once))
    address, fence = store_of_mongo._fenced(
        f"mongodb://u:p%40x@db.example:{port}/shop", parse_uri(f"mongodb://u:p%40x@db.example:{port}/shop")
    )
    assert address == f"mongodb://u:p%40x@127.0.0.1:{port}/shop" and fence == {"directConnection": True}


@pytest.mark.parametrize(
    "more", ["tls=true&tlsAllowInvalidCertificates=true", "tlsCAFile=/etc/passwd", "authMechanism=MONGODB-AWS"]
)
def test_mongo_options_that_weaken_the_fence_are_refused(more):
    address = f"mongodb://u:p@1.1.1.1/shop?{more}"
    with pytest.raises(InvalidRequest):
        store_of_mongo._fenced(address, parse_uri(address))


def test_several_mongo_servers_need_tls():
    address = "mongodb://1.1.1.1,8.8.8.8/shop"
    with pytest.raises(InvalidRequest):
        store_of_mongo._fenced(address, parse_uri(address))
    assert store_of_mongo._fenced(f"{address}?tls=true", parse_uri(f"{address}?tls=true")) == (
        f"{address}?tls=true",
        {},
    )


@pytest.mark.parametrize("address", ["mongodb://127.0.0.1/shop", "mongodb+srv://a.example/shop", "mongodb://1.1.1.1"])
def test_mongo_is_reached_only_where_allowed(address, connect):
    with pytest.raises((SourceProblem, InvalidRequest)):
        connect("mongodb", {"address": address})


@pytest.fixture
def elastic(server):
    docs = {
        f"d{n}": {"@at": f"2026-03-{1 + n % 28:02d}T00:00:00Z", "user": {"id": n}, "ms": n / 4} for n in range(2_300)
    }
    found = Elastic({"logs-2026": docs, "small": {"x": {"v": 1}}}, {"logs-2026": {"@at": {"type": "date"}}})
    server.other = found.reply
    return found


@pytest.mark.slow
def test_elastic_is_read_by_scrolling_and_by_what_is_new(elastic, server, connect, load, rows):
    made = connect("elasticsearch", {"url": server.url, "cursor": "@at"})
    assert load(made).problems == []
    assert rows("SELECT count(*), count(DISTINCT id), sum(ms), max(user_id) FROM logs_2026") == [
        (2_300, 2_300, sum(n / 4 for n in range(2_300)), 2_299)
    ]
    elastic.indices["logs-2026"]["new"] = {"@at": "2026-04-01T00:00:00Z", "user": {"id": -1}, "ms": 0}
    elastic.queries.clear()
    load(made)
    assert elastic.queries[0]["query"]["range"]["@at"]["gte"] == "2026-03-27T23:55:00.000Z"
    assert rows("SELECT count(*) FROM logs_2026") == [(2_301,)]


@pytest.mark.slow
def test_half_an_index_is_told_and_never_taken_for_all_of_it(elastic, server, connect, load, rows):
    made = connect("elasticsearch", {"url": server.url, "tables": "logs-2026"})
    elastic.broken = True
    assert [p.reason for p in load(made).problems] == ["A part of the index did not answer."]
    elastic.broken = False
    assert [t.rows for t in load(made).tables] == [2_300]
    with pytest.raises(SourceProblem, match="no “logs”"):
        connect("elasticsearch", {"url": server.url, "tables": "logs"})


@pytest.mark.slow
def test_influx_points_are_known_by_time_and_tags(server, connect, load, rows):
    points = [{"time": f"2026-03-01T00:{n // 60:02d}:{n % 60:02d}Z", "host": h, "load": n / 2} for n in range(300)
              for h in ("a", "b")]  # fmt: skip
    influx = Influx({'c"pu': ["host"]}, {'c"pu': points})
    server.other = influx.reply
    made = connect("influxdb", {"url": server.url, "database": "metrics"})
    load(made)
    (table,) = rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND table_name LIKE 'c%pu'")[0]
    assert rows(f"SELECT count(*), sum(load) FROM {table}") == [(600, 2 * sum(n / 2 for n in range(300)))]
    points[-1]["load"] = 1_000.0
    points.append({"time": "2026-03-01T01:00:00Z", "host": "a", "load": 1.0})
    load(made)
    assert rows(f"SELECT count(*), max(load) FROM {table}") == [(601, 1_000.0)]
    assert "time >= '2026-02-28T23:59:59" in influx.queries[-1]
    with pytest.raises(SourceProblem, match="may not be asked"):
        connect("influxdb", {"url": "https://127.0.0.1:9", "database": "x"})
