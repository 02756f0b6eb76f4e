"""The HTTP door: routes, the page and one error shape; importing it loads no brain, no engine, no model client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from api import accounts, crosssite, errors, heap, web
from api import openapi as description
from api.etags import Etags
from api.front import Front
from api.gate import Gate
from api.house import House, Parts
from api.once import Once
from api.routes import (
    aisdk,
    alerts,
    api_keys,
    ask,
    audit,
    brain,
    budgets,
    chat,
    common_tables,
    corrections,
    dashboards,
    digests,
    docs,
    events,
    feedback,
    fields,
    graphql,
    health,
    inbox,
    incidents,
    insights,
    interests,
    invitations,
    knowledge,
    learned,
    mcp,
    me,
    model,
    moving,
    openai,
    packs,
    persons,
    policies,
    session,
    shares,
    sign_on,
    slack,
    sources,
    system,
    threads,
    trained,
    uploads,
    usage,
    users,
    webhooks,
    workspaces,
)
from store import settings
from store.errors import InvalidRequest, PlainsayError

_CORS: dict[str, Any] = {
    "allow_methods": ["GET", "POST", "PATCH", "PUT", "DELETE"],
    "allow_headers": ["authorization", "content-type", "idempotency-key", "if-none-match", "last-event-id"],
    "expose_headers": ["etag", "retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"],
    "allow_credentials": False,
}
MODULES = (
    workspaces,
    moving,
    insights,
    model,
    packs,
    persons,
    knowledge,
    chat,
    common_tables,
    corrections,
    ask,
    openai,
    aisdk,
    mcp,
    threads,
    shares,
    dashboards,
    graphql,
    digests,
    alerts,
    incidents,
    inbox,
    feedback,
    fields,
    interests,
    learned,
    trained,
    brain,
    uploads,
    sources,
    events,
    system,
    webhooks,
    budgets,
    usage,
    session,
    me,
    users,
    invitations,
    api_keys,
    policies,
    sign_on,
    audit,
    slack,
    docs,
    health,
)
"""The routes by resource; those that come first win."""


def create_app(
    *,
    home: Path | None = None,
    parts: Parts | None = None,
    hosts: frozenset[str] | None = crosssite.LOOPBACK,
    static: Path = web.STATIC,
    keyed: bool = False,
) -> FastAPI:
    """The application. `parts` puts fakes in; `hosts` are the host names it answers to (None: all of them).

    `keyed` lets nobody in who is not known; otherwise, until an owner account exists, who brings nothing is that owner.
    """
    house = House(home or settings.home(), parts or Parts())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await house.open()
        heap.calm()
        try:
            yield
        finally:
            await house.close()

    app = FastAPI(
        title="Plainsay", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json",
        redirect_slashes=False,
    )  # fmt: skip
    app.state.house = house
    description.install(app)
    app.add_exception_handler(PlainsayError, _failed)
    app.add_exception_handler(HTTPException, _failed)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(ValidationError, _invalid)
    for module in MODULES:
        app.include_router(module.router, dependencies=[Depends(accounts.admit)])
    app.include_router(web.routes(web.Page(static)), dependencies=[Depends(accounts.admit)])
    app.add_middleware(Etags)
    app.add_middleware(Once, home=house)
    app.add_middleware(Gate, home=house)
    app.add_middleware(Front, house=house, hosts=hosts, keyed=keyed)
    if crosssite.origins():  # outermost: a preflight brings no key
        app.add_middleware(CORSMiddleware, **_CORS, allow_origins=sorted(crosssite.origins()))
    return app


async def _failed(request: Request, exception: Exception) -> Response:
    return errors.response(errors.of_exception(exception), request.url.path)


async def _invalid(request: Request, exception: Exception) -> Response:
    path = request.url.path
    if isinstance(exception, ValidationError):
        return errors.response(errors.of_validation(exception), path)
    first = exception.errors()[0] if isinstance(exception, RequestValidationError) else {"loc": (), "msg": "invalid"}
    field = ".".join(str(part) for part in first["loc"] if part not in ("query", "path", "body")) or "request"
    return errors.response(
        InvalidRequest(f"The value of `{field}` cannot be used: {first['msg']}.", details={"field": field}), path
    )
