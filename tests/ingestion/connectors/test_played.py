"""The kinds of manifests that no vendor's specification covers, each played by a server that checks what it is sent."""

from __future__ import annotations

import pytest

from evals.connectors import playing
from ingestion.connectors import guarded, signing
from ingestion.connectors.guarded import Ask

KINDS = {
    "google_analytics_4": "a signed JSON web token, offsets in a POST body, headers and cells apart, daily windows",
    "fullstory": "an export that is asked for, waited for and downloaded; a literal header; children per parent",
    "mixpanel": "a session of pages in a form; lines; a slice per day",
    "flutterwave": "tokens for a client, renewed when one is refused; numbered pages",
}


@pytest.mark.parametrize("source", KINDS)
def test_every_row_once_whatever_the_server_does(source):
    found = playing.play(source, build=False)
    assert found.wrong == []
    assert found.exact == found.lists
    assert found.again == 0
    assert found.tokens >= (2 if source == "flutterwave" else 0)


def test_requests_signed_with_rsa_are_what_the_vendor_checks():
    """Antom: no list to read, so the signature alone is checked, with the public key."""
    from evals.connectors.doorkeeper import Doorkeeper
    from evals.fakes.replay import Request
    from ingestion.connectors import catalog

    private, public = playing._keys()
    auth = catalog.get("alipay_antom").auth
    values = {"client_id": "C1", "private_key": private}
    client = guarded.Client([], per_second=1000, retries=1)
    signer = signing.Signer(auth, values, "https://x.example/", client)
    body = b'{"paymentId": "1"}'
    sent = signer.signed(Ask("POST", "https://x.example/ams/api/v1/payments/inquiryPayment", content=body))
    client.close()
    keeper = Doorkeeper(auth, values, public)
    path = "/ams/api/v1/payments/inquiryPayment"
    assert keeper.lets_in(Request("POST", path, {}, None, sent.headers or {}, body))
    assert not keeper.lets_in(Request("POST", path, {}, None, sent.headers or {}, body + b" "))
