"""Checks of AWS Organizations: membership, and what service control policies restrict."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from connectors.aws._policy.documents import Condition, Statement, everything, matches, read_policy
from connectors.aws.organizations.resources import Organization, ServiceControlPolicy

_NEGATED = frozenset({"stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike"})


# Whoever exempts these exempts everyone: no organization has such an account.
_ANYBODY = tuple(f"arn:{partition}:iam::000000000000:role/any" for partition in ("aws", "aws-cn", "aws-us-gov"))


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
    wide: list[str] = []
    for policy in policies:
        read = read_policy(policy.content)
        denials = [one for one in read.statements if _denies_by_region(one)]
        left = next((left for one in denials if (left := _regions_left(one)) is not None), None)
        if left is None:
            unclear = ("it denies by aws:RequestedRegion under conditions that may leave everyone out",) * bool(denials)
            doubts.extend(f"{policy.name}: {why}" for why in (*read.unclear, *unclear) if policy.targets)
        elif more := sorted(left - set(allowed_regions)) if allowed_regions else []:
            wide.append(f"{policy.name} leaves {', '.join(more)}, which allowed_regions does not list")
        elif any(target.type == "ROOT" for target in policy.targets):
            return passed(f"{policy.name}, attached to the root, leaves {', '.join(sorted(left))}")
        elif policy.targets:
            doubts.append(f"{policy.name} is attached to {len(policy.targets)} targets below the root")
    if doubts:
        return unknown(f"whether every account is covered was not established: {'; '.join(doubts)}")
    return failed("; ".join(wide) or "no attached service control policy denies by aws:RequestedRegion")


def _denies_by_region(statement: Statement) -> bool:
    """Whether a statement is a denial of nearly everything in which regions play a part."""
    if statement.allows or not any(everything(pattern) for pattern in statement.resources or ()):
        return False
    # A narrow list of denied actions is about a service; a restriction of regions denies all but the global ones.
    if statement.not_actions is None and not any(everything(action) for action in statement.actions or ()):
        return False
    return any(condition.key == "aws:requestedregion" for condition in statement.conditions)


def _regions_left(statement: Statement) -> frozenset[str] | None:
    """Return the regions that a denial leaves to everyone but a few; None where its conditions do not say it."""
    left: set[str] = set()
    for condition in statement.conditions:
        if condition.operator not in _NEGATED or not condition.values:
            return None
        match condition.key:
            case "aws:requestedregion" if not any(map(everything, condition.values)):
                left.update(condition.values)
            # Usual guardrails leave out a few named roles, such as the deployment's.
            case "aws:principalarn" if not _exempts_anybody(condition):
                pass
            case _:
                return None
    return frozenset(left)


def _exempts_anybody(condition: Condition) -> bool:
    return any(matches(value, anybody) for value in condition.values for anybody in _ANYBODY)
