"""A full look for garbage is slow once: what lived through it is not looked at again, and garbage still goes."""

from __future__ import annotations

import gc
import weakref

import pytest

from api import heap


@pytest.fixture
def collector(monkeypatch):
    before, known = gc.get_threshold(), list(gc.callbacks)
    gc.callbacks[:] = [one for one in known if not isinstance(one, heap._Watch)]
    yield monkeypatch
    gc.callbacks[:] = known
    gc.set_threshold(*before)
    gc.unfreeze()


class Ring:
    def __init__(self):
        self.me = self


def test_what_lived_through_a_slow_look_is_put_aside(collector):
    collector.setattr(heap, "SLOW_SECONDS", 0.0)
    heap.calm()
    kept = [[n] for n in range(10_000)]
    before = gc.get_freeze_count()
    gc.collect()
    assert gc.get_freeze_count() >= before + len(kept)
    ring = weakref.ref(Ring())
    gc.collect()
    assert ring() is None


def test_a_quick_look_puts_nothing_aside_and_it_ends_after_a_few(collector):
    heap.calm()
    collector.setattr(heap, "SLOW_SECONDS", 1e9)
    before = gc.get_freeze_count()
    gc.collect()
    assert gc.get_freeze_count() <= before
    collector.setattr(heap, "SLOW_SECONDS", 0.0)
    collector.setattr(heap, "MOST", 2)
    for _ in range(4):
        gc.collect()
    (watch,) = [one for one in gc.callbacks if isinstance(one, heap._Watch)]
    assert watch.times == 2
    heap.calm()
    assert sum(isinstance(one, heap._Watch) for one in gc.callbacks) == 1
