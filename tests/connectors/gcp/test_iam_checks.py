"""Who is granted what, by all levels together."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Check, Status
from connectors.gcp._iam.policies import is_google_agent
from connectors.gcp.iam import grant_checks, key_checks
from connectors.gcp.iam.resources import CustomRole, ProjectPolicy, RolePowers, ServiceAccount
from tests.connectors.gcp import bodies
from tests.connectors.gcp.judging import NOBODY_ABOVE, UNREAD, a_container, a_project, seen
from tests.connectors.github.judging import FAIL, NOTHING, PASS, UNKNOWN, CompleteSet, status, unread, verdict, view

ADA = "user:ada@acme.example"
ABOVE = CompleteSet(*NOBODY_ABOVE)


def above(*bindings: tuple[str, str], **but: Any) -> CompleteSet:
    """Return the folder, and an organization that grants something."""
    return CompleteSet(NOBODY_ABOVE[0], a_container("organizations/1", *bindings, **but))


@pytest.mark.parametrize(
    ("member", "limits", "expected"),
    [
        (ADA, {}, PASS),  # Google names the organization by its domain
        ("user:ada@ACME.example", {}, PASS),
        ("user:bo@gmail.com", {}, FAIL),
        ("user:bo@other.example", {}, FAIL),
        ("user:bo@other.example", {"allowed_domains": ("other.example",)}, PASS),
        (ADA, {"allowed_domains": ("other.example",)}, FAIL),
        ("user:bo@gmail.com", {"allowed_domains": ("gmail.com",)}, FAIL),
        ("group:all@acme.example", {}, UNKNOWN),
        ("group:all@other.example", {}, FAIL),
        ("domain:acme.example", {}, PASS),
        ("domain:other.example", {}, FAIL),
        ("serviceAccount:a@other.iam.gserviceaccount.com", {}, PASS),
        ("deleted:user:bo@gmail.com?uid=1", {}, PASS),
    ],
)
def test_people_are_of_the_company(member: str, limits: dict[str, Any], expected: Status) -> None:
    """Wherever the role is granted."""
    granted = ("roles/viewer", member)

    assert status(grant_checks.no_consumer_accounts, a_project(granted), ABOVE, **limits) is expected
    assert status(grant_checks.no_consumer_accounts, a_project(), above(granted), **limits) is expected


def test_whose_domains_are_the_companys_has_to_be_known() -> None:
    """A source of single projects does not see the organization's."""
    alone = a_project(("roles/viewer", ADA), above=())

    assert status(grant_checks.no_consumer_accounts, alone, UNREAD) is UNKNOWN
    assert status(grant_checks.no_consumer_accounts, a_project(("roles/viewer", "user:a@gmail.com")), UNREAD) is FAIL


EACH_GRANT = [
    grant_checks.no_consumer_accounts,
    grant_checks.no_public_bindings,
    grant_checks.no_primitive_roles,
    grant_checks.audit_logs_all_services,
]


@pytest.mark.parametrize("check", EACH_GRANT)
def test_what_is_inherited_has_to_be_known(check: Check[...]) -> None:
    """A project that is good by itself may not be by what is above it."""
    project = a_project(("roles/viewer", ADA), auditConfigs=bodies.audit_configs())

    assert status(check, project, ABOVE) is PASS
    assert status(check, project, UNREAD) is UNKNOWN
    assert status(check, project, CompleteSet(NOBODY_ABOVE[0])) is UNKNOWN
    assert status(check, unread(ProjectPolicy), ABOVE) is UNKNOWN
    assert (
        status(check, project, CompleteSet(a_container("folders/99", ("roles/owner", "allUsers")), *NOBODY_ABOVE))
        is PASS
    )


@pytest.mark.parametrize("member", ["allUsers", "allAuthenticatedUsers"])
def test_everybody_holds_nothing(member: str) -> None:
    """Not under a condition either, which may be that it is Tuesday."""
    check, granted = grant_checks.no_public_bindings, ("roles/browser", member)
    conditional = {"role": "roles/browser", "members": [member], "condition": {"expression": "true", "title": "t"}}

    assert status(check, a_project(granted), UNREAD) is FAIL
    assert status(check, a_project(), above(granted)) is FAIL
    assert status(check, a_project(bindings=[conditional]), ABOVE) is FAIL


