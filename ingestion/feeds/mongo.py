"""MongoDB as a store of documents: every kind of value it knows becomes JSON that loses nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ingestion.connectors.base import Check
from ingestion.connectors.spans import moment_of
from ingestion.feeds.addresses import allowed
from ingestion.feeds.base import Offered, Place
from ingestion.feeds.documents import DocumentFeed, Row
from store.errors import ConfigProblem, InvalidRequest, SourceProblem

if TYPE_CHECKING:
    from pymongo import MongoClient

_PAGE = 2_000
_SAMPLE = 50
_SECONDS = 10_000
_PORT = 27017
_HARMLESS = frozenset(
    [
        "tls",
        "ssl",
        "authsource",
        "authmechanism",
        "replicaset",
        "directconnection",
        "readpreference",
        "retryreads",
        "retrywrites",
        "w",
        "appname",
        "connecttimeoutms",
        "sockettimeoutms",
        "serverselectiontimeoutms",
        "maxpoolsize",
        "readconcernlevel",
    ]
)
"""Options of an address that name no file and no other host, and weaken no check."""


def opened(place: Place) -> DocumentFeed:
    """The feed of a connection. Raises `ConfigProblem` without the driver, `InvalidRequest` for an odd address."""
    return DocumentFeed(place, MongoStore(place.values["address"], trusted=place.trusted))


class MongoStore:
    """One database of a server. Documents come in the order of the cursor, else in that of their id."""

    def __init__(self, address: str, *, trusted: bool) -> None:
        try:
            from pymongo import MongoClient
            from pymongo.errors import PyMongoError
            from pymongo.uri_parser import parse_uri
        except ModuleNotFoundError as error:
            raise ConfigProblem(
                "The driver of MongoDB is not installed.", code="missing_driver",
                hint="Install it: pip install 'plainsay[mongodb]'.",
            ) from error  # fmt: skip
        self._errors = PyMongoError
        try:
            found = parse_uri(address) if trusted or not address.startswith("mongodb+srv:") else {}
            name = found.get("database")
        except (PyMongoError, ValueError) as error:
            raise _odd() from error
        if not name:
            raise _odd()
        fence: dict[str, Any] = {}
        if not trusted:
            address, fence = _fenced(address, found)
        self._client: MongoClient[Any] = MongoClient(
            address, serverSelectionTimeoutMS=_SECONDS, connectTimeoutMS=_SECONDS, tz_aware=True, tzinfo=UTC,
            appname="plainsay", **fence,
        )  # fmt: skip
        self._database = self._client[name]

    def check(self) -> Check:
        """Whether the server answers."""
        try:
            with self._told():
                self._database.command("ping")
        except SourceProblem as error:
            return Check(False, f"{error.message} {error.hint or ''}".strip())
        return Check(True, "MongoDB was reached.")

    def lists(self) -> list[Offered]:
        """Collections in name order, with the fields of some documents of each."""
        with self._told():
            names = sorted(n for n in self._database.list_collection_names() if not n.startswith("system."))
            return [self._offered(name) for name in names]

    def read(self, name: str, cursor: str | None, since: Any) -> Iterator[list[Row]]:
        """Pages of documents; a time is asked for as a time, everything else as it is."""
        wanted: dict[str, Any] = {}
        if cursor and since is not None:
            wanted = {"$or": [{cursor: {"$gte": value}} for value in _meant(since)]}
        page: list[Row] = []
        with self._told():
            found = self._database[name].find(wanted, batch_size=_PAGE).sort(cursor or "_id", 1)
            with found:
                for document in found:
                    page.append(plain(document))
                    if len(page) >= _PAGE:
                        yield page
                        page = []
        yield page

    def close(self) -> None:
        """Let go of sockets."""
        self._client.close()

    def _offered(self, name: str) -> Offered:
        columns: dict[str, str] = {}
        for document in self._database[name].find({}, limit=_SAMPLE, batch_size=_SAMPLE):
            for field, value in document.items():
                columns.setdefault(str(field), _type(value))
        growing = tuple(n for n, kind in columns.items() if kind == "moment")
        return Offered(name, tuple(columns.items()), ("_id",), growing)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the driver raises becomes words without addresses."""
        try:
            yield
        except self._errors as error:
            raise SourceProblem(
                "MongoDB could not be read.", code="database_refused",
                hint="Check the address, the name and the password, and that the user may read the database.",
            ) from error  # fmt: skip


def _fenced(address: str, found: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The address and options with which the driver asks no other server than the one that was looked up and checked.

    With TLS the name stays, because no other server has a certificate for it; without, the checked address takes its
    place, and what the server says of other members is not followed. Raises `InvalidRequest`, `SourceProblem`.
    """
    options = {str(k).casefold(): v for k, v in found["options"].items()}
    if odd := sorted(set(options) - _HARMLESS):
        raise InvalidRequest(f"“{odd[0]}” may not stand in the address.")
    if str(options.get("authmechanism", "SCRAM")).partition("-")[0] != "SCRAM":
        raise InvalidRequest("From here MongoDB is signed in to with a user name and a password.")
    checked = [allowed(str(host), int(port or _PORT)) for host, port in found["nodelist"]]
    if options.get("tls"):
        return address, {}
    if len(checked) > 1:
        raise InvalidRequest("Several servers are reached with TLS only.", hint="Add tls=true, or name one server.")
    scheme, _, rest = address.partition("://")
    authority, slash, tail = rest.partition("/")
    user, at, _ = authority.rpartition("@")
    host = f"[{checked[0]}]" if ":" in checked[0] else checked[0]
    return f"{scheme}://{user}{at}{host}:{found['nodelist'][0][1] or _PORT}{slash}{tail}", {"directConnection": True}


def plain(value: Any) -> Any:
    """A value of a document as JSON: ids and exact numbers as text, times in UTC, bytes as base64."""
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value if value is None or isinstance(value, bool | int | float | str) else _of_bson(value)


def _of_bson(value: Any) -> Any:
    from bson import DBRef, Timestamp

    if isinstance(value, Timestamp):
        return plain(value.as_datetime())
    if isinstance(value, DBRef):
        return plain(value.id)
    return str(value)


def _meant(since: Any) -> list[Any]:
    """A value of a cursor that was kept as JSON, as the server may hold it."""
    moment = moment_of(since) if isinstance(since, str) and "T" in since else None
    return [since] if moment is None else [since, moment]


def _type(value: Any) -> str:
    names = ((bool, "boolean"), (int, "integer"), (float, "number"), (datetime, "moment"), (Mapping, "object"),
             (list, "list"))  # fmt: skip
    return next((name for base, name in names if isinstance(value, base)), "text")


def _odd() -> InvalidRequest:
    return InvalidRequest(
        "That is no address of a MongoDB database.",
        hint="Write it like mongodb://user:password@host:27017/shop, with the database at its end.",
        details={"field": "address"},
    )
