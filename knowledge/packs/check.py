"""Goes through a pack as a careful reader would: every name must lead somewhere, every benchmark to its passage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from knowledge.packs import expressions, figures
from knowledge.packs.parts import Benchmark, Metric, Step, Way
from knowledge.packs.schema import Pack
from store.errors import InvalidRequest, near_names

_LONGEST = 2_500  # characters of a passage; longer ones are hard to cite
_OPENERS = (
    "which what how who where when why show list compare top explain is are did do does has have give tell forecast"
    " rank find break was were if plot any will"
)
_FIRST_WORDS = frozenset(_OPENERS.split())


@dataclass(frozen=True)
class Finding:
    """One thing to mend: `where` is the entry (`metrics.absorption`), `hint` what to do."""

    severity: Literal["error", "warning"]
    where: str
    message: str
    hint: str | None = None


def check(pack: Pack) -> list[Finding]:
    """Everything wrong with a pack, errors first; an empty list means that it can be installed."""
    found = [finding for rule in _RULES for finding in rule(pack)]
    return sorted(found, key=lambda f: (f.severity, f.where))


def _entities(pack: Pack) -> Iterator[Finding]:
    for name, entity in pack.entities.items():
        where = f"entities.{name}"
        named = [*entity.key, *([entity.time] if entity.time else [])]
        yield from _known(where, "column", named, entity.columns)
        if (
            entity.time
            and entity.time in entity.columns
            and entity.columns[entity.time].kind not in ("date", "timestamp")
        ):
            yield Finding(
                "error", where, f"The time column “{entity.time}” is no date.", "Give it kind date or timestamp."
            )
        if entity.kind != "thing" and not entity.time:
            yield Finding(
                "error", where, f"An entity of kind {entity.kind} needs `time`.", "Name the column that says when."
            )
        for column, told in entity.columns.items():
            yield from _known(
                f"{where}.columns.{column}", "entity", [told.refers] if told.refers else [], pack.entities
            )


def _metrics(pack: Pack) -> Iterator[Finding]:
    for name, metric in pack.metrics.items():
        for i, way in enumerate(metric.ways):
            where = f"metrics.{name}" + (f".ways.{i}" if len(metric.ways) > 1 else "")
            yield from _way(pack, where, way)
            if way.ratio and metric.unit == "percent":
                yield Finding("error", where, "A ratio of two figures is told as 0 to 1.", "Write `unit: ratio`.")
        yield from _places(pack, f"metrics.{name}", metric.by)
    for loop in _loops({n: m.ways for n, m in pack.metrics.items()}):
        yield Finding("error", f"metrics.{loop}", "The metric is made of itself.", "Break the circle of formulas.")


def _way(pack: Pack, where: str, way: Way) -> Iterator[Finding]:
    if way.ratio:
        yield from _known(where, "metric", way.ratio, pack.metrics)
    if way.formula:
        names = yield from _names(where, way.formula)
        yield from _known(where, "metric", names, pack.metrics)
    if not way.entity:
        return
    if way.entity not in pack.entities:
        yield from _known(where, "entity", [way.entity], pack.entities)
        return
    columns = pack.entities[way.entity].columns
    extra = [way.weight, way.level and way.level.over, way.span and way.span.start, way.span and way.span.end]
    yield from _known(where, f"column of {way.entity}", [e for e in extra if e], columns)
    for text in [way.expr, way.where, *way.where_present]:
        if text:
            yield from _over(pack, where, way.entity, text)


def _over(pack: Pack, where: str, entity: str, text: str) -> Iterator[Finding]:
    """An expression over the columns of an entity, and the values it compares them with."""
    names = yield from _names(where, text)
    columns = pack.entities[entity].columns
    yield from _known(where, f"column of {entity}", names, columns)
    if all(n in columns for n in names) and names:
        for column, value in expressions.compared(text):
            if columns[column].values:
                yield from _known(where, f"value of {entity}.{column}", [value], columns[column].values)


def _names(where: str, text: str) -> Generator[Finding, None, list[str]]:
    try:
        return expressions.columns(text)
    except InvalidRequest as error:
        yield Finding("error", where, error.message, error.hint)
        return []


def _loops(ways: dict[str, tuple[Way, ...]]) -> list[str]:
    """Names of metrics whose parts lead back to them."""

    def parts(name: str) -> set[str]:
        return {p for way in ways.get(name, ()) for p in way_parts(way)}

    def leads_back(name: str) -> bool:
        seen, todo = set[str](), list(parts(name))
        while todo:
            part = todo.pop()
            if part == name:
                return True
            if part not in seen:
                seen.add(part)
                todo += parts(part)
        return False

    return [name for name in ways if leads_back(name)]


def way_parts(way: Way) -> list[str]:
    """The metrics that a way is made of; none for an `agg`."""
    if way.ratio:
        return list(way.ratio)
    try:
        return expressions.columns(way.formula) if way.formula else []
    except InvalidRequest:
        return []


def _words(pack: Pack) -> Iterator[Finding]:
    """A word that two metrics are called by leads nowhere."""
    said: dict[str, list[str]] = {}
    for name, metric in pack.metrics.items():
        for word in {w.casefold() for w in (metric.label, *metric.synonyms)}:
            said.setdefault(word, []).append(name)
    for word, names in said.items():
        if len(names) > 1:
            yield Finding("error", f"metrics.{names[1]}", f"“{word}” already means {names[0]}.", "Keep one of the two.")


def _terms(pack: Pack) -> Iterator[Finding]:
    for name, term in pack.terms.items():
        where = f"terms.{name}"
        yield from _known(where, "metric", [term.metric] if term.metric else [], pack.metrics)
        yield from _places(pack, where, [term.column] if term.column else [])
        yield from _passages(pack, where, term.see)


def _trees(pack: Pack) -> Iterator[Finding]:
    for name, tree in pack.trees.items():
        where = f"trees.{name}"
        yield from _known(where, "metric", [tree.metric, *tree.steps], pack.metrics)
        if tree.metric not in tree.steps:
            yield Finding(
                "error", where, f"No step says what {tree.metric} is made of.", f"Add {tree.metric} to `steps`."
            )
        for top, step in tree.steps.items():
            yield from _known(f"{where}.steps.{top}", "metric", [*step.of, *step.minus], pack.metrics)
            if problem := _step_problem(step):
                yield Finding("error", f"{where}.steps.{top}", problem)


def _step_problem(step: Step) -> str | None:
    parts = [*step.of, *step.minus]
    if len(set(parts)) < len(parts):
        return "A figure stands in the step twice."
    if step.minus and step.operation != "sum":
        return "Only a sum takes figures in `minus`."
    if step.operation == "ratio" and len(step.of) != 2:
        return "A ratio is of two figures, the second divides the first."
    return "A step needs two figures." if len(parts) < 2 else None


def _segments(pack: Pack) -> Iterator[Finding]:
    for name, segment in pack.segments.items():
        where = f"segments.{name}"
        if segment.entity in pack.entities:
            yield from _over(pack, where, segment.entity, segment.where)
        else:
            yield from _known(where, "entity", [segment.entity], pack.entities)
    for name, rule in pack.quality.items():
        where = f"quality.{name}"
        if rule.entity in pack.entities:
            yield from _over(pack, where, rule.entity, rule.holds)
        else:
            yield from _known(where, "entity", [rule.entity], pack.entities)


def _questions(pack: Pack) -> Iterator[Finding]:
    asked = Counter(q.ask for questions in pack.questions.values() for q in questions)
    for role, questions in pack.questions.items():
        for i, question in enumerate(questions):
            where = f"questions.{role}.{i}"
            yield from _template(pack, where, question.ask)
            if asked[question.ask] > 1:
                asked[question.ask] = 1
                yield Finding("warning", where, f"“{question.ask}” is asked twice.")
    for name, playbook in pack.playbooks.items():
        for i, one in enumerate(playbook.checks):
            yield from _template(pack, f"playbooks.{name}.checks.{i}", one.ask)


def _template(pack: Pack, where: str, ask: str) -> Iterator[Finding]:
    slots = expressions.slots(ask)
    if not slots:
        yield Finding("error", where, "The question names no metric.", "Put one in braces: {net_revenue}.")
    places = [s for s in slots if "." in s]
    yield from _places(pack, where, places)
    yield from _known(where, "metric", [s for s in slots if s not in places], pack.metrics)
    first = ask.split()[0].strip(",").casefold()
    if first not in _FIRST_WORDS and not first.startswith("{"):
        yield Finding("warning", where, f"“{ask}” does not read like a question.")


def _uses(pack: Pack) -> Iterator[Finding]:
    for name, digest in pack.digests.items():
        where = f"digests.{name}"
        yield from _known(where, "metric", [*digest.metrics, *(g.metric for g in digest.goals)], pack.metrics)
        yield from _places(pack, where, digest.by)
        yield from _known(where, "segment", digest.segments, pack.segments)
    for name, playbook in pack.playbooks.items():
        yield from _known(f"playbooks.{name}", "metric", [playbook.when.metric], pack.metrics)
        yield from _passages(pack, f"playbooks.{name}", playbook.see)
    for name, event in pack.events.items():
        yield from _known(f"events.{name}", "metric", event.metrics, pack.metrics)


def _benchmarks(pack: Pack) -> Iterator[Finding]:
    for name, benchmark in pack.benchmarks.items():
        where = f"benchmarks.{name}"
        yield from _known(where, "metric", [benchmark.metric], pack.metrics)
        yield from _passages(pack, where, benchmark.passage)
        metric, passage = pack.metrics.get(benchmark.metric), pack.passage(benchmark.passage)
        if metric and not same_unit(metric, benchmark):
            yield Finding("error", where, f"The unit {benchmark.unit} is not that of the metric ({metric.unit}).")
        if passage and not supported(benchmark, passage.text):
            yield Finding(
                "error", where, "The passage does not state the figure with its unit.",
                "Write the same figure, unit and year into the passage as the source gives them.",
            )  # fmt: skip


def same_unit(metric: Metric, benchmark: Benchmark) -> bool:
    """Whether figures of the two may be compared; percent and ratio are the same thing told differently."""
    shares = ("percent", "ratio")
    return metric.unit == benchmark.unit or (metric.unit in shares and benchmark.unit in shares)


def supported(benchmark: Benchmark, text: str) -> bool:
    """Whether the passage states every figure of the benchmark in its unit."""
    told = benchmark.range or (benchmark.value,)
    return all(v is not None and figures.states(text, v, benchmark.unit, benchmark.currency) for v in told)


def _texts(pack: Pack) -> Iterator[Finding]:
    for passage in pack.passages:
        if len(passage.text) > _LONGEST:
            yield Finding("warning", f"knowledge.{passage.id}", "The passage is long.", "Cut it with another heading.")


def _passages(pack: Pack, where: str, wanted: str | None) -> Iterator[Finding]:
    yield from _known(where, "passage", [wanted] if wanted else [], [p.id for p in pack.passages])


def _places(pack: Pack, where: str, places: Iterable[str]) -> Iterator[Finding]:
    known = [f"{e}.{c}" for e, entity in pack.entities.items() for c in entity.columns]
    yield from _known(where, "entity and column", places, known)


def _known(where: str, kind: str, names: Iterable[str], known: Iterable[str]) -> Iterator[Finding]:
    every = list(known)
    for name in names:
        if name not in every:
            near = near_names(name, every)
            yield Finding(
                "error", where, f"There is no {kind} “{name}” in the pack.",
                f"Did you mean {' or '.join(near)}?" if near else f"Add it, or take it out of {where}.",
            )  # fmt: skip


def _privacy(pack: Pack) -> Iterator[Finding]:
    if pack.privacy:
        yield from _places(pack, "privacy", pack.privacy.persons)


_RULES: tuple[Callable[[Pack], Iterator[Finding]], ...] = (
    _entities, _metrics, _words, _terms, _trees, _segments, _questions, _uses, _benchmarks, _texts,
    _privacy,
)  # fmt: skip
