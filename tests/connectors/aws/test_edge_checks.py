"""The checks of distributions, certificates and clusters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.loaders import Loader

from collector.core.checks import Status
from connectors.aws.acm.checks import certificate_not_expiring
from connectors.aws.acm.resources import KEY_TYPES
from connectors.aws.cloudfront.checks import https_enforced
from connectors.aws.eks.checks import cluster_endpoint_restricted
from tests.connectors.aws.builders import FAIL, NOTHING, NOW, PASS, UNKNOWN, UNREAD, verdict
from tests.connectors.aws.service_builders import a_certificate, a_distribution, a_k8s_cluster, own_certificate

OF_AWS = {"CloudFrontDefaultCertificate": True, "MinimumProtocolVersion": "TLSv1"}


@pytest.mark.parametrize(
    ("distribution", "status"),
    [
        (a_distribution(), PASS),
        (a_distribution("https-only", "redirect-to-https"), PASS),
        (a_distribution("allow-all"), FAIL),
        (a_distribution("https-only", "redirect-to-https", "allow-all"), FAIL),
        (a_distribution("something-new"), UNKNOWN),
        (a_distribution("something-new", "allow-all"), FAIL),
        (a_distribution(CacheBehaviors={"Quantity": 2}), UNKNOWN),
        (a_distribution("allow-all", Enabled=False), NOTHING),
        (a_distribution(ViewerCertificate=OF_AWS), PASS),
        (a_distribution("allow-all", ViewerCertificate=OF_AWS), FAIL),
        (a_distribution(ViewerCertificate=UNREAD), UNKNOWN),
        *[
            (a_distribution(ViewerCertificate=own_certificate(policy)), status)
            for policy, status in {
                "SSLv3": FAIL,
                "TLSv1": FAIL,
                "TLSv1_2016": FAIL,
                "TLSv1.1_2016": FAIL,
                "TLSv1.2_2018": FAIL,
                "TLSv1.2_2019": FAIL,
                "TLSv1.2_2021": PASS,
                "TLSv1.2_2025": PASS,
                "TLSv1.3_2025": PASS,
                "TLSv2.0_2040": PASS,
                "modern": UNKNOWN,
                None: UNKNOWN,
            }.items()
        ],
    ],
)
def test_distributions(distribution: Any, status: Status) -> None:
    """One behaviour that takes HTTP is enough."""
    assert verdict(https_enforced, distribution).status is status


def test_the_oldest_policy_is_a_limit() -> None:
    """From both sides."""
    assert verdict(https_enforced, a_distribution(), min_security_policy="TLSv1.2_2025").status is FAIL
    old = a_distribution(ViewerCertificate=own_certificate("TLSv1.2_2019"))
    assert verdict(https_enforced, old, min_security_policy="TLSv1.2_2019").status is PASS


def ending(**after: float) -> dict[str, Any]:
    """A certificate that ends some time from now."""
    return {"NotAfter": (NOW + timedelta(**after)).isoformat()}


@pytest.mark.parametrize(
    ("but", "status"),
    [
        ({}, PASS),
        (ending(days=31), PASS),
        (ending(days=30), FAIL),
        (ending(days=30, seconds=1), PASS),
        (ending(days=1), FAIL),
        (ending(days=-1), FAIL),
        (ending(), FAIL),
        ({**ending(days=1), "Type": "IMPORTED", "RenewalEligibility": "INELIGIBLE"}, FAIL),
        ({"Status": "EXPIRED", **ending(days=-1)}, FAIL),
        ({"Status": "REVOKED"}, FAIL),
        ({"Status": "PENDING_VALIDATION", "NotAfter": None}, UNKNOWN),
        ({**ending(days=-1), "InUse": False}, NOTHING),
        ({"InUse": UNREAD}, UNKNOWN),
    ],
)
def test_certificates(but: dict[str, Any], status: Status) -> None:
    """What is not in use may expire; what AWS should have renewed is late."""
    assert verdict(certificate_not_expiring, a_certificate(**but)).status is status


def test_who_has_to_renew_is_said() -> None:
    """The limit counts from both sides."""
    late = verdict(certificate_not_expiring, a_certificate(**ending(days=20)))
    imported = verdict(certificate_not_expiring, a_certificate(**ending(days=20), RenewalEligibility="INELIGIBLE"))

    assert "20 days" in late.reason
    assert "has not renewed" in late.reason
    assert "does not renew" in imported.reason
    assert verdict(certificate_not_expiring, a_certificate(**ending(days=20)), min_days_left=19).status is PASS


def test_certificates_with_every_kind_of_key_are_asked_for() -> None:
    """AWS lists those with short RSA keys only unless it is asked; a new kind has to be added."""
    shapes = Loader().load_service_model("acm", "service-2")["shapes"]

    assert set(KEY_TYPES) == set(shapes["KeyAlgorithm"]["enum"])


@pytest.mark.parametrize(
    ("cluster", "status"),
    [
        (a_k8s_cluster(public=False), PASS),
        (a_k8s_cluster("0.0.0.0/0", public=False), PASS),
        (a_k8s_cluster("0.0.0.0/0"), FAIL),
        (a_k8s_cluster(), FAIL),
        (a_k8s_cluster("203.0.113.7/32"), PASS),
        (a_k8s_cluster("8.8.8.8/32", "10.0.0.0/8"), PASS),
        (a_k8s_cluster("0.0.0.0/1", "128.0.0.0/1"), FAIL),
        (a_k8s_cluster("8.8.8.8/32", "0.0.0.0/0"), FAIL),
        (a_k8s_cluster("8.0.0.0/8"), FAIL),
        (a_k8s_cluster("8.8.8.8/32", "::/0"), FAIL),
        (a_k8s_cluster("8.8.8.8/32", "2a00:1450::/32"), PASS),
        (a_k8s_cluster("the office"), UNKNOWN),
        (a_k8s_cluster("the office", "0.0.0.0/0"), FAIL),
        (a_k8s_cluster(cluster=UNREAD), UNKNOWN),
    ],
)
def test_clusters(cluster: Any, status: Status) -> None:
    """The whole internet can be written in more ways than with a zero."""
    assert verdict(cluster_endpoint_restricted, cluster).status is status


def test_the_share_is_a_limit() -> None:
    """As for security groups, and in the same words."""
    wide = a_k8s_cluster("8.0.0.0/8")

    assert verdict(cluster_endpoint_restricted, wide, max_public_share=0.01).status is PASS
    reason = verdict(cluster_endpoint_restricted, wide).reason
    assert reason.startswith("internet -> public endpoint -> k8s: ")
    assert "0.5 of every 100 public IPv4 addresses" in reason
