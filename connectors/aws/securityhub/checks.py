"""Checks of Security Hub CSPM."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from connectors.aws.account.every_region import RegionStates, every_region_verdict
from connectors.aws.account.resources import Region
from connectors.aws.securityhub.resources import HubRegion, Standard


@check(
    "aws_securityhub_enabled",
    title="Security Hub CSPM is on in every enabled region, with at least one standard",
    severity="medium",
    fix="Switch Security Hub CSPM on in the regions named, best by a central configuration, with a standard",
    over="account",
)
def enabled(places: All[HubRegion], regions: All[Region], *, not_offered_in: tuple[str, ...] = ()) -> Verdict:
    states = RegionStates()
    for scope, place in places.scoped():
        states.add(scope[1], place, _lacks)
    return every_region_verdict(states, regions, not_offered_in)


def _lacks(place: HubRegion) -> str | None:
    if place.hub is None:
        return "is not subscribed"
    standards = place.standards or ()
    if any(standard.standards_status == "READY" for standard in standards):
        return None
    if waiting := [standard for standard in standards if standard.standards_status == "PENDING"]:
        raise Unread(f"{_name(waiting[0])} is being switched on")
    states = [f"{_name(standard)} is {standard.standards_status}" for standard in standards]
    return f"has a hub without a standard that is ready{f' ({first_few(states)})' if states else ''}"


def _name(standard: Standard) -> str:
    """Return the name of a standard, such as `aws-foundational-security-best-practices/v/1.0.0`."""
    return standard.standards_arn.partition("standards/")[2] or standard.standards_arn
