"""A store of its own for each test, on both databases, on a clock that moves only when it is looked at.

What asks for `path` is about a file, and runs on SQLite alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage import SqlStore, open_store
from tests.attacks.targets import Original, PostgresqlOriginal, SqliteOriginal
from tests.storage.evidence import TickingClock


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever needs a store on each database that there is, unless its module says which one."""
    if "database" in metafunc.fixturenames and not hasattr(metafunc.module, "database"):
        names = ["sqlite"] if "path" in metafunc.fixturenames else ["sqlite", "postgresql"]
        metafunc.parametrize("database", names, indirect=True)


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


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, Original]:
    """A store on each database; they are made when they are asked for."""
    return Made(tmp_path_factory.mktemp("attacked"), request)


class Made(dict[str, Original]):
    """Originals by the name of their database."""

    def __init__(self, folder: Path, request: pytest.FixtureRequest) -> None:
        super().__init__()
        self._folder = folder
        self._request = request

    def __missing__(self, database: str) -> Original:
        """Make the store of a database."""
        folder = self._folder / database
        folder.mkdir()
        if database == "sqlite":
            self[database] = SqliteOriginal(folder)
        else:
            self[database] = PostgresqlOriginal(self._request.getfixturevalue("server"), folder)
        return self[database]
