"""Acme's audit trails, and its record of configuration."""

from __future__ import annotations

from moto.config.models import config_backends

from collector.demo.aws.seeding import HOME, AccountSeed

_RECORDED = "aws_config_recorder_enabled_all_regions"


def management(place: AccountSeed) -> None:
    """Everything is logged and recorded everywhere."""
    _good_trail(place, "acme", "acme-logs")
    place.expect("pass", place.account, _RECORDED)
    for region in place.regions:
        _recorder(place, region, "acme-logs")


def production(place: AccountSeed) -> None:
    """Logged everywhere, but recorded in one region only."""
    _good_trail(place, "acme-production", "acme-prod-logs")
    _recorder(place, HOME, "acme-prod-logs")
    place.expect("fail", place.account, _RECORDED)


def staging(place: AccountSeed) -> None:
    """One trail that was switched off, and one whose bucket has refused it for nine days."""
    cloudtrail = place.client("cloudtrail")
    for name in ("switched-off", "stuck"):
        arn = cloudtrail.create_trail(Name=name, S3BucketName="acme-staging-logs")["TrailARN"]
        cloudtrail.start_logging(Name=name)
        place.expect("fail", arn, "aws_cloudtrail_encrypted_with_kms", region=HOME)
        if name == "stuck":
            place.double.world.undelivered[arn] = place.ago(9)
            place.expect("fail", arn, "aws_cloudtrail_log_validation_enabled", region=HOME)
            place.expect("fail", arn, "aws_cloudtrail_delivery_recent", region=HOME)
    cloudtrail.stop_logging(Name="switched-off")
    place.expect("fail", place.account, "aws_cloudtrail_multi_region_trail_logging")
    for region in place.regions:
        _recorder(place, region, "acme-staging-logs")
    place.expect("unknown", place.account, _RECORDED)  # they do record, and the scan may not see it


def _good_trail(place: AccountSeed, name: str, bucket: str) -> None:
    key = place.client("kms").create_key(Description="audit trail")["KeyMetadata"]["Arn"]
    cloudtrail = place.client("cloudtrail")
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
    place.expect("pass", place.account, "aws_cloudtrail_multi_region_trail_logging")
    for check in ("log_validation_enabled", "encrypted_with_kms", "log_bucket_not_public", "delivery_recent"):
        place.expect("pass", arn, f"aws_cloudtrail_{check}", region=HOME)


def _recorder(place: AccountSeed, region: str, bucket: str) -> None:
    config = place.client("config", region)
    role = place.arn("role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig")
    group = {"allSupported": True, "includeGlobalResourceTypes": region == HOME}
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": group}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": bucket})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    # moto's recorder stays PENDING for ever.
    config_backends[place.account][region].recorders["default"].status.last_status = "SUCCESS"
