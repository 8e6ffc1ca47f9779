"""The store: an append-only log, blobs of evidence, and the tables derived from them."""

from __future__ import annotations

from storage.opening import open_store
from storage.store import SqlStore

__all__ = ["SqlStore", "open_store"]
