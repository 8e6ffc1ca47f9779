"""Checks of CloudFront: viewers come by HTTPS, with modern TLS."""

from __future__ import annotations

import re

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws.cloudfront.resources import Distribution

_HTTPS = ("https-only", "redirect-to-https")
# A security policy is named after the oldest protocol that it takes and the year of its list of ciphers.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
_POLICY = re.compile(r"(SSL|TLS)v(\d+)(?:\.(\d+))?(?:_(\d{4}))?")


@check(
    "aws_cloudfront_https_enforced",
    title="The distribution enforces HTTPS, and modern TLS for names of the company's own",
    severity="medium",
    fix="Redirect viewers to HTTPS in every behaviour, and choose a security policy of TLS 1.2 from 2021 or newer",
)
def https_enforced(distribution: Distribution, *, min_security_policy: str = "TLSv1.2_2021") -> Verdict:
    name = distribution.id
    if not distribution.enabled:
        return not_applicable(f"{name} is disabled, and answers no request")
    policies = {each.path_pattern: each.viewer_protocol_policy for each in distribution.behaviors}
    problems = [f"the behaviour {path} takes HTTP" for path, policy in policies.items() if policy == "allow-all"]
    doubts = [
        f"annexd does not know the policy {policy!r} of the behaviour {path}"
        for path, policy in policies.items()
        if policy not in ("allow-all", *_HTTPS)
    ]
    if len(distribution.cache_behaviors.items) != distribution.cache_behaviors.quantity:
        doubts.append("AWS names fewer behaviours than it counts")
    certificate = distribution.viewer_certificate
    taken = certificate.minimum_protocol_version
    if certificate.cloud_front_default_certificate:
        good = f"{name} enforces HTTPS; at {distribution.domain_name} AWS itself decides which TLS is taken"
    else:
        good = f"{name} enforces HTTPS with {taken}"
        taken_order, wanted = _order(taken or ""), _order(min_security_policy)
        if taken_order is None or wanted is None:
            doubts.append(f"the security policy {taken} cannot be compared with {min_security_policy}")
        elif taken_order < wanted:
            problems.append(f"its security policy is {taken}, older than {min_security_policy}")
    if problems:
        return failed(f"{name}: {first_few(problems, 4, '; ')}")
    return unknown(f"{name}: {first_few(doubts, 4, '; ')}") if doubts else passed(good)


def _order(policy: str) -> tuple[bool, int, int, int] | None:
    """Return a security policy so that newer ones are greater; None for a name of another form."""
    found = _POLICY.fullmatch(policy)
    if found is None:
        return None
    return found[1] == "TLS", int(found[2]), int(found[3] or 0), int(found[4] or 0)
