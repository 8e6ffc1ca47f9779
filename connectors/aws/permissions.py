"""The least that annexd needs in AWS, as an IAM policy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

DATA = (
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


def policy(needs: Iterable[str]) -> dict[str, Any]:
    """Return an IAM policy that allows just these actions, and denies the reading of data whatever else is allowed."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "AnnexdReadsConfiguration", "Effect": "Allow", "Action": sorted(set(needs)), "Resource": "*"},
            {"Sid": "AnnexdNeverReadsData", "Effect": "Deny", "Action": list(DATA), "Resource": "*"},
        ],
    }
