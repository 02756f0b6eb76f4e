"""What is kept for how long: old event logs, conversations nobody uses and ended deliveries leave by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from store import answered, budgets, outbox, rates, runs, settings, slack


def sweep(connection: Connection, now: datetime) -> None:
    """Drop what is past its time; what LangGraph remembers of a conversation goes when its process hears of it."""
    runs.prune_events(connection, now - timedelta(days=settings.get("keep_event_days")))
    outbox.prune(connection, now - timedelta(days=settings.get("keep_delivery_days")))
    answered.prune(connection, now)
    budgets.prune(connection, now)
    rates.prune(connection, now.timestamp())
    slack.prune(connection, now)
    days = settings.get("keep_thread_days")
    if days:
        for thread_id in runs.unused_threads(connection, now - timedelta(days=days)):
            runs.delete_thread(connection, thread_id)
            outbox.put(connection, outbox.Parcel("forget", thread_id))
