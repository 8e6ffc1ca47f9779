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
    if not settings.exclude_zones:
        return passed("ThreatInsight blocks, and exempts no zone")
    exempt = [zone for zone in zones if zone.id in settings.exclude_zones]
    if len(exempt) < len(set(settings.exclude_zones)):
        return unknown("ThreatInsight exempts a zone that is not in the list of zones")
    wide = [zone.name for zone in exempt if zone.is_everywhere]
    if wide:
        return failed(f"ThreatInsight exempts most of the internet: {first_few(wide)}")
    return passed(f"ThreatInsight blocks, but for addresses in {first_few(zone.name for zone in exempt)}")
