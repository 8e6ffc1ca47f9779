"""What botocore would read as an empty answer: by the service's protocol, with botocore's own models."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session
import pytest

from collector.core.errors import ConnectorError, Denied, Unavailable, Unexpected
from connectors.aws._sdk.answer_shape import AnswerShape, shape_of

XML = {"content-type": "text/xml"}
JSON = {"content-type": "application/x-amz-json-1.1"}
HTML = {"content-type": "text/html; charset=utf-8"}
USERS = b"<ListUsersResponse xmlns='https://iam'><ListUsersResult><Users/></ListUsersResult></ListUsersResponse>"


@cache
def _session() -> Any:
    return botocore.session.Session()


def a_shape(service: str, operation: str) -> AnswerShape:
    """Return the shape of an operation."""
    return shape_of(_session().get_service_model(service).operation_model(operation))


@pytest.mark.parametrize(
    ("service", "operation", "body"),
    [
        ("iam", "ListUsers", USERS),
        ("iam", "ListUsers", b'<?xml version="1.0"?>\n' + USERS),
        ("ec2", "DescribeVpcs", b"<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>"),
        ("s3", "GetBucketVersioning", b"<VersioningConfiguration/>"),
        ("s3", "GetBucketVersioning", b"<Error><Code>SlowDown</Code></Error>"),
        ("s3", "GetBucketEncryption", b"<ServerSideEncryptionConfiguration></ServerSideEncryptionConfiguration>"),
        ("s3", "GetBucketPolicy", b'{"Statement": []}'),
        ("s3control", "GetPublicAccessBlock", b"<PublicAccessBlockConfiguration/>"),
        ("cloudtrail", "DescribeTrails", b'{"trailList": []}'),
        ("account", "ListRegions", b" {} "),
    ],
)
def test_what_aws_answers_is_left_to_botocore(service: str, operation: str, body: bytes) -> None:
    """Whether there is a list in it is said by whoever asked for one."""
    headers = JSON if body.strip().startswith(b"{") else XML

    a_shape(service, operation).require(operation, 200, headers, body)


@pytest.mark.parametrize(
    ("service", "operation", "status", "headers", "body"),
    [
        ("cloudtrail", "GetTrailStatus", 200, JSON, b'{"IsLogg'),
        ("cloudtrail", "GetTrailStatus", 200, JSON, b"null"),
        ("cloudtrail", "GetTrailStatus", 200, JSON, b"[]"),
        ("cloudtrail", "GetTrailStatus", 204, JSON, b""),
        ("account", "ListRegions", 200, JSON, b"OK"),
        ("account", "ListRegions", 200, HTML, b"{}"),
        ("iam", "ListUsers", 200, XML, b"<ListUsersResponse/>"),
        ("iam", "ListUsers", 200, XML, b"<ListRolesResponse><ListRolesResult/></ListRolesResponse>"),
        ("iam", "ListUsers", 200, HTML, USERS),
        ("ec2", "DescribeVpcs", 200, XML, b"<vpcs/>"),
        ("s3", "GetBucketVersioning", 200, XML, b"<portal/>"),
        ("s3", "GetBucketVersioning", 204, XML, b" "),
        ("s3", "GetBucketEncryption", 200, XML, b"<Encryption/>"),
        ("s3", "GetBucketVersioning", 200, XML, b"<!doctype html><html></html>"),
    ],
)
def test_what_botocore_would_read_as_nothing_is_refused(
    service: str, operation: str, status: int, headers: dict[str, str], body: bytes
) -> None:
    """Versioning that is off and an answer of a proxy's are the same to it."""
    with pytest.raises(Unexpected):
        a_shape(service, operation).require(operation, status, headers, body)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b"", Denied),
        (403, b" ", Denied),
        (403, b"<html></html>", Unexpected),
        (502, b"<html></html>", Unavailable),
    ],
)
def test_an_error_without_a_word_of_aws_s_is_named_by_its_status(
    status: int, body: bytes, kind: type[ConnectorError]
) -> None:
    """Botocore cannot read the bare refusal of every service; a proxy's is none of AWS's."""
    with pytest.raises(kind):
        a_shape("ec2", "DescribeVpcs").require("DescribeVpcs", status, XML, body)


@pytest.mark.parametrize(("status", "body"), [(400, b"{"), (404, b""), (500, b"<x/>"), (401, b"<Error/>")])
def test_other_errors_are_left_to_botocore(status: int, body: bytes) -> None:
    """It knows the codes of each protocol."""
    a_shape("ec2", "DescribeVpcs").require("DescribeVpcs", status, XML, body)


def test_an_operation_without_a_body_may_answer_without_one() -> None:
    """s3:HeadBucket, which the SDK sends by itself to find the region of a bucket."""
    a_shape("s3", "HeadBucket").require("HeadBucket", 200, {}, b"")
