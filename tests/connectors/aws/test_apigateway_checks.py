"""The checks of APIs: what the internet reaches without being asked who calls."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.apigateway.checks import http_api_callers_authorized, rest_api_callers_authorized
from tests.connectors.aws.api_builders import a_rest_api, an_http_api, escaped, invoking
from tests.connectors.aws.builders import FAIL, NOTHING, OWN, PASS, STRANGER, UNKNOWN, UNREAD, text, verdict

OPEN = ("GET", "/orders", "NONE")
SIGNED = ("GET", "/orders", "AWS_IAM")
ASKING = ("ANY", "/{proxy+}", "CUSTOM")
IN_OFFICE = {"IpAddress": {"aws:SourceIp": ["198.51.100.0/24"]}}
IN_A_HALF = {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}
NOT_IN_OFFICE = {"NotIpAddress": {"aws:SourceIp": ["8.8.8.0/24", "2a00::/32"]}}
BY_ENDPOINT = {"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}


@pytest.mark.parametrize(
    ("methods", "status"),
    [
        ([OPEN], FAIL),
        ([ASKING, OPEN], FAIL),
        ([ASKING], PASS),
        ([("GET", "/", "COGNITO_USER_POOLS")], PASS),
        ([SIGNED], PASS),
        ([ASKING, ("OPTIONS", "/{proxy+}", "NONE")], PASS),
        ([("OPTIONS", "/", "NONE")], NOTHING),
        ([("GET", "/", "SOMETHING_NEW")], UNKNOWN),
        ([("GET", "/", "SOMETHING_NEW"), OPEN], FAIL),
        ([], NOTHING),
    ],
)
def test_what_a_method_asks(methods: list[tuple[str, str, str]], status: Status) -> None:
    """One method that asks nobody is enough, but for what browsers ask first."""
    assert verdict(rest_api_callers_authorized, a_rest_api(*methods)).status is status


@pytest.mark.parametrize(
    ("methods", "statements", "status"),
    [
        ([OPEN], [invoking()], FAIL),
        ([OPEN], [invoking({"AWS": f"arn:aws:iam::{OWN}:root"})], PASS),
        ([OPEN], [invoking(condition=IN_OFFICE)], PASS),
        ([OPEN], [invoking(condition=IN_A_HALF)], FAIL),
        ([OPEN], [invoking(), invoking(effect="Deny", condition=NOT_IN_OFFICE)], PASS),
        ([OPEN], [invoking(), invoking(effect="Deny", condition={"IpAddress": {"aws:SourceIp": "8.8.8.8/32"}})], FAIL),
        ([OPEN], [invoking(condition={"StringLike": {"aws:SourceIp": "203.*"}})], UNKNOWN),
        ([OPEN], [invoking(condition=BY_ENDPOINT)], PASS),
        ([OPEN], [invoking(condition={"StringEquals": {"something:New": "a"}})], UNKNOWN),
        ([OPEN], [invoking(on="/live/POST/*")], PASS),
        ([OPEN], [invoking(on="/*/GET/orders")], FAIL),
        ([("ANY", "/{proxy+}", "NONE")], [invoking(on="/live/GET/shown/*")], FAIL),
        ([SIGNED], [invoking()], FAIL),
        ([SIGNED], [invoking({"AWS": STRANGER})], PASS),
        ([SIGNED], [invoking("*", {"StringEquals": {"aws:PrincipalOrgID": "o-acmeacme00"}})], PASS),
        ([ASKING], [invoking()], PASS),
    ],
)
def test_the_policy_of_an_api(methods: Any, statements: list[Any], status: Status) -> None:
    """It counts by the addresses that it lets everybody in from."""
    found = [
        verdict(rest_api_callers_authorized, a_rest_api(*methods, policy=document)).status
        for document in (text(*statements), escaped(*statements))
    ]

    assert found == [status, status]


@pytest.mark.parametrize(
    ("but", "status"),
    [
        ({"endpointConfiguration": {"types": ["PRIVATE"]}}, PASS),
        ({"endpointConfiguration": {"types": ["EDGE"]}}, FAIL),
        ({"disableExecuteApiEndpoint": True}, UNKNOWN),
        ({"stages": []}, NOTHING),
        ({"stages": UNREAD}, UNKNOWN),
        ({"policy": "not a policy"}, UNKNOWN),
    ],
)
def test_where_an_api_answers(but: dict[str, Any], status: Status) -> None:
    """What is private, or deployed nowhere, is reached by nobody; a domain name may lead to an endpoint that is off."""
    assert verdict(rest_api_callers_authorized, a_rest_api(OPEN, **but)).status is status


def test_the_path_is_in_the_reason() -> None:
    """Each step from the internet to what is reached."""
    result = verdict(rest_api_callers_authorized, a_rest_api(OPEN, ASKING, policy=text(invoking(condition=IN_A_HALF))))

    steps = result.reason.split(" -> ")
    assert [steps[0], steps[1], steps[-1]] == ["internet", "REGIONAL endpoint", "orders: GET /orders of live"]
    assert "statement 1" in steps[2]


def test_an_api_key_controls_no_access() -> None:
    """AWS says so; the reason names it."""
    stages = [
        {
            "stageName": "live",
            "methods": [
                {"path": "/", "httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": True},
            ],
        }
    ]

    result = verdict(rest_api_callers_authorized, a_rest_api(stages=stages))

    assert result.status is FAIL
    assert "API key" in result.reason


@pytest.mark.parametrize("named", ["a1b2c3", "orders"])
def test_an_api_that_is_meant_for_everybody(named: str) -> None:
    """The company says so; what it does not name stays as it is."""
    approved = {"approved_public_apis": ("orders",)}
    assert verdict(rest_api_callers_authorized, a_rest_api(OPEN), approved_public_apis=(named,)).status is PASS
    assert verdict(rest_api_callers_authorized, a_rest_api(OPEN), approved_public_apis=("order",)).status is FAIL
    assert verdict(http_api_callers_authorized, an_http_api(("$default", "NONE")), **approved).status is PASS


@pytest.mark.parametrize(
    ("routes", "but", "status"),
    [
        ([("$default", "NONE")], {}, FAIL),
        ([("GET /a", "JWT"), ("GET /b", "CUSTOM")], {}, PASS),
        ([("GET /a", "AWS_IAM")], {}, PASS),
        ([("GET /a", "JWT"), ("OPTIONS /a", "NONE")], {}, PASS),
        ([("GET /a", "JWT"), ("ANY /b", "NONE")], {}, FAIL),
        ([("$connect", "AWS_IAM"), ("$default", "NONE")], {"ProtocolType": "WEBSOCKET"}, PASS),
        ([("$connect", "NONE"), ("$default", "NONE")], {"ProtocolType": "WEBSOCKET"}, FAIL),
        ([("$default", "NONE")], {"ProtocolType": "WEBSOCKET"}, FAIL),
        ([("$default", "NONE")], {"DisableExecuteApiEndpoint": True}, UNKNOWN),
        ([("$default", "NONE")], {"Stages": []}, NOTHING),
        ([("$default", "NONE")], {"Stages": UNREAD}, UNKNOWN),
        ([], {"Routes": UNREAD}, UNKNOWN),
        ([], {}, NOTHING),
    ],
)
def test_routes(routes: list[tuple[str, str]], but: dict[str, Any], status: Status) -> None:
    """Of a WebSocket API only the connection can ask."""
    assert verdict(http_api_callers_authorized, an_http_api(*routes, **but)).status is status


def test_routes_that_wait_for_a_deployment() -> None:
    """A stage that is deployed by hand may have other routes than those that are saved."""
    waiting = verdict(http_api_callers_authorized, an_http_api(("GET /a", "JWT"), auto_deploy=False))

    assert "$default" in waiting.reason
