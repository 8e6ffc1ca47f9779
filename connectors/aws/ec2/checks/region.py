"""Checks of what EC2 sets for a region as a whole: serial consoles, and which images machines may be started from."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws.ec2.resources.storage import ImageCriterion, RegionalSettings

_OWN_ONLY = "none"
"""What AWS calls the provider of a criterion that no image of anybody else meets."""


@check(
    "aws_ec2_serial_console_disabled",
    title="The serial consoles of machines are switched off in the region",
    severity="low",
    fix="Switch off access to the EC2 serial console of the account in the region",
)
def serial_console_disabled(settings: RegionalSettings) -> Verdict:
    console = settings.serial_console
    if console is None:
        return unknown(f"whether serial consoles can be used in {settings.region} was not read")
    if console.serial_console_access_enabled:
        return failed(f"serial consoles can be used in {settings.region}, past the network and its rules")
    return passed(f"serial consoles cannot be used in {settings.region}")


@check(
    "aws_ec2_allowed_amis_enforced",
    title="Machines start from images of named providers only",
    severity="low",
    fix="Set the providers that the company trusts as criteria of Allowed AMIs, and enable the setting",
)
def allowed_images_enforced(settings: RegionalSettings) -> Verdict:
    allowed, region = settings.allowed_images, settings.region
    if allowed is None:
        return unknown(f"which images are allowed in {region} was not read")
    if allowed.state == "audit-mode":
        return failed(f"in {region} images that are not allowed are marked, and may be used")
    if allowed.state == "disabled":
        return failed(f"in {region} machines may be started from images of anybody")
    if allowed.state != "enabled":
        return unknown(f"annexd does not know the state {allowed.state!r} of allowed images in {region}")
    if not allowed.image_criteria:
        return unknown(
            f"in {region} allowed images are enforced without criteria, of which AWS does not say what they allow"
        )
    anybody = [item for item in allowed.image_criteria if not _names_somebody(item)]
    if anybody:
        return unknown(f"in {region} {len(anybody)} of the criteria narrow images by other means than their makers")
    names = {
        name for item in allowed.image_criteria for name in (*item.image_providers, *item.marketplace_product_codes)
    }
    others = first_few(sorted(names - {_OWN_ONLY})) or "nobody else"
    return passed(f"in {region} machines start from images of the account, and of {others}")


def _names_somebody(item: ImageCriterion) -> bool:
    """Whether a criterion asks for makers that it names."""
    return bool(item.marketplace_product_codes or item.image_providers)
