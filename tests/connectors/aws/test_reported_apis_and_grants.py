"""What public reports say that tools answer wrongly about APIs, URLs of functions and grants of keys."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.apigateway.checks import http_api_callers_authorized, rest_api_callers_authorized
from connectors.aws.kms.checks import key_grants_known_accounts_only
from connectors.aws.lambda_functions.checks import function_not_public, function_url_authenticated
from tests.connectors.aws.api_builders import a_rest_api, an_http_api, invoking
from tests.connectors.aws.builders import FAIL, OWN, PASS, UNKNOWN, in_organization, placed, text, verdict
from tests.connectors.aws.guarded_builders import FUNCTION_ARN, a_function, a_grant, a_key

OWN_ACCOUNT = invoking({"AWS": f"arn:aws:iam::{OWN}:root"})


@pytest.mark.parametrize(
    ("methods", "policy", "status"),
    [
        # prowler #3082: authorizers of methods, and none of the API.
        ([("GET", "/orders", "CUSTOM"), ("POST", "/orders", "COGNITO_USER_POOLS")], None, PASS),
        ([("GET", "/orders", "CUSTOM"), ("POST", "/orders", "NONE")], None, FAIL),
        # LambdaGuard #13: signatures, or a policy for one account, are as good as an authorizer.
        ([("GET", "/orders", "AWS_IAM")], None, PASS),
        ([("GET", "/orders", "NONE")], OWN_ACCOUNT, PASS),
        # cfn_nag #396, kics #916: what browsers ask before a call.
        ([("GET", "/orders", "AWS_IAM"), ("OPTIONS", "/orders", "NONE")], None, PASS),
        ([("ANY", "/orders", "NONE"), ("OPTIONS", "/orders", "NONE")], None, FAIL),
    ],
)
def test_methods_of_rest_apis(methods: Any, policy: Any, status: Status) -> None:
    """Each method is asked for by itself, with the policy over all of them."""
    document = None if policy is None else text(policy)

    assert verdict(rest_api_callers_authorized, a_rest_api(*methods, policy=document)).status is status


def test_an_api_key_is_not_taken_for_an_authorizer() -> None:
    """Checkov #960 asks for it; AWS's own pages say that keys are no control of access."""
    method = {"path": "/", "httpMethod": "POST", "authorizationType": "NONE", "apiKeyRequired": True}
    stages = [{"stageName": "live", "methods": [method]}]

    assert verdict(rest_api_callers_authorized, a_rest_api(stages=stages)).status is FAIL


def test_routes_without_authorization_beside_others() -> None:
    """cloud-custodian #9643: an authorizer of the API says nothing of each route."""
    api = an_http_api(("GET /orders", "JWT"), ("GET /health", "NONE"))

    result = verdict(http_api_callers_authorized, api)

    assert result.status is FAIL
    assert "GET /health" in result.reason
    assert "GET /orders" not in result.reason


def by_cloudfront(condition: Any) -> list[Any]:
    """What lets CloudFront call a URL that asks for a signature."""
    who = {"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Resource": FUNCTION_ARN}
    return [
        {**who, "Action": "lambda:InvokeFunctionUrl", "Condition": condition},
        {**who, "Action": "lambda:InvokeFunction", "Condition": condition},
    ]


DISTRIBUTION = {"ArnLike": {"AWS:SourceArn": f"arn:aws:cloudfront::{OWN}:distribution/E1EXAMPLE"}}
WHOEVER = {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}


@pytest.mark.parametrize(
    ("statements", "auth", "by_url", "by_anybody"),
    [
        # SecuritySkills #1477: a URL behind a distribution of the company.
        (by_cloudfront(DISTRIBUTION), "AWS_IAM", PASS, PASS),
        # cfn_nag #614: a URL for everybody needs everybody in its policy, and is one for everybody.
        (
            [
                {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": FUNCTION_ARN, "Condition": WHOEVER}
                for action in ("lambda:InvokeFunctionUrl",)
            ],
            "NONE",
            UNKNOWN,
            UNKNOWN,
        ),
        # prowler #4870: a service that calls for the company only is nobody on the internet.
        (
            [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "apigateway.amazonaws.com"},
                    "Action": "lambda:InvokeFunction",
                    "Resource": FUNCTION_ARN,
                    "Condition": {
                        "ArnLike": {"AWS:SourceArn": f"arn:aws:execute-api:eu-central-1:{OWN}:a1b2c3/*/GET/"}
                    },
                }
            ],
            "AWS_IAM",
            PASS,
            PASS,
        ),
    ],
)
def test_urls_of_functions(statements: list[Any], auth: str, by_url: Status, by_anybody: Status) -> None:
    """By the URL, and by whatever way."""
    function = a_function(*statements, urls=((FUNCTION_ARN, auth),))

    assert verdict(function_url_authenticated, function).status is by_url
    assert verdict(function_not_public, function).status is by_anybody


@pytest.mark.parametrize(
    ("grant", "status"),
    [
        # cnspec #3698: services make grants for their own work, with the right to make more of them.
        (a_grant(f"arn:aws:sts::{OWN}:assumed-role/aws:ec2-infrastructure", "Decrypt", "CreateGrant"), PASS),
        (a_grant("rds.eu-central-1.amazonaws.com", "Decrypt", "CreateGrant"), PASS),
        # terraform-provider-aws #29340, ScoutSuite #1665, cloud-custodian #10618: what is left of a principal that was
        # deleted says nothing of its account.
        (a_grant("AROAEXAMPLEEXAMPLE123"), UNKNOWN),
    ],
)
def test_grants(grant: Any, status: Status) -> None:
    """Neither is a stranger, and of the last nobody can say that it is none."""
    result = verdict(key_grants_known_accounts_only, a_key(Grants=[grant]), in_organization(), placed())

    assert result.status is status
