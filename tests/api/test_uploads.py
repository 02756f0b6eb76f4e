"""Uploads: on disk before they are acknowledged, never outside their folder, one load at a time per workspace."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from api.spool import safe_name
from ingestion.report import FileProblem, LoadedTable, LoadReport
from store import settings
from store.errors import SourceProblem, Unavailable

LISTS = Path(settings.get("data")) / "corpora"


class Loader:
    """Remembers what it was given; `gate` holds it; `trouble` is raised first."""

    def __init__(self, *trouble: Exception) -> None:
        self.seen: list[dict[str, bytes]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.busy = self.most = 0
        self._trouble = list(trouble)

    def __call__(self, workspace, paths, *, progress):
        self.busy += 1
        self.most = max(self.most, self.busy)
        try:
            progress("Reading", 0.5)
            self.gate.wait(5)
            if self._trouble:
                raise self._trouble.pop(0)
            self.seen.append({path.name: path.read_bytes() for path in paths})
            problems = [FileProblem(file="b.csv", reason="Line 3 has 4 fields.", hint="Fix it.", line=3)]
            return LoadReport(tables=[LoadedTable(name="a", rows=1, columns=2, origin="a.csv")], problems=problems)
        finally:
            self.busy -= 1


async def ended(door, job_id):
    for _ in range(500):
        job = (await door.client.get(f"/v1/jobs/{job_id}")).json()
        if job["state"] in ("done", "failed"):
            return job
        await asyncio.sleep(0.01)
    raise AssertionError(job)


async def send(door, *files, **more):
    return await door.client.post("/v1/uploads?workspace=shop", files=[("files", f) for f in files], **more)


async def test_files_arrive_and_the_report_comes_back(open_door):
    loader = Loader()
    async with open_door(ingest=loader) as door:
        body = bytes(range(256)) * 5000
        sent = await send(door, ("a.csv", body), ("a.csv", b"second"))
        assert sent.status_code == 202
        job = await ended(door, sent.json()["job_id"])
    assert loader.seen == [{"a.csv": body, "a-2.csv": b"second"}]
    assert (job["state"], job["error"], job["progress"]["share"]) == ("done", None, 1.0)
    assert job["result"] == {
        "tables": [{"name": "a", "rows": 1, "columns": 2, "origin": "a.csv", "warnings": []}],
        "problems": [{"file": "b.csv", "reason": "Line 3 has 4 fields.", "hint": "Fix it.", "line": 3}],
    }


async def test_a_failed_load_says_why(open_door):
    async with open_door(ingest=Loader(SourceProblem("No table in it.", hint="Look."))) as door:
        job = await ended(door, (await send(door, ("a.csv", b"x"))).json()["job_id"])
    assert (job["state"], job["error"]["message"], job["error"]["hint"]) == ("failed", "No table in it.", "Look.")


async def test_a_busy_lake_is_waited_for(open_door):
    loader = Loader(*[Unavailable("busy", retry_after=0.01)] * 3)
    async with open_door(ingest=loader) as door:
        assert (await ended(door, (await send(door, ("a.csv", b"x"))).json()["job_id"]))["state"] == "done"


async def test_one_job_per_workspace_at_a_time(open_door):
    loader = Loader()
    loader.gate.clear()
    async with open_door(ingest=loader) as door:
        jobs = [(await send(door, (f"{n}.csv", b"x"))).json()["job_id"] for n in range(3)]
        await asyncio.sleep(0.1)
        states = [(await door.client.get(f"/v1/jobs/{j}")).json()["state"] for j in jobs]
        loader.gate.set()
        assert [(await ended(door, j))["state"] for j in jobs] == ["done"] * 3
    assert states == ["running", "queued", "queued"]
    assert loader.most == 1


async def test_too_large_wrong_and_empty_uploads_leave_nothing(open_door, home, monkeypatch):
    monkeypatch.setenv("PLAINSAY_UPLOAD_BYTES", "1000")
    loader = Loader()
    async with open_door(ingest=loader) as door:
        assert (await send(door, ("a.csv", b"x" * 1001))).status_code == 413
        many = [(f"{n}.csv", b"x") for n in range(51)]
        assert (await send(door, *many)).status_code == 413
        url = "/v1/uploads?workspace=shop"
        assert (await door.client.post(url, json={})).status_code == 415
        assert (await door.client.post(url, data={"a": "b"}, files=[])).status_code == 415
        form = {"content-type": "multipart/form-data; boundary=q"}
        assert (await door.client.post(url, content=b"garbage", headers=form)).status_code == 422
        assert (
            await door.client.post(
                url, content=b'--q\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--q--\r\n', headers=form
            )
        ).status_code == 422
        cut = b'--q\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\nhalf'
        assert (await door.client.post(url, content=cut, headers=form)).status_code == 422
        assert (await door.client.post("/v1/uploads?workspace=none", files={"files": b"x"})).status_code == 404
    assert loader.seen == []
    assert list((home / "workspaces" / "shop" / "spool").iterdir()) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("orders.csv", "orders.csv"),
        ("Umsätze 2026 (final).xlsx", "Umsätze 2026 (final).xlsx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.csv", "a.csv"),
        ("..", "file"),
        ("", "file"),
        (".hidden", "hidden"),
        ("a\x00b\n.csv", "a_b_.csv"),
        ("x" * 300 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_names_are_made_safe_and_stay_recognisable(given, kept):
    assert safe_name(given, set()) == kept


def test_equal_names_do_not_collide():
    taken: set[str] = set()
    assert [safe_name(n, taken) for n in ("a.csv", "A.csv", "x/a.csv", "a")] == ["a.csv", "A-2.csv", "a-3.csv", "a"]


@pytest.mark.parametrize("letter", ["a", "数", "𝒳"])
def test_long_names_fit_the_file_system(letter):
    taken: set[str] = set()
    for name in [safe_name(letter * 300 + ".csv", taken) for _ in range(12)]:
        assert name.endswith(".csv") and len(name.encode()) <= 255
    assert len(taken) == 12


@pytest.mark.data
@pytest.mark.skipif(not LISTS.is_dir(), reason="the corpora of PLAINSAY_DATA are not here")
def test_traversal_lists_stay_inside(tmp_path):
    lines = [x for f in LISTS.glob("*/**/*travers*/**/*.txt") for x in f.read_text("utf-8", "replace").splitlines()]
    assert len(lines) > 1000
    taken: set[str] = set()
    for line in lines:
        target = (tmp_path / safe_name(line, taken)).resolve()
        assert target.parent == tmp_path.resolve() and 0 < len(target.name.encode()) <= 255
    assert len(taken) == len(lines)


async def test_a_job_that_runs_stops_when_it_next_says_how_far_it_is(open_door):
    loader = Loader()
    loader.gate.clear()

    def slow(workspace, paths, *, progress):
        for _ in range(200):
            progress("Reading", 0.1)
            loader.gate.wait(0.02)
        return LoadReport()

    async with open_door(ingest=slow) as door:
        first = (await send(door, ("a.csv", b"a\n1\n"))).json()["job_id"]
        second = (await send(door, ("b.csv", b"a\n1\n"))).json()["job_id"]
        waits = (await door.client.post(f"/v1/jobs/{second}/cancel")).json()
        assert (waits["state"], waits["error"]["code"]) == ("failed", "stopped")
        await door.client.post(f"/v1/jobs/{first}/cancel")
        job = await ended(door, first)
        assert (job["state"], job["error"]["code"]) == ("failed", "stopped")
        assert (await door.client.post(f"/v1/jobs/{first}/cancel")).json()["state"] == "failed"
        assert (await door.client.post("/v1/jobs/j-none/cancel")).status_code == 404


async def test_a_column_is_corrected_over_the_api(open_door):
    async with open_door() as door:
        job = await ended(door, (await send(door, ("p.csv", b"id,day\n1,13.02.2026\n2,soon\n"))).json()["job_id"])
        at = f"/v1/tables/{job['result']['tables'][0]['name']}"
        tried = (await door.client.post(f"{at}/columns/day?workspace=shop", json={"kind": "date", "how": "dmy"})).json()
        assert (tried["lost_rows"], tried["lost"], tried["applied"]) == (1, ["soon"], False)
        wanted = {"kind": "date", "how": "dmy", "apply": True}
        assert (await door.client.post(f"{at}/columns/day?workspace=shop", json=wanted)).json()["applied"]
        assert (await door.client.delete(f"{at}?workspace=shop")).status_code == 204
        assert (await door.client.delete(f"{at}?workspace=shop")).status_code == 404
