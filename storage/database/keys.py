"""The store key: a secret that lies beside the database, never in it."""

from __future__ import annotations

import contextlib
import hmac
import os
from pathlib import Path

from collector.core.errors import StoreError

_SIZE = 32
_LOOKUP_SIZE = 16  # nobody without the key can look for two bodies that fall together, so 128 bits are plenty


class StoreKey:
    """Keyed fingerprints, each use with a key of its own."""

    def __init__(self, secret: bytes) -> None:
        self._lookup = hmac.digest(secret, b"lookup", "sha256")
        self.check = hmac.digest(secret, b"annexd store key", "sha256").hex()
        self.redaction = hmac.digest(secret, b"redaction", "sha256")

    def __repr__(self) -> str:
        return "StoreKey(...)"

    def lookup(self, kind: bytes, key: bytes, body: bytes) -> bytes:
        """Return what tells whether this body was seen before, and tells nothing to who lacks the key."""
        return hmac.digest(self._lookup, b"\0".join((kind, key, body)), "sha256")[:_LOOKUP_SIZE]


def read_key(path: Path) -> StoreKey:
    """Return the key in a file. Raises StoreError that says how to go on without it."""
    try:
        secret = path.read_bytes()
    except FileNotFoundError as error:
        raise StoreError(
            f"store key: {path} is missing",
            so="nothing can be recorded: equal bodies and equal secrets would no longer be recognised",
            mend="put the key file back from its backup, or name it with key_file in [store]",
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
    """Write a new key to a file that only its owner may read, unless there is one already; return it."""
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
    """Make the names in a folder durable, as fsync of a file does not."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
