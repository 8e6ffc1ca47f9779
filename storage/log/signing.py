"""The signing key and the signer's memory, two files beside the database, never in it.

The memory is the head that was signed last. A database that does not continue from it was rolled back or replaced, and
is not signed: one signer never signs two histories.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from msgspec import Struct

from collector.core.errors import StoreError
from storage.database.keys import sync_folder


def read_signing_key(path: Path) -> Ed25519PrivateKey:
    """Return the private key in a file. Raises StoreError where it is missing, unreadable or no Ed25519 key."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise StoreError(
            f"signing key: {path} is missing",
            so="no checkpoint can be signed, so nothing is recorded",
            mend="put the key file back from its backup, or name it with signing_key in [store]",
        ) from error
    except OSError as error:
        raise StoreError(
            f"signing key: {path} cannot be read: {error.strerror}",
            so="no checkpoint can be signed, so nothing is recorded",
            mend="let the user that annexd runs as read the file, and nobody else",
        ) from error
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _no_key(path, "it holds no private key in PEM without a password") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(path, "its key is of another kind than Ed25519")
    return key


def make_signing_key(path: Path) -> Ed25519PrivateKey:
    """Write a new key to a file with mode 0600, unless the file exists; return the key in the file."""
    with contextlib.suppress(FileExistsError):
        _write_new(path, _pem_bytes(Ed25519PrivateKey.generate()))
        sync_folder(path.absolute().parent)
    return read_signing_key(path)


def public_pem(public: bytes) -> str:
    """Return a raw public key in PEM, as openssl reads it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415  for one command

    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """Return the 32 bytes of the public half."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def take_over(fresh: Path, path: Path) -> None:
    """Replace the old key by a new one; the old key is deleted."""
    fresh.replace(path)
    sync_folder(path.absolute().parent)


def discard(path: Path) -> None:
    """Delete a key that was never used."""
    path.unlink()
    sync_folder(path.absolute().parent)


class LastSignedHead(Struct, frozen=True):
    """The head that was signed last, as the memory file holds it: store, origin, number of leaves, root digest.

    `kept` says whether the store has its note: False until it is durable there, None in files of earlier versions.
    """

    store: str
    origin: str
    size: int
    root: str
    kept: bool | None = None


class SignerMemory:
    """Keeps the LastSignedHead in a file, which is replaced and on disk before a signature is returned."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> LastSignedHead | None:
        """Return the head signed last; None where there is no file. Raises StoreError where it cannot be read."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=LastSignedHead)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StoreError(
                f"signer's memory: {self.path} cannot be read: {error}",
                so="nothing is signed: whether this store goes on from what was signed last is not known",
                mend="put the file back from a backup; if it is lost, annexd store restored --acknowledge goes"
                " on without it",
            ) from error

    def write(self, signed: LastSignedHead) -> None:
        """Replace the head; it is on disk when this returns."""
        fresh = self.path.with_name(self.path.name + ".new")
        fresh.unlink(missing_ok=True)
        _write_new(fresh, msgspec.json.encode(signed) + b"\n")
        fresh.replace(self.path)
        sync_folder(self.path.absolute().parent)


def _pem_bytes(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_new(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


def _no_key(path: Path, why: str) -> StoreError:
    return StoreError(
        f"signing key: {path} cannot be used: {why}",
        so="no checkpoint can be signed, so nothing is recorded",
        mend="put the key file back from its backup",
    )
