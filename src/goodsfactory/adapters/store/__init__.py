"""Durable state in SQL."""

from goodsfactory.adapters.store.sql_store import SqlStore, open_store

__all__ = ["SqlStore", "open_store"]
