"""Checks of Certificate Manager: certificates in use do not expire."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import plural, show_moment
from connectors.aws.acm.resources import Certificate


@check(
    "aws_acm_certificate_not_expiring",
    title="A certificate in use does not expire soon",
    severity="high",
    fix="Import a new certificate, or mend what keeps AWS from renewing: the DNS record or mail of its validation",
)
def certificate_not_expiring(certificate: Certificate, *, now: datetime, min_days_left: int = 30) -> Verdict:
    name = f"{certificate.domain_name} ({certificate.certificate_arn.rpartition('/')[2]})"
    if not certificate.in_use:
        return not_applicable(f"{name} is not in use")
    if certificate.not_after is None:
        return unknown(f"{name} is {certificate.status}, and AWS does not say until when it is valid")
    left = certificate.not_after - now
    ends = show_moment(certificate.not_after)
    if left <= timedelta():
        return failed(f"{name} is in use and has expired on {ends}")
    if certificate.status != "ISSUED":
        return failed(f"{name} is in use and {certificate.status}")
    days = plural(left.days, "day")
    if left > timedelta(days=min_days_left):
        return passed(f"{name} is valid for {days}, until {ends}")
    # AWS renews long before that: what is still there has not been renewed.
    # https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html
    renewed = certificate.renewal_eligibility == "ELIGIBLE"
    who = "AWS has not renewed it yet" if renewed else "AWS does not renew it"
    return failed(f"{name} expires in {days}, on {ends}; {min_days_left} are asked for, and {who}")
