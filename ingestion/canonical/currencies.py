"""How many decimals each currency has (ISO 4217), because providers write cents, sen and whole yen as integers."""

from __future__ import annotations

from collections.abc import Mapping

from warehouse.literals import literal

EXPONENTS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
"""Currencies whose minor unit is not a hundredth."""


def exponent(currency: str, overrides: Mapping[str, int] | None = None) -> int:
    """Decimals of `currency`, as a provider counts them."""
    return (overrides or {}).get(currency.upper(), EXPONENTS.get(currency.upper(), 2))


def factor(currency: str, overrides: Mapping[str, int]) -> str:
    """SQL: what one minor unit of the currency in the expression `currency` is in major units, exactly.

    NULL for a currency that nobody knows: how many decimals it has would be a guess.
    """
    by_exponent: dict[int, list[str]] = {}
    for code, digits in {**EXPONENTS, **overrides}.items():
        if digits != 2:
            by_exponent.setdefault(digits, []).append(code)
    cases = " ".join(
        f"WHEN {currency} IN ({', '.join(literal(c) for c in sorted(codes))}) THEN {_unit(digits)}"
        for digits, codes in sorted(by_exponent.items())
    )
    return f"(CASE WHEN nullif({currency}, '') IS NULL THEN NULL {cases} ELSE {_unit(2)} END)"


def _unit(digits: int) -> str:
    return f"CAST('{'1' if digits == 0 else '0.' + '0' * (digits - 1) + '1'}' AS DECIMAL(6,5))"
