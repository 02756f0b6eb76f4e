"""How large a GraphQL query is once its fragments are written out: few words can stand for more than can be walked."""

from __future__ import annotations

import math

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, FragmentSpreadNode, SelectionSetNode, parse
from graphql.error import GraphQLSyntaxError


class UnknownFragment(LookupError):
    """A fragment is spread that the query does not hold; what walks the query behind us would fail on it."""


def fields(query: str, most_tokens: int) -> float:
    """The fields of all operations with fragments written out; infinite where a fragment holds itself.

    0 for what cannot be read, whose fault is told by who executes it. Raises `RecursionError` for deep nesting and
    `UnknownFragment`.
    """
    try:
        document = parse(query, no_location=True, max_tokens=most_tokens)
    except GraphQLSyntaxError:
        return 0
    return _Sizes(document).whole()


class _Sizes:
    """Counts each fragment once, however often it is used."""

    def __init__(self, document: DocumentNode) -> None:
        self._document = document
        self._sets = {
            one.name.value: one.selection_set for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._known: dict[str, float] = {}

    def whole(self) -> float:
        """The sum over all definitions, so that unused fragments count too."""
        return sum(self._of(getattr(one, "selection_set", None)) for one in self._document.definitions)

    def _of(self, selected: SelectionSetNode | None) -> float:
        total = 0.0
        for one in selected.selections if selected is not None else ():
            if isinstance(one, FragmentSpreadNode):
                total += 1 + self._fragment(one.name.value)
            else:
                total += isinstance(one, FieldNode)
                total += self._of(getattr(one, "selection_set", None))
        return total

    def _fragment(self, name: str) -> float:
        if name not in self._sets:
            raise UnknownFragment(name)
        if name not in self._known:
            self._known[name] = math.inf  # while it is counted: a fragment that holds itself has no end
            self._known[name] = self._of(self._sets[name])
        return self._known[name]
