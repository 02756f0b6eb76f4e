"""Every pinned package that is installed here may be used and shipped by a company, or it is said why it is here."""

from __future__ import annotations

import functools
import re
from importlib import metadata
from pathlib import Path

PINS = Path(__file__).parent.parent / "constraints.txt"
FREE = re.compile(
    r"mit|mit-0|mit-cmu|apache(-2\.0)?|bsd(-[23]-clause)?|0bsd|isc|psf(-2\.0)?|python|zlib|cc0-1\.0|cnri-python|unlicense"
)
"""Permissive licences, as SPDX or the trove says them, in small letters."""
WORDS = {
    "apache software license": "apache-2.0",
    "apache license, version 2.0": "apache-2.0",
    "apache license 2.0": "apache-2.0",
    "mit license": "mit",
    "3-clause bsd license": "bsd-3-clause",
    "bsd license": "bsd",
    "python software foundation license": "psf",
    "isc license (iscl)": "isc",
    "mozilla public license 2.0 (mpl 2.0)": "mpl-2.0",
    "osi approved and ": "",
}
EXCEPTIONS = {
    "certifi": ("mpl-2.0", "a list of certificates, used as it is; the licence binds changes of its files alone"),
    "pathspec": ("mpl-2.0", "used as it is, by tools that build"),
    "orjson": ("mpl-2.0", "used as it is; the licence binds changes of its files alone"),
    "tqdm": ("mpl-2.0", "used as it is, by libraries; the licence binds changes of its files alone"),
    "hypothesis": ("mpl-2.0", "tests only"),
    "localstripe": ("gpl-3.0-or-later", "tests only, in a process of its own; never shipped"),
    "psycopg": ("lgpl-3.0-only", "the extra `postgres`, used as a library that anybody can replace"),
    "psycopg-binary": ("lgpl-3.0-only", "the extra `postgres`, used as a library that anybody can replace"),
    "psycopg-pool": ("lgpl-3.0-only", "the extra `postgres`, used as a library that anybody can replace"),
    "simplejson": ("afl-2.1", "or MIT, which is taken"),
}


def _pinned() -> list[str]:
    return [line.split("==")[0].strip() for line in PINS.read_text().splitlines() if re.match(r"[\w.-]+==", line)]


def _licences(name: str) -> set[str]:
    """The licences that a package names, each by itself."""
    about = metadata.metadata(name)
    classified = [c.split("::")[-1].strip() for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
    first = (about.get("License") or "").strip().partition("\n")[0]
    said = about.get("License-Expression") or " and ".join(classified) or first
    text = said.strip().lower()
    for word, short in WORDS.items():
        text = text.replace(word, short)
    return {part for part in re.split(r"\s+(?:and|or)\s+|[(),;]\s*", text) if part}


@functools.cache
def _installed() -> list[str]:
    here = {re.sub(r"[-_.]+", "-", one.metadata["Name"] or "").lower() for one in metadata.distributions()}
    return [name for name in _pinned() if re.sub(r"[-_.]+", "-", name).lower() in here]


def test_every_package_may_be_used_and_shipped() -> None:
    wrong = {}
    for name in _installed():
        found = _licences(name)
        allowed, _ = EXCEPTIONS.get(name, ("", ""))
        if not found or {one for one in found if not FREE.fullmatch(one)} - {allowed}:
            wrong[name] = found
    assert wrong == {}


def test_nothing_is_excepted_that_needs_no_exception() -> None:
    assert len(_installed()) > 100
    for name, (licence, reason) in EXCEPTIONS.items():
        assert reason and (name not in _installed() or licence in _licences(name)), name
