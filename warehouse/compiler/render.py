"""SQL text from a tree, in the one form that people read and the gate authorises."""

from __future__ import annotations

from warehouse.compiler.dialects import render

__all__ = ["render"]
