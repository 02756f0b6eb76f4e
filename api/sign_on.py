"""Signing in with the company's provider: OpenID Connect with PKCE, a state and a nonce bound to one browser."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from sqlalchemy import Connection

from api.errors import Unauthorised
from store import people, sessions, settings
from store.errors import ConfigProblem, InvalidRequest, PlainsayError, Unavailable, UnknownName
from store.models import utc_now
from store.rights import EVERYWHERE, Role, highest

log = structlog.get_logger("plainsay.sign_on")

SECONDS = 10.0
FRESH = 300.0
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures with a key pair only: `none`, and a shared secret that anybody may know, prove nothing."""
_LEEWAY = 60


@dataclass(frozen=True)
class Begun:
    """A sign-on under way: where to send the browser, and what to remember until it comes back."""

    url: str
    remembered: dict[str, str]


@dataclass(frozen=True)
class Claims:
    """Who the provider says somebody is."""

    subject: str
    email: str
    name: str
    groups: tuple[str, ...]


class Provider:
    """One provider by its issuer; what it publishes of itself is read when first needed and kept for a while."""

    def __init__(self) -> None:
        self._about: dict[str, Any] = {}
        self._keys: Any = None
        self._read_at = 0.0
        self._lock = asyncio.Lock()

    async def begin(self, redirect: str) -> Begun:
        """Where to go. Raises `ConfigProblem`, `Unavailable`."""
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        about = await self._known()
        state, nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        async with self._client(redirect) as client:
            url, _ = client.create_authorization_url(
                about["authorization_endpoint"], state=state, nonce=nonce, code_challenge_method="S256",
                code_challenge=create_s256_code_challenge(verifier),
            )  # fmt: skip
        return Begun(url, {"state": state, "nonce": nonce, "verifier": verifier, "redirect": redirect})

    async def finish(self, code: str, remembered: dict[str, str]) -> Claims:
        """Who came back with a code. Raises `Unauthorised`, `Unavailable`."""
        import httpx
        from authlib.common.errors import AuthlibBaseError

        about = await self._known()
        try:
            async with self._client(remembered["redirect"]) as client:
                token = await client.fetch_token(
                    about["token_endpoint"], code=code, code_verifier=remembered["verifier"]
                )
        except httpx.HTTPError as error:
            raise _away() from error
        except AuthlibBaseError as error:
            log.info("sign_on_refused", error=str(error)[:200])
            raise refused() from error
        return await self._claims(str(token.get("id_token") or ""), remembered["nonce"])

    async def _claims(self, id_token: str, nonce: str) -> Claims:
        from joserfc import jwt
        from joserfc.errors import JoseError

        checks = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY, iss={"essential": True, "value": _issuer()}, sub={"essential": True},
            aud={"essential": True, "value": settings.get("oidc_client_id")}, exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )  # fmt: skip
        for again in (False, True):
            try:
                await self._known(again=again)
                found = jwt.decode(id_token, self._keys, algorithms=ALGORITHMS).claims
                checks.validate(found)
            except (JoseError, ValueError) as error:
                if again:
                    log.info("sign_on_refused", error=type(error).__name__)
                    raise refused() from error
                continue
            break
        audiences = found["aud"] if isinstance(found["aud"], list) else [found["aud"]]
        if len(audiences) > 1 and found.get("azp") != settings.get("oidc_client_id"):
            raise refused()
        return _told(found)

    def _client(self, redirect: str) -> Any:
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        secret = _secret()
        return AsyncOAuth2Client(
            client_id=settings.get("oidc_client_id"), client_secret=secret or None, redirect_uri=redirect,
            scope=settings.get("oidc_scopes"), timeout=SECONDS, follow_redirects=False, trust_env=False,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
        )  # fmt: skip

    async def _known(self, *, again: bool = False) -> dict[str, Any]:
        """What the provider publishes, its keys included."""
        async with self._lock:
            if self._about and not again and time.monotonic() - self._read_at < FRESH:
                return self._about
            import httpx
            from joserfc.jwk import KeySet

            issuer = _issuer()
            try:
                async with httpx.AsyncClient(timeout=SECONDS, follow_redirects=False, trust_env=False) as client:
                    about = _json(await client.get(f"{issuer}/.well-known/openid-configuration"))
                    if about.get("issuer") != issuer:
                        raise ConfigProblem(
                            "The sign-on provider calls itself by another name.", code="oidc_issuer",
                            hint="Set PLAINSAY_OIDC_ISSUER to exactly the issuer that it publishes.",
                        )  # fmt: skip
                    for end in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                        _check_address(str(about.get(end) or ""))
                    keys: Any = _json(await client.get(about["jwks_uri"]))
                    self._keys = KeySet.import_key_set(keys)
            except (httpx.HTTPError, ValueError, KeyError) as error:
                if isinstance(error, PlainsayError):
                    raise
                raise _away() from error
            self._about, self._read_at = about, time.monotonic()
            return self._about


def roles_of(groups: tuple[str, ...]) -> dict[str, Role]:
    """Workspace (`*`: all) -> role, as `PLAINSAY_OIDC_ROLES` maps groups. Raises `ConfigProblem`."""
    found: dict[str, Role] = {}
    for group, role, place in mapping():
        if group in groups:
            known = highest(found.get(place), role)
            found[place] = known or role
    default: str = settings.get("oidc_default_role")
    if not found and default:
        found[EVERYWHERE] = _role(default)
    return found


