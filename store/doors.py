"""Which right each HTTP address asks for, and which of them the audit log keeps; an address without a line is shut."""

from __future__ import annotations

from dataclasses import dataclass

from store.rights import Door


@dataclass(frozen=True)
class Entry:
    """What a route asks of the asker (`open`: nothing, `self`: to be signed in), and its name in the audit log.

    `wire` marks addresses that programs call with keys: a browser's cookie opens none of them.
    """

    asks: Door
    audited: str = ""
    wire: bool = False


def _wire(asks: Door) -> Entry:
    return Entry(asks, wire=True)


ROUTES: dict[tuple[str, str], Entry] = {
    ("GET", "/v1/openapi.json"): Entry("self"),
    ("GET", "/v1/workspaces"): Entry("self"),
    ("POST", "/v1/workspaces"): Entry("workspaces", "workspace.made"),
    ("DELETE", "/v1/workspaces/{name}"): Entry("workspaces", "workspace.removed"),
    ("GET", "/v1/workspaces/{name}/insights"): Entry("ask"),
    ("GET", "/v1/workspaces/{name}/export"): Entry("workspaces", "workspace.exported"),
    ("POST", "/v1/workspaces/{name}/copy"): Entry("workspaces", "workspace.copied"),
    ("POST", "/v1/workspaces/import"): Entry("workspaces", "workspace.imported"),
    ("GET", "/v1/model"): Entry("ask"),
    ("GET", "/v1/tools"): Entry("ask"),
    ("POST", "/v1/metrics/query"): Entry("ask"),
    ("GET", "/v1/model/schema"): Entry("ask"),
    ("GET", "/v1/model/review"): Entry("model"),
    ("POST", "/v1/model/review/{item}"): Entry("model", "model.reviewed"),
    ("GET", "/v1/model/history"): Entry("model"),
    ("POST", "/v1/model/history/{number}/restore"): Entry("model", "model.restored"),
    ("POST", "/v1/model/check"): Entry("model"),
    ("GET", "/v1/model/text"): Entry("model"),
    ("PUT", "/v1/model/text"): Entry("model", "model.edited"),
    ("PATCH", "/v1/model/names"): Entry("model", "model.named"),
    ("GET", "/v1/packs"): Entry("ask"),
    ("GET", "/v1/packs/schema"): Entry("ask"),
    ("GET", "/v1/packs/{pack}"): Entry("model"),
    ("GET", "/v1/packs/{pack}/preview"): Entry("model"),
    ("POST", "/v1/packs/{pack}"): Entry("model", "pack.installed"),
    ("POST", "/v1/packs/{pack}/upgrade"): Entry("model", "pack.upgraded"),
    ("POST", "/v1/packs/{pack}/bind"): Entry("model", "pack.bound"),
    ("PUT", "/v1/packs/{pack}/overrides"): Entry("model", "pack.overridden"),
    ("DELETE", "/v1/packs/{pack}"): Entry("model", "pack.removed"),
    ("GET", "/v1/knowledge"): Entry("ask"),
    ("GET", "/v1/knowledge/search"): Entry("ask"),
    ("POST", "/v1/knowledge/documents"): Entry("load", "document.added"),
    ("DELETE", "/v1/knowledge/documents/{document}"): Entry("load", "document.removed"),
    ("POST", "/v1/chat"): Entry("ask"),
    ("GET", "/v1/runs/{run_id}/events"): Entry("ask"),
    ("POST", "/v1/runs/{run_id}/cancel"): Entry("ask"),
    ("POST", "/v1/ask"): Entry("ask"),
    ("GET", "/v1/answers/{answer_id}"): Entry("ask"),
    ("GET", "/v1/models"): _wire("ask"),
    ("GET", "/v1/models/{model}"): _wire("ask"),
    ("POST", "/v1/chat/completions"): _wire("ask"),
    ("POST", "/v1/responses"): _wire("ask"),
    ("GET", "/v1/responses/{response_id}"): _wire("ask"),
    ("POST", "/v1/responses/{response_id}/cancel"): _wire("ask"),
    ("POST", "/v1/aisdk"): _wire("ask"),
    ("GET", "/v1/aisdk/{chat_id}/stream"): _wire("ask"),
    ("POST", "/mcp"): _wire("ask"),
    ("GET", "/mcp"): _wire("ask"),
    ("DELETE", "/mcp"): _wire("ask"),
    ("GET", "/v1/threads"): Entry("ask"),
    ("GET", "/v1/threads/{thread_id}"): Entry("ask"),
    ("PATCH", "/v1/threads/{thread_id}"): Entry("ask"),
    ("DELETE", "/v1/threads/{thread_id}"): Entry("ask"),
    ("POST", "/v1/threads/{thread_id}/branch"): Entry("ask"),
    ("GET", "/v1/threads/{thread_id}/share"): Entry("ask"),
    ("POST", "/v1/threads/{thread_id}/share"): Entry("keep", "thread.shared"),
    ("DELETE", "/v1/threads/{thread_id}/share"): Entry("keep", "thread.unshared"),
    ("GET", "/v1/shared/{share_id}"): Entry("ask"),
    ("GET", "/v1/answers/{answer_id}/ways"): Entry("ask"),
    ("GET", "/v1/feedback"): Entry("ask"),
    ("POST", "/v1/feedback"): Entry("keep"),
    ("DELETE", "/v1/feedback/{answer_id}"): Entry("keep"),
    ("POST", "/v1/feedback/{feedback_id}/review"): Entry("model"),
    ("GET", "/v1/verified"): Entry("ask"),
    ("GET", "/v1/fields"): Entry("ask"),
    ("GET", "/v1/fields/{field}/values"): Entry("ask"),
    ("GET", "/v1/tables/{table}/rows"): Entry("ask"),
    ("GET", "/v1/dashboards"): Entry("ask"),
    ("POST", "/v1/dashboards"): Entry("keep"),
    ("GET", "/v1/dashboards/{dashboard_id}"): Entry("ask"),
    ("PATCH", "/v1/dashboards/{dashboard_id}"): Entry("keep"),
    ("DELETE", "/v1/dashboards/{dashboard_id}"): Entry("keep"),
    ("POST", "/v1/dashboards/{dashboard_id}/cards"): Entry("keep"),
    ("PATCH", "/v1/dashboards/{dashboard_id}/cards/{card_id}"): Entry("keep"),
    ("DELETE", "/v1/dashboards/{dashboard_id}/cards/{card_id}"): Entry("keep"),
    ("GET", "/v1/dashboards/{dashboard_id}/cards/{card_id}/answer"): Entry("ask"),
    ("GET", "/v1/digests"): Entry("ask"),
    ("POST", "/v1/digests"): Entry("keep", "digest.made"),
    ("POST", "/v1/digests/preview"): Entry("ask"),
    ("GET", "/v1/digests/{digest_id}"): Entry("ask"),
    ("PATCH", "/v1/digests/{digest_id}"): Entry("keep", "digest.changed"),
    ("DELETE", "/v1/digests/{digest_id}"): Entry("keep", "digest.removed"),
    ("GET", "/v1/digests/{digest_id}/rehearsal"): Entry("ask"),
    ("POST", "/v1/digests/{digest_id}/send"): Entry("keep", "digest.sent"),
    ("GET", "/v1/digests/{digest_id}/history"): Entry("ask"),
    ("POST", "/v1/digests/stop"): Entry("open", "digest.stopped"),
    ("GET", "/v1/inbox"): Entry("ask"),
    ("GET", "/v1/inbox/{message_id}"): Entry("ask"),
    ("POST", "/v1/inbox/{message_id}/read"): Entry("ask"),
    ("GET", "/v1/learned"): Entry("ask"),
    ("POST", "/v1/learned"): Entry("keep"),
    ("POST", "/v1/learned/{learned_id}/approve"): Entry("keep", "learned.approved"),
    ("DELETE", "/v1/learned/{learned_id}"): Entry("keep", "learned.removed"),
    ("GET", "/v1/suggest"): Entry("ask"),
    ("GET", "/v1/brain"): Entry("ask"),
    ("POST", "/v1/brain/check"): Entry("operate", "brain.checked"),
    ("GET", "/v1/trained"): Entry("load"),
    ("POST", "/v1/trained/{model_id}/retrain"): Entry("load", "skill.trained"),
    ("POST", "/v1/uploads"): Entry("load", "files.uploaded"),
    ("GET", "/v1/jobs/{job_id}"): Entry("load"),
    ("GET", "/v1/sources/catalogue"): Entry("ask"),
    ("GET", "/v1/sources"): Entry("ask"),
    ("POST", "/v1/sources"): Entry("connect", "source.connected"),
    ("POST", "/v1/sources/{source_id}/refresh"): Entry("load", "source.refreshed"),
    ("GET", "/v1/sources/{source_id}/schema"): Entry("connect"),
    ("PATCH", "/v1/sources/{source_id}"): Entry("connect", "source.changed"),
    ("DELETE", "/v1/sources/{source_id}"): Entry("connect", "source.removed"),
    ("GET", "/v1/rates"): Entry("ask"),
    ("PUT", "/v1/rates"): Entry("connect", "rates.stated"),
    ("GET", "/v1/lineage/{table}"): Entry("connect"),
    ("POST", "/v1/hooks/{source_id}"): Entry("open", wire=True),
    ("GET", "/v1/system"): Entry("self"),
    ("GET", "/v1/webhooks"): Entry("connect"),
    ("POST", "/v1/webhooks"): Entry("connect", "webhook.made"),
    ("GET", "/v1/webhooks/{webhook_id}"): Entry("connect"),
    ("PATCH", "/v1/webhooks/{webhook_id}"): Entry("connect", "webhook.changed"),
    ("DELETE", "/v1/webhooks/{webhook_id}"): Entry("connect", "webhook.removed"),
    ("POST", "/v1/webhooks/{webhook_id}/ping"): Entry("connect"),
    ("GET", "/v1/webhooks/{webhook_id}/deliveries"): Entry("connect"),
    ("POST", "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay"): Entry("connect", "webhook.replayed"),
    ("GET", "/v1/usage"): Entry("self"),
    ("POST", "/slack/events"): Entry("open"),
    ("POST", "/v1/me/slack"): Entry("self", "slack.linked"),
    ("DELETE", "/v1/me/slack"): Entry("self", "slack.unlinked"),
    ("GET", "/docs"): Entry("open"),
    ("GET", "/docs/{name}"): Entry("open"),
    ("GET", "/v1/session"): Entry("open"),
    ("POST", "/v1/session"): Entry("open", "session.started"),
    ("DELETE", "/v1/session"): Entry("open", "session.ended"),
    ("POST", "/v1/setup"): Entry("owners", "owner.made"),
    ("POST", "/v1/session/view-as"): Entry("view_as", "view_as.started"),
    ("DELETE", "/v1/session/view-as"): Entry("self", "view_as.ended"),
    ("GET", "/v1/me/sessions"): Entry("self"),
    ("DELETE", "/v1/me/sessions/{session_id}"): Entry("self", "session.ended"),
    ("POST", "/v1/me/password"): Entry("self", "password.changed"),
    ("POST", "/v1/me/second-factor"): Entry("self"),
    ("POST", "/v1/me/second-factor/confirm"): Entry("self", "second_factor.on"),
    ("POST", "/v1/me/second-factor/off"): Entry("self", "second_factor.off"),
    ("GET", "/v1/users"): Entry("members"),
    ("POST", "/v1/users"): Entry("people", "service.made"),
    ("GET", "/v1/users/{user_id}"): Entry("members"),
    ("PATCH", "/v1/users/{user_id}"): Entry("members", "user.changed"),
    ("DELETE", "/v1/users/{user_id}"): Entry("people", "user.removed"),
    ("POST", "/v1/users/{user_id}/sign-out"): Entry("people", "user.signed_out"),
    ("POST", "/v1/users/{user_id}/password-link"): Entry("people", "password.link_made"),
    ("GET", "/v1/invitations"): Entry("members"),
    ("POST", "/v1/invitations"): Entry("members", "invitation.made"),
    ("DELETE", "/v1/invitations/{invitation_id}"): Entry("members", "invitation.taken_back"),
    ("POST", "/v1/invitations/look"): Entry("open"),
    ("POST", "/v1/invitations/accept"): Entry("open", "invitation.accepted"),
    ("POST", "/v1/password"): Entry("open", "password.changed"),
    ("GET", "/v1/keys"): Entry("own_keys"),
    ("POST", "/v1/keys"): Entry("own_keys", "key.made"),
    ("DELETE", "/v1/keys/{key_id}"): Entry("own_keys", "key.revoked"),
    ("GET", "/v1/policies"): Entry("policies"),
    ("PUT", "/v1/policies"): Entry("policies", "policies.changed"),
    ("GET", "/v1/sign-on"): Entry("open"),
    ("GET", "/v1/sign-on/return"): Entry("open", "session.started"),
    ("GET", "/v1/audit"): Entry("audit"),
    ("GET", "/v1/audit/verify"): Entry("audit"),
    ("GET", "/healthz"): Entry("open"),
    ("GET", "/readyz"): Entry("open"),
    ("GET", "/metrics"): _wire("operate"),
    ("GET", "/{path:path}"): Entry("open"),
}
"""HEAD asks for what GET does. Inside, each object is checked again by its owner and its workspace."""


SECRET = (
    "/v1/session",
    "/v1/sign-on",
    "/v1/setup",
    "/v1/me/",
    "/v1/invitations",
    "/v1/password",
    "/v1/keys",
    "/v1/users",
)
"""Beginnings of addresses whose requests or answers hold secrets: neither is ever kept, not even to be repeated."""


def is_secret(path: str) -> bool:
    """Whether what goes to and fro at an address may not be kept."""
    return path.startswith(SECRET)


def entry(method: str, path: str) -> Entry | None:
    """The line of a route by its method and its path template."""
    return ROUTES.get(("GET" if method == "HEAD" else method, path))
