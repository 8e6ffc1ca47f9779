"""The store key: a secret in a file or a text from elsewhere, never in the database; and the keys derived from it."""

from __future__ import annotations

import contextlib
import hmac
import os
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from collector.core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

_SIZE = 32
_LOOKUP_SIZE = 16  # nobody without the key can search for collisions, so 128 bits are enough


class WorkerKey:
    """The keys for lookups and for redaction. Neither the store key nor any other key follows from them."""

    def __init__(self, lookup: bytes, redaction: bytes) -> None:
        self._lookup = lookup
        self.redaction = redaction

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    def __bytes__(self) -> bytes:
        return self._lookup + self.redaction

    @classmethod
    def of(cls, data: bytes) -> WorkerKey:
        """Return the keys that `bytes` made of them. Raises ValueError where these are no such bytes."""
        if len(data) != 2 * _SIZE:
            message = f"it holds {len(data)} bytes, not {2 * _SIZE}"
            raise ValueError(message)
        return WorkerKey(data[:_SIZE], data[_SIZE:])

    @property
    def id(self) -> str:
        """A text that is the same for the same keys only, and says nothing of them."""
        return hmac.digest(self._lookup, b"annexd worker key" + self.redaction, "sha256").hex()[:32]

    def lookup(self, kind: bytes, key: bytes, body: bytes) -> bytes:
        """Return the keyed fingerprint of a body, by which an equal body is found; useless without the key."""
        return hmac.digest(self._lookup, b"\0".join((kind, key, body)), "sha256")[:_LOOKUP_SIZE]


class StoreKey(WorkerKey):
    """The keys derived from the store key: those of a worker, and one to check that it is the right one."""

    def __init__(self, secret: bytes) -> None:
        super().__init__(hmac.digest(secret, b"lookup", "sha256"), hmac.digest(secret, b"redaction", "sha256"))
        self.check = hmac.digest(secret, b"annexd store key", "sha256").hex()


class StoreKeyPlace(Protocol):
    """Where the store key is kept; its text names the place in messages."""

    def read(self) -> StoreKey:
        """Return the key. Raises StoreError where it is missing or cannot be one."""
        ...

    def make(self) -> StoreKey:
        """Return the key of a new store, which is made where annexd can make one there."""
        ...


class StoreKeyFile:
    """The store key in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def read(self) -> StoreKey:
        """Return the key in the file. Raises StoreError."""
        return read_key(self.path)

    def make(self) -> StoreKey:
        """Return the key in the file, which is made where there is none. Raises StoreError."""
        return make_key(self.path)


class StoreKeyText:
    """The store key as base64 of its 32 bytes, in a text that is read at each use, such as a variable."""

    def __init__(self, name: str, read: Callable[[], str]) -> None:
        self._name = name
        self._read = read

    def __str__(self) -> str:
        return self._name

    def read(self) -> StoreKey:
        """Return the key. Raises StoreError where it is not there, or no base64 of 32 bytes."""
        try:
            secret = b64decode(self._read(), validate=True)
        except ValueError as error:
            raise _no_key(self._name, "it holds no base64") from error
        if len(secret) != _SIZE:
            raise _no_key(self._name, f"it holds {len(secret)} bytes, not {_SIZE}")
        return StoreKey(secret)

    def make(self) -> StoreKey:
        """Return the key, which somebody else has made. Raises StoreError."""
        return self.read()


def store_key_place(place: Path | StoreKeyPlace) -> StoreKeyPlace:
    """Return the place of a key; a path is a file."""
    return StoreKeyFile(place) if isinstance(place, Path) else place


def _no_key(name: str, why: str) -> StoreError:
    return StoreError(
        f"store key: {name} cannot be used: {why}",
        so="nothing can be recorded: equal bodies and equal secrets would no longer be recognised",
        mend="put the key back from its backup; a new store's is made by: openssl rand -base64 32",
    )


def read_key(path: Path) -> StoreKey:
    """Return the key in a file. Raises StoreError where it is missing, unreadable or of the wrong size."""
    try:
        secret = path.read_bytes()
    except FileNotFoundError as error:
        raise StoreError(
            f"store key: {path} is missing",
            so="nothing can be recorded: equal bodies and equal secrets would no longer be recognised",
            mend="put the key file back from its backup, or name it with key in [store]",
        ) from error
    except OSError as error:
        raise StoreError(
            f"store key: {path} cannot be read: {error.strerror}",
            so="nothing can be recorded",
            mend="let the user that annexd runs as read the file, and nobody else",
        ) from error
    if len(secret) != _SIZE:
        raise StoreError(
            f"store key: {path} holds {len(secret)} bytes, not {_SIZE}",
            so="nothing can be recorded",
            mend="put the key file back from its backup",
        )
    return StoreKey(secret)


def make_key(path: Path) -> StoreKey:
    """Write a new key to a file with mode 0600, unless the file exists; return the key in the file."""
    with contextlib.suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, os.urandom(_SIZE))
            os.fsync(handle)
        finally:
            os.close(handle)
        sync_folder(path.parent)
    return read_key(path)


def sync_folder(folder: Path) -> None:
    """Sync a folder, so that new file names in it are durable; fsync of a file does not do that."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
