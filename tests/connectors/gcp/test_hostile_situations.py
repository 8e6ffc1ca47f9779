"""Situations that look well and are not, or the other way round: what Google documents, and other trackers report."""

from __future__ import annotations

import pytest

from collector.core.checks import Status
from connectors.gcp._iam.federation import narrows
from connectors.gcp.apikeys import keys as api_keys
from connectors.gcp.binaryauthorization import policy as images
from connectors.gcp.compute import instance_checks, network_checks
from connectors.gcp.compute.instances import ComputeProject, Instance, flags_of
from connectors.gcp.compute.networks import Network, Subnet
from connectors.gcp.gke import checks as gke_checks
from connectors.gcp.gke.clusters import Cluster
from connectors.gcp.iam import duty_checks, grant_checks, workload_identity
from connectors.gcp.iam.resources import RolePowers
from connectors.gcp.kms import keys
from connectors.gcp.logging.resources import LogBucket, ProjectSink
from connectors.gcp.orgpolicy import policies
from connectors.gcp.serverless.resources import Service
from connectors.gcp.sql import checks as sql_checks
from connectors.gcp.sql.instances import SqlInstance
from connectors.gcp.storage import checks as storage_checks
from connectors.gcp.storage.buckets import Bucket
from tests.connectors.gcp import bodies
from tests.connectors.gcp.bodies import Json
from tests.connectors.gcp.judging import FOLDER, NOBODY_ABOVE, UNREAD, a_container, a_project, seen
from tests.connectors.github.judging import FAIL, NOTHING, PASS, UNKNOWN, CompleteSet, status, view

NONE: CompleteSet = CompleteSet()
ABOVE = CompleteSet(*NOBODY_ABOVE)


def in_force(constraint: str, *rules: Json) -> policies.EffectivePolicy:
    """Return a constraint as it is in force."""
    return seen(policies.EffectivePolicy, bodies.effective_policy(constraint, *rules), constraint=constraint)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([{"values": {"deniedValues": ["C0evil"]}}], FAIL),  # only left out: everybody else may be granted something
        ([{"values": {"allowedValues": ["C01"], "deniedValues": ["C0evil"]}}], PASS),
        ([{"denyAll": True}], PASS),
    ],
)
def test_values_that_are_denied_allow_all_others(rules: list[Json], expected: Status) -> None:
    """Organization Policy, "Understanding constraints": a list of denied values allows what is not in it."""
    found = CompleteSet(
        in_force("iam.allowedPolicyMemberDomains", *rules), in_force("iam.managed.allowedPolicyMembers")
    )

    said = status(policies.domain_restricted_sharing, a_project(), found, ABOVE, allowed_customers=("C01",))

    assert said is expected


@pytest.mark.parametrize(
    ("role", "expected"), [("roles/writer", FAIL), ("roles/admin", FAIL), ("roles/reader", PASS), ("roles/owner", FAIL)]
)
def test_the_newer_basic_roles_are_basic_roles(role: str, expected: Status) -> None:
    """IAM, "Basic roles": Admin, Writer and Reader come in place of Owner, Editor and Viewer."""
    project = a_project(*((role, f"user:{name}@acme.example") for name in "abcd"))

    assert status(grant_checks.no_primitive_roles, project, ABOVE) is expected


def test_the_newer_basic_roles_are_judged_in_one_place() -> None:
    """Admin holds both duties, as Owner does, and a service account with Writer has an administrator's rights."""
    powers = view(RolePowers, roles={"roles/admin": ["iam.serviceAccounts.actAs", "iam.serviceAccountKeys.create"]})
    admin = a_project(("roles/admin", "user:ada@acme.example"))
    robot = a_project(("roles/writer", "serviceAccount:a@acme-prod.iam.gserviceaccount.com"))

    assert status(duty_checks.service_account_duties, admin, ABOVE, powers, NONE) is PASS
    assert status(grant_checks.service_account_no_admin_role, robot, ABOVE, powers, NONE) is FAIL


