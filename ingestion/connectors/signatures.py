"""Whether a call really comes from the provider: each has its own way to sign, and an old call is not taken again."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from ingestion.connectors.manifest import Webhook
from ingestion.connectors.places import every
from ingestion.connectors.spans import moment_of
from store.errors import PlainsayError

TOLERANCE = 300.0
"""How far the time of sending may be from ours, in seconds."""


class NotSigned(PlainsayError, PermissionError):
    """The call carries no signature of the provider, a wrong one, or one that is too old."""

    http_status, exit_code, default_code = 401, 4, "bad_signature"


@dataclass(frozen=True)
class Call:
    """What came in: headers by lower-case name, the raw body, our own address, and the last part of the path."""

    headers: Mapping[str, str]
    body: bytes
    url: str = ""
    path_secret: str = ""


def check(rule: Webhook, secrets: tuple[str, ...], call: Call, now: float | None = None) -> None:
    """Accept the call or raise `NotSigned`. Several secrets may be valid while one replaces another."""
    moment = now if now is not None else time.time()
    usable = tuple(s for s in secrets if s)
    if not usable or not any(_HOW[rule.kind](rule, secret, call, moment) for secret in usable):
        raise NotSigned("This call is not signed as it should be.")


def _stripe(rule: Webhook, secret: str, call: Call, now: float) -> bool:
    text = call.headers.get((rule.header or "stripe-signature").lower(), "")
    parts = [part.partition("=") for part in text.split(",")]
    stamp = next((value for name, _, value in parts if name.strip() == "t"), "")
    if not stamp.isascii() or not stamp.isdigit() or abs(int(stamp) - now) > TOLERANCE:
        return False
    wanted = _digest("sha256", secret.encode(), stamp.encode() + b"." + call.body).hex()
    return any(_same(value.strip(), wanted) for name, _, value in parts if name.strip() == "v1")


def _hmac(rule: Webhook, secret: str, call: Call, now: float) -> bool:
    if not _in_time(rule, call, now):
        return False
    given = call.headers.get((rule.header or "").lower(), "").removeprefix(rule.prefix)
    digest = _digest(rule.algorithm, secret.encode(), _signed_text(rule, call))
    return _same(given, digest.hex() if rule.encoding == "hex" else base64.b64encode(digest).decode())


def _adyen(rule: Webhook, secret: str, call: Call, now: float) -> bool:
    """Each item of the body has its own signature over eight of its fields; all must be right."""
    try:
        items, key = every(json.loads(call.body), rule.event), binascii.unhexlify(secret)
    except (ValueError, binascii.Error):
        return False
    return bool(items) and all(_adyen_item(item, key) for item in items)


def _adyen_item(item: Any, key: bytes) -> bool:
    if not isinstance(item, dict):
        return False
    amount = item.get("amount") or {}
    fields = [
        item.get("pspReference"), item.get("originalReference"), item.get("merchantAccountCode"),
        item.get("merchantReference"), amount.get("value"), amount.get("currency"), item.get("eventCode"),
        item.get("success"),
    ]  # fmt: skip
    text = ":".join("" if f is None else str(f).replace("\\", "\\\\").replace(":", "\\:") for f in fields)
    wanted = base64.b64encode(_digest("sha256", key, text.encode())).decode()
    return _same(str((item.get("additionalData") or {}).get("hmacSignature", "")), wanted)


def _dlocal(rule: Webhook, secret: str, call: Call, now: float) -> bool:
    if not _in_time(rule, call, now):
        return False
    head = call.headers.get((rule.header or "authorization").lower(), "")
    given = re.search(r"Signature:\s*([0-9a-fA-F]{64})", head)
    text = call.headers.get("x-login", "").encode() + call.headers.get("x-date", "").encode() + call.body
    return given is not None and _same(given[1].lower(), _digest("sha256", secret.encode(), text).hex())


def _rsa(rule: Webhook, secret: str, call: Call, now: float) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    given = re.search(r"signature=([^,]+)", call.headers.get((rule.header or "").lower(), ""))
    if given is None or not _in_time(rule, call, now):
        return False
    try:
        key = load_pem_public_key(secret.encode())
        if not isinstance(key, RSAPublicKey):
            return False
        signature = base64.b64decode(unquote(given[1]), validate=True)
        key.verify(signature, _signed_text(rule, call), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _path(rule: Webhook, secret: str, call: Call, now: float) -> bool:
    """For providers that do not sign: what nobody can guess is in the address, or in a header."""
    given = call.headers.get(rule.header.lower(), "") if rule.header else call.path_secret
    return _same(given, secret)


def _signed_text(rule: Webhook, call: Call) -> bytes:
    """What the signature is over; `|` in a rule stands for a line break."""
    found = b""
    for part in re.split(r"(\{[^}]+\})", rule.signed):
        if part == "{body}":
            found += call.body
        elif part == "{url}":
            found += call.url.encode()
        elif part == "{path}":
            found += urlsplit(call.url).path.encode()
        elif part.startswith("{header:"):
            found += call.headers.get(part[8:-1].lower(), "").encode()
        else:
            found += part.replace("|", "\n").encode()
    return found


def _in_time(rule: Webhook, call: Call, now: float) -> bool:
    if rule.timestamp is None:
        return True
    sent = moment_of(call.headers.get(rule.timestamp.lower()))
    return sent is not None and abs(sent.timestamp() - now) <= TOLERANCE


def _digest(algorithm: str, key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, getattr(hashlib, algorithm)).digest()


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())


_HOW: dict[str, Callable[[Webhook, str, Call, float], bool]] = {
    "stripe": _stripe, "hmac": _hmac, "adyen": _adyen, "dlocal": _dlocal, "rsa": _rsa, "path": _path,
}  # fmt: skip
