"""The permissions that annexd needs in AWS, as IAM policies."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

DATA_ACTIONS = (
    "athena:GetQueryResults",
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "kinesis:GetRecords",
    "kms:Decrypt",
    "lambda:GetFunction",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:StartQuery",
    "rds-data:ExecuteStatement",
    "s3:GetObject*",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "sqs:ReceiveMessage",
    "ssm:GetParameter*",
    "sts:GetFederationToken",
)
"""Actions that read a company's data or give access to it. The policy denies them, whatever another one allows."""

API_KEYS = tuple(
    f"arn:*:apigateway:*::/{path}" for path in ("apikeys", "apikeys/*", "usageplans/*/keys", "usageplans/*/keys/*")
)
"""What API Gateway gives keys of callers for: of its reads only the resource tells them from others.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
"""

DENIALS: tuple[dict[str, Any], ...] = (
    {"Sid": "AnnexdNeverReadsData", "Effect": "Deny", "Action": list(DATA_ACTIONS), "Resource": "*"},
    {"Sid": "AnnexdNeverReadsApiKeys", "Effect": "Deny", "Action": "apigateway:GET", "Resource": list(API_KEYS)},
)
"""The statements that deny both, whatever another one allows."""

MAX_POLICY_LENGTH = 6144
"""The characters that IAM allows in a managed policy; white space does not count.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


def document(needs: Iterable[str]) -> str:
    """Return the policy as indented JSON; where it exceeds IAM's length, several, each with a line above it."""
    policies = _split(sorted(set(needs)))
    texts = [json.dumps(policy_document, indent=2) for policy_document in policies]
    if len(texts) == 1:
        return texts[0]
    count = len(texts)
    return "\n\n".join(
        f"Policy {number} of {count}, all to be attached: IAM takes {MAX_POLICY_LENGTH:,} characters of each.\n{text}"
        for number, text in enumerate(texts, start=1)
    )


def _split(actions: list[str]) -> list[dict[str, Any]]:
    whole = policy(actions)
    if len(json.dumps(whole, separators=(",", ":"))) <= MAX_POLICY_LENGTH or len(actions) < 2:  # noqa: PLR2004  one need stays one
        return [whole]
    half = len(actions) // 2
    return [*_split(actions[:half]), *_split(actions[half:])]


def policy(actions: Iterable[str]) -> dict[str, Any]:
    """Return an IAM policy that allows exactly these actions on every resource and denies DATA_ACTIONS and API_KEYS."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "AnnexdReadsConfiguration", "Effect": "Allow", "Action": sorted(set(actions)), "Resource": "*"},
            *DENIALS,
        ],
    }
