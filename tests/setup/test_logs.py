"""The log of a process whose reader goes away."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.setup.logs import log_on


@pytest.fixture
def ours() -> Iterator[logging.Logger]:
    """The logger of annexd itself, as it was after the test."""
    logger = logging.getLogger("collector")
    before = logger.handlers[:], logger.propagate, logger.level
    yield logger
    logger.handlers[:], logger.propagate = before[:2]
    logger.setLevel(before[2])


def test_where_whoever_read_the_log_went_away_it_goes_nowhere(ours: logging.Logger) -> None:
    """Else Python fails on what is held back, and ends a daemon that did its work with 120."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        log_on(stream, "info")
        os.close(reading)

        ours.info("nobody reads this")

        stream.write("nor this")
        stream.flush()
        assert os.path.samestat(os.fstat(writing), Path(os.devnull).stat())