def test_people_of_a_workforce_pool_are_people() -> None:
    """IAM, "Principal identifiers": they sign in at another identity provider, which may know anybody."""
    pool = "principalSet://iam.googleapis.com/locations/global/workforcePools/partners/*"
    limits = {"allowed_domains": ("acme.example",)}

    assert status(grant_checks.no_consumer_accounts, a_project(("roles/viewer", pool)), ABOVE, **limits) is UNKNOWN
    assert status(grant_checks.no_consumer_accounts, a_project(), ABOVE, **limits) is PASS


MAPPED = {
    "google.subject": "assertion.sub",
    "attribute.owner": "assertion.repository_owner",
    "attribute.a": "assertion.aud",
}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("assertion.repository_owner == 'acme'", PASS),
        ("attribute.owner == 'acme' && assertion.ref == 'refs/heads/main'", PASS),
        ("(assertion.ref == 'a' || assertion.ref == 'b') && 'acme' == assertion['repository_owner']", PASS),
        ("assertion.repository in ['acme/api', 'acme/web']", PASS),
        ("google.subject.startsWith('repo:acme/')", PASS),
        ("assertion.email.endsWith('@acme.example')", PASS),
        ("assertion.repository == 'a||b'", PASS),
        ("'a' == 'a'", FAIL),
        ("assertion.ref == 'refs/heads/main'", FAIL),  # of whose repository
        ("attribute.a == 'https://acme.example'", FAIL),  # whoever asks for a token chooses its audience
        ("assertion.iss == 'https://token.actions.githubusercontent.com'", FAIL),
        ("assertion.repository_owner != ''", FAIL),
        ("assertion.repository_owner == 'acme' || true", FAIL),
        ("assertion.repository_owner == 'acme' || assertion.environment == 'prod'", FAIL),
        ("google.subject.startsWith('repo:')", UNKNOWN),
        ("google.subject.startsWith('repo:acme')", UNKNOWN),  # and acme-evil
        ("assertion.sub.matches('.*')", UNKNOWN),
        ("!(assertion.repository_owner == 'acme')", UNKNOWN),
        ("assertion.sub.contains('acme')", UNKNOWN),
        ("assertion.x == 'y' ? true : true", UNKNOWN),
    ],
)
def test_a_condition_says_whose_tokens_may_federate(condition: str, expected: Status) -> None:
    """terraform-google-github-actions-runners#156 had none; UnitOneAI/SecuritySkills#2492 takes a branch for enough.

    Any repository of GitHub has a branch of that name, and asks for a token with the audience that it likes.
    """
    body = {**bodies.provider(), "attributeCondition": condition, "attributeMapping": MAPPED, "poolDisabled": False}

    assert status(workload_identity.has_condition, seen(workload_identity.Provider, body)) is expected


@pytest.mark.parametrize("condition", ["", "(", ")(", "((()))", "&&", "||", "'", "assertion." * 50])
def test_any_condition_is_read_or_refused(condition: str) -> None:
    """It comes from outside."""
    assert narrows(condition, {}) in {False, None}


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({"enable_oslogin_2fa": "FALSE"}, FAIL),
        ({"enable_oslogin": "FALSE"}, FAIL),
        ({"enable_oslogin_2fa": "maybe"}, UNKNOWN),
        ({"enable_oslogin_2fa": "TRUE"}, PASS),
    ],
)
def test_an_instance_turns_the_second_factor_off(own: Json, expected: Status) -> None:
    """prowler-cloud/prowler#9839 and elastic/cloudbeat#3080: only the metadata of the project were looked at."""
    body = bodies.compute_project(enable_oslogin="TRUE", enable_oslogin_2fa="TRUE")
    project = seen(ComputeProject, body, flags=flags_of(body["commonInstanceMetadata"]))
    machine = bodies.instance(metadata=bodies.metadata(**own))
    instance = seen(Instance, machine, place="zones/a/instances/web-1", flags=flags_of(machine["metadata"]))

    assert status(instance_checks.os_login_2fa, project, CompleteSet(instance)) is expected
    assert status(instance_checks.os_login_2fa, project, UNREAD) is UNKNOWN


