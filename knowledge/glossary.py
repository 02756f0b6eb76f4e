"""Business definitions that people hand in as plain lines, so that “ASP” can mean what they say it means."""

from __future__ import annotations

from pathlib import Path

from store.errors import SourceProblem

_MOST_LINES = 2_000
_MOST_CHARS = 2_000


def read_glossary(path: Path) -> tuple[str, ...]:
    """The non-empty lines of a UTF-8 text file, `#` comments left out.

    Raises `SourceProblem` when the file is missing, is no text or is out of bounds (2,000 lines of 2,000 characters).
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise SourceProblem(f"There is no glossary file {path.name}.", code="file_missing") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SourceProblem(
            f"The glossary {path.name} cannot be read as text.", hint="Save it as a UTF-8 text file."
        ) from error
    return clean_lines(text)


def clean_lines(text: str) -> tuple[str, ...]:
    """The definitions in a text. Raises `SourceProblem` naming the first line that is too long."""
    lines: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if len(stripped) > _MOST_CHARS or len(lines) >= _MOST_LINES:
            raise SourceProblem(
                f"Line {number} of the glossary is out of bounds.",
                hint=f"At most {_MOST_LINES:,} lines of {_MOST_CHARS:,} characters.",
                details={"line": number},
            )
        lines.append(stripped)
    return tuple(lines)
