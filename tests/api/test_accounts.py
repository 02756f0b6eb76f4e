"""Accounts from the first owner to the last session: who comes in, with what rights, and how it ends."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pyotp
import pytest

from evals.fakes.browsers import BOSS, GOOD, PAGE, code
from store import audit, sessions
from store.people_tables import SessionRow


async def test_until_an_owner_exists_the_local_user_owns_the_house(there):
    local = await there.browser()
    told = (await local.get("/v1/session")).json()
    assert told["signed_in"] and told["setup"] and not told["needed"] and told["person"]["roles"] == {"*": "owner"}
    await local.post("/v1/ask", json={"question": "total revenue", "thread_id": "mine", "workspace": "shop"})
    boss = await there.boss()
    assert (await boss.get("/v1/threads/mine")).status_code == 200, "what the local owner asked is the owner's"
    assert code(await local.get("/v1/threads")) == (401, "unauthorised")
    told = (await local.get("/v1/session")).json()
    assert (told["signed_in"], told["needed"], told["setup"]) == (False, True, False)
    assert code(await local.post("/v1/setup", json=BOSS)) == (401, "unauthorised")
    assert code(await boss.post("/v1/setup", json=BOSS)) == (409, "owner_exists")
    other = await there.browser()
    assert (await other.get("/")).status_code in (200, 404) and (await other.get("/healthz")).status_code == 200
    assert (
        await other.post("/v1/session", json={"email": BOSS["email"], "password": BOSS["password"]})
    ).status_code == 200
    assert (await other.get("/v1/threads/mine")).status_code == 200


@pytest.mark.parametrize(
    "password", ["short one", "password1234", "BoBossBoBoss", "boss@example.com", "aaaaaaaaaaaaaaaa", "x" * 300]
)
async def test_passwords_that_are_short_common_or_known_are_refused(there, password):
    client = await there.browser()
    assert code(await client.post("/v1/setup", json=BOSS | {"password": password})) == (422, "weak_password")
    assert not (await client.get("/v1/session")).json()["needed"]


async def test_the_cookie_is_out_of_reach_and_the_hash_alone_is_kept(there):
    boss = await there.boss()
    again = await there.browser()
    line = (await again.post("/v1/session", json={k: BOSS[k] for k in ("email", "password")})).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(line.split("; ")) and "Domain" not in line
    text = line.partition("=")[2].partition(";")[0]
    assert len(text) >= 43
    rows = await there.house.database.read(lambda c: c.exec_driver_sql("select * from sessions").fetchall())
    assert text not in str(rows) and len(rows) == 2
    safe = httpx.AsyncClient(transport=httpx.ASGITransport(there.app), base_url="https://localhost", headers=PAGE)
    async with safe:
        safe.headers["Origin"] = "https://localhost"
        line = (await safe.post("/v1/session", json={k: BOSS[k] for k in ("email", "password")})).headers["set-cookie"]
        assert line.startswith("__Host-plainsay_session=") and "Secure" in line.split("; ")
        assert (await safe.get("/v1/threads")).status_code == 200
        forged = {"Cookie": f"plainsay_session={text}"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(there.app), base_url="https://localhost") as bare:
            assert (await bare.get("/v1/threads", headers=forged)).status_code == 401
    assert (await boss.delete("/v1/session")).status_code == 204
    assert (await boss.get("/v1/threads")).status_code == 401
    assert (await again.get("/v1/threads")).status_code == 200


async def test_a_session_is_rotated_and_a_stolen_cookie_ends_it(there, monkeypatch):
    boss = await there.boss()
    old = boss.cookies["plainsay_session"]
    monkeypatch.setattr(sessions, "ROTATE", timedelta(0))
    assert (await boss.get("/v1/threads")).status_code == 200
    assert boss.cookies["plainsay_session"] != old
    thief = await there.browser()
    thief.cookies.set("plainsay_session", old)
    monkeypatch.setattr(sessions, "ROTATE", timedelta(days=1))
    assert (await thief.get("/v1/threads")).status_code == 200, "requests under way carry the one before"
    monkeypatch.setattr(sessions, "GRACE", timedelta(0))
    assert (await thief.get("/v1/threads")).status_code == 401
    assert (await boss.get("/v1/threads")).status_code == 401, "nobody can tell which of the two is the thief"
    rows = await there.house.database.read(lambda c: audit.search(c, audit.Sought(action="session.copied")))
    assert len(rows) == 1


async def test_sessions_end_with_time(there, monkeypatch):
    boss = await there.boss()
    assert (await boss.get("/v1/threads")).status_code == 200
    monkeypatch.setattr(sessions, "IDLE", timedelta(0))
    assert (await boss.get("/v1/threads")).status_code == 401
    monkeypatch.undo()
    past = sessions.utc_now() - timedelta(seconds=1)
    await there.house.database.write(lambda c: c.execute(SessionRow.__table__.update().values(expires_at=past)))
    assert (await boss.get("/v1/threads")).status_code == 401


async def test_wrong_and_unknown_look_alike_and_both_have_to_wait(there):
    boss = await there.boss()
    for email in (BOSS["email"], "nobody@example.com"):
        client, seen = await there.browser(), []
        for _ in range(6):
            reply = await client.post("/v1/session", json={"email": email, "password": "wrong wrong wrong"})
            seen.append((*code(reply), reply.json()["error"]["message"]))
        assert seen[:5] == [(401, "wrong_password", "The e-mail address or the password is wrong.")] * 5
        assert seen[5][:2] == (429, "too_many_tries") and int(reply.headers["retry-after"]) >= 1
    right = {k: BOSS[k] for k in ("email", "password")}
    assert code(await (await there.browser()).post("/v1/session", json=right))[0] == 429
    assert (await boss.get("/v1/threads")).status_code == 200, "who is signed in does not wait"


async def test_invited_people_have_the_role_of_their_invitation_where_it_holds(there):
    boss = await there.boss()
    ana = await there.joined(boss, "ana@example.com", "analyst", "shop")
    told = (await ana.get("/v1/session")).json()
    assert told["person"]["roles"] == {"shop": "analyst"} and "sql" in told["rights"] and not told["house_rights"]
    assert {w["name"] for w in (await ana.get("/v1/workspaces")).json()["items"]} == {"shop"}
    assert (await ana.post("/v1/uploads?workspace=cafe", files=[("files", ("a.csv", b"x\n1\n"))])).status_code == 404
    for path in ("/v1/users", "/v1/audit", "/v1/invitations"):
        assert (await ana.get(path)).status_code == 403
    added = await boss.post("/v1/invitations", json={"email": "ana@example.com", "role": "viewer", "workspace": "cafe"})
    assert added.json() == {"added": True, "link": None}
    assert {w["name"] for w in (await ana.get("/v1/workspaces")).json()["items"]} == {"cafe", "shop"}


async def test_an_invitation_opens_once_and_never_above_who_sent_it(there):
    boss = await there.boss()
    admin = await there.joined(boss, "adm@example.com", "admin", "shop")
    refused = [
        {"email": "x@example.com", "role": "owner", "workspace": "shop"},
        {"email": "x@example.com", "role": "viewer", "workspace": "cafe"},
        {"email": "x@example.com", "role": "viewer", "workspace": "*"},
    ]
    for body in refused:
        assert (await admin.post("/v1/invitations", json=body)).status_code == 403, body
    link = (
        await admin.post("/v1/invitations", json={"email": "new@example.com", "role": "admin", "workspace": "shop"})
    ).json()["link"]
    token = link.partition("#")[2]
    looked = await (await there.browser()).post("/v1/invitations/look", json={"token": token})
    assert looked.json() == {"email": "new@example.com", "role": "admin", "workspace": "shop"}
    body = {"token": token, "name": "New", "password": GOOD}
    assert (await (await there.browser()).post("/v1/invitations/accept", json=body)).status_code == 201
    assert code(await (await there.browser()).post("/v1/invitations/accept", json=body)) == (410, "spent_ticket")
    late = (
        await admin.post("/v1/invitations", json={"email": "late@example.com", "role": "viewer", "workspace": "shop"})
    ).json()
    user = await there.id_of(boss, "adm@example.com")
    assert (await boss.patch(f"/v1/users/{user}", json={"roles": {"shop": "viewer"}})).status_code == 200
    body = {"token": late["link"].partition("#")[2], "name": "Late", "password": GOOD}
    assert code(await (await there.browser()).post("/v1/invitations/accept", json=body))[0] == 410


async def test_nobody_raises_themselves_or_reaches_above(there):
    boss = await there.boss()
    admin = await there.joined(boss, "adm@example.com", "admin")
    local = await there.joined(boss, "loc@example.com", "admin", "shop")
    boss_id, adm, loc = "local", await there.id_of(boss, "adm@example.com"), await there.id_of(boss, "loc@example.com")
    tried = [
        (admin, adm, {"roles": {"*": "owner"}}), (admin, boss_id, {"roles": {"*": "viewer"}}),
        (admin, boss_id, {"disabled": True}), (admin, boss_id, {"second_factor": False}),
        (local, loc, {"roles": {"*": "viewer"}}), (local, loc, {"roles": {"cafe": "viewer"}}),
        (local, loc, {"roles": {"shop": "owner"}}), (local, loc, {"attributes": {"region": ["north"]}}),
        (local, loc, {"groups": ["finance"]}), (boss, boss_id, {"roles": {"*": None}}),
        (boss, boss_id, {"disabled": True}),
    ]  # fmt: skip
    for client, user, body in tried:
        assert (await client.patch(f"/v1/users/{user}", json=body)).status_code in (403, 404), body
    for extra in ({"password": "x"}, {"totp": None}, {"id": "local"}, {"kind": "service"}, {"email": "a@b.c"}):
        assert (await admin.patch(f"/v1/users/{adm}", json=extra)).status_code == 422
    assert (await admin.post(f"/v1/users/{boss_id}/password-link")).status_code == 403
    assert (await admin.delete(f"/v1/users/{boss_id}")).status_code == 403
    assert (await local.get(f"/v1/users/{boss_id}")).status_code == 404
    assert (await boss.delete(f"/v1/users/{boss_id}")).status_code == 403
    assert (await boss.get("/v1/users")).status_code == 200
    gone = await boss.patch(f"/v1/users/{adm}", json={"disabled": True})
    assert gone.status_code == 200 and (await admin.get("/v1/threads")).status_code == 401


async def test_keys_are_narrower_than_their_holder_and_end(there):
    boss = await there.boss()
    ana = await there.joined(boss, "ana@example.com", "analyst")
    made = (await ana.post("/v1/keys", json={"name": "ci", "scopes": ["ask"], "workspace": "shop"})).json()
    program = await there.program(made["key"])
    assert {w["name"] for w in (await program.get("/v1/workspaces")).json()["items"]} == {"shop"}
    assert code(await program.post("/v1/uploads?workspace=shop", files=[("files", ("a.csv", b"x\n1\n"))])) == (
        403,
        "load_role",
    )
    assert (await program.post("/v1/keys", json={"name": "more"})).status_code == 403
    assert (await program.post("/v1/ask", json={"question": "total", "workspace": "cafe"})).status_code == 404
    assert (await program.post("/v1/ask", json={"question": "total revenue", "workspace": "shop"})).status_code == 200
    wide = (await ana.post("/v1/keys", json={"name": "wide"})).json()["key"]
    assert code(await (await there.program(wide)).post("/v1/keys", json={"name": "x"})) == (403, "key_by_key")
    assert (await ana.post("/v1/keys", json={"name": "x", "user_id": "local"})).status_code == 403
    assert (await ana.post("/v1/keys", json={"name": "x", "scopes": ["god"]})).status_code == 422
    listed = (await ana.get("/v1/keys")).json()["items"]
    assert {k["name"] for k in listed} == {"ci", "wide"} and next(k for k in listed if k["name"] == "ci")["used_at"]
    assert made["key"] not in str(listed)
    rows = await there.house.database.read(lambda c: c.exec_driver_sql("select * from api_keys").fetchall())
    assert made["key"] not in str(rows)
    other = await there.joined(boss, "bob@example.com", "analyst")
    assert (await other.delete(f"/v1/keys/{made['id']}")).status_code == 404
    assert (await ana.delete(f"/v1/keys/{made['id']}")).status_code == 204
    assert (await program.get("/v1/workspaces")).status_code == 401
    service = (await boss.post("/v1/users", json={"name": "Loader", "role": "analyst", "workspace": "shop"})).json()
    key = (await boss.post("/v1/keys", json={"name": "load", "user_id": service["id"], "days": 1})).json()["key"]
    loader = await there.program(key)
    assert (await loader.get("/v1/model/history?workspace=shop")).status_code == 403
    assert (await loader.post("/v1/uploads?workspace=shop", files=[("files", ("a.csv", b"x\n1\n"))])).status_code == 202
    assert (await boss.delete(f"/v1/users/{service['id']}")).status_code == 204
    assert (await loader.get("/v1/workspaces")).status_code == 401


async def test_the_second_factor_is_asked_for_and_each_code_is_good_for_once(there):
    boss = await there.boss()
    assert code(await boss.post("/v1/me/second-factor", json={"password": "wrong wrong wrong"}))[0] == 401
    begun = (await boss.post("/v1/me/second-factor", json={"password": BOSS["password"]})).json()
    assert begun["address"].startswith("otpauth://totp/Plainsay") and begun["picture"].startswith("data:image/svg+xml")
    app = pyotp.TOTP(begun["secret"])
    assert code(await boss.post("/v1/me/second-factor/confirm", json={"code": "000000"}))[0] == 422
    paper = (await boss.post("/v1/me/second-factor/confirm", json={"code": app.now()})).json()["codes"]
    assert len(set(paper)) == 10
    client, body = await there.browser(), {k: BOSS[k] for k in ("email", "password")}
    assert code(await client.post("/v1/session", json=body)) == (401, "second_factor_needed")
    assert code(await client.post("/v1/session", json=body | {"code": app.now()})) == (401, "wrong_code"), "used before"
    assert (await client.post("/v1/session", json=body | {"code": paper[0]})).status_code == 200
    assert code(await client.post("/v1/session", json=body | {"code": paper[0]})) == (401, "wrong_code")
    rows = await there.house.database.read(lambda c: c.exec_driver_sql("select recovery, totp from users").fetchall())
    assert paper[1] not in str(rows) and begun["secret"] not in str(rows)
    assert (await client.post("/v1/me/second-factor/off", json={"password": BOSS["password"]})).status_code == 204
    assert (await (await there.browser()).post("/v1/session", json=body)).status_code == 200


async def test_another_password_ends_all_other_sessions(there):
    boss, other = await there.boss(), await there.browser()
    await other.post("/v1/session", json={k: BOSS[k] for k in ("email", "password")})
    body = {"password": BOSS["password"], "new": GOOD}
    assert len((await boss.get("/v1/me/sessions")).json()["items"]) == 2
    assert (await boss.patch("/v1/me", json={"name": "  The  Boss "})).json() == {"name": "The Boss"}
    assert (await boss.patch("/v1/me", json={"name": " "})).status_code == 422
    assert (await boss.post("/v1/me/password", json=body)).status_code == 204
    assert (await other.get("/v1/threads")).status_code == 401 and (await boss.get("/v1/threads")).status_code == 200
    ana = await there.joined(boss, "ana@example.com", "viewer")
    user = await there.id_of(boss, "ana@example.com")
    link = (await boss.post(f"/v1/users/{user}/password-link")).json()["link"].partition("#")[2]
    again = (await boss.post(f"/v1/users/{user}/password-link")).json()["link"].partition("#")[2]
    new = {"password": "seven blue ladders nap"}
    fresh = await there.browser()
    assert (await fresh.post("/v1/password", json={"token": link} | new)).status_code == 410, (
        "a newer link took its place"
    )
    assert (await fresh.post("/v1/password", json={"token": again} | new)).status_code == 204
    assert (await fresh.post("/v1/password", json={"token": again} | new)).status_code == 410
    assert (await ana.get("/v1/threads")).status_code == 401
    assert (await fresh.post("/v1/session", json={"email": "ana@example.com"} | new)).status_code == 200


async def test_an_administrator_sees_as_another_and_changes_nothing(there):
    boss = await there.boss()
    ana = await there.joined(boss, "ana@example.com", "analyst", "shop")
    user = await there.id_of(boss, "ana@example.com")
    await ana.post("/v1/ask", json={"question": "total revenue", "thread_id": "secret", "workspace": "shop"})
    started = await boss.post("/v1/session/view-as", json={"user_id": user})
    assert started.json() == {"viewing_as": {"name": "Ana", "workspaces": {"shop": "analyst"}}}
    told = (await boss.get("/v1/session")).json()
    assert told["viewing_as"]["name"] == "Ana" and told["person"]["name"] == "Bo Boss" and told["rights"] == ["ask"]
    assert {w["name"] for w in (await boss.get("/v1/workspaces")).json()["items"]} == {"shop"}
    assert (await boss.get("/v1/threads/secret")).status_code == 404, "their conversations stay theirs"
    asked = await boss.post("/v1/ask", json={"question": "total revenue", "workspace": "shop"})
    assert asked.status_code == 200
    shut = [
        ("POST", "/v1/dashboards"), ("POST", "/v1/uploads"), ("GET", "/v1/users"), ("POST", "/v1/keys"),
        ("DELETE", "/v1/workspaces/shop"), ("GET", "/v1/audit"), ("POST", "/v1/session/view-as"),
        ("PUT", "/v1/model/text"),
    ]  # fmt: skip
    for method, path in shut:
        assert (await boss.request(method, path, json={"user_id": user})).status_code == 403, path
    for path in ("/v1/me/password", "/v1/me/second-factor"):
        body = (
            {"password": BOSS["password"], "new": GOOD} if path.endswith("password") else {"password": BOSS["password"]}
        )
        assert (await boss.post(path, json=body)).status_code == 409
    assert (await boss.delete("/v1/session/view-as")).status_code == 204
    assert (await boss.get("/v1/users")).status_code == 200
    found = (await boss.get("/v1/audit?action=view_as")).json()["items"]
    assert [e["action"] for e in found] == ["view_as.ended", "view_as.asked", "view_as.started"]
    assert all(e["actor_name"] == "Bo Boss" for e in found) and found[1]["detail"]["as"] == "Ana"
    admin = await there.joined(boss, "adm@example.com", "admin", "cafe")
    assert code(await admin.post("/v1/session/view-as", json={"user_id": user})) == (403, "view_as_role")
    assert code(await admin.post("/v1/session/view-as", json={"user_id": "local"})) == (403, "view_as_role")


async def test_what_was_done_is_kept_and_the_chain_holds(there):
    boss = await there.boss()
    await there.joined(boss, "ana@example.com", "viewer", "shop")
    admin = await there.joined(boss, "adm@example.com", "admin", "shop")
    await boss.post("/v1/workspaces", json={"name": "third"})
    actions = [e["action"] for e in (await boss.get("/v1/audit")).json()["items"]]
    assert actions[0] == "workspace.made" and actions[-1] == "owner.made" and "invitation.accepted" in actions
    assert BOSS["password"] not in (await boss.get("/v1/audit")).text and GOOD not in (await boss.get("/v1/audit")).text
    page = (await boss.get("/v1/audit?limit=2")).json()
    assert len(page["items"]) == 2 and (await boss.get(f"/v1/audit?limit=2&before={page['before']}")).json()["items"]
    assert (await boss.get("/v1/audit?q=ana@example")).json()["items"]
    assert (await boss.get("/v1/audit/verify")).json()["whole"] is True
    assert {e["workspace"] for e in (await admin.get("/v1/audit")).json()["items"]} <= {"shop"}
    assert (await admin.get("/v1/audit/verify")).status_code == 403
    changed = "update audit set target = 'nothing' where seq = 2"
    await there.house.database.write(lambda c: c.exec_driver_sql(changed))
    found = (await boss.get("/v1/audit/verify")).json()
    assert (found["whole"], found["broken_at"]) == (False, 2)
