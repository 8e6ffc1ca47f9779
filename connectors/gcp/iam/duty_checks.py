"""Checks of who can act as service accounts, and of duties that one principal should not hold together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from collector.core.checks import All, The, Verdict, check, failed, passed, unknown
from connectors.gcp._iam.effective import Effective, Grant, effective
from connectors.gcp._iam.policies import EDITORS, OWNERS, is_google_agent, is_service_account, type_of
from connectors.gcp._iam.powers import ACTS_AS, DECRYPTS, MANAGES_ACCOUNTS, MANAGES_KEYS
from connectors.gcp.iam.resources import CustomRole, ProjectPolicy, RolePowers
from connectors.gcp.kms.keys import CryptoKey
from connectors.gcp.resourcemanager.resources import Container

_BASIC = OWNERS | EDITORS
"""Judged by gcp_iam_no_primitive_roles: each of them holds every duty at once."""

_NAMED = 5


def _permissions(roles: RolePowers, custom: Iterable[CustomRole]) -> Mapping[str, tuple[str, ...]]:
    return {**roles.roles, **{role.name: role.included_permissions for role in custom}}


def _several(said: Iterable[str]) -> str:
    found = sorted(set(said))
    more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return "; ".join(found[:_NAMED]) + more


def _judged(holds: Effective) -> Iterator[Grant]:
    return (grant for grant in holds.grants() if grant.binding.role not in _BASIC and not is_google_agent(grant.member))


@check(
    "gcp_iam_no_project_wide_sa_user",
    title="Users cannot impersonate all service accounts of a project",
    severity="medium",
    fix="Grant the role on the single service account",
)
def no_project_wide_sa_user(
    project: ProjectPolicy, containers: All[Container], roles: The[RolePowers], custom: All[CustomRole]
) -> Verdict:
    holds = effective(project, containers)
    known = _permissions(roles, custom)
    people = [grant for grant in _judged(holds) if not is_service_account(grant.member)]
    found = [grant.said for grant in people if ACTS_AS & set(known.get(grant.binding.role, ()))]
    if found:
        return failed(_several(found))
    if holds.unread is not None:
        return unknown(holds.unread)
    unread = [grant.binding.role for grant in people if grant.binding.role not in known]
    return unknown(f"what these roles allow was not read: {_several(unread)}") if unread else passed()


def _separated(
    holds: Effective,
    grants: Iterable[Grant],
    known: Mapping[str, tuple[str, ...]],
    duties: tuple[frozenset[str], frozenset[str]],
) -> Verdict:
    """Judge that no principal holds permissions of both duties; who is in a group is not read."""
    by_duty: list[dict[str, Grant]] = [{}, {}]
    unread: list[str] = []
    for grant in grants:
        permissions = known.get(grant.binding.role)
        if permissions is None:
            unread.append(grant.binding.role)
            continue
        for held, duty in zip(by_duty, duties, strict=True):
            if duty & set(permissions):
                held.setdefault(grant.member, grant)
    both = by_duty[0].keys() & by_duty[1].keys()
    if both:
        return failed(_several(f"{by_duty[0][each].said}, and {by_duty[1][each].said}" for each in both))
    if holds.unread is not None:
        return unknown(holds.unread)
    if unread:
        return unknown(f"what these roles allow was not read: {_several(unread)}")
    groups = [each for held in by_duty for each in held if type_of(each) in {"group", "domain", "principalSet"}]
    if groups and all(by_duty):
        return unknown(f"whether one person is in {_several(groups)} and holds the other duty is not read")
    return passed()


@check(
    "gcp_iam_service_account_duties_separated",
    title="Service-account admin and user roles are separated",
    severity="medium",
    fix="Split the roles between principals",
)
def service_account_duties(
    project: ProjectPolicy, containers: All[Container], roles: The[RolePowers], custom: All[CustomRole]
) -> Verdict:
    holds = effective(project, containers)
    return _separated(holds, _judged(holds), _permissions(roles, custom), (MANAGES_ACCOUNTS, ACTS_AS))


@check(
    "gcp_iam_kms_duties_separated",
    title="KMS admin and crypto roles are separated",
    severity="medium",
    fix="Split the roles between principals",
)
def kms_duties(
    project: ProjectPolicy,
    containers: All[Container],
    roles: The[RolePowers],
    custom: All[CustomRole],
    keys: All[CryptoKey],
) -> Verdict:
    holds = effective(project, containers)
    on_keys = (
        Grant(key.name, binding, member)
        for key in keys
        for policy in (key.policy, key.ring_policy)
        for binding in policy.bindings
        for member in binding.members
        if not is_google_agent(member) and not member.startswith("deleted:")
    )
    grants = [*_judged(holds), *on_keys]
    return _separated(holds, grants, _permissions(roles, custom), (MANAGES_KEYS, DECRYPTS))
