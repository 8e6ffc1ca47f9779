"""Checks of caches, warehouses, search domains, file systems, vaults and the life of objects."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.backup.checks.vaults import vault_locked
from connectors.aws.backup.resources import Vault
from connectors.aws.cloudtrail.object_events import s3_data_events_recorded
from connectors.aws.efs.checks import backup_enabled
from connectors.aws.efs.resources import FileSystem
from connectors.aws.elasticache.checks import redis_encrypted
from connectors.aws.elasticache.resources import ReplicationGroup
from connectors.aws.opensearch.checks import domain_hardened
from connectors.aws.opensearch.resources import Domain
from connectors.aws.redshift.checks import cluster_hardened
from connectors.aws.redshift.resources import Cluster, _fails
from connectors.aws.s3.checks.lifecycle import lifecycle_configured
from connectors.aws.s3.resources import buckets
from tests.connectors.aws.builders import (
    FAIL,
    NOTHING,
    OWN,
    PASS,
    STRANGER,
    UNKNOWN,
    UNREAD,
    a,
    a_bucket,
    all_of,
    not_seen,
    text,
    verdict,
)
from tests.connectors.aws.protection_builders import ago
from tests.connectors.aws.regional_builders import a_trail
from tests.connectors.aws.service_builders import described

SAFE = {
    "ReplicationGroupId": "carts",
    "AtRestEncryptionEnabled": True,
    "TransitEncryptionEnabled": True,
    "TransitEncryptionMode": "required",
    "AuthTokenEnabled": True,
}


def a_cache(**but: Any) -> ReplicationGroup:
    """A replication group as it should be."""
    body = described("elasticache:DescribeReplicationGroups", "ReplicationGroups", {**SAFE, **but})
    return a(ReplicationGroup, body)


@pytest.mark.parametrize(
    ("cache", "status"),
    [
        (a_cache(), PASS),
        # A group may have a user who needs no password, as AWS's own user default.
        (a_cache(AuthTokenEnabled=False, UserGroupIds=["staff"]), UNKNOWN),
        (a_cache(AuthTokenEnabled=False, UserGroupIds=["staff"], AtRestEncryptionEnabled=False), FAIL),
        (a_cache(AuthTokenEnabled=False), FAIL),
        (a_cache(AtRestEncryptionEnabled=False), FAIL),
        (a_cache(TransitEncryptionEnabled=False), FAIL),
        (a_cache(TransitEncryptionMode="preferred"), FAIL),
        (a(ReplicationGroup, {"ReplicationGroupId": "carts"}), FAIL),
        (a_cache(AuthTokenEnabled=UNREAD, UserGroupIds=UNREAD), UNKNOWN),
    ],
)
def test_caches(cache: Any, status: Status) -> None:
    """Encryption that a client may do without is not asked for."""
    assert verdict(redis_encrypted, cache).status is status


def a_warehouse(
    *, logging: Any = True, fails: Any = False, tls: Any = "true", state: str = "in-sync", **but: Any
) -> Cluster:
    """A cluster as it should be."""
    group = {"ParameterGroupName": "own", "ParameterApplyStatus": state}
    usual = {
        "ClusterIdentifier": "facts",
        "PubliclyAccessible": False,
        "Encrypted": True,
        "ClusterParameterGroups": [group],
    }
    body = described("redshift:DescribeClusters", "Clusters", {**usual, **but})
    parameters = [] if tls is None else [{"ParameterName": "require_ssl", "ParameterValue": tls}]
    return a(
        Cluster,
        {
            **body,
            "Logging": logging if logging is UNREAD else {"LoggingEnabled": logging, "DeliveryFails": fails},
            "Parameters": UNREAD if tls is UNREAD else parameters,
        },
    )


@pytest.mark.parametrize(
    ("cluster", "status"),
    [
        (a_warehouse(), PASS),
        (a_warehouse(PubliclyAccessible=True), FAIL),
        (a_warehouse(Encrypted=False), FAIL),
        (a_warehouse(logging=False), FAIL),
        (a_warehouse(tls="false"), FAIL),
        (a_warehouse(tls=None), UNKNOWN),
        (a_warehouse(tls=UNREAD), UNKNOWN),
        (a_warehouse(logging=UNREAD), UNKNOWN),
        (a_warehouse(logging=UNREAD, Encrypted=False), FAIL),
        (a_warehouse(state="pending-reboot"), UNKNOWN),
        (a_warehouse(state="apply-error"), UNKNOWN),
        (a_warehouse(state=""), UNKNOWN),
        (a_warehouse(fails=True), FAIL),
        (a_warehouse(fails=None), UNKNOWN),
    ],
)
def test_warehouses(cluster: Any, status: Status) -> None:
    """What is known to be wrong is wrong, whatever else was not read."""
    assert verdict(cluster_hardened, cluster).status is status


@pytest.mark.parametrize(
    ("failed", "delivered", "fails"),
    [(None, None, False), (None, 3, False), (3, None, True), (3, 2, True), (2, 3, False)],
)
def test_whether_a_warehouse_delivers_its_logs(failed: Any, delivered: Any, fails: bool) -> None:
    """The last try counts, and a bucket that takes nothing is no log."""
    answer = {"LoggingEnabled": True, "LastFailureTime": failed, "LastSuccessfulDeliveryTime": delivered}

    assert _fails({name: value for name, value in answer.items() if value is not None}) is fails


ON = {"Enabled": True}
ARN = f"arn:aws:es:eu-central-1:{OWN}:domain/search"


def a_policy(principal: Any, **condition: Any) -> str:
    """A policy of a domain."""
    said = {"Effect": "Allow", "Principal": principal, "Action": "es:ESHttp*", "Resource": f"{ARN}/*"}
    return text({**said, "Condition": condition} if condition else said)


def a_domain(**but: Any) -> Domain:
    """A domain in a network that encrypts."""
    usual = {
        "DomainName": "search",
        "ARN": ARN,
        "EncryptionAtRestOptions": ON,
        "NodeToNodeEncryptionOptions": ON,
        "DomainEndpointOptions": {"EnforceHTTPS": True},
        "VPCOptions": {"VPCId": "vpc-1"},
    }
    return a(Domain, described("opensearch:DescribeDomains", "DomainStatusList", {**usual, **but}))


OPEN: dict[str, Any] = {"VPCOptions": {}}


@pytest.mark.parametrize(
    ("domain", "status"),
    [
        (a_domain(), PASS),
        (a_domain(EncryptionAtRestOptions={"Enabled": False}), FAIL),
        (a_domain(NodeToNodeEncryptionOptions={}), FAIL),
        (a_domain(DomainEndpointOptions={"EnforceHTTPS": False}), FAIL),
        (a_domain(**OPEN), PASS),
        (a_domain(**OPEN, AccessPolicies=a_policy("*")), FAIL),
        (a_domain(**OPEN, AccessPolicies=a_policy({"AWS": "*"})), FAIL),
        (a_domain(**OPEN, AccessPolicies=a_policy({"AWS": f"arn:aws:iam::{STRANGER}:root"})), PASS),
        (a_domain(**OPEN, AccessPolicies=a_policy("*", IpAddress={"aws:SourceIp": "198.51.100.0/24"})), UNKNOWN),
        (a_domain(**OPEN, AccessPolicies=a_policy("*", IpAddress={"aws:SourceIp": "0.0.0.0/0"})), FAIL),
        # An open policy behind a sign-in is what AWS proposes; one that lets in the nameless is open.
        (a_domain(**OPEN, AccessPolicies=a_policy("*"), AdvancedSecurityOptions=ON), PASS),
        (
            a_domain(
                **OPEN, AccessPolicies=a_policy("*"), AdvancedSecurityOptions={**ON, "AnonymousAuthEnabled": True}
            ),
            FAIL,
        ),
        (a_domain(**OPEN, EncryptionAtRestOptions={}, AccessPolicies=a_policy("*")), FAIL),
        (a_domain(Deleted=True), NOTHING),
        (a_domain(EncryptionAtRestOptions=UNREAD), UNKNOWN),
    ],
)
def test_search_domains(domain: Any, status: Status) -> None:
    """A network, a sign-in or a policy keeps strangers out; encryption is asked for in each place."""
    assert verdict(domain_hardened, domain).status is status


@pytest.mark.parametrize(
    ("policy", "status"),
    [
        ({"Status": "ENABLED"}, PASS),
        ({"Status": "DISABLED"}, FAIL),
        ({"Status": "DISABLING"}, FAIL),
        ({"Status": "ENABLING"}, UNKNOWN),
        ({}, UNKNOWN),
        (None, FAIL),
        (UNREAD, UNKNOWN),
    ],
)
def test_backups_of_file_systems(policy: Any, status: Status) -> None:
    """AWS says that there is no policy where nobody ever set one."""
    known = {"FileSystemId": "fs-1", "Encrypted": True, "CreationTime": ago(days=9), "BackupPolicy": policy}

    assert verdict(backup_enabled, a(FileSystem, known)).status is status


def a_vault(**but: Any) -> Vault:
    """A vault that is locked for good."""
    usual = {
        "BackupVaultArn": f"arn:aws:backup:eu-central-1:{OWN}:backup-vault:daily",
        "BackupVaultName": "daily",
        "EncryptionKeyArn": "arn:aws:kms:eu-central-1:111122223333:key/1",
        "Locked": True,
        "LockDate": ago(days=3),
        "NumberOfRecoveryPoints": 9,
    }
    return a(Vault, described("backup:ListBackupVaults", "BackupVaultList", {**usual, **but}))


@pytest.mark.parametrize(
    ("vault", "limits", "status", "said"),
    [
        (a_vault(), {}, PASS, "nobody can take away"),
        (a_vault(LockDate=ago(days=-3)), {}, PASS, "can be taken away until"),
        (a_vault(LockDate=UNREAD), {}, UNKNOWN, ""),
        (a_vault(Locked=False), {}, FAIL, "before their time"),
        (a_vault(Locked=False), {"unlocked_vaults": ("daily",)}, NOTHING, ""),
        (a_vault(Locked=False, NumberOfRecoveryPoints=0), {}, NOTHING, "no backup"),
        (a_vault(EncryptionKeyArn=""), {}, UNKNOWN, "which key"),
        (a_vault(Locked=UNREAD), {}, UNKNOWN, ""),
    ],
)
def test_vaults(vault: Any, limits: dict[str, Any], status: Status, said: str) -> None:
    """The reason says whether the lock itself can be taken away."""
    found = verdict(vault_locked, vault, **limits)

    assert found.status is status
    assert said in found.reason


def test_a_lock_without_a_date_can_be_taken_away() -> None:
    """AWS calls it governance mode."""
    body = {"BackupVaultArn": "arn", "BackupVaultName": "daily", "EncryptionKeyArn": "key", "Locked": True}

    found = verdict(vault_locked, a(Vault, body))

    assert found.status is PASS
    assert "whoever has the right" in found.reason
    assert verdict(vault_locked, a(Vault, {"BackupVaultArn": "arn", "BackupVaultName": "daily"})).status is UNKNOWN


def a_rule(*, whole: bool = True, status: str = "Enabled", **but: Any) -> dict[str, Any]:
    """A lifecycle rule."""
    return {"Status": status, "WholeBucket": whole, **but}


EXPIRES: dict[str, Any] = {"Expiration": {"Days": 30}}
EARLIER: dict[str, Any] = {"NoncurrentVersionExpiration": {"NoncurrentDays": 30}}
LEAVING: dict[str, Any] = {"NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 2}}
PLAIN: dict[str, Any] = {"Versioning": {}}


@pytest.mark.parametrize(
    ("rules", "but", "status"),
    [
        ([a_rule(**EXPIRES)], PLAIN, PASS),
        ([a_rule(Expiration={"Date": ago(days=-9)})], PLAIN, PASS),
        ([a_rule(**EXPIRES, whole=False)], PLAIN, UNKNOWN),
        ([a_rule(**EXPIRES, whole=False), a_rule(**EXPIRES)], PLAIN, PASS),
        ([a_rule(**EXPIRES, status="Disabled")], PLAIN, FAIL),
        ([a_rule()], PLAIN, FAIL),
        ([a_rule(Expiration={"ExpiredObjectDeleteMarker": True})], PLAIN, FAIL),
        # Where versions are kept an expiry deletes nothing by itself.
        ([a_rule(**EXPIRES)], {}, FAIL),
        ([a_rule(**EXPIRES, **EARLIER)], {}, PASS),
        ([a_rule(**EXPIRES), a_rule(**EARLIER)], {}, PASS),
        ([a_rule(**EXPIRES), a_rule(**EARLIER, whole=False)], {}, UNKNOWN),
        # The latest earlier versions stay, however old they are.
        ([a_rule(**EXPIRES, **LEAVING)], {}, UNKNOWN),
        ([a_rule(**EXPIRES, **LEAVING), a_rule(**EARLIER)], {}, PASS),
        ([a_rule(**EXPIRES, **LEAVING)], PLAIN, PASS),
        ([a_rule(**EARLIER)], {"Versioning": {"Status": "Suspended"}}, UNKNOWN),
        ([a_rule(**EXPIRES)], {"Versioning": UNREAD}, UNKNOWN),
        ([], PLAIN, FAIL),
    ],
)
def test_lives_of_objects(rules: Any, but: dict[str, Any], status: Status) -> None:
    """Only what deletes counts, and only for what it is about."""
    assert verdict(lifecycle_configured, a_bucket(Lifecycle={"Rules": rules}, **but)).status is status


LOCK = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}}}


@pytest.mark.parametrize(
    ("but", "status"),
    [
        ({"Lifecycle": None}, FAIL),
        ({"Lifecycle": {"Rules": None}}, UNKNOWN),
        ({"Lifecycle": UNREAD}, UNKNOWN),
        ({"Lifecycle": None, "ObjectLockConfiguration": LOCK}, NOTHING),
    ],
)
def test_buckets_without_rules(but: dict[str, Any], status: Status) -> None:
    """None is an answer; not read is none."""
    assert verdict(lifecycle_configured, a_bucket(**but)).status is status


@pytest.mark.parametrize(
    ("rule", "whole"),
    [
        ({"Prefix": ""}, True),
        ({"Filter": {}}, True),
        ({"Filter": {"Prefix": ""}}, True),
        ({"Prefix": "logs/"}, False),
        ({"Filter": {"Prefix": "logs/"}}, False),
        ({"Filter": {"Tag": {"Key": "a", "Value": "b"}}}, False),
        ({"Filter": {"And": {"Prefix": "a"}}}, False),
        ({"Filter": {"ObjectSizeGreaterThan": 1}}, False),
    ],
)
def test_what_a_rule_is_about(rule: dict[str, Any], whole: bool) -> None:
    """An empty prefix, or an empty filter, is every object."""
    assert buckets._is_about_all(rule) is whole


def tagged(value: str | None) -> dict[str, Any]:
    """The tags of a bucket."""
    return {"TagSet": None if value is None else [{"Key": "data-classification", "Value": value}]}


EVERY_OBJECT = {
    "EventSelectors": [
        {
            "ReadWriteType": "All",
            "IncludeManagementEvents": True,
            "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}],
        }
    ]
}
RECORDING = a_trail(selectors=EVERY_OBJECT)
SENSITIVE = tagged("confidential")


@pytest.mark.parametrize(
    ("bucket", "trails", "status"),
    [
        (a_bucket(**SENSITIVE), all_of(RECORDING), PASS),
        (a_bucket(**tagged(None)), all_of(RECORDING), PASS),
        (a_bucket(**SENSITIVE), all_of(a_trail()), FAIL),
        (a_bucket(**SENSITIVE), all_of(), FAIL),
        (a_bucket(**tagged("public")), all_of(), NOTHING),
        (a_bucket(**tagged(None)), all_of(), UNKNOWN),
        (a_bucket(TagSet=UNREAD), all_of(), UNKNOWN),
        (a_bucket(**SENSITIVE), all_of(a_trail(selectors=UNREAD)), UNKNOWN),
        (a_bucket(**SENSITIVE), not_seen(), UNKNOWN),
        # A trail of one region records what lies there.
        (
            a_bucket(**SENSITIVE, BucketRegion="eu-central-1"),
            all_of(a_trail(selectors=EVERY_OBJECT, IsMultiRegionTrail=False)),
            PASS,
        ),
        (
            a_bucket(**SENSITIVE, BucketRegion="eu-west-1"),
            all_of(a_trail(selectors=EVERY_OBJECT, IsMultiRegionTrail=False)),
            FAIL,
        ),
        (a_bucket(**SENSITIVE), all_of(a_trail(selectors=EVERY_OBJECT, IsMultiRegionTrail=False)), UNKNOWN),
        (a_bucket(**SENSITIVE), all_of(a_trail(selectors=EVERY_OBJECT, logging=False)), FAIL),
    ],
)
def test_records_of_objects(bucket: Any, trails: Any, status: Status) -> None:
    """Which buckets are sensitive a tag says, or nobody."""
    assert verdict(s3_data_events_recorded, bucket, trails).status is status
