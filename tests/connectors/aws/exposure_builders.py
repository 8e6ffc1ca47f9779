"""Builders of networks and of what stands in them: the bodies are those of EC2's API reference."""

from __future__ import annotations

from typing import Any

from connectors.aws._exposure.network import Endpoint, Network
from connectors.aws._policy.truth import Truth
from connectors.aws.ec2.resources.network import SecurityGroup
from connectors.aws.ec2.resources.routing import NetworkAcl, RouteTable, Subnet
from tests.connectors.aws.builders import a

ALL_4, ALL_6 = "0.0.0.0/0", "::/0"


def a_subnet(name: str = "subnet-1", *, block: str | None = "off", zone: str = "eu-central-1a") -> Subnet:
    """A subnet; without a mode of blocking, as AWS described it before there was one."""
    states = {} if block is None else {"BlockPublicAccessStates": {"InternetGatewayBlockMode": block}}
    return a(Subnet, {"SubnetId": name, "VpcId": "vpc-1", "AvailabilityZone": zone, **states})


def route(to: str, gateway: str | None = None, **more: Any) -> dict[str, Any]:
    """A route to a range or a prefix list."""
    kind = "DestinationPrefixListId" if to.startswith("pl-") else "DestinationCidrBlock"
    kind = "DestinationIpv6CidrBlock" if ":" in to else kind
    return {kind: to, **({} if gateway is None else {"GatewayId": gateway}), "State": "active", **more}


LOCAL = route("10.0.0.0/16", "local")
OPEN_4, OPEN_6 = route(ALL_4, "igw-1"), route(ALL_6, "igw-1")


def a_table(
    *routes: dict[str, Any], name: str = "rtb-1", subnet: str | None = None, gateway: str | None = None
) -> RouteTable:
    """A route table: the main one of the network, or that of a subnet or gateway."""
    of: dict[str, Any] = {"Main": True} if subnet is None and gateway is None else {"Main": False}
    of |= {} if subnet is None else {"SubnetId": subnet}
    of |= {} if gateway is None else {"GatewayId": gateway}
    return a(RouteTable, {"RouteTableId": name, "VpcId": "vpc-1", "Associations": [of], "Routes": [LOCAL, *routes]})


def entry(number: int, action: str = "allow", cidr: str = ALL_4, *, egress: bool = False, **more: Any) -> Any:
    """A rule of a network ACL for every protocol."""
    kind = "Ipv6CidrBlock" if ":" in cidr else "CidrBlock"
    return {"RuleNumber": number, "RuleAction": action, "Egress": egress, "Protocol": "-1", kind: cidr, **more}


OPEN_ACL = [
    entry(100 + step, egress=egress, cidr=cidr) for step, cidr in enumerate((ALL_4, ALL_6)) for egress in (False, True)
]


def an_acl(*entries: Any, subnets: tuple[str, ...] = ("subnet-1",)) -> NetworkAcl:
    """A network ACL with rules in the order in which AWS may list them, and the last one that denies the rest."""
    last = [entry(32767, "deny", egress=egress) for egress in (False, True)]
    associations = [{"SubnetId": subnet} for subnet in subnets]
    return a(NetworkAcl, {"NetworkAclId": "acl-1", "Associations": associations, "Entries": [*entries, *last]})


def letting(*cidrs: str, port: int = 5432, last: int | None = None, protocol: str = "tcp") -> dict[str, Any]:
    """A rule of a security group."""
    ports = {} if protocol == "-1" else {"FromPort": port, "ToPort": port if last is None else last}
    return {
        "IpProtocol": protocol,
        **ports,
        "IpRanges": [{"CidrIp": cidr} for cidr in cidrs if ":" not in cidr],
        "Ipv6Ranges": [{"CidrIpv6": cidr} for cidr in cidrs if ":" in cidr],
    }


def a_group(*rules: dict[str, Any], name: str = "sg-1") -> SecurityGroup:
    """A security group."""
    usual = {"GroupId": name, "GroupName": name, "IpPermissions": list(rules), "IpPermissionsEgress": []}
    return a(SecurityGroup, usual)


def seen(**but: Any) -> Network:
    """A network that is open all the way, with what is named otherwise."""
    usual: dict[str, Any] = {
        "subnets": (a_subnet(),),
        "tables": (a_table(OPEN_4, OPEN_6),),
        "acls": (an_acl(*OPEN_ACL),),
        "groups": (a_group(letting(ALL_4, ALL_6)),),
    }
    return Network(**{**usual, **but})


def at(**but: Any) -> Endpoint:
    """A database with a public IPv4 address."""
    usual: dict[str, Any] = {
        "name": "db-1",
        "subnets": ("subnet-1",),
        "groups": ("sg-1",),
        "ports": (5432,),
        "public": {4: Truth.YES},
    }
    return Endpoint(**{**usual, **but})
