"""How a request proves who we are: keys, tokens that are fetched and renewed, and signatures over the request."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from ingestion.connectors.guarded import Answer, Ask, Client
from ingestion.connectors.manifest import Auth
from store.errors import SourceProblem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_EARLY = 60.0


@dataclass
class Signer:
    """Adds what the source asks for to each request. Secrets are held here for one load and never printed."""

    auth: Auth
    values: Mapping[str, str] = field(repr=False)
    base_url: str
    client: Client
    at: str | None = None
    """The one address that everything goes to instead of the vendor's: tokens are then fetched there too."""
    skew: float = 0.0
    _token: str = field(default="", repr=False)
    _until: float = 0.0

    def signed(self, ask: Ask) -> Ask:
        """The request as it may be sent now."""
        return _HOW[self.auth.kind](self, ask)

    def renew(self) -> bool:
        """Forget a token that was refused; whether asking again can help."""
        had, self._token, self._until = bool(self._token), "", 0.0
        return had

    def use(self, token: str) -> None:
        """Use this token until it is refused."""
        self._token, self._until = token, float("inf")

    def value(self, name: str | None) -> str:
        """A setting's text. Raises `SourceProblem` when the connection lacks it."""
        text = self.values.get(name or "", "")
        if name is None or name not in self.values:
            raise SourceProblem(f"The connection lacks the setting “{name}”.", code="setting_missing")
        return text

    def token(self) -> str:
        """A token that is still good, fetched when needed."""
        if not self._token or time.time() > self._until - _EARLY:
            answer = self.client.send(_token_request(self))
            self._token, self._until = _token_of(answer)
        return self._token

    def now(self) -> float:
        """The source's own time, seconds since 1970."""
        return time.time() + self.skew


def _token_request(signer: Signer) -> Ask:
    auth = signer.auth
    url = (auth.token_url or signer.base_url + (auth.token_path or "")).format_map(signer.values)
    if signer.at is not None:
        url = signer.at.rstrip("/") + "/" + urlsplit(url).path.lstrip("/")
    if auth.kind == "service_account_jwt":
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": _assertion(signer, url)}
        return Ask("POST", url, headers=_FORM, content=urlencode(form).encode())
    user, secret = signer.value(auth.client_id), signer.value(auth.client_secret)
    form = {"grant_type": "client_credentials"}
    if auth.kind == "oauth2_refresh":
        form = {"grant_type": "refresh_token", "refresh_token": signer.value(auth.refresh_token)}
    if auth.scope:
        form["scope"] = auth.scope
    headers = dict(_FORM)
    if auth.token_in == "basic":
        headers["Authorization"] = _basic(user, secret)
    else:
        form |= {"client_id": user, "client_secret": secret}
    if auth.token_method == "GET":
        return Ask("GET", url, headers=headers)
    return Ask("POST", url, headers=headers, content=urlencode(form).encode())


def _assertion(signer: Signer, url: str) -> str:
    """A signed statement of a service account (RFC 7523), good for an hour."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    try:
        account = json.loads(signer.value(signer.auth.token))
        mail, key = account["client_email"], account["private_key"]
    except (ValueError, KeyError, TypeError) as error:
        raise SourceProblem(
            "The service account's key is not the JSON file that the source gives out.", code="bad_service_account"
        ) from error
    issued = int(signer.now())
    claims = {"iss": mail, "scope": signer.auth.scope or "", "aud": url, "iat": issued, "exp": issued + 3600}
    text = f"{_url64(json.dumps({'alg': 'RS256', 'typ': 'JWT'}).encode())}.{_url64(json.dumps(claims).encode())}"
    signature = _private_key(key).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{_url64(signature)}"


def _private_key(pem: str) -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise SourceProblem("The private key cannot be read.", code="bad_private_key") from error
    if not isinstance(key, RSAPrivateKey):
        raise SourceProblem("The private key is not an RSA key.", code="bad_private_key")
    return key


def _token_of(answer: Answer) -> tuple[str, float]:
    try:
        body = json.loads(answer.body)
        return str(body["access_token"]), time.time() + float(body.get("expires_in") or 1800)
    except (ValueError, KeyError, TypeError) as error:
        raise SourceProblem(
            "The source did not give a token for these credentials.",
            code="credentials_refused",
            hint="Check the client id, its secret and that it may read data.",
            details={"status": answer.status},
        ) from error


def _with(ask: Ask, **headers: str) -> Ask:
    return replace(ask, headers={**(ask.headers or {}), **{n.replace("_", "-"): v for n, v in headers.items()}})


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _as_bearer(signer: Signer, ask: Ask) -> Ask:
    return _with(ask, Authorization=f"Bearer {signer.value(signer.auth.token)}")


def _as_basic(signer: Signer, ask: Ask) -> Ask:
    password = signer.value(signer.auth.password) if signer.auth.password else ""
    return _with(ask, Authorization=_basic(signer.value(signer.auth.user), password))


def _as_key(signer: Signer, ask: Ask) -> Ask:
    return _with(ask, **{signer.auth.header or "X-API-Key": signer.value(signer.auth.token)})


def _as_header(signer: Signer, ask: Ask) -> Ask:
    return _with(ask, **{signer.auth.header or "Authorization": (signer.auth.value or "").format_map(signer.values)})


def _as_token(signer: Signer, ask: Ask) -> Ask:
    return _with(ask, Authorization=f"Bearer {signer.token()}")


def _in_body(signer: Signer, ask: Ask) -> Ask:
    body = json.loads(ask.content or b"{}") | {signer.auth.field or "key": signer.value(signer.auth.token)}
    return _with(replace(ask, content=json.dumps(body).encode(), method="POST"), Content_Type="application/json")


def _hmac_signed(signer: Signer, ask: Ask) -> Ask:
    """dLocal: HMAC-SHA256 of X-Login + X-Date + body under the secret key."""
    login = signer.value("x_login")
    moment = datetime.fromtimestamp(signer.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    text = login.encode() + moment.encode() + (ask.content or b"")
    digest = hmac.new(signer.value("secret_key").encode(), text, hashlib.sha256).hexdigest()
    return _with(
        ask, X_Date=moment, X_Login=login, X_Trans_Key=signer.value("trans_key"), X_Version="2.1",
        Authorization=f"V2-HMAC-SHA256, Signature: {digest}",
    )  # fmt: skip


def _rsa_signed(signer: Signer, ask: Ask) -> Ask:
    """Antom: RSA-SHA256 of method, path, client, time and body."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    client, moment = signer.value("client_id"), str(int(signer.now() * 1000))
    head = f"{ask.method} {urlsplit(ask.url).path}\n{client}.{moment}."
    signature = _private_key(signer.value("private_key")).sign(
        head.encode() + (ask.content or b""), padding.PKCS1v15(), hashes.SHA256()
    )
    shown = quote(base64.b64encode(signature).decode(), safe="")
    return _with(
        ask, Client_Id=client, Request_Time=moment,
        Signature=f"algorithm=RSA256, keyVersion=1, signature={shown}",
    )  # fmt: skip


def _url64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_HOW: dict[str, Callable[[Signer, Ask], Ask]] = {
    "none": lambda _signer, ask: ask,
    "bearer": _as_bearer,
    "basic": _as_basic,
    "api_key": _as_key,
    "header": _as_header,
    "oauth2_client_credentials": _as_token,
    "oauth2_refresh": _as_token,
    "service_account_jwt": _as_token,
    "body_key": _in_body,
    "sign_hmac": _hmac_signed,
    "sign_rsa": _rsa_signed,
}
