"""Where a credential may be sent: to one scheme, host and port, over TLS, and without it on this machine only."""

from __future__ import annotations

from ipaddress import ip_address
from typing import NamedTuple

import httpx

from collector.core.errors import ConfigError

# Addresses at which clouds hand out tokens to their own machines; none of them speaks TLS.
# https://cloud.google.com/compute/docs/metadata/overview, https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service
_METADATA_HOSTS = frozenset({"169.254.169.254", "metadata.google.internal", "fd00:ec2::254"})


class Origin(NamedTuple):
    """Scheme, host and port of an address; `port` is None where it is the scheme's own."""

    scheme: str
    host: str
    port: int | None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port is not None else "")


def origin_of(url: httpx.URL) -> Origin:
    """Return the origin of an address, as the library that sends reads it."""
    return Origin(url.scheme, url.host, url.port)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: `localhost`, or an address that never leaves it."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_local(host: str) -> bool:
    """Whether a host is reached without a network: this machine, or its cloud's metadata service."""
    return host in _METADATA_HOSTS or is_loopback(host)


def base_address(text: str) -> httpx.URL:
    """Return the address below which a platform answers.

    Raises ConfigError where it is none, carries a credential or a query, or is neither https nor on this machine.
    """
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ConfigError(f"{text!r} is no address: {error}", mend="write it as https://HOST") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise ConfigError(f"{text!r} is no address of a platform", mend="write it as https://HOST")
    if url.userinfo or url.query or url.fragment:
        raise ConfigError(
            f"the address of {url.host} carries more than a path", mend="give credentials by a setting of their own"
        )
    if url.scheme != "https" and not is_loopback(url.host):
        raise ConfigError(
            f"{text!r} is not encrypted, and a credential would be sent to it", mend="write it with https://"
        )
    return url
