"""Checks of functions: nobody may call them whom nobody named, and AWS still mends what they run on."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.environments import judge_environment
from collector.core.plain_text import first_few, plural
from connectors.aws._exposure.network import MAX_PUBLIC_SHARE
from connectors.aws._exposure.verdict import Exposure, widest
from connectors.aws._policy.truth import Truth
from connectors.aws.lambda_functions.callers import callers, reached_by_url
from connectors.aws.lambda_functions.resources import Function
from connectors.aws.lambda_functions.runtimes import AS_OF, ENDS
from connectors.aws.s3.resources.buckets import Bucket


@check(
    "aws_lambda_function_not_public",
    title="Nobody may call the function whom its policies do not name, neither directly nor through a service",
    severity="critical",
    fix="Name accounts as principals; for a service, add the condition aws:SourceAccount; for a URL, use AWS_IAM",
)
def function_not_public(function: Function, buckets: All[Bucket]) -> Verdict:
    found = callers(function, buckets)
    name = function.function_name
    open_ways = [str(way) for way in found if way.truth is Truth.YES]
    if open_ways:
        return failed(f"{name} may be called by whom its policies do not name: {first_few(open_ways, between='; ')}")
    doubts = [_shown(way, why) for way in found if way.truth is Truth.MAYBE for why in way.because]
    if doubts:
        return unknown(f"{name}: {first_few(dict.fromkeys(doubts), between='; ')}")
    layers = "; the policies of the layers that it uses were not looked at" if function.layers else ""
    return passed(f"{name} may be called by nobody whom its policies do not name{layers}")


def _shown(way: Exposure, why: str) -> str:
    """Return a doubt with the entrance that it is about; what was not read is about none."""
    entrances = way.path[1:-2]
    return f"{' -> '.join(entrances)}: {why}" if entrances else why


@check(
    "aws_lambda_function_url_authenticated",
    title="The internet reaches no URL of the function without signing in",
    severity="high",
    fix="Set the authentication of the URL to AWS_IAM, or list the function in approved_public_functions",
)
def function_url_authenticated(
    function: Function, *, approved_public_functions: tuple[str, ...] = (), max_public_share: float = MAX_PUBLIC_SHARE
) -> Verdict:
    name, urls = function.function_name, function.urls
    if not urls:
        return not_applicable(f"{name} has no URL (0 of a complete list)")
    without = [url for url in urls if url.auth_type != "AWS_IAM"]
    if not without:
        return passed(f"{name} has {plural(len(urls), 'URL')} with the authentication AWS_IAM")
    if name in approved_public_functions:
        return passed(f"{name} may be reached by everybody: it is listed in approved_public_functions")
    exposure = widest(way for url in without for way in reached_by_url(function, url, max_public_share))
    if exposure.truth is Truth.YES:
        return failed(str(exposure))
    return unknown(str(exposure)) if exposure.truth is Truth.MAYBE else passed(str(exposure))


@check(
    "aws_lambda_function_supported_runtime",
    title="AWS still mends the runtime of the function",
    severity="medium",
    fix="Move the function to a runtime that AWS supports",
)
def function_supported_runtime(
    function: Function,
    *,
    now: datetime,
    runtimes_read_within: timedelta = timedelta(days=180),
    deprecated_runtimes: tuple[str, ...] = (),
    supported_runtimes: tuple[str, ...] = (),
) -> Verdict:
    name, runtime = function.function_name, function.runtime
    if function.package_type == "Image":
        return not_applicable(f"{name} is an image, and what it runs on is in the image")
    if runtime is None:
        return unknown(f"AWS does not say what {name} runs on")
    if runtime in deprecated_runtimes:
        return failed(f"{name} runs on {runtime}, which is listed in deprecated_runtimes")
    if runtime in supported_runtimes:
        return passed(f"{name} runs on {runtime}, which is listed in supported_runtimes")
    end = ENDS.get(runtime)
    if end is None:
        return unknown(f"{name} runs on {runtime}, which was not on AWS's page on {AS_OF}")
    today = now.date()
    is_old = today - AS_OF > runtimes_read_within
    if end <= today and (end <= AS_OF or not is_old):
        return failed(f"{name} runs on {runtime}, which AWS does not mend since {end}")
    if is_old:
        return unknown(
            f"{name} runs on {runtime}, whose end was to be {end} on AWS's page of {AS_OF}, which is"
            f" {(today - AS_OF).days} days old"
        )
    return passed(f"{name} runs on {runtime}, which AWS mends until {end}, by its page of {AS_OF}")


@check(
    "aws_lambda_function_env_no_secrets",
    title="The environment of the function holds no secrets in plain text",
    severity="critical",
    fix="Let the function fetch the secret from Secrets Manager with its role, and replace what was found",
)
def function_env_no_secrets(function: Function) -> Verdict:
    if function.plain is None:
        return unknown(f"the environment of {function.function_name} was not read: AWS may not decrypt it for annexd")
    return judge_environment(function.function_name, function.plain, function.suspects)
