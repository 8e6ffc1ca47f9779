"""CPU of verdicts on policies of AWS: of a usual size, of the largest that AWS takes, and made to take long.

The ratio is that of twice the size to once: 2 is linear.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from connectors.aws._policy.statements import read_policy
from connectors.aws.iam.checks.role_trust import external_trust_has_external_id, trust_not_public
from connectors.aws.iam.full_administration import administration
from connectors.aws.s3.checks.policies import no_cross_account_write, tls_only
from connectors.aws.s3.checks.settings import access_logging_enabled
from tests.connectors.aws.builders import (
    a_bucket,
    a_role,
    all_of,
    an_organization,
    document,
    not_seen,
    public_access,
    text,
    the_accounts,
)

Work = Callable[[], Any]

_BUCKET = "arn:aws:s3:::acme-files"
_ARN = "arn:aws:iam::111122223333:policy/any"
_LIKE = "*" + "a*" * 12 + "b"


def _numbers(count: int) -> list[str]:
    return [str(100_000_000_000 + 7 * number) for number in range(count)]


def _trust(count: int) -> Work:
    principal = {"AWS": [f"arn:aws:iam::{number}:root" for number in _numbers(count)]}
    role = a_role({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
    return lambda: external_trust_has_external_id(role, an_organization(), the_accounts(), not_seen())


def _typical(count: int) -> Work:
    role = a_role({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
    given = (an_organization(), the_accounts(), not_seen(), all_of())
    return lambda: [trust_not_public(role, *given) for _ in range(count)]


def _partners(count: int) -> Work:
    """Return the judging of a bucket in which each partner has a prefix, and requests come by TLS from known places."""
    statements = [
        {
            "Sid": f"Partner{place}",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{number}:root"},
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": f"{_BUCKET}/{number}/*",
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
        }
        for place, number in enumerate(_numbers(count))
    ]
    statements.append(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [_BUCKET, f"{_BUCKET}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    )
    return _bucket(statements)


def _bucket(statements: list[dict[str, Any]]) -> Work:
    bucket = a_bucket(Policy=text(*statements))
    given = (an_organization(), the_accounts(), public_access(), all_of(), all_of(), not_seen())
    return lambda: (no_cross_account_write(bucket, *given), tls_only(bucket))


def _stars(count: int) -> Work:
    """Return the judging of a bucket with many statements of wildcards, each with many keys."""
    keys = ("aws:Referer", "aws:UserAgent", "s3:prefix", "s3:VersionId", "aws:PrincipalOrgID", "aws:PrincipalArn")
    return _bucket(
        [
            {
                "Effect": "Deny" if place % 3 else "Allow",
                "Principal": "*",
                "Action": [f"s3:*{place}*", "s3:Put*", "s3:*a*a*e*t"],
                "Resource": f"{_BUCKET}/{place}{_LIKE}",
                "Condition": {"StringLike": {key: [f"{place}{_LIKE}", f"?{place}?"] for key in keys}},
            }
            for place in range(count)
        ]
    )


def _values(count: int) -> Work:
    """Return the judging of a bucket with many values of a few conditions."""
    conditions = {
        "NumericNotEquals": {"s3:max-keys": [str(place) for place in range(count)]},
        "StringNotLike": {"aws:Referer": [f"*{place}*a*b" for place in range(count)]},
        "NotIpAddress": {"aws:SourceIp": [f"198.51.{place % 250}.{place // 250}/32" for place in range(count)]},
    }
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": conditions}
    return _bucket([allow, {**allow, "Effect": "Deny"}])


def _services(count: int) -> Work:
    """Return the judging of a bucket that names as many services as accounts."""
    services = [f"s{place}.amazonaws.com" for place in range(count)]
    source = {"StringEquals": {"aws:SourceAccount": _numbers(count)}}
    allow = {"Effect": "Allow", "Principal": {"Service": services}, "Action": "s3:Put*", "Resource": "*"}
    return _bucket([{**allow, "Condition": source}])


def _variables(count: int) -> Work:
    values = [f"${{aws:username}}{place}*a*${{s3:prefix}}*" for place in range(count)]
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"{_BUCKET}/${{aws:username}}/*"}
    keys = ("aws:Referer", "aws:UserAgent", "s3:VersionId")
    return _bucket([{**allow, "Condition": {"StringLike": dict.fromkeys(keys, values)}}])


def _managed(count: int) -> Work:
    statements = [
        {
            "Effect": "Allow" if place % 2 else "Deny",
            "NotAction": [f"*{place}{_LIKE}"],
            "Resource": "*",
            "Condition": {"StringNotLike": {"aws:UserAgent": [f"{place}{_LIKE}"], f"aws:k{place}": f"*{place}"}},
        }
        for place in range(count)
    ]
    return lambda: administration([read_policy(document(*statements))], _ARN)


def _long(count: int) -> Work:
    likes = {key: ["*" + "a*" * count + "b", "*" + "a?" * count + "b"] for key in ("aws:Referer", "aws:UserAgent")}
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    return _bucket([{**allow, "Condition": {"StringLike": likes, "StringNotLike": likes}}])


def _logging(count: int) -> Work:
    """Return the judging of buckets that all log to one, which has the last place in the list."""
    logged = [a_bucket(Name=f"b{place}", Logging={"LoggingEnabled": {"TargetBucket": "z"}}) for place in range(count)]
    buckets = all_of(*logged, a_bucket(Name="z"))
    return lambda: [access_logging_enabled(bucket, buckets, all_of()) for bucket in logged]


_CASES: tuple[tuple[str, Callable[[int], Work], int, float], ...] = (
    ("1,300 accounts", _trust, 1300, 0.3),
    ("1,000 usual roles", _typical, 1000, 0.05),
    ("20 KB of partners", _partners, 75, 0.02),
    ("stars, 20 KB", _stars, 26, 1.0),
    ("values, 20 KB", _values, 400, 1.0),
    ("services, 20 KB", _services, 500, 1.0),
    ("variables, 20 KB", _variables, 150, 1.0),
    ("managed, 10 KB", _managed, 50, 1.0),
    ("long patterns, 20 KB", _long, 1200, 1.0),
    ("1,000 buckets that log", _logging, 1000, 1.0),
)


def run() -> None:
    """Print CPU seconds beside their goals, and how they grow with the size."""
    print(f"{'':<24} {'CPU s':>8} {'goal':>6} {'ratio':>6}")
    for name, made, size, goal in _CASES:
        seconds, half = _cpu(made(size)), _cpu(made(size // 2))
        print(f"{name:<24} {seconds:>8.4f} {goal:>6} {seconds / half:>6.1f}")


def _cpu(work: Work) -> float:
    best = 1e9
    for _ in range(2):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best
