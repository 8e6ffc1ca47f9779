"""Checks of AWS Config: changes of configuration are recorded in every region, and rules are kept."""

from __future__ import annotations

from collections.abc import Mapping

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from connectors.aws.account.resources import NOT_ENABLED_STATES, Region
from connectors.aws.config.resources import GLOBAL_IAM_TYPES, GLOBAL_TYPES, Recorder, RuleCompliance, Selection

# Where Config was before February 2022: only there it records the global types of IAM.
# https://docs.aws.amazon.com/config/latest/developerguide/select-resources.html
_NAMES = (
    "us-east-1 us-east-2 us-west-1 us-west-2 af-south-1 ap-east-1 ap-south-1 ap-northeast-1 ap-northeast-2"
    " ap-northeast-3 ap-southeast-1 ap-southeast-2 ap-southeast-3 ca-central-1 eu-central-1 eu-west-1 eu-west-2"
    " eu-west-3 eu-north-1 eu-south-1 me-south-1 sa-east-1 cn-north-1 cn-northwest-1 us-gov-west-1 us-gov-east-1"
)
_RECORD_IAM = frozenset(_NAMES.split())
# Of regions of these partitions the page says nothing.
_NOT_STATED = ("eusc-", "us-iso-", "us-isob-", "eu-isoe-", "us-isof-")


@check(
    "aws_config_recorder_enabled_all_regions",
    title="Changes of configuration are recorded in every enabled region",
    severity="medium",
    fix="Set up the recorder in the regions named, best by a stack set for the whole organization, and let one region"
    " record the global types of IAM",
    over="account",
)
def recorder_enabled_all_regions(
    recorders: All[Recorder], regions: All[Region], *, approved_resource_types: tuple[str, ...] = ()
) -> Verdict:
    approved = frozenset(approved_resource_types)
    lacking = {scope[1]: "has no recorder" for scope in recorders.scopes()}
    seen_regions = set(lacking)
    recording: dict[str, list[Selection]] = {}
    doubts: dict[str, str] = {}
    for (_, region), recorder in recorders.scoped():
        try:
            why = _not_recording(recorder, approved)
        except Unread as reason:
            doubts[region] = str(reason)
            continue
        if why is None and recorder.recording_group is not None:
            recording.setdefault(region, []).append(recorder.recording_group.selection)
        elif why is not None:
            lacking[region] = why
    states, why_no_states = _states(regions)
    changing = {region: state for region, state in states.items() if state in NOT_ENABLED_STATES}
    # One recorder that works is enough in a region, and one that could not be read may be it.
    settled = {*recording, *changing}
    if failures := [f"{region} {why}" for region, why in sorted(lacking.items()) if region not in settled | {*doubts}]:
        return failed(first_few(failures, between="; "))
    if unclear := [f"{region}: {why}" for region, why in sorted(doubts.items()) if region not in settled]:
        return unknown(first_few(unclear, between="; "))
    if why_no_states is not None:
        return unknown(why_no_states)
    enabled = set(states) - set(changing)
    if unseen_regions := sorted(enabled - seen_regions):
        return unknown(f"enabled, and not looked at: {first_few(unseen_regions)}")
    return _global_types(recording, approved) or passed(
        f"recorded in all {len(enabled)} enabled regions{_not_counted(changing)}"
    )


def _states(regions: All[Region]) -> tuple[dict[str, str], str | None]:
    """Return the state of each region; with why it is not known where the list could not be read."""
    try:
        return {region.region_name: region.state for region in regions}, None
    except Unread as reason:
        return {}, str(reason)


def _not_counted(changing: Mapping[str, str]) -> str:
    named = [f"{region} is {state}" for region, state in sorted(changing.items()) if state != "DISABLED"]
    return f"; {first_few(named)}, and is not counted" if named else ""


def _not_recording(recorder: Recorder, approved: frozenset[str]) -> str | None:
    if not recorder.status.recording:
        return "has a recorder that is stopped"
    last_status = recorder.status.last_status
    if last_status is not None and last_status.upper() == "PENDING":
        raise Unread("the recorder is about to deliver, and how that ends is not known yet")
    if last_status is None or last_status.upper() != "SUCCESS":  # documented as Success, and sent as SUCCESS
        return f"has a recorder whose last delivery was {last_status or 'never'}"
    if recorder.recording_group is None:
        return "has a recorder that does not take all resource types"
    return _missing_types(recorder.recording_group.selection, approved)


def _missing_types(selection: Selection, approved: frozenset[str]) -> str | None:
    """Return which types a region lacks, besides those that another region may record for all."""
    if selection.all_but is None and (not approved or not selection.only):
        return f"has a recorder that takes {len(selection.only)} listed resource types only"
    wanted = approved or selection.all_but or frozenset()
    missing = sorted(type_ for type_ in wanted - GLOBAL_TYPES if not selection.takes(type_))
    return f"has a recorder that does not take {first_few(missing)}" if missing else None


def _global_types(recording: Mapping[str, list[Selection]], approved: frozenset[str]) -> Verdict | None:
    """Return fail for global types that no region records, unknown where AWS does not say; None where all are."""
    doubts: list[str] = []
    missing: list[str] = []
    for type_ in sorted(GLOBAL_TYPES & approved if approved else GLOBAL_TYPES):
        taking = [region for region, selections in recording.items() if any(each.takes(type_) for each in selections)]
        able = [region for region in taking if type_ not in GLOBAL_IAM_TYPES or region in _RECORD_IAM]
        if able:
            continue
        if any(region.startswith(_NOT_STATED) for region in taking):
            doubts.append(type_)
        else:
            missing.append(type_)
    if missing and recording:
        return failed(f"no region records {', '.join(missing)}, which are global")
    if doubts and recording:
        return unknown(f"whether {first_few(sorted(recording))} can record {', '.join(doubts)} is not documented")
    return None


@check(
    "aws_config_rules_compliant_ratio",
    title="Enough rules of AWS Config are kept",
    severity="low",
    fix="Mend what the rules named find, or take out rules that the company does not go by",
    over="region",
)
def rules_compliant_ratio(rules: All[RuleCompliance], *, min_share: float = 0.9) -> Verdict:
    kept: list[str] = []
    broken: list[str] = []
    untold = 0
    others = 0
    for rule in rules:
        match rule.compliance.compliance_type:
            case "COMPLIANT":
                kept.append(rule.config_rule_name)
            case "NON_COMPLIANT":
                broken.append(rule.config_rule_name)
            case "INSUFFICIENT_DATA":
                untold += 1
            case _:
                others += 1
    judged = len(kept) + len(broken)
    if judged + untold + others == 0:
        return not_applicable("there are no rules (0 of a complete list)")
    beside = f"; {untold} have no result" if untold else ""
    if judged == 0:
        return unknown(f"none of {untold + others} rules has judged anything")
    said = f"{len(kept)} of {judged} rules are kept, and {min_share:.0%} are asked for{beside}"
    if len(kept) / judged < min_share:
        return failed(f"{said}: {first_few(sorted(broken))}")
    # A rule has none where it has nothing to judge, and also where it cannot run.
    # https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeComplianceByConfigRule.html
    if len(kept) / (judged + untold) < min_share:
        return unknown(f"{said}; if these are not kept, too few are")
    return passed(said)
