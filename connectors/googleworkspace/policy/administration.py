"""The whole company: where data is kept, its export by users, and approval of what administrators do."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, unknown
from connectors.googleworkspace._policy.judging import Rule, Values, judge
from connectors.googleworkspace._policy.reducing import Setting
from connectors.googleworkspace.directory.orgunits import OrgUnit
from connectors.googleworkspace.policy.of_customer import all_policies
from connectors.googleworkspace.policy.policies import Policy

REGION = Setting("data_regions.data_at_rest_region")
TAKEOUT = Setting("takeout.service_status")
APPROVAL = Setting("multi_party_approval.require_approvals")

_STATES = frozenset({"ENABLED", "DISABLED"})


@check(
    "googleworkspace_policy_data_region_set",
    title="Data region is set as required",
    severity="low",
    fix="Set the data region that the company's rule names for all units",
)
def data_region_set(policies: All[Policy], units: All[OrgUnit], *, required_region: str = "") -> Verdict:
    region = REGION("region")

    def elsewhere(values: Values) -> str | None:
        found = values.text(region)
        return None if found == required_region else f"the region of data is {found}; {required_region} is required"

    every = all_policies(policies, units)
    if not required_region:
        return unknown("the company has not said which region is required (required_region)")
    return judge(every, [Rule((region,), elsewhere)])


@check(
    "googleworkspace_policy_takeout_restricted",
    title="Personal data export by users is restricted",
    severity="medium",
    fix="Turn Google Takeout off for all units",
)
def takeout_restricted(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    state = TAKEOUT("serviceState")

    def exported(values: Values) -> str | None:
        return "users may export their data by Takeout" if values.word(state, _STATES) == "ENABLED" else None

    return judge(all_policies(policies, units), [Rule((state,), exported)])


@check(
    "googleworkspace_policy_multi_party_approval",
    title="Sensitive admin actions need a second admin",
    severity="low",
    fix="Turn multi-party approval on",
)
def multi_party_approval(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    state = APPROVAL("multiPartyApprovalState")

    def alone(values: Values) -> str | None:
        return "one administrator can act alone" if values.word(state, _STATES) == "DISABLED" else None

    return judge(all_policies(policies, units), [Rule((state,), alone)])
