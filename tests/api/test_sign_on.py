"""Signing in with a provider: the whole way round against a real one on loopback, and every lie on the way."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from evals.fakes import oidc
from evals.fakes.browsers import BOSS, code

ANA = {"sub": "ana-1", "email": "Ana@Example.com", "name": "Ana A", "groups": ["sales", "everyone"]}
HOME = "http://localhost"


@pytest.fixture
def provider(monkeypatch):
    with oidc.serving() as made:
        monkeypatch.setenv("PLAINSAY_OIDC_ISSUER", made.issuer)
        monkeypatch.setenv("PLAINSAY_OIDC_CLIENT_ID", oidc.CLIENT)
        monkeypatch.setenv("PLAINSAY_OIDC_CLIENT_SECRET", oidc.SECRET)
        monkeypatch.setenv("PLAINSAY_OIDC_ROLES", "sales=analyst@shop, chiefs=admin, everyone=viewer@cafe")
        made.person = dict(ANA)
        yield made


async def round_trip(browser: httpx.AsyncClient, next_page: str = "/") -> httpx.Response:
    """Out to the provider and back; the last answer is ours."""
    out = await browser.get("/v1/sign-on", params={"next": next_page})
    assert out.status_code == 303, out.text
    async with httpx.AsyncClient() as away:
        back = (await away.get(out.headers["location"])).headers["location"]
    return await browser.get(back.removeprefix(HOME))


async def test_groups_give_roles_and_take_them_away(there, provider):
    await there.boss()
    ana = await there.browser()
    came = await round_trip(ana, "/dashboards?x=1")
    assert (came.status_code, came.headers["location"]) == (303, "/dashboards?x=1")
    told = (await ana.get("/v1/session")).json()
    assert (
        told["person"]["roles"] == {"shop": "analyst", "cafe": "viewer"}
        and told["person"]["email"] == "ana@example.com"
    )
    asked = provider.asked
    assert asked["code_challenge_method"] == "S256" and len(asked["state"]) > 30 and len(asked["nonce"]) > 30
    provider.person["groups"] = ["chiefs"]
    again = await there.browser()
    await round_trip(again)
    assert (await ana.get("/v1/session")).json()["person"]["roles"] == {"*": "admin"}
    provider.person["groups"] = ["strangers"]
    refused = await round_trip(await there.browser())
    assert refused.headers["location"] == "/sign-in?problem=sign_on_groups"
    for client in (ana, again):
        assert (await client.get("/v1/threads")).status_code == 401, "who lost all roles is signed out"


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "somebody-else"}, {"iss": "https://evil.example"}, {"exp": 1},
        {"aud": ["plainsay", "other"]}, {"sub": None}, {"email_verified": False}, {"email": ""},
        {"email": "no address"},
    ],
)  # fmt: skip
async def test_a_token_that_lies_lets_nobody_in(there, provider, lies):
    await there.boss()
    provider.lies = lies
    browser = await there.browser()
    came = await round_trip(browser)
    assert came.headers["location"].startswith("/sign-in?problem=sign_on"), came.headers
    assert (await browser.get("/v1/threads")).status_code == 401


async def test_a_token_with_a_wrong_signature_lets_nobody_in(there, provider):
    from joserfc.jwk import OctKey, RSAKey

    await there.boss()
    for key, algorithm in ((RSAKey.generate_key(2048), "RS256"), (OctKey.import_key(oidc.SECRET * 2), "HS256")):
        provider.signing, provider.algorithm = key, algorithm
        browser = await there.browser()
        assert "problem=sign_on_refused" in (await round_trip(browser)).headers["location"]
        assert (await browser.get("/v1/threads")).status_code == 401


async def test_only_the_browser_that_set_out_comes_back_and_once(there, provider):
    await there.boss()
    victim, attacker = await there.browser(), await there.browser()
    out = await attacker.get("/v1/sign-on")
    async with httpx.AsyncClient() as away:
        back = (await away.get(out.headers["location"])).headers["location"].removeprefix(HOME)
    assert "problem" in (await victim.get(back)).headers["location"], (
        "a link of somebody else's sign-on signs nobody in"
    )
    state = parse_qs(urlsplit(back).query)["state"][0]
    forged = back.replace(state, state[::-1])
    assert "problem" in (await attacker.get(forged)).headers["location"]
    assert "problem" in (await attacker.get(back)).headers["location"], "the ticket was spent with the forged state"
    assert (await attacker.get("/v1/threads")).status_code == 401
    browser = await there.browser()
    out = await browser.get("/v1/sign-on")
    async with httpx.AsyncClient() as away:
        back = (await away.get(out.headers["location"])).headers["location"].removeprefix(HOME)
    assert (await browser.get(back)).headers["location"] == "/"
    assert "problem" in (await browser.get(back)).headers["location"], "a code opens once"


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: y", "\\\\x", "x"],
)
async def test_nobody_is_sent_elsewhere_afterwards(there, provider, wanted):
    await there.boss()
    assert (await round_trip(await there.browser(), wanted)).headers["location"] == "/"


async def test_an_account_is_not_taken_over_by_its_address(there, provider):
    boss = await there.boss()
    provider.person |= {"email": BOSS["email"], "sub": "boss-1"}
    thief = await there.browser()
    assert "problem=sign_on_taken" in (await round_trip(thief)).headers["location"]
    assert (await round_trip(boss)).headers["location"] == "/", "who is signed in may tie the account to the provider"
    assert (await boss.get("/v1/session")).json()["person"]["roles"]["*"] == "owner"
    assert (await round_trip(await there.browser())).headers["location"] == "/"


async def test_the_host_of_a_request_never_becomes_an_address(there, provider, monkeypatch):
    await there.boss()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(there.app), base_url="http://evil.example") as client:
        assert (await client.get("/v1/sign-on")).status_code == 421
    monkeypatch.setenv("PLAINSAY_PUBLIC_URL", "https://data.example.com")
    out = await (await there.browser()).get("/v1/sign-on")
    assert parse_qs(urlsplit(out.headers["location"]).query)["redirect_uri"] == [
        "https://data.example.com/v1/sign-on/return"
    ]


async def test_a_provider_that_is_away_or_not_set_up_says_so(there, monkeypatch):
    await there.boss()
    browser = await there.browser()
    assert code(await browser.get("/v1/sign-on")) == (404, "no_sign_on")
    monkeypatch.setenv("PLAINSAY_OIDC_ISSUER", "http://127.0.0.1:9")
    monkeypatch.setenv("PLAINSAY_OIDC_CLIENT_ID", "x")
    assert code(await browser.get("/v1/sign-on")) == (503, "sign_on_away")
    monkeypatch.setenv("PLAINSAY_OIDC_ISSUER", "http://provider.example")
    assert code(await browser.get("/v1/sign-on")) == (500, "oidc_https")
