"""Checks of RDS: who can reach a database, and who can restore a snapshot of one."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws._exposure.network import Endpoint, network, reach
from connectors.aws._policy.truth import Truth, of
from connectors.aws.ec2.resources.network import SecurityGroup
from connectors.aws.ec2.resources.routing import NetworkAcl, RouteTable, Subnet
from connectors.aws.rds.resources import Attribute, DbClusterSnapshot, DbInstance, DbSnapshot


@check(
    "aws_rds_instance_not_public",
    title="The database instance has no public address",
    severity="critical",
    fix="Turn off public access of the instance, and reach it from inside the network",
)
def instance_not_public(
    instance: DbInstance,
    subnets: All[Subnet],
    tables: All[RouteTable],
    acls: All[NetworkAcl],
    groups: All[SecurityGroup],
) -> Verdict:
    if not instance.publicly_accessible:
        return passed()
    seen = network(subnets, tables, acls, groups)
    exposure = reach(_endpoint(instance), seen)
    opened = f"the way is open: {exposure}" if exposure.truth is Truth.YES else str(exposure)
    return failed(f"{instance.identifier} is publicly accessible, and {opened}")


def _endpoint(instance: DbInstance) -> Endpoint:
    """Return what may be reached of an instance, in a subnet of its own zone; with a standby, in one of any."""
    every = instance.subnet_group.subnets
    here = [each for each in every if each.subnet_availability_zone.name == instance.availability_zone]
    candidates = every if instance.multi_az or not here else here
    port = instance.endpoint.port if instance.endpoint is not None else None
    return Endpoint(
        instance.identifier,
        subnets=tuple(each.subnet_identifier for each in candidates),
        groups=tuple(each.vpc_security_group_id for each in instance.groups),
        ports=None if port is None else (port,),
        # In dual-stack mode AWS closes the IPv6 address to the internet unless the instance is publicly accessible.
        # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
        public={4: Truth.YES, 6: of(instance.network_type == "DUAL")},
        in_one=True,
    )


@check(
    "aws_rds_snapshot_not_public",
    title="The database snapshot is not shared with everybody",
    severity="critical",
    fix="Take all out of the accounts that may restore the snapshot",
)
def snapshot_not_public(snapshot: DbSnapshot) -> Verdict:
    return _restorable(snapshot.identifier, snapshot.attributes)


@check(
    "aws_rds_cluster_snapshot_not_public",
    title="The cluster snapshot is not shared with everybody",
    severity="critical",
    fix="Take all out of the accounts that may restore the snapshot",
)
def cluster_snapshot_not_public(snapshot: DbClusterSnapshot) -> Verdict:
    return _restorable(snapshot.identifier, snapshot.attributes)


def _restorable(name: str, attributes: tuple[Attribute, ...]) -> Verdict:
    restore = [each for each in attributes if each.attribute_name == "restore"]
    if not restore:
        return unknown(f"AWS does not say who may restore {name}: its attribute restore is missing")
    accounts = [value for each in restore for value in each.attribute_values]
    if "all" in accounts:
        return failed(f"every AWS customer may restore {name}")
    return passed(f"{name} may be restored by {first_few(accounts)}" if accounts else "")
