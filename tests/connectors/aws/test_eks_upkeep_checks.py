"""Checks of what clusters log and encrypt, and of their versions."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.eks.checks import cluster_audit_logging, cluster_secrets_encrypted, cluster_supported_version
from connectors.aws.eks.resources import Cluster, Version
from tests.connectors.aws.builders import FAIL, NOW, PASS, UNKNOWN, UNREAD, a, all_of, not_seen, verdict
from tests.connectors.aws.protection_builders import ago
from tests.connectors.aws.service_builders import described

KEY = {"resources": ["secrets"], "provider": {"keyArn": "arn:aws:kms:eu-central-1:111122223333:key/1"}}
UNTIL = (NOW.replace(year=NOW.year + 1)).isoformat()


def a_cluster(**but: Any) -> Cluster:
    """A cluster."""
    body = {"name": "web", "resourcesVpcConfig": {"endpointPublicAccess": False}, "version": "1.33", **but}
    return a(Cluster, {"name": "web", "cluster": described("eks:DescribeCluster", "cluster", body)})


UNSEEN = a(Cluster, {"name": "web", "cluster": UNREAD})


def logs(*types: str, enabled: bool = True) -> dict[str, Any]:
    """A setting of these logs."""
    return {"types": list(types), "enabled": enabled}


@pytest.mark.parametrize(
    ("cluster", "status"),
    [
        (a_cluster(logging={"clusterLogging": [logs("api", "audit", "authenticator")]}), PASS),
        (a_cluster(logging={"clusterLogging": [logs("audit"), logs("authenticator")]}), PASS),
        (a_cluster(logging={"clusterLogging": [logs("audit"), logs("authenticator", enabled=False)]}), FAIL),
        (a_cluster(logging={"clusterLogging": [logs("api", "scheduler")]}), FAIL),
        (a_cluster(), FAIL),
        (UNSEEN, UNKNOWN),
    ],
)
def test_logs(cluster: Any, status: Status) -> None:
    """Two types tell who asked for what; the others are about the cluster itself."""
    assert verdict(cluster_audit_logging, cluster).status is status


def a_version(status: str = "STANDARD_SUPPORT", end: str | None = UNTIL) -> Version:
    """The version of the cluster, in a state."""
    ends = {} if end is None else {"endOfStandardSupportDate": end}
    return a(Version, {"clusterVersion": "1.33", "versionStatus": status, **ends})


EXTENDED = a_version("EXTENDED_SUPPORT", ago(days=9))


@pytest.mark.parametrize(
    ("versions", "limits", "status"),
    [
        (all_of(a_version()), {}, PASS),
        (all_of(a_version(end=None)), {}, PASS),
        (all_of(a_version(end=ago(days=1))), {}, FAIL),
        (all_of(EXTENDED), {}, FAIL),
        (all_of(EXTENDED), {"accepted_support": ("STANDARD_SUPPORT", "EXTENDED_SUPPORT")}, PASS),
        (all_of(a_version("UNSUPPORTED")), {}, FAIL),
        (all_of(a_version("")), {}, UNKNOWN),
        (all_of(), {}, UNKNOWN),
        (not_seen(), {}, UNKNOWN),
    ],
)
def test_versions(versions: Any, limits: dict[str, Any], status: Status) -> None:
    """What AWS says counts, and its date where its state is older."""
    assert verdict(cluster_supported_version, a_cluster(), versions, **limits).status is status


@pytest.mark.parametrize(
    ("cluster", "status"),
    [
        (a_cluster(encryptionConfig=[KEY], version="1.20"), PASS),
        (a_cluster(version="1.28"), PASS),
        (a_cluster(version="1.27"), FAIL),
        (a_cluster(version="1.9"), FAIL),
        (a_cluster(encryptionConfig=[{**KEY, "resources": []}], version="1.27"), FAIL),
        (a_cluster(version=""), UNKNOWN),
        (UNSEEN, UNKNOWN),
    ],
)
def test_secrets(cluster: Any, status: Status) -> None:
    """Newer versions encrypt by themselves; 1.9 is an older one than 1.28."""
    assert verdict(cluster_secrets_encrypted, cluster).status is status
