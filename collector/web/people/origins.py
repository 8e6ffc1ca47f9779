"""Where a request comes from: which page posted it, and whose address it has."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
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
        """Return the address that tries are counted by; that which a trusted proxy saw, if there is one."""
        if peer is None or not self._is_proxy(peer):
            return peer or _NEVER
        # A proxy may add a header of its own behind the one that it was sent: all of them are one list.
        lists = ",".join(headers.getlist("x-forwarded-for"))
        forwarded = [part.strip() for part in lists.split(",") if part.strip()]
        # From the right: what stands before the last address that no proxy of ours has, anybody may have written.
        return next((address for address in reversed(forwarded) if not self._is_proxy(address)), peer)

    def _is_proxy(self, address: str) -> bool:
        try:
            return any(ip_address(address) in network for network in self._proxies)
        except ValueError:
            return False
