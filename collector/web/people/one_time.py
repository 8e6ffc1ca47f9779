"""Things that are good once and for a short time: the link that is printed, and a sign-in that was begun."""

from __future__ import annotations

import secrets
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

T = TypeVar("T")

_MOST = 1_000


class OneTime(Generic[T]):
    """Keeps values under tokens that nobody can guess; each is given out once, and not after its time."""

    def __init__(self, now: Callable[[], datetime], lasts: timedelta) -> None:
        self._now = now
        self._lasts = lasts
        self._lock = Lock()
        self._kept: dict[bytes, tuple[datetime, T]] = {}

    def keep(self, value: T) -> str:
        """Keep a value, and return its token. Of too many the oldest goes."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._kept) >= _MOST:
                del self._kept[next(iter(self._kept))]
            self._kept[_digest(token)] = (self._now(), value)
        return token

    def take(self, token: str) -> T | None:
        """Return the value and forget it; None where there is none, or its time is over."""
        with self._lock:
            found = self._kept.pop(_digest(token), None)
        if found is None or self._now() - found[0] > self._lasts:
            return None
        return found[1]


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
