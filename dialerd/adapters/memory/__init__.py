"""A store in memory, for tests and the simulator: it does what the store on SQLite does, without a disk."""

from dialerd.adapters.memory.store import MemoryStore

__all__ = ["MemoryStore"]
