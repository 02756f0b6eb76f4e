"""Lets what people said of earlier findings reach the search for anomalies, for the figure that was meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agent.memory import Learned

_MOST = 200


def figure_of(args: dict[str, Any]) -> dict[str, Any]:
    """What makes two searches ones of the same figure: the metric and its conditions."""
    metric = args.get("metric")
    named = metric if isinstance(metric, dict) or metric is None else {"metric": metric}
    return {"metric": named, "filters": list(args.get("filters", ()))}


def applied(learned: Iterable[Learned], tool: str, args: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call with the verdicts that hold for its figure; other tools stay as they are."""
    if tool != "anomalies" or "judged" in args:
        return args
    figure = figure_of(args)
    judged = [x.query["days"] for x in learned if x.kind == "verdict" and x.query and x.query["figure"] == figure]
    return args | {"judged": judged[:_MOST]} if judged else args
