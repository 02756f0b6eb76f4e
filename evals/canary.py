"""A house with rows that a person must never see, for tests that walk every way in: another region, a hidden column."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ingestion.pipeline import ingest
from store.principal import Principal
from warehouse.model import store
from warehouse.model.schema import SemanticModel
from warehouse.workspace import named

SHOP, OTHER = "shop", "other"
BOSS = Principal("boss", "Boss", "owner", MappingProxyType({"regions": ("north", "canarysouth")}))
BOUND = Principal("ana", "Ana", "viewer", MappingProxyType({"regions": ("north",)}))
NEIGHBOUR = Principal("bob", "Bob", "viewer", MappingProxyType({"regions": ("canarysouth",)}))
NOBODY = Principal("eve", "Eve", "viewer")
# Words of hidden rows, of the hidden column's name and cells, of the other workspace; 7913375 is each hidden amount.
CANARIES = (
    "canarysouth",
    "canarysmith",
    "canarynote",
    "secret_memo",
    "secret memo",
    "canaryworld",
    "7913375",
    "7,913,375",
)
POLICIES: dict[str, Any] = {
    "policies": [{"name": "own_region", "table": "customers", "where": "region IN (:regions)", "exempt": ["owner"]}],
    "column_policies": [{"name": "memos", "table": "orders", "columns": ["secret_memo"], "action": "hide"}],
}


def leaks(text: str) -> list[str]:
    """The canaries in a text, whatever their case."""
    folded = text.casefold()
    return [c for c in CANARIES if c in folded]


def build(home: Path) -> None:
    """Two workspaces under `home`: the shop with policies, and another one full of canaries."""
    files = home / "files"
    files.mkdir()
    customers = [(1, "miller", "north"), (2, "jones", "north"), (3, "canarysmith", "canarysouth")]
    (files / "customers.csv").write_text("id,name,region\n" + "".join(f"{i},{n},{r}\n" for i, n, r in customers))
    lines = ["id,customer_id,day,secret_memo,channel,amount"]
    for number in range(600):
        customer, day = number % 3 + 1, date(2026, 1, 1) + timedelta(days=number // 3)
        amount = 7913375 if customer == 3 else 10 + number % 7
        channel = "web" if number % 2 else "shop"
        lines.append(f"{number + 1},{customer},{day},canarynote{number % 5},{channel},{amount}")
    (files / "orders.csv").write_text("\n".join(lines) + "\n")
    (files / "planets.csv").write_text("id,planet,mass\n" + "".join(f"{n},canaryworld{n},7913375\n" for n in range(30)))
    ingest(named(SHOP, home), [files / "customers.csv", files / "orders.csv"])
    ingest(named(OTHER, home), [files / "planets.csv"])
    file = named(SHOP, home).model_file
    inferred = store.load(file).model_dump(mode="json", by_alias=True, exclude_none=True)
    store.save(SemanticModel.model_validate(inferred | POLICIES), file)
