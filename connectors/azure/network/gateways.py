"""Application gateways with their web application firewalls, and Azure Firewalls with their policies."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.azure._sdk.client import Azure
from connectors.azure._sdk.connector import azure
from connectors.azure._sdk.makers import MAKERS
from connectors.azure._sdk.operations import operation
from connectors.azure.network.resources import Reference

_AT = "GET /subscriptions/{subscription}/providers/Microsoft.Network"
_VERSION = "2023-11-01"

GATEWAYS = operation(f"{_AT}/applicationGateways", _VERSION)
WAF_POLICIES = operation(f"{_AT}/ApplicationGatewayWebApplicationFirewallPolicies", _VERSION)
FIREWALLS = operation(f"{_AT}/azureFirewalls", _VERSION)
FIREWALL_POLICIES = operation(f"{_AT}/firewallPolicies", _VERSION)


class FrontendProperties(Struct, frozen=True, kw_only=True):
    """The address of a gateway. Left out: a private one."""

    public_ip: Reference | None = field(name="publicIPAddress", default=None)


class Frontend(Struct, frozen=True, kw_only=True):
    """Where a gateway is reached."""

    properties: FrontendProperties


class ListenerProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """A policy of the listener's own. Left out: that of the gateway."""

    firewall_policy: Reference | None = None


class Listener(Struct, frozen=True, kw_only=True):
    """What takes requests."""

    name: str
    properties: ListenerProperties


class PathRuleProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """A policy for some paths only. Left out: that of the listener."""

    firewall_policy: Reference | None = None


class PathRule(Struct, frozen=True, kw_only=True):
    """Paths that are forwarded in their own way."""

    name: str
    properties: PathRuleProperties


class PathMapProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """What happens to which path."""

    path_rules: tuple[PathRule, ...] = ()


class PathMap(Struct, frozen=True, kw_only=True):
    """The rules of a listener by path."""

    properties: PathMapProperties


class OwnFirewall(Struct, frozen=True, kw_only=True, rename="camel"):
    """The older form of a web application firewall, in the gateway itself."""

    enabled: bool
    firewall_mode: str  # Detection, Prevention


class GatewayProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """How a gateway is reached and filtered; what there is not is left out."""

    frontend_ip_configurations: tuple[Frontend, ...] = field(name="frontendIPConfigurations", default=())
    http_listeners: tuple[Listener, ...] = ()
    url_path_maps: tuple[PathMap, ...] = ()
    firewall_policy: Reference | None = None
    web_application_firewall_configuration: OwnFirewall | None = None


@resource(
    "azure.network.application_gateway",
    key="id",
    volatile=("etag",),
    redact=(
        *MAKERS,
        "properties.sslCertificates.properties.data",
        "properties.sslCertificates.properties.password",
        "properties.authenticationCertificates.properties.data",
        "properties.trustedRootCertificates.properties.data",
    ),
)
class ApplicationGateway(Struct, frozen=True, kw_only=True):
    """An application gateway."""

    id: str
    name: str
    properties: GatewayProperties


@azure.collects(
    ApplicationGateway, at="subscription", call=GATEWAYS, permissions="Microsoft.Network/applicationGateways/read"
)
def gateways(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(GATEWAYS)


class PolicySettings(Struct, frozen=True, kw_only=True):
    """Whether a policy is in force, and whether it blocks. Left out: Enabled, Detection by the specification."""

    state: str = "Enabled"
    mode: str = "Detection"


class WafProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """The settings of a policy."""

    policy_settings: PolicySettings = PolicySettings()


@resource("azure.network.waf_policy", key="id", volatile=("etag",), redact=MAKERS)
class WafPolicy(Struct, frozen=True, kw_only=True):
    """A policy of web application firewalls."""

    id: str
    name: str
    properties: WafProperties


@azure.collects(
    WafPolicy,
    at="subscription",
    call=WAF_POLICIES,
    permissions="Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies/read",
)
def waf_policies(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(WAF_POLICIES)


class FirewallProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a firewall does with known malicious addresses: by itself, or by its policy, which then decides."""

    threat_intel_mode: str | None = None  # Alert, Deny, Off
    firewall_policy: Reference | None = None


@resource("azure.network.azure_firewall", key="id", volatile=("etag",), redact=MAKERS)
class AzureFirewall(Struct, frozen=True, kw_only=True):
    """An Azure Firewall."""

    id: str
    name: str
    properties: FirewallProperties


@azure.collects(AzureFirewall, at="subscription", call=FIREWALLS, permissions="Microsoft.Network/azureFirewalls/read")
def firewalls(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(FIREWALLS)


class FirewallPolicyProperties(Struct, frozen=True, kw_only=True, rename="camel"):
    """The mode of a policy, which may have one above it."""

    threat_intel_mode: str | None = None
    base_policy: Reference | None = None


@resource("azure.network.firewall_policy", key="id", volatile=("etag",), redact=MAKERS)
class FirewallPolicy(Struct, frozen=True, kw_only=True):
    """A policy of Azure Firewalls."""

    id: str
    name: str
    properties: FirewallPolicyProperties


@azure.collects(
    FirewallPolicy, at="subscription", call=FIREWALL_POLICIES, permissions="Microsoft.Network/firewallPolicies/read"
)
def firewall_policies(subscription: Azure) -> Iterator[Body]:
    return subscription.pages(FIREWALL_POLICIES)
