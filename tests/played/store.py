"""The contract suite's store in memory, under the name that the tests use."""

from collector.contract.memory_store import MemoryStore

__all__ = ["MemoryStore"]
