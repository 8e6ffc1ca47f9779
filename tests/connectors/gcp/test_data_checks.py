"""Buckets, keys, databases, datasets, clusters, services, repositories."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Check, Status
from connectors.gcp.artifactregistry import repositories
from connectors.gcp.bigquery import datasets
from connectors.gcp.gke import checks as gke_checks
from connectors.gcp.gke.clusters import Cluster
from connectors.gcp.kms import keys
from connectors.gcp.serverless import checks as serverless_checks
from connectors.gcp.serverless.resources import Function, Service
from connectors.gcp.sql import checks as sql_checks
from connectors.gcp.sql.instances import SqlInstance
from connectors.gcp.storage import checks as storage_checks
from connectors.gcp.storage.buckets import Bucket
from tests.connectors.gcp import bodies
from tests.connectors.gcp.bodies import Json
from tests.connectors.gcp.judging import seen
from tests.connectors.github.judging import FAIL, NOTHING, PASS, UNKNOWN, CompleteSet, status, unread

PUBLIC = ("roles/storage.objectViewer", "allUsers")
ANY_ACCOUNT = ("roles/storage.objectViewer", "allAuthenticatedUsers")
ADA = ("roles/storage.objectViewer", "user:ada@acme.example")


def access(prevention: str = "inherited", *, uniform: bool = True) -> Json:
    """Return how access to a bucket is controlled."""
    settings = {"publicAccessPrevention": prevention, "uniformBucketLevelAccess": {"enabled": uniform}}
    return {"iamConfiguration": settings}


@pytest.mark.parametrize(
    ("but", "granted", "limits", "expected"),
    [
        ({}, ADA, {}, PASS),
        ({}, PUBLIC, {}, FAIL),
        ({}, ANY_ACCOUNT, {}, FAIL),
        (access("enforced"), PUBLIC, {}, PASS),
        (access("enforced", uniform=False), PUBLIC, {}, PASS),
        (access(uniform=False), ADA, {}, UNKNOWN),  # an object may be public by its own list
        (access(uniform=False), PUBLIC, {}, FAIL),
        ({}, PUBLIC, {"approved_public_buckets": ("acme-data",)}, PASS),
        ({}, PUBLIC, {"approved_public_buckets": ("acme",)}, FAIL),
    ],
)
def test_buckets_are_not_public(but: Json, granted: tuple[str, str], limits: Json, expected: Status) -> None:
    """By their policy, or by the lists of single objects."""
    bucket = seen(Bucket, bodies.bucket(**but), policy=bodies.bucket_policy(granted))

    assert status(storage_checks.not_public, bucket, CompleteSet(), **limits) is expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"rotationPeriod": "31536000s"}, PASS),
        ({"rotationPeriod": "31536001s"}, FAIL),
        ({"rotationPeriod": None, "nextRotationTime": None}, FAIL),
        ({"nextRotationTime": bodies.ago(1)}, UNKNOWN),
        ({"nextRotationTime": bodies.ago(-365)}, PASS),
        ({"nextRotationTime": bodies.ago(-366)}, FAIL),
        ({"purpose": "ASYMMETRIC_SIGN"}, NOTHING),
        ({"purpose": "MAC"}, NOTHING),
        ({"importOnly": True}, NOTHING),
        ({"primary": None}, NOTHING),
        ({"primary": {"state": "DISABLED"}}, NOTHING),
    ],
)
def test_keys_rotate(but: Json, expected: Status) -> None:
    """Those that Google can rotate."""
    nobody = bodies.policy()
    key = seen(keys.CryptoKey, bodies.crypto_key(**but), policy=nobody, ringPolicy=nobody)

    assert status(keys.rotation_period, key) is expected


@pytest.mark.parametrize(
    ("own", "ring", "expected"),
    [(ADA, ADA, PASS), (PUBLIC, ADA, FAIL), (ADA, ANY_ACCOUNT, FAIL)],
)
def test_keys_are_not_public(own: tuple[str, str], ring: tuple[str, str], expected: Status) -> None:
    """By their own policy or that of the ring, which they inherit."""
    key = seen(keys.CryptoKey, bodies.crypto_key(), policy=bodies.policy(own), ringPolicy=bodies.policy(ring))

    assert status(keys.not_public, key) is expected


def a_database(*runs: Json, **but: Any) -> SqlInstance:
    """Return an instance of Cloud SQL with its backups."""
    return seen(SqlInstance, bodies.sql_instance(**but), backups=list(runs) or [bodies.backup_run()])


def public(*ranges: str) -> Json:
    """Return a public address that some ranges may connect to."""
    return {"ip": {"ipv4Enabled": True, "authorizedNetworks": [{"value": each} for each in ranges]}}


@pytest.mark.parametrize(
    ("but", "limits", "expected"),
    [
        ({}, {}, PASS),
        (public(), {}, PASS),
        (public("192.0.2.0/24"), {}, PASS),
        (public("0.0.0.0/0"), {}, FAIL),
        (public("0.0.0.0/1", "128.0.0.0/1"), {}, FAIL),
        (public("::/0"), {}, FAIL),
        (public("8.8.8.8"), {}, PASS),
        (public("8.0.0.0/8"), {}, FAIL),
        (public("everybody"), {}, UNKNOWN),
        (public("192.0.2.0/24"), {"private_only": True}, FAIL),
        ({"ip": {"ipv4Enabled": False, "authorizedNetworks": [{"value": "0.0.0.0/0"}]}}, {}, PASS),
    ],
)
def test_databases_are_not_open(but: Json, limits: Json, expected: Status) -> None:
    """By the addresses that may connect together."""
    assert status(sql_checks.no_public_network, a_database(**but), **limits) is expected


@pytest.mark.parametrize(
    ("ip", "expected"),
    [
        ({}, PASS),
        ({"sslMode": "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"}, PASS),
        ({"sslMode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED"}, FAIL),
        ({"sslMode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED", "requireSsl": True}, FAIL),
        ({"sslMode": None, "requireSsl": True}, PASS),
        ({"sslMode": None}, FAIL),
        ({"sslMode": "SSL_MODE_UNSPECIFIED", "requireSsl": True}, PASS),
        ({"sslMode": "A_NEW_ONE"}, UNKNOWN),
    ],
)
def test_databases_ask_for_tls(ip: Json, expected: Status) -> None:
    """By the newer setting where there is one: Google says that it counts."""
    assert status(sql_checks.tls_required, a_database(ip=ip)) is expected


def backups(**but: Any) -> Json:
    """Return the settings of backups."""
    on = {"enabled": True, "pointInTimeRecoveryEnabled": True}
    return {"settings": {"backupConfiguration": {**on, **but}}}


@pytest.mark.parametrize(
    ("but", "runs", "expected"),
    [
        ({}, [], PASS),
        ({}, [bodies.backup_run(days=2)], PASS),
        ({}, [bodies.backup_run(days=2.1)], FAIL),
        ({}, [bodies.backup_run(status="FAILED")], FAIL),
        ({}, [bodies.backup_run(status="FAILED"), bodies.backup_run(days=1)], PASS),
        ({}, [bodies.backup_run(status="RUNNING", endTime=None)], FAIL),
        (backups(enabled=False), [], FAIL),
        (backups(pointInTimeRecoveryEnabled=False), [], FAIL),
        (backups(pointInTimeRecoveryEnabled=False, binaryLogEnabled=True), [], PASS),
        ({"settings": {"backupConfiguration": None}}, [], FAIL),
        ({"instanceType": "READ_REPLICA_INSTANCE", "settings": {"backupConfiguration": None}}, [], NOTHING),
        ({"settings": {"activationPolicy": "NEVER"}}, [bodies.backup_run(days=9)], UNKNOWN),
    ],
)
def test_databases_are_backed_up(but: Json, runs: list[Json], expected: Status) -> None:
    """With point-in-time recovery, and lately."""
    assert status(sql_checks.backups_enabled, a_database(*runs, **but)) is expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"settings": {"availabilityType": "ZONAL"}}, FAIL),
        ({"settings": {"availabilityType": "ZONAL", "userLabels": {"environment": "dev"}}}, PASS),
        ({"settings": {"availabilityType": "ZONAL", "userLabels": {"environment": "prod"}}}, FAIL),
        ({"settings": {"availabilityType": ""}}, FAIL),
        ({"instanceType": "READ_REPLICA_INSTANCE"}, NOTHING),
    ],
)
def test_databases_of_production_are_regional(but: Json, expected: Status) -> None:
    """What is not labelled counts as production."""
    assert status(sql_checks.high_availability, a_database(**but)) is expected


FLAGS = [{"name": name, "value": "on"} for name in ("log_connections", "log_disconnections", "cloudsql.enable_pgaudit")]


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({"settings": {"databaseFlags": [*FLAGS, {"name": "pgaudit.log", "value": "ddl,role"}]}}, PASS),
        ({"settings": {"databaseFlags": [*FLAGS, {"name": "pgaudit.log", "value": "none"}]}}, UNKNOWN),
        ({"settings": {"databaseFlags": FLAGS}}, UNKNOWN),  # pgaudit logs nothing until it is told what
        ({"settings": {"databaseFlags": FLAGS[:2]}}, FAIL),
        ({"settings": {"databaseFlags": [*FLAGS[:2], {"name": "cloudsql.enable_pgaudit", "value": "off"}]}}, FAIL),
        ({}, FAIL),
        ({"databaseVersion": "MYSQL_8_4"}, NOTHING),
    ],
)
def test_postgresql_audits(but: Json, expected: Status) -> None:
    """By three flags, and one that says what is audited."""
    assert status(sql_checks.postgres_audit_flags, a_database(**but)) is expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"role": "OWNER", "userByEmail": "ada@acme.example"}, PASS),
        ({"role": "READER", "specialGroup": "allAuthenticatedUsers"}, FAIL),
        ({"role": "READER", "iamMember": "allUsers"}, FAIL),
        ({"role": "READER", "specialGroup": "projectReaders"}, PASS),
        ({"view": {"datasetId": "d", "projectId": "p", "tableId": "t"}}, PASS),
        ({"role": "READER", "somethingNew": "x"}, UNKNOWN),
    ],
)
def test_datasets_are_not_public(entry: Json, expected: Status) -> None:
    """An entry of a form that is not known may be anybody."""
    dataset = seen(datasets.Dataset, bodies.dataset(), access=[entry])

    assert status(datasets.not_public, dataset) is expected


def ip_endpoint(**but: Any) -> Json:
    """Return a public control plane for one network, with something else."""
    networks = {"enabled": True, "gcpPublicCidrsAccessEnabled": False, "cidrBlocks": [{"cidrBlock": "192.0.2.0/24"}]}
    shown = {"enabled": True, "enablePublicEndpoint": True, "authorizedNetworksConfig": {**networks, **but}}
    return {"controlPlaneEndpointsConfig": {"ipEndpointsConfig": shown}}


OLD: Json = {"controlPlaneEndpointsConfig": None}


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        (ip_endpoint(), PASS),
        (ip_endpoint(cidrBlocks=[{"cidrBlock": "0.0.0.0/0"}]), FAIL),
        (ip_endpoint(cidrBlocks=[{"cidrBlock": "0.0.0.0/1"}, {"cidrBlock": "128.0.0.0/1"}]), FAIL),
        (ip_endpoint(enabled=False), FAIL),
        (ip_endpoint(gcpPublicCidrsAccessEnabled=True), FAIL),
        (ip_endpoint(gcpPublicCidrsAccessEnabled=None), UNKNOWN),
        (ip_endpoint(cidrBlocks=[{"cidrBlock": "office"}]), UNKNOWN),
        (
            {"controlPlaneEndpointsConfig": {"ipEndpointsConfig": {"enabled": True, "enablePublicEndpoint": False}}},
            PASS,
        ),
        ({"controlPlaneEndpointsConfig": {"ipEndpointsConfig": {"enabled": False}}}, PASS),
        ({"controlPlaneEndpointsConfig": {"ipEndpointsConfig": {}}}, UNKNOWN),
        (OLD, FAIL),
        ({**OLD, "privateClusterConfig": {"enablePrivateEndpoint": True}}, PASS),
        ({**OLD, "privateClusterConfig": {"enablePrivateNodes": True}}, FAIL),
        ({**OLD, "masterAuthorizedNetworksConfig": {"enabled": True, "gcpPublicCidrsAccessEnabled": False}}, PASS),
    ],
)
def test_control_planes_are_not_open(but: Json, expected: Status) -> None:
    """In the newer form and in the older one."""
    assert status(gke_checks.private_control_plane, seen(Cluster, bodies.cluster(**but))) is expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"workloadIdentityConfig": {}}, FAIL),
        ({"shieldedNodes": {}}, FAIL),
        ({"releaseChannel": {}}, FAIL),
        ({"nodePools": [{"name": "a", "management": {"autoUpgrade": True}}, {"name": "b"}]}, FAIL),
        ({"autopilot": {"enabled": True}, "workloadIdentityConfig": {}}, PASS),
    ],
)
def test_clusters_are_hardened(but: Json, expected: Status) -> None:
    """Each pool of nodes too."""
    assert status(gke_checks.hardened, seen(Cluster, bodies.cluster(**but))) is expected


INVOKER = ("roles/run.invoker", "allUsers")


@pytest.mark.parametrize(
    ("granted", "is_off", "limits", "expected"),
    [
        (ADA, False, {}, PASS),
        (INVOKER, False, {}, FAIL),
        (ADA, True, {}, FAIL),  # the policy is not asked at all
        (INVOKER, False, {"approved_public_services": ("api",)}, PASS),
        (ADA, True, {"approved_public_services": ("api",)}, PASS),
        (INVOKER, False, {"approved_public_services": ("web",)}, FAIL),
    ],
)
def test_services_and_functions_ask_who_calls(
    granted: tuple[str, str], is_off: bool, limits: Json, expected: Status
) -> None:
    """By the policy, unless that is not asked."""
    policy = bodies.policy(granted)
    counted: Json = {"plainVariables": 0, "suspectVariables": []}
    service = seen(Service, bodies.run_service(), policy=policy, invokerIamDisabled=is_off, **counted)
    invokers = {"policy": policy, "invokerIamDisabled": is_off}
    function = seen(Function, bodies.function("api"), invokers=invokers, **counted)

    assert status(serverless_checks.service_not_public, service, **limits) is expected
    assert status(serverless_checks.function_not_public, function, **limits) is expected


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"format": "MAVEN"}, NOTHING),
        ({"vulnerabilityScanningConfig": {"enablementState": "SCANNING_DISABLED"}}, FAIL),
        ({"vulnerabilityScanningConfig": {"enablementState": "SCANNING_UNSUPPORTED"}}, UNKNOWN),
        ({"vulnerabilityScanningConfig": {}}, UNKNOWN),
    ],
)
def test_images_are_scanned(but: Json, expected: Status) -> None:
    """As Google itself sees it."""
    repository = seen(repositories.Repository, bodies.repository(**but))

    assert status(repositories.scanning_enabled, repository) is expected


@pytest.mark.parametrize(
    ("check", "kind"),
    [
        (keys.rotation_period, keys.CryptoKey),
        (keys.not_public, keys.CryptoKey),
        (sql_checks.no_public_network, SqlInstance),
        (sql_checks.tls_required, SqlInstance),
        (sql_checks.backups_enabled, SqlInstance),
        (sql_checks.high_availability, SqlInstance),
        (sql_checks.postgres_audit_flags, SqlInstance),
        (datasets.not_public, datasets.Dataset),
        (gke_checks.private_control_plane, Cluster),
        (gke_checks.hardened, Cluster),
        (serverless_checks.service_not_public, Service),
        (serverless_checks.function_not_public, Function),
        (repositories.scanning_enabled, repositories.Repository),
    ],
)
def test_what_was_not_read_decides_nothing(check: Check[...], kind: type[Any]) -> None:
    """Neither good nor bad."""
    assert status(check, unread(kind)) is UNKNOWN
    assert status(storage_checks.not_public, unread(Bucket), CompleteSet()) is UNKNOWN
