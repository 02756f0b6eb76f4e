"""The tool for “what is absorption?” and “what is usual?”: what packs and documents say, and the passage that does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from knowledge.keywords import stems
from knowledge.packs.parts import Benchmark
from knowledge.search import search
from store.errors import UnknownName
from tools.binding import known
from tools.binding.known import Known, Meaning
from tools.evidence import Column, Evidence, Fact, ResultTable, Source, row_keys
from tools.registry import ToolContext, tool
from warehouse.model.schema import SemanticModel, Unit

_MOST_SENTENCES, _MOST_CHARS = 4, 700
_MARKS = "abcdefghij"
_MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[`*_#>|]+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“(])")


class LookUpArgs(BaseModel):
    """A word or phrase to look up, or the metric (by name) whose usual figures are wanted."""

    model_config = ConfigDict(extra="forbid")

    topic: str = Field(min_length=1, max_length=200)
    about: Literal["meaning", "benchmark"] = "meaning"


@tool("look_up", example="What is sell-through?", needs="an installed pack, or documents of your own")
def look_up(context: ToolContext, args: LookUpArgs) -> Evidence:
    """Say what a word of the trade means, or what is usual for a metric, with its source. Looking it up.

    Main table: one row per passage (meaning) or per benchmark. Raises `UnknownName` when nothing is known about it;
    a benchmark is told only where its passage states the same figure and unit.
    """
    packs = known.of(context.workspace, context.model)
    if args.about == "benchmark":
        return _benchmarks(context, args, packs)
    meaning = packs.meaning(args.topic)
    if meaning is not None:
        return _meaning(context, args, meaning)
    return _found(context, args)


def _meaning(context: ToolContext, args: LookUpArgs, meaning: Meaning) -> Evidence:
    pack, passage = meaning.pack, meaning.passage
    source = Source(
        id=_mark(context), title=passage.title if passage else meaning.label,
        passage=passage.text if passage else meaning.means, origin=pack.manifest.label, licence=pack.manifest.licence,
    )  # fmt: skip
    more = excerpt(passage.text).rstrip(".") if passage else None
    return _told(
        context,
        args,
        f"What {_inside(meaning.label)} means",
        [[meaning.label, meaning.means.rstrip("."), more]],
        [source],
    )


def _found(context: ToolContext, args: LookUpArgs) -> Evidence:
    """A passage that says every word of the topic; one that only resembles it is not taken for an answer."""
    hits = search(
        context.workspace.root, context.workspace.name, args.topic, principal=context.principal, limit=5
    ).passages
    wanted = set(stems(args.topic))
    fitting = [c for c in hits if wanted and wanted <= set(stems(f"{c.passage.title} {c.passage.text}"))]
    titled = [c for c in fitting if wanted & set(stems(c.passage.title))]
    best = next(iter(titled or fitting), None)
    if best is None:
        raise UnknownName(
            f"Nothing that I have read explains “{args.topic}”.", code="not_known",
            hint="Install a pack, or add a document that does.",
        )  # fmt: skip
    source = Source(
        id=_mark(context), title=best.passage.title, passage=best.passage.text, origin=best.document.title,
        licence=best.document.licence,
    )  # fmt: skip
    row = [best.passage.title, excerpt(best.passage.text).rstrip("."), None]
    return _told(context, args, f"About {_inside(best.passage.title)}", [row], [source])


def _told(context: ToolContext, args: LookUpArgs, title: str, rows: list[list[Any]], sources: list[Source]) -> Evidence:
    heads = (("topic", "Topic"), ("meaning", "Meaning"), ("passage", "More"))
    table = _table(context, title, [Column(name=n, label=lab, type="text", role="dimension") for n, lab in heads], rows)
    table.kind = "params"  # the text quotes it in full
    values = {"name": table.ref(0, "topic"), "meaning": table.ref(0, "meaning")}
    if rows[0][2]:
        values["passage"] = table.ref(0, "passage")
    fact = Fact(kind="meaning", values=values, attributes={"mark": sources[0].id}, impact=1.0)
    return _evidence(context, args, table, [fact], sources)


def _benchmarks(context: ToolContext, args: LookUpArgs, packs: Known) -> Evidence:
    """What sources say is usual, in the unit of the metric here."""
    found = list(packs.benchmarks(args.topic))
    label, unit = _figure(context.model, args.topic)
    usable = [(p, b, text, converted) for p, b, text in found if (converted := _values(b, unit)) is not None]
    if not usable:
        raise UnknownName(
            f"I have no source for what is usual for {_inside(label)}.", code="no_benchmark",
            hint="Only figures with a passage that states them are told.",
        )  # fmt: skip
    rows, sources = [], []
    places = max(_places(b) for _, b, _, _ in usable)
    for number, (pack, benchmark, passage, (low, high)) in enumerate(usable[: len(_MARKS)]):
        rows.append([benchmark.population, low, high, str(benchmark.year), _reference(benchmark)])
        origin = f"{_reference(benchmark)} {benchmark.source.address}"
        licence = pack.manifest.licence
        mark = _mark(context, number)
        sources.append(Source(id=mark, title=passage.title, passage=passage.text, origin=origin, licence=licence))
    columns = [
        Column(name="population", label="Who", type="text", role="dimension"),
        Column(name="low", label="From", type="float", role="measure", unit=unit, decimals=places),
        Column(name="high", label="To", type="float", role="measure", unit=unit, decimals=places),
        Column(name="year", label="Year", type="text", role="dimension"),
        Column(name="source", label="Source", type="text", role="dimension"),
    ]
    table = _table(context, f"What is usual for {_inside(label)}", columns, rows)
    return _evidence(context, args, table, list(_usual(table, label, sources)), sources)


def _usual(table: ResultTable, label: str, sources: Sequence[Source]) -> Iterator[Fact]:
    for i, source in enumerate(sources):
        values = {n: table.ref(i, n) for n in ("population", "low", "year", "source")}
        if table.rows[i][2] is not None:
            values["high"] = table.ref(i, "high")
        yield Fact(kind="usual", metric=label, values=values, attributes={"mark": source.id}, impact=0.9)


def _values(benchmark: Benchmark, unit: Unit | None) -> tuple[float, float | None] | None:
    """Low and high in the unit of the metric here; None where the two cannot be compared."""
    told = benchmark.range or (benchmark.value,)
    if benchmark.unit in ("percent", "ratio"):
        if unit is None or not (unit.percent or unit.ratio):
            return None
        by = {("percent", True): Decimal("0.01"), ("ratio", False): Decimal(100)}
        factor = by.get((benchmark.unit, unit.ratio), Decimal(1))
    elif benchmark.unit == "money":
        if unit is None or unit.currency != benchmark.currency:
            return None
        factor = Decimal(1)
    else:
        if unit is None or unit.name != benchmark.unit:
            return None
        factor = Decimal(1)
    numbers = [float(v * factor) for v in told if v is not None]
    return (numbers[0], numbers[1] if len(numbers) > 1 else None) if numbers else None


def _places(benchmark: Benchmark) -> int:
    """How many decimals the source gives, so that its figure is told as it stands there; ratios are read as percent."""
    told = [v for v in benchmark.range or (benchmark.value,) if v is not None]
    scaled = [(v * 100 if benchmark.unit == "ratio" else v).normalize() for v in told]
    return max((-int(v.as_tuple().exponent) for v in scaled if int(v.as_tuple().exponent) < 0), default=0)


def _figure(model: SemanticModel, name: str) -> tuple[str, Unit | None]:
    """Label and unit of a metric or measure. Raises `UnknownName`."""
    home = model.measure_table(name)
    found = model.metrics.get(name) or (model.tables[home].measures[name] if home else None)
    if found is None:
        raise UnknownName(f"There is no metric called “{name}”.")
    return found.label or name.replace("_", " "), found.unit


def _mark(context: ToolContext, number: int = 0) -> str:
    """What the text cites a source by: letters, because a digit in a text must be a figure."""
    evidence = int(context.evidence_id.removeprefix("e"))
    return _MARKS[(evidence - 1) % len(_MARKS)] + _MARKS[number]


def _reference(benchmark: Benchmark) -> str:
    source = benchmark.source
    return f"{source.publisher}, {source.title} ({source.year})"


def _table(context: ToolContext, title: str, columns: list[Column], rows: list[list[Any]]) -> ResultTable:
    number = context.evidence_id.removeprefix("e")
    return ResultTable(
        id=f"t{number}", title=title, columns=columns, rows=rows, row_keys=row_keys(rows, [0]), total_rows=len(rows)
    )


def _evidence(
    context: ToolContext, args: LookUpArgs, table: ResultTable, facts: list[Fact], sources: list[Source]
) -> Evidence:
    table.evidence = context.evidence_id
    return Evidence(
        id=context.evidence_id, tool="look_up", args=args.model_dump(exclude_defaults=True), tables=[table],
        facts=facts, sources=sources, snapshot=context.snapshot.id, rows=len(table.rows),
    )  # fmt: skip


def excerpt(markdown: str) -> str:
    """The first sentences of a passage as plain text, without markup, lists and tables."""
    prose = [line for line in markdown.splitlines() if not line.lstrip().startswith(("|", "- ", "* ", "```"))]
    text = " ".join(_MARKUP.sub(r"\1", " ".join(prose)).split()) or " ".join(_MARKUP.sub(r"\1", markdown).split())
    kept = ""
    for sentence in _SENTENCE.split(text)[:_MOST_SENTENCES]:
        if kept and len(kept) + len(sentence) > _MOST_CHARS:
            break
        kept = f"{kept} {sentence}".strip()
    return kept if len(kept) <= 2 * _MOST_CHARS else f"{kept[: 2 * _MOST_CHARS].rsplit(' ', 1)[0]} …"


def _inside(label: str) -> str:
    return " ".join(w if sum(c.isupper() for c in w) > 1 else w.lower() for w in label.split())
