"""Whatever the source does, nothing is lost and nothing is doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from evals.connectors.corner import sales, shop
from evals.fakes.replay import Book
from ingestion.connectors import connections, guarded, health, sync

TOTAL = "SELECT count(*), count(DISTINCT payment_id), sum(amount) FROM payments"
EUR = "SELECT sum(amount) FROM payments WHERE currency = 'EUR'"


def exact(count):
    """Euro amounts are cents, yen are whole."""
    eur = sum(100 + n for n in range(count) if n % 2) / 100
    return (count, count, eur + sum(100 + n for n in range(count) if not n % 2))


def total(rows):
    found = rows(TOTAL)[0]
    return found[0], found[1], float(found[2])


FAULTS = {
    "duplicate page": {3: "duplicate", 5: "duplicate"},
    "all": {1: "429", 2: "500", 4: "cut", 6: "duplicate", 8: "502"},
}


@pytest.mark.parametrize(
    ("style", "fault"), [("last_id", "duplicate page"), *((s, "all") for s in ("page", "offset", "cursor"))]
)
def test_faults_of_the_server_lose_and_double_nothing(style, fault, server, connect, workspace, rows):
    paging = {
        "last_id": shop()["resources"][0]["paging"],
        "page": {"kind": "page", "param": "page", "total_pages": "total_pages", "size": 100},
        "offset": {"kind": "offset", "param": "offset", "total": "total", "size": 100},
        "cursor": {"kind": "cursor", "param": "cursor", "path": "cursor"},
    }
    server.books["sales"] = Book(sales(450), style)
    server.faults = dict(FAULTS[fault])
    connection = connect(shop(paging=paging[style]))
    report = sync.sync(workspace, connection)
    assert report.ok, report.to_dict()
    assert total(rows) == exact(450)


def test_a_second_load_changes_nothing_and_a_late_update_one_row(server, connect, workspace, rows):
    server.books["sales"] = Book(sales(120))
    connection = connect(shop())
    sync.sync(workspace, connection)
    assert sync.sync(workspace, connection).resources[0].changed == 0
    late = server.books["sales"].rows[7]
    server.books["sales"].rows[7] = late | {"status": "failed", "updated_at": "2026-03-05T00:00:00Z"}
    assert sync.sync(workspace, connection).resources[0].changed == 1
    assert rows("SELECT status FROM payments WHERE payment_id = 's00007'") == [("failed",)]
    server.books["sales"].rows[7] = late  # an old answer comes late
    assert sync.sync(workspace, connection).resources[0].changed == 0
    assert rows("SELECT status FROM payments WHERE payment_id = 's00007'") == [("failed",)]
    assert total(rows) == exact(120)


def test_a_change_of_type_is_exact_or_loud(server, connect, workspace, rows):
    book = Book(sales(4))
    for row, amount in zip(book.rows, (100, 100.5, "100.50", "12x"), strict=True):
        row |= {"amount": amount, "currency": "EUR"}
    server.books["sales"] = book
    connection = connect(shop())
    report = sync.sync(workspace, connection)
    assert not report.ok
    assert "12x" in report.resources[0].reasons[0]
    assert health.of(workspace, connection).state == "attention"
    assert [float(r[0]) for r in rows("SELECT amount FROM payments ORDER BY payment_id")] == [1.0, 1.005, 1.005]
    assert rows("SELECT count(*) FROM connector_state.rejected") == [(1,)]
    book.rows[3]["amount"] = 7
    assert sync.sync(workspace, connection).ok
    assert rows("SELECT count(*), count(amount) FROM payments") == [(4, 4)]
    assert health.of(workspace, connection).state == "fresh"


def test_clocks_that_disagree_lose_nothing(server, connect, workspace, rows):
    """The source's clock is a day behind ours: its own present is what the watermark may not pass."""
    server.clock = -86_400
    server.books["sales"] = Book(sales(10, updated_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())))
    incremental = {"mode": "server", "field": "updated_at", "start": "since", "lookback_days": 0}
    connection = connect(shop(incremental=incremental))
    sync.sync(workspace, connection)
    sync.sync(workspace, connection)
    asked = server.asked[-1].query["since"]
    assert asked <= time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 86_000))


def test_the_same_page_for_ever_is_noticed(server, connect, workspace):
    server.answers["sales"] = lambda _r: (200, {}, b'{"data": [{"id": "a"}], "has_more": true}')
    report = sync.sync(workspace, connect(shop()))
    assert "same page" in (report.resources[0].error or "")


def test_a_link_to_a_foreign_host_is_refused(server, connect, workspace):
    body = b'{"data": [{"id": "a"}], "next": "https://evil.example/steal"}'
    server.answers["sales"] = lambda _r: (200, {}, body)
    hosts = ("api.corner.example",)
    with pytest.raises(Exception, match="evil"):
        guarded.same_place("https://api.corner.example/v1", "https://evil.example/steal", hosts)
    paging = {"kind": "next_link", "path": "next"}
    report = sync.sync(workspace, connect(shop(paging=paging)))
    assert {r.path for r in server.asked} <= {"/sales", "/steal"}  # the override keeps every link at home
    assert report.resources[0].error is not None


def test_windows_are_halved_until_they_fit(server, connect, workspace, rows):
    found = sales(300)

    def answer(request):
        start, end = request.query["from"], request.query["to"]
        inside = [r for r in found if start <= r["updated_at"] < end]
        if len(inside) > 60:
            return 400, {}, b'{"name": "RESULTSET_TOO_LARGE"}'
        import json

        return 200, {}, json.dumps({"data": inside}).encode()

    server.answers["sales"] = answer
    incremental = {"mode": "window", "field": "updated_at", "start": "from", "end": "to", "step_days": 3000,
                   "halve_on": ["RESULTSET_TOO_LARGE"]}  # fmt: skip
    report = sync.sync(workspace, connect(shop(incremental=incremental, paging={"kind": "none"})))
    assert report.ok, report.to_dict()
    assert total(rows) == exact(300)


def test_two_connections_of_one_source_stay_apart(server, connect, workspace, rows):
    server.books["sales"] = Book(sales(20))
    first = connect(shop())
    second = connections.make(workspace, "corner", {}, base_url=server.url)
    connections.save(workspace, second)
    sync.sync(workspace, first)
    sync.sync(workspace, second)
    assert rows("SELECT connection_id, count(*) FROM payments GROUP BY ALL ORDER BY ALL") == [
        ("corner", 20), ("corner_2", 20)
    ]  # fmt: skip


CHILD = """
import sys
from warehouse.workspace import named
from ingestion.connectors import connections, sync
sync.FLUSH_ROWS = 200
workspace = named("shop")
sync.sync(workspace, connections.get(workspace, "corner"))
"""


def test_a_kill_in_mid_load_loses_and_doubles_nothing(server, connect, workspace, rows):
    server.books["sales"] = Book(sales(3000), "last_id", 100)
    connect(shop())
    for kill in range(3):
        child = subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wanted = len(server.asked) + 7 + 3 * kill
        deadline = time.monotonic() + 20
        while len(server.asked) < wanted and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    before = len(server.asked)
    report = sync.sync(workspace, connections.get(workspace, "corner"))
    assert report.ok
    assert total(rows) == exact(3000)
    assert len(server.asked) - before < 30, "it went on where it was cut off"
