"""One POST to a target: over TLS, without redirects, to no address that it should not go to, with a time limit."""

from __future__ import annotations

import socket
from datetime import timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from collector.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.core.secrets import Secret

_PATIENCE = 20.0
_GONE = (404, 410)
_REFUSED = range(400, 500)
_BUSY = (408, 425, 429)


class NotDelivered(Exception):
    """A target did not take a message: why, whether a later try may, and when it asks for one.

    `taken` are the ids of alerts that it took before.
    """

    def __init__(
        self, why: str, *, is_final: bool = False, after: timedelta | None = None, taken: tuple[str, ...] = ()
    ) -> None:
        super().__init__(why)
        self.why = why
        self.is_final = is_final
        self.after = after
        self.taken = taken


def revealed(secret: Secret) -> str:
    """Return a secret. Raises NotDelivered where it cannot be read now."""
    try:
        return secret.reveal()
    except ConfigError as error:
        raise NotDelivered(error.what) from error


def post(url: str, body: bytes, headers: Mapping[str, str], *, private: bool = False) -> str:
    """Post a body, and return the text of an answer of the 200s. Raises NotDelivered; the address is in no message."""
    # Late: who is told nothing needs no HTTP.
    import httpx

    _check_address(url, private=private)
    try:
        with httpx.Client(timeout=_PATIENCE, follow_redirects=False) as client:
            answer = client.post(url, content=body, headers={"User-Agent": "annexd", **headers})
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise NotDelivered(f"no answer: {type(error).__name__}") from error
    if answer.is_success:
        return answer.text[:2_000]
    # A target's own words say what is wrong with a message; an address or a token is not among them.
    words = " ".join(answer.text[:120].split())
    why = f"the target answered {answer.status_code}" + (f": {words}" if words.isprintable() and words else "")
    if answer.status_code in _BUSY:
        raise NotDelivered(why, after=_retry_after(answer.headers.get("retry-after")))
    is_final = answer.status_code in _REFUSED or answer.is_redirect
    if answer.status_code in _GONE:
        why += "; its address is gone: make a new one"
    raise NotDelivered(why, is_final=is_final)


def _check_address(url: str, *, private: bool) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_local = host == "localhost" or _is_loopback(host)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
        raise NotDelivered("its address is not https://", is_final=True)
    if private or is_local:
        return
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise NotDelivered("the name of its host is not known") from error
    if not all(ip_address(str(address).partition("%")[0]).is_global for address in found):
        raise NotDelivered("its address is in a network of one's own; private = true allows that", is_final=True)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _retry_after(value: str | None) -> timedelta | None:
    if value is None:
        return None
    if value.isdigit():
        return timedelta(seconds=min(int(value), 86_400))
    try:
        from datetime import UTC, datetime

        return max(parsedate_to_datetime(value) - datetime.now(UTC), timedelta(0))
    except (ValueError, TypeError):
        return None
