"""What a crash leaves of an upload that was never acknowledged is gone after the next start."""

from __future__ import annotations


async def test_an_upload_cut_off_by_a_crash_is_removed_at_the_next_start(open_door, home):
    left = home / "workspaces" / "coffee" / "spool" / "j-cut"
    left.mkdir(parents=True)
    (left / "half.csv").write_bytes(b"id,")
    async with open_door():
        assert not left.exists()
