"""Rankings that are no list of sizes: the best of each group and who grew most are told by what ranked them."""

from __future__ import annotations

from agent.builtin.scene import Scene
from agent.builtin.wording import column_of, metric
from agent.claims import Ref, Sentence, escape
from tools.derive import number
from tools.evidence import Column, Fact, ResultTable
from tools.naming import naming

_MOST = 4
_MOST_SHARES = 7
_SERIES = 3
_RANKS = ("growth", "delta")


def ranked(scene: Scene) -> list[Sentence] | None:
    """The sentences of such a ranking; None for every other answer."""
    query, table = scene.evidence.args.get("query", {}), scene.evidence.main()
    top = query.get("top") or {}
    running = next((t for t in query.get("transforms", ()) if t.get("kind") == "running"), None)
    if table is not None and running is not None:
        return _running(scene, table)
    lead = next((f for f in scene.evidence.facts if f.kind == "top"), None)
    if table is None or lead is None:
        return None
    if any(t.get("kind") == "share" for t in query.get("transforms", ())) and not scene.context.plan.hints.get("focus"):
        return _shares(scene, table, lead)
    if top.get("per"):
        return _each(scene, table, lead, len(top["per"]))
    if str(top.get("by", "")).rsplit(".", 1)[-1] in _RANKS:
        return _movers(scene, table, top, lead)
    return None


def _running(scene: Scene, table: ResultTable) -> list[Sentence] | None:
    """ "The running total of net revenue stood at $45.88M in November 2026." and where it stood first."""
    total = next((c for c in table.columns if c.name.endswith("_running")), None)
    time = next((c for c in table.columns if c.role == "time"), None)
    if total is None or time is None or len(table.columns) != _SERIES or not table.rows:
        return None
    measure = next((c for c in table.columns if c.name == total.name.removesuffix("_running")), None)
    rows = [i for i, values in enumerate(table.rows) if values[table.column_index(total.name)] is not None]
    if measure is None or not rows:
        return None
    rows.sort(key=lambda i: str(table.rows[i][table.column_index(time.name)]))
    first, last = rows[0], rows[-1]
    label = metric(Fact(kind="running", metric=measure.label))
    so_far = " so far" if table.row_keys[last] in table.partial else ""
    at = "on " if time.grain in ("day", "hour") else "in "
    end: list[str | Ref] = [
        Ref(table.ref(last, total.name), "auto"),
        f" {at}",
        Ref(table.ref(last, time.name), "label"),
    ]
    begin: list[str | Ref] = [Ref(table.ref(first, total.name), "auto"), f" {at}"]
    begin.append(Ref(table.ref(first, time.name), "label"))
    told: list[Sentence] = [["The running total of ", label, *scene.for_whom(), " reached ", *end, so_far, "."]]
    return [*told, ["It began with ", *begin, "."]] if first != last else told


def _shares(scene: Scene, table: ResultTable, lead: Fact) -> list[Sentence] | None:
    """ "Of net revenue in 2025, Store had 44.2%, Website 28.3% and Marketplace 7.9%." where all groups are shown."""
    groups = _worded(table)
    measure = column_of(scene, lead.values["value"]).name
    share = f"{measure}_share"
    if len(groups) != 1 or len(table.rows) > _MOST_SHARES or share not in {c.name for c in table.columns}:
        return None
    if any(c.role == "time" for c in table.columns) or any(r[table.column_index(share)] is None for r in table.rows):
        return None
    if yes_no := yes_and_no(table, groups[0], share):
        return [[*yes_no, *scene.for_whom(), *scene.when(), "."]]
    told: list[str | Ref] = ["Of ", metric(lead), *scene.for_whom(), *scene.when(), ", "]
    last = len(table.rows) - 1
    for row in range(len(table.rows)):
        joint = "" if row == 0 else " and " if row == last else ", "
        told += [joint, *_named(table, row, groups), " had " if row == 0 else " ", Ref(table.ref(row, share))]
    return [[*told, "."]]


def yes_and_no(table: ResultTable, group: Column, share: str) -> Sentence:
    """ "Remote is yes for 51.2% and no for 48.8%"; nothing where the groups are no yes and no."""
    at = table.column_index(group.name)
    rows = {str(values[at]).casefold(): row for row, values in enumerate(table.rows)}
    if rows.keys() != {"true", "false"}:
        return []
    parts: list[str | Ref] = []
    for word, row in (("yes for ", rows["true"]), (" and no for ", rows["false"])):
        parts += [word, Ref(table.ref(row, share))]
    return [f"{escape(group.label)} is ", *parts]


