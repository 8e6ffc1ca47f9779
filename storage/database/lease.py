"""Who writes, and a number that rises with each new writer: one that was thought dead cannot write any more."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.core.errors import StoreError
from collector.core.spans import show_time
from storage.database.columns import micros, read_micros

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_TAKE = "UPDATE lease SET epoch = epoch + 1, holder = ?, since = ? WHERE name = 'writer'"
_FIRST = "INSERT INTO lease (name, epoch, holder, since) VALUES ('writer', 1, ?, ?)"
_HELD = "SELECT epoch, holder, since FROM lease WHERE name = 'writer'"


class WrittenByAnother(StoreError):
    """Only one process may write, and another one does: `holder` is which, and since when."""

    def __init__(self, holder: str) -> None:
        super().__init__(
            f"the store is being written by {holder}",
            so="only one process may write; reading goes on",
            mend="wait for it to end, or stop it; the lock goes with the process, so there is nothing to remove",
        )
        self.holder = holder


@dataclass(frozen=True)
class Lease:
    """The right to write, as long as nobody else has taken it."""

    epoch: int

    def check(self, connection: Connection) -> None:
        """Raise StoreError if another process has taken over; until the transaction ends, nobody can."""
        # PostgreSQL must be told to keep the row; SQLite's transactions that write exclude each other anyway.
        keep = " FOR SHARE" if connection.dialect.name == "postgresql" else ""
        epoch, holder, since = connection.exec_driver_sql(_HELD + keep).one()
        if epoch != self.epoch:
            raise StoreError(
                f"the store was taken over by {held_by(holder, since)}",
                so="this process records nothing more; what was acknowledged is kept",
                mend="leave one of the two running; this one can be started again when the other has ended",
            )


def take(connection: Connection, at: datetime) -> Lease:
    """Become the holder, inside the transaction under way."""
    values = (this_process(), micros(at))
    if connection.exec_driver_sql(_TAKE, values).rowcount == 0:
        connection.exec_driver_sql(_FIRST, values)
    return Lease(connection.exec_driver_sql(_HELD).one()[0])


def this_process() -> str:
    """Return what tells people which process this is."""
    return f"process {os.getpid()} on {socket.gethostname()}"


def held_by(holder: str, since: int) -> str:
    """Return who holds the store, for people."""
    return f"{holder} since {show_time(read_micros(since))}"
