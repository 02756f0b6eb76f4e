"""Leaves out the rows of a spreadsheet that only repeat the sums of other rows, which would double every answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from ingestion.delimited import Raw
from ingestion.sums import Sums, compare
from ingestion.total_candidates import Candidate, Sheet, labelled_rows

_LEVELS = 24
_NAMED = 12


def drop_totals(
    connection: duckdb.DuckDBPyConnection, raw: Raw, columns: Sequence[int], headers: Sequence[str]
) -> list[str]:
    """Delete the total rows among the rows of `raw`; returns what the load report says about them."""
    names = [f"c{i}" for i in columns]
    labelled = labelled_rows(connection, raw.relation, names)
    if not labelled:
        return []
    sheet = Sheet(connection, raw, names, labelled)
    candidates = sheet.candidates([headers[i] for i in columns])
    found = _totals(candidates, sheet.segments(), sheet.decimals)
    places = [c.row.place for c in found]
    if places:
        connection.execute(f"DELETE FROM {raw.relation} WHERE rowid IN (SELECT unnest(?))", [places])
    last = [c for c in candidates if c.is_last and c.plain and c.row.place not in places and any(c.numbers.highs)]
    return _left_out(found) + [_kept(candidate) for candidate in last]


def _left_out(found: Sequence[Candidate]) -> list[str]:
    if not found:
        return []
    shown = ", ".join(f"{c.row.place + 1:,}" for c in found[:_NAMED])
    more = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
    if len(found) == 1:
        return [f"1 total row was left out: row {shown} (“{found[0].row.text}”)."]
    return [f"{len(found):,} total rows were left out: rows {shown}{more}."]


def _kept(candidate: Candidate) -> str:
    row = candidate.row
    return (
        f"Row {row.place + 1:,} is labelled “{row.text}”, but its numbers are not the sums of the other rows; "
        "it was kept as data. Delete it from the file if it is a total."
    )


def _totals(candidates: Sequence[Candidate], segments: Sequence[Sums], decimals: Sequence[int]) -> list[Candidate]:
    """The candidates that are totals.

    Between the rows a full-looking row counts as a subtotal only when the table also ends with a total: else a company
    called Total whose figure happens to be the sum of its neighbours' would be lost.
    """
    found = _pass(candidates, segments, decimals, lenient=True)
    if found and found[-1].is_last:
        return found
    return _pass(candidates, segments, decimals, lenient=False)


def _pass(
    candidates: Sequence[Candidate], segments: Sequence[Sums], decimals: Sequence[int], *, lenient: bool
) -> list[Candidate]:
    """One walk from the first row to the last; rows found to be totals are no part of later sums."""
    blocks: list[Sums] = []
    block, found = segments[0], []
    for candidate, following in zip(candidates, segments[1:], strict=True):
        spans = list(_spans(block, blocks))
        on_top = not spans[-1].rows
        if on_top:
            spans = [_all(segments)]
        if _is_total(candidate, spans, decimals, at_edge=on_top or candidate.is_last, lenient=lenient):
            found.append(candidate)
            blocks.append(block)
            block = following
        else:
            block = block + candidate.numbers + following
    return found


def _spans(block: Sums, blocks: Sequence[Sums]) -> Iterator[Sums]:
    """The runs of rows that a total may stand for: those since the last total, since the one before it … and all."""
    span = block
    yield span
    for level, earlier in enumerate(reversed(blocks), 1):
        span = span + earlier
        if level <= _LEVELS or level == len(blocks):
            yield span


def _all(segments: Sequence[Sums]) -> Sums:
    """All ordinary rows: what a total above the data stands for."""
    whole = segments[0]
    for segment in segments[1:]:
        whole = whole + segment
    return whole


def _is_total(
    candidate: Candidate, spans: Sequence[Sums], decimals: Sequence[int], *, at_edge: bool, lenient: bool
) -> bool:
    if not candidate.plain and candidate.group is None:
        return False
    if candidate.is_last and candidate.bare and not candidate.row.rest:
        return True
    alone = candidate.thin or lenient
    if candidate.group is not None and _repeats(candidate, candidate.group, decimals, alone=alone):
        return True
    if not (alone or at_edge):
        return False
    if any(_repeats(candidate, span, decimals, alone=alone) for span in spans):
        return True
    return candidate.plain and candidate.is_last and any(_mostly(candidate, span, decimals) for span in spans)


def _repeats(candidate: Candidate, span: Sums, decimals: Sequence[int], *, alone: bool) -> bool:
    """The row holds nothing but sums of the span; `alone` allows a span of a single row."""
    same, other = compare(candidate.numbers, span, decimals)
    return bool(same) and not other and span.rows >= (1 if alone else 2)


def _mostly(candidate: Candidate, span: Sums, decimals: Sequence[int]) -> bool:
    """At least as many sums as other figures (a ratio worked out anew, say)."""
    same, other = compare(candidate.numbers, span, decimals)
    return span.rows >= 2 and 0 < same >= other
