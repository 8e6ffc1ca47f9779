"""Constraints, duties, federation, use of accounts, and what is asked beside the daily business."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Check, Status
from collector.core.environments import suspects
from connectors.gcp.accessapproval import settings as approval
from connectors.gcp.binaryauthorization import policy as images
from connectors.gcp.cloudasset import labels
from connectors.gcp.compute import backend_services
from connectors.gcp.dns import zones
from connectors.gcp.iam import activity, duty_checks, workload_identity
from connectors.gcp.iam.resources import CustomRole, RolePowers, ServiceAccount
from connectors.gcp.kms.keys import CryptoKey
from connectors.gcp.logging.resources import ProjectSink
from connectors.gcp.orgpolicy import policies
from connectors.gcp.resourcemanager.resources import Project
from connectors.gcp.secretmanager import secrets
from connectors.gcp.securitycenter import findings
from connectors.gcp.serverless import checks as serverless_checks
from connectors.gcp.serverless.resources import Function, Service
from connectors.gcp.storage import checks as storage_checks
from connectors.gcp.storage.buckets import Bucket
from tests.connectors.gcp import bodies
from tests.connectors.gcp.bodies import Json
from tests.connectors.gcp.judging import FOLDER, NOBODY_ABOVE, UNREAD, a_container, a_project, seen
from tests.connectors.github.judging import FAIL, NOTHING, PASS, UNKNOWN, CompleteSet, status, unread, view

ENFORCED = {"enforce": True}
TAGGED = {"condition": {"expression": "resource.matchTag('1/env', 'prod')"}}
BASELINE = ("compute.requireOsLogin",)


def in_force(*pairs: tuple[str, list[Json]]) -> CompleteSet:
    """Return constraints with their rules."""
    found = (bodies.effective_policy(name, *rules) | {"constraint": name} for name, rules in pairs)
    return CompleteSet(*(seen(policies.EffectivePolicy, each) for each in found))


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([ENFORCED], PASS),
        ([], FAIL),
        ([{"enforce": False}], FAIL),
        ([{**ENFORCED, **TAGGED}], UNKNOWN),
        ([ENFORCED, {"enforce": False, **TAGGED}], UNKNOWN),
        ([{"enforce": False}, {**ENFORCED, **TAGGED}], UNKNOWN),
        ([ENFORCED, {**ENFORCED, **TAGGED}], PASS),
    ],
)
def test_constraints_are_in_force(rules: list[Json], expected: Status) -> None:
    """For everything in the project, not for what has a tag."""
    found = in_force((BASELINE[0], rules))

    assert status(policies.baseline_enforced, found, constraints=BASELINE) is expected
    assert status(policies.baseline_enforced, UNREAD, constraints=BASELINE) is UNKNOWN
    assert status(policies.baseline_enforced, found, constraints=("compute.other",)) is UNKNOWN


def test_a_constraint_that_google_made_anew_counts() -> None:
    """Whoever uses the new one has no use for the old."""
    old, new = "iam.disableServiceAccountKeyCreation", "iam.managed.disableServiceAccountKeyCreation"

    assert status(policies.baseline_enforced, in_force((old, []), (new, [ENFORCED])), constraints=(old,)) is PASS
    assert status(policies.baseline_enforced, in_force((old, []), (new, [])), constraints=(old,)) is FAIL


OWN = {"values": {"allowedValues": ["C01"]}}


@pytest.mark.parametrize(
    ("domains", "members", "limits", "expected"),
    [
        ([OWN], [], {}, PASS),
        ([{"values": {"allowedValues": ["is:C01"]}}], [], {}, PASS),
        ([], [], {}, FAIL),
        ([{"allowAll": True}], [], {}, FAIL),
        ([{"denyAll": True}], [], {}, PASS),
        ([{"values": {"allowedValues": ["C01", "C99"]}}], [], {}, UNKNOWN),
        ([{"values": {"allowedValues": ["C01", "C99"]}}], [], {"allowed_customers": ("C01",)}, FAIL),
        ([{"values": {"allowedValues": ["C01", "C99"]}}], [], {"allowed_customers": ("C01", "C99")}, PASS),
        ([{**OWN, **TAGGED}], [], {}, UNKNOWN),
        ([], [ENFORCED], {}, UNKNOWN),
    ],
)
def test_sharing_is_for_the_companys_own(
    domains: list[Json], members: list[Json], limits: Json, expected: Status
) -> None:
    """By the customer id of the organization, unless the company names others."""
    found = in_force(("iam.allowedPolicyMemberDomains", domains), ("iam.managed.allowedPolicyMembers", members))
    above = CompleteSet(FOLDER, a_container_of_customer("C01"))

    assert status(policies.domain_restricted_sharing, a_project(), found, above, **limits) is expected
    assert status(policies.domain_restricted_sharing, a_project(), UNREAD, above, **limits) is UNKNOWN


def a_container_of_customer(customer: str) -> Any:
    """Return the organization with its customer id."""
    import msgspec

    return msgspec.structs.replace(a_container(), directory_customer_id=customer)


@pytest.mark.parametrize(
    ("rules", "limits", "expected"),
    [
        ([], {}, FAIL),
        ([{"allowAll": True}], {}, FAIL),
        ([{"values": {"deniedValues": ["us-east1"]}}], {}, FAIL),
        ([{"values": {"allowedValues": ["europe-west3"]}}], {}, UNKNOWN),
        ([{"values": {"allowedValues": ["europe-west3"]}}], {"allowed_locations": ("europe-west3",)}, PASS),
        ([{"values": {"allowedValues": ["us-east1"]}}], {"allowed_locations": ("europe-west3",)}, FAIL),
        ([{"values": {"allowedValues": ["in:eu-locations"]}}], {"allowed_locations": ("in:eu-locations",)}, PASS),
        ([{"values": {"allowedValues": ["in:eu-locations"]}}], {"allowed_locations": ("europe-west3",)}, UNKNOWN),
        (
            [{"values": {"allowedValues": ["europe-west3"]}, **TAGGED}],
            {"allowed_locations": ("europe-west3",)},
            UNKNOWN,
        ),
    ],
)
def test_locations_are_approved(rules: list[Json], limits: Json, expected: Status) -> None:
    """By the company; a group of locations is not taken apart."""
    found = in_force(("gcp.resourceLocations", rules))

    assert status(policies.resource_locations_restricted, found, **limits) is expected
    assert status(policies.resource_locations_restricted, UNREAD) is UNKNOWN


ACT = "iam.serviceAccounts.actAs"
SHARE = "iam.serviceAccounts.setIamPolicy"
DECRYPT = "cloudkms.cryptoKeyVersions.useToDecrypt"
DESTROY = "cloudkms.cryptoKeyVersions.destroy"
ROLES = view(
    RolePowers,
    roles={
        "roles/viewer": [],
        "roles/iam.serviceAccountUser": [ACT],
        "roles/iam.serviceAccountAdmin": [SHARE],
        "roles/cloudkms.admin": [DESTROY],
        "roles/cloudkms.cryptoKeyDecrypter": [DECRYPT],
        "roles/owner": [ACT, SHARE, DESTROY],
    },
)
CUSTOM = CompleteSet(seen(CustomRole, bodies.role("projects/acme-prod/roles/both", ACT, SHARE)))
ABOVE = CompleteSet(*NOBODY_ABOVE)
ADA, BO = "user:ada@acme.example", "user:bo@acme.example"
CREW = "group:crew@acme.example"
USE, MANAGE = "roles/iam.serviceAccountUser", "roles/iam.serviceAccountAdmin"
AGENT = "serviceAccount:service-1@gcp-sa-run.iam.gserviceaccount.com"


@pytest.mark.parametrize(
    ("granted", "expected"),
    [
        ([], PASS),
        ([(USE, ADA)], FAIL),
        ([(USE, CREW)], FAIL),
        ([(USE, "serviceAccount:ci@acme-prod.iam.gserviceaccount.com")], PASS),
        ([("projects/acme-prod/roles/both", ADA)], FAIL),
        ([("roles/viewer", ADA)], PASS),
        ([("roles/unheard", ADA)], UNKNOWN),
        ([("roles/owner", ADA)], PASS),  # judged by gcp_iam_no_primitive_roles
    ],
)
def test_nobody_is_every_service_account(granted: list[tuple[str, str]], expected: Status) -> None:
    """By what a role allows, here or above."""
    check = duty_checks.no_project_wide_sa_user

    assert status(check, a_project(*granted), ABOVE, ROLES, CUSTOM) is expected
    assert (
        status(check, a_project(), CompleteSet(FOLDER, a_container("organizations/1", *granted)), ROLES, CUSTOM)
        is expected
    )
    if expected is PASS:
        assert status(check, a_project(*granted), UNREAD, ROLES, CUSTOM) is UNKNOWN


@pytest.mark.parametrize(
    ("granted", "expected"),
    [
        ([], PASS),
        ([(USE, ADA), (MANAGE, BO)], PASS),
        ([(USE, ADA), (MANAGE, ADA)], FAIL),
        ([("projects/acme-prod/roles/both", ADA)], FAIL),
        ([(USE, CREW), (MANAGE, ADA)], UNKNOWN),
        ([(USE, CREW)], PASS),
        ([(USE, CREW), (MANAGE, CREW)], FAIL),
        ([(USE, AGENT), (MANAGE, AGENT)], PASS),
        ([(USE, ADA), ("roles/unheard", BO)], UNKNOWN),
    ],
)
def test_duties_of_service_accounts_are_apart(granted: list[tuple[str, str]], expected: Status) -> None:
    """Who is in a group is not read."""
    check = duty_checks.service_account_duties

    assert status(check, a_project(*granted), ABOVE, ROLES, CUSTOM) is expected
    if expected is PASS:
        assert status(check, a_project(*granted), UNREAD, ROLES, CUSTOM) is UNKNOWN


@pytest.mark.parametrize(
    ("here", "on_key", "expected"),
    [
        ([("roles/cloudkms.admin", ADA)], [], PASS),
        ([("roles/cloudkms.admin", ADA), ("roles/cloudkms.cryptoKeyDecrypter", ADA)], [], FAIL),
        ([("roles/cloudkms.admin", ADA)], [("roles/cloudkms.cryptoKeyDecrypter", ADA)], FAIL),
        ([("roles/cloudkms.admin", ADA)], [("roles/cloudkms.cryptoKeyDecrypter", BO)], PASS),
        ([("roles/cloudkms.admin", ADA)], [("roles/cloudkms.cryptoKeyDecrypter", CREW)], UNKNOWN),
    ],
)
def test_duties_of_keys_are_apart(here: list[tuple[str, str]], on_key: list[tuple[str, str]], expected: Status) -> None:
    """Also where one of them is granted on a single key."""
    key = seen(CryptoKey, bodies.crypto_key(), policy=bodies.policy(*on_key), ringPolicy=bodies.policy())
    check = duty_checks.kms_duties

    assert status(check, a_project(*here), ABOVE, ROLES, CUSTOM, CompleteSet(key)) is expected
    assert status(check, a_project(*here), ABOVE, ROLES, CUSTOM, UNREAD) is UNKNOWN


@pytest.mark.parametrize(
    ("shown", "disabled", "expected"),
    [
        (bodies.activity(days=90), False, PASS),
        (bodies.activity(days=92), False, FAIL),
        (bodies.activity(days=92), True, PASS),
        (bodies.activity(days=None), False, FAIL),
        (bodies.activity(days=None, watched=60), False, UNKNOWN),
        (bodies.activity("other"), False, UNKNOWN),
        (bodies.activity(activityType="serviceAccountKeyLastAuthentication"), False, UNKNOWN),
    ],
)
def test_accounts_that_nobody_uses_are_off(shown: Json, disabled: bool, expected: Status) -> None:
    """What Google has not looked at for long enough shows nothing."""
    account = seen(ServiceAccount, bodies.account(disabled=disabled), keys=[])
    found = CompleteSet(seen(activity.AccountActivity, shown))

    assert status(activity.unused_disabled, account, found) is expected
    assert status(activity.unused_disabled, account, UNREAD) is (PASS if disabled else UNKNOWN)


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"attributeCondition": ""}, FAIL),
        ({"attributeCondition": " true "}, FAIL),
        ({"attributeCondition": "", "aws": {"accountId": "111122223333"}}, PASS),
        ({"attributeCondition": "", "disabled": True}, NOTHING),
        ({"attributeCondition": "", "state": "DELETED"}, NOTHING),
        ({"attributeCondition": "", "poolDisabled": True}, NOTHING),
    ],
)
def test_not_everybody_of_an_issuer_may_federate(but: Json, expected: Status) -> None:
    """The issuer of a forge gives a token to whoever has a repository there."""
    shown = {"poolDisabled": False, **bodies.provider(**but)}

    assert status(workload_identity.has_condition, seen(workload_identity.Provider, shown)) is expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"dnssecConfig": {"state": "off"}}, FAIL),
        ({"dnssecConfig": {}}, FAIL),
        ({"dnssecConfig": {"state": "on", "defaultKeySpecs": [{"algorithm": "rsasha1"}]}}, FAIL),
        ({"dnssecConfig": {"state": "transfer"}}, UNKNOWN),
        ({"visibility": "private", "dnssecConfig": {}}, NOTHING),
    ],
)
def test_public_zones_are_signed(but: Json, expected: Status) -> None:
    """With algorithms that hold."""
    assert status(zones.dnssec_enabled, seen(zones.Zone, bodies.zone(**but))) is expected


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([bodies.secret_version(days=90)], PASS),
        ([bodies.secret_version(days=91)], FAIL),
        ([bodies.secret_version(days=300), bodies.secret_version("2", days=3)], PASS),
        ([bodies.secret_version(days=300), bodies.secret_version("2", days=3, state="DISABLED")], FAIL),
        ([bodies.secret_version(state="DESTROYED")], NOTHING),
        ([], NOTHING),
    ],
)
def test_secrets_have_a_new_version(versions: list[Json], expected: Status) -> None:
    """A period of rotation only sends messages."""
    stored = bodies.stored_secret(rotation={"rotationPeriod": "2592000s"})

    assert status(secrets.rotated, seen(secrets.StoredSecret, stored, versions=versions)) is expected


@pytest.mark.parametrize(("days", "expected"), [(30, PASS), (31, FAIL)])
def test_findings_are_handled(days: float, expected: Status) -> None:
    """In time."""
    assert status(findings.handled, seen(findings.SecurityFinding, bodies.finding(days=days))) is expected


def test_resources_have_an_owner() -> None:
    """By the labels that the company asks for; an empty one says nothing."""
    check, kind = labels.owner_present, labels.LabelledResource

    assert status(check, seen(kind, bodies.labelled())) is PASS
    assert status(check, seen(kind, bodies.labelled(labels={"owner": ""}))) is FAIL
    assert status(check, seen(kind, bodies.labelled(labels={}))) is FAIL
    assert status(check, seen(kind, bodies.labelled()), required_labels=("owner", "cost")) is FAIL


def test_the_inventory_is_on() -> None:
    """In projects that are not being deleted."""
    on = {"services": ["cloudasset.googleapis.com"], "path": []}

    assert status(labels.inventory_enabled, seen(Project, bodies.project(), **on)) is PASS
    assert status(labels.inventory_enabled, seen(Project, bodies.project(), **{**on, "services": []})) is FAIL
    assert status(labels.inventory_enabled, seen(Project, bodies.project(state="DELETE_REQUESTED"), **on)) is NOTHING


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (None, FAIL),
        ({}, FAIL),
        ({"enrolledServices": [{"cloudProduct": "all"}]}, PASS),
        ({"enrolledAncestor": True}, PASS),
    ],
)
def test_google_asks_before_it_looks(shown: Json | None, expected: Status) -> None:
    """By the project or by what is above it."""
    project = seen(approval.AccessApproval, {"name": "projects/acme-prod", "settings": shown})

    none = CompleteSet(seen(approval.OrganizationApproval, {"name": "organizations/1", "settings": None}))

    assert status(approval.enabled, project, none) is expected


@pytest.mark.parametrize(
    ("products", "expected"), [([], PASS), (["all"], PASS), (["GA", "BigQuery"], PASS), (["BigQuery"], UNKNOWN)]
)
def test_an_organization_may_enrol_some_services(products: list[str], expected: Status) -> None:
    """Access Approval API, enrolledServices: folders and projects have all or nothing, an organization may choose."""
    shown = {"enrolledServices": [{"cloudProduct": each} for each in products]}
    above = CompleteSet(seen(approval.OrganizationApproval, {"name": "organizations/1", "settings": shown}))
    inherits = seen(approval.AccessApproval, {"name": "projects/acme-prod", "settings": {"enrolledAncestor": True}})
    own = {"name": "projects/acme-prod", "settings": {"enrolledServices": [{"cloudProduct": "all"}]}}

    assert status(approval.enabled, inherits, above) is expected
    assert status(approval.enabled, inherits, UNREAD) is UNKNOWN
    assert status(approval.enabled, seen(approval.AccessApproval, own), UNREAD) is PASS


OPEN_RULE = {"evaluationMode": "ALWAYS_ALLOW", "enforcementMode": "ENFORCED_BLOCK_AND_AUDIT_LOG"}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (bodies.image_policy(), PASS),
        (bodies.image_policy("ALWAYS_DENY"), PASS),
        (bodies.image_policy("ALWAYS_ALLOW"), FAIL),
        (
            bodies.image_policy(
                defaultAdmissionRule={
                    **OPEN_RULE,
                    "evaluationMode": "REQUIRE_ATTESTATION",
                    "enforcementMode": "DRYRUN_AUDIT_LOG_ONLY",
                }
            ),
            FAIL,
        ),
        (bodies.image_policy(clusterAdmissionRules={"europe-west3.main": OPEN_RULE}), FAIL),
        (bodies.image_policy(kubernetesNamespaceAdmissionRules={"tools": OPEN_RULE}), FAIL),
        (bodies.image_policy(admissionWhitelistPatterns=[{"namePattern": "gcr.io/google_containers/*"}]), PASS),
        (bodies.image_policy(admissionWhitelistPatterns=[{"namePattern": "**"}]), FAIL),
    ],
)
def test_only_attested_images_run(policy: Json, expected: Status) -> None:
    """By the default rule, and by none that lets pass what that one stops."""
    none: CompleteSet = CompleteSet()

    assert status(images.enforced, seen(images.ImagePolicy, policy), none, none) is expected


@pytest.mark.parametrize("scheme", ["EXTERNAL", "EXTERNAL_MANAGED", "INTERNAL_MANAGED"])
def test_backends_that_are_reached_from_outside(scheme: str) -> None:
    """Log requests and have a policy; the others are not judged."""
    kind, outside = backend_services.BackendService, scheme != "INTERNAL_MANAGED"
    good = seen(kind, bodies.backend_service(loadBalancingScheme=scheme), place="p")
    bare = seen(kind, bodies.backend_service(loadBalancingScheme=scheme, logConfig={}, securityPolicy=""), place="p")

    for check in (backend_services.logging_enabled, backend_services.armor_policy_attached):
        assert status(check, good) is (PASS if outside else NOTHING)
        assert status(check, bare) is (FAIL if outside else NOTHING)
    approved = status(backend_services.armor_policy_attached, bare, approved_without_policy=("api",))
    assert approved is (PASS if outside else NOTHING)


@pytest.mark.parametrize(
    ("variables", "found", "expected"),
    [
        ({}, [], PASS),
        ({"MODE": "production"}, [], UNKNOWN),
        ({"A": "AKIAIOSFODNN7EXAMPL2"}, ["A"], FAIL),
        ({"DB_PASSWORD": "hunter2hunter2"}, ["DB_PASSWORD"], FAIL),
        ({"DB_PASSWORD": ""}, [], PASS),
    ],
)
def test_environments_hold_no_secrets(variables: dict[str, str], found: list[str], expected: Status) -> None:
    """What does not look like one may be one, so that an environment never passes for that."""
    looked = suspects(variables.items())
    plain = sum(1 for value in variables.values() if value)
    counted = {"plainVariables": plain, "suspectVariables": looked}
    function = seen(Function, bodies.function(), invokers={"policy": {}}, **counted)
    service = seen(Service, bodies.run_service(), policy={}, **counted)

    assert looked == found
    assert status(serverless_checks.function_env, function) is expected
    assert status(serverless_checks.service_env, service) is expected


def a_bucket(**but: Any) -> Bucket:
    """Return a bucket."""
    return seen(Bucket, bodies.bucket(**but), policy=bodies.bucket_policy())


def test_how_buckets_are_kept() -> None:
    """Uniform access, deleted data, and rules of deletion."""
    fine_grained = {"publicAccessPrevention": "inherited", "uniformBucketLevelAccess": {"enabled": False}}
    none = {"retentionDurationSeconds": "0"}

    assert status(storage_checks.uniform_access, a_bucket()) is PASS
    assert status(storage_checks.uniform_access, a_bucket(iamConfiguration=fine_grained)) is FAIL
    assert status(storage_checks.recoverable, a_bucket()) is PASS
    assert status(storage_checks.recoverable, a_bucket(softDeletePolicy=none)) is FAIL
    assert status(storage_checks.recoverable, a_bucket(softDeletePolicy=None)) is FAIL
    assert status(storage_checks.recoverable, a_bucket(softDeletePolicy=none, versioning={"enabled": True})) is PASS
    assert status(storage_checks.recoverable, a_bucket(), soft_delete_days=8) is FAIL
    assert status(storage_checks.lifecycle_configured, a_bucket()) is FAIL
    assert status(storage_checks.lifecycle_configured, a_bucket(lifecycle={"rule": []})) is FAIL
    assert status(storage_checks.lifecycle_configured, a_bucket(lifecycle={"rule": [{"action": {}}]})) is PASS
    assert status(storage_checks.lifecycle_configured, a_bucket(retentionPolicy={"retentionPeriod": "1"})) is PASS


YEAR = str(365 * 86_400)


@pytest.mark.parametrize(
    ("retention", "expected"),
    [
        ({"retentionPeriod": YEAR, "isLocked": True}, PASS),
        ({"retentionPeriod": YEAR}, FAIL),
        ({"retentionPeriod": "86400", "isLocked": True}, FAIL),
        (None, FAIL),
    ],
)
def test_buckets_of_logs_are_locked(retention: Json | None, expected: Status) -> None:
    """Those that sinks of any level send to."""
    check, none = storage_checks.sink_bucket_locked, CompleteSet()
    bucket = CompleteSet(a_bucket(name="acme-logs", retentionPolicy=retention), a_bucket())
    own = CompleteSet(seen(ProjectSink, bodies.sink()))
    above = CompleteSet(FOLDER, a_container(sinks=(bodies.sink(),)))

    assert status(check, own, none, bucket, none) is expected
    assert status(check, none, above, bucket, none) is expected
    assert status(check, own, none, none, none) is UNKNOWN
    assert status(check, none, none, bucket, none) is NOTHING
    assert status(check, own, UNREAD, bucket, none) is UNKNOWN
    assert status(check, CompleteSet(seen(ProjectSink, bodies.sink(disabled=True))), none, bucket, none) is NOTHING


@pytest.mark.parametrize(
    ("check", "evidence"),
    [
        (zones.dnssec_enabled, (unread(zones.Zone),)),
        (secrets.rotated, (unread(secrets.StoredSecret),)),
        (findings.handled, (unread(findings.SecurityFinding),)),
        (labels.owner_present, (unread(labels.LabelledResource),)),
        (labels.inventory_enabled, (unread(Project),)),
        (approval.enabled, (unread(approval.AccessApproval), CompleteSet())),
        (images.enforced, (unread(images.ImagePolicy), CompleteSet(), CompleteSet())),
        (backend_services.logging_enabled, (unread(backend_services.BackendService),)),
        (backend_services.armor_policy_attached, (unread(backend_services.BackendService),)),
        (workload_identity.has_condition, (unread(workload_identity.Provider),)),
        (storage_checks.uniform_access, (unread(Bucket),)),
        (storage_checks.recoverable, (unread(Bucket),)),
        (storage_checks.lifecycle_configured, (unread(Bucket),)),
    ],
)
def test_what_was_not_read_decides_nothing(check: Check[...], evidence: tuple[Any, ...]) -> None:
    """Neither good nor bad."""
    assert status(check, *evidence) is UNKNOWN
