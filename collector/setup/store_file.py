"""The database file of a store on this machine, and whether it exists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from collector.setup.config import SQLITE

if TYPE_CHECKING:
    from collector.setup.config import Config


def path_of(config: Config) -> Path | None:
    """Return the database file; None where the store is on a server."""
    url = config.store.url
    return Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None


def exists(config: Config) -> bool:
    """Whether the store may exist: the file does, or it is on a server."""
    path = path_of(config)
    return path is None or path.exists()
