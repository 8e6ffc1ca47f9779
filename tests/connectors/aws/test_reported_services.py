"""Situations that people reported of other tools, on queues, topics, networks, databases, machines and secrets.

Each is told in the words of the report, with the address.
"""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from collector.core.environments import suspects
from connectors.aws.ec2.checks.subnets import acl_no_admin_ports_open
from connectors.aws.elasticache.checks import redis_encrypted
from connectors.aws.elb.checks.operation import access_logging_enabled
from connectors.aws.opensearch.checks import domain_hardened
from connectors.aws.rds.checks.upkeep import instance_deletion_protected
from connectors.aws.sns.checks import topic_not_public
from connectors.aws.sqs.checks import queue_not_public
from connectors.aws.ssm.checks import instance_managed
from tests.connectors.aws.builders import (
    FAIL,
    NOTHING,
    OWN,
    PASS,
    STRANGER,
    UNKNOWN,
    a_bucket,
    all_of,
    not_seen,
    verdict,
)
from tests.connectors.aws.guarded_builders import a_queue, a_topic
from tests.connectors.aws.protection_builders import ago, patched
from tests.connectors.aws.service_builders import a_balancer, a_database, a_listener, an_instance, logging_to
from tests.connectors.aws.test_data_store_checks import a_cache, a_domain, a_policy
from tests.connectors.aws.test_ec2_subnet_checks import an_acl, an_entry


def said(action: Any, condition: Any, principal: Any = "*") -> dict[str, Any]:
    """A statement that lets everybody in on a condition."""
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", "Condition": condition}


OWN_TOPIC, OTHER_TOPIC = (f"arn:aws:sns:us-west-2:{number}:TopicName" for number in (OWN, STRANGER))


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        # prowler 3199: a topic of another account, as AWS documents it.
        ({"ArnEquals": {"aws:SourceArn": OTHER_TOPIC}}, PASS),
        # prowler 2565, Scout2 184: a topic of the same account, as the console writes it.
        ({"ArnEquals": {"aws:SourceArn": OWN_TOPIC}}, PASS),
        # prowler 3212: a bucket, whose ARN has no account in it; it is the account's own.
        ({"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::acme-files"}}, PASS),
        # The other way round: a bucket of nobody knows whom, and any bucket.
        ({"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::somebodys-files"}}, UNKNOWN),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, FAIL),
        # A condition that is there, and narrows nothing.
        ({"StringLike": {"aws:SourceAccount": "*"}}, FAIL),
    ],
)
def test_queues(condition: Any, status: Status) -> None:
    """What a condition says counts, and not that there is one."""
    queue = a_queue(said("sqs:SendMessage", condition))

    assert verdict(queue_not_public, queue, buckets=all_of(a_bucket())).status is status


