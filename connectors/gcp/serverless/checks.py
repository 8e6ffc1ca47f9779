"""Checks of who may call services and functions."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed
from collector.core.environments import judge_environment
from connectors.gcp._iam.policies import Policy, public_grants
from connectors.gcp._sdk.links import last_of
from connectors.gcp.serverless.resources import Function, Service


def _judge(name: str, policy: Policy, approved: tuple[str, ...], *, is_iam_off: bool) -> Verdict:
    public = public_grants(policy)
    if not public and not is_iam_off:
        return passed()
    short = last_of(name)
    if short in approved:
        return passed(f"{short} is in approved_public_services")
    return failed(f"{short}: {'callers are not checked by IAM at all' if is_iam_off else '; '.join(public)}")


@check(
    "gcp_functions_not_public",
    title="Functions need authentication",
    severity="high",
    fix="Remove allUsers and allAuthenticatedUsers from the invokers of the function",
)
def function_not_public(function: Function, *, approved_public_services: tuple[str, ...] = ()) -> Verdict:
    invokers = function.invokers
    is_off = invokers.invoker_iam_disabled
    return _judge(function.name, invokers.policy, approved_public_services, is_iam_off=is_off)


@check(
    "gcp_run_service_not_public",
    title="Services of Cloud Run need authentication",
    severity="high",
    fix="Remove allUsers and allAuthenticatedUsers from the invokers of the service, and let IAM check them",
)
def service_not_public(service: Service, *, approved_public_services: tuple[str, ...] = ()) -> Verdict:
    return _judge(service.name, service.policy, approved_public_services, is_iam_off=service.invoker_iam_disabled)


@check(
    "gcp_functions_env_no_secrets",
    title="Functions hold no plaintext secrets",
    severity="critical",
    fix="Keep the value in Secret Manager, refer to it, and replace it",
)
def function_env(function: Function) -> Verdict:
    return judge_environment(last_of(function.name), function.plain_variables, function.suspect_variables)


@check(
    "gcp_run_env_no_secrets",
    title="Services of Cloud Run hold no plaintext secrets",
    severity="critical",
    fix="Keep the value in Secret Manager, refer to it, and replace it",
)
def service_env(service: Service) -> Verdict:
    return judge_environment(last_of(service.name), service.plain_variables, service.suspect_variables)
