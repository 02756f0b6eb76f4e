"""The manifest of the Slack app: what it may do, and where Slack sends what is said; the least that the bot needs."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from store.errors import InvalidRequest


def text(url: str = "") -> str:
    """The manifest as JSON: for HTTP at `url`, or for Socket Mode without one. Raises `InvalidRequest`."""
    made: dict[str, Any] = json.loads(resources.files("bots.slack").joinpath("manifest.json").read_text("utf-8"))
    if url:
        if not url.startswith("https://"):
            raise InvalidRequest("Slack reaches only https addresses.", details={"field": "url"})
        made["features"]["unfurl_domains"] = [urlsplit(url).hostname]
        address = f"{url.rstrip('/')}/slack/events"
        made["settings"]["socket_mode_enabled"] = False
        made["settings"]["event_subscriptions"]["request_url"] = address
        made["settings"]["interactivity"]["request_url"] = address
        made["features"]["slash_commands"][0]["url"] = address
    return json.dumps(made, indent=2, ensure_ascii=False)
