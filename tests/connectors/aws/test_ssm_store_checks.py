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


PLAIN, SECRET = ({name: ("/web/*",)} for name in ("plain_parameters", "secret_parameters"))


@pytest.mark.parametrize(
    ("parameter", "limits", "status"),
    [
        (a_parameter(type_="SecureString", KeyId="alias/aws/ssm"), SECRET, PASS),
        (a_parameter(), {}, UNKNOWN),
        (a_parameter(), SECRET, FAIL),
        (a_parameter("/web/region"), SECRET, FAIL),
        (a_parameter("/web/region"), {}, UNKNOWN),
        (a_parameter("/web/region"), PLAIN, NOTHING),
        (a_parameter("/web/region"), PLAIN | SECRET, FAIL),
        (a_parameter("/shop/region"), PLAIN | SECRET, UNKNOWN),
        (a_parameter("/web/names", "StringList"), {}, UNKNOWN),
        (a_parameter(type_=UNREAD), SECRET, UNKNOWN),
    ],
)
def test_parameters(parameter: Any, limits: dict[str, tuple[str, ...]], status: Status) -> None:
    """What is in a parameter the company says; what it is called decides nothing."""
    assert verdict(parameter_secure_string, parameter, **limits).status is status


@pytest.mark.parametrize(
    ("name", "is_suspect"), [("/web/db-password", True), ("/web/api_token", True), ("/web/tokens/endpoint", False)]
)
def test_a_name_that_speaks_of_a_secret_is_told(name: str, is_suspect: bool) -> None:
    """For whoever has to look."""
    assert ("named as a secret" in verdict(parameter_secure_string, a_parameter(name)).reason) is is_suspect


@pytest.mark.parametrize(
    ("shared", "status"),
    [([], PASS), ([STRANGER, OWN], PASS), (["all"], FAIL), ([OWN, "all"], FAIL), (UNREAD, UNKNOWN)],
)
def test_documents(shared: Any, status: Status) -> None:
    """Everybody is one of those whom a document may be shared with."""
    assert verdict(document_not_public, a(Document, {"Name": "Patch", "SharedWith": shared})).status is status
