"""Knows the words that label a total row in the languages of spreadsheets, so that sums are not taken for data."""

from __future__ import annotations

import re
from collections.abc import Iterable

from warehouse.literals import literal

_SPLIT = r"[\s\x{00A0}\-–—_/,.:;=&()*\"'“”„]+"
_SEPARATORS = re.compile(_SPLIT.replace(r"\x{00A0}", "\u00a0"))
_LONGEST = 80
LABEL_COLUMNS = 12
"""Columns from the left that a label is looked for in."""
_TOTALS = frozenset(
    re.findall(
        r"\S+",
        """total totals subtotal subtotals sum sums totaux sumtotal grandtotal
        summe gesamt gesamtsumme gesamtbetrag gesamtergebnis zwischensumme zwischenergebnis teilsumme endsumme insgesamt
        teilergebnis summen somme sommes soustotal suma sumas sumatoria totales totale totali subtotale subtotali somma
        totais soma subtotais totaal subtotaal eindtotaal som eindsom razem ogółem łącznie podsuma celkem součet
        mezisoučet spolu súčet összesen összeg summa totalt delsumma delsum ialt yhteensä välisumma
        kokku kopā viso ukupno skupaj toplam toplamı aratoplam итого всего сумма подытог разом усього підсумок общо
        σύνολο مجموع المجموع الإجمالي إجمالي कुल योग
        合計 合计 総計 总计 總計 小計 小计 总额 総額 합계 총계 소계 총합계 รวม รวมทั้งหมด tổng""",
    )
)
_PHRASES = (("i alt", "ialt"), ("tổng cộng", "tổng"), ("samlet sum", "sum"))
_FILLERS = frozenset(
    re.findall(
        r"\S+",
        """grand overall general général générale generale geral genel ara sub sous sum total the of for all in by per
        de des du la le les el los del di do da dos von der die das für fuer aller alle och og van het voor
        общий общая""",
    )
)
_GENERIC = frozenset(
    re.findall(
        r"\S+",
        """amount amounts sales revenue revenues units quantity qty cost costs price value values count number net gross
        profit income expenses expense hours year month quarter week day period date to ytd mtd q1 q2 q3 q4 items rows
        betrag umsatz menge anzahl wert jahr monat quartal netto brutto montant ventes quantité année mois importe
        ventas cantidad año mes importo vendite quantità anno mese valor vendas quantidade ano omzet aantal jaar maand
        usd eur gbp chf jpy""",
    )
)
_YEAR = re.compile(r"(19|20)\d\d")


def wordy(column: str) -> str:
    """SQL for the text of `column` as `words_of` sees it: lower case, single blanks between the words."""
    return f"trim(regexp_replace(lower({column}), {literal(_SPLIT)}, ' ', 'g'))"


def maybe_label(column: str) -> str:
    """SQL that is true for every text that `rest_of` could take for a label, and for few others."""
    words = "|".join(sorted(_TOTALS | {phrase for phrase, _ in _PHRASES}, key=len, reverse=True))
    pattern = rf"(^|[^a-z0-9])({words})([^a-z0-9]|$)"
    return f"length({column}) <= {_LONGEST} AND regexp_matches(lower({column}), {literal(pattern)})"


def words_of(text: str) -> list[str]:
    """The words of a cell in lower case, without punctuation."""
    return [word for word in _SEPARATORS.split(text.lower()) if word]


def rest_of(text: str) -> str | None:
    """What a total's label says beside it is one: '' for “Grand total:”, `north` for “North total”; None for no label.

    Whether the rest makes a total of the row (“Total sales”) or a name (“Total Wine”) is for the table to say.
    """
    joined = " ".join(words_of(text))
    for phrase, word in _PHRASES:
        joined = re.sub(rf"\b{phrase}\b", word, joined)
    words = joined.split()
    if _TOTALS.isdisjoint(words):
        return None
    rest = [word for word in words if word not in _TOTALS]
    while rest and rest[0] in _FILLERS:
        rest.pop(0)
    while rest and rest[-1] in _FILLERS:
        rest.pop()
    return " ".join(rest)


def is_generic(rest: str, headers: Iterable[str]) -> bool:
    """True when the rest of a label names no thing of its own: nothing, a measure, a column of the table, a year."""
    known = _GENERIC | {word for header in headers for word in words_of(header)}
    return all(word in known or _YEAR.fullmatch(word) for word in rest.split())
