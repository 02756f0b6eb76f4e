"""A numeral without a receipt never leaves the house."""

from __future__ import annotations

import pytest

from agent import claims
from agent.answer import Answer
from agent.claims import Draft, Ref
from tools.evidence import CellRef, Column, ResultTable, row_keys
from warehouse.model.schema import Unit


def revenue_table(names: tuple[str, ...] = ("Web", "App [1](x)")) -> ResultTable:
    rows = [[name, value] for name, value in zip(names, ["1234567.80", "42.00"], strict=True)]
    return ResultTable(
        id="t1",
        title="Revenue by channel",
        columns=[
            Column(name="channel", label="Channel", type="text", role="dimension"),
            Column(name="revenue", label="Revenue", type="decimal", role="measure", unit=Unit(currency="USD")),
        ],
        rows=rows,
        row_keys=row_keys(rows, [0]),
        total_rows=2,
    )


def answer_of(draft: Draft, table: ResultTable) -> Answer:
    rendered = claims.render(draft, [table])
    return Answer(
        id="a", thread_id="t", question="q", status="answered", text=rendered.text, claims=rendered.claims, result=table
    )


def one(*pieces: str | Ref) -> Draft:
    return Draft(((pieces,),))


def test_numeral_becomes_link_with_claim() -> None:
    table = revenue_table()
    answer = answer_of(one("Revenue was ", Ref(table.ref(0, "revenue"), "auto"), "."), table)
    assert answer.text == f"Revenue was [$1.23M](#cell:t1:{table.row_keys[0]}:revenue)."
    assert claims.problems(answer) == []
    assert answer.claims[0].value == "1234567.80"
    assert answer.claims[0].rounding == 2


def test_stray_digit_drops_the_sentence_only() -> None:
    table = revenue_table()
    draft = Draft(((("Revenue was 5.",), ("It was ", Ref(table.ref(1, "revenue")), ".")),))
    rendered = claims.render(draft, [table])
    assert rendered.dropped == 1
    assert "5." not in rendered.text.split("](")[0]
    assert rendered.text.startswith("It was [$42")


@pytest.mark.parametrize("ref", [("t9", "x", "revenue"), ("t1", "nope", "revenue"), ("t1", "", "profit")])
def test_dead_reference_drops_the_sentence(ref: tuple[str, str, str]) -> None:
    cell = CellRef(table=ref[0], row=ref[1], column=ref[2])
    assert claims.render(one("It was ", Ref(cell), "."), [revenue_table()]).text == ""


def test_text_from_data_cannot_start_markup() -> None:
    table = revenue_table()
    rendered = claims.render(one(Ref(table.ref(1, "channel"), "label"), " grew."), [table])
    assert rendered.text.startswith("[App \\[1\\](x)](#cell:t1:")
    assert claims.LINK.sub("", rendered.text) == " grew."


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda a: setattr(a, "text", a.text.replace("$1.23M", "$1.24M")), "no claim"),
        (lambda a: setattr(a, "text", a.text + " Up 5 %."), "numeral has no receipt"),
        (lambda a: setattr(a.claims[0], "value", "1.00"), "not what its cell says"),
        (lambda a: a.result.rows[0].__setitem__(1, "99.00"), "not what its cell says"),
        (lambda a: setattr(a.claims[0], "row", "gone"), "points at no cell"),
    ],
)
def test_a_mutated_answer_is_refused(change, complaint: str) -> None:
    table = revenue_table()
    answer = answer_of(one("Revenue was ", Ref(table.ref(0, "revenue"), "auto"), "."), table)
    assert claims.problems(answer) == []
    change(answer)
    assert any(complaint in p for p in claims.problems(answer))