@pytest.mark.parametrize(
    ("granted", "expected"),
    [
        ([], PASS),
        ([("roles/owner", f"user:{name}@acme.example") for name in "abc"], PASS),
        ([("roles/owner", f"user:{name}@acme.example") for name in "abcd"], FAIL),
        ([("roles/owner", "user:a@acme.example")] * 4, PASS),
        ([("roles/owner", "group:owners@acme.example")], UNKNOWN),
        ([("roles/editor", ADA)], FAIL),
        ([("roles/editor", "group:all@acme.example")], FAIL),
        ([("roles/editor", "serviceAccount:1@cloudservices.gserviceaccount.com")], PASS),
    ],
)
def test_basic_roles_are_few(granted: list[tuple[str, str]], expected: Status) -> None:
    """Owners of the organization own the project too."""
    assert status(grant_checks.no_primitive_roles, a_project(*granted), ABOVE) is expected
    assert status(grant_checks.no_primitive_roles, a_project(), above(*granted)) is expected


def test_owners_of_all_levels_are_counted_together() -> None:
    """Two here and two above are four."""
    two = [("roles/owner", "user:a@acme.example"), ("roles/owner", "user:b@acme.example")]
    others = [("roles/owner", "user:c@acme.example"), ("roles/owner", "user:d@acme.example")]

    assert status(grant_checks.no_primitive_roles, a_project(*two), above(*others)) is FAIL
    assert status(grant_checks.no_primitive_roles, a_project(*two), above(*two)) is PASS
    assert status(grant_checks.no_primitive_roles, a_project(*two), above(*others), max_owners=4) is PASS


ROBOT = "serviceAccount:ci@acme-prod.iam.gserviceaccount.com"
AGENT = "serviceAccount:service-1@gcp-sa-run.iam.gserviceaccount.com"
ROLES = view(
    RolePowers,
    roles={
        "roles/viewer": [],
        "roles/owner": ["resourcemanager.projects.setIamPolicy"],
        "roles/logging.admin": [],
        "roles/iam.securityAdmin": ["resourcemanager.projects.setIamPolicy"],
        "roles/iam.serviceAccountUser": ["iam.serviceAccounts.actAs"],
    },
)
CUSTOM = CompleteSet(
    seen(CustomRole, bodies.role("projects/acme-prod/roles/myAdmin", "run.services.get")),
    seen(CustomRole, bodies.role("projects/acme-prod/roles/helper", "storage.buckets.setIamPolicy")),
)


@pytest.mark.parametrize(
    ("role", "member", "expected"),
    [
        ("roles/viewer", ROBOT, PASS),
        ("roles/editor", ROBOT, FAIL),
        ("roles/owner", ROBOT, FAIL),
        ("roles/logging.admin", ROBOT, FAIL),  # by its name, as Google uses it
        ("roles/iam.serviceAccountUser", ROBOT, FAIL),  # by what it allows
        ("projects/acme-prod/roles/myAdmin", ROBOT, PASS),  # a custom role may be called anything
        ("projects/acme-prod/roles/helper", ROBOT, FAIL),
        ("projects/other/roles/unseen", ROBOT, UNKNOWN),
        ("roles/editor", AGENT, PASS),
        ("roles/editor", "serviceAccount:1-compute@developer.gserviceaccount.com", FAIL),
        ("roles/editor", "serviceAccount:service-1@acme-prod.iam.gserviceaccount.com", FAIL),
        ("roles/owner", "group:robots@acme.example", UNKNOWN),
        ("roles/viewer", "group:robots@acme.example", PASS),
        ("roles/owner", "user:ada@acme.example", PASS),
        ("roles/owner", "principalSet://cloudresourcemanager.googleapis.com/projects/1/type/ServiceAccount", FAIL),
    ],
)
def test_service_accounts_administer_nothing(role: str, member: str, expected: Status) -> None:
    """What a role is called counts for Google's own only; what it allows counts for all."""
    check = grant_checks.service_account_no_admin_role

    assert status(check, a_project((role, member)), ABOVE, ROLES, CUSTOM) is expected
    assert status(check, a_project(), above((role, member)), ROLES, CUSTOM) is expected


