"""Store, then send: readers see only what is committed, in order, each event once, wherever they begin."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError

from store import runs
from store.database import Database
from store.runlog import Entry, RunLog


@pytest.fixture
async def log(tmp_path):
    database = Database.open(tmp_path)
    runlog = RunLog(database)
    yield runlog
    await runlog.aclose()
    database.close()


def entry(number: int) -> Entry:
    return Entry(number, "CUSTOM", f'{{"n":{number}}}')


def begin(run: str):
    return lambda c: runs.start(c, runs.NewRun(run, f"t-{run}", "shop", "local", "q", {}))


def end(run: str):
    return lambda c: runs.finish(c, run, runs.Ending("done"))


async def collect(log: RunLog, run: str, after: int = 0) -> list[int]:
    return [e.seq async for e in log.tail(run, after)]


async def test_every_reader_gets_each_event_once(log):
    await log.append("r", [entry(1)], extra=begin("r"), urgent=True)
    readers = [asyncio.create_task(collect(log, "r", after)) for after in (0, 0, 1, 5, 40)]
    for number in range(2, 50):
        log.append("r", [entry(number)])
        if number % 7 == 0:
            await asyncio.sleep(0.005)
    late = asyncio.create_task(collect(log, "r", 20))
    await log.append("r", [entry(50)], extra=end("r"), last=True)
    for after, reader in zip((0, 0, 1, 5, 40, 20), [*readers, late], strict=True):
        assert await reader == list(range(after + 1, 51))
    assert await collect(log, "r", 48) == [49, 50]
    assert await collect(log, "r", 50) == []


async def test_group_commit_joins_and_urgent_does_not_wait(log, monkeypatch):
    sizes: list[int] = []
    write = log._database.write

    async def counted(work):
        sizes.append(1)
        return await write(work)

    await log.append("r", [entry(1)], extra=begin("r"), urgent=True)
    monkeypatch.setattr(log._database, "write", counted)
    await asyncio.gather(*(log.append("r", [entry(n)]) for n in range(2, 40)))
    assert len(sizes) == 1
    loop = asyncio.get_running_loop()
    log._window = 60.0
    began = loop.time()
    log.append("r", [entry(40)])
    await log.append("r", [entry(41)], urgent=True)
    assert loop.time() - began < 30.0


async def test_one_bad_commit_does_not_hurt_its_neighbours(log):
    await asyncio.gather(*(log.append(r, [entry(1)], extra=begin(r), urgent=True) for r in ("a", "b")))
    log._window = 0.05
    good, bad = log.append("a", [entry(2)]), log.append("b", [entry(1)])
    with pytest.raises(IntegrityError):
        await bad
    await good
    assert [e.seq for e in await log.entries("a")] == [1, 2]
    assert [e.seq for e in await log.entries("b")] == [1]


async def test_a_reader_of_a_start_that_failed_is_let_go(log):
    await log.append("r", [entry(1)], extra=begin("r"), urgent=True)
    await log.append("r", [entry(2)], extra=end("r"), last=True)
    again = log.append("r", [entry(1)], extra=begin("r"), urgent=True)
    reader = asyncio.create_task(collect(log, "r"))
    with pytest.raises(IntegrityError):
        await again
    assert await asyncio.wait_for(reader, 2) == [1, 2]


async def test_a_continued_run_is_read_across_the_restart(log):
    await log.append("r", [entry(1), entry(2)], extra=begin("r"), urgent=True)
    log.release("r")
    await log.append("r", [entry(3)])
    reader = asyncio.create_task(collect(log, "r"))
    await asyncio.sleep(0.02)
    await log.append("r", [entry(4)], extra=end("r"), last=True)
    assert await reader == [1, 2, 3, 4]


async def test_readers_of_a_process_that_leaves_do_not_wait_for_what_it_left(log):
    await log.append("r", [entry(1)], extra=begin("r"), urgent=True)
    log.release("r")
    waiting = asyncio.create_task(collect(log, "r"))
    await asyncio.sleep(0.02)
    log.let_readers_go()
    assert await asyncio.wait_for(waiting, 2) == [1]
    assert await asyncio.wait_for(collect(log, "r"), 2) == [1]  # who comes late sees what there is, too


async def test_another_process_can_follow_by_the_table(log, tmp_path):
    await log.append("r", [entry(1)], extra=begin("r"), urgent=True)
    other_database = Database.open(tmp_path)
    other = RunLog(other_database)
    reader = asyncio.create_task(collect(other, "r"))
    await asyncio.sleep(0.05)
    await log.append("r", [entry(2)], extra=end("r"), last=True)
    assert await asyncio.wait_for(reader, 2) == [1, 2]
    await other.aclose()
    other_database.close()


async def test_stalled_readers_cost_nothing_each(log):
    await log.append("r", [entry(1)], extra=begin("r"), urgent=True)
    stalled = [log.tail("r") for _ in range(500)]
    assert [(await anext(s)).seq for s in stalled] == [1] * 500
    await log.append("r", [Entry(2, "CUSTOM", "x" * 1_000_000)])
    seconds = [await anext(s) for s in stalled[:50]]
    assert len({id(s) for s in seconds}) == 1
    for s in stalled:
        await s.aclose()


async def test_closing_keeps_what_was_queued_and_what_is_under_way(tmp_path):
    for rounds in range(20):
        database = Database.open(tmp_path)
        log = RunLog(database)
        for number in range(3):
            log.append(f"r{rounds}-{number}", [entry(1)], extra=begin(f"r{rounds}-{number}"), urgent=number == 0)
            await asyncio.sleep(0)
        await log.aclose()
        assert [[e.seq for e in await log.entries(f"r{rounds}-{n}")] for n in range(3)] == [[1]] * 3
        database.close()
