"""Checks of AWS Config: changes of configuration are recorded, in every region."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.errors import Unread
from connectors.aws.account.resources import Region, in_use
from connectors.aws.config.resources import Recorder


@check(
    "aws_config_recorder_enabled_all_regions",
    title="Changes of configuration are recorded in every enabled region",
    severity="medium",
    fix="Set up the recorder in the regions named, best by a stack set for the whole organization",
    over="account",
)
def recorder_enabled_all_regions(
    recorders: All[Recorder], regions: All[Region], *, approved_resource_types: tuple[str, ...] = ()
) -> Verdict:
    lacking = {scope[1]: "has no recorder" for scope in recorders.scopes()}
    looked_at = set(lacking)
    recording: set[str] = set()
    doubts: dict[str, str] = {}
    for (_, region), recorder in recorders.scoped():
        try:
            why = _not_recording(recorder, frozenset(approved_resource_types))
        except Unread as reason:
            doubts[region] = str(reason)
            continue
        if why is None:
            recording.add(region)
        else:
            lacking[region] = why
    # One recorder that does its work is enough, and one of which nothing is known may be it.
    if found := [f"{region} {why}" for region, why in sorted(lacking.items()) if region not in recording | {*doubts}]:
        return failed("; ".join(found))
    if unclear := [f"{region}: {why}" for region, why in sorted(doubts.items()) if region not in recording]:
        return unknown("; ".join(unclear))
    enabled = {region.region_name for region in regions if in_use(region.region_opt_status)}
    if not_seen := sorted(enabled - looked_at):
        return unknown(f"enabled, and not looked at: {', '.join(not_seen)}")
    return passed(f"recorded in all {len(enabled)} enabled regions")


def _not_recording(recorder: Recorder, approved: frozenset[str]) -> str | None:
    if not recorder.status.recording:
        return "has a recorder that is stopped"
    said = recorder.status.last_status
    if said is not None and said.upper() == "PENDING":
        raise Unread("the recorder is about to deliver, and how that ends is not known yet")
    if said is None or said.upper() != "SUCCESS":  # documented as Success, and sent as SUCCESS
        return f"has a recorder whose last delivery was {said or 'never'}"
    if recorder.recording_group is None or not recorder.recording_group.takes(approved):
        return "has a recorder that does not take all resource types"
    return None
