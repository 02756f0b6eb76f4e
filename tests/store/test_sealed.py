"""Secrets that are read again: sealed for one owner, with one key, and old ones are sealed at the next start."""

from __future__ import annotations

from pathlib import Path

import pytest

from api import second_factor
from store import people
from store.database import Database
from store.errors import ConfigProblem
from store.sealed import Seal, is_sealed


def test_a_secret_opens_only_for_its_owner_its_purpose_and_its_key(tmp_path: Path) -> None:
    seal = Seal("second-factor", tmp_path)
    kept = seal.close("JBSWY3DP", "ana")
    assert "JBSWY3DP" not in kept and is_sealed(kept) and kept != seal.close("JBSWY3DP", "ana")
    assert seal.open(kept, "ana") == "JBSWY3DP" and seal.open("JBSWY3DP", "ana") == "JBSWY3DP"
    (tmp_path / "elsewhere").mkdir()
    changed = kept[:-6] + ("AAAA==" if not kept.endswith("AAAA==") else "BBBB==")
    wrong = [
        (seal, kept, "bob"),
        (Seal("other", tmp_path), kept, "ana"),
        (seal, changed, "ana"),
        (seal, "sealed1:?", ""),
    ]
    for opener, text, owner in [*wrong, (Seal("second-factor", tmp_path / "elsewhere"), kept, "ana")]:
        with pytest.raises(ConfigProblem) as caught:
            opener.open(text, owner)
        assert caught.value.code == "sealed_with_another_key" and caught.value.hint


async def test_secrets_of_an_older_version_are_sealed_at_the_next_start(tmp_path: Path, state_url: str) -> None:
    database, seal = Database.open(url=state_url), second_factor.sealing(tmp_path)
    try:
        old = await database.write(lambda c: people.create(c, name="Ana", email="ana@example.com"))
        await database.write(lambda c: people.create(c, name="Bob", email="bob@example.com"))
        await database.write(lambda c: people.change(c, old, totp="JBSWY3DPEHPK3PXP", totp_last=0))
        counts = [await database.write(lambda c: second_factor.seal_old(c, seal)) for _ in range(2)]
        row = await database.read(lambda c: people.get(c, old))
    finally:
        database.close()
    assert counts == [1, 0]
    assert is_sealed(row["totp"]) and seal.open(row["totp"], old) == "JBSWY3DPEHPK3PXP"
