"""Whether addresses of anonymising proxies are blocked before any policy."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from connectors.okta.network.zones import ACTIVE, Zone

_BLOCKLIST = "BLOCKLIST"
_ALL_ANONYMIZERS = frozenset({"ALL_ANONYMIZERS", "ALL_IP_SERVICES"})
"""Categories that hold every anonymiser. Those of single services, or that leave out Tor, do not."""


@check(
    "okta_anonymizers_blocked",
    title="Anonymising proxies are blocked",
    severity="medium",
    fix="Block the zone DefaultEnhancedDynamicZone, or one of your own with all anonymisers, in Security > Networks",
)
def anonymizers_blocked(zones: All[Zone]) -> Verdict:
    blocked: list[str] = []
    narrower: list[str] = []
    for zone in zones:
        if zone.status != ACTIVE or zone.usage != _BLOCKLIST:
            continue
        if _names_all(zone):
            (narrower if _is_limited(zone) else blocked).append(zone.name)
    everywhere = [zone for zone in zones if zone.is_everywhere and zone.is_exempt is not False]
    if exempt := [zone.name for zone in everywhere if zone.is_exempt]:
        return failed(f"{first_few(exempt)} holds most of the internet, and no blocklist is for what is in it")
    if blocked and everywhere:
        names = first_few(zone.name for zone in everywhere)
        return unknown(f"{names} holds most of the internet, and may be the zone that no blocklist is for")
    if blocked:
        return passed(f"all anonymisers are blocked by {first_few(blocked)}")
    if narrower:
        return failed(
            f"anonymisers are blocked in part, by place or network, or with exceptions: {first_few(narrower)}"
        )
    return failed("no active zone blocks all anonymisers")


def _names_all(zone: Zone) -> bool:
    """Whether a zone names every anonymiser: by category, or as a dynamic zone by the type of proxy."""
    if zone.type == "DYNAMIC":
        return (zone.proxy_type or "").casefold() == "any"
    categories = zone.ip_service_categories
    return categories is not None and bool(_ALL_ANONYMIZERS & set(categories.include or ()))


def _is_limited(zone: Zone) -> bool:
    """Whether only some of them are in the zone: by place, by network, or with exceptions."""
    if zone.ip_service_categories is not None and zone.ip_service_categories.exclude:
        return True
    return any(bool(any(part.values()) if isinstance(part, dict) else part) for part in (zone.locations, zone.asns))
