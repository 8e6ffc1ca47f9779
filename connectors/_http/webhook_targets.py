"""Where a webhook leads, without the path and query of its address, which are often a secret."""

from __future__ import annotations

from urllib.parse import urlsplit

ODD = "an odd address"
"""In place of an address of which nobody can say which part is the host."""


def webhook_target(url: object) -> str:
    """Return scheme, host and port of a webhook's address; ODD where it has none, or variables in their place.

    No part of an odd address is kept or told.
    """
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ODD
    if not parts.scheme or not host or {"{", "}"} & {*parts.scheme, *host}:
        return ODD
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")
