"""The grammar of a connector manifest as types, so that a wrong manifest fails when it is read and never in a load."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Via = Literal["poll", "by_id", "webhook", "file", "nested", "async_export"]
Driver = Literal["database", "mongodb", "elasticsearch", "influxdb", "address", "s3", "folder"]
Scalar = str | int | float | bool
TYPES = ("text", "decimal", "integer", "boolean", "moment", "date", "present")
"""What a column of a resource may be, beside `money(PLACE)`."""
_MONEY = re.compile(r"money\(\s*(?P<place>[^()]+?)\s*\)")


def currency_of(kind: str) -> str | None:
    """Of a column that is money: the place of its currency."""
    found = _MONEY.fullmatch(kind)
    return found["place"] if found else None


class Strict(BaseModel):
    """Unknown keys are errors: a misspelt key in a manifest must not be ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SettingSpec(Strict):
    """Something a person gives when connecting; `secret` ones are encrypted and never shown again."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str
    help: str = ""
    secret: bool = False
    required: bool = True
    default: str | None = None
    choices: tuple[str, ...] = ()
    pattern: str | None = Field(None, description="regular expression that the whole value must match")


class Auth(Strict):
    """How requests prove who we are. Values are names of settings; `token_path` is relative to the base URL."""

    kind: Literal[
        "none", "bearer", "basic", "api_key", "header", "oauth2_client_credentials", "oauth2_refresh",
        "service_account_jwt", "body_key", "sign_hmac", "sign_rsa",
    ]  # fmt: skip
    token: str | None = None
    user: str | None = None
    password: str | None = None
    header: str | None = None
    value: str | None = Field(None, description="of `header`: the text with {setting} in it")
    field: str | None = Field(None, description="of `body_key`: the field of the body that carries the key")
    token_path: str | None = None
    token_url: str | None = None
    token_method: Literal["POST", "GET"] = "POST"
    token_in: Literal["basic", "body"] = "basic"
    client_id: str = "client_id"
    client_secret: str = "client_secret"
    refresh_token: str = "refresh_token"
    scope: str | None = None


class Rate(Strict):
    """How fast we ask; `retry_codes` are error codes in a body that mean “too fast”."""

    per_second: float = Field(8.0, gt=0)
    retries: int = Field(6, ge=0, le=20)


class ErrorsIn200(Strict):
    """Where an API hides failures in answers that say 200."""

    path: str
    ok: tuple[Scalar, ...]
    retry: tuple[Scalar, ...] = ()
    message: str | None = None


class Money(Strict):
    """The unit of amounts: minor (cents), major, micro (millionths) or none. `exponents` overrides ISO 4217."""

    unit: Literal["minor", "major", "micro", "none"]
    exponents: dict[str, int] = Field(default_factory=dict)
    grade: str = "unverified"


class Currency(Strict):
    """Who knows the currency of amounts whose record names none, `@currency` in mappings: the account, or a person.

    Without either it is unknown: the amounts are kept and never added to others.
    """

    setting: str | None = Field(None, description="the setting with which a person states it")
    resource: str | None = Field(None, description="the list of accounts that name theirs")
    place: str = "currency"
    only: dict[str, str] = Field(default_factory=dict, description="place in an account -> setting that it must equal")

    @model_validator(mode="after")
    def _known_by_someone(self) -> Currency:
        if self.setting is None and self.resource is None:
            raise ValueError("a currency is known by a `setting` or a `resource`")
        return self


class Time(Strict):
    """How moments are written, and where their zone comes from."""

    format: Literal["iso", "unix", "unix_ms", "date", "compact", "compact_seconds", "space"] = "iso"
    zone: str = Field("UTC", description="an IANA name for moments without an offset, or {setting}")


class Paging(Strict):
    """How the next page is asked for and when there is none."""

    kind: Literal["none", "page", "offset", "cursor", "last_id", "next_link", "link_header", "page_session"] = "none"
    where: Literal["query", "body", "form"] = Field("query", alias="in")
    param: str | None = None
    first: int = 1
    path: str | None = Field(None, description="of cursor and next_link: where the answer has it")
    id: str | None = None
    more: str | None = None
    total: str | None = Field(None, description="where the number of rows is; `header X` for a header")
    total_pages: str | None = None
    last: str | None = Field(None, description="a flag that is true on the last page")
    size_param: str | None = None
    size: int | None = None
    session: str | None = None
    most_pages: int = 100_000

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Incremental(Strict):
    """How only what changed is asked for. Parameters may name a dotted place when `in: body`."""

    mode: Literal[
        "server", "window", "slice", "stop_at_watermark", "client", "full", "per_parent", "push", "file", "none"
    ] = "full"  # fmt: skip
    where: Literal["query", "body"] = Field("query", alias="in")
    field: str | None = None
    start: str | None = None
    end: str | None = None
    template: str | None = Field(None, description="text with {start} and {end}, put into the parameter `start`")
    format: str | None = Field(None, description="strftime pattern, `unix`, `unix_ms` or `iso`")
    max_days: int | None = None
    step_days: int | None = None
    unit: Literal["day", "hour"] = "day"
    max_age_days: int | None = None
    lookback_days: float = 1.0
    halve_on: tuple[str, ...] = Field((), description="error codes, texts or statuses that mean: ask for less")
    empty_on: tuple[str, ...] = Field((), description="statuses that mean: there is no data")
    end_inclusive: bool = False

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Parent(Strict):
    """One call for each row of another resource; `fields` maps a place in the parent to a name in the path or row."""

    resource: str
    fields: dict[str, str] = Field(min_length=1)
    refresh_days: float = Field(0, description="parents this young are asked again each time")


class Export(Strict):
    """An export that is made on request: create, ask until it is ready, download."""

    body: dict[str, Any] = Field(default_factory=dict)
    id: str | None = Field(
        None, description="where the answer names the job; none when the list of files comes at once"
    )
    poll_path: str | None = None
    status: str | None = None
    done: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    url: str = Field(description="where the address, or the addresses, of the files are")
    most_minutes: float = 60


class Resource(Strict):
    """One list of the source: how to read it and what identifies a row."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    via: Via = "poll"
    base: str = "live"
    method: Literal["GET", "POST"] = "GET"
    path: str = ""
    params: dict[str, Scalar] = Field(default_factory=dict)
    body: dict[str, Any] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    selector: str = "$"
    shape: Literal["objects", "zip", "keyed", "ndjson", "gz_ndjson", "zip_of_gz_ndjson", "values"] = "objects"
    heads: tuple[str, ...] = Field((), description="of `zip`: where the column names are, in order")
    cells: tuple[str, ...] = Field((), description="of `zip`: where the cells of a row are, in order")
    keyed_as: tuple[str, ...] = Field((), description="of `keyed`: names for the keys, from the outermost")
    carry: dict[str, str] = Field(default_factory=dict, description="name -> place in the page, put into each row")
    parent: Parent | None = None
    paging: Paging = Paging()
    incremental: Incremental = Incremental()
    key: tuple[str, ...] = Field((), description="none: the content of a row is its key")
    stamp: Literal["day", "moment"] | None = Field(None, description="a snapshot: when it was taken is part of the key")
    version: str | None = Field(None, description="place of when the row last changed; older rows never replace newer")
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="place -> type that every value must have, or money(PLACE OF ITS CURRENCY)",
    )
    table: bool = Field(False, description="also offer the rows as a table of their own")
    optional: bool = Field(False, description="a refusal (403, 404) means that this account has none")
    export: Export | None = None
    page_name: str | None = None
    note: str = ""
    spec: str | None = Field(None, description="file of the vendor's specification that this was compared with")
    unverified: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Resource:
        if self.via == "async_export" and self.export is None:
            raise ValueError("an async_export needs `export`")
        if self.shape == "zip" and not (self.heads and self.cells):
            raise ValueError("a zip shape needs `heads` and `cells`")
        for place, kind in self.columns.items():
            if kind not in TYPES and not currency_of(kind):
                raise ValueError(f"the column {place!r} is {kind!r}; types are {', '.join(TYPES)} and money(PLACE)")
        return self

    @property
    def changed_at(self) -> str | None:
        """The place of the moment when a row last changed; None: the moment of reading stands for it."""
        field = self.incremental.field or ""
        return self.version or (field if re.search(r"updat|modif|modstamp", field, re.I) else None)


