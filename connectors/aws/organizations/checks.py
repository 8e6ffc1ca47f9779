"""Checks of AWS Organizations: membership, and what service control policies restrict."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from connectors.aws._policy.patterns import is_wildcard, matches
from connectors.aws._policy.statements import Condition, Statement, read_policy
from connectors.aws.organizations.resources import Organization, ServiceControlPolicy

_NEGATED = frozenset({"stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike"})


# Principals of an account that no organization has: a pattern that matches one of them matches every account.
_SAMPLE_PRINCIPALS = tuple(
    f"arn:{partition}:iam::000000000000:role/any" for partition in ("aws", "aws-cn", "aws-us-gov")
)


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
    for policy in policies:
        document = read_policy(policy.content)
        denials = [statement for statement in document.statements if _denies_by_region(statement)]
        remaining = next(
            (remaining for statement in denials if (remaining := _remaining_regions(statement)) is not None), None
        )
        if remaining is None:
            unclear = ("it denies by aws:RequestedRegion under conditions that may leave everyone out",) * bool(denials)
            doubts.extend(f"{policy.name}: {why}" for why in (*document.unclear, *unclear) if policy.targets)
        elif not_allowed := sorted(remaining - set(allowed_regions)) if allowed_regions else []:
            too_wide.append(f"{policy.name} leaves {', '.join(not_allowed)}, which allowed_regions does not list")
        elif any(target.type == "ROOT" for target in policy.targets):
            return passed(f"{policy.name}, attached to the root, leaves {', '.join(sorted(remaining))}")
        elif policy.targets:
            doubts.append(f"{policy.name} is attached to {len(policy.targets)} targets below the root")
    if doubts:
        return unknown(f"whether every account is covered was not established: {'; '.join(doubts)}")
    return failed("; ".join(too_wide) or "no attached service control policy denies by aws:RequestedRegion")


def _denies_by_region(statement: Statement) -> bool:
    """Whether a statement denies nearly every action, with a condition on aws:RequestedRegion."""
    if statement.allows or not any(is_wildcard(pattern) for pattern in statement.resources or ()):
        return False
    # A narrow list of denied actions is about a service; a restriction of regions denies all but the global ones.
    if statement.not_actions is None and not any(is_wildcard(action) for action in statement.actions or ()):
        return False
    return any(condition.key == "aws:requestedregion" for condition in statement.conditions)


def _remaining_regions(statement: Statement) -> frozenset[str] | None:
    """Return the regions that a denial leaves usable; None where its conditions may exempt more than named roles."""
    remaining: set[str] = set()
    for condition in statement.conditions:
        if condition.operator not in _NEGATED or not condition.values:
            return None
        match condition.key:
            case "aws:requestedregion" if not any(map(is_wildcard, condition.values)):
                remaining.update(condition.values)
            # Usual guardrails leave out a few named roles, such as the deployment's.
            case "aws:principalarn" if not _exempts_everyone(condition):
                pass
            case _:
                return None
    return frozenset(remaining)


def _exempts_everyone(condition: Condition) -> bool:
    return any(matches(value, principal) for value in condition.values for principal in _SAMPLE_PRINCIPALS)
