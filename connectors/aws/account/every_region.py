"""Whether something is on in every region that an account has enabled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from collector.core.checks import All, Verdict, failed, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from connectors.aws.account.resources import NOT_ENABLED_STATES, Region

R = TypeVar("R")


@dataclass
class RegionStates:
    """What is known of regions by name: those in which it is on, what others lack, and why it is not known of some."""

    on: set[str] = field(default_factory=set)
    lacking: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)

    def add(self, region: str, resource: R, lacks: Callable[[R], str | None]) -> None:
        """Add a region; `lacks` returns what it lacks, None where it is on, and may raise Unread."""
        try:
            why = lacks(resource)
        except Unread as reason:
            self.doubts[region] = str(reason)
            return
        if why is None:
            self.on.add(region)
        else:
            self.lacking[region] = why


def every_region_verdict(states: RegionStates, regions: All[Region], not_offered_in: Collection[str]) -> Verdict:
    """Return pass where it is on in each enabled region.

    A region that nobody looked at makes the verdict unknown, and so does one whose state could not be read. That AWS
    does not offer a service in a region is in no answer of AWS: what botocore knows may be older than the service,
    and an endpoint without an address may be a fault of the network. So it takes both that the service did not answer
    there and that the company has named the region in `not_offered_in`; the reason says so. Where the service did
    answer, it exists, whatever was named.
    """
    known, why_unknown = _enabled(regions)
    not_enabled = {region for region, state in known.items() if state in NOT_ENABLED_STATES}
    if failures := [f"{region} {why}" for region, why in sorted(states.lacking.items()) if region not in not_enabled]:
        return failed(first_few(failures, between="; "))
    excused = {region for region in states.doubts if region in not_offered_in}
    doubts = sorted(item for item in states.doubts.items() if item[0] not in excused | not_enabled)
    if doubts:
        return unknown(first_few([f"{region}: {why}" for region, why in doubts], between="; "))
    if why_unknown is not None:
        return unknown(why_unknown)
    enabled = set(known) - not_enabled
    if unseen := sorted(enabled - states.on - excused):
        return unknown(f"enabled, and not looked at: {first_few(unseen)}")
    if not enabled & states.on:
        return unknown("no enabled region was looked at")
    return passed(f"on in {_counted(enabled & states.on, enabled)}{_not_counted(known, excused)}")


def _enabled(regions: All[Region]) -> tuple[dict[str, str], str | None]:
    try:
        return {region.region_name: region.state for region in regions}, None
    except Unread as reason:
        return {}, str(reason)


def _counted(on: Collection[str], enabled: Collection[str]) -> str:
    return f"all {len(enabled)} enabled regions" if len(on) == len(enabled) else f"{len(on)} of {len(enabled)} regions"


def _not_counted(known: dict[str, str], excused: Iterable[str]) -> str:
    named = [f"{region} is {state}" for region, state in sorted(known.items()) if state in ("ENABLING", "DISABLING")]
    named += [f"{region} did not answer, and is stated to be without the service" for region in sorted(excused)]
    return f"; {first_few(named)}" if named else ""
