"""Request bodies: strict JSON under a size cap, then a typed model; every other body is a 4xx with a reason."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import orjson
from fastapi import Request
from pydantic import BaseModel, ValidationError

from api.errors import TooLarge, WrongMedia, of_validation
from store import settings
from store.errors import InvalidRequest

M = TypeVar("M", bound=BaseModel)
_DEPTH_SPARE = 16
"""Levels that our own records add around a part of a body; orjson writes 254 levels."""


def json_of(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """A dependency that reads the body as `model`."""

    async def read(request: Request) -> M:
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise WrongMedia("The body must be JSON.", hint="Send the header Content-Type: application/json.")
        value = parse(await capped(request, settings.get("request_bytes")))
        try:
            return model.model_validate(value)
        except ValidationError as error:
            raise of_validation(error) from error

    return read


async def capped(request: Request, most: int) -> bytes:
    """The whole body. Raises `TooLarge` as soon as more than `most` bytes came."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise TooLarge(f"The request is larger than {most:,} bytes.", details={"limit": most})
        chunks.append(chunk)
    return b"".join(chunks)


def parse(text: bytes) -> Any:
    """Strict JSON: UTF-8, no NaN, no lone surrogates, nesting that can be written again. Raises `InvalidRequest`."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(
            f"The body is not valid JSON (line {error.lineno}, column {error.colno}).",
            code="invalid_json",
            details={"line": error.lineno, "column": error.colno},
        ) from error
    wrapped = value
    for _ in range(_DEPTH_SPARE):
        wrapped = [wrapped]
    try:
        orjson.dumps(wrapped)
    except orjson.JSONEncodeError as error:
        raise InvalidRequest("The body is nested too deeply.", code="invalid_json") from error
    return value


def schema(model: type[BaseModel]) -> dict[str, Any]:
    """The OpenAPI part of a route whose body is `model`."""
    content = {"application/json": {"schema": model.model_json_schema()}}
    return {"requestBody": {"required": True, "content": content}}
