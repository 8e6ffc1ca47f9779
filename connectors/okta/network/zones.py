"""Network zones: addresses, places and services that policies tell apart, or that are blocked before any policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.okta._sdk.client import Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import ZONES, scopes_of

ACTIVE = "ACTIVE"
_ZONES_A_PAGE = 200


class Address(Struct, frozen=True, kw_only=True):
    """Addresses as a range or in CIDR form."""

    type: str
    value: str


class Categories(Struct, frozen=True, kw_only=True):
    """Kinds of services, such as proxies, whose addresses are in a zone, or are left out of it."""

    include: tuple[str, ...] | None = None  # None: none
    exclude: tuple[str, ...] | None = None  # likewise


@resource("okta.zone.zone", key="id")
class Zone(Struct, frozen=True, kw_only=True, rename="camel"):
    """A network zone. An IP zone has `gateways` and `proxies`, a dynamic one the other fields."""

    id: str
    name: str
    status: str
    type: str  # IP, DYNAMIC or DYNAMIC_V2
    usage: str  # POLICY or BLOCKLIST
    system: bool
    gateways: tuple[Address, ...] | None = None  # None: none, or not an IP zone
    proxies: tuple[Address, ...] | None = None  # likewise
    proxy_type: str | None = None  # Any (any proxy), Tor, NotTorAnonymizer; None: addresses of no proxy too
    # A list in a dynamic zone, an object of lists in an enhanced one; None or left out: no restriction.
    locations: Any = None
    asns: Any = None
    ip_service_categories: Categories | None = None
    use_as_exempt_list: bool | None = None  # None: the organization lacks the feature, or evidence without it

    @property
    def is_exempt(self) -> bool | None:
        """Whether its addresses go past every blocklist and ThreatInsight; None where Okta does not say.

        https://help.okta.com/en-us/Content/topics/security/network/about-ip-exempt-zone.htm
        """
        if self.use_as_exempt_list is not None:
            return self.use_as_exempt_list and self.status == ACTIVE
        # Its name may be changed: without the field, it is any zone that Okta made for policies.
        return None if self.system and self.type == "IP" and self.usage == "POLICY" and self.status == ACTIVE else False

    @property
    def has_no_address(self) -> bool:
        """Whether no address at all is in the zone: an IP zone without gateways."""
        return self.type == "IP" and not self.gateways

    @property
    def is_everywhere(self) -> bool:
        """Whether the zone holds most of the internet: by its gateways, or as a dynamic zone without a restriction."""
        if self.type == "IP":
            return hold_most_of_internet(self.gateways or ())
        if self.type == "DYNAMIC":
            # "Any" is any proxy, and not any address.
            return not self.locations and not self.asns and self.proxy_type in (None, "", "null")
        included = [part.get("include") if isinstance(part, dict) else part for part in (self.locations, self.asns)]
        categories = self.ip_service_categories
        return not any(included) and not (categories is not None and categories.include)

    @property
    def holds_strangers(self) -> bool | None:
        """Whether addresses of anybody are in the zone: most of the internet, a place, or customers of a service.

        None for the networks of an operator, which may be the company itself.
        """
        if self.type == "IP" or self.is_everywhere:
            return self.is_everywhere
        operators = self.asns.get("include") if isinstance(self.asns, dict) else self.asns
        return None if operators else True


_MOST = {4: 2**24, 6: 2**112}
"""Addresses by version: those of a /8, and those of a /16 of IPv6, of which registries hold a /12 for a continent. A
zone with more is no place that a company can know."""


def hold_most_of_internet(addresses: Sequence[Address]) -> bool:
    """Return whether addresses are more than a company can have, by their version; so it is with what is no address."""
    held = {4: 0, 6: 0}
    try:
        for address in addresses:
            version, number = _size(address)
            held[version] += number
    except ValueError:
        return True
    return any(held[version] > most for version, most in _MOST.items())


def _size(address: Address) -> tuple[int, int]:
    """Return the version of some addresses, and how many they are. Raises ValueError for what is no address."""
    if address.type == "RANGE" and "-" in address.value:
        first, last = (ip_address(part.strip()) for part in address.value.split("-", 1))
        return first.version, int(last) - int(first) + 1
    network = ip_network(address.value.strip(), strict=False)
    return network.version, network.num_addresses


@okta.collects(Zone, at="organization", call=ZONES, permissions=scopes_of(ZONES))
def zones(client: Okta) -> Iterator[Body]:
    yield from client.pages(ZONES, query={"limit": _ZONES_A_PAGE})