@pytest.mark.parametrize(
    ("logs", "expected"),
    [
        ({"enable": True}, PASS),
        ({"enable": True, "flowSampling": 0.0}, FAIL),
        ({"enable": True, "flowSampling": 0.1}, PASS),
        ({"enable": True, "filterExpr": "true"}, PASS),
        ({"enable": True, "filterExpr": "false"}, UNKNOWN),
    ],
)
def test_flow_logs_of_nothing_are_none(logs: Json, expected: Status) -> None:
    """Compute Engine API, subnetworks: 0.0 means that no logs are reported."""
    subnet = seen(Subnet, bodies.subnet(logConfig=logs), place="regions/europe-west3/subnetworks/main-eu")

    assert status(network_checks.flow_logs_enabled, subnet) is expected


def _ranges(first: int, number: int) -> list[str]:
    return [f"{first + each // 256}.{each % 256}.0.0/17" for each in range(number)]


def test_many_narrow_rules_are_a_wide_one() -> None:
    """Each is below the limit; together they let in more than it allows."""
    rules = [bodies.firewall(f"allow-{place}", sourceRanges=_ranges(20 + place, 10)) for place in range(10)]

    def judged(*found: Json) -> Status:
        network = seen(Network, bodies.network(), effective={"firewalls": list(found)}, regional=[])
        return status(network_checks.no_admin_ports_open, network)

    assert judged(rules[0]) is PASS
    assert judged(*rules) is FAIL
    assert judged(*({**rule, "disabled": True} for rule in rules)) is PASS


@pytest.mark.parametrize(
    ("but", "limits", "expected"),
    [
        ({}, {}, PASS),
        ({"dnsEndpointConfig": {"allowExternalTraffic": True}}, {}, FAIL),
        ({"dnsEndpointConfig": {"allowExternalTraffic": True}}, {"accept_dns_endpoint": True}, PASS),
        ({"ipEndpointsConfig": {"enabled": False}, "dnsEndpointConfig": {"allowExternalTraffic": True}}, {}, FAIL),
    ],
)
def test_a_name_leads_to_a_control_plane_too(but: Json, limits: Json, expected: Status) -> None:
    """GKE, "Network isolation": with external traffic allowed the DNS endpoint is reached from any network."""
    body = bodies.cluster()
    body["controlPlaneEndpointsConfig"] |= but

    assert status(gke_checks.private_control_plane, seen(Cluster, body), **limits) is expected


@pytest.mark.parametrize("config", [{}, {"workloadMetadataConfig": {"mode": "GCE_METADATA"}}])
def test_a_pool_without_the_metadata_server_has_no_workload_identity(config: Json) -> None:
    """bridgecrewio/checkov#4266: what runs on a pool without it acts as the service account of the node."""
    pool = {"name": "old", "management": {"autoUpgrade": True}, "config": config}

    assert status(gke_checks.hardened, seen(Cluster, bodies.cluster(nodePools=[pool]))) is FAIL
    assert status(gke_checks.hardened, seen(Cluster, bodies.cluster())) is PASS


@pytest.mark.parametrize(
    ("cluster", "service", "expected"),
    [
        ({"evaluationMode": "PROJECT_SINGLETON_POLICY_ENFORCE"}, {"useDefault": True}, PASS),
        ({"evaluationMode": "DISABLED"}, {"useDefault": True}, FAIL),
        ({}, {"useDefault": True}, FAIL),
        ({"enabled": True}, {"useDefault": True}, PASS),
        ({"enabled": True, "evaluationMode": "DISABLED"}, {"useDefault": True}, FAIL),
        ({"enabled": True}, {}, FAIL),
        ({"enabled": True}, {"policy": "projects/acme-prod/platforms/cloudRun/own"}, UNKNOWN),
    ],
)
def test_a_policy_of_images_that_nobody_asks_stops_none(cluster: Json, service: Json, expected: Status) -> None:
    """Binary Authorization, "Enable": clusters and services have to say that the project's policy is asked."""
    clusters = CompleteSet(seen(Cluster, bodies.cluster(binaryAuthorization=cluster)))
    shown = {"policy": bodies.policy(), "plainVariables": 0, "suspectVariables": []}
    services = CompleteSet(seen(Service, bodies.run_service(binaryAuthorization=service), **shown))
    policy = seen(images.ImagePolicy, bodies.image_policy())

    assert status(images.enforced, policy, clusters, services) is expected
    assert status(images.enforced, policy, UNREAD, services) is UNKNOWN
    assert status(images.enforced, policy, NONE, NONE) is PASS


