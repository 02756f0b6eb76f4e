"""Kinds of facts of comparisons with peers inside the data."""

from __future__ import annotations

from tools.factbook.kind import FactKind

_SAID = {"direction": "up|down", "tone": "good|bad|neutral", "shape": "rate|growth"}

KINDS: tuple[FactKind, ...] = (
    FactKind(
        "like_for_like", "benchmark", "How all who were there in both periods did together, beside the whole.",
        "value:growth whole:growth? members:count opened:count? closed:count?",
        "Like for like {~value:up|down|level} {value}",
        "Like for like, {metric} of the {members} who were there all along {~value:rose|fell|stood still} {value}"
        "[; all together it {~whole:rose|fell|stood still} {whole}].",
        segment=(),
    ),
    FactKind(
        "ahead_of_peers", "benchmark", "A member beyond chance better than its peers, with the mix set aside.",
        "name:member value:amount fair:amount gap:move growth:growth? peers:growth? rank:count? members:count",
        "{name} ahead of its peers", "{name} is ahead of its peers in {metric}: {value} against {fair}.",
        attributes=_SAID,
    ),
    FactKind(
        "behind_peers", "benchmark", "A member beyond chance worse than its peers, with the mix set aside.",
        "name:member value:amount fair:amount gap:move growth:growth? peers:growth? rank:count? members:count",
        "{name} behind its peers", "{name} is behind its peers in {metric}: {value} against {fair}.",
        attributes=_SAID,
    ),
    FactKind(
        "among_peers", "benchmark", "The member asked about, its rank and what would be fair to expect.",
        "name:member value:amount fair:amount gap:move growth:growth? peers:growth? rank:count members:count",
        "{name}: {rank} of {members}", "{name} is number {rank} of {members} in {metric}: {value} against {fair}.",
        attributes=_SAID | {"beyond": "yes|no"},
    ),
    FactKind(
        "mix_effect", "benchmark", "What a member owes to its mix rather than to its own doing.",
        "name:member mix:move own:move dimension:text",
        "{name}: mix {mix}, own {own}",
        "Of {name}'s gap, {mix} comes from its mix by {dimension} and {own} is its own.",
    ),
    FactKind(
        "level_field", "benchmark", "No member differs from its peers by more than chance.", "members:count",
        "No real differences", "None of the {members} differs from its peers by more than chance.", segment=(),
    ),
)  # fmt: skip
