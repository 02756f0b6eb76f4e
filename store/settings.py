"""Settings as data: one list that the code, the docs and `plainsay doctor --settings` all read."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from store import kept_settings
from store.errors import ConfigProblem


@dataclass(frozen=True)
class Setting:
    """One knob: read from the environment variable `env`, else `default`; secrets have no default and print as •••."""

    name: str
    default: Any
    parse: Callable[[str], Any]
    help: str
    env: str = ""
    secret: bool = False

    @property
    def variable(self) -> str:
        return self.env or f"PLAINSAY_{self.name.upper()}"


def _path(text: str) -> Path:
    return Path(text).expanduser().resolve()


def _flag(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered not in ("1", "0", "true", "false", "yes", "no", "on", "off"):
        raise ValueError("use true or false")
    return lowered in ("1", "true", "yes", "on")


SETTINGS: tuple[Setting, ...] = (
    Setting("home", "~/.plainsay", _path, "Folder that holds workspaces and application state."),
    Setting("database_url", "", str, "Application state (SQLAlchemy URL); empty means a SQLite file under home."),
    Setting("keep_event_days", 7, int, "Days that the event log of a run is kept after its end; its answer stays."),
    Setting("keep_thread_days", 0, int, "Days that a conversation nobody uses is kept; 0 keeps it for ever."),
    Setting("keep_delivery_days", 30, int, "Days that a delivered or failed webhook or message is kept on record."),
    Setting("data", "../shared/data", _path, "Outside test data, read by tests and evals only."),
    Setting("eval_cases", 5000, int, "How many requests the suite `api-fuzz` makes up."),
    Setting("eval_users", 100, int, "How many people ask at the same time in the suite `load`."),
    Setting("eval_events", 1_000_000, int, "How many events the suite `events` sends."),
    Setting("eval_seconds", 150.0, float, "How long they ask, in seconds."),
    Setting("query_seconds", 10.0, float, "Engine time limit of one query, in seconds."),
    Setting("query_memory_mb", 2048, int, "Memory limit of one query worker, in MB."),
    Setting("query_rows", 10_000, int, "Most rows one query may return."),
    Setting("query_bytes", 16_000_000, int, "Most bytes one query result may hold."),
    Setting("query_workers", 2, int, "Query worker processes kept warm."),
    Setting(
        "query_threads",
        1,
        int,
        "Threads of one worker; with more, float sums may vary in the last digit.",
    ),
    Setting(
        "query_scan_rows",
        2_000_000_000,
        int,
        "Most rows one query may be estimated to read; 0 means no ceiling.",
    ),
    Setting(
        "api_keys",
        "",
        str,
        "API keys as name:role=KEY with commas between; callers send one as a bearer token.",
        secret=True,
    ),
    Setting("api_keys_file", "", str, "File of hashed API keys; empty means `api-keys` under home."),
    Setting("slack_bot_token", "", str, "Bot token of the Slack app (xoxb-…).", env="SLACK_BOT_TOKEN", secret=True),
    Setting(
        "slack_signing_secret",
        "",
        str,
        "Signing secret of the Slack app; with the bot token it opens POST /slack/events.",
        env="SLACK_SIGNING_SECRET",
        secret=True,
    ),
    Setting(
        "slack_app_token",
        "",
        str,
        "App-level token (xapp-…): Socket Mode, for servers that Slack cannot reach.",
        env="SLACK_APP_TOKEN",
        secret=True,
    ),
    Setting("slack_url", "https://slack.com/api/", str, "Base URL of Slack's Web API."),
    Setting(
        "slack_workspaces",
        "",
        str,
        "Workspace that Slack asks, and those of channels, as NAME or CHANNEL_ID=NAME with commas between.",
    ),
    Setting(
        "slack_by_email",
        True,
        _flag,
        "Whether Slack users are known by the e-mail that Slack confirmed; false means only by a linking code.",
    ),
    Setting("public_url", "", str, "Address that people open, as https://data.example.com; for links and sign-on."),
    Setting("hosts", "", str, "Further host names the server answers to, with commas between."),
    Setting("oidc_issuer", "", str, "OpenID Connect provider to sign in with, by its issuer URL; empty means none."),
    Setting("oidc_client_id", "", str, "Our client id at that provider."),
    Setting("oidc_client_secret", "", str, "Our client secret there; a public client has none.", secret=True),
    Setting("oidc_client_secret_file", "", str, "File that holds the client secret, instead of the variable."),
    Setting("oidc_name", "single sign-on", str, "What the button of the provider is called."),
    Setting("oidc_scopes", "openid email profile", str, "Scopes to ask the provider for."),
    Setting("oidc_groups_claim", "groups", str, "Claim of the ID token that lists a person's groups."),
    Setting(
        "oidc_roles",
        "",
        str,
        "Groups that give roles, as GROUP=ROLE or GROUP=ROLE@WORKSPACE with commas between.",
    ),
    Setting("oidc_default_role", "", str, "Role of people whose groups give none; empty lets them not in."),
    Setting("password_sign_in", True, _flag, "Whether people may sign in with a password."),
    Setting("unverified_dialects", False, _flag, "Allow SQL dialects that are printed but not proven by execution."),
    Setting("load_seconds", 60.0, float, "Time limit for reading one file, in seconds."),
    Setting("load_memory_mb", 4096, int, "Memory limit of the process that reads a file, in MB."),
    Setting("fit_seconds", 60.0, float, "Time limit of one forecast or anomaly scan, in seconds."),
    Setting("fit_memory_mb", 4096, int, "Memory limit of the process that fits models, in MB."),
    Setting("upload_bytes", 200_000_000, int, "Largest file that may be uploaded."),
    Setting("connectors", "", str, "Folder with manifests of your own sources, beside those that come with Plainsay."),
    Setting(
        "watch", "", str, "Folders below which people may have folders watched, with colons between; empty means none."
    ),
    Setting(
        "connector_private",
        "",
        str,
        "Private addresses that connectors may ask, as host:port with commas between; empty means none.",
    ),
    Setting(
        "secret_key",
        "",
        str,
        "Key of the installation (32 bytes, base64) that others are derived from; empty means `secret.key` under home.",
        secret=True,
    ),
    Setting("origins", "", str, "Pages elsewhere that may call the API with a key, as origins with commas between."),
    Setting("requests_per_minute", 1200, int, "Most requests of one person or key in a minute; 0 means no limit."),
    Setting("questions_per_minute", 60, int, "Most questions of one person or key in a minute; 0 means no limit."),
    Setting("workspace_per_minute", 600, int, "Most questions in one workspace in a minute; 0 means no limit."),
    Setting("anonymous_per_minute", 300, int, "Most requests without a key from one address; 0 means no limit."),
    Setting("runs_at_once", 16, int, "Questions that one process works on at the same time; others wait their turn."),
    Setting("webhook_private", "", str, "Private addresses that webhooks may be sent to, as host:port with commas."),
    Setting("smtp_url", "", str, "Mail server for digests and alerts, as smtp://user:password@host:587.", secret=True),
    Setting("mail_from", "", str, "Address that mail of Plainsay comes from."),
    Setting("mail_to", "", str, "Where mail for the local owner goes while there are no accounts."),
    Setting("traces_url", "", str, "Where OpenTelemetry traces are sent (OTLP over HTTP); empty means nowhere."),
    Setting("request_bytes", 1_000_000, int, "Largest JSON request body."),
    Setting("event_bytes", 8_000_000, int, "Largest body of events, unpacked."),
    Setting("events_per_minute", 12_000_000, int, "Most events of one write key in a minute; 0 means no limit."),
    Setting("event_backlog_bytes", 4_000_000_000, int, "Most bytes of events that may wait to be loaded."),
    Setting("event_id_days", 30, int, "Days that the id of an event is known, so that a repetition changes nothing."),
    Setting("event_seconds", 1.0, float, "How often events that arrived are loaded, in seconds."),
    Setting("log_level", "info", str, "Least level that is logged: debug, info, warning or error."),
    Setting("log_json", True, _flag, "Log one JSON object a line (the server); false for plain lines."),
    Setting("model", "", str, "Name of the language model to use; empty means none, and nothing else turns one on."),
    Setting("model_url", "", str, "Base URL of an OpenAI-compatible server.", env="OPENAI_BASE_URL"),
    Setting(
        "model_key", "", str, "Key of the model server; a local one needs none.", env="OPENAI_API_KEY", secret=True
    ),
    Setting("model_key_file", "", str, "File that holds the key, instead of the variable."),
    Setting("model_seconds", 30.0, float, "Time limit of all model calls of one question, in seconds."),
    Setting("model_call_seconds", 20.0, float, "Time limit of one model call, in seconds."),
    Setting("model_steps", 8, int, "Most model calls that planning one question may take."),
    Setting("model_turn_tokens", 60_000, int, "Most tokens (read and written) of one question; 0 means no ceiling."),
    Setting("model_user_tokens", 1_000_000, int, "Most tokens of one person a day; 0 means no ceiling."),
    Setting("model_workspace_tokens", 5_000_000, int, "Most tokens of one workspace a day; 0 means no ceiling."),
    Setting("model_price_in", 0.0, float, "Price of a million tokens that the model reads, in model_currency."),
    Setting("model_price_out", 0.0, float, "Price of a million tokens that the model writes, in model_currency."),
    Setting("model_currency", "USD", str, "Currency of the prices and of the cost on receipts."),
    Setting("model_turn_cost", 0.0, float, "Most that one question may cost; 0 means no ceiling."),
    Setting("model_workspace_cost", 0.0, float, "Most that one workspace may cost a day; 0 means no ceiling."),
    Setting("model_rest_seconds", 15.0, float, "How long a model that failed is left alone, doubled each time."),
    Setting("model_checks", 1, int, "How often the model plans a question; above 1 the plans must agree."),
    Setting("knowledge_url", "", str, "Address of a Chroma server for knowledge; empty means an index under home."),
    Setting("embedding_url", "", str, "Base URL of an OpenAI-compatible embedding server; empty: the model on board."),
    Setting("embedding_model", "", str, "Name of the model of the embedding server."),
    Setting("embedding_key", "", str, "Key of the embedding server.", secret=True),
)

_BY_NAME = {s.name: s for s in SETTINGS}
_VARIABLES = {s.variable for s in SETTINGS}
_MAY_HOLD_SECRETS = frozenset({"database_url"})


def get(name: str) -> Any:
    """The value of setting `name`: its environment variable, else the file that VARIABLE_FILE names, else what an
    administrator keeps for it (a few settings only), else its default.

    Raises `ConfigProblem` naming the variable when its text does not parse or the file cannot be read.
    """
    setting = _BY_NAME[name]
    text = os.environ.get(setting.variable, "") or _from_file(setting)
    if not text and name in kept_settings.CHANGEABLE:
        text = kept_settings.read(name, home())
    raw = text or setting.default
    if not isinstance(raw, str):
        return raw
    try:
        return setting.parse(raw)
    except ValueError as error:
        raise ConfigProblem(
            f"The setting {setting.variable} has the value “{'•••' if setting.secret else raw}”, which cannot be used: "
            f"{error}.",
            hint=f"Searched: environment variable {setting.variable}, then the default {setting.default!r}.",
        ) from error


def _from_file(setting: Setting) -> str:
    """The text of a setting that may hold a secret, from a file as container platforms mount them."""
    variable = f"{setting.variable}_FILE"
    path = os.environ.get(variable, "")
    if not path or not (setting.secret or setting.name in _MAY_HOLD_SECRETS) or variable in _VARIABLES:
        return ""
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigProblem(
            f"The file that {variable} names cannot be read.", code="secret_file", hint="Check its path and its mode."
        ) from error


def in_environment(name: str) -> bool:
    """Whether the environment gives a setting its value, so that nothing kept for it counts."""
    setting = _BY_NAME[name]
    return bool(os.environ.get(setting.variable) or os.environ.get(f"{setting.variable}_FILE"))


def home() -> Path:
    """The folder of workspaces and state (`PLAINSAY_HOME`)."""
    folder: Path = get("home")
    return folder
