"""Checks of AWS Organizations: membership, and what service control policies restrict and protect."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws._policy.context import Known
from connectors.aws._policy.evaluator import Outcome, effect
from connectors.aws._policy.requests import holder
from connectors.aws._policy.statements import Policy, allow_all, read_policy
from connectors.aws.organizations.control_policies import ServiceControls
from connectors.aws.organizations.region_limits import allows_by_region, region_limit
from connectors.aws.organizations.resources import Organization, OrganizationAccount, ServiceControlPolicy

_PROTECTED = (
    "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail",
    "cloudtrail:UpdateTrail",  # to one region, or to a bucket of somebody else's
    "cloudtrail:PutEventSelectors",  # to no events
    "config:StopConfigurationRecorder",
    "config:DeleteConfigurationRecorder",
    "guardduty:UpdateDetector",  # which suspends it
    "guardduty:DeleteDetector",
)
_EVERYTHING = Policy((allow_all(),))


@check(
    "aws_organizations_account_in_organization",
    title="The account belongs to an organization",
    severity="low",
    fix="Invite the account into your organization and accept the invitation",
)
def in_organization(account: Organization) -> Verdict:
    if account.organization is None:
        return failed(f"the account {account.account_id} is in no organization")
    return passed(f"the account {account.account_id} is in the organization {account.organization.id}")


@check(
    "aws_organizations_scp_restricts_regions",
    title="A service control policy at the root denies regions that are not to be used",
    severity="medium",
    fix="Attach a service control policy to the root that denies by aws:RequestedRegion, except for global services",
    over="source",
)
def regions_restricted(policies: All[ServiceControlPolicy], *, allowed_regions: tuple[str, ...] = ()) -> Verdict:
    doubts: list[str] = []
    too_wide: list[str] = []
    at_the_root = []
    for policy in policies:
        document = read_policy(policy.content)
        limit = region_limit(document)
        if any(target.type == "ROOT" for target in policy.targets):
            at_the_root.append(document)
        if limit is None or limit.doubt is not None:
            unclear = (limit.doubt,) if limit is not None and limit.doubt is not None else ()
            doubts.extend(f"{policy.name}: {why}" for why in (*document.unclear, *unclear) if policy.targets)
        elif limit.exempt:
            too_wide.append(f"{policy.name} leaves {', '.join(limit.exempt)} in every region")
        elif limit.denies_none:
            too_wide.append(f"{policy.name} leaves {', '.join(limit.remaining)}, which is every region there is")
        elif not_allowed := sorted(set(limit.remaining) - set(allowed_regions)) if allowed_regions else []:
            too_wide.append(f"{policy.name} leaves {', '.join(not_allowed)}, which allowed_regions does not list")
        elif any(target.type == "ROOT" for target in policy.targets):
            return passed(f"{policy.name}, attached to the root, leaves {', '.join(limit.remaining)}")
        elif policy.targets:
            doubts.append(f"{policy.name} is attached to {len(policy.targets)} targets below the root")
    if allows_by_region(at_the_root):
        doubts.append(
            "the policies at the root allow by aws:RequestedRegion, and what is allowed below was not looked at"
        )
    if doubts:
        return unknown(f"whether every account is covered was not established: {'; '.join(doubts)}")
    return failed("; ".join(too_wide) or "no attached service control policy denies by aws:RequestedRegion")


@check(
    "aws_organizations_scp_protects_security_services",
    title="Service control policies keep administrators of the account from switching off what keeps watch",
    severity="medium",
    fix="Attach a service control policy that denies the actions named, but for a role of the security team",
)
def security_services_protected(
    organization: Organization,
    accounts: All[OrganizationAccount],
    policies: All[ServiceControlPolicy],
    *,
    protected_actions: tuple[str, ...] = _PROTECTED,
) -> Verdict:
    number, home = organization.account_id, organization.organization
    if home is None:
        return not_applicable(f"the account {number} is in no organization")
    if home.master_account_id == number:
        return not_applicable(f"{number} is the management account, which no service control policy binds")
    limit = ServiceControls(organization, accounts, policies).limit
    if not limit.groups:
        return unknown(f"{limit.note}, so that it is not known what they keep administrators of {number} from")
    # An administrator whom no policy names: whom one names, it may leave out on purpose.
    administrator = holder(number).knowing({"aws:principalarn": Known((f"arn:aws:iam::{number}:role/any0",))})
    open_actions: list[str] = []
    doubts: list[str] = []
    for action in protected_actions:
        found = effect([_EVERYTHING], administrator.asks(action, "*"), limit.groups)
        if found.outcome is Outcome.ALLOWS:
            open_actions.append(action)
        elif found.outcome is Outcome.UNDECIDED:
            doubts.append(f"{action}: {found.question}")
    if open_actions:
        return failed(f"administrators of {number} may call {first_few(open_actions, 4)}")
    if doubts:
        return unknown(
            f"what administrators of {number} may call would be decided by {first_few(doubts, between='; ')}"
        )
    return passed(
        f"administrators of {number} cannot call {first_few(protected_actions, 4)}, but those whom a policy leaves out"
    )
