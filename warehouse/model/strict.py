"""The base of every model type, apart from them so that they can live in several modules."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Unknown keys are errors: a typo in a model must not be ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)
