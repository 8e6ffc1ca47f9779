"""The check that web ACLs log what they decide."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws.wafv2.resources import Logging, WebAcl


@check(
    "aws_wafv2_logging_enabled",
    title="The web ACL logs the requests that it looks at",
    severity="low",
    fix="Enable logging of the web ACL, with fields that may hold secrets redacted",
)
def logging_enabled(web_acl: WebAcl, logs: All[Logging]) -> Verdict:
    own = [log for log in logs if log.resource_arn == web_acl.arn and log.log_destination_configs]
    if not own:
        return failed(f"{web_acl.name} does not log")
    whole = [place for log in own if log.drops is False for place in log.log_destination_configs]
    if whole:
        return passed(f"{web_acl.name} logs to {first_few(whole)}")
    if any(log.drops is None for log in own):
        return unknown(f"whether {web_acl.name} logs all requests was not read")
    return unknown(f"a filter drops part of the log of {web_acl.name}; whether that part is needed is not stated")
