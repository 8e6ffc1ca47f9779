"""API Gateway: REST APIs with what is deployed at each stage, and HTTP and WebSocket APIs with their routes.

API keys, and what an API sends to what is behind it, are never asked for.
https://docs.aws.amazon.com/apigateway/latest/developerguide/welcome.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_PAGE_SIZE = 500
_PAGE_SIZE_V2 = "100"
_ESCAPED = re.compile(r'\s*\{\s*\\"')


class EndpointConfiguration(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where an API answers."""

    types: tuple[str, ...]  # EDGE, REGIONAL or PRIVATE


class Method(Struct, frozen=True, kw_only=True, rename="camel"):
    """A method as it is deployed."""

    path: str
    http_method: str  # GET, ANY and others
    authorization_type: str  # NONE, AWS_IAM, CUSTOM or COGNITO_USER_POOLS
    api_key_required: bool = False  # a boolean of botocore's model that AWS leaves out where it is false


class Stage(Struct, frozen=True, kw_only=True, rename="camel"):
    """A stage of a REST API with the methods that are deployed there, those of a canary too."""

    stage_name: str
    methods: tuple[Method, ...]
    access_log: str | None = ""  # where to; None: it does not log; empty: evidence from before it was read


@resource("aws.apigateway.rest_api", key="id", redact=("description",))
class RestApi(Struct, frozen=True, kw_only=True, rename="camel"):
    """A REST API."""

    id: str
    name: str
    api_arn: str
    endpoint_configuration: EndpointConfiguration
    policy: str | None = None  # None: it has none
    disable_execute_api_endpoint: bool = False  # AWS: by default clients can use the default endpoint
    stages: tuple[Stage, ...]

    @property
    def policy_document(self) -> str | None:
        """The policy as JSON; AWS gives it with each quotation mark escaped once more than JSON has them."""
        if self.policy is None or _ESCAPED.match(self.policy) is None:
            return self.policy
        try:
            return msgspec.json.decode(f'"{self.policy}"', type=str)
        except msgspec.DecodeError:
            return self.policy


class Route(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A route of an HTTP or WebSocket API, as it is saved."""

    route_key: str  # such as `GET /orders`, `$default` or `$connect`
    authorization_type: str  # NONE, AWS_IAM, CUSTOM or JWT
    api_key_required: bool = False  # of WebSocket APIs; a boolean that AWS leaves out where it is false


class StageV2(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A stage of an HTTP or WebSocket API."""

    stage_name: str
    auto_deploy: bool = False  # AWS: whether updates deploy themselves; the default is false
    access_log: str | None = ""  # likewise


@resource("aws.apigateway.http_api", key="ApiId", redact=("Description",))
class HttpApi(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An HTTP or WebSocket API. Neither can be private, and neither has a policy."""

    api_id: str
    name: str
    protocol_type: str  # HTTP or WEBSOCKET
    disable_execute_api_endpoint: bool = False  # AWS: by default clients can use the default endpoint
    routes: tuple[Route, ...]
    stages: tuple[StageV2, ...]


@aws.collects(RestApi, at="region", call="apigateway:GetRestApis", permissions="apigateway:GET")
def rest_apis(account: Account) -> Iterator[Body]:
    place = f"arn:{account.settings.partition}:execute-api:{account.region}:{account.id}"
    for api in account.pages("apigateway", "GetRestApis", "items", limit=_PAGE_SIZE):
        yield {**api, "apiArn": f"{place}:{api['id']}"}


@aws.part(RestApi, "stages", call=("apigateway:GetStages", "apigateway:GetDeployment"), permissions="apigateway:GET")
def stages(account: Account, api: Body) -> Any:
    listed = account.value("apigateway", "GetStages", "item", restApiId=api["id"])
    return [
        {
            "stageName": stage["stageName"],
            "methods": _deployed(account, api, stage),
            "accessLog": stage.get("accessLogSettings", {}).get("destinationArn"),
        }
        for stage in listed
    ]


def _deployed(account: Account, api: Body, stage: Body) -> list[Body]:
    """Return the methods that answer at a stage: those of its deployment, and of its canary's if it has one."""
    deployments = dict.fromkeys((stage["deploymentId"], stage.get("canarySettings", {}).get("deploymentId")))
    found = []
    for deployment in filter(None, deployments):
        summary = account.value(
            "apigateway",
            "GetDeployment",
            "apiSummary",
            restApiId=api["id"],
            deploymentId=deployment,
            embed=["apisummary"],
        )
        found += [
            {"path": path, "httpMethod": method, **only(described, "authorizationType", "apiKeyRequired")}
            for path, methods in summary.items()
            for method, described in methods.items()
        ]
    return found


@aws.collects(HttpApi, at="region", call="apigatewayv2:GetApis", permissions="apigateway:GET")
def http_apis(account: Account) -> Iterator[Body]:
    yield from account.pages("apigatewayv2", "GetApis", "Items", MaxResults=_PAGE_SIZE_V2)


@aws.part(HttpApi, "Routes", call="apigatewayv2:GetRoutes", permissions="apigateway:GET")
def routes(account: Account, api: Body) -> Any:
    listed = account.pages("apigatewayv2", "GetRoutes", "Items", ApiId=api["ApiId"], MaxResults=_PAGE_SIZE_V2)
    return [only(route, "RouteKey", "AuthorizationType", "ApiKeyRequired") for route in listed]


@aws.part(HttpApi, "Stages", call="apigatewayv2:GetStages", permissions="apigateway:GET")
def stages_of_http_api(account: Account, api: Body) -> Any:
    listed = account.pages("apigatewayv2", "GetStages", "Items", ApiId=api["ApiId"], MaxResults=_PAGE_SIZE_V2)
    return [
        {
            **only(stage, "StageName", "AutoDeploy"),
            "AccessLog": stage.get("AccessLogSettings", {}).get("DestinationArn"),
        }
        for stage in listed
    ]
