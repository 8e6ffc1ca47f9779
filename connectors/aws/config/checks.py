"""Checks of AWS Config: changes of configuration are recorded, in every region."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.errors import Unread
from connectors.aws.account.resources import Region, is_enabled
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
    seen_regions = set(lacking)
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
    # One recorder that works is enough in a region, and one that could not be read may be it.
    if failures := [
        f"{region} {why}" for region, why in sorted(lacking.items()) if region not in recording | {*doubts}
    ]:
        return failed("; ".join(failures))
    if unclear := [f"{region}: {why}" for region, why in sorted(doubts.items()) if region not in recording]:
        return unknown("; ".join(unclear))
    enabled = {region.region_name for region in regions if is_enabled(region.region_opt_status)}
    if unseen_regions := sorted(enabled - seen_regions):
        return unknown(f"enabled, and not looked at: {', '.join(unseen_regions)}")
    return passed(f"recorded in all {len(enabled)} enabled regions")


def _not_recording(recorder: Recorder, approved: frozenset[str]) -> str | None:
    if not recorder.status.recording:
        return "has a recorder that is stopped"
    last_status = recorder.status.last_status
    if last_status is not None and last_status.upper() == "PENDING":
        raise Unread("the recorder is about to deliver, and how that ends is not known yet")
    if last_status is None or last_status.upper() != "SUCCESS":  # documented as Success, and sent as SUCCESS
        return f"has a recorder whose last delivery was {last_status or 'never'}"
    if recorder.recording_group is None or not recorder.recording_group.takes(approved):
        return "has a recorder that does not take all resource types"
    return None
