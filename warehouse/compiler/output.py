"""What each output column means to a reader: label, unit, role and where its numbers come from."""

from __future__ import annotations

from warehouse.compiled import Lineage, OutputColumn
from warehouse.compiler.build import OFFSET, Build, Key, figure_type
from warehouse.compiler.metrics import Figure
from warehouse.compiler.paths import route_or_none
from warehouse.compiler.scope import Record, Scope
from warehouse.compiler.stage import Shown
from warehouse.model.schema import Unit, ValueType
from warehouse.query import Moving, Rank, Running, Share, Transform


def output_columns(build: Build, shown: list[Shown]) -> tuple[OutputColumn, ...]:
    """The columns of the result, in order."""
    return tuple(_column(build, s) for s in shown)


def _column(build: Build, shown: Shown) -> OutputColumn:
    if shown.key is not None:
        return key_column(build, shown.key)
    assert shown.figure is not None  # what is not a key shows a figure
    if shown.kind is None:
        return _figure_column(build, shown.figure)
    return _derived_column(build, shown, shown.figure)


def key_column(build: Build, key: Key) -> OutputColumn:
    """A column that groups rows."""
    if key.internal == OFFSET:
        return OutputColumn(name=key.name, label=key.label, type=key.type, role="dimension")
    model, field = build.catalog.model, key.field
    near = field.role is not None or route_or_none(model, build.facts[0], field.table) is not None
    scope = Scope(build.catalog, Record(), build.facts[0] if near else field.table)
    reads = scope.reads(scope.value(field))
    return OutputColumn(
        name=key.name,
        label=key.label,
        type=key.type,
        role="time" if key.is_time else "dimension",
        unit=key.field.dimension.unit if key.part is None else None,
        grain=key.grain or key.part or ("band" if key.band else None),
        lineage=Lineage(columns=reads),
    )


def _figure_column(build: Build, one: Figure) -> OutputColumn:
    return OutputColumn(
        name=one.name,
        label=one.label,
        type=figure_type(build, one),
        role="measure",
        unit=one.unit,
        decimals=one.decimals,
        good=one.good,
        additive=one.additive and not build.doubled(one) and not (one.unit and one.unit.currency_column),
        lineage=_lineage(build, one, None),
    )


def _lineage(build: Build, one: Figure, transform: str | None) -> Lineage:
    atoms = [build.atoms.found[i] for i in one.atoms]
    columns = dict.fromkeys(c for i in one.atoms for c in build.reads[i])
    return Lineage(
        metric=one.metric,
        formula=one.text,
        measures=tuple(dict.fromkeys(a.name for a in atoms)),
        columns=tuple(columns),
        transform=transform,
    )


_KIND_TYPES: dict[str, ValueType] = {"growth": "float", "share": "float", "rank": "integer"}


def _derived_column(build: Build, shown: Shown, one: Figure) -> OutputColumn:
    transform = shown.transform
    kind = transform.kind if transform is not None else shown.kind or ""
    ratio = kind in ("growth", "share")
    same_unit = kind in ("prev", "delta", "running", "moving")
    averaged = isinstance(transform, Moving) and transform.agg == "avg"
    return OutputColumn(
        name=shown.name,
        label=_transform_label(build, transform, one) if transform is not None else _label(build, kind, one),
        type="float" if averaged else _KIND_TYPES.get(kind) or figure_type(build, one),
        role="derived",
        unit=Unit(ratio=True) if ratio else one.unit if same_unit else None,
        decimals=one.decimals if same_unit else None,
        good=one.good if kind in ("prev", "delta", "growth", "running", "moving") else None,
        additive=one.additive and not build.doubled(one) and kind in ("prev", "delta"),
        lineage=_lineage(build, one, kind),
    )


def _label(build: Build, kind: str, one: Figure) -> str:
    small, versus = lower_first(one.label), _versus(build)
    patterns = {
        "prev": f"{one.label}, {versus}",
        "delta": f"Change in {small} vs {versus}",
        "growth": f"Growth of {small} vs {versus}",
    }
    return patterns[kind]


def _transform_label(build: Build, transform: Transform, one: Figure) -> str:
    small = lower_first(one.label)
    if isinstance(transform, Share):
        period = f" in the {build.grain}" if build.grain and any(k.ref for k in build.keys) else ""
        return f"Share of {small}{period}"
    if isinstance(transform, Rank):
        return f"Rank by {small}"
    if isinstance(transform, Running):
        since = f" since the {transform.reset} began" if transform.reset else ""
        return f"Running total of {small}{since}"
    if isinstance(transform, Moving):
        return f"{_MOVING_WORDS[transform.agg]} {small} of {transform.n} {build.grain}s"
    return (
        f"Growth of {small} vs {f'previous {build.grain}' if transform.base == 'previous' else f'first {build.grain}'}"
    )


_MOVING_WORDS = {"avg": "Average", "sum": "Total", "min": "Lowest", "max": "Highest"}


def _versus(build: Build) -> str:
    """What the current period is compared with, as a reader would say it."""
    compare = build.query.compare
    assert compare is not None  # only comparisons ask
    if build.grain is None or compare.to == "window":
        return build.prior.label if build.prior else f"{compare.start} – {compare.end}"
    if compare.to == "offset":
        return f"{compare.n} {compare.unit}{'s' if compare.n > 1 else ''} before"
    return f"previous {build.grain}" if compare.to == "previous_period" else f"{build.grain} a year before"


def lower_first(label: str) -> str:
    """A label in the middle of a sentence; abbreviations keep their capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