def test_a_constraint_prevents_what_a_bucket_allows() -> None:
    """Cloud Storage, "Public access prevention": a bucket that inherits is as the constraint in force says."""
    bucket = seen(Bucket, bodies.bucket(), policy=bodies.bucket_policy(("roles/storage.objectViewer", "allUsers")))

    def judged(*rules: Json) -> Status:
        found = CompleteSet(in_force("storage.publicAccessPrevention", *rules))
        return status(storage_checks.not_public, bucket, found)

    assert judged({"enforce": True}) is PASS
    assert judged({"enforce": False}) is FAIL
    assert judged() is FAIL
    tagged = {"enforce": False, "condition": {"expression": "resource.matchTag('1/public', 'yes')"}}
    assert judged({"enforce": True}, tagged) is UNKNOWN
    assert status(storage_checks.not_public, bucket, UNREAD) is UNKNOWN


LOGS = "logging.googleapis.com/projects/acme-logs/locations/global/buckets"


@pytest.mark.parametrize(
    ("bucket", "but", "expected"),
    [
        ("audit", {"locked": True}, PASS),
        ("audit", {}, FAIL),
        ("audit", {"locked": True, "retentionDays": 30}, FAIL),
        ("_Default", {}, NOTHING),
    ],
)
def test_a_log_bucket_can_be_locked_too(bucket: str, but: Json, expected: Status) -> None:
    """elastic/csp-security-policies#250: of which buckets the rule is. An export to one that is open is found too."""
    body = {**bodies.log_bucket(**but), "name": f"projects/acme-logs/locations/global/buckets/{bucket}"}
    sinks = CompleteSet(FOLDER, a_container(sinks=(bodies.sink(destination=f"{LOGS}/{bucket}"),)))

    assert status(storage_checks.sink_bucket_locked, NONE, sinks, NONE, CompleteSet(seen(LogBucket, body))) is expected


def test_a_log_bucket_that_nobody_reads_is_unknown() -> None:
    """It may be anywhere."""
    own = CompleteSet(seen(ProjectSink, bodies.sink(destination=f"{LOGS}/audit")))

    assert status(storage_checks.sink_bucket_locked, own, NONE, NONE, NONE) is UNKNOWN


@pytest.mark.parametrize(
    ("flags", "version", "expected"),
    [
        ({"log_connections": "on", "pgaudit.log": "all"}, "POSTGRES_17", PASS),
        ({"log_connections": "receipt,authorization", "pgaudit.log": "all"}, "POSTGRES_18", UNKNOWN),
        ({"log_connections": "all", "pgaudit.log": "write"}, "POSTGRES_18", PASS),
        ({"log_connections": "off", "pgaudit.log": "all"}, "POSTGRES_18", FAIL),
        ({"log_connections": "on"}, "POSTGRES_17", UNKNOWN),
        ({"log_connections": "on", "pgaudit.log": "none"}, "POSTGRES_17", UNKNOWN),
    ],
)
def test_pgaudit_logs_what_it_is_told(flags: Json, version: str, expected: Status) -> None:
    """Cloud SQL, "Audit for PostgreSQL using pgAudit": turned on, it logs nothing until pgaudit.log says what."""
    named = {"log_disconnections": "on", "cloudsql.enable_pgaudit": "on", **flags}
    listed = [{"name": name, "value": value} for name, value in named.items()]
    body = bodies.sql_instance(settings={"databaseFlags": listed}, databaseVersion=version)

    assert status(sql_checks.postgres_audit_flags, seen(SqlInstance, body, backups=[])) is expected


@pytest.mark.parametrize(("tier", "expected"), [("STANDARD", FAIL), ("ENHANCED", UNKNOWN)])
def test_backups_that_another_service_makes_are_not_missing(tier: str, expected: Status) -> None:
    """Cloud SQL API, BackupConfiguration: Backup and DR may manage an instance, and its backups are listed there."""
    backup = {"enabled": True, "pointInTimeRecoveryEnabled": True, "backupTier": tier}
    body = bodies.sql_instance(settings={"backupConfiguration": backup})

    assert status(sql_checks.backups_enabled, seen(SqlInstance, body, backups=[])) is expected


