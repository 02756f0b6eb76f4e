"""Starts a pack: a small whole that passes the check is easier to go on from than an empty folder."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from store.errors import InvalidRequest

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_MANIFEST = """\
pack: {name}
version: 0.1.0
format: 1
label: {label}
description: What the trade is, in one sentence.
licence: Apache-2.0
author: Your name
updated: {today}
currency: USD
"""
_ENTITIES = """\
# Kinds of records and their columns; see docs/write-a-pack.md, section 2.
entities:
  sale:
    label: Sale
    means: One thing sold to one customer.
    synonyms: [transaction]
    names: [sales, transactions]
    kind: event
    key: [sale_id]
    time: sold_on
    columns:
      sale_id: {kind: id, names: [transaction id]}
      sold_on: {kind: date, label: Day of sale, names: [date, sale date, transaction date]}
      amount: {kind: money, label: Amount, names: [total, price paid]}
"""
_METRICS = """\
# Figures; see section 3.
metrics:
  sales_value:
    label: Sales value
    means: What customers paid.
    synonyms: [takings]
    unit: money
    good: up
    agg: sum
    entity: sale
    expr: amount
  sales_count:
    {label: Number of sales, means: How many sales there were., unit: sale, good: up, agg: count, entity: sale}
  average_sale:
    {label: Average sale, means: Sales value per sale., unit: money, good: up, ratio: [sales_value, sales_count]}
"""
_USES = """\
# Words, driver trees, questions and the rest; see sections 4 to 12.
trees:
  sales:
    label: What sales value is made of
    metric: sales_value
    steps:
      sales_value: {operation: product, of: [sales_count, average_sale]}

questions:
  owner:
    - What was {sales_value} last month?
"""
_KNOWLEDGE = """\
# Basics

## Average sale

The average sale is the sales value divided by the number of sales.
"""


def write(name: str, folder: Path) -> Path:
    """Make the folder of a new pack. Raises `InvalidRequest` for a bad name or a folder that is there already."""
    if not _NAME.fullmatch(name):
        raise InvalidRequest(f"“{name}” cannot be a pack's name.", hint="Use lower-case letters, digits and _.")
    if folder.exists():
        raise InvalidRequest(f"{folder} is there already.", hint="Choose another name or folder.")
    label = name.replace("_", " ").capitalize()
    texts = {
        "pack.yaml": _MANIFEST.format(name=name, label=label, today=date.today().isoformat()),
        "entities.yaml": _ENTITIES, "metrics.yaml": _METRICS, "uses.yaml": _USES, "knowledge/basics.md": _KNOWLEDGE,
    }  # fmt: skip
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder
