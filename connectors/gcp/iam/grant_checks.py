"""Checks of who is granted what in a project, by its own policy and by what it inherits."""

from __future__ import annotations

from collections.abc import Iterable

from collector.core.checks import All, The, Verdict, check, failed, passed, unknown
from connectors.gcp._iam.effective import Grant, effective
from connectors.gcp._iam.policies import (
    EDITORS,
    EVERYBODY,
    OWNERS,
    domain_of,
    is_google_agent,
    is_service_account,
    is_workforce,
    type_of,
)
from connectors.gcp._iam.powers import takes_more
from connectors.gcp.iam.resources import CustomRole, ProjectPolicy, RolePowers
from connectors.gcp.resourcemanager.resources import Container

_CONSUMER = frozenset({"gmail.com", "googlemail.com"})
_OF_PEOPLE = frozenset({"user", "group", "domain"})
_NAMED = 5


def _several(said: Iterable[str]) -> str:
    found = sorted(set(said))
    more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return "; ".join(found[:_NAMED]) + more


def _organization_domain(containers: All[Container]) -> set[str]:
    """Return the domain of the organization, by which Google names it."""
    return {each.display_name.lower() for each in containers if each.name.startswith("organizations/")}


@check(
    "gcp_iam_no_consumer_accounts",
    title="Only corporate identities hold roles",
    severity="high",
    fix="Give the role to an account of the company's own domain, and take it from the other one",
)
def no_consumer_accounts(
    project: ProjectPolicy, containers: All[Container], *, allowed_domains: tuple[str, ...] = ()
) -> Verdict:
    holds = effective(project, containers)
    people = [grant for grant in holds.grants() if type_of(grant.member) in _OF_PEOPLE]
    consumers = [grant.said for grant in people if domain_of(_address(grant)) in _CONSUMER]
    if consumers:
        return failed(_several(consumers))
    allowed = {domain.lower() for domain in allowed_domains}
    if not allowed and holds.unread is None:
        allowed = _organization_domain(containers)
    if not allowed and people:
        why = f": {holds.unread}" if holds.unread is not None else ""
        return unknown(f"which domains are the company's is not known; name them in allowed_domains{why}")
    outside = [grant.said for grant in people if domain_of(_address(grant)) not in allowed]
    if outside:
        return failed(f"not of {', '.join(sorted(allowed))}: {_several(outside)}")
    if holds.unread is not None:
        return unknown(holds.unread)
    groups = [grant.said for grant in people if type_of(grant.member) == "group"]
    if groups:
        return unknown(f"who is in the groups is not read: {_several(groups)}")
    federated = [grant.said for grant in holds.grants() if is_workforce(grant.member)]
    if federated:
        return unknown(f"whom the identity provider of the pool lets in is not read: {_several(federated)}")
    return passed("no person from elsewhere holds a role")


def _address(grant: Grant) -> str:
    """Return a member in the form of an address: `domain:acme.example` is everybody of that domain."""
    return grant.member.replace("domain:", "domain:@", 1) if grant.member.startswith("domain:") else grant.member


@check(
    "gcp_iam_no_public_project_bindings",
    title="No project, folder or organization role is granted to everyone",
    severity="critical",
    fix="Remove allUsers and allAuthenticatedUsers from the binding",
)
def no_public_bindings(project: ProjectPolicy, containers: All[Container]) -> Verdict:
    holds = effective(project, containers)
    public = [grant.said for grant in holds.grants() if grant.member in EVERYBODY]
    if public:
        return failed(_several(public))
    return unknown(holds.unread) if holds.unread is not None else passed()


@check(
    "gcp_iam_no_primitive_roles",
    title="Owner and Editor are not used beyond the limit",
    severity="high",
    fix="Replace Owner and Editor by predefined or custom roles",
)
def no_primitive_roles(project: ProjectPolicy, containers: All[Container], *, max_owners: int = 3) -> Verdict:
    holds = effective(project, containers)
    grants = list(holds.grants())
    editors = [grant.said for grant in grants if grant.binding.role in EDITORS and not is_service_account(grant.member)]
    if editors:
        return failed(_several(editors))
    owners = sorted({grant.member for grant in grants if grant.binding.role in OWNERS})
    several = f"{len(owners)} owners, {max_owners} are allowed: {', '.join(owners)}"
    if len(owners) > max_owners:
        return failed(several)
    if holds.unread is not None:
        return unknown(holds.unread)
    unclear = [owner for owner in owners if type_of(owner) not in {"user", "serviceAccount"}]
    if unclear:
        return unknown(f"how many people {', '.join(unclear)} stands for is not read")
    return passed(several if owners else "there is no owner and no editor but service accounts")


