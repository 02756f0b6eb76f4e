"""The second factor: codes of an app that change every half minute, and ten codes on paper, each good for once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from store import people
from store.sealed import Seal, is_sealed

PAPER = 10
_STEP = 30


def new_secret() -> str:
    """A secret to put into an app."""
    import pyotp

    return str(pyotp.random_base32())


def sealing(home: Path) -> Seal:
    """What closes and opens the secrets of apps in the state database."""
    return Seal("second-factor", home)


def seal_old(connection: Connection, seal: Seal) -> int:
    """Seal the secrets that an older version kept readable; how many."""
    found = [(row["id"], _open_columns(row)) for row in people.listed(connection)]
    for user_id, columns in found:
        if columns:
            values = {name: seal.close(secret, user_id) for name, secret in columns.items()}
            people.change(connection, user_id, **values)
    return sum(bool(columns) for _, columns in found)


def _open_columns(row: RowMapping) -> dict[str, str]:
    names: Iterable[str] = ("totp", "totp_pending")
    return {name: row[name] for name in names if row[name] is not None and not is_sealed(row[name])}


def address(secret: str, email: str) -> str:
    """What apps read from a picture."""
    import pyotp

    return str(pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Plainsay"))


def picture(text: str) -> str:
    """The picture of an address, as a data URL."""
    import segno

    return str(segno.make(text, error="m").svg_data_uri(scale=5, border=2, dark="#000", light="#fff"))


def step_of(secret: str, code: str, now: float | None = None) -> int | None:
    """The half minute of a right code, this one or a neighbour; None for a wrong one."""
    import pyotp

    current = int((now if now is not None else time.time()) // _STEP)
    digits = "".join(code.split())
    codes = {step: str(pyotp.TOTP(secret).at(step * _STEP)) for step in (current - 1, current, current + 1)}
    return next((s for s, right in codes.items() if hmac.compare_digest(right.encode(), digits.encode())), None)


def paper_codes() -> tuple[list[str], list[str]]:
    """Codes for paper, and what is kept of them."""
    made = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(PAPER)]
    return made, [kept(code) for code in made]


def kept(code: str) -> str:
    """What is kept of a code on paper."""
    return hashlib.sha256("".join(code.split()).lower().encode()).hexdigest()


def accepted(user: RowMapping, code: str, seal: Seal) -> dict[str, Any] | None:
    """What to change of a person whose code is right, so that it is good for once; None for a wrong or a used one."""
    used = kept(code)
    if used in user["recovery"]:
        return {"recovery": [c for c in user["recovery"] if c != used]}
    step = step_of(seal.open(user["totp"], user["id"]), code)
    if step is not None:
        return {"totp_last": step} if step > user["totp_last"] else None
    return None
