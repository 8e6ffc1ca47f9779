"""A cache of GitHub's answers by URL, for conditional requests: GitHub does not count an answer 304 Not Modified.

Answers are cached unredacted, so they stay in memory, or on disk encrypted with a key derived from the credential.
GitHub's entity tags differ by token: those for an app's token, which lives an hour, are useful for an hour.
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
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

_NONCE_LENGTH = 12
_MAX_BYTES = 64 << 20


class CachedAnswer(Struct, frozen=True):
    """An answer of GitHub's with its entity tag; `headers` holds only those that the client reads."""

    etag: str
    headers: dict[str, str]
    body: bytes


class AnswerCache(Protocol):
    """A place to keep answers by URL. It may drop any of them at any time."""

    def get(self, key: str) -> CachedAnswer | None:
        """Return the cached answer of a URL; None where there is none."""

    def put(self, key: str, answer: CachedAnswer) -> None:
        """Store an answer, in place of an earlier one of the same URL."""


class MemoryCache:
    """Answers in the memory of this process: the most recently used ones, up to `max_bytes` of bodies."""

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._size = 0
        self._answers: OrderedDict[str, CachedAnswer] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> CachedAnswer | None:
        """Return the cached answer of a URL and mark it as used; None where there is none."""
        with self._lock:
            answer = self._answers.get(key)
            if answer is not None:
                self._answers.move_to_end(key)
            return answer

    def put(self, key: str, answer: CachedAnswer) -> None:
        """Store an answer, and evict the least recently used ones beyond the limit."""
        with self._lock:
            replaced = self._answers.pop(key, None)
            self._size += len(answer.body) - (len(replaced.body) if replaced is not None else 0)
            self._answers[key] = answer
            while self._size > self._max_bytes:
                _, evicted = self._answers.popitem(last=False)
                self._size -= len(evicted.body)


class DiskCache:
    """Answers in a folder, one file each, encrypted by AES-GCM with a key derived from the credential (HKDF)."""

    def __init__(self, folder: Path, credential: str) -> None:
        self._folder = folder
        derived = HKDF(algorithm=SHA256(), length=64, salt=None, info=b"annexd github answers").derive(
            credential.encode("utf-8")
        )
        self._cipher = AESGCM(derived[:32])
        self._name_key = derived[32:]

    def get(self, key: str) -> CachedAnswer | None:
        """Return the cached answer of a URL; None also where its file is damaged or of another credential."""
        try:
            encrypted = self._file(key).read_bytes()
            decrypted = self._cipher.decrypt(encrypted[:_NONCE_LENGTH], encrypted[_NONCE_LENGTH:], key.encode("utf-8"))
            return msgspec.msgpack.decode(decrypted, type=CachedAnswer)
        except (OSError, InvalidTag, ValueError):
            return None

    def put(self, key: str, answer: CachedAnswer) -> None:
        """Write the answer to a temporary file, then rename it, so that a reader never sees half of it."""
        nonce = os.urandom(_NONCE_LENGTH)
        encrypted = nonce + self._cipher.encrypt(nonce, msgspec.msgpack.encode(answer), key.encode("utf-8"))
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._file(key)
        temporary = file.with_suffix(f".{os.urandom(4).hex()}")
        # Encrypted, and readable by the owner only all the same: names and sizes of files give something away too.
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(encrypted)
        temporary.replace(file)

    def _file(self, key: str) -> Path:
        return self._folder / hashlib.blake2b(key.encode("utf-8"), key=self._name_key, digest_size=20).hexdigest()
