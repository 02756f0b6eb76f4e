"""A Slack Web API on this machine: keeps what is posted as Slack would, and fails where a test wants it to."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

TEAM, BOT, BOT_ID, SECRET, TOKEN = "T0TEAM", "U0BOT", "B0BOT", "signing-secret-of-the-tests", "xoxb-of-the-tests"
_MOST_TEXT, _MOST_BLOCKS, _MOST_BUTTON = 3_000, 50, 75


class FakeSlack:
    """Users, channels, messages and files; `faults` holds what the next calls of a method answer instead.

    A fault is ("ratelimited", seconds), ("error", code), ("status", number), or ("lost", 0): done, but never answered.
    """

    def __init__(self) -> None:
        self.url = ""
        self.socket_url = ""
        self.users: dict[str, dict[str, Any]] = {}
        self.members: dict[str, list[str]] = {}
        self.messages: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.whispers: list[dict[str, Any]] = []
        self.edits: list[tuple[float, str, str]] = []
        self.files: dict[str, dict[str, Any]] = {}
        self.downloads: dict[str, bytes] = {}
        self.shared: list[dict[str, Any]] = []
        self.views: list[dict[str, Any]] = []
        self.unfurls: list[dict[str, Any]] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.faults: dict[str, list[tuple[str, Any]]] = defaultdict(list)
        self.refused: list[str] = []
        self._clock = 1_700_000_000.0
        self._lock = threading.Lock()

    def add_user(self, user: str, email: str | None = None, **more: Any) -> None:
        """A person of the team, whose e-mail Slack confirmed."""
        profile = {"email": email} if email else {}
        self.users[user] = {
            "id": user, "name": user.lower(), "real_name": user, "profile": profile, "is_email_confirmed": bool(email),
            "is_bot": False, **more,
        }  # fmt: skip

    def replies(self, channel: str | None = None) -> list[dict[str, Any]]:
        """What the bot posted, everywhere or in one channel."""
        return [m for c, said in self.messages.items() if channel in (None, c) for m in said]

    def everything(self) -> str:
        """All that any reader was shown, as one text: messages, whispers, file names, file contents, alt texts."""
        files = [{**f, "content": f["content"].decode("latin-1")} for f in self.files.values()]
        return json.dumps([self.messages, self.whispers, files, self.views, self.unfurls], ensure_ascii=False)

    def shown_in(self, channel: str) -> str:
        """All that readers of a channel were shown, files and their texts included."""
        files = [self.files[f] for s in self.shared if s["channel"] == channel for f in s["files"]]
        told = [{**f, "content": f["content"].decode("latin-1")} for f in files]
        previews = [u for u in self.unfurls if u["channel"] == channel]
        return json.dumps([self.messages[channel], told, previews], ensure_ascii=False)

    def call(self, method: str, args: dict[str, Any]) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Answer a method: status, body, headers."""
        with self._lock:
            self.calls.append((method, args))
            fault = self.faults[method].pop(0) if self.faults[method] else None
            if fault is not None and fault[0] == "ratelimited":
                return 429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(fault[1])}
            if fault is not None and fault[0] == "error":
                return 200, {"ok": False, "error": fault[1]}, {}
            if fault is not None and fault[0] == "status":
                return int(fault[1]), {"ok": False, "error": "internal_error"}, {}
            answered = getattr(self, "_" + method.replace(".", "_"), None)
            if answered is None:
                return 200, {"ok": False, "error": "unknown_method"}, {}
            wrong = self._wrong(args)
            if wrong:
                self.refused.append(wrong)
                return 200, {"ok": False, "error": wrong}, {}
            body = answered(args)
            status = 0 if fault is not None and fault[0] == "lost" else 200
            return status, {"ok": "error" not in body, **body}, {}

    def _wrong(self, args: dict[str, Any]) -> str | None:
        blocks = args.get("blocks") or []
        if len(blocks) > _MOST_BLOCKS:
            return "invalid_blocks"
        for block in blocks:
            words = [block.get("text") or {}, *(e for e in block.get("elements", []) if "text" in e)]
            if any(len(str(w.get("text", ""))) > _MOST_TEXT for w in words if isinstance(w, dict)):
                return "msg_too_long"
            for element in block.get("elements", []):
                label = element.get("text")
                if element.get("type") == "button" and len(label["text"]) > _MOST_BUTTON:
                    return "invalid_blocks"
        return None

    def _auth_test(self, args: dict[str, Any]) -> dict[str, Any]:
        return {"user_id": BOT, "bot_id": BOT_ID, "team_id": TEAM, "team": "Team", "user": "plainsay", "url": self.url}

    def _apps_connections_open(self, args: dict[str, Any]) -> dict[str, Any]:
        return {"url": self.socket_url} if self.socket_url else {"error": "not_allowed_token_type"}

    def _users_info(self, args: dict[str, Any]) -> dict[str, Any]:
        found = self.users.get(args["user"])
        return {"user": found} if found else {"error": "user_not_found"}

    def _users_lookupByEmail(self, args: dict[str, Any]) -> dict[str, Any]:
        found = next((u for u in self.users.values() if u["profile"].get("email") == args["email"]), None)
        return {"user": found} if found else {"error": "users_not_found"}

    def _conversations_open(self, args: dict[str, Any]) -> dict[str, Any]:
        return {"channel": {"id": f"D{args['users'].removeprefix('U')}"}}

    def _conversations_members(self, args: dict[str, Any]) -> dict[str, Any]:
        if args["channel"] not in self.members:
            return {"error": "channel_not_found"}
        everybody = [*self.members[args["channel"]], BOT]
        self.users.setdefault(BOT, {"id": BOT, "is_bot": True, "profile": {}})
        start = int(args.get("cursor") or 0)
        after = str(start + 2) if start + 2 < len(everybody) else ""
        return {"members": everybody[start : start + 2], "response_metadata": {"next_cursor": after}}

    def _chat_postMessage(self, args: dict[str, Any]) -> dict[str, Any]:
        self._clock += 1
        ts = f"{self._clock:.6f}"
        kept = {k: args.get(k) for k in ("text", "blocks", "thread_ts", "metadata")}
        self.messages[args["channel"]].append({**kept, "ts": ts, "args": args})
        return {"channel": args["channel"], "ts": ts}

    def _chat_update(self, args: dict[str, Any]) -> dict[str, Any]:
        self.edits.append((time.monotonic(), args["channel"], args["ts"]))
        for message in self.messages[args["channel"]]:
            if message["ts"] == args["ts"]:
                message.update({k: args.get(k) for k in ("text", "blocks")})
                return {"channel": args["channel"], "ts": args["ts"]}
        return {"error": "message_not_found"}

    def _chat_postEphemeral(self, args: dict[str, Any]) -> dict[str, Any]:
        self.whispers.append(args)
        return {"message_ts": "1.0"}

    def _conversations_replies(self, args: dict[str, Any]) -> dict[str, Any]:
        return {"messages": [m for m in self.messages[args["channel"]] if args["ts"] in (m["ts"], m["thread_ts"])]}

    def _conversations_history(self, args: dict[str, Any]) -> dict[str, Any]:
        return {"messages": [m for m in self.messages[args["channel"]] if not m["thread_ts"]][::-1]}

    def _chat_unfurl(self, args: dict[str, Any]) -> dict[str, Any]:
        self.unfurls.append(args)
        return {}

    def _views_open(self, args: dict[str, Any]) -> dict[str, Any]:
        self.views.append(args)
        return {"view": {"id": "V1"}}

    def _views_publish(self, args: dict[str, Any]) -> dict[str, Any]:
        return self._views_open(args)

    def _assistant_threads_setSuggestedPrompts(self, args: dict[str, Any]) -> dict[str, Any]:
        return {}

    def _files_getUploadURLExternal(self, args: dict[str, Any]) -> dict[str, Any]:
        made = f"F{len(self.files) + 1}"
        self.files[made] = {"name": args["filename"], "alt": args.get("alt_txt", ""), "content": b""}
        return {"file_id": made, "upload_url": f"{self.url}upload/{made}"}

    def _files_completeUploadExternal(self, args: dict[str, Any]) -> dict[str, Any]:
        given = args["files"] if isinstance(args["files"], list) else json.loads(args["files"])
        shared = {"channel": args.get("channel_id"), "thread_ts": args.get("thread_ts")}
        self.shared.append({**shared, "files": [f["id"] for f in given]})
        for file in given:
            self.files[file["id"]]["title"] = file.get("title", "")
        return {"files": given}


