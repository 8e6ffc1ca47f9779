"""Requests for tokens that a vendor's SDK makes: to whichever host it names, through the wire, and always encrypted."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

import httpx

from collector.core.errors import Unexpected
from collector.core.wire import Call, Wire
from connectors._http.connections import Lease, timeouts
from connectors._http.errors import Errors
from connectors._http.origins import Origin, is_local, origin_of
from connectors._http.sending import Outgoing, Retries, Sender

if TYPE_CHECKING:
    from connectors._http.replies import Reply

# What an SDK judges itself: success, and every refusal but those that another attempt may mend.
_FOR_THE_SDK = frozenset({*range(200, 300), *range(400, 500)} - {408, 429})
_LONGEST_SECONDS = 30.0


class TokenRequests:
    """Sends the token requests of one source, from all its scopes. `title` names the platform for people."""

    def __init__(self, title: str, retries: Retries | None = None) -> None:
        self._errors = Errors(title)
        self._retries = retries or Retries(attempts=3)
        self._lock = threading.Lock()
        self._leases: dict[Origin, Lease] = {}

    def send(
        self,
        wire: Wire,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        seconds: float | None = None,
    ) -> Reply:
        """Return the answer of success or refusal, for the SDK to judge. Asking for a token twice does no harm.

        Raises Unavailable and RateLimited after the last attempt, Unexpected for a redirect and for an address that is
        neither encrypted nor on this machine, and what `Wire.before` raises.
        """
        try:
            address = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise Unexpected("a token was to be asked for at an address that is none") from error
        if not address.host or (
            address.scheme != "https" and not (address.scheme == "http" and is_local(address.host))
        ):
            raise Unexpected(f"a token was to be asked for at {origin_of(address)}, which is not encrypted")
        wait = min(seconds or _LONGEST_SECONDS, _LONGEST_SECONDS)
        sender = Sender(
            wire,
            self._lease(origin_of(address)),
            self._errors,
            retries=self._retries,
            timeouts=timeouts(min(wait, 10.0), wait),
        )
        call = Call(f"{method} {address.host}{address.path}", aside=True)
        return sender.send(call, Outgoing(method, address, headers, body, is_safe=True, expected=_FOR_THE_SDK))

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            leases, self._leases = self._leases, {}
        for lease in leases.values():
            lease.close()

    def _lease(self, origin: Origin) -> Lease:
        with self._lock:
            return self._leases.setdefault(origin, Lease(origin))
