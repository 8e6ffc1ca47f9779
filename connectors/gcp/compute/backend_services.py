"""What load balancers send requests to."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed
from collector.core.resources import Body, resource
from connectors.gcp._sdk.client import GoogleCloud, compute, in_every_place
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.links import placed
from connectors.gcp.compute.networks import COMPUTE_OFF

SERVICES = compute("backendServices.aggregatedList")
_EXTERNAL = frozenset({"EXTERNAL", "EXTERNAL_MANAGED"})


class LogConfig(Struct, frozen=True, kw_only=True):
    """Whether requests are logged. Google leaves out what is false."""

    enable: bool = False


@resource("gcp.compute.backend_service", key="place", volatile=("fingerprint",), redact=("iap.oauth2ClientSecret",))
class BackendService(Struct, frozen=True, kw_only=True, rename="camel"):
    """A backend service. Google leaves out what nobody has configured."""

    place: str
    name: str
    load_balancing_scheme: str
    log_config: LogConfig = LogConfig()
    security_policy: str = ""


@gcp.collects(
    BackendService, at="project", call=SERVICES.id, permissions="compute.backendServices.list", unused=COMPUTE_OFF
)
def backend_services(client: GoogleCloud) -> Iterator[Body]:
    items = in_every_place("backendServices")
    yield from placed(client.google.pages(SERVICES, key=items, project=client.project, maxResults=500))


@check(
    "gcp_compute_lb_logging_enabled",
    title="External load balancers log requests",
    severity="medium",
    fix="Enable logging of the backend service",
)
def logging_enabled(service: BackendService) -> Verdict:
    if service.load_balancing_scheme not in _EXTERNAL:
        return not_applicable(f"{service.name} is {service.load_balancing_scheme}, and not reached from outside")
    return passed() if service.log_config.enable else failed(f"{service.name} logs no requests")


@check(
    "gcp_compute_lb_armor_policy_attached",
    title="External backends have a security policy",
    severity="medium",
    fix="Attach a policy of Cloud Armor",
)
def armor_policy_attached(service: BackendService, *, approved_without_policy: tuple[str, ...] = ()) -> Verdict:
    if service.load_balancing_scheme not in _EXTERNAL:
        return not_applicable(f"{service.name} is {service.load_balancing_scheme}, and not reached from outside")
    if service.security_policy:
        return passed()
    if service.name in approved_without_policy:
        return passed(f"{service.name} is in approved_without_policy")
    return failed(f"{service.name} has no security policy")
