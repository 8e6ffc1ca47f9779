"""The check that somebody looks for personal and other sensitive data in buckets."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed
from connectors.aws.macie2.resources import MacieRegion
from connectors.aws.s3.resources.buckets import Bucket


@check(
    "aws_macie_enabled",
    title="Macie looks through the buckets of the region by itself",
    severity="low",
    fix="Enable Macie and its automated discovery, best by the organization's delegated administrator",
)
def macie_enabled(
    place: MacieRegion, buckets: All[Bucket], *, regions_looked_through_otherwise: tuple[str, ...] = ()
) -> Verdict:
    region = place.region
    if region in regions_looked_through_otherwise:
        return not_applicable(f"{region} is listed in regions_looked_through_otherwise")
    problem = _problem(place)
    if problem is None:
        return passed(f"Macie looks through buckets of {region} by itself")
    if not any(bucket.bucket_region in (None, region) for bucket in buckets):
        return not_applicable(f"{region} has no buckets")
    return failed(f"{region}: {problem}")


def _problem(place: MacieRegion) -> str | None:
    if place.session is None:
        return "Macie is not enabled"
    if place.session.status != "ENABLED":
        return f"Macie is {place.session.status.lower()}"
    if place.discovery is None or place.discovery.status != "ENABLED":
        return "automated discovery of Macie is off"
    return None
