"""Checks of keys: they are rotated, and their policies and grants let in the company's own only."""

from __future__ import annotations

import re

from collector.core.checks import All, The, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from connectors.aws._policy.evaluator import Outcome
from connectors.aws._policy.guarded import KMS_KEY
from connectors.aws._policy.openness import Openness, Question, openness
from connectors.aws._policy.statements import Principal, read_policy
from connectors.aws.kms.resources import OF_AWS, OUT_OF_USE, Key
from connectors.aws.organizations.control_policies import ResourceControls
from connectors.aws.organizations.external_accounts import TrustedAccounts
from connectors.aws.organizations.resources import Organization, OrganizationAccount, ResourceControlPolicy

_GRANTS = "whom grants let in, each of which names somebody, is for aws_kms_key_grants_known_accounts_only"
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?")
# What AWS does not rotate by itself. https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
_OTHER_ORIGINS = {
    "EXTERNAL": "has imported material",
    "AWS_CLOUDHSM": "is in a custom key store",
    "EXTERNAL_KEY_STORE": "is in an external key store",
}
_ENDING = frozenset({"PendingDeletion", "PendingReplicaDeletion"})


@check(
    "aws_kms_key_rotation_enabled",
    title="AWS rotates the key by itself",
    severity="medium",
    fix="Enable automatic rotation of the key, of a multi-region key at its primary",
)
def key_rotation_enabled(key: Key) -> Verdict:
    metadata = key.key_metadata
    if metadata.key_manager == OF_AWS:
        return not_applicable(f"{key.key_id} is managed by AWS, which rotates it each year")
    if metadata.key_state in OUT_OF_USE:
        return not_applicable(f"{key.key_id} is in the state {metadata.key_state}, in which AWS does not rotate keys")
    if metadata.origin in _OTHER_ORIGINS:
        return not_applicable(f"{key.key_id} {_OTHER_ORIGINS[metadata.origin]}, which AWS does not rotate by itself")
    if metadata.spec is None or metadata.origin != "AWS_KMS":
        return unknown(f"annexd does not know keys of the origin {metadata.origin} and the spec {metadata.spec}")
    if metadata.spec != "SYMMETRIC_DEFAULT":
        return not_applicable(f"{key.key_id} is a key of the spec {metadata.spec}, which AWS does not rotate by itself")
    if key.rotation is None:
        return unknown(f"AWS does not say of {key.key_id} whether it is rotated")
    if not key.rotation.key_rotation_enabled:
        return failed(f"{key.key_id} is not rotated")
    days = key.rotation.rotation_period_in_days
    return passed(f"{key.key_id} is rotated {'each year' if days is None else f'every {days} days'}")


@check(
    "aws_kms_key_not_pending_deletion",
    title="The key is not about to be deleted",
    severity="high",
    fix="Cancel the deletion, unless nothing is encrypted with the key any more and its end is on file",
)
def key_not_pending_deletion(key: Key, *, approved_deletions: tuple[str, ...] = ()) -> Verdict:
    metadata = key.key_metadata
    if metadata.key_manager == OF_AWS:
        return not_applicable(f"{key.key_id} is managed by AWS, and nobody can delete it")
    if metadata.key_state not in _ENDING:
        return passed(f"{key.key_id} is {metadata.key_state}")
    when = "" if metadata.deletion_date is None else f", on {metadata.deletion_date:%Y-%m-%d}"
    said = f"{key.key_id} is to be deleted{when}, and with it whatever it alone decrypts"
    if key.key_id in approved_deletions:
        return passed(f"{said}; it is listed in approved_deletions")
    return failed(said)


@check(
    "aws_kms_key_policy_not_public",
    title="The policy of the key lets nobody in whom it does not name",
    severity="critical",
    fix="Name accounts or roles as principals, or demand kms:CallerAccount or aws:PrincipalOrgID of everybody",
)
def key_policy_not_public(
    key: Key,
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    control_policies: All[ResourceControlPolicy],
) -> Verdict:
    if key.key_metadata.key_manager == OF_AWS:
        return not_applicable(f"{key.key_id} is managed by AWS, which alone can change its policy")
    policy = read_policy(key.policy)
    arn = key.key_metadata.arn
    found = openness(policy, Question(KMS_KEY, arn))
    note = ""
    if found.everyone.outcome is not Outcome.DOES_NOT:
        limit = ResourceControls(organization, accounts, control_policies).limit
        note = f"; {limit.note}"
        if limit.groups:
            found = openness(policy, Question(KMS_KEY, arn, limits=limit.groups))
    if found.everyone.outcome is Outcome.ALLOWS:
        return failed(f"the policy of {key.key_id} lets everybody in ({found.everyone.by}){note}")
    if found.everyone.outcome is Outcome.UNDECIDED:
        return unknown(
            f"the policy of {key.key_id} may let everybody in; it would be decided by: {found.everyone.question}{note}"
        )
    if found.doubts:
        return unknown(f"the policy of {key.key_id}: {first_few(found.doubts, between='; ')}")
    return passed(f"the policy of {key.key_id} lets in whom it names only{note}{_through(found)}; {_GRANTS}")


@check(
    "aws_kms_key_grants_known_accounts_only",
    title="No grant lets an unknown account use the key",
    severity="high",
    fix="Revoke the grant, or list its account in trusted_accounts with its reason on file",
)
def key_grants_known_accounts_only(
    key: Key,
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    *,
    trusted_accounts: tuple[str, ...] = (),
) -> Verdict:
    if key.key_metadata.key_manager == OF_AWS:
        return not_applicable(f"{key.key_id} is managed by AWS, whose services alone make grants of it")
    if key.grants is None:
        return unknown(f"the grants of {key.key_id} were not read")
    if not key.grants:
        return passed(f"{key.key_id} has no grants (0 of a complete list)")
    trusted = TrustedAccounts(key.key_metadata.arn.split(":")[4], organization, accounts, trusted_accounts)
    outside: list[str] = []
    doubts: list[str] = []
    services: list[str] = []
    for grant in key.grants:
        whom = grant.grantee or ""
        named = f"{whom or 'somebody'} ({first_few(grant.operations)})"
        account = Principal("AWS", whom).account
        if _SERVICE.fullmatch(whom):
            services.append(whom)
        elif account is None:
            doubts.append(f"{named}: it names no account; the principal may have been deleted")
            continue
        try:
            if account is not None and not trusted.knows(account):
                outside.append(named)
        except Unread as reason:
            doubts.append(f"{named}: whether it is of the organization: {reason}")
    if outside:
        return failed(f"grants of {key.key_id} let in {first_few(outside, between='; ')}")
    if doubts:
        return unknown(f"grants of {key.key_id}: {first_few(doubts, between='; ')}")
    by = f", and services of AWS: {first_few(sorted(set(services)))}" if services else ""
    return passed(f"grants of {key.key_id} let in known accounts only{by}")


def _through(found: Openness) -> str:
    """Return the services that may use a key whoever they act for, for the reason."""
    open_to = [name for name, _ in found.services_with(Outcome.ALLOWS)]
    return f", among them {first_few(open_to)} whoever that acts for" if open_to else ""
