"""The signing key, in a file or in a text from elsewhere, never in the database."""

from __future__ import annotations

import contextlib
import os
from base64 import b64decode
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

from collector.core.errors import StoreError
from storage.database.keys import sync_folder

DERIVED_SIZE = 32
SALT = b"annexd"


class SigningKey(Protocol):
    """A key that signs for a log, wherever it is kept."""

    @property
    def public(self) -> bytes:
        """The 32 bytes of its public half."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the 64 bytes of the Ed25519 signature over data."""
        ...

    def derive(self, info: bytes) -> bytes:
        """Return the 32 bytes of the secret that `info` names: always the same ones, and known to nobody else."""
        ...


class FileKey:
    """A signing key whose private half is in the memory of this process, read from a file or from elsewhere."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def __repr__(self) -> str:
        return "FileKey(...)"

    def sign(self, data: bytes) -> bytes:
        """Return the 64 bytes of the Ed25519 signature over data."""
        return self._private.sign(data)

    def derive(self, info: bytes) -> bytes:
        """Return 32 bytes that HKDF-SHA256 makes of the private key for `info`."""
        seed = self._private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        return HKDF(algorithm=SHA256(), length=DERIVED_SIZE, salt=SALT, info=info).derive(seed)


def read_signing_key(path: Path) -> FileKey:
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
    return parse_signing_key(data, str(path))


def parse_signing_key(data: bytes, place: str) -> FileKey:
    """Return the private key in PEM, or in base64 of PKCS #8 on one line. Raises StoreError, which names the place."""
    try:
        if data.lstrip().startswith(b"-----BEGIN"):
            key = load_pem_private_key(data, password=None)
        else:
            key = load_der_private_key(b64decode(data.strip(), validate=True), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _no_key(place, "it holds no private key in PEM without a password") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(place, "its key is of another kind than Ed25519")
    return FileKey(key)


def make_signing_key(path: Path) -> FileKey:
    """Write a new key to a file with mode 0600, unless the file exists; return the key in the file."""
    with contextlib.suppress(FileExistsError):
        write_new(path, _pem_bytes(Ed25519PrivateKey.generate()))
        sync_folder(path.absolute().parent)
    return read_signing_key(path)


def public_pem(public: bytes) -> str:
    """Return a raw public key in PEM, as openssl reads it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415  for one command

    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def _pem_bytes(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, with mode 0600; it is whole and on disk when this returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(handle)


def _no_key(place: str, why: str) -> StoreError:
    return StoreError(
        f"signing key: {place} cannot be used: {why}",
        so="no checkpoint can be signed, so nothing is recorded",
        mend="put the key file back from its backup",
    )
