"""Bindings of a policy and who their members are, in Google's own words."""

from __future__ import annotations

from msgspec import Struct

EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})
"""The whole internet, and whoever has any account of Google: one is as easily had as the other."""

OWNERS = frozenset({"roles/owner", "roles/admin"})
"""The basic roles with every permission: the older one, and the one that Google has made in its place."""

EDITORS = frozenset({"roles/editor", "roles/writer"})
"""The basic roles to change everything but who may do what; likewise."""

_WORKFORCE = "//iam.googleapis.com/locations/global/workforcePools/"
_AGENT_DOMAINS = ("cloudservices.gserviceaccount.com", "compute-system.iam.gserviceaccount.com")
_ALL_ACCOUNTS = "/type/ServiceAccount"


class Condition(Struct, frozen=True, kw_only=True, rename="camel"):
    """When a binding holds."""

    expression: str
    title: str = ""  # left out where nobody gave one


class Binding(Struct, frozen=True, kw_only=True, rename="camel"):
    """A role for some members. Google leaves out what is empty."""

    role: str
    members: tuple[str, ...] = ()
    condition: Condition | None = None  # None: it holds always


class AuditLogConfig(Struct, frozen=True, kw_only=True, rename="camel"):
    """A type of log that is on, but for some members."""

    log_type: str
    exempted_members: tuple[str, ...] = ()  # left out where there are none


class AuditConfig(Struct, frozen=True, kw_only=True, rename="camel"):
    """Types of logs of data access for a service, or for allServices."""

    service: str
    audit_log_configs: tuple[AuditLogConfig, ...] = ()  # left out where there are none


class Policy(Struct, frozen=True, kw_only=True, rename="camel"):
    """The policy of one resource. One that nobody has set has neither."""

    bindings: tuple[Binding, ...] = ()
    audit_configs: tuple[AuditConfig, ...] = ()


def public_grants(policy: Policy) -> list[str]:
    """Return what everybody is granted, as people read it; a condition narrows when, and not whom."""
    return [
        f"{member} has {binding.role}{' under a condition' if binding.condition is not None else ''}"
        for binding in policy.bindings
        for member in binding.members
        if member in EVERYBODY
    ]


def type_of(member: str) -> str:
    """Return the type of a member: user, group, serviceAccount, domain, deleted and so on; everybody is `public`."""
    return "public" if member in EVERYBODY else member.partition(":")[0]


def domain_of(member: str) -> str:
    """Return the domain of an address, or the domain that a member stands for; in lower case."""
    return member.partition(":")[2].rpartition("@")[2].lower()


def is_service_account(member: str) -> bool:
    """Whether a member is a service account, or all of those of a project, folder or organization."""
    return type_of(member) == "serviceAccount" or (type_of(member) == "principalSet" and _ALL_ACCOUNTS in member)


def is_workforce(member: str) -> bool:
    """Whether a member is people who sign in at another identity provider, by a workforce pool."""
    return type_of(member) in {"principal", "principalSet"} and _WORKFORCE in member


def is_google_agent(member: str) -> bool:
    """Whether a member is an account that Google's own services run as, and that nobody else can use.

    https://cloud.google.com/iam/docs/service-agents: their project is one of Google's, whose ids begin with gcp-sa-,
    which no customer's may. The default accounts of Compute Engine, App Engine and Cloud Build are not among them.
    """
    domain = domain_of(member)
    return type_of(member) == "serviceAccount" and (domain in _AGENT_DOMAINS or domain.startswith("gcp-sa-"))
