"""Named steps at which a test can kill the process; without ANNEXD_KILL_AT in the environment they do nothing."""

from __future__ import annotations

import os
import signal
from itertools import count

_STEP, _, _TIMES = os.environ.get("ANNEXD_KILL_AT", "").partition("@")
_SEEN = count(1)

STEPS = (
    "blobs kept",
    "before leaf",
    "after leaf",
    "projected",
    "before commit",
    "after commit",
    "held back",
    "tasks kept",
    "before sign",
    "state written",
    "signed",
    "note kept",
)
"""In the order in which a task, and then a checkpoint, reaches them."""


def reached(step: str) -> None:
    """Kill the process where ANNEXD_KILL_AT names this step; `after leaf@3` means the third time it is reached."""
    if step == _STEP and next(_SEEN) == int(_TIMES or 1):
        os.kill(os.getpid(), signal.SIGKILL)
