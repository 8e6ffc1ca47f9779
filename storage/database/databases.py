"""Where a store can be: what the rest of the room must know of a database, and no more."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from contextlib import ExitStack
    from datetime import datetime, timedelta
    from pathlib import Path

    from sqlalchemy import Engine


class Failure(Enum):
    """What an error of the database means for the writes that follow it."""

    PASSING = "passing"  # this transaction is undone, the next may do
    FULL = "full"  # there is no room left
    FATAL = "fatal"  # the connection, or what it writes on, is in doubt


class Database(Protocol):
    """A database that holds one store, or none yet."""

    @property
    def name(self) -> str:
        """What people know it by; never with a password."""
        ...

    def beside(self, suffix: str) -> Path:
        """Return where a file that belongs to the store, and not into the database, is looked for."""
        ...

    def check(self) -> None:
        """Make sure that there is something to read. Raises StoreError."""
        ...

    def writing_engine(self, at: datetime, wait: timedelta, stack: ExitStack) -> Engine:
        """Become the one that writes, until the stack ends or the process does, in whatever way.

        Raises StoreError where another process writes and goes on for longer than `wait`.
        """
        ...

    def reading_engine(self) -> Engine:
        """Return an engine whose connections cannot write, and whose transactions see one state throughout."""
        ...

    def failure(self, error: BaseException | None) -> Failure:
        """Judge an error of the driver."""
        ...

    def compact(self, driver: Any) -> None:  # noqa: ANN401  the driver's own connection
        """Give back what erased and swept rows took; outside of any transaction."""
        ...
