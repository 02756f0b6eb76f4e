"""Files in S3 and storage that speaks like it: signed by hand, since no client lets us pin checked addresses."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import Element, ParseError, XMLParser

from ingestion import formats
from ingestion.connectors.base import Check
from ingestion.connectors.guarded import MOST_BYTES, Answer, Ask, Client
from ingestion.feeds.addresses import web_port
from ingestion.feeds.base import Place
from ingestion.feeds.files import FileFeed, Listed, Seen
from store.errors import PlainsayError, SourceProblem

_EMPTY = hashlib.sha256(b"").hexdigest()
_MOST_PAGES = 100


def opened(place: Place) -> BucketFeed:
    """The feed of a connection."""
    return BucketFeed(place)


class BucketFeed(FileFeed):
    """The objects of a bucket below a prefix, known by their ETag."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, self._list)
        values = place.values
        self._signer = Signer(values["key_id"], values["secret_key"], values["region"])
        self._bucket, self._prefix = values["bucket"], values.get("prefix", "")
        own = values.get("url")
        self._base = (
            f"{own.rstrip('/')}/{self._bucket}"
            if own
            else f"https://{self._bucket}.s3.{values['region']}.amazonaws.com"
        )
        self._http = Client((web_port(self._base)[0],))

    def check(self) -> Check:
        """Whether the bucket can be listed."""
        try:
            found = self._list({})
        except PlainsayError as error:
            return Check(False, f"{error.message} {error.hint or ''}".strip())
        readable = sum(formats.supported(Path(one.name)) for one in found)
        return Check(True, f"The bucket holds {readable:,} files that can be read.")

    def close(self) -> None:
        """Let go of sockets."""
        self._http.close()

    def _list(self, _known: dict[str, Seen]) -> list[Listed]:
        found: list[Listed] = []
        token = ""
        for _ in range(_MOST_PAGES):
            params = [("list-type", "2"), ("prefix", self._prefix)] + ([("continuation-token", token)] if token else [])
            page = _parsed(self._ask("/", params).body)
            for item in (e for e in page if e.tag == "Contents"):
                key, size = _text(item, "Key"), int(_text(item, "Size") or 0)
                if key and size and not key.endswith("/"):
                    found.append(Listed(key, _text(item, "ETag"), partial(self._fetch, key, size)))
            token = _text(page, "NextContinuationToken")
            if not token:
                return found
        raise SourceProblem("The bucket holds too many files.", hint="Give a longer begin of the names.")

    def _fetch(self, key: str, size: int, to: Path) -> Path:
        if size > MOST_BYTES:
            raise SourceProblem(
                f"The file is larger than {MOST_BYTES // 1_000_000} MB.", hint="Split it, or save it as Parquet."
            )
        body = self._ask(f"/{quote(key, safe='/-_.~')}", []).body
        if len(body) != size:
            raise SourceProblem("The file was cut off on its way.", hint="It is tried again with the next load.")
        target = to / f"file{''.join(Path(key).suffixes[-2:])}"
        target.write_bytes(body)
        return target

    def _ask(self, path: str, params: list[tuple[str, str]]) -> Answer:
        query = "&".join(f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in sorted(params))
        url = (
            f"{self._base}{path if path != '/' or not urlsplit(self._base).path else ''}{'?' + query if query else ''}"
        )
        answer = self._http.send(Ask("GET", url, headers=self._signer.headers("GET", url, datetime.now(UTC))))
        if answer.status != 200:
            raise _refusal(answer)
        return answer


class Signer:
    """AWS Signature Version 4 for requests without a body."""

    def __init__(self, key_id: str, secret: str, region: str) -> None:
        self._key_id, self._secret, self._region = key_id, secret, region

    def headers(self, method: str, url: str, now: datetime) -> dict[str, str]:
        """The headers that prove a request; `url` is written as it will be sent, its parameters in order of name."""
        parts = urlsplit(url)
        stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
        host = parts.netloc
        asked = f"{method}\n{parts.path or '/'}\n{parts.query}\nhost:{host}\nx-amz-content-sha256:{_EMPTY}\n"
        asked += f"x-amz-date:{stamp}\n\nhost;x-amz-content-sha256;x-amz-date\n{_EMPTY}"
        scope = f"{day}/{self._region}/s3/aws4_request"
        signed = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
        key = f"AWS4{self._secret}".encode()
        for part in (day, self._region, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        mark = hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()
        proof = (
            f"Credential={self._key_id}/{scope}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={mark}"
        )
        return {"x-amz-date": stamp, "x-amz-content-sha256": _EMPTY, "Authorization": f"AWS4-HMAC-SHA256 {proof}"}


def _parsed(body: bytes) -> Element:
    """An answer's XML without name spaces. One that declares entities is refused: they can grow without bound."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise SourceProblem("The storage gave an answer that is not read.", code="bad_answer")
    try:
        parser = XMLParser()
        parser.feed(body)
        root: Element = parser.close()
    except ParseError as error:
        raise SourceProblem("The storage gave an answer that cannot be read.", code="bad_answer") from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _text(element: Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _refusal(answer: Answer) -> SourceProblem:
    hints = {
        "NoSuchBucket": "There is no such bucket.", "AccessDenied": "The key may not read there.",
        "InvalidAccessKeyId": "The access key id is not known.",
        "SignatureDoesNotMatch": "The secret access key is wrong.",
        "PermanentRedirect": "The bucket lies in another region.",
        "AuthorizationHeaderMalformed": "The bucket lies in another region.",
        "RequestTimeTooSkewed": "The clock of this machine is wrong.",
    }  # fmt: skip
    try:
        code = _text(_parsed(answer.body), "Code")
    except SourceProblem:
        code = ""
    return SourceProblem(
        f"The storage refuses (status {answer.status}).", code="storage_refused",
        hint=hints.get(code, "Check the bucket, the region and the key."),
    )  # fmt: skip
