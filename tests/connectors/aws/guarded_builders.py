"""Builders of keys, functions, repositories, secrets, log groups, tables and file systems.

The bodies have the shapes of botocore's models of the operations that the collections name.
"""

from __future__ import annotations

from typing import Any

from connectors.aws.dynamodb.resources import Table
from connectors.aws.ecr.resources import Registry, Repository
from connectors.aws.efs.resources import FileSystem
from connectors.aws.kms.resources import Key
from connectors.aws.lambda_functions.resources import Function
from connectors.aws.logs.resources import LogGroup
from connectors.aws.secretsmanager.resources import Secret
from connectors.aws.sns.resources import Topic
from connectors.aws.sqs.resources import Queue
from tests.connectors.aws.builders import OWN, UNREAD, a, text
from tests.connectors.aws.service_builders import described

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ARN = f"arn:aws:kms:eu-central-1:{OWN}:key/{KEY_ID}"
FUNCTION_ARN = f"arn:aws:lambda:eu-central-1:{OWN}:function:web"
OWNER = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"}, "Action": "kms:*", "Resource": "*"}


def a_key(*statements: Any, rotation: Any = True, metadata: Any = None, **but: Any) -> Key:
    """A key for encryption that AWS made, with the policy that AWS gives it, in use and rotated."""
    usual_metadata = {
        "AWSAccountId": OWN,
        "KeyId": KEY_ID,
        "Arn": KEY_ARN,
        "KeyManager": "CUSTOMER",
        "KeyState": "Enabled",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "Origin": "AWS_KMS",
    }
    usual: dict[str, Any] = {
        "KeyId": KEY_ID,
        "KeyArn": KEY_ARN,
        "KeyMetadata": UNREAD if metadata is UNREAD else {**usual_metadata, **(metadata or {})},
        "Policy": text(*(statements or (OWNER,))),
        "Grants": [],
        "Rotation": {"KeyRotationEnabled": rotation, "KeyId": KEY_ID} if isinstance(rotation, bool) else rotation,
    }
    return a(Key, usual, **but)


def a_grant(grantee: str | None, *operations: str, service: str | None = None) -> dict[str, Any]:
    """A grant, as it is kept."""
    return {
        "GranteePrincipal": grantee,
        "GranteeServicePrincipal": service,
        "Operations": list(operations or ("Decrypt",)),
    }


def a_function(*statements: Any, urls: Any = (), **but: Any) -> Function:
    """A function; without statements it has no policy."""
    usual = {
        "FunctionName": "web",
        "FunctionArn": FUNCTION_ARN,
        "Runtime": "python3.13",
        "PackageType": "Zip",
        "Policy": text(*statements) if statements else None,
        "Qualified": [],
        "Urls": urls if urls is UNREAD else [{"FunctionArn": arn, "AuthType": auth} for arn, auth in urls],
    }
    return a(Function, usual, **but)


def a_repository(name: str = "acme/web", *statements: Any, on_push: bool = False, **but: Any) -> Repository:
    """A repository of images; without statements it has no policy."""
    usual = {
        "repositoryName": name,
        "repositoryArn": f"arn:aws:ecr:eu-central-1:{OWN}:repository/{name}",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": on_push},
    }
    described("ecr:DescribeRepositories", "repositories", {**usual, **but})
    policy = text(*statements) if statements else None
    return a(Repository, {**usual, "policyText": policy}, **but)


def a_topic(*statements: Any, **attributes: Any) -> Topic:
    """A topic of an account, with the policy of these statements."""
    arn = f"arn:aws:sns:eu-central-1:{OWN}:orders"
    seen = {"Policy": text(*statements), **attributes}
    return a(Topic, {"TopicArn": arn, "Attributes": UNREAD if UNREAD in attributes.values() else seen})


def a_queue(*statements: Any, **attributes: Any) -> Queue:
    """A queue of an account; without statements it has no policy."""
    seen = {"QueueArn": f"arn:aws:sqs:eu-central-1:{OWN}:orders", **attributes}
    seen |= {"Policy": text(*statements)} if statements else {}
    url = f"https://sqs.eu-central-1.amazonaws.com/{OWN}/orders"
    return a(Queue, {"QueueUrl": url, "Attributes": UNREAD if UNREAD in attributes.values() else seen})


def the_registry(kind: str = "BASIC", *rules: tuple[str, str]) -> Registry:
    """The registry of a region, with rules of one filter each."""
    written = [
        {"scanFrequency": frequency, "repositoryFilters": [{"filter": filter_, "filterType": "WILDCARD"}]}
        for frequency, filter_ in rules
    ]
    scanning: Any = UNREAD if kind is UNREAD else {"scanType": kind, "rules": written}
    return a(Registry, {"accountId": OWN, "region": "eu-central-1", "scanningConfiguration": scanning})


def a_secret(value_of: str | None = "2026-11-01T00:00:00Z", **but: Any) -> Secret:
    """A secret whose value was made on a day."""
    older = {"CreatedDate": "2026-01-01T00:00:00Z", "VersionStages": ["AWSPREVIOUS"]}
    current = [] if value_of is None else [{"CreatedDate": value_of, "VersionStages": ["AWSCURRENT"]}]
    usual = {
        "Name": "db",
        "ARN": f"arn:aws:secretsmanager:eu-central-1:{OWN}:secret:db-AbCdEf",
        "Versions": [older, *current],
        "ResourcePolicy": {"Document": None},
    }
    return a(Secret, usual, **but)


def a_log_group(days: Any = None, **but: Any) -> LogGroup:
    """A log group; without days its logs never expire."""
    retention = {} if days is None else {"retentionInDays": days}
    return a(LogGroup, {"logGroupName": "/acme/web", "logGroupClass": "STANDARD", **retention}, **but)


def a_table(status: Any, **recovery: Any) -> Table:
    """A table of orders."""
    described = {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": status, **recovery}}
    return a(Table, {"TableName": "orders", "ContinuousBackups": UNREAD if status is UNREAD else described})


def a_file_system(encrypted: Any) -> FileSystem:
    """A file system."""
    return a(FileSystem, {"FileSystemId": "fs-1", "Encrypted": encrypted, "CreationTime": "2025-01-01T00:00:00Z"})
