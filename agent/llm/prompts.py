"""Prompts as files with a version in their name, so that an answer can say which words the model was given."""

from __future__ import annotations

from functools import cache
from importlib import resources

PLAN, TELL, REPORT = "plan-1", "tell-1", "report-1"


@cache
def prompt(name: str) -> str:
    """The text of a prompt file."""
    return resources.files("agent.llm").joinpath("prompts", f"{name}.md").read_text("utf-8").strip()