@pytest.mark.parametrize(
    ("level", "expected"), [("SOFTWARE", FAIL), ("HSM", FAIL), ("EXTERNAL", UNKNOWN), ("EXTERNAL_VPC", UNKNOWN)]
)
def test_keys_that_are_kept_elsewhere_rotate_there(level: str, expected: Status) -> None:
    """Cloud KMS, "Key rotation": Google does not rotate keys of an external manager by itself."""
    body = bodies.crypto_key(rotationPeriod=None, nextRotationTime=None, versionTemplate={"protectionLevel": level})
    key = seen(keys.CryptoKey, body, policy=bodies.policy(), ringPolicy=bodies.policy())

    assert status(keys.rotation_period, key) is expected


@pytest.mark.parametrize(
    ("referrer", "expected"),
    [
        ("*.com/*", FAIL),
        ("https://*.dev", FAIL),
        ("*.acme.example/*", PASS),
        ("https://www.acme.example/maps", PASS),
        ("localhost:8080", PASS),
        ("*", FAIL),
    ],
)
def test_all_pages_below_a_top_level_domain_are_everybody(referrer: str, expected: Status) -> None:
    """API keys, "Restrict the websites": an asterisk stands for any name before it."""
    restrictions = {
        "apiTargets": [{"service": "maps.googleapis.com"}],
        "browserKeyRestrictions": {"allowedReferrers": [referrer]},
    }

    assert status(api_keys.restricted, seen(api_keys.ApiKey, bodies.api_key(restrictions=restrictions))) is expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({"sourceRanges": None, "sourceTags": ["web"]}, PASS),  # only instances of the network
        ({"sourceRanges": None, "sourceServiceAccounts": ["a@acme-prod.iam.gserviceaccount.com"]}, PASS),
        ({"sourceRanges": None}, FAIL),  # without any source it is for everybody
        ({"sourceRanges": ["0.0.0.0/0"], "sourceTags": ["web"]}, FAIL),  # either is enough
        ({"sourceRanges": ["::/0"]}, FAIL),
        ({"sourceRanges": ["0.0.0.0/0"], "direction": "EGRESS"}, PASS),
    ],
)
def test_a_rule_without_ranges_has_other_sources(but: Json, expected: Status) -> None:
    """cloud-custodian/cloud-custodian#3696: rules without sourceRanges ended the tool."""
    rule = {name: value for name, value in {**bodies.firewall(), **but}.items() if value is not None}
    network = seen(Network, bodies.network(), effective={"firewalls": [rule]}, regional=[])

    assert status(network_checks.no_admin_ports_open, network) is expected


@pytest.mark.parametrize("member", ["allUsers", "allAuthenticatedUsers"])
@pytest.mark.parametrize("role", ["roles/storage.objectViewer", "roles/storage.legacyBucketReader"])
def test_a_bucket_is_public_by_its_policy_whatever_its_lists_say(role: str, member: str) -> None:
    """forseti-security/forseti-security#1428 and #3518: only the older lists were looked at."""
    bucket = seen(Bucket, bodies.bucket(), policy=bodies.bucket_policy((role, member)))

    assert status(storage_checks.not_public, bucket, NONE) is FAIL


def test_a_retention_policy_that_says_nothing_of_a_lock_has_none() -> None:
    """turbot/steampipe-plugin-gcp#501: Google leaves the key out where it is false."""
    bucket = seen(Bucket, bodies.bucket("acme-logs", retentionPolicy={"retentionPeriod": "99999999"}), policy={})
    own = CompleteSet(seen(ProjectSink, bodies.sink()))

    assert status(storage_checks.sink_bucket_locked, own, NONE, CompleteSet(bucket), NONE) is FAIL


@pytest.mark.parametrize("flags", [{}, {"backupConfiguration": {"enabled": False}}])
def test_a_read_replica_has_no_backups_of_its_own(flags: Json) -> None:
    """bridgecrewio/checkov#727: nobody can turn them on."""
    body = bodies.sql_instance(settings=flags, instanceType="READ_REPLICA_INSTANCE")

    assert status(sql_checks.backups_enabled, seen(SqlInstance, body, backups=[])) is NOTHING
