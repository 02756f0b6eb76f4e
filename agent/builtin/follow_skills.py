"""Replies after a forecast or another skill: “and for 90 days?”, “by channel”, said again with the whole question."""

from __future__ import annotations

from collections.abc import Iterator

from agent.brain import PastTurn
from agent.builtin.acts import Said
from agent.builtin.bench import Bench
from agent.builtin.past import FIGURES, RECORDS
from agent.plan import Decision, Plan
from tools.forecasting.horizon import find
from warehouse.query import MetricRef

_HORIZON = "horizon"


def after_skill(said: Said, bench: Bench) -> Decision | None:
    """The last skill with a changed horizon or with more said; None after any other answer, and for a new question."""
    last = _last(bench.context.history)
    if last is None or last.plan is None or not said.text or said.acts.keys() & {"undo", "why", "chart", "table"}:
        return None
    if not said.leans and isinstance(bench.plan(bench.context.question), Plan):
        return None
    further = _ahead(said, last.plan, bench)
    if further is not None:
        return further
    step = next(iter(last.plan.steps.values()))
    for text in _again(last, said.text, bench):
        made = bench.plan(text)
        found = next(iter(made.steps.values()), None) if isinstance(made, Plan) else None
        if found is not None and found.tool == step.tool and found.args != step.args:
            return made
    return _of_other(said, last.plan, bench)


def _of_other(said: Said, plan: Plan, bench: Bench) -> Plan | None:
    """“Surgeries too”: the same skill for another figure, where the reply names nothing else."""
    key, step = next(iter(plan.steps.items()))
    if not said.leans or len(plan.steps) != 1 or not isinstance(step.args.get("metric"), dict):
        return None
    probe = bench.figures(said.text)
    query = probe[1] if probe else None
    if query is None or len(query.metrics) != 1 or query.dimensions or query.time or query.compare or query.top:
        return None
    args = {**step.args, "metric": query.metrics[0].model_dump(mode="json", exclude_defaults=True)}
    filters = [f.model_dump(mode="json", exclude_defaults=True) for f in query.filters]
    args |= {"filters": filters} if filters else {}
    if args["metric"] == step.args["metric"]:
        return None
    hints = {**plan.hints, "metric": query.metrics[0].column}
    chips = [a for a in plan.assumptions if a.key != "metric"]
    return plan.model_copy(update={"steps": {key: step.model_copy(update={"args": args})}, "hints": hints,
                                   "assumptions": chips})  # fmt: skip


def _again(last: PastTurn, more: str, bench: Bench) -> Iterator[str]:
    """The last question with more said; for a forecast also in plain words, which need no earlier question."""
    asked = last.question.rstrip(" ?.!")
    yield from (f"{asked} {more}", f"{asked} for {more}")
    args = next(iter(last.plan.steps.values())).args if last.plan is not None else {}
    if _HORIZON in args and isinstance(args.get("metric"), dict):
        label = bench.metric_label(MetricRef.model_validate(args["metric"])).lower()
        yield f"forecast {label} {more} {args[_HORIZON]}"


def _last(history: tuple[PastTurn, ...]) -> PastTurn | None:
    """The last turn, when a skill answered it."""
    turn = history[-1] if history else None
    step = next(iter(turn.plan.steps.values()), None) if turn is not None and turn.plan is not None else None
    return turn if step is not None and step.tool not in (FIGURES, RECORDS) else None


def _ahead(said: Said, plan: Plan, bench: Bench) -> Plan | None:
    """Another horizon for the same forecast."""
    key, step = next(iter(plan.steps.items()))
    day, rules = bench.context.as_of.date(), bench.context.model.calendar
    hit = find(said.text.lower().strip(" ?.!"), day, rules=rules) if _HORIZON in step.args else None
    if hit is None or hit[0].end <= bench.context.as_of.date():
        return None
    left = f"{said.text[: hit[1]]} {said.text[hit[2] :]}".strip(" ?.!,").lower()
    if left not in ("", "for", "over", "and", "the", "in", "for the"):
        return None
    horizon = said.text[hit[1] : hit[2]].strip()
    changed = step.model_copy(update={"args": {**step.args, _HORIZON: horizon}})
    chips = [
        a.model_copy(update={"value": horizon, "display": hit[0].label}) if a.key == _HORIZON else a
        for a in plan.assumptions
    ]
    return plan.model_copy(update={"steps": {**plan.steps, key: changed}, "assumptions": chips})
