"""Acme's keys and functions, and what it keeps: images, secrets, logs, tables, files."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache

from moto.secretsmanager.models import secretsmanager_backends

from collector.demo.aws.seeding import HOME, AccountSeed, allow, policy

_WEST = "eu-west-1"


def management(account: AccountSeed) -> None:
    """Seed the management account: the key of its trail is rotated."""
    for key in _keys(account):
        account.client("kms").enable_key_rotation(KeyId=key)
        account.expect("pass", key, "aws_kms_key_rotation_enabled", "aws_kms_key_policy_not_public", region=HOME)


def production(account: AccountSeed) -> None:
    """Seed a region in good order but for the key of the trail, and one with faults."""
    for key in _keys(account):
        account.expect("fail", key, "aws_kms_key_rotation_enabled", region=HOME)
    _open_key(account)
    _function(account, HOME, "nightly-report", by={"Principal": "events.amazonaws.com", "SourceArn": _rule(account)})
    _function(account, _WEST, "webhook", by={"Principal": "*"})
    account.client("ecr").put_registry_scanning_configuration(
        scanType="BASIC",
        rules=[
            {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "acme/*", "filterType": "WILDCARD"}]}
        ],
    )
    _repository(account, HOME, "acme/shop", scanned=True)
    _repository(account, _WEST, "acme/tools", scanned=False)
    _secret(account, "acme/shop/database", days=88)
    _secret(account, "acme/shop/payment-provider", days=400)
    _log_group(account, "/acme/shop", None)
    _log_group(account, "/acme/shop/debug", 30)
    _table(account, "orders", restorable=True)
    _table(account, "carts", restorable=False)
    _file_system(account, HOME, encrypted=True)
    _file_system(account, _WEST, encrypted=False)


def _keys(account: AccountSeed) -> list[str]:
    """Return the keys of the account's own making; the others have an alias of AWS."""
    kms = account.client("kms")
    of_aws = {alias.get("TargetKeyId") for alias in kms.list_aliases()["Aliases"]}
    return [key["KeyId"] for key in kms.list_keys()["Keys"] if key["KeyId"] not in of_aws]


def _open_key(account: AccountSeed) -> None:
    """Create a key that everybody may use, as a condition on the service alone leaves it."""
    own = allow("kms:*", Principal={"AWS": account.arn("root")})
    via = {"StringEquals": {"kms:ViaService": f"s3.{_WEST}.amazonaws.com"}}
    everybody = allow("kms:Decrypt", "kms:GenerateDataKey", Principal={"AWS": "*"}, Condition=via)
    kms = account.client("kms", _WEST)
    key = kms.create_key(Description="exports", Policy=policy(own, everybody))["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/exports", TargetKeyId=key)
    kms.enable_key_rotation(KeyId=key)
    account.expect("fail", key, "aws_kms_key_policy_not_public", region=_WEST)
    account.expect("pass", key, "aws_kms_key_rotation_enabled", region=_WEST)


def _rule(account: AccountSeed) -> str:
    return f"arn:aws:events:{HOME}:{account.number}:rule/nightly"


def _function(account: AccountSeed, region: str, name: str, *, by: dict[str, str]) -> None:
    """Create a function that `by` may call, on a runtime that AWS does not mend any more.

    None is on one that AWS still mends: until when is known for a while only, and the demo has the date of today.
    """
    functions = account.client("lambda", region)
    functions.create_function(
        FunctionName=name,
        Runtime="python3.8",
        Role=account.arn("role/app"),
        Handler="index.run",
        Code={"ZipFile": _code()},
        Environment={"Variables": {"DATABASE": "shop.internal.example"}},
    )
    functions.add_permission(FunctionName=name, StatementId="caller", Action="lambda:InvokeFunction", **by)
    account.expect("fail", name, "aws_lambda_function_supported_runtime", region=region)
    is_open = by["Principal"] == "*"
    account.expect("fail" if is_open else "pass", name, "aws_lambda_function_not_public", region=region)


@cache
def _code() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), json.dumps("run"))
    return packed.getvalue()


def _repository(account: AccountSeed, region: str, name: str, *, scanned: bool) -> None:
    account.client("ecr", region).create_repository(repositoryName=name)
    account.expect("pass" if scanned else "fail", name, "aws_ecr_repository_scan_enabled", region=region)


def _secret(account: AccountSeed, name: str, *, days: int) -> None:
    """Create a secret whose value was made so many days ago; moto dates everything now."""
    account.client("secretsmanager").create_secret(Name=name, SecretString="made-up")
    secret = secretsmanager_backends[account.number][HOME].secrets[name]
    for version in secret.versions.values():
        version["createdate"] = int(account.ago(days).timestamp())
    account.expect("fail" if days > 90 else "pass", name, "aws_secretsmanager_secret_rotated", region=HOME)  # noqa: PLR2004  the limit


def _log_group(account: AccountSeed, name: str, days: int | None) -> None:
    logs = account.client("logs")
    logs.create_log_group(logGroupName=name)
    if days is not None:
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    account.expect("pass" if days is None else "fail", name, "aws_logs_group_retention_set", region=HOME)


def _table(account: AccountSeed, name: str, *, restorable: bool) -> None:
    dynamodb = account.client("dynamodb")
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    if restorable:
        dynamodb.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
    account.expect("pass" if restorable else "fail", name, "aws_dynamodb_table_pitr_enabled", region=HOME)


def _file_system(account: AccountSeed, region: str, *, encrypted: bool) -> None:
    made = account.client("efs", region).create_file_system(CreationToken="acme", Encrypted=encrypted)
    account.expect(
        "pass" if encrypted else "fail", made["FileSystemId"], "aws_efs_file_system_encrypted", region=region
    )
