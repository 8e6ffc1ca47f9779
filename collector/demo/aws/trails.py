"""Acme's audit trails, and its record of configuration."""

from __future__ import annotations

from moto.config.models import config_backends

from collector.demo.aws.seeding import HOME, AccountSeed

_RECORDED = "aws_config_recorder_enabled_all_regions"


def management(account: AccountSeed) -> None:
    """Seed a trail for all regions, and a configuration recorder in each region."""
    _good_trail(account, "acme", "acme-logs")
    account.expect("pass", account.number, _RECORDED)
    for region in account.regions:
        _recorder(account, region, "acme-logs")


def production(account: AccountSeed) -> None:
    """Seed a trail for all regions, and a configuration recorder in one region only."""
    _good_trail(account, "acme-production", "acme-prod-logs")
    _recorder(account, HOME, "acme-prod-logs")
    account.expect("fail", account.number, _RECORDED)


def staging(account: AccountSeed) -> None:
    """Seed a trail that is switched off, and one whose bucket has refused it for nine days."""
    cloudtrail = account.client("cloudtrail")
    for name in ("switched-off", "stuck"):
        arn = cloudtrail.create_trail(Name=name, S3BucketName="acme-staging-logs")["TrailARN"]
        cloudtrail.start_logging(Name=name)
        account.expect("fail", arn, "aws_cloudtrail_encrypted_with_kms", region=HOME)
        if name == "stuck":
            account.double.world.undelivered[arn] = account.ago(9)
            account.expect("fail", arn, "aws_cloudtrail_log_validation_enabled", region=HOME)
            account.expect("fail", arn, "aws_cloudtrail_delivery_recent", region=HOME)
    cloudtrail.stop_logging(Name="switched-off")
    account.expect("fail", account.number, "aws_cloudtrail_multi_region_trail_logging")
    for region in account.regions:
        _recorder(account, region, "acme-staging-logs")
    account.expect("unknown", account.number, _RECORDED)  # they record, and the scan lacks the permission to see it


def _good_trail(account: AccountSeed, name: str, bucket: str) -> None:
    key = account.client("kms").create_key(Description="audit trail")["KeyMetadata"]["Arn"]
    cloudtrail = account.client("cloudtrail")
    arn = cloudtrail.create_trail(
        Name=name,
        S3BucketName=bucket,
        IsMultiRegionTrail=True,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True,
        KmsKeyId=key,
    )["TrailARN"]
    selectors = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]
    cloudtrail.put_event_selectors(TrailName=name, EventSelectors=selectors)
    cloudtrail.start_logging(Name=name)
    account.expect("pass", account.number, "aws_cloudtrail_multi_region_trail_logging")
    for check in ("log_validation_enabled", "encrypted_with_kms", "log_bucket_not_public", "delivery_recent"):
        account.expect("pass", arn, f"aws_cloudtrail_{check}", region=HOME)


def _recorder(account: AccountSeed, region: str, bucket: str) -> None:
    config = account.client("config", region)
    role = account.arn("role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig")
    group = {"allSupported": True, "includeGlobalResourceTypes": region == HOME}
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": group}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": bucket})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    # moto's recorder stays PENDING.
    config_backends[account.number][region].recorders["default"].status.last_status = "SUCCESS"
