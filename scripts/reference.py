"""Writes the reference pages of docs/ from the code itself, so that they cannot drift; a test compares them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]
NOTE = "<!-- Written by `make docs` from the code; edit the code. -->"


def settings_page() -> str:
    """Every setting with its variable, default and meaning."""
    from store.settings import SETTINGS

    rows = [
        f"| `{s.variable}` | {'•••' if s.secret else f'`{s.default}`' if s.default != '' else 'empty'} | {s.help} |"
        for s in SETTINGS
    ]
    head = (
        "Settings are environment variables; each has a default. `plainsay doctor --settings` prints what is in force."
    )
    return _page("Settings", head, "\n".join(["| Variable | Default | Meaning |", "|---|---|---|", *rows]))


def commands_page() -> str:
    """Every command with its arguments and options."""
    import typer

    from api.cli import app

    head = "Exit codes: 0 answered, 1 error, 2 usage, 3 asked back, 4 declined or refused."
    parts = [_command(path, command) for path, command in _commands(typer.main.get_command(app), "plainsay")]
    return _page("Commands", head, "\n\n".join(parts))


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name in sorted(inner):
        yield from _commands(inner[name], f"{path} {name}")


def _command(path: str, command: Any) -> str:
    lines = [f"## `{path}`", "", (command.help or "").strip(), ""]
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            lines.append(f"- `{(parameter.metavar or parameter.name).upper()}`: {getattr(parameter, 'help', '') or ''}")
        elif "--help" not in parameter.opts:
            spelled = ", ".join(f"`{o}`" for o in [*parameter.opts, *parameter.secondary_opts])
            lines.append(f"- {spelled}: {parameter.help or ''}{_default(parameter.default)}")
    return "\n".join(lines).rstrip()


def _default(value: Any) -> str:
    return f" Default: `{value}`." if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def reference_page() -> str:
    """Tools, events, errors and routes."""
    parts = [("Tools", _tools()), ("Events of a run", _events()), ("Errors", _errors()), ("HTTP routes", _routes())]
    body = "\n\n".join(f"## {title}\n\n{text}" for title, text in parts)
    return _page("Reference", "What programs may rely on.", body)


def _tools() -> str:
    from tools.registry import all_tools

    return "\n".join(["| Tool | What it does |", "|---|---|", *(f"| `{t.name}` | {t.summary} |" for t in all_tools())])


def _events() -> str:
    from agent.events import Event

    kinds = get_args(get_args(Event)[0])
    rows = [f"| `{k.model_fields['type'].default}` | {_first(k.__doc__)} |" for k in kinds]
    return "\n".join(["| Event | Meaning |", "|---|---|", *rows])


def _errors() -> str:
    from store.errors import PlainsayError

    rows = [
        f"| `{e.default_code}` | {e.http_status} | {e.exit_code} | {e.default_retry} | {_first(e.__doc__)} |"
        for e in PlainsayError.__subclasses__()
        if e.__module__ == PlainsayError.__module__
    ]
    return "\n".join(["| Code | HTTP | Exit | Retry | Raised for |", "|---|---|---|---|---|", *rows])


def _routes() -> str:
    from api.app import create_app

    paths = create_app().openapi()["paths"]
    rows = [
        f"| `{verb.upper()} {path}` | {_first(entry.get('description') or entry.get('summary'))} |"
        for path, verbs in sorted(paths.items())
        for verb, entry in sorted(verbs.items())
    ]
    return "\n".join(["| Route | What it does |", "|---|---|", *rows])


def schema_page() -> str:
    """The JSON Schema of model files, which editors read."""
    import json

    from warehouse.model.store import json_schema

    return json.dumps(json_schema(), indent=1) + "\n"


def pack_schema_page() -> str:
    """The JSON Schema of pack files, which editors read."""
    import json

    from knowledge.packs.schema import json_schema

    return json.dumps(json_schema(), indent=1) + "\n"


def facts_page() -> str:
    """Every kind of fact with its values and how it reads."""
    from tools.factbook.book import all_kinds
    from tools.factbook.kind import MEANINGS
    from tools.factbook.weigh import TELL

    types = [f"| {name} | {meaning} |" for name, meaning in MEANINGS.items()]
    intro = (
        "A fact is one typed finding of a tool. Its values are cells of the evidence's tables, so every figure in "
        "a sentence has a receipt. The kinds below are all there are; a test holds the tools to them.\n\n"
        "**Impact** (0-1) is size × surprise × relevance. Size is what was moved over what usually moves from "
        "period to period, m / (1 + m). Surprise is 0 where chance alone does it once in 20 times or more, and 1 at "
        "one in a million. Relevance says how much people ask for the figure: a good direction, money, a "
        f"place among the opening questions. From {TELL} on, findings are told unasked.\n\n"
        "**Tone** is good or bad by the direction that the metric calls good, else neutral.\n\n"
        "**Identity** is ten characters made of kind, metric, segment, filters and grain, no figure, no date: the "
        "same finding is recognised tomorrow."
    )
    parts = ["## Types of values", "\n".join(["| Type | What it is |", "|---|---|", *types])]
    parts += [_kind(k) for k in all_kinds().values()]
    return _page("Facts", intro, "\n\n".join(parts))


def typescript_page() -> str:
    """The client for TypeScript, from the API's own description."""
    import typescript_client

    return str(typescript_client.text())


