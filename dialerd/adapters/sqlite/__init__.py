"""The store and the reports on SQLite."""

from dialerd.adapters.sqlite.faults import StoreBusy, StoreRefused
from dialerd.adapters.sqlite.reports import SqliteReports
from dialerd.adapters.sqlite.store import SqliteStore

__all__ = ["SqliteReports", "SqliteStore", "StoreBusy", "StoreRefused"]
