"""Who may send events: write keys by their hash, each for one workspace and able to do nothing else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from store.models import Base, Moment


class WriteKeyRow(Base):
    """A write key; `origins` are the pages that may use it (None: any), `per_minute` how many events it may send."""

    __tablename__ = "write_keys"
    __table_args__ = (Index("write_keys_of_workspace", "workspace"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(63))
    workspace: Mapped[str] = mapped_column(String(63))
    origins: Mapped[list[str] | None] = mapped_column(JSON)
    per_minute: Mapped[int | None] = mapped_column(Integer)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
