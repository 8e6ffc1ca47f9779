"""The same company at its desk as for the commands."""

from __future__ import annotations

from tests.cli.conftest import desk, new_store, scanned

__all__ = ["desk", "new_store", "scanned"]
