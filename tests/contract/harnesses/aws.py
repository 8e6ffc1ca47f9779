"""The harness of AWS: one account with resources in one region, on moto."""

from __future__ import annotations

import atexit
import copy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import pytest
from moto.iam.models import iam_backends

from collector.contract.harness import Throttle
from collector.contract.raw_answers import Make, RawAnswer, RawRequest
from collector.core.connectors import Connector
from collector.demo.aws.wire import refusal
from collector.setup.loading import connector
from connectors.aws._sdk.client import NO_CALL, Account, connect
from connectors.aws._sdk.settings import Settings
from tests.connectors.aws.wires import CountingWire
from tests.doubles.aws_company import ACCOUNT, CANARIES, PREPARED, REGION, seed_company
from tests.doubles.aws_door import PAGED, Door, Steered
from tests.doubles.aws_events import EVENT_NAMES

_NO_QUEUES = "SQS leaves the list out where there are no queues"
_LOOKED_UP_FIRST = "what is in use is looked up as a whole before it is asked about"

# One for the whole process: starting it, reading the SDK's models and seeding the company take seconds each.
_STARTED: list[tuple[Steered, Account, dict[str, str]]] = []


def _steered() -> tuple[Steered, dict[str, str]]:
    if not _STARTED:
        double = Steered(PREPARED)
        double.__enter__()
        atexit.register(partial(double.__exit__, None, None, None))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
            kept = connect(_settings(double), (), CountingWire())
        _STARTED.append((double, kept, {}))
    double, _, key = _STARTED[0]
    if not key or key["AWS_ACCESS_KEY_ID"] not in iam_backends[ACCOUNT]["aws"].access_keys:
        # moto's state is per process, and another folder's tests may have emptied it.
        double.reset()
        given = seed_company(double)
        key |= {
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
        }
    return double, key


def _settings(double: Steered) -> Settings:
    # The one other account of the organization is closed, so that no role has to be entered.
    return Settings(accounts="organization", role_name="annexd", regions=(REGION,), endpoint_url=double.url)


_SIGNED_FOR = re.compile(r"/([\w-]+)/aws4_request")


def _throttled(status: int, code: str) -> Make:
    """Return what answers as AWS does where there were too many requests, in the format of the service's answers."""

    def make(request: RawRequest, own: RawAnswer) -> RawAnswer:
        service = _SIGNED_FOR.findall(request.headers["authorization"])[0]
        answer = refusal(service, code, "Rate exceeded", status=status)
        return own.but(status=status, body=answer.body, content_type=dict(answer.headers)["Content-Type"])

    return make


class AwsHarness:
    """AWS with one account that has resources in one region."""

    throttles: ClassVar = {
        "Throttling": Throttle(_throttled(400, "Throttling")),
        "RequestLimitExceeded": Throttle(_throttled(503, "RequestLimitExceeded")),
        "SlowDown": Throttle(_throttled(503, "SlowDown")),
    }
    not_possible: ClassVar = {
        "odd count": "AWS states no count beside a list that it gives in pages",
        "next link": "AWS names the next page by a token",
        "empty s3:GetBucketVersioning": "S3 answers so for a bucket that never had versioning",
        "empty s3:GetBucketLogging": "S3 answers so for a bucket without access logs",
        "empty sqs:ListQueues": _NO_QUEUES,
        "without lists sqs:ListQueues": _NO_QUEUES,
        "empty wafv2:GetWebACLForResource": "WAF answers so for a load balancer without a web ACL",
        "second page iam:GetAccountAuthorizationDetails of aws.iam.administrator": (
            "the policies are read before anybody is judged by them"
        ),
        "second page ec2:DescribeInstances of aws.ec2.source_image": _LOOKED_UP_FIRST,
        "second page rds:DescribeDBClusters of aws.rds.parameter_group": _LOOKED_UP_FIRST,
        "second page rds:DescribeDBInstances of aws.rds.engine_version": _LOOKED_UP_FIRST,
        "second page rds:DescribeDBInstances of aws.rds.parameter_group": _LOOKED_UP_FIRST,
        "second page sso-admin:ListPermissionSets of aws.sso.account_assignment": (
            "the sets are counted before it is decided how assignments are listed"
        ),
    }
    paged = PAGED
    free = frozenset({"sts:GetCallerIdentity"})
    attempts = 5
    canaries = CANARIES

    def __init__(self) -> None:
        self.connector = _connector()

    @contextmanager
    def fixture(self) -> Iterator[Door]:
        """Yield a new door to the one company, which is not changed."""
        double, key = _steered()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
            patch.setattr("connectors.aws.cloudtrail.events._REGIONAL", EVENT_NAMES)
            for name, value in key.items():
                patch.setenv(name, value)
            double.door = Door(double.whole)
            try:
                yield double.door
            finally:
                double.door = None

    def settings(self, double: Any) -> Settings:  # noqa: ARG002  there is one double
        """Return the settings of the one double."""
        return _settings(_STARTED[0][0])


# What these lists look up before they list, where no region is named.
_LOOKED_UP = {
    "aws.sso.account_assignment": ("account:ListRegions",),
    "aws.sso.instance": ("account:ListRegions",),
    "aws.sso.permission_set": ("account:ListRegions",),
}


def _connector() -> Connector[Any, Any]:
    """Return the connector with both ways to find accounts, and the calls that only the lists make.

    The identity call is made for every task and by one list, so that its count says nothing about the list; regions are
    listed by EC2 in partitions without the account service only. Regions are named here, so that Identity Center is
    looked for in these; of its two ways to list assignments the one by accounts takes fewer calls here.
    """
    aws = connector("aws").connector
    never = {NO_CALL, aws.identity_call, "ec2:DescribeRegions", "sso-admin:ListAccountAssignmentsForPrincipal"}
    whole = copy.copy(aws)
    whole.collections = {
        id_: replace(
            collection,
            when=lambda _settings: True,
            calls=tuple(call for call in collection.calls if call not in never and call not in _LOOKED_UP.get(id_, ())),
        )
        for id_, collection in whole.collections.items()
    }
    return whole


def harness() -> AwsHarness:
    """Return the harness of AWS."""
    return AwsHarness()
