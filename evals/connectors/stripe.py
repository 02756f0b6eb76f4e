"""The whole way against localstripe, a stateful server that is not ours: what was sold is what is answered."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from evals.connectors.prism import listens
from ingestion.connectors import connections, sync
from warehouse.lake import Lake
from warehouse.workspace import Workspace, named

_SERVE = "from aiohttp import web; from localstripe.server import app; web.run_app(app, host='127.0.0.1', port={port})"
_GOOD, _BAD = "4242424242424242", "4000000000000341"
CUSTOMERS, EACH, AMOUNT = 60, 4, 1050


@dataclass
class Bought:
    """How many totals differ from what was bought, and rows that a second load brought."""

    differences: int
    again: int

    @property
    def ok(self) -> bool:
        """Whether all was exact."""
        return not self.differences and not self.again


def run(port: int = 8186, customers: int = CUSTOMERS) -> Bought:
    """Sell, load, compare by currency, load again."""
    with tempfile.TemporaryDirectory() as folder, serving(port, folder) as url:
        sell(url, customers)
        os.environ["PLAINSAY_CONNECTOR_PRIVATE"] = f"127.0.0.1:{port}"
        workspace = named("shop", Path(folder) / "home")
        made = connections.make(workspace, "stripe", {"api_key": "sk_test_12345"}, base_url=url)
        connections.save(workspace, made)
        sync.sync(workspace, made)
        wrong = differences(workspace, customers)
        second = sync.sync(workspace, made, only=["charges", "customers"], again=True)
        return Bought(wrong, sum(r.changed for r in second.resources))


@contextmanager
def serving(port: int, folder: str) -> Iterator[str]:
    """localstripe on loopback, its memory in `folder`, while the block lasts."""
    command = [sys.executable, "-c", _SERVE.format(port=port)]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env={**os.environ, "TMPDIR": folder}, stdout=quiet, stderr=quiet)
    try:
        deadline = time.monotonic() + 30
        while not listens(port):
            if time.monotonic() > deadline or process.poll() is not None:
                raise TimeoutError("localstripe did not start")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


def sell(url: str, customers: int) -> None:
    """Four payments a customer, in euro and dollar by turns; every fifth customer's card is declined."""
    with httpx.Client(base_url=url, auth=("sk_test_12345", "")) as shop:
        for number in range(customers):
            who = shop.post("/v1/customers", data={"email": f"c{number}@example.org"}).json()["id"]
            card = {"type": "card", "card[number]": _BAD if number % 5 == 4 else _GOOD, "card[exp_month]": "12",
                    "card[exp_year]": "2032", "card[cvc]": "123"}  # fmt: skip
            method = shop.post("/v1/payment_methods", data=card).json()["id"]
            shop.post(f"/v1/payment_methods/{method}/attach", data={"customer": who})
            for turn in range(EACH):
                pay = {"amount": str(AMOUNT + turn), "currency": "eur" if turn % 2 else "usd", "customer": who,
                       "payment_method": method, "confirm": "true"}  # fmt: skip
                shop.post("/v1/payment_intents", data=pay)


def differences(workspace: Workspace, customers: int) -> int:
    """How many of the figures by currency differ from what was sold."""
    with Lake.open(workspace.lake).writer() as writer:
        found = writer.execute(
            "SELECT currency, count(*), count(*) FILTER (WHERE status = 'succeeded'),"
            " sum(amount) FILTER (WHERE status = 'succeeded') FROM payments GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    paid = customers - customers // 5
    wanted = []
    for currency, turns in (("EUR", (1, 3)), ("USD", (0, 2))):
        cents = paid * sum(AMOUNT + t for t in turns)
        wanted.append((currency, customers * 2, paid * 2, cents / 100))
    shown = [(c, n, s, float(a)) for c, n, s, a in found]
    return sum(a != b for a, b in zip(shown, wanted, strict=False)) + abs(len(shown) - len(wanted))
