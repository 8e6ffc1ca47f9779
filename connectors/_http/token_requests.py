"""Requests for tokens, of an SDK or of our own: to whichever host is named, through the wire, and always encrypted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx

from collector.core.errors import Denied, NotSignedIn, Unexpected
from collector.core.wire import Call, Wire
from connectors._http.connections import Lease, timeouts
from connectors._http.errors import Errors
from connectors._http.origins import Origin, is_local, origin_of
from connectors._http.replies import json_of
from connectors._http.sending import Outgoing, Retries, Sender
from connectors._http.tokens import Token, Tokens, issued_token

if TYPE_CHECKING:
    from connectors._http.replies import Reply

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_OK = 200
# What whoever asks judges itself: success, and every refusal but those that another attempt may mend.
_FOR_THE_SDK = frozenset({*range(200, 300), *range(400, 500)} - {408, 429})
_LONGEST_SECONDS = 30.0


class TokenRequests:
    """Sends the token requests of one source, from all its scopes. `title` names the platform for people."""

    def __init__(self, title: str, retries: Retries | None = None) -> None:
        self._errors = Errors(
            title,
            code=lambda body: body["error"],
            message=lambda body: body["error_description"],
            by_code={"invalid_client": NotSignedIn, "invalid_grant": NotSignedIn},
            by_status={400: Denied},  # RFC 6749, 5.2: how a server says that it gives no token
        )
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

    def issue(self, wire: Wire, url: str, form: Mapping[str, str]) -> Token:
        """Return the token that is issued for a form (RFC 6749). Raises Denied where it is refused, and as `send`."""
        reply = self.send(wire, "POST", url, _FORM, urlencode(form).encode())
        what = f"POST {httpx.URL(url).path}"
        if reply.status != _OK:
            raise self._errors.of(reply, what)
        return issued_token(json_of(reply, what), what)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            leases, self._leases = self._leases, {}
        for lease in leases.values():
            lease.close()

    def _lease(self, origin: Origin) -> Lease:
        with self._lock:
            return self._leases.setdefault(origin, Lease(origin))


def oauth_tokens(requests: TokenRequests, url: str, form: Callable[[], Mapping[str, str]]) -> Tokens:
    """Return the tokens of an OAuth client; `form` is called for each, because an assertion in it may expire."""
    return Tokens(lambda wire, _claims: requests.issue(wire, url, form()))
