"""Answers that GitHub may be asked about again without cost: it says that one has not changed, and counts nothing.

Answers are kept as they came, secrets and all, so they stay in memory, or on disk under a key that only the holder of
the same credential has. GitHub's entity tags differ by token: those of an app's hourly token are worth an hour.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

_NONCE = 12
_LARGEST = 64 << 20


class Remembered(Struct, frozen=True):
    """An answer with the tag by which GitHub knows it again."""

    etag: str
    headers: dict[str, str]
    body: bytes


class AnswerCache(Protocol):
    """Where answers are kept between requests; may forget any of them."""

    def recall(self, key: str) -> Remembered | None:
        """Return what was kept, or None."""

    def keep(self, key: str, answer: Remembered) -> None:
        """Keep an answer instead of the last one."""


class MemoryCache:
    """Keeps answers in this process, the most recent ones, up to so many bytes."""

    def __init__(self, largest: int = _LARGEST) -> None:
        self._largest = largest
        self._size = 0
        self._kept: OrderedDict[str, Remembered] = OrderedDict()
        self._lock = Lock()

    def recall(self, key: str) -> Remembered | None:
        """Return what was kept, and keep it longer."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def keep(self, key: str, answer: Remembered) -> None:
        """Keep an answer; the ones not asked for longest make room."""
        with self._lock:
            old = self._kept.pop(key, None)
            self._size += len(answer.body) - (len(old.body) if old is not None else 0)
            self._kept[key] = answer
            while self._size > self._largest:
                _, gone = self._kept.popitem(last=False)
                self._size -= len(gone.body)


class DiskCache:
    """Keeps answers in a folder, one file each, sealed with a key made from the credential."""

    def __init__(self, folder: Path, credential: str) -> None:
        self._folder = folder
        derived = HKDF(algorithm=SHA256(), length=64, salt=None, info=b"annexd github answers").derive(
            credential.encode("utf-8")
        )
        self._cipher = AESGCM(derived[:32])
        self._names = derived[32:]

    def recall(self, key: str) -> Remembered | None:
        """Return what was kept; a file that is damaged, or of another credential, is as good as none."""
        try:
            sealed = self._file(key).read_bytes()
            opened = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], key.encode("utf-8"))
            return msgspec.msgpack.decode(opened, type=Remembered)
        except (OSError, InvalidTag, ValueError):
            return None

    def keep(self, key: str, answer: Remembered) -> None:
        """Write the answer beside the old one, then put it in its place."""
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, msgspec.msgpack.encode(answer), key.encode("utf-8"))
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._file(key)
        new = file.with_suffix(f".{os.urandom(4).hex()}")
        # Sealed, and still nobody else's: what the files are named by and how large they are says something too.
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(sealed)
        new.replace(file)

    def _file(self, key: str) -> Path:
        return self._folder / hashlib.blake2b(key.encode("utf-8"), key=self._names, digest_size=20).hexdigest()
