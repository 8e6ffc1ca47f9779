"""Acme at Google Workspace, with the people that the accounts on AWS and GitHub have as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from collector.demo.configuration import DOMAIN
from collector.demo.googleworkspace.double import WorkspaceDouble
from collector.demo.platforms import PlayedPlatform

CUSTOMER = "C03acme01"
ADMIN = "annexd@acme.example"

_DOMAIN = "acme.example"
_ROOT, _SALES = "03acme0root", "03acme1sales"

_VARIABLE = "ACME_WORKSPACE_KEY"
_TABLE = f"""\
[sources.workspace]
connector   = "googleworkspace"
customer    = "{{customer}}"
admin       = "{{admin}}"
credentials = {{{{ env = "{_VARIABLE}" }}}}
endpoints   = {{{{ {{endpoints}} }}}}
every       = "30d"
serves      = ["acme-shop"]
"""
_SYSTEM = f"""\
[[system]]
name          = "Mail and documents"
owner         = "Dora Klein"
environment   = "production"
source        = "workspace"
scope         = ["{CUSTOMER}"]
in_scope_from = {{{{-300d}}}}
"""

Outcome = Literal["pass", "fail", "unknown", "not_applicable"]
Json = dict[str, Any]


@dataclass(frozen=True)
class ExpectedAtWorkspace:
    """The expected status of the customer, or of a subject of it."""

    check: str
    outcome: Outcome
    subject: str = ""


@dataclass(frozen=True)
class WorkspaceCompany:
    """What a scan signs in with, and the results that are expected of it."""

    customer: str
    admin: str
    key: str
    endpoints: dict[str, str]
    expected: tuple[ExpectedAtWorkspace, ...]


def platform(now: Callable[[], datetime], last: datetime) -> PlayedPlatform:
    """Return Acme's Workspace as of the demo's last day; `now` is Google's clock."""
    base, tokens = f"https://google.{DOMAIN}", f"https://oauth2.{DOMAIN}"
    double = WorkspaceDouble(base=base, tokens=tokens, now=now)
    company = seed(double, last)
    endpoints = ", ".join(f'{api} = "{address}"' for api, address in sorted(company.endpoints.items()))
    return PlayedPlatform(
        about="its people at Google Workspace",
        table=_TABLE.format(customer=company.customer, admin=company.admin, endpoints=endpoints),
        system=_SYSTEM,
        bases=(base, tokens),
        answer=double,
        variables={_VARIABLE: company.key},
    )


def seed(double: WorkspaceDouble, today: datetime | None = None) -> WorkspaceCompany:
    """Build the customer as of the double's clock, and return it; days count back from `today`."""
    day = double.now() if today is None else today
    double.answers.clear()
    double.answers |= {
        "directory.users.list": list(_users(day)),
        "directory.roles.list": [{"kind": "admin#directory#role", "roleId": "901", "isSuperAdminRole": True}],
        "directory.roleAssignments.list": [
            {
                "kind": "admin#directory#roleAssignment",
                "roleAssignmentId": f"1{user}",
                "roleId": "901",
                "assignedTo": user,
                "assigneeType": "user",
            }
            for user in ("5001", "5002", "5009")
        ],
        "directory.orgunits.list": list(_units()),
        "directory.groups.list": [
            {"kind": "admin#directory#group", "id": "g-everybody", "email": f"everybody@{_DOMAIN}", "name": "Everybody"}
        ],
        "directory.members.list": {"g-everybody": [{"id": CUSTOMER, "type": "CUSTOMER", "role": "MEMBER"}]},
        "directory.domains.list": [
            {"kind": "admin#directory#domain", "domainName": _DOMAIN, "isPrimary": True, "verified": True}
        ],
        "cloudidentity.devices.list": list(_devices(day)),
        "cloudidentity.policies.list": list(_policies()),
        "reports.activities.list": [_activity(day)],
    }
    double.dns = {
        _DOMAIN: ['"v=spf1 include:_spf.google.com ~all"'],
        f"google._domainkey.{_DOMAIN}": ['"v=DKIM1; k=rsa; p=MIIBIjANBgkq"'],
        f"_dmarc.{_DOMAIN}": ['"v=DMARC1; p=none; rua=mailto:dmarc@acme.example"'],
    }
    return WorkspaceCompany(CUSTOMER, ADMIN, double.key, double.endpoints, _EXPECTED)


_EXPECTED = (
    ExpectedAtWorkspace("googleworkspace_directory_2sv_enrolled", "pass", f"alice@{_DOMAIN}"),
    ExpectedAtWorkspace("googleworkspace_directory_2sv_enrolled", "fail", f"bob@{_DOMAIN}"),
    ExpectedAtWorkspace("googleworkspace_directory_inactive_users_suspended", "fail", f"carol@{_DOMAIN}"),
    ExpectedAtWorkspace("googleworkspace_directory_super_admin_count", "pass"),
    ExpectedAtWorkspace("googleworkspace_policy_2sv_enforced", "fail"),
    ExpectedAtWorkspace("googleworkspace_policy_password_strong", "pass"),
    ExpectedAtWorkspace("googleworkspace_policy_drive_external_sharing_restricted", "pass"),
    ExpectedAtWorkspace("googleworkspace_policy_gmail_auto_forwarding_off", "fail"),
    ExpectedAtWorkspace("googleworkspace_policy_less_secure_apps_off", "pass"),
    ExpectedAtWorkspace("googleworkspace_policy_session_length_limited", "unknown"),
    ExpectedAtWorkspace("googleworkspace_domain_email_spf_dkim_dmarc", "fail", _DOMAIN),
    ExpectedAtWorkspace("googleworkspace_device_endpoints_encrypted_and_current", "pass", "devices/laptop-alice"),
    ExpectedAtWorkspace("googleworkspace_device_endpoints_encrypted_and_current", "fail", "devices/laptop-dave"),
)


