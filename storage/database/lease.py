"""The lease: which process writes, with an epoch that each new writer increments, so that an old one is refused."""

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

SERVING, WRITING = "annexd serving", "annexd writing"
"""What the sessions of a process are for, as a server's list of sessions shows it. Both are of one length."""

_TAKE = "UPDATE lease SET epoch = epoch + 1, holder = ?, since = ? WHERE name = 'writer'"
_FIRST = "INSERT INTO lease (name, epoch, holder, since) VALUES ('writer', 1, ?, ?)"
_HELD = "SELECT epoch, holder, since FROM lease WHERE name = 'writer'"


class WrittenByAnother(StoreError):
    """Another process holds the right to write; `holder` describes it, with the time since when."""

    def __init__(self, holder: str) -> None:
        super().__init__(
            f"the store is being written by {holder}",
            so="only one process may write; reading goes on",
            mend="wait for it to end, or stop it; the lock goes with the process, so there is nothing to remove",
        )
        self.holder = holder


@dataclass(frozen=True)
class Lease:
    """The right to write, valid until another process takes it."""

    epoch: int

    def check(self, connection: Connection) -> None:
        """Raise StoreError if another process has taken over; none can until the transaction ends."""
        # PostgreSQL needs a row lock; in SQLite writing transactions exclude each other.
        keep = " FOR SHARE" if connection.dialect.name == "postgresql" else ""
        row = connection.exec_driver_sql(_HELD + keep).one_or_none()
        if row is None:
            raise StoreError(
                "the row that says who writes the store is gone",
                so="this process records nothing more; what was acknowledged is kept",
                mend="find out who or what changed the database, and run annexd verify",
            )
        epoch, holder, since = row
        if epoch != self.epoch:
            raise StoreError(
                f"the store was taken over by {held_by(holder, since)}",
                so="this process records nothing more; what was acknowledged is kept",
                mend="leave one of the two running; this one can be started again when the other has ended",
            )


def take(connection: Connection, at: datetime) -> Lease:
    """Take the lease inside the current transaction, and return it."""
    values = (this_process(), micros(at))
    if connection.exec_driver_sql(_TAKE, values).rowcount == 0:
        connection.exec_driver_sql(_FIRST, values)
    return Lease(connection.exec_driver_sql(_HELD).one()[0])


def this_process() -> str:
    """Return the process id and the host name of this process, for people."""
    return f"process {os.getpid()} on {socket.gethostname()}"


def session_name(what: str) -> str:
    """Return the name of a session for a server, which keeps 63 bytes of it."""
    return f"{what}, {this_process()}".encode()[:63].decode("utf-8", "ignore")


def held_by(holder: str, since: int) -> str:
    """Return the holder and the time since when, for people."""
    return f"{holder} since {show_time(read_micros(since))}"
