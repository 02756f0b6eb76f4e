"""Files wherever they lie: each version loaded once, half-written ones waited for, errors and removals told."""

from __future__ import annotations

import io
import os
import time
import zipfile
from datetime import UTC, datetime

import pytest

from api import sources
from evals.fakes.stores import Bucket
from ingestion.connectors import connections, health
from ingestion.feeds import folder as folders
from ingestion.feeds.bucket import Signer
from store.errors import InvalidRequest, SourceProblem


def put(path, text: str, *, age: float = 60) -> None:
    path.write_text(text)
    then = time.time() - age
    os.utime(path, (then, then))


@pytest.fixture
def drop(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "_mark", settled_by_mtime)
    found = tmp_path / "drop"
    (found / "eu").mkdir(parents=True)
    put(found / "orders.csv", "id,amount\n1,10\n2,20\n")
    put(found / "eu" / "orders.csv", "id,amount\n9,90\n")
    return found


def settled_by_mtime(path):
    """As the real one, without the time of change, which a test cannot set."""
    info = path.stat()
    whole = info.st_size > 0 and time.time() - info.st_mtime >= folders.SETTLED_SECONDS
    return f"{info.st_size}:{info.st_mtime_ns}", whole


@pytest.mark.slow
def test_a_watched_folder_loads_each_version_once(drop, connect, load, rows, place):
    made = connect("folder", {"folder": str(drop)}, trusted=True)
    assert made.options["every"] == 1
    assert sorted(t.rows for t in load(made).tables) == [1, 2]
    assert not folders.pending(place, made) and load(made).tables == []
    put(drop / "orders.csv", "id,amount\n1,10\n2,20\n3,30\n", age=30)
    assert folders.pending(place, made)
    assert [t.rows for t in load(made).tables] == [3]
    assert sorted(rows("SELECT sum(amount) FROM orders UNION ALL SELECT sum(amount) FROM orders_2")) == [(60,), (90,)]


@pytest.mark.slow
def test_a_file_that_is_still_written_waits(drop, connect, load, place):
    made = connect("folder", {"folder": str(drop)}, trusted=True)
    load(made)
    put(drop / "new.csv", "id\n1\n", age=0)
    put(drop / "big.csv.part", "id\n1\n")
    put(drop / "~$book.xlsx", "x")
    put(drop / "nothing.csv", "")
    assert not folders.pending(place, made) and load(made).tables == []
    put(drop / "new.csv", "id\n1\n2\n", age=30)
    assert [t.rows for t in load(made).tables] == [2]


@pytest.mark.slow
def test_a_bad_file_stays_told_until_it_is_mended_and_a_removed_one_is_explained(drop, connect, load, rows, place):
    put(drop / "bad.json", '{"a": [1, 2')
    made = connect("folder", {"folder": str(drop)}, trusted=True)
    assert [p.file for p in load(made).problems] == ["bad.json"]
    assert [p.file for p in load(made).problems] == ["bad.json"], "it is still wrong, and still told"
    found = health.of(place, made)
    assert found.state == "failing" and found.detail.startswith("bad.json could not be read:")
    put(drop / "bad.json", '[{"a": 1}]', age=30)
    (drop / "orders.csv").unlink()
    assert folders.pending(place, made)
    assert load(made).problems == []
    found = health.of(place, made)
    assert found.state == "attention" and "“orders.csv”" in found.detail and "stays until" in found.detail
    assert rows("SELECT count(*) FROM orders") == [(2,)]
    put(drop / "orders.csv", "id,amount\n5,5\n", age=20)
    assert [t.rows for t in load(made).tables] == [1] and health.of(place, made).state == "fresh"


@pytest.mark.slow
def test_only_allowed_folders_are_watched_and_no_link_leads_out(drop, connect, load, rows, monkeypatch, tmp_path):
    with pytest.raises(SourceProblem, match="may not be watched"):
        connect("folder", {"folder": str(drop)})
    with pytest.raises(InvalidRequest):
        connect("folder", {"folder": "relative"})
    monkeypatch.setenv("PLAINSAY_WATCH", f"/nowhere:{tmp_path}")
    put(tmp_path / "secret.csv", "id\n1\n")
    (drop / "link.csv").symlink_to(tmp_path / "secret.csv")
    made = connect("folder", {"folder": str(drop)})
    assert len(load(made).tables) == 2
    monkeypatch.setenv("PLAINSAY_WATCH", "/nowhere")
    with pytest.raises(SourceProblem, match="may not be watched"):
        load(made)


def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.csv", text)
    return out.getvalue()