def answers_page() -> str:
    """What the skills answered on the demo."""
    import answers

    return str(answers.page())


def _kind(kind: Any) -> str:
    values = ", ".join(f"`{n}` {t}{' (may be missing)' if o else ''}" for n, (t, o) in kind.typed().items())
    said = "; ".join(f"`{n}`{': ' + w.strip('|').replace('|', ', ') if w else ''}" for n, w in kind.attributes.items())
    lines = [f"## `{kind.name}`", "", f"{kind.meaning} From {kind.tool}.", "", f"- Values: {values}"]
    lines += [f"- Attributes: {said}"] if said else []
    lines += [f"- Short: `{kind.short}`", f"- Normal: `{kind.normal}`"]
    return "\n".join([*lines, *([f"- Long: `{kind.long}`"] if kind.long else [])])


def _first(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split()).replace("|", "\\|")


def _page(title: str, head: str, body: str) -> str:
    return f"{NOTE}\n\n# {title}\n\n{head}\n\n{body}\n"


def rights_page() -> str:
    """Every right with the roles that have it, and what each address asks for."""
    from store import doors, rights

    marks = lambda right: " | ".join("yes" if rights.has(role, right) else "" for role in rights.ROLES)  # noqa: E731
    rows = [
        f"| `{name}` | {grant.what}{' (house)' if grant.house else ''} | {marks(name)} |"
        for name, grant in rights.RIGHTS.items()
    ]
    table = "\n".join(
        [f"| Right | Lets people | {' | '.join(rights.ROLES)} |", "|---" * (2 + len(rights.ROLES)) + "|", *rows]
    )
    asked = [
        f"| `{method} {path}` | {entry.asks} | {entry.audited} | {'key only' if entry.wire else ''} |"
        for (method, path), entry in sorted(doors.ROUTES.items(), key=lambda pair: (pair[0][1], pair[0][0]))
    ]
    addresses = "\n".join(["| Address | Asks for | In the audit log as | |", "|---|---|---|---|", *asked])
    tools = "\n".join(
        ["| Skill | Asks for |", "|---|---|", *(f"| `{n}` | {r} |" for n, r in sorted(rights.TOOLS.items()))]
    )
    head = (
        "A role has all rights of those after it. A right of the house is held by who has the role in every workspace. "
        "`open` asks for nothing, `self` for being signed in."
    )
    return _page("Rights", head, f"{table}\n\n## Addresses\n\n{addresses}\n\n## Skills\n\n{tools}")


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page, "commands.md": commands_page, "rights.md": rights_page,
    "reference.md": reference_page,
    "facts.md": facts_page, "model.schema.json": schema_page, "plainsay.ts": typescript_page,
    "pack.schema.json": pack_schema_page, "what-you-can-ask.md": answers_page,
}  # fmt: skip


def main() -> None:
    """Write all pages."""
    for name, page in PAGES.items():
        (ROOT / "docs" / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
