"""The signer's memory: the head that was signed last, in a file beside the signing key, never in the database.

A database that does not continue from it was rolled back or replaced, and is not signed: one signer never signs two
histories. Processes that sign for one store do so one after the other.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from collector.core.errors import StoreError
from storage.database.keys import sync_folder
from storage.database.unavailable import StoreUnavailable
from storage.log.signing import write_new

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NOT_KNOWN = "nothing is signed: whether this store goes on from what was signed last is not known"


class LastSignedHead(Struct, frozen=True):
    """The head that was signed last, as the memory file holds it: store, origin, number of leaves, root digest.

    `macs` is the first log entry with a MAC; None where it was written before there were any. `kept` says whether the
    store has its note: False until it is durable there, None in files of earlier versions.
    """

    store: str
    origin: str
    size: int
    root: str
    macs: int | None = None
    kept: bool | None = None


class SignerMemory:
    """Keeps the LastSignedHead in a file, which is replaced and on disk before a signature is returned.

    Whoever signs holds its lock from reading it until the signature is stored.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of the memory, to sign; others wait. Raises StoreError where there can be no lock."""
        path = self._lock_file
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(
                f"signer's memory: {path} cannot be locked: {error.strerror}",
                so="nothing is signed: another process might sign another head of the same size",
                mend="let the user that annexd runs as write that file and its folder",
            ) from error
        with _held(handle):
            yield

    @contextmanager
    def locked_to_read(self) -> Iterator[None]:
        """Hold the lock of the memory, as far as whoever only reads can: not where the file may not be opened."""
        try:
            handle = os.open(self._lock_file, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            yield
            return
        with _held(handle):
            yield

    @property
    def _lock_file(self) -> Path:
        return self.path.with_name(f"{self.path.name}.lock")

    def read(self) -> LastSignedHead | None:
        """Return the head signed last; None where there is no file. Raises StoreError where it cannot be read."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=LastSignedHead)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreUnavailable(
                f"signer's memory: {self.path} cannot be read: {error.strerror}",
                so=_NOT_KNOWN,
                mend="let the user that annexd runs as read the file, and nobody else",
            ) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StoreError(
                f"signer's memory: {self.path} cannot be read: {error}",
                so=_NOT_KNOWN,
                mend="put the file back from a backup; if it is lost, annexd store restored --acknowledge goes"
                " on without it",
            ) from error

    def swap(self, was: LastSignedHead, signed: LastSignedHead) -> None:
        """Replace the head that was read before. Raises StoreError where another process has replaced it since."""
        found = self.read()
        if found != was:
            raise StoreError(
                f"signer's memory: {self.path} was changed by another process, which signed meanwhile",
                so="nothing was signed by this one: two heads of one size would be two histories",
                mend="run the command again; if it says so again, let only one machine sign for this store",
            )
        self.write(signed)

    def write(self, signed: LastSignedHead) -> None:
        """Replace the head; it is on disk when this returns. Raises StoreError, and then the one before stays."""
        fresh = self.path.with_name(self.path.name + ".new")
        try:
            fresh.unlink(missing_ok=True)
            write_new(fresh, msgspec.json.encode(signed) + b"\n")
            fresh.replace(self.path)
            sync_folder(self.path.absolute().parent)
        except OSError as error:
            raise StoreError(
                f"signer's memory: {self.path} cannot be written: {error.strerror}",
                so="what was recorded is kept, and not signed",
                mend="make room on that disk, and let the user that annexd runs as write there; the next run signs",
            ) from error


@contextmanager
def _held(handle: int) -> Iterator[None]:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
