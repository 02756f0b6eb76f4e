"""What people ask about fees, failures and refunds is written out as the figure that it means, and nothing is lost."""

from __future__ import annotations

import pytest

from agent.builtin.phrasings_services import served


@pytest.mark.parametrize(
    ("question", "plain"),
    [
        ("What percentage of payments fail at each provider", "payment failure rate at each provider"),
        ("what share of our transactions were declined last month", "transaction failure rate last month"),
        ("What proportion of payments go through", "payment success rate"),
        ("What share of payment volume was refunded in May", "refund rate in May"),
        ("Which payment method fails most often", "which payment method has the highest failure rate"),
        ("which bank succeeds least often this year", "which bank has the lowest success rate this year"),
        ("How much did Paystack charge us in fees last month", "fees for Paystack last month"),
        ("how much did we pay PayPal in fees this year", "fees for PayPal this year"),
        ("What fees did we pay to Mercado Pago last month", "fees for Mercado Pago last month"),
        ("what fees did we pay last month", "fees last month"),
        ("How many refunds did Stripe issue last month", "number of refunds for Stripe last month"),
    ],
)
def test_the_figure_is_named(question: str, plain: str):
    assert plain in served(question)


@pytest.mark.parametrize(
    "question",
    [
        "payment success rate by provider",
        "how many orders did we get last month",
        "what percentage of orders are delivered late",  # another share, which others read
        "which machine fails most often after a restart of the plant",  # more words than are understood here
    ],
)
def test_other_questions_are_left_alone(question: str):
    assert served(question) == []
