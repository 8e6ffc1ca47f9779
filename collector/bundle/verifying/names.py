"""The names of files in a bundle: the same file on every system, or refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collector.core.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Collection

_PART = r"[A-Za-z0-9_+=@-][A-Za-z0-9._+=@-]*(?<!\.)"
_SAFE = re.compile(rf"{_PART}(/{_PART})*")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_LONGEST = 300


def check_names(names: Collection[str]) -> None:
    """Raise VerificationError at a name that some system reads otherwise, or that two files have on some system."""
    seen: set[str] = set()
    for name in names:
        if len(name) > _LONGEST or _SAFE.fullmatch(name) is None:
            raise VerificationError(f"the member {name[:80]!r} has a name that no bundle gives")
        if any(_DEVICE.fullmatch(part) is not None for part in name.split("/")):
            raise VerificationError(f"the member {name} has the name of a device of Windows")
        folded = name.casefold()
        if folded in seen:
            raise VerificationError(f"there are two members called {name}, or so on some systems")
        seen.add(folded)
    folders = {folded[:at] for folded in seen for at, letter in enumerate(folded) if letter == "/"}
    for both in sorted(seen & folders):
        raise VerificationError(f"{both} is a file and a folder")
