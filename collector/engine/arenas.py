"""Let threads share the memory that they have freed.

The allocator of glibc gives each thread an arena of its own, and what a thread frees stays in its arena: with sixteen
tasks at a time a run holds sixteen times what one task needs at most. One lock over one arena is cheap, because most of
the work holds Python's own lock anyway. https://man7.org/linux/man-pages/man3/mallopt.3.html
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress

_M_ARENA_MAX = -8


def share_arenas() -> None:
    """Ask for one arena for all threads that begin from now on, unless the environment says how many there are to be.

    Without glibc nothing is done.
    """
    if "MALLOC_ARENA_MAX" not in os.environ:
        with suppress(AttributeError, OSError, TypeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
