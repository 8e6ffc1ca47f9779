"""Checks of Azure Policy."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.azure.authorization.resources import is_over_subscription
from connectors.azure.policy.resources import PolicyAssignment, PolicyState

# "Microsoft cloud security benchmark" and "Allowed locations", the same in every tenant.
# https://learn.microsoft.com/azure/governance/policy/samples/built-in-initiatives
_BENCHMARK = "1f3afdf9-d0c9-4c3d-847f-89da613e70a8"
_ALLOWED_LOCATIONS = "e56962a6-4747-49cd-b67b-bf8b01975c4c"
_LOCATIONS = "listOfAllowedLocations"


def _lacking(assignment: PolicyAssignment) -> str:
    """Return why an assignment does not hold for the whole subscription; empty where it does."""
    said = assignment.properties
    if said.enforcement_mode != "Default":
        return "is not enforced"
    if not is_over_subscription(said.scope):
        return "is for a part of the subscription"
    if said.not_scopes:
        return f"leaves out {first_few(said.not_scopes, 3)}"
    return "is for selected resources" if said.resource_selectors else ""


@check(
    "azure_policy_security_baseline_assigned",
    title="A security baseline initiative is assigned",
    severity="medium",
    fix="Assign the Microsoft cloud security benchmark, or the company's own initiative, to the subscription or above",
)
def security_baseline_assigned(
    assignments: All[PolicyAssignment], *, initiatives: tuple[str, ...] = (_BENCHMARK,)
) -> Verdict:
    """`initiatives` are ids of definitions, or their last words; one of them is enough."""
    why: list[str] = []
    for assignment in assignments:
        if assignment.assigns(initiatives):
            lacking = _lacking(assignment)
            if not lacking:
                return passed()
            why.append(f"{assignment.name} {lacking}")
    return failed(first_few(why) if why else "no initiative that counts as a baseline is assigned")


@check(
    "azure_policy_allowed_locations_enforced",
    title="Allowed locations are enforced",
    severity="medium",
    fix="Assign the policy Allowed locations with the approved regions, to the subscription or above",
)
def allowed_locations_enforced(
    assignments: All[PolicyAssignment],
    *,
    allowed_locations: tuple[str, ...] = (),
    definitions: tuple[str, ...] = (_ALLOWED_LOCATIONS,),
) -> Verdict:
    """`definitions` are policies with that parameter. Each assignment binds, so one that fits is enough."""
    allowed = {_place(place) for place in allowed_locations}
    why: list[str] = []
    for assignment in assignments:
        if not assignment.assigns(definitions):
            continue
        parameter = (assignment.properties.parameters or {}).get(_LOCATIONS)
        places = [str(place) for place in parameter.value] if parameter and isinstance(parameter.value, list) else []
        lacking = _lacking(assignment)
        more = [place for place in places if allowed and _place(place) not in allowed]
        if lacking or not places:
            why.append(f"{assignment.name} {lacking or 'names no location'}")
        elif not _denies(assignment):
            why.append(f"{assignment.name} does not deny what is elsewhere")
        elif more:
            why.append(f"{assignment.name} allows {first_few(more)} as well")
        else:
            return passed(f"{assignment.name} allows {first_few(places)}")
    if why:
        return failed(first_few(why))
    if not allowed:
        return unknown("no policy of allowed locations is assigned, and the company states no locations")
    return failed(f"no policy holds resources to {first_few(allowed_locations)}")


def _denies(assignment: PolicyAssignment) -> bool:
    """Whether an assignment leaves a policy its effect, or says that it is to deny."""
    said = assignment.properties
    effects = [each.value for name, each in (said.parameters or {}).items() if name.lower() == "effect"]
    return not said.overrides and all(str(effect).lower() == "deny" for effect in effects)


def _place(name: str) -> str:
    return name.replace(" ", "").lower()


_GOOD = frozenset({"compliant", "exempt"})
_UNDECIDED = frozenset({"unknown", "protected"})


@check(
    "azure_policy_compliance_ratio_met",
    title="Policy compliance is above the limit",
    severity="low",
    fix="Mend what does not comply, or exempt it with a reason",
)
def compliance_ratio_met(state: PolicyState, *, min_ratio: float = 0.9) -> Verdict:
    counts = {each.compliance_state.lower(): each.count for each in state.results.resource_details}
    number = sum(count for name, count in counts.items() if name not in _UNDECIDED)
    good = sum(count for name, count in counts.items() if name in _GOOD)
    if not number:
        if state.policy_assignments:
            return unknown("Azure has evaluated no resource against the policies that are assigned")
        return not_applicable("no policy is assigned")
    said = f"{good} of {number} resources comply; {min_ratio:.0%} are required"
    return passed(said) if good >= min_ratio * number else failed(said)
