"""What the demo shows while it goes on: one line on a terminal, which is gone in the end; nothing anywhere else."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self, TextIO

_CLEARED = "\r\x1b[2K"


class DemoProgress:
    """Writes over its own line."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._is_shown = out.isatty() and os.environ.get("TERM") != "dumb"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_shown:
            self._out.write(_CLEARED)
            self._out.flush()

    def say(self, text: str) -> None:
        """Show this text instead of the last one."""
        if self._is_shown:
            width = shutil.get_terminal_size().columns
            self._out.write(f"{_CLEARED}{text} ..."[: width + len(_CLEARED) - 1])
            self._out.flush()