@contextmanager
def slack_server() -> Iterator[FakeSlack]:
    """A Slack of one's own on a free port."""
    fake = FakeSlack()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if path.startswith("/api/"):
                self._answer(path.removeprefix("/api/"), arguments(query.encode()))
                return
            content = fake.downloads.get(path)
            self._say(200 if content is not None else 404, content or b"", {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.path.startswith("/api/upload/"):
                fake.files[self.path.rpartition("/")[2]]["content"] = body
                self._say(200, b"OK", {})
                return
            path, _, query = self.path.removeprefix("/api/").partition("?")
            self._answer(path, arguments(query.encode()) | arguments(body))

        def _answer(self, method: str, args: dict[str, Any]) -> None:
            status, told, headers = fake.call(method, args)
            if status == 0:
                self.close_connection = True
                return
            self._say(status, json.dumps(told).encode(), {"Content-Type": "application/json", **headers})

        def _say(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_address[1]}/api/"
    thread = threading.Thread(target=lambda: server.serve_forever(0.02))
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def arguments(body: bytes) -> dict[str, Any]:
    """What a client sent, as JSON or as a form with JSON inside."""
    if body[:1] == b"{":
        found: dict[str, Any] = json.loads(body)
        return found
    flat = {k: v[0] for k, v in parse_qs(body.decode(), keep_blank_values=True).items()}
    return {k: json.loads(v) if v[:1] in ("[", "{") and k != "text" else v for k, v in flat.items()}


def signed(body: bytes, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """The headers with which Slack sends a body."""
    stamp = str(int(at or time.time()))
    mark = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mark}"}


def message(text: str, *, user: str = "U1", channel: str = "D1", ts: str = "1700000000.000100", **more: Any) -> bytes:
    """An event as Slack sends it: a direct message, or with another channel a mention there."""
    direct = channel.startswith("D")
    kind = {"type": "message", "channel_type": "im"} if direct else {"type": "app_mention"}
    words = text if direct else f"<@{BOT}> {text}"
    event = {**kind, "user": user, "channel": channel, "ts": ts, "text": words, **more}
    body = {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{ts}", "event": event}
    return json.dumps({**body, "event_time": int(float(ts)), "api_app_id": "A1"}).encode()