@pytest.mark.slow
def test_web_files_are_loaded_when_they_change_and_keys_stay_hidden(server, connect, load, rows, place):
    server.answers["a/orders.csv"] = lambda r: (200, {}, b"id,amount\n1,10\n2,5\n")
    packed = zipped(users="id\n1\n", pages="id\n2\n")
    server.answers["dump"] = lambda r: (200, {"Content-Type": "application/zip"}, packed)
    server.answers["moved.csv"] = lambda r: (302, {"Location": f"{server.url}a/orders.csv"}, b"")
    address = f"{server.url}a/orders.csv?key=hush {server.url}dump"
    made = connect("web_files", {"addresses": address, "authorization": "Bearer abc"})
    assert {t.name: t.rows for t in load(made).tables} == {"orders": 2, "users": 1, "pages": 1}
    assert load(made).tables == [] and "hush" not in str(sources.describe(place, made))
    assert server.asked[-1].headers["Authorization"] == "Bearer abc"
    server.answers["a/orders.csv"] = lambda r: (200, {}, b"id,amount\n1,10\n2,5\n3,1\n")
    assert [t.rows for t in load(made).tables] == [3] and rows("SELECT sum(amount) FROM orders") == [(16,)]
    server.answers["a/orders.csv"] = lambda r: (404, {}, b"")
    report = load(made)
    assert [p.file for p in report.problems] == ["orders.csv"] and "hush" not in str(report)
    assert rows("SELECT count(*) FROM orders") == [(3,)]
    server.answers["a/orders.csv"] = lambda r: (200, {}, b"id,amount\n1,10\n")
    assert [t.rows for t in load(connect("web_files", {"addresses": f"{server.url}moved.csv"})).tables] == [1]


@pytest.mark.parametrize(
    "address", ["http://example.com/x.csv", "https://127.0.0.1/x.csv", "https://169.254.169.254/latest.csv",
                "file:///etc/passwd", "https://[::1]/x.csv", "ftp://example.com/x.csv"],
)  # fmt: skip
def test_web_files_reach_no_private_place(address, connect):
    with pytest.raises((SourceProblem, InvalidRequest)):
        connect("web_files", {"addresses": address})


def test_a_redirect_into_the_house_is_refused_and_takes_no_key_along(server, connect):
    server.answers["in.csv"] = lambda r: (302, {"Location": "https://127.0.0.1:9/secret.csv"}, b"")
    with pytest.raises(SourceProblem):
        connect("web_files", {"addresses": f"{server.url}in.csv"})
    server.answers["round.csv"] = lambda r: (302, {"Location": "/round.csv"}, b"")
    with pytest.raises(SourceProblem, match="without an end"):
        connect("web_files", {"addresses": f"{server.url}round.csv"})


@pytest.mark.slow
def test_a_bucket_is_listed_to_its_end_and_only_changes_are_fetched(server, connect, load, rows):
    bucket = Bucket({f"exports/day {n}.csv": b"id,v\n1,%d\n" % n for n in range(5)})
    bucket.objects |= {"exports/readme.pdf": b"no data", "other/x.csv": b"id\n1\n", "exports/empty/": b""}
    server.other = bucket.reply
    given = {"bucket": "shop", "prefix": "exports/", "key_id": "KEY", "secret_key": "hush", "url": server.url}
    made = connect("s3", given)
    assert len(load(made).tables) == 5 and rows("SELECT v FROM day_3") == [(3,)]
    bucket.got.clear()
    bucket.objects["exports/day 3.csv"] = b"id,v\n1,30\n2,31\n"
    assert [t.rows for t in load(made).tables] == [2]
    assert bucket.got == ["exports/day 3.csv"]
    with pytest.raises(SourceProblem, match="may not read there"):
        connect("s3", {**given, "key_id": "OTHER"}, name="b")


def test_requests_to_s3_are_signed_as_amazon_documents_it():
    """The example of Amazon's documentation for GET ?lifecycle, whose signature it prints."""
    signer = Signer("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
    moment = datetime(2013, 5, 24, tzinfo=UTC)
    headers = signer.headers("GET", "https://examplebucket.s3.amazonaws.com/?lifecycle=", moment)
    assert headers["Authorization"].endswith("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")


@pytest.mark.slow
def test_forgetting_a_folder_with_its_rows_lets_it_be_loaded_again(drop, connect, load, place):
    made = connect("folder", {"folder": str(drop)}, trusted=True)
    load(made)
    sources.remove(place, made.id, rows=True)
    assert connections.all_of(place) == []
    again = connect("folder", {"folder": str(drop)}, trusted=True)
    assert len(load(again).tables) == 2
