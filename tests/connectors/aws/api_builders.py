"""Builders of APIs, with the shapes of botocore's models of the operations that the collections name."""

from __future__ import annotations

import json
from typing import Any

from connectors.aws.apigateway.resources import HttpApi, RestApi
from tests.connectors.aws.builders import OWN, a, text

API_ARN = f"arn:aws:execute-api:eu-central-1:{OWN}:a1b2c3"


def a_rest_api(*methods: tuple[str, str, str], policy: str | None = None, **but: Any) -> RestApi:
    """A regional API with methods, each of method, path and authorization, at one stage."""
    deployed = [{"path": path, "httpMethod": verb, "authorizationType": auth} for verb, path, auth in methods]
    usual = {
        "id": "a1b2c3",
        "name": "orders",
        "apiArn": API_ARN,
        "endpointConfiguration": {"types": ["REGIONAL"], "ipAddressType": "ipv4"},
        "disableExecuteApiEndpoint": False,
        "stages": [{"stageName": "live", "methods": deployed}],
        **({} if policy is None else {"policy": policy}),
    }
    return a(RestApi, usual, **but)


def an_http_api(*routes: tuple[str, str], auto_deploy: bool = True, **but: Any) -> HttpApi:
    """An HTTP API with routes, each of key and authorization, at one stage."""
    usual = {
        "ApiId": "d4e5f6",
        "Name": "orders",
        "ProtocolType": "HTTP",
        "DisableExecuteApiEndpoint": False,
        "Routes": [{"RouteKey": key, "AuthorizationType": auth, "ApiKeyRequired": False} for key, auth in routes],
        "Stages": [{"StageName": "$default", "AutoDeploy": auto_deploy}],
    }
    return a(HttpApi, usual, **but)


def invoking(principal: Any = "*", condition: Any = None, effect: str = "Allow", on: str = "/*") -> dict[str, Any]:
    """A statement about calling the API, as API Gateway saves it."""
    conditions = {} if condition is None else {"Condition": condition}
    return {
        "Effect": effect,
        "Principal": principal,
        "Action": "execute-api:Invoke",
        "Resource": f"{API_ARN}{on}",
        **conditions,
    }


def escaped(*statements: Any) -> str:
    """A policy as apigateway:GetRestApis gives it: its JSON, with each quotation mark escaped."""
    return json.dumps(text(*statements))[1:-1]
