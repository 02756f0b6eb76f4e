"""Who may see which rows and columns, as part of the model: what is not said plainly binds everybody."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from warehouse.model.strict import Strict

Who = Annotated[str, Field(pattern=r"^(owner|admin|editor|analyst|viewer|group:\S(.{0,198}\S)?)$")]
"""People by their role, or as `group:NAME` by a group that they are in."""


class Policy(Strict):
    """Rows of `table`, and of all that belongs to them, that a person may see.

    `where` is over the table's own columns, with `{user.name}` or `:name` for an attribute of the person. `roles` names
    the join roles that must pass. `applies_to` names whom the policy binds (empty: everybody), `exempt` whom it does
    not, though they were named.
    """

    name: str
    table: str
    where: str
    roles: Literal["all"] | tuple[str, ...] = "all"
    facts_without_path: Literal["deny"] = "deny"
    applies_to: tuple[Who, ...] = ()
    exempt: tuple[Who, ...] = ()


class ColumnPolicy(Strict):
    """Columns that people see masked, or not at all: those of `applies_to` (empty: everybody) who are not `exempt`.

    Either `columns` of a `table`, or with `personal` every column that holds personal data: of the table, or of all
    tables where none is named, those that come later too.
    """

    name: str
    table: str | None = None
    columns: tuple[str, ...] = ()
    personal: bool = False
    action: Literal["hide", "mask"] = "hide"
    applies_to: tuple[Who, ...] = ()
    exempt: tuple[Who, ...] = ("owner", "admin")

    @model_validator(mode="after")
    def _says_which(self) -> ColumnPolicy:
        if self.personal == bool(self.columns):
            raise ValueError("name either columns of a table, or personal data")
        if self.columns and self.table is None:
            raise ValueError("name the table that the columns are of")
        return self
