"""Plainsay for Python programs: ask, follow a stream, keep dashboards; answers are typed, repeats are safe.

It lives inside the package because top-level names are few and fixed; it needs httpx and pydantic, and no server.
"""

from __future__ import annotations

from api.client.errors import ApiError
from api.client.events import Events
from api.client.plainsay import AsyncPlainsay, Plainsay

__all__ = ["ApiError", "AsyncPlainsay", "Events", "Plainsay"]
