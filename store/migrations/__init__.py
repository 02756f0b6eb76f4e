"""Alembic migrations of application state; HEAD lets a start without changes skip importing Alembic."""

HEAD = "0012"
