"""The judge of benchmarks: the same number in the same unit, in the passage that is cited, and nothing else."""

import pytest

from evals.supported import judged, stated


@pytest.mark.parametrize(
    ("shown", "passage", "fine"),
    [
        ("23.0%", "found an average no-show rate of about 23 percent across", True),
        ("23.0%", "found 23 studies", False),
        ("3.7%", "a margin of 3.71 percent", False),
        ("55%", "a healthy prime cost of 55 to 65 percent of revenue", True),
        ("$34,000", "an average of $34,000 for a new vehicle", True),
        ("$34,000", "34,000 vehicles", False),
        ("4.5", "stayed 4.5 days", True),
        ("4.5", "rose by 4.5 percent", False),
        ("none", "4.5 days", False),
    ],
)
def test_a_figure_is_stated_by_value_and_unit(shown: str, passage: str, fine: bool) -> None:
    assert stated(shown, passage) is fine


def test_a_sentence_is_held_against_the_passage_it_cites() -> None:
    columns = [{"name": n} for n in ("population", "low", "high", "year", "source")]
    answer = {
        "text": "Clinics report [23%](#cell:t2:r:low). [^a]\n\nBanks report [40%](#cell:t2:q:low). [^a]",
        "tables": [{"id": "t2", "columns": columns}],
        "sources": [{"id": "a", "passage": "about 23 percent"}],
    }
    assert [c["verdict"] for c in judged(answer)] == ["supported", "unsupported"]
    assert [c["verdict"] for c in judged({**answer, "sources": []})] == ["unsupported", "unsupported"]
