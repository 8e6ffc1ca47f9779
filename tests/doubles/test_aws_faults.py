"""Faults on the way to the AWS double have AWS's own shapes, and are on record."""

from __future__ import annotations

import pytest

from collector.demo.aws.double import AwsDouble
from tests.doubles.aws import Login, burst, fresh_account, limited, refused_with


def test_throttling_is_retried_and_on_record(aws: AwsDouble) -> None:
    """A test that throttles must be able to show that it did."""
    login = limited(aws, fresh_account())

    with burst(aws) as proxy:
        proxy.rules([{"service": "iam", "operation": "ListUsers", "error": {"code": "Throttling"}}])
        code = refused_with(Login(proxy.url, *_keys(login)).client("iam", attempts=2).list_users)

        assert code == ("Throttling", 400)
        assert [event["operation"] for event in proxy.fired()] == ["ListUsers", "ListUsers"]


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("iam", "list_users", "AccessDenied", 403),
        ("kms", "list_keys", "AccessDeniedException", 400),
        ("s3", "list_buckets", "SlowDown", 503),
        ("ec2", "describe_volumes", "RequestLimitExceeded", 503),
    ],
)
def test_a_fault_has_the_services_own_shape(
    aws: AwsDouble, service: str, operation: str, code: str, status: int
) -> None:
    """The proxy is somebody else's reading of AWS's errors, against which ours can be held."""
    login = limited(aws, fresh_account())

    with burst(aws) as proxy:
        proxy.rules([{"service": service, "error": {"code": code}}])
        seen = refused_with(getattr(Login(proxy.url, *_keys(login)).client(service), operation))

    assert seen == (code, status)


def test_without_rules_the_proxy_changes_nothing(aws: AwsDouble) -> None:
    """A proxy that disturbs calls on its own would make faults nobody asked for."""
    login = limited(aws, fresh_account())

    with burst(aws) as proxy:
        through = Login(proxy.url, *_keys(login))

        assert through.client("iam").list_roles()["Roles"][0]["RoleName"] == "limited"
        assert proxy.fired() == []


def _keys(login: Login) -> tuple[str, str, str | None]:
    return login.access_key_id, login.secret_access_key, login.session_token