def test_what_roles_allow_has_to_be_known() -> None:
    """Without the roles nothing passes."""
    check = grant_checks.service_account_no_admin_role

    assert status(check, a_project(("roles/viewer", ROBOT)), ABOVE, unread(RolePowers), CUSTOM) is UNKNOWN
    assert status(check, a_project(("roles/viewer", ROBOT)), UNREAD, ROLES, CUSTOM) is UNKNOWN
    assert status(check, a_project(("roles/viewer", ROBOT)), ABOVE, ROLES, UNREAD) is UNKNOWN
    assert status(check, a_project(("roles/editor", ROBOT)), UNREAD, unread(RolePowers), UNREAD) is FAIL


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (AGENT, True),
        ("serviceAccount:1@cloudservices.gserviceaccount.com", True),
        ("serviceAccount:service-1@compute-system.iam.gserviceaccount.com", True),
        ("serviceAccount:1@cloudbuild.gserviceaccount.com", False),
        ("serviceAccount:acme@appspot.gserviceaccount.com", False),
        ("serviceAccount:service-1@acme-prod.iam.gserviceaccount.com", False),
        ("user:x@gcp-sa-run.iam.gserviceaccount.com", False),
    ],
)
def test_only_googles_own_accounts_are_its_agents(member: str, expected: bool) -> None:
    """The default accounts run what people deploy."""
    assert is_google_agent(member) is expected


@pytest.mark.parametrize(
    ("own", "inherited", "expected"),
    [
        (bodies.audit_configs(), [], PASS),
        ([], bodies.audit_configs(), PASS),
        (bodies.audit_configs()[:0], [], FAIL),
        (bodies.audit_configs("user:a@acme.example"), [], FAIL),
        (bodies.audit_configs(), bodies.audit_configs("user:a@acme.example"), FAIL),
        (
            [{"service": "allServices", "auditLogConfigs": [{"logType": "DATA_READ"}, {"logType": "DATA_WRITE"}]}],
            [{"service": "allServices", "auditLogConfigs": [{"logType": "ADMIN_READ"}]}],
            PASS,
        ),
        ([{**bodies.audit_configs()[0], "service": "storage.googleapis.com"}], [], FAIL),
    ],
)
def test_audit_logs_are_on_for_all(own: list[Any], inherited: list[Any], expected: Status) -> None:
    """Configurations of all levels are joined, and so are their exemptions."""
    check = grant_checks.audit_logs_all_services

    assert status(check, a_project(auditConfigs=own), above(auditConfigs=inherited)) is expected


def test_annexd_only_reads() -> None:
    """It says of itself what it could do."""
    check, project = grant_checks.collector_read_only, bodies.policy()
    ancestry: list[Any] = []

    def holding(*held: str) -> ProjectPolicy:
        return seen(ProjectPolicy, {"name": "projects/p", "policy": project, "ancestry": ancestry, "held": list(held)})

    assert status(check, holding()) is PASS
    assert verdict(check, holding("storage.objects.get")).status is FAIL
    assert status(check, unread(ProjectPolicy)) is UNKNOWN


def an_account(*keys: bodies.Json) -> ServiceAccount:
    """Return a service account with keys."""
    return seen(ServiceAccount, bodies.account(), keys=list(keys))


@pytest.mark.parametrize(
    ("keys", "limits", "expected"),
    [
        ([], {}, PASS),
        ([bodies.key()], {}, FAIL),
        ([bodies.key(disabled=True)], {}, FAIL),
        ([bodies.key(validBeforeTime=bodies.ago(1))], {}, PASS),
        ([bodies.key("k9")], {"allowed_keys": ("k9",)}, PASS),
    ],
)
def test_nobody_keeps_keys(keys: list[Any], limits: dict[str, Any], expected: Status) -> None:
    """One that is disabled can be enabled; one that has ended cannot be used."""
    assert status(key_checks.no_user_keys, an_account(*keys), **limits) is expected
    assert status(key_checks.no_user_keys, unread(ServiceAccount)) is UNKNOWN


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([], NOTHING),
        ([bodies.key(days=90)], PASS),
        ([bodies.key(days=90.1)], FAIL),
        ([bodies.key(days=10), bodies.key("k2", days=400)], FAIL),
        ([bodies.key(days=400, disabled=True)], NOTHING),
        ([bodies.key(days=400, validBeforeTime=bodies.ago(1))], NOTHING),
        ([bodies.key(days=10, keyOrigin="USER_PROVIDED")], UNKNOWN),
        ([bodies.key(days=400, keyOrigin="USER_PROVIDED")], FAIL),
    ],
)
def test_keys_are_young(keys: list[Any], expected: Status) -> None:
    """The date of a certificate that somebody uploaded is whatever they wrote into it."""
    assert status(key_checks.key_rotated, an_account(*keys)) is expected
    assert status(key_checks.key_rotated, unread(ServiceAccount)) is UNKNOWN
