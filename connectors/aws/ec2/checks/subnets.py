"""Checks of networks as such: public addresses by default, network ACLs, and where machines get the time from."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws._exposure.filters import let_in_by_acl
from connectors.aws._exposure.network import MAX_PUBLIC_SHARE
from connectors.aws.ec2.resources.network import DhcpOptions, Vpc
from connectors.aws.ec2.resources.routing import NetworkAcl, Subnet

_NO_OPTIONS = "default"
# The Amazon Time Sync Service. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/set-time.html
_AMAZON_TIME_SYNC = ("169.254.169.123", "fd00:ec2::123")


@check(
    "aws_vpc_subnet_no_auto_public_ip",
    title="Machines in the subnet get no public address unless somebody asks for one",
    severity="medium",
    fix="Turn off public addresses by default in the subnet, or list it in approved_public_subnets",
)
def subnet_no_auto_public_ip(subnet: Subnet, *, approved_public_subnets: tuple[str, ...] = ()) -> Verdict:
    name = subnet.subnet_id
    if subnet.map_public_ip_on_launch is None:
        return unknown(f"AWS does not say whether machines in {name} get a public address by default")
    given = [
        *(["IPv4"] if subnet.map_public_ip_on_launch else []),
        *(["IPv6"] if subnet.assign_ipv6_address_on_creation else []),
    ]
    if not given:
        return passed(f"{name} gives no public address by default")
    said = f"machines in {name} get a public address of {' and '.join(given)} by default"
    if name in approved_public_subnets:
        return passed(f"{said}; it is listed in approved_public_subnets")
    return failed(f"{said}{f'; the subnet is of the account {subnet.owner_id}' if subnet.owner_id else ''}")


@check(
    "aws_vpc_network_acl_no_admin_ports_open",
    title="The network ACL does not let the internet in to ports of administration",
    severity="medium",
    fix="Put entries that deny these ports before those that allow, or allow the company's own ranges only",
)
def acl_no_admin_ports_open(
    acl: NetworkAcl, *, admin_ports: tuple[int, ...] = (22, 3389), max_public_share: float = MAX_PUBLIC_SHARE
) -> Verdict:
    if not acl.associations:
        return not_applicable(f"{acl.network_acl_id} is the ACL of no subnet")
    found = []
    for port in admin_ports:
        widest = max((let_in_by_acl(acl, version, port) for version in (4, 6)), key=lambda space: space.share.part)
        if widest.share.part > max_public_share:
            found.append(f"port {port} from {widest.share}")
    if found:
        return failed(f"{acl.network_acl_id} lets in to {first_few(found)}; max_public_share is {max_public_share:g}")
    return passed(f"{acl.network_acl_id} keeps the internet from {first_few(map(str, admin_ports))}")


@check(
    "aws_vpc_time_source_approved",
    title="The network tells its machines to get the time from approved sources",
    severity="low",
    fix="Set ntp-servers in the DHCP options of the network to the Amazon Time Sync Service",
)
def time_source_approved(
    network: Vpc, options: All[DhcpOptions], *, approved_ntp: tuple[str, ...] = _AMAZON_TIME_SYNC
) -> Verdict:
    name, chosen = network.vpc_id, network.dhcp_options_id
    told = None if chosen == _NO_OPTIONS else next((item for item in options if item.dhcp_options_id == chosen), None)
    if told is None and chosen != _NO_OPTIONS:
        return unknown(f"the DHCP options {chosen} of {name} are not among those that could be read")
    servers = () if told is None else told.values_of("ntp-servers")
    if not servers:
        return unknown(f"the DHCP options of {name} name no time source, so that each image decides where it asks")
    others = [server for server in servers if server not in approved_ntp]
    if others:
        return failed(f"the DHCP options of {name} name {first_few(others)}, which approved_ntp does not list")
    return passed(f"the DHCP options of {name} name {first_few(servers)}")
