"""Answers of API Gateway to the small company: two APIs of each kind, after the models of botocore.

moto summarises no deployment. Texts that nobody should keep are at the places where the service has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_AT = datetime(2026, 2, 1, 8, tzinfo=UTC)
_IDS = ("api0first", "api0second")

CANARIES: Mapping[str, str] = {
    "description of an API": "canary-api",
}
UNKEPT: Mapping[str, str] = {
    "variable of a stage": "canary-stage-variable",
    "target of a route": "canary-target",
}

APIS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("apigateway", "GetRestApis"): {
        "items": [
            {
                "id": id_,
                "name": id_,
                "description": CANARIES["description of an API"],
                "createdDate": _AT,
                "endpointConfiguration": {"types": ["REGIONAL"], "ipAddressType": "ipv4"},
                "disableExecuteApiEndpoint": False,
            }
            for id_ in _IDS
        ]
    },
    ("apigateway", "GetStages"): {
        "item": [
            {
                "stageName": name,
                "deploymentId": name,
                "createdDate": _AT,
                "variables": {"host": UNKEPT["variable of a stage"]},
            }
            for name in ("live", "test")
        ]
    },
    ("apigateway", "GetDeployment"): {
        "id": "live",
        "createdDate": _AT,
        "apiSummary": {"/orders": {"GET": {"authorizationType": "AWS_IAM", "apiKeyRequired": False}}},
    },
    ("apigatewayv2", "GetApis"): {
        "Items": [
            {
                "ApiId": id_,
                "Name": id_,
                "Description": CANARIES["description of an API"],
                "ApiEndpoint": f"https://{id_}.execute-api.eu-west-1.amazonaws.com",
                "CreatedDate": _AT,
                "DisableExecuteApiEndpoint": False,
                "ProtocolType": "HTTP",
                "RouteSelectionExpression": "$request.method $request.path",
            }
            for id_ in _IDS
        ]
    },
    ("apigatewayv2", "GetRoutes"): {
        "Items": [
            {
                "RouteId": f"route-{name}",
                "RouteKey": f"GET /{name}",
                "AuthorizationType": "JWT",
                "ApiKeyRequired": False,
                "Target": UNKEPT["target of a route"],
            }
            for name in ("orders", "items")
        ]
    },
    ("apigatewayv2", "GetStages"): {
        "Items": [
            {
                "StageName": name,
                "AutoDeploy": True,
                "CreatedDate": _AT,
                "StageVariables": {"host": UNKEPT["variable of a stage"]},
            }
            for name in ("$default", "test")
        ]
    },
}
