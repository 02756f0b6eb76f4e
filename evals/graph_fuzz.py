"""GraphQL requests made up from the schema, good and broken: each is answered or refused in words, none is a fault."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import httpx

from evals.result import Figure

ADDRESS = "/v1/graphql"
_WHOLE = """query Board($id: ID!) { dashboard(id: $id) { ...head cards { id title question view
answer(period: "last_month") { status text warnings table { title totalRows columns { name label
type role unit } rows(first: 2) } } } } }
fragment head on Dashboard { id title workspace shared mine createdAt updatedAt }"""
LARGEST_ANSWER = 4_000_000
REFUSED = frozenset({400, 413, 415, 422, 429})
OURS = ("Traceback", "site-packages", "strawberry", "sqlalchemy", "duckdb", "/api/", "SELECT ")
"""What no answer may show of how it is made."""
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|\.\.\.|\$?\w+|\S')
_ODD = (
    "{", "}", "(", ")", "[", "]", ":", "$id", "!", "...", "@include(if: true)", "@skip(if: $id)", "@defer", "@nowhere",
    "__typename", "__schema { types { name } }", '__type(name: "Query") { name }', "mutation", "subscription { x }",
    "fragment f on Card { id ...f }", "...f", "... on Card { id }", '""" block', '"\\u0000"', '"\\ud800"', "1e999",
    "99999999999999999999", "-1", "null", "true", "DIRECTIVE", "a: id", "#", ",", "&", "|", "\ufeff", "\u2028", "é",
)  # fmt: skip


class GraphFuzz:
    """Sends requests and keeps what went wrong."""

    def __init__(self, client: httpx.Client, board: str) -> None:
        self._client = client
        self._board = board
        self.answered = 0
        self.outcomes: Counter[str] = Counter()
        self.wrong: dict[str, dict[str, Any]] = {}

    @property
    def sent(self) -> int:
        """How many requests were answered."""
        return sum(self.outcomes.values())

    def send(self, body: Any) -> None:
        """Send one body and look at its answer."""
        try:
            reply = self._client.post(ADDRESS, json=body)
        except (ValueError, TypeError, UnicodeError):
            return  # no JSON: no client can send it
        why, outcome = _faults(reply)
        self.outcomes[outcome] += 1
        self.answered += '"answered"' in reply.text
        for fault in why:
            said = {"body": str(body)[:400], "said": reply.text[:400]}
            self.wrong.setdefault(fault, {"name": "graphql", "verdict": "wrong", "why": fault, **said})


def _faults(reply: httpx.Response) -> tuple[list[str], str]:
    """What is wrong with an answer, and what kind it is."""
    why = [f"shows {word}" for word in OURS if word in reply.text]
    if len(reply.content) > LARGEST_ANSWER:
        why.append("too large")
    if reply.status_code != 200:
        if reply.status_code not in REFUSED or "problem+json" not in reply.headers.get("content-type", ""):
            why.append(f"status {reply.status_code}")
        return why, f"{reply.status_code} {reply.json().get('error', {}).get('code', '')}"
    found = reply.json()
    errors = found.get("errors") or []
    codes = {error.get("extensions", {}).get("code") for error in errors}
    if "data" not in found or (found["data"] is None and not errors):
        why.append("neither data nor errors")
    why += [f"error {code}" for code in codes if code in (None, "defect")]
    return why, ("errors" if errors else "data")


