"""Record calls of `time.sleep`, which nobody can stop."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def sleeping() -> Iterator[list[float]]:
    """Yield a list to which the seconds of each `time.sleep` are added; no call sleeps."""
    naps: list[float] = []
    with patch.object(time, "sleep", naps.append):
        yield naps
