"""Situations that people reported to other tools as wrong findings or as missed ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.acm.checks import certificate_not_expiring
from connectors.aws.cloudfront.checks import https_enforced
from connectors.aws.eks.checks import cluster_endpoint_restricted
from connectors.aws.elb.checks.listeners import classic_https_listeners_only, https_listeners_only
from connectors.aws.elb.checks.tls import strong_tls_policy
from connectors.aws.rds.checks.exposure import instance_not_public
from tests.connectors.aws.builders import FAIL, NOTHING, NOW, PASS, UNKNOWN, all_of, not_seen, verdict
from tests.connectors.aws.exposure_builders import (
    ALL_4,
    OPEN_4,
    OPEN_ACL,
    a_group,
    a_subnet,
    a_table,
    an_acl,
    letting,
)
from tests.connectors.aws.service_builders import (
    FORWARD,
    a_balancer,
    a_certificate,
    a_classic,
    a_classic_listener,
    a_database,
    a_distribution,
    a_k8s_cluster,
    a_listener,
    a_rule,
    fixed,
    redirect,
    tls_policies,
)

UNSEEN = (not_seen(), not_seen(), not_seen(), not_seen())
BOTH = ("subnet-1", "subnet-2")


MAIN = (a_table(OPEN_4),)


def network(*groups: Any, tables: Any = MAIN) -> tuple[Any, ...]:
    """Two subnets with these groups and tables."""
    acl = an_acl(*OPEN_ACL, subnets=BOTH)
    return all_of(*(a_subnet(name) for name in BOTH)), all_of(*tables), all_of(acl), all_of(*groups)


PUBLIC = {"PubliclyAccessible": True}
OPEN = a_group(letting(ALL_4))


@pytest.mark.parametrize(
    ("database", "seen", "status", "said"),
    [
        # prowler: the group in the finding is not the one with the rule, and changes from run to run.
        (
            a_database(**PUBLIC, VpcSecurityGroups=[{"VpcSecurityGroupId": name} for name in ("sg-0", "sg-1", "sg-2")]),
            network(a_group(name="sg-0"), OPEN, a_group(letting("10.0.0.0/8"), name="sg-2")),
            FAIL,
            "subnet-1 -> sg-1: tcp 5432",
        ),
        # prowler: publicly accessible, with a filtered group.
        (a_database(**PUBLIC), network(a_group(letting("10.0.0.0/8"))), FAIL, "does not reach"),
        # prowler: the group opens another port than that of the database.
        (a_database(**PUBLIC), network(a_group(letting(ALL_4, port=443))), FAIL, "does not reach"),
        # aws-config-rules: the main table is public, and the subnet has a private one of its own.
        (
            a_database(**PUBLIC),
            network(OPEN, tables=(a_table(OPEN_4), a_table(name="rtb-2", subnet="subnet-1"))),
            FAIL,
            "rtb-2 of subnet-1 has no IPv4 route",
        ),
        # aws-config-rules: of several subnets one has no table of its own, and the main one is public.
        (
            a_database(**PUBLIC, MultiAZ=True),
            network(OPEN, tables=(a_table(OPEN_4), a_table(name="rtb-2", subnet="subnet-1"))),
            FAIL,
            "in which of its 2 subnets",
        ),
        # cnspec: not publicly accessible, in a subnet with a route to the internet.
        (a_database(), network(OPEN), PASS, ""),
        # prowler: a subnet with a route to an internet gateway is taken for a private one.
        (a_database(**PUBLIC), network(OPEN), FAIL, "the way is open"),
    ],
)
def test_databases(database: Any, seen: Any, status: Status, said: str) -> None:
    """The verdict is by the setting, and the way by everything else."""
    found = verdict(instance_not_public, database, *seen)

    assert found.status is status
    assert said in found.reason


HTTPS = a_listener("HTTPS", policy="TLS13")


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        # aws-load-balancer-controller: the redirect is a rule, and the default answers 404.
        ((a_rule(redirect(), priority="1"), a_rule(fixed("404"))), PASS),
        # cloud-custodian: a fixed refusal is in order, and a redirect from HTTP to HTTP is not.
        ((a_rule(fixed("403")),), PASS),
        ((a_rule(redirect("HTTP")),), FAIL),
        # ScoutSuite, tfsec, cnspec: a redirect to HTTPS is no finding.
        ((a_rule(redirect()),), PASS),
        # The other way round: the default redirects, and one path is served.
        ((a_rule(FORWARD, priority="1"), a_rule(redirect())), FAIL),
    ],
)
def test_listeners(rules: tuple[Any, ...], status: Status) -> None:
    """Each rule counts."""
    balancer = a_balancer(HTTPS, a_listener("HTTP", 80, *rules))

    assert verdict(https_listeners_only, balancer, *UNSEEN).status is status


def test_older_load_balancers() -> None:
    """prowler: with both protocols, whether the machines behind it redirect is not seen."""
    balancer = a_classic(a_classic_listener("HTTPS"), a_classic_listener("HTTP", 80))

    assert verdict(classic_https_listeners_only, balancer, *UNSEEN).status is FAIL


def test_tls_policies_that_no_list_has() -> None:
    """aws-config-rules: a list of good policies is out of date with the next one."""
    new = tls_policies(ELBSecurityPolicy_from_tomorrow=("TLSv1.3",))

    balancer = a_balancer(a_listener("HTTPS", policy="ELBSecurityPolicy-from-tomorrow"))

    assert verdict(strong_tls_policy, balancer, new).status is PASS


@pytest.mark.parametrize("minimum", ["TLSv1", "SSLv3"])
def test_the_certificate_of_cloudfront(minimum: str) -> None:
    """cdk-nag, cloudsploit: nobody but AWS decides what is taken there, and AWS states odd values."""
    certificate = {"CloudFrontDefaultCertificate": True, "MinimumProtocolVersion": minimum}

    found = verdict(https_enforced, a_distribution(ViewerCertificate=certificate))

    assert found.status is PASS
    assert "AWS itself decides" in found.reason


@pytest.mark.parametrize(
    ("cluster", "status"),
    [
        # prowler: the endpoint is private and public at once. All clusters here are private, too.
        (a_k8s_cluster("0.0.0.0/0"), FAIL),
        # mkit: it is private, and no range is named.
        (a_k8s_cluster(public=False), PASS),
        # steampipe: where no range is named, AWS lets in everybody.
        (a_k8s_cluster(), FAIL),
    ],
)
def test_clusters(cluster: Any, status: Status) -> None:
    """The switch decides first."""
    assert verdict(cluster_endpoint_restricted, cluster).status is status


@pytest.mark.parametrize(
    ("but", "status"),
    [
        # prowler: what is not in use may expire.
        ({"NotAfter": (NOW - timedelta(days=9)).isoformat(), "InUse": False}, NOTHING),
        # prowler: a certificate that was never issued has no end.
        ({"NotAfter": None, "Status": "FAILED"}, UNKNOWN),
    ],
)
def test_certificates(but: dict[str, Any], status: Status) -> None:
    """An end that is not there is no end far away."""
    assert verdict(certificate_not_expiring, a_certificate(**but)).status is status
