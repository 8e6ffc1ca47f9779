"""The least that annexd needs in AWS, as an IAM policy."""

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
"""What reads a company's data, or opens a way to it; denied outright, whatever another policy allows."""


_MAX_POLICY_LENGTH = 6144
"""How many characters IAM takes of a managed policy; white space does not count."""


def document(needs: Iterable[str]) -> str:
    """Return the policy as JSON to copy; where IAM would not take it as one, several, each with a line above it."""
    policies = _split(sorted(set(needs)))
    texts = [json.dumps(one, indent=2) for one in policies]
    if len(texts) == 1:
        return texts[0]
    number = len(texts)
    return "\n\n".join(
        f"Policy {one} of {number}, all to be attached: IAM takes {_MAX_POLICY_LENGTH:,} characters of each.\n{text}"
        for one, text in enumerate(texts, start=1)
    )


def _split(actions: list[str]) -> list[dict[str, Any]]:
    whole = policy(actions)
    if len(json.dumps(whole, separators=(",", ":"))) <= _MAX_POLICY_LENGTH or len(actions) < 2:  # noqa: PLR2004  one need stays one
        return [whole]
    half = len(actions) // 2
    return [*_split(actions[:half]), *_split(actions[half:])]


def policy(actions: Iterable[str]) -> dict[str, Any]:
    """Return an IAM policy that allows just these actions, and denies the reading of data whatever else is allowed."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "AnnexdReadsConfiguration", "Effect": "Allow", "Action": sorted(set(actions)), "Resource": "*"},
            {"Sid": "AnnexdNeverReadsData", "Effect": "Deny", "Action": list(DATA_ACTIONS), "Resource": "*"},
        ],
    }