def fuzzed(client: httpx.Client, board: str, cases: int) -> tuple[list[Figure], list[dict[str, Any]]]:
    """Figures and faults of about `cases` requests; `board` is the id of a dashboard with cards."""
    from hypothesis import HealthCheck, Phase, given, seed
    from hypothesis import settings as how

    fuzz, schema = GraphFuzz(client, board), described(client)

    @seed(0)
    @how(
        max_examples=cases, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(body=bodies(board, schema))
    def sending(body: Any) -> None:
        fuzz.send(body)

    sending()
    seen = {"name": "graphql", "verdict": "", "why": str(dict(fuzz.outcomes.most_common()))}
    figures = [
        Figure("GraphQL requests", float(fuzz.sent), ""),
        Figure("GraphQL requests with an answered card", float(fuzz.answered), ""),
        Figure("GraphQL faults", float(len(fuzz.wrong)), "", target=0.0),
    ]
    return figures, [*fuzz.wrong.values(), seen]


def described(client: httpx.Client) -> str:
    """The schema as the server tells it to those who ask."""
    from graphql import build_client_schema, get_introspection_query, print_schema

    reply = client.post("/v1/graphql", json={"query": get_introspection_query(descriptions=False)}).json()
    return print_schema(build_client_schema(reply["data"]))


def bodies(board: str, schema: str) -> Any:
    """A strategy of request bodies: good documents, broken ones, wide, deep and batched ones."""
    import hypothesis_graphql
    from hypothesis import strategies as st

    made = hypothesis_graphql.queries(schema, allow_x00=False).map(lambda text: _aimed(str(text), board))
    good = _any_of(st, made, st.just(_WHOLE))
    broken = st.tuples(
        good, st.lists(st.tuples(st.integers(0, 400), st.sampled_from(_ODD), st.integers(0, 2)), max_size=6)
    )
    sized = st.builds(_sized, st.integers(1, 400), st.integers(1, 60), st.integers(0, 3))
    anything = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=12,
    )
    shattered = broken.map(lambda pair: _broken(*pair))
    document = _any_of(st, good, good, shattered, shattered, sized, st.text(max_size=60))
    aimed = st.just({"id": board})
    other = st.none() | st.dictionaries(st.sampled_from(["id", "x", "first"]), anything, max_size=3)
    variables = _any_of(st, aimed, aimed, other)
    request = st.fixed_dictionaries(
        {"query": document, "variables": variables}, optional={"operationName": st.sampled_from([None, "Board", ""])}
    )
    odd = st.one_of(anything, st.lists(request, min_size=1, max_size=3), st.fixed_dictionaries({"query": anything}))
    return _any_of(st, request, request, request, request, odd)


def _any_of(st: Any, *some: Any) -> Any:
    """One of the strategies, each as often as the others; `one_of` would weigh what they are made of."""
    return st.sampled_from(some).flatmap(lambda one: one)


def _aimed(text: str, board: str) -> str:
    """The document with the id of a dashboard that is there in place of a made-up one."""
    return re.sub(r'(\bdashboard\(id: )(?:"[^"\n]*"|-?\d+)', rf'\1"{board}"', text)


def _broken(text: str, changes: list[tuple[int, str, int]]) -> str:
    """The document with tokens left out, doubled or put in."""
    tokens = _TOKEN.findall(text)
    for place, odd, kind in changes:
        at = place % (len(tokens) + 1)
        tokens[at : at + (kind == 0)] = [] if kind == 0 else [odd] if kind == 1 else tokens[at : at + 1] * 2
    return " ".join(tokens)


def _sized(width: int, depth: int, kind: int) -> str:
    """Documents that are wide, deep, full of aliases, or of fragments that double at each step."""
    if kind == 0:
        return "{ " + " ".join(f"a{n}: dashboards {{ id }}" for n in range(width)) + " }"
    if kind == 1:
        return "{ __schema { types { " + "ofType { " * depth + "name" + " }" * depth + " } } }"
    if kind == 2:
        return "{ dashboards(first: " + "[" * depth + "1" + "]" * depth + ") { " + "id " * width + "} }"
    steps = [f"fragment f{n} on Dashboard {{ ...f{n + 1} ...f{n + 1} }}" for n in range(depth)]
    return "{ dashboards { ...f0 } } " + " ".join(steps) + f" fragment f{depth} on Dashboard {{ id }}"
