"""Checks of EC2 machines: addresses on the internet, keys that expire, and what they were started from and with."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from collector.core.spans import show_span
from connectors.aws.ec2.resources.compute import Instance, SourceImage
from connectors.aws.iam.resources.principals import Role

_RUNNING = ("pending", "running")
_STOPPED = ("stopping", "stopped")
"""States in which AWS takes back the public address that it gave at the start, and gives another one afterwards.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html
"""


@check(
    "aws_ec2_instance_no_public_ip",
    title="The instance has no address on the internet, unless it is approved",
    severity="medium",
    fix="Put the instance behind a load balancer or a NAT gateway, or list it in approved_public_instances",
)
def instance_no_public_ip(instance: Instance, *, approved_public_instances: tuple[str, ...] = ()) -> Verdict:
    name = instance.instance_id
    if instance.is_gone:
        return not_applicable(f"{name} is {instance.state.name}")
    every = [address for each in instance.network_interfaces for address in each.public_addresses]
    public = [address for address in every if not _is_private(address)]
    if not public and instance.state.name in _STOPPED:
        return unknown(
            f"{name} is {instance.state.name} without a public address, and may be given one when it starts;"
            " its network interfaces say so while it runs"
        )
    if not public:
        return passed(f"{name} has no public address")
    said = f"{name} has the public address{'es' if len(public) > 1 else ''} {first_few(public)}"
    if name in approved_public_instances:
        return passed(f"{said}, and is listed in approved_public_instances")
    return failed(said)


def _is_private(address: str) -> bool:
    """Whether an address is of a range that no network of the internet uses (fc00::/7)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return parsed.version == 6 and parsed in ipaddress.IPv6Network("fc00::/7")  # noqa: PLR2004  the version


@check(
    "aws_iam_instance_uses_role",
    title="A running instance has an instance profile, which gives it keys that expire",
    severity="low",
    fix="Attach an instance profile whose role has what the programs on the machine need",
)
def instance_uses_role(instance: Instance, roles: All[Role]) -> Verdict:
    if instance.state.name not in _RUNNING:
        return not_applicable(f"{instance.instance_id} is {instance.state.name}")
    if instance.iam_instance_profile is None:
        return failed(f"{instance.instance_id} has no instance profile: keys for AWS would have to lie on the machine")
    profile = instance.iam_instance_profile.arn
    said = f"{instance.instance_id} has {profile.rpartition(':')[2]}"
    held = (role for role in roles if any(each.arn == profile for each in role.instance_profile_list))
    role = next(held, None)
    return (
        failed(f"{said}, which has no role to give keys of")
        if role is None
        else passed(f"{said} with {role.role_name}")
    )


@check(
    "aws_ec2_image_age_within_limit",
    title="The instance was started from an image that is not older than the limit",
    severity="low",
    fix="Build the image anew, and start the machines from it",
)
def image_age_within_limit(
    instance: Instance, images: All[SourceImage], *, now: datetime, image_max_age: timedelta = timedelta(days=180)
) -> Verdict:
    name, image_id = instance.instance_id, instance.image_id
    if instance.is_gone:
        return not_applicable(f"{name} is {instance.state.name}")
    image = next((image for image in images if image.image_id == image_id), None)
    if image is None or image.creation_date is None:
        return unknown(
            f"{name}: AWS does not say when its image {image_id} was made; it may be deleted, or shared no more"
        )
    age = now - image.creation_date
    said = f"{name} was started from {image_id}, which is {age.days} days old, of {show_span(image_max_age)}"
    if age > image_max_age:
        return failed(said)
    if image.is_copy:
        return unknown(f"{said}; it is a copy of {image.source_image_id}, whose age was not read")
    return passed(said)


@check(
    "aws_ec2_instance_user_data_no_secrets",
    title="What the machine is given at its start holds no secrets",
    severity="critical",
    fix="Move what was found to Secrets Manager or a parameter, let the machine fetch it with its role, and replace it",
)
def instance_user_data_no_secrets(instance: Instance) -> Verdict:
    name = instance.instance_id
    if instance.is_gone:
        return not_applicable(f"{name} is {instance.state.name}")
    data = instance.user_data
    if data is None:
        return unknown(f"the user data of {name} was not read")
    if data.suspects:
        return failed(f"the user data of {name} has what looks like a secret: {first_few(data.suspects)}")
    if data.length == 0:
        return passed(f"{name} has no user data")
    return unknown(f"nothing in the user data of {name} looks like a secret, and it may hold one all the same")
