"""A store of its own for each test, on a clock that moves only when it is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import SqlStore, open_store
from tests.storage.evidence import TickingClock


@pytest.fixture
def clock() -> TickingClock:
    """Monday morning."""
    return TickingClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database of `store` is."""
    return tmp_path / "annexd.db"


@pytest.fixture
def url(path: Path) -> str:
    """The same as a setting."""
    return f"sqlite:///{path}"


@pytest.fixture
def store(url: str, clock: TickingClock) -> Iterator[SqlStore]:
    """An empty store, open for writing."""
    with open_store(url, writer=True, clock=clock) as opened:
        yield opened
