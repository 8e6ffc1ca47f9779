"""Sessions, kept in this process: a browser has an opaque id and nothing else."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime, timedelta

    from collector.core.identities import Identity

_MOST = 10_000
"""Sessions that are kept; of more, the one that was idle longest ends."""


@dataclass
class Session:
    """One person who signed in. `until` is the last day of an auditor; None: no day ends it."""

    identity: Identity
    csrf: str
    begun_at: datetime
    used_at: datetime
    until: date | None = None


class Sessions:
    """Those who are signed in. A session ends after a time without use, after a time in any case, and after its day."""

    def __init__(self, now: Callable[[], datetime], idle: timedelta, longest: timedelta) -> None:
        self._now = now
        self._idle = idle
        self._longest = longest
        self._lock = Lock()
        self._sessions: dict[bytes, Session] = {}  # by digest, so that a look into memory gives no id away

    def begin(self, identity: Identity, until: date | None = None) -> str:
        """Begin a session and return its id, which nobody had before."""
        id_, now = secrets.token_urlsafe(32), self._now()
        session = Session(identity, secrets.token_urlsafe(32), now, now, until)
        with self._lock:
            self._drop_ended(now)
            if len(self._sessions) >= _MOST:
                del self._sessions[min(self._sessions, key=lambda key: self._sessions[key].used_at)]
            self._sessions[_digest(id_)] = session
        return id_

    def find(self, id_: str | None) -> Session | None:
        """Return a session that has not ended, and note its use."""
        if not id_:
            return None
        now = self._now()
        with self._lock:
            session = self._sessions.get(_digest(id_))
            if session is None:
                return None
            if self._has_ended(session, now):
                del self._sessions[_digest(id_)]
                return None
            session.used_at = now
            return session

    def end(self, id_: str | None) -> None:
        """End a session, if it is there."""
        with self._lock:
            self._sessions.pop(_digest(id_ or ""), None)

    def end_others(self, id_: str | None) -> int:
        """End every other session of the person whose session this is, and return how many that were."""
        here = _digest(id_ or "")
        with self._lock:
            session = self._sessions.get(here)
            others = (
                [] if session is None else [key for key in self._sessions if self._is_of(key, session) and key != here]
            )
            for key in others:
                del self._sessions[key]
        return len(others)

    def _is_of(self, key: bytes, session: Session) -> bool:
        mine, theirs = session.identity, self._sessions[key].identity
        return (mine.issuer, mine.subject) == (theirs.issuer, theirs.subject)

    def _has_ended(self, session: Session, now: datetime) -> bool:
        return (
            now - session.used_at > self._idle
            or now - session.begun_at > self._longest
            or (session.until is not None and now.date() > session.until)
        )

    def _drop_ended(self, now: datetime) -> None:
        for key in [key for key, session in self._sessions.items() if self._has_ended(session, now)]:
            del self._sessions[key]


def _digest(id_: str) -> bytes:
    return sha256(id_.encode("utf-8", "surrogatepass")).digest()
