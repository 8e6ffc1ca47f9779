"""The interface of a database that can hold a store."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from contextlib import ExitStack
    from datetime import datetime, timedelta
    from pathlib import Path

    from sqlalchemy import Engine


class Failure(Enum):
    """What an error of the database means for later writes."""

    PASSING = "passing"  # this transaction was rolled back; the next one may succeed
    FULL = "full"  # the disk is full
    FATAL = "fatal"  # the state of the connection or of the disk is not known


class Database(Protocol):
    """A database that holds one store, or none yet."""

    @property
    def name(self) -> str:
        """The name shown to people: a path or a URL without password."""
        ...

    def beside(self, suffix: str) -> Path:
        """Return the path of a file that belongs to the store but is not in the database, such as a key."""
        ...

    def check(self) -> None:
        """Raise StoreError where there is certainly no store to read."""
        ...

    def writing_engine(self, at: datetime, wait: timedelta, stack: ExitStack, *, alongside: bool) -> Engine:
        """Return an engine that can write: each transaction waits for those of other processes, and excludes them.

        Unless it is to write `alongside` a run, the lock of runs is taken until the stack closes or the process ends.
        Raises WrittenByAnother where another process holds that for longer than `wait`.
        """
        ...

    def reading_engine(self) -> Engine:
        """Return an engine whose connections cannot write, and whose transactions each see one consistent state."""
        ...

    def failure(self, error: BaseException | None) -> Failure:
        """Classify an error of the driver."""
        ...

    def compact(self, driver: Any) -> None:  # noqa: ANN401  the driver's own connection
        """Release the space of erased and removed rows; outside of any transaction."""
        ...
