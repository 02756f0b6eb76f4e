"""An invented source with payments whose totals are known by hand, for every fault that a real one may have."""

from __future__ import annotations

from typing import Any


def shop(**resource: Any) -> dict[str, Any]:
    """A manifest of one resource with payments; parts of the resource may be replaced."""
    spec = {
        "name": "sales", "path": "sales", "selector": "data", "key": ["id"],
        "paging": {"kind": "last_id", "param": "starting_after", "id": "id", "more": "has_more", "size_param": "limit",
                   "size": 100},
        "incremental": {"mode": "client", "field": "updated_at"},
    }  # fmt: skip
    return {
        "source": "corner", "label": "Corner", "group": "payments", "hosts": ["api.corner.example"],
        "base_url": {"live": "https://api.corner.example/"}, "auth": {"kind": "none"}, "rate": {"per_second": 1000},
        "money": {"unit": "minor"}, "resources": [spec | resource],
        "maps": {"payments": {"paid": "succeeded", "failed": "failed", "open": "pending"}},
        "canonical": [{
            "table": "payments", "resource": "sales",
            "columns": {"payment_id": "id", "created_at": "created_at | moment", "currency": "currency | upper",
                        "amount": "amount | money", "fee_amount": "fee | money", "status": "status | map(payments)"},
        }],
    }  # fmt: skip


def sales(count: int, **more: Any) -> list[dict[str, Any]]:
    """Rows of that resource: amounts 100, 101, … cents, every fifth one failed."""
    return [
        {"id": f"s{n:05}", "amount": 100 + n, "currency": "eur" if n % 2 else "jpy", "fee": 3 + n % 2,
         "status": "paid" if n % 5 else "failed", "created_at": f"2026-01-{1 + n % 28:02}T10:00:00Z",
         "updated_at": f"2026-02-{1 + n % 28:02}T10:00:00Z", **more}
        for n in range(count)
    ]  # fmt: skip
