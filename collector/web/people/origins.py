"""Where a request comes from: which page posted it, and whose address it has."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.datastructures import Headers

    from collector.setup.web_config import WebConfig

_NEVER = "unknown"


class Origins:
    """Knows its own address, and which proxies may speak for others."""

    def __init__(self, config: WebConfig) -> None:
        self._own = {config.origin}
        _, port = config.address
        if config.is_loopback and config.url is None:
            scheme = "https" if config.is_secure else "http"
            self._own |= {f"{scheme}://{host}:{port}" for host in ("127.0.0.1", "localhost", "[::1]")}
        self._proxies = [ip_network(network) for network in config.trusted_proxy]

    def is_own_page(self, headers: Headers) -> bool:
        """Return whether a form was sent by a page of this server.

        A browser that keeps the referrer to itself sends the origin `null`; then it says itself where the page is from.
        """
        origin = headers.get("origin")
        if origin is None or origin == "null":
            return headers.get("sec-fetch-site") == "same-origin"
        return origin.lower() in self._own

    def address(self, peer: str | None, headers: Headers) -> str:
        """Return what tries are counted by: the address that a trusted proxy saw, if there is one, and else the peer's.

        A port counts for nothing, and of IPv6 the first 64 bits count: whoever has one address has all of them.
        """
        if peer is None or not self._is_proxy(peer):
            return _counted(peer or _NEVER)
        # A proxy may add a header of its own behind the one that it was sent: all of them are one list.
        lists = ",".join(headers.getlist("x-forwarded-for"))
        forwarded = [part.strip() for part in lists.split(",") if part.strip()]
        # From the right: what stands before the last address that no proxy of ours has, anybody may have written.
        return _counted(next((address for address in reversed(forwarded) if not self._is_proxy(address)), peer))

    def _is_proxy(self, text: str) -> bool:
        address = _read(text)
        return address is not None and any(address in network for network in self._proxies)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address that is written, without a port; None where it is none."""
    host, _, port = text.rpartition(":")
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif "." in text and port.isdecimal():
        text = host
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _counted(text: str) -> str:
    address = _read(text)
    if isinstance(address, IPv6Address):
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return _NEVER if address is None else str(address)
