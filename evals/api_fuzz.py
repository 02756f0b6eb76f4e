"""Thousands of requests made up from the API's own description, good and bad: no server error, no status unsaid."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

from evals import graph_fuzz
from evals.load import serving
from evals.place import WORKSPACE, demo_home
from evals.result import Figure, SuiteResult
from store import settings

LEFT_OUT = frozenset({"mcp", "metrics"})
"""MCP has a protocol of its own on top; meters are plain text without anything to vary."""
GRAPH_SHARE = 5
"""One GraphQL request for so many others: one address holds a language of its own."""
_LONGEST_URL = 8_000


class Fuzz:
    """Sends cases and keeps what went wrong."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.statuses: Counter[int] = Counter()
        self.wrong: dict[tuple[str, int], dict[str, Any]] = {}
        self.unsent = 0

    @property
    def sent(self) -> int:
        """How many requests were answered."""
        return sum(self.statuses.values())

    def send(self, operation: Any, case: Any) -> None:
        """Send one case and look at its answer."""
        request = self._request(case)
        if request is None:
            self.unsent += 1
            return
        response = self._client.send(request)
        self.statuses[response.status_code] += 1
        known = set(operation.definition.raw["responses"])
        why = []
        if response.status_code >= 500:
            why.append("server error")
        if str(response.status_code) not in known:
            why.append("status not described")
        if (
            response.status_code >= 400
            and "problem+json" not in response.headers.get("content-type", "")
            and not _wire(case)
        ):
            why.append("not a problem")
        if why:
            self.wrong.setdefault(
                (operation.label, response.status_code),
                {"name": operation.label, "verdict": "wrong", "status": response.status_code, "why": ", ".join(why),
                 "url": str(request.url)[:300], "body": request.content[:300].decode("utf-8", "replace"),
                 "said": response.text[:300]},
            )  # fmt: skip

    def _request(self, case: Any) -> httpx.Request | None:
        """The case as a request; None when no client could send it."""
        try:
            how = case.as_transport_kwargs(base_url=str(self._client.base_url).rstrip("/"))
            request = self._client.build_request(
                how["method"], how["url"], params=how.get("params"), json=how.get("json"),
                content=how.get("data") if isinstance(how.get("data"), (bytes, str)) else None,
                headers={k: v for k, v in (how.get("headers") or {}).items() if k.lower() != "user-agent"},
            )  # fmt: skip
        except (httpx.InvalidURL, UnicodeError, ValueError, TypeError):
            return None
        return request if len(str(request.url)) < _LONGEST_URL else None


def run() -> SuiteResult:
    """Fuzz a real server on the demo; `eval_cases` says how many requests."""
    with (
        demo_home(scale=0.02) as home,
        serving(home, "real") as server,
        httpx.Client(base_url=server.url, timeout=60) as client,
    ):
        cases = settings.get("eval_cases")
        board = _kept(client)
        graph, faults = graph_fuzz.fuzzed(client, board, cases // GRAPH_SHARE)
        whole = fuzzed(client, client.get("/v1/openapi.json").json(), cases)
        return SuiteResult(whole.suite, whole.section, [*whole.figures, *graph], [*whole.cases, *faults])


def _kept(client: httpx.Client) -> str:
    """A dashboard with two cards; its id."""
    page: str = client.post("/v1/dashboards", json={"title": "Sales", "workspace": WORKSPACE}).json()["id"]
    for question in ("total revenue", "revenue by category this year"):
        answer = client.post("/v1/ask", json={"question": question, "workspace": WORKSPACE}).json()
        client.post(f"/v1/dashboards/{page}/cards", json={"answer_id": answer["id"]}).raise_for_status()
    return page


def fuzzed(client: httpx.Client, description: dict[str, Any], cases: int) -> SuiteResult:
    """The figures of `cases` requests made up from a description."""
    fuzz = Fuzz(client)
    _all_operations(description, fuzz, cases)
    figures = [
        Figure("requests", float(fuzz.sent), "", target=float(cases), better="more"),
        Figure("server errors", float(sum(n for s, n in fuzz.statuses.items() if s >= 500)), "", target=0.0),
        Figure("statuses not described", float(_count(fuzz, "described")), "", target=0.0),
        Figure("errors that are no problem+json", float(_count(fuzz, "not a problem")), "", target=0.0),
        Figure("answered well", float(sum(n for s, n in fuzz.statuses.items() if s < 400)), ""),
    ]
    seen = {"name": "statuses", "verdict": "", "why": json.dumps(dict(sorted(fuzz.statuses.items())))}
    return SuiteResult("api-fuzz", "safety", figures, [*fuzz.wrong.values(), seen])


def _count(fuzz: Fuzz, word: str) -> int:
    return sum(word in one["why"] for one in fuzz.wrong.values())


def _all_operations(description: dict[str, Any], fuzz: Fuzz, cases: int) -> None:
    """Good and bad cases of every operation in equal parts, then more until there are enough."""
    import schemathesis
    from schemathesis import GenerationMode

    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(description)))
    found: list[Any] = [one.ok() for one in schema.get_all_operations()]  # type: ignore[union-attr]
    operations = [one for one in found if one.definition.raw["operationId"] not in LEFT_OUT]
    each = max(1, cases // (2 * len(operations)) + 1)
    for seed in range(8):
        for operation in operations:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _some(lambda case, one=operation: fuzz.send(one, case), operation, mode, each, seed)  # type: ignore[misc]
        if fuzz.sent >= cases:
            return
        each = max(1, (cases - fuzz.sent) // len(operations) + 1)


def _some(send: Callable[[Any], None], operation: Any, mode: Any, count: int, number: int) -> None:
    import hypothesis
    from hypothesis.errors import Unsatisfiable

    @hypothesis.seed(number)
    @hypothesis.settings(
        max_examples=count, database=None, deadline=None, phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def sending(case: Any) -> None:
        send(case)

    try:
        sending()
    except Unsatisfiable:
        return  # nothing can be said wrongly, such as at an address without parameters


def _wire(case: Any) -> bool:
    return str(case.path).startswith(("/v1/models", "/v1/responses", "/v1/chat/completions", "/v1/aisdk", "/mcp"))
