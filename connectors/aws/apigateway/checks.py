"""Checks of APIs: who calls what the internet reaches is asked for, and requests are logged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few, plural
from connectors.aws._exposure.network import MAX_PUBLIC_SHARE
from connectors.aws._exposure.verdict import Exposure
from connectors.aws._policy.truth import Truth
from connectors.aws.apigateway.exposure import (
    Call,
    calls_of_http_api,
    calls_of_rest_api,
    exposures_of_http_api,
    exposures_of_rest_api,
)
from connectors.aws.apigateway.resources import HttpApi, RestApi

_LOG_FIX = "Set a log group or a delivery stream as the access log of each stage"
_FIX = "Give the methods an authorizer, make the API private, or list it in approved_public_apis"


@check(
    "aws_apigateway_rest_api_callers_authorized",
    title="The internet reaches no method of the REST API that does not ask who calls",
    severity="medium",
    fix=_FIX,
)
def rest_api_callers_authorized(
    api: RestApi, *, approved_public_apis: tuple[str, ...] = (), max_public_share: float = MAX_PUBLIC_SHARE
) -> Verdict:
    if not api.stages:
        return not_applicable(f"{api.name} is deployed at no stage (0 of a complete list)")
    calls = calls_of_rest_api(api)
    if {api.id, api.name}.intersection(approved_public_apis):
        return _approved(api.name)
    return _judged(api.name, calls, exposures_of_rest_api(api, calls, max_public_share))


@check(
    "aws_apigateway_http_api_callers_authorized",
    title="The internet reaches no route of the HTTP or WebSocket API that does not ask who calls",
    severity="medium",
    fix=_FIX,
)
def http_api_callers_authorized(
    api: HttpApi, *, approved_public_apis: tuple[str, ...] = (), max_public_share: float = MAX_PUBLIC_SHARE
) -> Verdict:
    if not api.stages:
        return not_applicable(f"{api.name} is deployed at no stage (0 of a complete list)")
    calls = calls_of_http_api(api)
    if {api.api_id, api.name}.intersection(approved_public_apis):
        return _approved(api.name)
    by_hand = [stage.stage_name for stage in api.stages if not stage.auto_deploy]
    note = f"; its routes as they are saved: {first_few(by_hand)} has those of its last deployment" if by_hand else ""
    return _judged(api.name, calls, exposures_of_http_api(api, calls, max_public_share), note)


def _approved(name: str) -> Verdict:
    return passed(f"everybody may call {name}: it is listed in approved_public_apis")


def _judged(name: str, calls: Sequence[Call], exposures: Sequence[Exposure], note: str = "") -> Verdict:
    if not calls:
        return not_applicable(f"{name} has nothing that can be called{note}")
    by_truth: dict[Truth, list[str]] = {}
    for exposure in exposures:
        by_truth.setdefault(exposure.truth, []).append(str(exposure))
    if open_ways := by_truth.get(Truth.YES):
        return failed(f"{first_few(open_ways, between='; ')}{note}")
    if doubts := by_truth.get(Truth.MAYBE):
        return unknown(f"{first_few(doubts, between='; ')}{note}")
    asking = sum(call.asks for call in calls)
    says = [f"an authorizer decides on {asking} of {plural(len(calls), 'call')} of {name}"] if asking else []
    return passed(f"{first_few([*says, *by_truth.get(Truth.NO, [])], between='; ')}{note}")


@check(
    "aws_apigateway_stage_access_logged",
    title="Each stage of the REST API logs requests",
    severity="medium",
    fix=_LOG_FIX,
)
def rest_stages_access_logged(api: RestApi) -> Verdict:
    return _logged(api.name, ((stage.stage_name, stage.access_log) for stage in api.stages))


@check(
    "aws_apigateway_http_stage_access_logged",
    title="Each stage of the HTTP or WebSocket API logs requests",
    severity="medium",
    fix=_LOG_FIX,
)
def http_stages_access_logged(api: HttpApi) -> Verdict:
    return _logged(api.name, ((stage.stage_name, stage.access_log) for stage in api.stages))


def _logged(name: str, stages: Iterable[tuple[str, str | None]]) -> Verdict:
    """Return whether each stage has an access log; an empty text is one that was not read."""
    every = list(stages)
    if not every:
        return not_applicable(f"{name} is deployed at no stage (0 of a complete list)")
    without = [stage for stage, log in every if log is None]
    if without:
        return failed(f"{name} does not log requests at {first_few(without)}")
    if any(log == "" for _, log in every):
        return unknown(f"whether {name} logs requests was not read")
    return passed(f"{name} logs requests at {first_few(stage for stage, _ in every)}")
