"""Checks of EC2 machines: who gets at an instance's metadata, and who may start an image."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from connectors.aws._exposure.network import Endpoint, network, reach
from connectors.aws._exposure.verdict import Exposure, widest
from connectors.aws._policy.truth import Truth, of
from connectors.aws.ec2.resources.compute import Image, Instance
from connectors.aws.ec2.resources.network import SecurityGroup
from connectors.aws.ec2.resources.routing import NetworkAcl, RouteTable, Subnet


@check(
    "aws_ec2_instance_imdsv2_required",
    title="The instance's metadata is given to requests with a session token only",
    severity="high",
    fix="Set HttpTokens of the instance to required, and in its launch template too",
)
def instance_imdsv2_required(
    instance: Instance,
    subnets: All[Subnet],
    tables: All[RouteTable],
    acls: All[NetworkAcl],
    groups: All[SecurityGroup],
) -> Verdict:
    if instance.is_gone:
        return not_applicable(f"{instance.instance_id} is {instance.state.name}")
    options = instance.metadata_options
    if options.state != "applied":
        return unknown(f"the options of {instance.instance_id} are {options.state}: they are not in force yet")
    if options.http_endpoint == "disabled":
        return passed(f"{instance.instance_id} has no metadata service")
    if options.http_tokens == "required":
        return passed()
    if options.http_tokens != "optional":
        return unknown(f"annexd does not know the setting {options.http_tokens!r} of {instance.instance_id}")
    why = f"{instance.instance_id} answers requests for metadata without a session token"
    public = [each for each in instance.network_interfaces if each.association is not None or each.ipv6_addresses]
    if not public:
        return failed(f"{why}; it has no public address")
    seen = network(subnets, tables, acls, groups)
    exposures: list[Exposure] = [
        reach(
            Endpoint(
                instance.instance_id,
                subnets=(each.subnet_id,) if each.subnet_id else (),
                groups=tuple(group.group_id for group in each.groups),
                ports=None,
                public={4: of(each.association is not None), 6: of(bool(each.ipv6_addresses))},
            ),
            seen,
        )
        for each in public
    ]
    exposure = widest(exposures)
    return failed(f"{why}; {'it is open: ' if exposure.truth is Truth.YES else ''}{exposure}")


@check(
    "aws_ec2_image_not_public",
    title="The machine image is not shared with everybody",
    severity="critical",
    fix="Make the image private, and block public sharing of images in the region",
)
def image_not_public(image: Image) -> Verdict:
    return failed(f"every AWS customer may start {image.image_id}") if image.public else passed()
