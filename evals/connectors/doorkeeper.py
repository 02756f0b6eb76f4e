"""Checks credentials as vendors do, so that a load proves that requests are signed and tokens renewed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from evals.fakes.replay import Reply, Request
from ingestion.connectors.manifest import Auth

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_TOKEN_LASTS = 7


@dataclass
class Doorkeeper:
    """Lets in who proves it as `auth` says. A token is refused once, after seven requests: it must be renewed."""

    auth: Auth
    values: Mapping[str, str]
    key: RSAPublicKey | None = None
    issued: int = 0
    used: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    polls: dict[str, int] = field(default_factory=dict)

    def token(self, request: Request, url: str) -> Reply | None:
        """A new token when the request asks for one rightly, 400 when wrongly, None for other requests."""
        auth = self.auth
        if auth.kind not in ("oauth2_client_credentials", "oauth2_refresh", "service_account_jwt"):
            return None
        there = urlsplit(auth.token_url.format_map(self.values) if auth.token_url else auth.token_path or "").path
        if request.path.strip("/") != there.strip("/"):
            return None
        if not self._may_have(request, url):
            self.wrong.append(f"token: {request.body}")
            return 400, {}, b'{"error": "invalid_client"}'
        self.issued += 1
        self.used = 0
        return 200, {}, json.dumps({"access_token": f"token-{self.issued}", "expires_in": 3600}).encode()

    def lets_in(self, request: Request) -> bool:
        """Whether the request carries the proof."""
        head = {k.lower(): v for k, v in request.headers.items()}
        good = _PROOFS[self.auth.kind](self, request, head)
        if not good and not self._expired():
            self.wrong.append(f"{request.method} {request.path}: {head.get('authorization', '')[:20]}")
        return good

    def _expired(self) -> bool:
        return self.auth.kind.startswith(("oauth2", "service")) and self.used >= _TOKEN_LASTS

    def _may_have(self, request: Request, url: str) -> bool:
        auth, form = self.auth, request.body or {}
        if auth.kind == "service_account_jwt":
            return self._is_assertion(str(form.get("assertion", "")), url)
        user, secret = self.values[auth.client_id], self.values[auth.client_secret]
        basic = _basic(user, secret)
        proven = dict(request.headers).get("Authorization") == basic
        if auth.token_in == "body":
            proven = form.get("client_id") == user and form.get("client_secret") == secret
        if auth.kind == "oauth2_refresh":
            proven = proven and form.get("refresh_token") == self.values[auth.refresh_token]
        return proven

    def _is_assertion(self, text: str, url: str) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        assert self.key is not None
        head, claims, signature = text.split(".")
        try:
            self.key.verify(_raw(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        said: dict[str, Any] = json.loads(_raw(claims))
        fits = str(said["aud"]).startswith(url) and said["scope"] == (self.auth.scope or "")
        return bool(fits and said["exp"] - said["iat"] == 3600)

    def _bearer(self, _request: Request, head: Mapping[str, str]) -> bool:
        return head.get("authorization") == f"Bearer {self.values[self.auth.token or '']}"

    def _basic(self, _request: Request, head: Mapping[str, str]) -> bool:
        password = self.values[self.auth.password] if self.auth.password else ""
        return head.get("authorization") == _basic(self.values[self.auth.user or ""], password)

    def _key(self, _request: Request, head: Mapping[str, str]) -> bool:
        return head.get((self.auth.header or "x-api-key").lower()) == self.values[self.auth.token or ""]

    def _header(self, _request: Request, head: Mapping[str, str]) -> bool:
        wanted = (self.auth.value or "").format_map(self.values)
        return head.get((self.auth.header or "authorization").lower()) == wanted

    def _token(self, _request: Request, head: Mapping[str, str]) -> bool:
        self.used += 1
        if self._expired() and self.refused < 1:
            self.refused += 1
            return False
        return self.issued > 0 and head.get("authorization") == f"Bearer token-{self.issued}"

    def _hmac(self, request: Request, head: Mapping[str, str]) -> bool:
        text = head["x-login"].encode() + head["x-date"].encode() + request.raw
        digest = hmac.new(self.values["secret_key"].encode(), text, hashlib.sha256).hexdigest()
        return head["authorization"] == f"V2-HMAC-SHA256, Signature: {digest}"

    def _rsa(self, request: Request, head: Mapping[str, str]) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        assert self.key is not None
        text = f"{request.method} {request.path}\n{head['client-id']}.{head['request-time']}.".encode() + request.raw
        signature = base64.b64decode(unquote(head["signature"].rpartition("signature=")[2]))
        try:
            self.key.verify(signature, text, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True

    def _in_body(self, request: Request, _head: Mapping[str, str]) -> bool:
        return bool(request.body) and request.body.get(self.auth.field or "key") == self.values[self.auth.token or ""]


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


_PROOFS = {
    "none": lambda _self, _request, _head: True,
    "bearer": Doorkeeper._bearer,
    "basic": Doorkeeper._basic,
    "api_key": Doorkeeper._key,
    "header": Doorkeeper._header,
    "oauth2_client_credentials": Doorkeeper._token,
    "oauth2_refresh": Doorkeeper._token,
    "service_account_jwt": Doorkeeper._token,
    "sign_hmac": Doorkeeper._hmac,
    "sign_rsa": Doorkeeper._rsa,
    "body_key": Doorkeeper._in_body,
}
