"""The tools as a model is offered them: short schemas in a fixed order, so that prompts stay small and cacheable."""

from __future__ import annotations

from typing import Any

from store.principal import Principal
from tools import registry

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_OBJECT: Schema = {"type": "object"}
_OBJECTS: Schema = {"type": "array", "items": _OBJECT}
_DONE: Schema = {"type": "boolean", "description": "true when this result alone answers the question"}
_METRIC: Schema = {"type": "object", "description": '{"metric": NAME}'}

_TALK = ("use_skill", "find_names", "finish", "ask_back", "give_up")

_OFFERS: dict[str, tuple[str, dict[str, Schema], list[str]]] = {
    "query_metrics": ("Figures by groups and time.", {"query": _OBJECT, "done": _DONE}, ["query"]),
    "list_records": ("Rows of one table.", {"query": _OBJECT, "done": _DONE}, ["query"]),
    "explain_change": (
        "Why a figure changed between two periods: the groups that moved it.",
        {"metric": _METRIC, "period": _OBJECT, "compare": _OBJECT, "filters": _OBJECTS, "done": _DONE},
        ["metric", "period"],
    ),
    "forecast": (
        "A figure in the future, with ranges.",
        {"metric": _METRIC, "horizon": {**_TEXT, "description": "next month, next 30 days"}, "done": _DONE},
        ["metric", "horizon"],
    ),
    "anomalies": (
        "What is unusual in a figure.",
        {"metric": _METRIC, "time": _OBJECT, "done": _DONE},
        ["metric"],
    ),
    "describe_data": (
        "What data there is, what a table holds, how a metric is defined.",
        {"topic": {"enum": ["overview", "table", "metric"]}, "name": _TEXT, "done": _DONE},
        ["topic"],
    ),
    "run_sql": (
        "One SELECT in DuckDB's SQL over the tables; the last resort.",
        {"sql": _TEXT, "title": _TEXT, "done": _DONE},
        ["sql"],
    ),
    "use_skill": (
        "",
        {"skill": _TEXT, "arguments": _OBJECT, "done": _DONE},
        ["skill", "arguments"],
    ),
    "find_names": ("More names of the data model, for some words.", {"words": _TEXT}, ["words"]),
    "finish": (
        "End: which findings answer the question.",
        {"use": {"type": "array", "items": _TEXT, "description": 'finding ids such as "e1"'}},
        ["use"],
    ),
    "ask_back": (
        "Ask which reading is meant; each option is a tool call.",
        {
            "question": _TEXT,
            "options": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"label": _TEXT, "tool": _TEXT, "arguments": _OBJECT},
                    "required": ["label", "tool", "arguments"],
                },
            },
        },
        ["question", "options"],
    ),
    "give_up": ("Say that the data cannot answer this.", {"reason": _TEXT}, ["reason"]),
}


def names(principal: Principal) -> list[str]:
    """The tools this person's questions may use, in the order they are offered."""
    return [n for n in _OFFERS if n != "run_sql" or principal.may_write_sql]


def skills() -> list[registry.Tool]:
    """Analytic tools that are offered together under `use_skill`; none that writes."""
    return [t for t in registry.all_tools() if t.name not in _OFFERS and not t.writes]


def data_tools(principal: Principal) -> list[str]:
    """The tools that find something in the data, skills by their own names."""
    return [*(n for n in names(principal) if n not in _TALK), *(t.name for t in skills())]


def tools(principal: Principal) -> list[dict[str, Any]]:
    """The offers as chat.completions takes them."""
    return [_function(name) for name in names(principal)]


def _offer(name: str) -> tuple[str, dict[str, Schema], list[str]]:
    if name != "use_skill":
        return _OFFERS[name]
    about = "Other analyses; `arguments` by name, a metric as an object. " + " ".join(map(_skill, skills()))
    return about, *_OFFERS[name][1:]


def _skill(tool: registry.Tool) -> str:
    """ "funnel(steps, entity?): Show how many go from step to step." """
    fields = [f if spec.is_required() else f"{f}?" for f, spec in tool.args.model_fields.items()]
    return f"{tool.name}({', '.join(fields[:5])}): {tool.summary[:90]}"


def _function(name: str) -> dict[str, Any]:
    about, properties, required = _offer(name)
    schema = {"type": "object", "properties": properties, "required": required}
    return {"type": "function", "function": {"name": name, "description": about, "parameters": schema}}


def step_schema(principal: Principal) -> dict[str, Any]:
    """One step as JSON, for servers without tools: which tool, with which arguments."""
    return {
        "type": "object",
        "properties": {"tool": {"enum": names(principal)}, "arguments": _OBJECT},
        "required": ["tool", "arguments"],
    }


def in_words(principal: Principal) -> str:
    """The tools as lines of the prompt, for servers without tools."""
    lines = [f"- {n}({', '.join(_offer(n)[1])}): {_offer(n)[0]}" for n in names(principal)]
    shape = '{"tool": NAME, "arguments": {…}}'
    return (
        "\n\nTools\n" + "\n".join(lines) + f"\n\nReply with one JSON object and nothing else: {shape}. "
        "The result of each call comes in the next message."
    )
