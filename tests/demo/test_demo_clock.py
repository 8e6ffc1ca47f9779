"""The clock by which ninety days go by in a minute."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from collector.demo.clock import DemoClock


def test_the_clock_of_the_demo_goes_on_and_never_back() -> None:
    """A wait takes no time, and a day that is over does not come again."""
    start = datetime(2026, 3, 1, 6, tzinfo=UTC)
    clock = DemoClock(start)

    assert clock.wait(threading.Event(), 3600) is False
    assert timedelta(hours=1) <= clock.now() - start < timedelta(hours=1, minutes=1)
    assert clock.monotonic() >= 3600
    clock.set_to(start + timedelta(days=1))
    assert timedelta(days=1) <= clock.now() - start < timedelta(days=1, minutes=1)
    with pytest.raises(ValueError, match="past"):
        clock.set_to(start)