def mapping() -> list[tuple[str, Role, str]]:
    """(group, role, workspace) as configured. Raises `ConfigProblem`."""
    found = []
    for part in (p.strip() for p in settings.get("oidc_roles").split(",") if p.strip()):
        group, _, rest = part.rpartition("=")
        role, _, place = rest.partition("@")
        if not group:
            raise _bad_mapping(part)
        found.append((group.strip(), _role(role.strip()), place.strip() or EVERYWHERE))
    return found


def admit(connection: Connection, claims: Claims, roles: dict[str, Role], connect: str | None = None) -> str | None:
    """The id of the person of these claims, made when new, with the roles that the groups give; None for no role left.

    Somebody with the same address who has an account is never taken over: only who is signed in to it (`connect`) may
    tie it to the provider. Raises `Unauthorised`.
    """
    user = people.by_sso(connection, claims.subject)
    if user is None:
        user = people.by_email(connection, claims.email)
        if user is not None and user["id"] != connect:
            raise Unauthorised(
                "There is an account with this address already.", code="sign_on_taken",
                hint="Sign in with its password first, then use the sign-on from there.",
            )  # fmt: skip
    if user is not None and user["disabled_at"] is not None:
        raise refused()
    user_id = user["id"] if user is not None else _made(connection, claims, roles)
    people.change(connection, user_id, groups=sorted(claims.groups), sso=claims.subject, seen_at=utc_now())
    if people.owners(connection) != [user_id] or roles.get(EVERYWHERE) == "owner":
        people.leave_all(connection, user_id, "sso")
    for place, role in roles.items():
        people.give_role(connection, user_id, place, role, "sso")
    if people.memberships(connection, [user_id]).get(user_id):
        return str(user_id)
    sessions.end_all(connection, user_id)
    return None


def _made(connection: Connection, claims: Claims, roles: dict[str, Role]) -> str:
    first = not people.any_owner(connection)
    if not roles:
        raise nobody()
    if first and roles.get(EVERYWHERE) != "owner":
        raise Unauthorised("There is no owner yet.", code="owner_first", hint="Make the owner account first.")
    return people.create(connection, name=claims.name, email=claims.email, sso=claims.subject, first_owner=first)


def nobody() -> Unauthorised:
    """The answer to whom the provider knows and nobody let in."""
    return Unauthorised("None of your groups may enter here.", code="sign_on_groups", hint="Ask an administrator.")


def _told(found: dict[str, Any]) -> Claims:
    """What is read of an ID token. Raises `Unauthorised` for an address that the provider does not vouch for."""
    if not found.get("email") or found.get("email_verified") is False:
        raise Unauthorised("The provider does not vouch for your e-mail address.", code="sign_on_email")
    try:
        email = people.clean_email(str(found["email"]))
        name = people.clean_name(str(found.get("name") or found.get("preferred_username") or email.partition("@")[0]))
    except InvalidRequest as error:
        raise refused() from error
    listed = found.get(settings.get("oidc_groups_claim")) or []
    groups = [listed] if isinstance(listed, str) else [str(g) for g in listed if isinstance(g, str)]
    return Claims(f"{_issuer()}#{found['sub']}"[:512], email, name, tuple(groups[:500]))


def _issuer() -> str:
    issuer: str = settings.get("oidc_issuer").strip()
    if not issuer or not settings.get("oidc_client_id"):
        raise UnknownName(
            "No sign-on provider is set up.", code="no_sign_on",
            hint="Set PLAINSAY_OIDC_ISSUER and PLAINSAY_OIDC_CLIENT_ID.",
        )  # fmt: skip
    _check_address(issuer)
    return issuer


def _check_address(address: str) -> None:
    """Only encrypted lines, but for this machine itself. Raises `ConfigProblem`."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")):
        raise ConfigProblem("The sign-on provider must be reached over https.", code="oidc_https")


def _secret() -> str:
    file: str = settings.get("oidc_client_secret_file")
    return Path(file).expanduser().read_text(encoding="utf-8").strip() if file else settings.get("oidc_client_secret")


def _role(text: str) -> Role:
    try:
        return people.clean_role(text)
    except InvalidRequest as error:
        raise _bad_mapping(text) from error


def _bad_mapping(part: str) -> ConfigProblem:
    return ConfigProblem(
        f"“{part}” in PLAINSAY_OIDC_ROLES or PLAINSAY_OIDC_DEFAULT_ROLE cannot be used.", code="oidc_roles",
        hint="Write GROUP=ROLE or GROUP=ROLE@WORKSPACE with commas between.",
    )  # fmt: skip


def _json(reply: Any) -> dict[str, Any]:
    reply.raise_for_status()
    found = reply.json()
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def _away() -> Unavailable:
    return Unavailable("The sign-on provider cannot be reached.", code="sign_on_away", retry_after=5.0)


def refused() -> Unauthorised:
    """The one answer to whatever was wrong with a sign-on."""
    return Unauthorised("Signing in did not work.", code="sign_on_refused", hint="Try again from the sign-in page.")
