"""Finds columns of personal data by their names and by what stands in them, because headers do not always tell."""

from __future__ import annotations

import re
from collections.abc import Callable

from warehouse.model.bags import bag
from warehouse.model.keys import id_like
from warehouse.model.reading import ReadColumn, ReadTable
from warehouse.model.schema import PersonalKind as Kind

_BY_WORD: dict[str, Kind] = {
    "email": "email", "phone": "phone", "mobile": "phone", "telephone": "phone", "cellphone": "phone", "fax": "phone",
    "iban": "bank account", "ssn": "government number", "passport": "government number",
}  # fmt: skip
_BEFORE_NUMBER: dict[str, Kind] = {
    "cell": "phone", "phone": "phone", "mobile": "phone", "contact": "phone", "fax": "phone", "telephone": "phone",
    "passport": "government number",
}  # fmt: skip
_NAMES = (("first", "name"), ("last", "name"), ("given", "name"), ("family", "name"), ("middle", "name"),
          ("maiden", "name"), ("surname",), ("full", "name"))  # fmt: skip
_PERSONS = bag(
    "person people employee staff patient student passenger contact guest attendee applicant candidate subscriber "
    "member user customer cardholder holder tenant resident voter donor volunteer nurse doctor teacher driver"
)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}")
_PHONE = re.compile(r"\+\d[\d ().-]{6,18}|\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}-\d{3}-\d{4}")
_SSN = re.compile(r"\d{3}-\d{2}-\d{4}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_CARD = re.compile(r"\d{13,19}")
_MOST = 0.8
"""This share of the values that were looked at must be of one kind."""


def kind_of(column: ReadColumn, table: ReadTable) -> Kind | None:
    """What personal data a column holds; None for all else. Its name decides first, then its commonest values."""
    return _by_name(column) or _by_values(column) or ("name" if _names_people(column, table) else None)


def _by_name(column: ReadColumn) -> Kind | None:
    """Contact data and government numbers; street addresses are, ip addresses and ids of them not."""
    named = set(column.words)
    told = next((kind for word, kind in _BY_WORD.items() if word in named), None)
    if told is not None and not id_like(column):
        return told
    if column.words[-1] == "number":
        return next((kind for word, kind in _BEFORE_NUMBER.items() if word in named), None)
    address = "address" in named and column.words[-1] != "id" and "ip" not in named
    return "address" if address and column.kind == "text" else None


def _by_values(column: ReadColumn) -> Kind | None:
    if column.kind != "text":
        return None
    seen = [text for value in column.profile.values if (text := str(value).strip())]
    return next((kind for kind, fits in _SHAPES if seen and sum(map(fits, seen)) >= _MOST * len(seen)), None)


def _names_people(column: ReadColumn, table: ReadTable) -> bool:
    """First and last names, and the names of rows that are people (`name` of patients, `customer name` beside them)."""
    if column.kind != "text":
        return False
    if column.words in _NAMES:
        return True
    people = {word for name in (*table.names, table.record) for word in name} & _PERSONS
    who = set(column.words[:-1])
    return column.words[-1:] == ("name",) and (bool(who & _PERSONS) if who else bool(people))


def _is_account(text: str) -> bool:
    """An international bank account number whose check digits are right (ISO 13616: the remainder by 97 is 1)."""
    packed = text.replace(" ", "").upper()
    if not _IBAN.fullmatch(packed):
        return False
    return int("".join(str(int(sign, 36)) for sign in packed[4:] + packed[:4])) % 97 == 1


def _is_card(text: str) -> bool:
    """A payment card number whose last digit is right (ISO/IEC 7812: the sum by Luhn ends in 0)."""
    packed = text.replace(" ", "").replace("-", "")
    if not _CARD.fullmatch(packed) or packed[0] not in "3456":
        return False
    digits = [int(sign) for sign in reversed(packed)]
    return sum(digits[::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


_SHAPES: tuple[tuple[Kind, Callable[[str], bool]], ...] = (
    ("email", _matches(_EMAIL)), ("bank account", _is_account), ("payment card", _is_card),
    ("government number", _matches(_SSN)), ("phone", _matches(_PHONE)),
)  # fmt: skip
