"""Checks of what Systems Manager stores: parameters and documents."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.ssm.checks import document_not_public, parameter_secure_string
from connectors.aws.ssm.resources import Document, Parameter
from tests.connectors.aws.builders import FAIL, NOTHING, OWN, PASS, STRANGER, UNKNOWN, UNREAD, a, verdict
from tests.connectors.aws.service_builders import described


def a_parameter(name: str = "/web/db-password", type_: Any = "String", **but: Any) -> Parameter:
    """A parameter in plain text."""
    body = {"Name": name, "Type": type_, **but}
    return a(Parameter, described("ssm:DescribeParameters", "Parameters", body))


@pytest.mark.parametrize(
    ("parameter", "plain", "status"),
    [
        (a_parameter(type_="SecureString", KeyId="alias/aws/ssm"), (), PASS),
        (a_parameter(), (), FAIL),
        (a_parameter("/web/api_token"), (), FAIL),
        (a_parameter("/web/tokens/endpoint"), (), UNKNOWN),
        (a_parameter("/web/region"), (), UNKNOWN),
        (a_parameter("/web/region"), ("/web/*",), NOTHING),
        (a_parameter("/web/names", "StringList"), (), UNKNOWN),
        (a_parameter(type_=UNREAD), (), UNKNOWN),
    ],
)
def test_parameters(parameter: Any, plain: tuple[str, ...], status: Status) -> None:
    """What a parameter is called may say that it is a secret, and never that it is none."""
    assert verdict(parameter_secure_string, parameter, plain_parameters=plain).status is status


@pytest.mark.parametrize(
    ("shared", "status"),
    [([], PASS), ([STRANGER, OWN], PASS), (["all"], FAIL), ([OWN, "all"], FAIL), (UNREAD, UNKNOWN)],
)
def test_documents(shared: Any, status: Status) -> None:
    """Everybody is one of those whom a document may be shared with."""
    assert verdict(document_not_public, a(Document, {"Name": "Patch", "SharedWith": shared})).status is status
