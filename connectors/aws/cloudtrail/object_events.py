"""The check that what is read and written in buckets of sensitive data is recorded."""

from __future__ import annotations

from collections.abc import Iterable

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import Unread
from collector.core.plain_text import first_few
from connectors.aws.cloudtrail.resources import Trail
from connectors.aws.s3.resources.buckets import Bucket

_SENSITIVE = ("data-classification=confidential", "data-classification=restricted")


@check(
    "aws_cloudtrail_s3_data_events_recorded",
    title="A trail records what is read and written in buckets that are tagged as sensitive",
    severity="medium",
    fix="Let a trail take the data events of the bucket, and tag buckets with the class of their data",
    over="account",
)
def s3_data_events_recorded(
    bucket: Bucket, trails: All[Trail], *, sensitive_tags: tuple[str, ...] = _SENSITIVE
) -> Verdict:
    doubts: list[str] = []
    recording = _recording(bucket, trails, doubts)
    if recording is not None:
        return passed(f"{recording} records what is read and written in {bucket.name}")
    keys = {tag.partition("=")[0] for tag in sensitive_tags}
    saying = [f"{tag.key}={tag.value}" for tag in bucket.tag_set or () if tag.key in keys]
    if not saying:
        return unknown(f"no tag {first_few(sorted(keys))} says whether what is in {bucket.name} is sensitive")
    if not {*saying, *(text.partition("=")[0] for text in saying)}.intersection(sensitive_tags):
        return not_applicable(f"{bucket.name} is tagged {first_few(saying)}, which is not sensitive")
    if doubts:
        return unknown(f"{bucket.name} is tagged {first_few(saying)}; {first_few(doubts, between='; ')}")
    return failed(f"{bucket.name} is tagged {first_few(saying)}, and no trail records its data events")


def _recording(bucket: Bucket, trails: Iterable[Trail], doubts: list[str]) -> str | None:
    """Return the trail that records a bucket; None where none is known to. Adds what was not read to the doubts."""
    try:
        for trail in trails:
            try:
                records = trail.records_objects(bucket.name)
            except Unread as reason:
                doubts.append(f"{trail.name}: {reason}")
                continue
            home = trail.trail_arn.split(":")[3]
            if records and (trail.is_multi_region_trail or home == bucket.bucket_region):
                return trail.name
            if records and bucket.bucket_region is None:
                doubts.append(f"{trail.name} records {home}, and where {bucket.name} lies was not read")
    except Unread as reason:
        doubts.append(f"the trails were not read: {reason}")
    return None
