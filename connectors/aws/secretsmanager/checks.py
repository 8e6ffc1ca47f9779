"""Checks of secrets: their values are changed in time, and who may read them."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.core.checks import All, The, Verdict, check, failed, not_applicable, passed
from connectors.aws._policy.guarded import SECRET
from connectors.aws.organizations.open_policies import closed_to_strangers
from connectors.aws.organizations.resources import Organization, OrganizationAccount, ResourceControlPolicy
from connectors.aws.secretsmanager.resources import Secret


@check(
    "aws_secretsmanager_secret_rotated",
    title="The value of the secret is not older than the limit",
    severity="medium",
    fix="Set up rotation within the limit, or look why it fails",
)
def secret_rotated(secret: Secret, *, now: datetime, max_age: timedelta = timedelta(days=90)) -> Verdict:
    name = secret.name
    if secret.deleted_date is not None:
        return not_applicable(f"{name} is to be deleted, and nobody can read it any more")
    if secret.owning_service is not None:
        return not_applicable(f"{name} is managed by {secret.owning_service}, which alone can rotate it")
    if secret.primary_region not in (None, secret.region):
        return not_applicable(f"{name} is a replica: it is rotated, and judged, in {secret.primary_region}")
    since = secret.value_since
    if since is None:
        return not_applicable(f"{name} has no value")
    days, most = (now - since).days, max_age.days
    how = _rotation(secret, now)
    if now - since > max_age:
        return failed(f"the value of {name} is {days} days old, and may be {most}; {how}")
    return passed(f"the value of {name} is {days} days old, of {most}; {how}")


def _rotation(secret: Secret, now: datetime) -> str:
    """Return what is known of the rotation of a secret, for the reason."""
    last = secret.last_rotated_date
    ago = "never" if last is None else f"{(now - last).days} days ago"
    if not secret.rotation_enabled:
        return f"AWS does not rotate it, and last did {ago}" if last is not None else "AWS does not rotate it"
    rules = secret.rotation_rules
    if rules.automatically_after_days is not None:
        schedule = f"every {rules.automatically_after_days} days"
    else:
        schedule = rules.schedule_expression or "on a schedule that AWS does not give"
    return f"AWS is to rotate it {schedule}, and last did {ago}"


@check(
    "aws_secretsmanager_secret_not_public",
    title="The policy of the secret lets nobody in whom it does not name",
    severity="critical",
    fix="Name accounts or roles in the policy of the secret, and block public policies when it is set",
)
def secret_not_public(
    secret: Secret,
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    control_policies: All[ResourceControlPolicy],
) -> Verdict:
    policy = "" if secret.resource_policy is None else secret.resource_policy.document
    return closed_to_strangers(secret.name, policy, SECRET, secret.arn, organization, accounts, control_policies)