def _users(day: datetime) -> Iterator[Json]:
    """Yield the people; bob administers everything and has no second factor, carol left and was forgotten."""
    yield _user(day, "5001", "alice", isAdmin=True)
    yield _user(day, "5002", "bob", isAdmin=True, isEnrolledIn2Sv=False, isEnforcedIn2Sv=False)
    yield _user(day, "5003", "carol", last=210)
    yield _user(day, "5004", "dave", orgUnitPath="/Sales")
    yield _user(day, "5005", "erin", last=300, suspended=True)
    yield _user(day, "5009", "annexd", isAdmin=True, isMailboxSetup=False)


def _user(day: datetime, user: str, name: str, *, last: float = 1, **but: Any) -> Json:  # noqa: ANN401  JSON
    return {
        "kind": "admin#directory#user",
        "id": user,
        "primaryEmail": f"{name}@{_DOMAIN}",
        "orgUnitPath": "/",
        "customerId": CUSTOMER,
        "suspended": False,
        "archived": False,
        "isAdmin": False,
        "isDelegatedAdmin": False,
        "isEnrolledIn2Sv": True,
        "isEnforcedIn2Sv": True,
        "isMailboxSetup": True,
        "agreedToTerms": True,
        "creationTime": _written(day - timedelta(days=800)),
        "lastLoginTime": _written(day - timedelta(days=last)),
    } | but


def _units() -> Iterator[Json]:
    root = {"kind": "admin#directory#orgUnit", "name": "Acme", "orgUnitPath": "/", "orgUnitId": f"id:{_ROOT}"}
    yield root
    yield root | {
        "name": "Sales",
        "orgUnitPath": "/Sales",
        "orgUnitId": f"id:{_SALES}",
        "parentOrgUnitId": f"id:{_ROOT}",
        "parentOrgUnitPath": "/",
    }


def _policies() -> Iterator[Json]:
    """Yield the settings; the company's own are good, and Sales has an exception that nobody remembers."""
    for service in ("gmail", "drive_and_docs", "calendar", "chat", "groups_for_business"):
        yield _policy(f"{service}.service_status", {"serviceState": "ENABLED"}, origin="SYSTEM", order=1.0)
    strong = {
        "minimumLength": 14,
        "allowedStrength": "STRONG",
        "allowReuse": False,
        "enforceRequirementsAtLogin": True,
    }
    yield _policy("security.password", strong)
    enforcement = "security.two_step_verification_enforcement"
    yield _policy(enforcement, {"enforcedFrom": "2025-01-01T00:00:00Z"})
    yield _policy(enforcement, {"enforcedFrom": "1970-01-01T00:00:00Z"}, unit=_SALES, order=202.0)
    yield _policy("gmail.auto_forwarding", {"enableAutoForwarding": False})
    yield _policy("gmail.auto_forwarding", {"enableAutoForwarding": True}, unit=_SALES, order=202.0)
    yield _policy("drive_and_docs.external_sharing", {"externalSharingMode": "ALLOWLISTED_DOMAINS"})


def _policy(setting: str, value: Json, *, unit: str = _ROOT, order: float = 201.0, origin: str = "ADMIN") -> Json:
    return {
        "name": f"policies/{setting}-{unit}-{origin.lower()}",
        "customer": f"customers/{CUSTOMER}",
        "policyQuery": {
            "query": f"entity.org_units.exists(org_unit, org_unit.org_unit_id == orgUnitId('{unit}'))",
            "orgUnit": f"orgUnits/{unit}",
            "sortOrder": order,
        },
        "setting": {"type": f"settings/{setting}", "value": value},
        "type": origin,
    }


def _devices(day: datetime) -> Iterator[Json]:
    for name, state in (("alice", "ENCRYPTED"), ("dave", "NOT_ENCRYPTED")):
        yield {
            "name": f"devices/laptop-{name}",
            "deviceType": "MAC_OS",
            "ownerType": "COMPANY",
            "model": "MacBook Pro",
            "encryptionState": state,
            "lastSyncTime": _written(day - timedelta(days=1)),
        }


def _activity(day: datetime) -> Json:
    when = _written(day - timedelta(days=3))
    return {
        "kind": "admin#reports#activity",
        "id": {"time": when, "uniqueQualifier": "-4711", "applicationName": "admin", "customerId": CUSTOMER},
        "actor": {"callerType": "USER", "email": f"bob@{_DOMAIN}", "profileId": "5002"},
        "events": [{"type": "USER_SETTINGS", "name": "SUSPEND_USER"}],
    }


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