def test_a_bucket_where_the_list_of_buckets_was_refused() -> None:
    """It may be the account's own or anybody's, and what would tell is named."""
    queue = a_queue(said("sqs:SendMessage", {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::acme-files"}}))

    found = verdict(queue_not_public, queue, buckets=not_seen())

    assert found.status is UNKNOWN
    assert "the list was refused" in found.reason


DEFAULT = [
    f"SNS:{name}" for name in ("GetTopicAttributes", "SetTopicAttributes", "AddPermission", "Subscribe", "Publish")
]


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        # cs-suite 23, prowler 2697: the policy that the console gives a topic.
        (said(DEFAULT, {"StringEquals": {"AWS:SourceOwner": OWN}}, {"AWS": "*"}), PASS),
        # prowler 8326: one bucket may publish.
        (said("SNS:Publish", {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::acme-files"}}, {"AWS": "*"}), PASS),
        # steampipe 858: an organization, and an account of somebody else by its own condition.
        (said("sns:Publish", {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}, {"AWS": "*"}), PASS),
        (said("sns:Publish", {"StringEquals": {"aws:PrincipalAccount": STRANGER}}, {"AWS": "*"}), PASS),
        # prowler 2782: only the principal was looked at. Everybody without a condition stays everybody.
        (said("sns:Publish", {}, {"AWS": "*"}), FAIL),
    ],
)
def test_topics(statement: Any, status: Status) -> None:
    """Nobody whom it does not name."""
    assert verdict(topic_not_public, a_topic(statement), buckets=all_of(a_bucket())).status is status


@pytest.mark.parametrize(
    ("domain", "status"),
    [
        # prowler 4494: open by policy, and in a network.
        (a_domain(AccessPolicies=a_policy("*")), PASS),
        # prowler 8565: an address of the internet; whose it is cannot be read from a policy.
        (
            a_domain(VPCOptions={}, AccessPolicies=a_policy("*", IpAddress={"aws:SourceIp": "198.51.100.7"})),
            UNKNOWN,
        ),
        # aurelian 231: fine-grained access control off, and everybody by policy.
        (a_domain(VPCOptions={}, AccessPolicies=a_policy("*")), FAIL),
    ],
)
def test_search_domains(domain: Any, status: Status) -> None:
    """A policy is not all that keeps somebody out."""
    assert verdict(domain_hardened, domain).status is status


ANY = an_entry(100, "allow", None, Protocol="-1")
CLOSED_6 = [an_entry(number, "deny", (port, port), Ipv6CidrBlock="::/0") for number, port in ((92, 22), (93, 3389))]


@pytest.mark.parametrize(
    ("acl", "status"),
    [
        # steampipe 404, prowler 2910: both ports are denied before everything is allowed.
        (an_acl(an_entry(90, "deny", (22, 22)), an_entry(91, "deny", (3389, 3389)), ANY), PASS),
        # checkov 4518: a range is denied that holds one of the ports.
        (an_acl(an_entry(10, "deny", (20, 22)), an_entry(20, "deny", (3389, 3389)), ANY), PASS),
        # prowler 785: the same port is denied first and allowed later.
        (an_acl(an_entry(100, "deny", (3389, 3389)), an_entry(200, "allow", (3389, 3389))), PASS),
        # aws-config-developer-guide 25: gaps between ranges that are allowed.
        (
            an_acl(
                an_entry(10, "allow", (0, 21)), an_entry(20, "allow", (23, 3388)), an_entry(30, "allow", (3390, 65535))
            ),
            PASS,
        ),
        # The same report, with the port mistyped: what is denied is 3388.
        (an_acl(an_entry(10, "deny", (22, 22)), an_entry(20, "deny", (3388, 3388)), ANY), FAIL),
        # steampipe 264: both families are closed, or one is forgotten.
        (an_acl(*CLOSED_6, an_entry(100, "allow", None, Protocol="-1", Ipv6CidrBlock="::/0")), PASS),
        (
            an_acl(
                an_entry(90, "deny", (22, 22)),
                an_entry(91, "deny", (3389, 3389)),
                an_entry(100, "allow", None, Protocol="-1", Ipv6CidrBlock="::/0"),
            ),
            FAIL,
        ),
    ],
)
def test_network_acls(acl: Any, status: Status) -> None:
    """The order decides, for each family by itself."""
    assert verdict(acl_no_admin_ports_open, acl).status is status


TLS, TCP = a_listener("TLS", policy="x"), a_listener("TCP")


@pytest.mark.parametrize(
    ("balancer", "status"),
    [
        # ScoutSuite 617: a network load balancer without a TLS listener cannot log.
        (a_balancer(TCP, Type="network", attributes=logging_to(None)), NOTHING),
        # checkov 7411: it may log by way of CloudWatch, which is not looked at.
        (a_balancer(TLS, Type="network", attributes=logging_to(None)), UNKNOWN),
        (a_balancer(TLS, Type="network", attributes=logging_to("logs")), PASS),
        (a_balancer(attributes=logging_to(None)), FAIL),
    ],
)
def test_access_logs(balancer: Any, status: Status) -> None:
    """What may be logged elsewhere is not known to be logged nowhere."""
    assert verdict(access_logging_enabled, balancer).status is status


@pytest.mark.parametrize("engine", ["aurora-mysql", "docdb", "neptune"])
def test_members_of_clusters_are_protected_with_them(engine: str) -> None:
    """Steampipe 400: deletion protection of Aurora, DocumentDB and Neptune is one of the cluster."""
    member = a_database(Engine=engine, DeletionProtection=False, DBClusterIdentifier="cluster-1")

    assert verdict(instance_deletion_protected, member).status is NOTHING


@pytest.mark.parametrize("state", ["terminated", "stopped", "shutting-down", "pending"])
def test_machines_that_do_not_run_report_to_nobody(state: str) -> None:
    """Prowler 2059 and 4251, steampipe 540: terminated and stopped machines were taken for unmanaged ones."""
    machine = an_instance(state, LaunchTime=ago(days=9))

    assert verdict(instance_managed, machine, all_of(patched(ping="ConnectionLost"))).status is NOTHING


def test_a_cache_that_takes_plain_connections_too() -> None:
    """Cnspec 3066: encryption in transit is on, and in the mode `preferred` nobody has to use it."""
    assert verdict(redis_encrypted, a_cache(TransitEncryptionMode="preferred")).status is FAIL


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        # prowler 4893: a setting that is named after passwords.
        ("MYSQL_ALLOW_EMPTY_PASSWORD", "yes", False),
        # prowler 1760: where a secret lies is none.
        ("RDS_secrets_name", "config/database_credentials", False),
        # prowler 900 and 901: passwords that only their names show.
        ("PASSWORD1", "rs.z5v9fI<alU(xUCG5oG%qL", True),
        ("PASSWORD2", "=hq3v-z7h38V=29fiRx=U7p4", True),
        ("PORT1", "2390", False),
        ("DOMAIN1", "https://fake-domain.org", False),
        # prowler 826: what a task is given in place of a parameter.
        ("DB_PASSWORD", "hunter2hunter2", True),
        ("AWS_SECRET", "abcdefgh12345678", True),
    ],
)
def test_secrets_in_environments(name: str, value: str, found: bool) -> None:
    """Names and values count together."""
    assert suspects([(name, value)]) == ([name] if found else [])
