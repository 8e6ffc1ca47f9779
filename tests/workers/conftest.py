"""Stores of the estate."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.workers.estate import Settings
from tests.workers.running import Estate

Make = Callable[..., Estate]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Return what makes a store of the estate with so many workers, and settings; on SQLite without `url`."""

    def new(workers: int, url: str = "", **settings: object) -> Estate:
        folder = tmp_path_factory.mktemp("estate")
        given = Settings(calls=str(folder / "calls"), **settings)  # type: ignore[arg-type]  # whatever a test gives
        return Estate(url or f"sqlite:///{folder / 'annexd.db'}", folder, given, workers)

    return new
