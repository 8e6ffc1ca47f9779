"""Credentials: secrets that are sent as they are, and tokens, asked for once and again before they end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from collector.core.errors import ConfigError, Unavailable
from connectors._http.watching import check_running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.secrets import Secret
    from collector.core.wire import Wire
    from connectors._http.replies import Reply

M = TypeVar("M")

_POLL_SECONDS = 0.2
_UNKNOWN_LIFETIME = 60.0  # seconds; RFC 6749, 5.1 lets a server leave it out, and asking too often does no harm
_EARLY = 300.0
"""Seconds before its end in which a token is not used any more; half of its life where that is less."""


class TokenSource(Protocol):
    """Gives the headers that carry a credential; shared by the threads and scopes of a source."""

    def headers(self, wire: Wire) -> Mapping[str, str]:
        """Return the headers. May ask for a token on this wire, and raises what that raises."""

    def renewed(self, refused: Mapping[str, str], reply: Reply, wire: Wire) -> Mapping[str, str] | None:
        """Return other headers than those that were refused with a 401; None where there are no others."""


@dataclass(frozen=True)
class SecretHeader:
    """A secret of the settings in a header of the platform's choice; read again for each request."""

    secret: Secret
    name: str = "Authorization"
    prefix: str = "Bearer "

    def headers(self, _wire: Wire) -> Mapping[str, str]:
        """Return the header. Raises ConfigError where the secret cannot be read or sent."""
        return {self.name: self.prefix + header_value(self.secret.reveal(), repr(self.secret))}

    def renewed(self, refused: Mapping[str, str], _reply: Reply, wire: Wire) -> Mapping[str, str] | None:
        """Return the header where the secret was replaced meanwhile."""
        now = self.headers(wire)
        return now if now != refused else None


@dataclass(frozen=True)
class Token:
    """What a platform issued, and how many seconds it is valid from the moment that it was received."""

    value: str
    lifetime: float


Obtain = Callable[["Wire", str | None], Token]
"""Asks for a token on a wire. The second argument is the claims challenge of a 401, None otherwise."""


class Tokens:
    """A token for many threads: one of them asks for it, the others wait, and nobody asks while it is valid.

    `claims_of` reads off a 401 what the next token must prove. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        obtain: Obtain,
        *,
        claims_of: Callable[[Reply], str | None] = lambda _reply: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._obtain = obtain
        self._claims_of = claims_of
        self._clock = clock
        self._lock = threading.Lock()
        self._headers: Mapping[str, str] | None = None
        self._usable_until = 0.0

    def headers(self, wire: Wire) -> Mapping[str, str]:
        """Return the header with a valid token. Raises what asking for one raises, and what `Wire.before` raises."""
        headers, usable_until = self._headers, self._usable_until
        if headers is not None and self._clock() < usable_until:
            return headers
        with self._turn(wire):
            if self._headers is None or self._clock() >= self._usable_until:
                self._renew(wire, None)
            assert self._headers is not None  # noqa: S101  set by _renew
            return self._headers

    def renewed(self, refused: Mapping[str, str], reply: Reply, wire: Wire) -> Mapping[str, str] | None:
        """Return the header with a new token; another thread's where that has one already."""
        with self._turn(wire):
            if self._headers == refused:
                self._renew(wire, self._claims_of(reply))
            return self._headers

    def _renew(self, wire: Wire, claims: str | None) -> None:
        began = self._clock()
        token = self._obtain(wire, claims)
        self._headers = {"Authorization": f"Bearer {header_value(token.value, 'the token that was issued')}"}
        self._usable_until = began + token.lifetime - min(_EARLY, token.lifetime / 2)

    @contextmanager
    def _turn(self, wire: Wire) -> Iterator[None]:
        """Hold the lock; waiting for it ends with the task."""
        while not self._lock.acquire(timeout=_POLL_SECONDS):
            check_running(wire)
        try:
            yield
        finally:
            self._lock.release()


def header_value(text: str, what: str) -> str:
    """Return a credential as it goes into a header. Raises ConfigError, without the value, where it cannot."""
    if not text or not text.isascii() or not text.isprintable() or text != text.strip():
        raise ConfigError(f"{what} is empty, or has characters that no header may have", mend="look at its last line")
    return text


def issued_token(body: Any, what: str) -> Token:
    """Return the token of an OAuth answer. Raises Unavailable where there is none: nothing was refused by name."""
    match body:
        case {"access_token": str(value), **rest} if value:
            match rest.get("expires_in"):
                case int() | float() as seconds if seconds > 0 and not isinstance(seconds, bool):
                    return Token(value, float(seconds))
                case _:
                    return Token(value, _UNKNOWN_LIFETIME)
        case _:
            raise Unavailable(f"{what} was answered without a token")


_KEPT: dict[tuple[Any, Hashable], Any] = {}
_KEPT_LOCK = threading.Lock()


def kept_for(settings: Hashable, make: Callable[[], M]) -> M:
    """Return what `make` gives, made once for these settings and kept for the life of the process.

    So that all scopes of a source share one token.
    """
    key = (getattr(make, "__qualname__", make), settings)
    with _KEPT_LOCK:
        if key not in _KEPT:
            _KEPT[key] = make()
        found: M = _KEPT[key]
        return found
