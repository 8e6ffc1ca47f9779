"""ThreatInsight: what Okta does with sign-ins from addresses that it takes for suspicious."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from collector.core.resources import Body, resource
from connectors.okta._sdk.client import Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import THREATS, scopes_of
from connectors.okta.network.zones import Zone


@resource("okta.threat.configuration")
class ThreatInsight(Struct, frozen=True, kw_only=True, rename="camel"):
    """The settings of ThreatInsight; addresses in the zones of `exclude_zones` are never acted on."""

    action: str  # none, audit or block
    exclude_zones: tuple[str, ...]


@okta.collects(ThreatInsight, at="organization", call=THREATS, permissions=scopes_of(THREATS))
def threat_insight(client: Okta) -> Iterator[Body]:
    yield client.get(THREATS, having="action")


@check(
    "okta_threat_insight_blocking",
    title="ThreatInsight blocks suspicious addresses",
    severity="medium",
    fix="Set ThreatInsight to log and enforce, in Security > General, and exempt no more than the company's addresses",
)
def threat_insight_blocking(settings: ThreatInsight, zones: All[Zone]) -> Verdict:
    if settings.action != "block":
        return failed(f"ThreatInsight is set to {settings.action}, and blocks nothing")
    found = list(zones)
    exempt = [zone for zone in found if zone.id in settings.exclude_zones or zone.is_exempt]
    wide = [zone.name for zone in exempt if zone.holds_strangers]
    if wide:
        return failed(f"ThreatInsight exempts addresses that anybody may have, those in {first_few(wide)}")
    if set(settings.exclude_zones) - {zone.id for zone in exempt}:
        return unknown("ThreatInsight exempts a zone that is not in the list of zones")
    if operators := [zone.name for zone in exempt if zone.holds_strangers is None]:
        return unknown(f"ThreatInsight exempts networks of operators, which may have other customers: {operators[0]}")
    if unsaid := [zone.name for zone in found if zone.is_exempt is None and zone.is_everywhere]:
        return unknown(f"{first_few(unsaid)} holds most of the internet, and may be the zone that Okta exempts")
    if not exempt:
        return passed("ThreatInsight blocks, and exempts no zone")
    return passed(f"ThreatInsight blocks, but for addresses in {first_few(zone.name for zone in exempt)}")
