"""A segment becomes a word of the workspace: “at-risk customers” in any question, until it is forgotten again."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from store.errors import InvalidRequest, NotEnough, QueryRefused
from tools.churn import tool as churn
from tools.churn.report import bands
from tools.drivers.sheets import share, sheet, text
from tools.entities import Entity
from tools.evidence import Column, Evidence, Fact
from tools.lifetime import tool as lifetime
from tools.lifetime.engine import TOP
from tools.params import params_table
from tools.registry import ToolContext, tool
from tools.segments import shelf
from tools.segments import tool as grouping
from tools.segments.shelf import Members
from warehouse.compiler.policies import Rights
from warehouse.model import store as model_store
from warehouse.model.schema import Unit

Skill = Literal["segments", "churn_risk", "lifetime_value"]


class SaveArgs(BaseModel):
    """Which customers to remember under which name: a segment, those at high risk, or the most valuable tenth."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=2, max_length=60, description="how questions will call them: “at-risk customers”")
    skill: Skill = "segments"
    args: dict[str, Any] = Field(default_factory=dict, description="of that skill; for segments with `only`")


class ForgetArgs(BaseModel):
    """The saved segment to forget."""

    model_config = ConfigDict(extra="forbid")

    name: str


@tool(
    "save_segment",
    example="Save them as at-risk customers",
    needs="A segment, those at risk or the most valuable, as another skill finds them; the right to edit the model.",
    writes=True,
)
def save_segment(context: ToolContext, args: SaveArgs) -> Evidence:
    """Save a segment under a name that any question can use. Saving the segment.

    Main table: one row: name, members, of how many. Raises `QueryRefused` without the right to edit the model or under
    row policies, `InvalidRequest` for a name that is taken, and what the skill raises.
    """
    _check_rights(context)
    members, whole, record = _members(context, args)
    if not members.ids:
        raise NotEnough("Nobody is in that segment, so there is nothing to save.", code="too_few_rows")
    shelf.put(context, args.name, members)
    return _told(context, "save_segment", args, (record, len(members.ids), whole))


@tool(
    "forget_segment",
    example="Forget at-risk customers",
    needs="A saved segment; the right to edit the model.",
    writes=True,
)
def forget_segment(context: ToolContext, args: ForgetArgs) -> Evidence:
    """Forget a saved segment: its name means nothing afterwards. Forgetting the segment.

    Main table: one row: its name and how many were in it. Raises `UnknownName` and `QueryRefused`.
    """
    _check_rights(context)
    count = shelf.take(context, args.name)
    return _told(context, "forget_segment", args, ("customer", count, None))


def _check_rights(context: ToolContext) -> None:
    if not context.principal.may_edit_model:
        raise QueryRefused(
            "Saved segments change what words mean for everybody, and your role may not do that.", code="model_role",
            hint="Ask an administrator.",
        )  # fmt: skip
    if Rights(model_store.load(context.workspace.model_file), context.principal).digest:
        raise QueryRefused(
            "You see only part of the rows, so a segment of yours would be wrong for everybody else.",
            code="policy_rows", hint="Ask somebody who sees them all.",
        )  # fmt: skip
    if not context.snapshot.files:
        raise InvalidRequest(
            "This workspace reads a live database, in which I store nothing.", code="no_lake",
            hint="Load the data as files to save segments.",
        )  # fmt: skip


def _members(context: ToolContext, args: SaveArgs) -> tuple[Members, int, str]:
    """Who belongs to it, of how many, and the word for one."""
    try:
        if args.skill == "segments":
            return _of_segment(context, grouping.SegmentsArgs.model_validate(args.args))
        if args.skill == "churn_risk":
            return _at_risk(context, churn.ChurnArgs.model_validate(args.args))
        return _most_valuable(context, lifetime.LifetimeArgs.model_validate(args.args))
    except ValidationError as error:
        raise InvalidRequest(
            f"The skill {args.skill} cannot use these arguments.", details={"field": "args"}
        ) from error


def _of_segment(context: ToolContext, args: grouping.SegmentsArgs) -> tuple[Members, int, str]:
    if args.only is None:
        raise InvalidRequest(
            "Say which segment to save.", hint="For example “save the at-risk customers as sleepers”.",
            details={"field": "only"},
        )  # fmt: skip
    found = grouping.segmented(context, args)
    ids = [found.activity.ids[i] for i in found.members(args.only)]
    return Members(*_column(found.entity), ids, f"segment “{args.only}”"), len(found.labels), found.entity.record


def _at_risk(context: ToolContext, args: churn.ChurnArgs) -> tuple[Members, int, str]:
    found = churn.judged(context, args)
    high = bands(found.base)[0]
    ids = [i for i, chance in zip(found.task.ids, found.chances, strict=True) if chance >= high]
    if found.entity is not None:
        table, column = _column(found.entity)
    else:
        assert found.table is not None  # without a log there is a table
        table, column = found.table.name, found.table.key
    return Members(table, column, ids, f"a chance to leave of {high:.0%} or more"), len(found.chances), found.record


def _most_valuable(context: ToolContext, args: lifetime.LifetimeArgs) -> tuple[Members, int, str]:
    found = lifetime.valued(context, args)
    order = sorted(range(len(found.worth)), key=lambda i: (-round(float(found.worth[i]), 9), i))
    ids = [found.activity.ids[i] for i in order[: max(1, round(TOP * len(order)))]]
    return Members(*_column(found.entity), ids, "most valuable tenth"), len(order), found.entity.record


def _column(entity: Entity) -> tuple[str, str]:
    """The table and column that the members' ids are joined to."""
    if entity.home is not None:
        return entity.home, entity.key
    table, column = entity.ref.field.split(".", 1)
    return table, column


def _told(context: ToolContext, name: str, args: SaveArgs | ForgetArgs, found: tuple[str, int, int | None]) -> Evidence:
    record, count, whole = found
    number = context.evidence_id.removeprefix("e")
    head = [
        text("name", "Segment"),
        Column(name="members", label="Members", type="integer", role="measure", unit=Unit(name=record)),
    ]
    row: list[Any] = [args.name, count]
    if whole is not None:
        head.append(share("share", "Share"))
        row.append(count / whole)
    main = sheet(f"t{number}", "Saved segment" if name == "save_segment" else "Forgotten segment", head, [row], "main")
    now = context.as_of.date()
    params = params_table(f"p{number}", {"today": f"{now:%b} {now.day}, {now.year}"})
    kind = "segment_saved" if name == "save_segment" else "segment_forgotten"
    values = {"name": main.ref(0, "name"), "size": main.ref(0, "members")}
    values |= {"share": main.ref(0, "share")} if whole is not None else {}
    values |= {"today": params.ref(0, "value")} if whole is not None else {}
    for table in (main, params):
        table.evidence = context.evidence_id
    return Evidence(
        id=context.evidence_id, tool=name, args=args.model_dump(mode="json", exclude_defaults=True),
        tables=[main, params], facts=[Fact(kind=kind, values=values, attributes={"record": record}, impact=1.0)],
        engine=context.engine.dialect, snapshot=context.snapshot.id, rows=count,
    )  # fmt: skip