def _each(scene: Scene, table: ResultTable, lead: Fact, outer: int) -> list[Sentence]:
    """ "Furniture: Birch Armchair had the highest net revenue with $2.10M." for the first groups."""
    dimensions = _worded(table)
    groups = [c for c in dimensions if c.name in _outer_names(scene, outer)]
    members = [c for c in dimensions if c not in groups]
    measure = column_of(scene, lead.values["value"])
    if not groups or not members:
        return []
    firsts: dict[tuple[object, ...], int] = {}
    for row, values in enumerate(table.rows):
        firsts.setdefault(tuple(values[table.column_index(c.name)] for c in groups), row)
    told: list[Sentence] = []
    for row in list(firsts.values())[:_MOST]:
        who = _named(table, row, members)
        verb = " was lowest with " if scene.bottom_up() else " came first with "
        where = ["In ", *_named(table, row, groups), ", "]
        figure: list[str | Ref] = [Ref(table.ref(row, measure.name), "auto")]
        what = [" in ", metric(lead), *scene.for_whom(), *scene.when()] if not told else []
        told.append([*where, *who, verb, *figure, *what, "."])
    return told


def _outer_names(scene: Scene, outer: int) -> set[str]:
    per = scene.evidence.args["query"]["top"]["per"][:outer]
    return {d["field"].split(".", 1)[-1] for d in per}


def _worded(table: ResultTable) -> list[Column]:
    time = next((c for c in table.columns if c.role == "time"), None)
    return naming(table, [c for c in table.columns if c.role == "dimension"], time)


def _named(table: ResultTable, row: int, columns: list[Column]) -> list[str | Ref]:
    parts: list[str | Ref] = []
    for position, column in enumerate(columns):
        parts += ([", "] if position else []) + [Ref(table.ref(row, column.name), "label")]
    return parts


def _movers(scene: Scene, table: ResultTable, top: dict[str, object], lead: Fact) -> list[Sentence]:
    """ "Northeast grew most in 2026: net revenue went from $6.80M to $7.71M, up $903,959 (+13.3%)." and the next."""
    measure = column_of(scene, lead.values["value"]).name
    names = {c.name for c in table.columns}
    if not {f"{measure}_prev", f"{measure}_delta", f"{measure}_growth"} <= names:
        return []
    rated = str(top.get("by", "")).endswith(".growth")
    told: list[Sentence] = []
    for row in range(min(len(table.rows), 3)):
        delta = number(table.rows[row][table.column_index(f"{measure}_delta")])
        if delta is None or (delta < 0) != scene.bottom_up():
            continue
        who = _named(table, row, _worded(table))
        down = delta < 0
        if told:
            verb = " followed, " + ("down " if down else "up ")
            start: list[str | Ref] = [*who, verb]
        else:
            pace = ("shrank" if down else "grew") + (" fastest" if rated else " most")
            start = [*who, f" {pace} in ", metric(lead), *scene.for_whom(), *scene.when(), ": "]
            start += ["down " if down else "up "]
        told.append([*start, *_moved(scene, table, row, measure, first=not told)])
    return told or [_nobody(scene, lead)]


def _moved(scene: Scene, table: ResultTable, row: int, measure: str, *, first: bool) -> Sentence:
    ratio = _is_ratio(table, measure)
    by: list[str | Ref] = [Ref(table.ref(row, f"{measure}_delta"), "points" if ratio else "abs")]
    growth = f"{measure}_growth"
    if not ratio and table.rows[row][table.column_index(growth)] is not None:
        by += [" (", Ref(table.ref(row, growth), "percent_signed"), ")"]
    if not first:
        return [*by, "."]
    prior = scene.when("prior")
    before: list[str | Ref] = [", from ", Ref(table.ref(row, f"{measure}_prev"), "auto"), *prior]
    return [*by, *before, " to ", Ref(table.ref(row, measure), "auto"), "."]


def _is_ratio(table: ResultTable, measure: str) -> bool:
    unit = table.columns[table.column_index(measure)].unit
    return unit is not None and unit.ratio


def _nobody(scene: Scene, lead: Fact) -> Sentence:
    """Where none of them moved in the direction that was asked for."""
    verb = "shrank" if scene.bottom_up() else "grew"
    return [f"None of them {verb} in ", metric(lead), *scene.for_whom(), *scene.when(), "."]