class Webhook(Strict):
    """How the provider's calls are checked and split. `secret` names the setting that signs."""

    kind: Literal["stripe", "hmac", "adyen", "dlocal", "rsa", "path"]
    secret: str = "webhook_secret"
    header: str | None = None
    prefix: str = ""
    algorithm: Literal["sha256", "sha512", "sha1"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    signed: str = Field("{body}", description="what is signed: {body}, {url}, {header:NAME}")
    timestamp: str | None = Field(None, description="header with the time of sending, for replay protection")
    event: str = Field("$", description="where the events of a body are")
    event_key: tuple[str, ...] = Field((), description="what identifies an event; none: its content")
    event_time: str | None = None
    type: str | None = Field(None, description="where the kind of event is")
    routes: tuple[Route, ...] = ()


class Route(Strict):
    """Which events feed which resource, and where the row lies in the event."""

    resource: str
    when: tuple[str, ...] = Field((), description="kinds of events; a trailing * matches the rest; none: all")
    row: str = "$"


class Mapping(Strict):
    """One resource's rows as rows of a canonical table: column -> place, or an expression after `=`."""

    table: str
    resource: str
    where: str | None = None
    each: str | None = Field(None, description="a list inside the row: one canonical row per element")
    columns: dict[str, str]


class Lookup(Strict):
    """A question that is better asked of the source than of a copy."""

    name: str
    question: str
    resource: str
    columns: dict[str, str]


class Manifest(Strict):
    """Everything about one source."""

    source: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str
    group: Literal["payments", "social", "web", "business", "databases", "files", "other"]
    driver: Driver | None = Field(None, description="a place that is copied (a database, files) instead of an API")
    summary: str = ""
    version: str = ""
    hosts: tuple[str, ...] = ()
    settings: tuple[SettingSpec, ...] = ()
    base_url: dict[str, str] = Field(default_factory=lambda: {"live": ""})
    auth: Auth = Auth(kind="none")
    headers: dict[str, str] = Field(default_factory=dict)
    rate: Rate = Rate()
    errors_in_200: ErrorsIn200 | None = None
    money: Money = Money(unit="none")
    currency: Currency | None = None
    time: Time = Time()
    check: str | None = Field(None, description="the resource that a connection is tried with")
    resources: tuple[Resource, ...] = ()
    webhook: Webhook | None = None
    maps: dict[str, dict[str, str]] = Field(default_factory=dict, description="raw value -> canonical word")
    canonical: tuple[Mapping, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    cannot: dict[str, str] = Field(default_factory=dict, description="figure -> why this source cannot give it")
    caveats: tuple[str, ...] = ()
    provenance: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_what_is_asked(self) -> Manifest:
        missing = {"hosts", "base_url", "auth", "resources"} - self.model_fields_set
        if self.driver is None and (missing or not self.resources):
            raise ValueError(f"`{min(missing or {'resources'})}` is missing")
        return self

    @model_validator(mode="after")
    def _names_exist(self) -> Manifest:
        names = [r.name for r in self.resources]
        if len(set(names)) < len(names):
            raise ValueError("two resources have the same name")
        asked = [m.resource for m in self.canonical] + [x.resource for x in self.lookups]
        asked += [r.resource for r in self.webhook.routes] if self.webhook else []
        asked += [r.parent.resource for r in self.resources if r.parent] + ([self.check] if self.check else [])
        asked += [self.currency.resource] if self.currency and self.currency.resource else []
        missing = sorted({name for name in asked if name not in names})
        if missing:
            raise ValueError(f"there is no resource {missing[0]!r}")
        if unknown := sorted(_settings_of(self.currency) - {s.name for s in self.settings}):
            raise ValueError(f"there is no setting {unknown[0]!r}")
        bases = [r.base for r in self.resources if r.via in ("poll", "async_export", "by_id")]
        if unknown := sorted({b for b in bases if b not in self.base_url}):
            raise ValueError(f"there is no base_url {unknown[0]!r}")
        return self

    def resource(self, name: str) -> Resource:
        """The resource `name`; it exists."""
        return next(r for r in self.resources if r.name == name)

    @property
    def listed(self) -> list[Resource]:
        """The resources that a load reads, parents before children."""
        polled = [r for r in self.resources if r.via in ("poll", "async_export")]
        return [r for r in polled if r.parent is None] + [r for r in polled if r.parent is not None]


def _settings_of(currency: Currency | None) -> set[str]:
    return {*currency.only.values(), *([currency.setting] if currency.setting else [])} if currency else set()
