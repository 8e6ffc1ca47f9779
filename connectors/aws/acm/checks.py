"""Checks of Certificate Manager: certificates in use do not expire, and their keys are long enough."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import plural, show_moment
from connectors.aws.acm.resources import Certificate

_RSA = re.compile(r"RSA[_-](\d+)")
_EC = re.compile(r"(?:EC[_-]\w*?|ECDSA[_-]P)(\d{3})\w*")


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


@check(
    "aws_acm_certificate_strong_key",
    title="The key of a certificate in use is long enough",
    severity="medium",
    fix="Replace the certificate by one with a key of RSA of 2048 bits, or of elliptic curves",
)
def certificate_strong_key(certificate: Certificate, *, min_rsa_bits: int = 2048, min_curve_bits: int = 256) -> Verdict:
    name, algorithm = certificate.domain_name, certificate.key_algorithm
    if not certificate.in_use:
        return not_applicable(f"{name} is not in use")
    for pattern, least in ((_RSA, min_rsa_bits), (_EC, min_curve_bits)):
        if match := pattern.fullmatch(algorithm):
            said = f"{name} has a key of {algorithm}, and {least} bits are asked for"
            return passed(said) if int(match[1]) >= least else failed(said)
    return unknown(f"annexd does not know how strong a key of {algorithm!r} of {name} is")
