"""Errors as HTTP: the classes only a door needs, and the one JSON shape that every failure has."""

from __future__ import annotations

import uuid
from typing import Any

import structlog
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response

from store import errors
from store.errors import Defect, InvalidRequest, LimitReached, PlainsayError, QueryRefused, UnknownName

log = structlog.get_logger("plainsay.errors")

PROBLEM = "application/problem+json"
_OPENAI_PATHS = ("/v1/chat/completions", "/v1/responses", "/v1/models")
_OPENAI_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


class TooLarge(LimitReached):
    """The request is bigger than this installation allows."""

    http_status, default_code = 413, "too_large"


class Conflict(PlainsayError, RuntimeError):
    """It was done already, or is being done."""

    http_status, exit_code, default_code = 409, 2, "conflict"


class Gone(PlainsayError, LookupError):
    """It existed and was removed after its time."""

    http_status, exit_code, default_code = 410, 4, "gone"


class CrossSite(QueryRefused):
    """Another site's page tried to act in the name of the person at this browser."""

    default_code = "cross_site"


class Unauthorised(PlainsayError, PermissionError):
    """The request brings no API key that is known here, and needs one."""

    http_status, exit_code, default_code = 401, 4, "unauthorised"


class WrongHost(PlainsayError, ValueError):
    """The request names a host that this server does not serve."""

    http_status, exit_code, default_code = 421, 2, "wrong_host"


class WrongMedia(InvalidRequest):
    """The body is of a kind this route does not read."""

    http_status, default_code = 415, "wrong_media_type"


class WrongMethod(PlainsayError, ValueError):
    """The route exists, the method does not."""

    http_status, exit_code, default_code = 405, 2, "method_not_allowed"


def response(error: PlainsayError, path: str = "") -> Response:
    """The error in the shape of the wire at `path`; `application/problem+json` (RFC 9457) everywhere else.

    Its member `error` holds {code, message, hint, retry, retry_after, details}.
    """
    headers = {"Cache-Control": "no-store"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(error.retry_after)))
    if any(_under(path, wire) for wire in _OPENAI_PATHS):
        headers["X-Should-Retry"] = "true" if error.retry == "as_is" else "false"
    if error.http_status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if _under(path, "/v1/aisdk"):
        return PlainTextResponse(_json_safe(str(error)), status_code=error.http_status, headers=headers)
    wired = any(_under(path, wire) for wire in (*_OPENAI_PATHS, "/mcp"))
    kind = "application/json" if wired else PROBLEM
    return JSONResponse(_shaped(error, path), status_code=error.http_status, headers=headers, media_type=kind)


def openai(error: PlainsayError) -> dict[str, Any]:
    """Our error with the two fields more that OpenAI's clients read."""
    kind = "server_error" if error.http_status >= 500 else _OPENAI_TYPES.get(error.http_status, "invalid_request_error")
    return plain(error) | {"message": _json_safe(str(error)), "type": kind, "param": error.details.get("field")}


def _shaped(error: PlainsayError, path: str) -> dict[str, Any]:
    if any(_under(path, wire) for wire in _OPENAI_PATHS):
        return {"error": openai(error)}
    if _under(path, "/mcp"):
        return {"jsonrpc": "2.0", "id": None, "error": {"code": -32000, "message": str(error), "data": plain(error)}}
    return problem(error, path)


def problem(error: PlainsayError, path: str) -> dict[str, Any]:
    """The error as RFC 9457 has it, with all that a program may want to know in the member `error`."""
    told = plain(error)
    return {
        "type": f"urn:plainsay:error:{told['code']}",
        "title": told["message"],
        "status": error.http_status,
        "detail": told["hint"],
        "instance": _json_safe(path) or None,
        "error": told,
    }


def plain(error: PlainsayError) -> dict[str, Any]:
    """Our error as JSON that any text fits into."""
    plain: dict[str, Any] = _json_safe(error.to_dict())
    return plain


def _under(path: str, wire: str) -> bool:
    return path == wire or path.startswith(f"{wire}/")


def of_exception(exception: BaseException) -> PlainsayError:
    """What a person may see of any exception; a bug becomes a `Defect` with an id, and the log has the rest."""
    if isinstance(exception, PlainsayError):
        return exception
    if isinstance(exception, HTTPException):
        return _of_http(exception)
    identifier = uuid.uuid4().hex[:12]
    log.error("defect", id=identifier, exc_info=exception)
    return Defect(
        "Something went wrong on our side.",
        hint=f"If it happens again, report the id {identifier}.",
        details={"id": identifier},
    )


def of_validation(exception: ValidationError) -> InvalidRequest:
    """The first field that fails, by its path; the value itself is not repeated."""
    first = exception.errors(include_input=False, include_context=False, include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "body"
    return InvalidRequest(f"The value of `{field}` cannot be used: {first['msg']}.", details={"field": field})


def by_code(code: str, message: str, hint: str | None, retry: str = "never") -> PlainsayError:
    """An error that was written down, as an exception again, for doors that answer at once."""
    kinds = (UnknownName, InvalidRequest, QueryRefused, LimitReached, errors.Unavailable, errors.SourceProblem)
    by_retry = {"adjusted": InvalidRequest, "as_is": errors.Unavailable}
    kind = next((k for k in kinds if k.default_code == code), by_retry.get(retry))
    return kind(message, code=code, hint=hint) if kind else PlainsayError(message, code=code, hint=hint)


def _of_http(exception: HTTPException) -> PlainsayError:
    if exception.status_code == 404:
        return UnknownName("There is nothing at this address.", code="not_found")
    if exception.status_code == 405:
        return WrongMethod("This address does not take that method.")
    if exception.status_code == 413:
        return TooLarge("The request is too large.")
    return InvalidRequest("The request cannot be used.")


def _json_safe(value: Any) -> Any:
    """Text without lone surrogates, which JSON cannot carry, and anything unknown as text."""
    if isinstance(value, dict):
        return {_json_safe(k): _json_safe(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_json_safe(v) for v in value]
    if isinstance(value, bool | int | float) or value is None:
        return value
    return str(value).encode("utf-8", "replace").decode()
