"""The check that search domains are closed to strangers and encrypted."""

from __future__ import annotations

from collector.core.checks import All, Status, The, Verdict, check, failed, not_applicable, passed
from collector.core.plain_text import first_few
from connectors.aws._policy.guarded import SEARCH_DOMAIN
from connectors.aws.opensearch.resources import Domain
from connectors.aws.organizations.open_policies import closed_to_strangers
from connectors.aws.organizations.resources import Organization, OrganizationAccount, ResourceControlPolicy


@check(
    "aws_opensearch_domain_hardened",
    title="The search domain is closed to strangers, and encrypts at rest, between its nodes and to its clients",
    severity="high",
    fix="Put the domain into a VPC or narrow its policy, switch on both kinds of encryption, and enforce HTTPS",
)
def domain_hardened(
    domain: Domain,
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    control_policies: All[ResourceControlPolicy],
) -> Verdict:
    name = domain.domain_name
    if domain.deleted:
        return not_applicable(f"{name} is being deleted")
    lacking = {
        "does not encrypt at rest": domain.at_rest.enabled,
        "does not encrypt between its nodes": domain.node_to_node.enabled,
        "takes requests without HTTPS": domain.endpoint.enforce_https,
    }
    problems = [problem for problem, is_in_order in lacking.items() if not is_in_order]
    entrance = _entrance(domain, organization, accounts, control_policies)
    if entrance.status is Status.FAIL:
        problems.append(f"is open: {entrance.reason}")
    if problems:
        return failed(f"{name} {first_few(problems, 4, '; ')}")
    if entrance.status is Status.UNKNOWN:
        return entrance
    return passed(f"{name} encrypts, and {entrance.reason}")


def _entrance(
    domain: Domain,
    organization: Organization,
    accounts: All[OrganizationAccount],
    control_policies: All[ResourceControlPolicy],
) -> Verdict:
    """Return whether strangers get in: a network of the company, users of the domain, or its policy keep them out."""
    if domain.vpc.vpc_id:
        return passed(f"it is in the network {domain.vpc.vpc_id}")
    if domain.sign_in.enabled and not domain.sign_in.anonymous_auth_enabled:
        return passed("it asks users of its own to sign in")
    if not domain.access_policies:
        return passed("it has no policy, so that its own account alone gives access")
    policy = domain.access_policies
    return closed_to_strangers(
        domain.domain_name, policy, SEARCH_DOMAIN, domain.arn, organization, accounts, control_policies
    )
