"""Which methods of an API the internet reaches without being asked who calls.

What is asked of a caller is decided by the authorization of a method and the policy of the API together. An API key is
no way to control access, as AWS says, and whom an authorizer lets in is decided by code or a user pool elsewhere.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from collector.core.plain_text import first_few
from connectors.aws._exposure.policies import entrance, policy_gate
from connectors.aws._exposure.sources import Space, just, untold
from connectors.aws._exposure.verdict import Exposure, Gate, through, widest
from connectors.aws._policy.context import Known
from connectors.aws._policy.evaluator import Effect
from connectors.aws._policy.guarded import REST_API
from connectors.aws._policy.openness import Question, openness
from connectors.aws._policy.statements import read_policy
from connectors.aws.apigateway.resources import HttpApi, RestApi

_INVOKE = "execute-api:Invoke"
_FAMILIES = (4, 6)
_BY_SIGNATURE = {"NONE": False, "AWS_IAM": True}
"""What is decided by the policy too, and whether it takes requests with a signature only."""

_ASKING = frozenset({"CUSTOM", "COGNITO_USER_POOLS", "JWT"})
_PREFLIGHT = "OPTIONS"
"""What browsers ask before a call from another site, without saying who they are. https://www.w3.org/TR/cors"""


@dataclass(frozen=True)
class Call:
    """What may be called: as people know it, where it is below the API's ARN, and what it asks of who calls.

    `stands_for_many`: whether it takes any method, or has a part of its path from the caller.
    """

    name: str
    place: str
    authorization: str
    api_key: bool = False
    stands_for_many: bool = False

    @property
    def asks(self) -> bool:
        """Whether an authorizer asks who calls."""
        return self.authorization in _ASKING

    @property
    def shown(self) -> str:
        """Its name, and that it takes an API key."""
        return f"{self.name} (with an API key)" if self.api_key else self.name


def calls_of_rest_api(api: RestApi) -> list[Call]:
    """Return all that is deployed, but what browsers ask before a call. `ANY` stands for every method."""
    return [
        Call(
            f"{method.http_method} {method.path} of {stage.stage_name}",
            f"/{stage.stage_name}/{'any0' if method.http_method == 'ANY' else method.http_method}"
            f"{_filled(method.path)}",
            method.authorization_type,
            method.api_key_required,
            method.http_method == "ANY" or "{" in method.path,
        )
        for stage in api.stages
        for method in stage.methods
        if method.http_method != _PREFLIGHT
    ]


def calls_of_http_api(api: HttpApi) -> list[Call]:
    """Return the routes that decide who gets in: of a WebSocket API only the one that a connection begins with.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-control-access.html
    """
    routes = [
        Call(route.route_key, "", route.authorization_type, route.api_key_required)
        for route in api.routes
        if route.route_key.partition(" ")[0] != _PREFLIGHT
    ]
    if api.protocol_type != "WEBSOCKET":
        return routes
    first = [call for call in routes if call.name == "$connect"]
    return first or ([Call("any connection, because there is no route $connect", "", "NONE")] if routes else [])


def exposures_of_rest_api(api: RestApi, calls: Iterable[Call], max_public_share: float) -> list[Exposure]:
    """Return whether the internet reaches what has no authorizer, one for each authorization that there is."""
    policy = None if api.policy_document is None else read_policy(api.policy_document)

    def behind(authorization: str, some: Sequence[Call], version: int) -> list[Gate]:
        if policy is None or authorization not in _BY_SIGNATURE:
            return _without_policy(authorization, version)
        kind = replace(REST_API, is_signed=_BY_SIGNATURE[authorization])
        exact = tuple(f"{api.api_arn}{call.place}" for call in some if not call.stands_for_many)
        many = tuple(call.place for call in some if call.stands_for_many)

        def ask(address: Known | None) -> Effect:
            known = {} if address is None else {"aws:sourceip": address}
            asked = Question(kind, api.api_arn, actions=(_INVOKE,), known=known)
            questions = [replace(asked, resources=exact)] if exact else []
            # What a policy names in the API may be one of many.
            questions += [replace(asked, kind=replace(kind, inside=many))] if many else []
            found = (openness(policy, question).everyone for question in questions)
            return max(found, key=lambda effect: effect.outcome)

        return [policy_gate(ask, [policy], "its policy as it is saved", version)]

    door = _door("/".join(api.endpoint_configuration.types), is_off=api.disable_execute_api_endpoint)
    return _exposures(api.name, calls, door, behind, max_public_share)


def exposures_of_http_api(api: HttpApi, calls: Iterable[Call], max_public_share: float) -> list[Exposure]:
    """Return the same of an API that has no policy."""
    door = _door(api.protocol_type, is_off=api.disable_execute_api_endpoint)
    return _exposures(
        api.name,
        calls,
        door,
        lambda authorization, _, version: _without_policy(authorization, version),
        max_public_share,
    )


def _exposures(
    name: str,
    calls: Iterable[Call],
    door: Callable[[int], Gate],
    behind: Callable[[str, Sequence[Call], int], list[Gate]],
    max_public_share: float,
) -> list[Exposure]:
    unasked: dict[str, list[Call]] = {}
    for call in calls:
        if not call.asks:
            unasked.setdefault(call.authorization, []).append(call)
    return [
        widest(
            through(
                f"{name}: {first_few(call.shown for call in some)}",
                [door(version), *behind(authorization, some, version)],
                max_public_share,
            )
            for version in _FAMILIES
        )
        for authorization, some in unasked.items()
    ]


def _door(kind: str, *, is_off: bool) -> Callable[[int], Gate]:
    """Return the gate of the default endpoint of an API."""

    def door(version: int) -> Gate:
        if kind == "PRIVATE":
            return Gate(just(Space(version)), "", "it is private")
        if is_off:
            doubt = "its default endpoint is off, and whether a custom domain name leads to it was not looked at"
            return Gate(untold(version), "", doubts=(doubt,))
        return entrance(f"{kind} endpoint", version)

    return door


def _without_policy(authorization: str, version: int) -> list[Gate]:
    """Return what an authorization does where there is no policy beside it."""
    if authorization == "NONE":
        return []
    if authorization == "AWS_IAM":
        return [Gate(just(Space(version)), "", "it takes requests that its own account has signed")]
    return [Gate(untold(version), "", doubts=(f"whom the authorization {authorization} lets in",))]


def _filled(path: str) -> str:
    """Return a path with something for each parameter, such as `{id}` and `{proxy+}`."""
    return re.sub(r"\{[^}]*\}", "any0", path)
