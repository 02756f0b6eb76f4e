"""Calls of providers: signed or refused, known once, right in any order, and never lost once acknowledged."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import time

import pytest

from ingestion.connectors import connections, inbox, sync
from ingestion.connectors.signatures import Call, NotSigned

SECRET = "whsec_0123456789"


def stripe_call(event, secret=SECRET, at=None):
    body = json.dumps(event).encode()
    stamp = str(int(at or time.time()))
    mark = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return Call({"stripe-signature": f"t={stamp},v1={mark}"}, body)


def charge(status, seconds, refunded=0):
    row = {"id": "ch_1", "amount": 1250, "currency": "eur", "status": status, "amount_refunded": refunded,
           "created": 1_790_000_000, "captured": True, "refunded": refunded == 1250, "livemode": True}  # fmt: skip
    kind = "charge.refunded" if refunded else "charge.succeeded"
    return {"id": f"evt_{seconds}", "type": kind, "created": 1_790_000_000 + seconds, "data": {"object": row}}


@pytest.fixture
def stripe(workspace):
    made = connections.make(workspace, "stripe", {"api_key": "rk_live_123456", "webhook_secret": SECRET})
    connections.save(workspace, made)
    return made


def test_signatures_are_checked_over_the_raw_body(workspace, stripe):
    good = stripe_call(charge("succeeded", 1))
    assert inbox.receive(workspace, stripe, good) == (1, 0)
    assert inbox.receive(workspace, stripe, good) == (0, 1)
    bad = [
        Call({}, good.body),
        Call(good.headers, good.body + b" "),
        Call({"stripe-signature": "t=abc,v1=00"}, good.body),
        Call({"stripe-signature": "t=९९,v1=00"}, good.body),
        stripe_call(charge("succeeded", 1), secret="other"),
        stripe_call(charge("succeeded", 1), at=time.time() - 400),
    ]
    for call in bad:
        with pytest.raises(NotSigned):
            inbox.receive(workspace, stripe, call)
    assert inbox.waiting(workspace, stripe.id) == 1


def test_a_secret_is_rotated_with_both_valid(workspace, stripe):
    newer = stripe.with_secrets({"webhook_secret": "whsec_new"}, connections.home_of(workspace))
    for secret in (SECRET, "whsec_new"):
        call = stripe_call(charge("succeeded", 5 if secret == SECRET else 6), secret=secret)
        assert inbox.receive(workspace, newer, call) == (1, 0)


@pytest.mark.parametrize("seed", range(2))
def test_shuffled_and_doubled_calls_give_one_state(seed, workspace, stripe, rows):
    events = [charge("pending", 1), charge("succeeded", 2), charge("succeeded", 3, 500), charge("succeeded", 4, 1250)]
    calls = [stripe_call(e) for e in events * 2]
    random.Random(seed).shuffle(calls)
    for call in calls:
        inbox.receive(workspace, stripe, call)
    sync.publish(workspace)
    found = rows("SELECT count(*), any_value(status), sum(amount), sum(amount_refunded) FROM payments")
    assert [(n, s, float(a), float(r)) for n, s, a, r in found] == [(1, "refunded", 12.5, 12.5)]
    assert inbox.waiting(workspace, stripe.id) == 0


def adyen_body(key, **item):
    fields = {"pspReference": "P1", "originalReference": "", "merchantAccountCode": "Shop", "merchantReference": "o1",
              "eventCode": "AUTHORISATION", "success": "true", "eventDate": "2026-09-01T10:00:00+02:00",
              "amount": {"value": 1130, "currency": "EUR"}} | item  # fmt: skip
    names = ("pspReference", "originalReference", "merchantAccountCode", "merchantReference")
    parts = [fields[n] for n in names]
    parts += [str(fields["amount"]["value"]), fields["amount"]["currency"], fields["eventCode"], fields["success"]]
    mark = hmac.new(bytes.fromhex(key), ":".join(parts).encode(), hashlib.sha256).digest()
    fields["additionalData"] = {"hmacSignature": base64.b64encode(mark).decode()}
    return json.dumps({"live": "true", "notificationItems": [{"NotificationRequestItem": fields}]}).encode()


def test_adyen_signs_each_item_and_capture_ends_an_authorisation(workspace, rows):
    key = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"
    made = connections.make(workspace, "adyen", {"webhook_secret": key})
    connections.save(workspace, made)
    capture = adyen_body(key, eventCode="CAPTURE", pspReference="P2", originalReference="P1",
                         eventDate="2026-09-01T10:05:00+02:00")  # fmt: skip
    for body in (capture, adyen_body(key)):
        assert inbox.receive(workspace, made, Call({}, body)) == (1, 0)
    with pytest.raises(NotSigned):
        inbox.receive(workspace, made, Call({}, adyen_body(key).replace(b"1130", b"9999")))
    sync.publish(workspace)
    assert [(p, s, float(a)) for p, s, a in rows("SELECT payment_id, status, amount FROM payments")] == [
        ("P1", "succeeded", 11.3)
    ]


def test_a_secret_is_never_written_in_the_clear(workspace, stripe):
    text = "".join(p.read_text(errors="replace") for p in workspace.root.rglob("*") if p.is_file())
    assert SECRET not in text
    assert "rk_live_123456" not in text
    assert SECRET not in repr(stripe)
