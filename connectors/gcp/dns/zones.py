"""Zones of Cloud DNS."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.unused import off

ZONES = Operation("dns", "v1", "dns.managedZones.list")


class KeySpec(Struct, frozen=True, kw_only=True):
    """How keys of a zone sign."""

    algorithm: str


class Dnssec(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether a zone is signed. Google leaves the keys out where DNSSEC is off."""

    state: str = "off"
    default_key_specs: tuple[KeySpec, ...] = ()


@resource("gcp.dns.managed_zone", key="name")
class Zone(Struct, frozen=True, kw_only=True, rename="camel"):
    """A zone."""

    name: str
    dns_name: str
    visibility: str
    dnssec_config: Dnssec = Dnssec()  # left out where nobody has configured it


@gcp.collects(Zone, at="project", call=ZONES.id, permissions="dns.managedZones.list", unused=off("dns.googleapis.com"))
def zones(client: GoogleCloud) -> Iterator[Body]:
    yield from client.google.pages(ZONES, key="managedZones", project=client.project, maxResults=100)


@check(
    "gcp_dns_dnssec_enabled",
    title="Public zones use DNSSEC with strong algorithms",
    severity="medium",
    fix="Turn DNSSEC on, and have the registrar publish the DS record",
)
def dnssec_enabled(zone: Zone) -> Verdict:
    if zone.visibility != "public":
        return not_applicable(f"{zone.dns_name} is {zone.visibility}, and Google signs public zones only")
    if zone.dnssec_config.state == "off":
        return failed(f"{zone.dns_name} is not signed")
    weak = sorted({spec.algorithm for spec in zone.dnssec_config.default_key_specs if "sha1" in spec.algorithm.lower()})
    if weak:
        return failed(f"{zone.dns_name} is signed with {', '.join(weak)}")
    if zone.dnssec_config.state != "on":
        return unknown(f"the signing of {zone.dns_name} is {zone.dnssec_config.state}")
    return passed()