@check(
    "gcp_iam_service_account_no_admin_role",
    title="Service accounts hold no admin roles",
    severity="high",
    fix="Give the account roles that do only what it is for",
)
def service_account_no_admin_role(
    project: ProjectPolicy, containers: All[Container], roles: The[RolePowers], custom: All[CustomRole]
) -> Verdict:
    holds = effective(project, containers)
    accounts = [grant for grant in holds.grants() if _may_be_used(grant.member)]
    named = [grant for grant in accounts if is_service_account(grant.member)]
    by_name = [grant.said for grant in named if _is_admin_by_name(grant.binding.role)]
    if by_name:
        return failed(_several(by_name))
    own = {role.name: [each for each in role.included_permissions if takes_more(each)] for role in custom}
    google = {name: [each for each in held if takes_more(each)] for name, held in roles.roles.items()}
    known = {**google, **own}
    strong = [f"{grant.said}, with {known[grant.binding.role][0]}" for grant in named if known.get(grant.binding.role)]
    if strong:
        return failed(_several(strong))
    if holds.unread is not None:
        return unknown(holds.unread)
    unclear = [grant.binding.role for grant in accounts if grant.binding.role not in known]
    if unclear:
        return unknown(f"what these roles allow was not read: {_several(unclear)}")
    groups = [
        grant.said
        for grant in accounts
        if type_of(grant.member) == "group" and (known[grant.binding.role] or _is_admin_by_name(grant.binding.role))
    ]
    if groups:
        return unknown(f"whether a service account is in these groups is not read: {_several(groups)}")
    return passed()


def _may_be_used(member: str) -> bool:
    """Whether a member is, or may hold, a service account that not only Google's own services run as."""
    return (is_service_account(member) and not is_google_agent(member)) or type_of(member) == "group"


def _is_admin_by_name(role: str) -> bool:
    """Whether a role of Google's is called an administrator's; custom ones may be called anything."""
    return role in OWNERS | EDITORS or (role.startswith("roles/") and role.lower().endswith("admin"))


@check(
    "gcp_iam_audit_logs_all_services",
    title="Data access audit logs are on for all services",
    severity="medium",
    fix="Turn on ADMIN_READ, DATA_READ and DATA_WRITE for allServices at the organization, without exempted members",
)
def audit_logs_all_services(project: ProjectPolicy, containers: All[Container]) -> Verdict:
    holds = effective(project, containers)
    exempted: list[str] = []
    on: set[str] = set()
    for where, policy in holds.policies:
        for config in policy.audit_configs:
            for log in config.audit_log_configs:
                # Google joins the configurations of all levels: a type is on where one of them turns it on, and a
                # member is left out where one of them exempts it, also for one service only.
                on |= {log.log_type} if config.service == "allServices" else set()
                exempted += (f"{member} from {log.log_type} by {where}" for member in log.exempted_members)
    if exempted:
        return failed(f"exempted: {_several(exempted)}")
    missing = {"ADMIN_READ", "DATA_READ", "DATA_WRITE"} - on
    if missing and holds.unread is None:
        return failed(f"not on for all services: {', '.join(sorted(missing))}")
    return unknown(holds.unread) if holds.unread is not None else passed()


@check(
    "gcp_collector_read_only",
    title="annexd has no permission to write, or to read content",
    severity="high",
    fix="Give annexd the role that annexd permissions gcp prints, and no other",
)
def collector_read_only(project: ProjectPolicy) -> Verdict:
    if project.held:
        return failed(f"annexd could use {', '.join(project.held)} here")
    return passed("annexd has none of the permissions to write or to read content that were tested")
