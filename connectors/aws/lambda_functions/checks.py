"""Checks of functions: nobody may call them whom nobody named, and AWS still mends what they run on."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws.lambda_functions.callers import callers
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
    if found.open:
        return failed(f"{name} may be called by {first_few(found.open, between='; ')}")
    if found.doubts:
        return unknown(f"{name}: {first_few(dict.fromkeys(found.doubts), between='; ')}")
    layers = "; the policies of the layers that it uses were not looked at" if function.layers else ""
    return passed(f"{name} may be called by nobody whom its policies do not name{layers}")


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
