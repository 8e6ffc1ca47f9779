"""OpenSearch Service: domains. Serverless collections are not listed; what is in an index is never read."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import in_batches, only
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws

_AT_ONCE = 5
_KEPT = (
    "DomainName",
    "ARN",
    "EngineVersion",
    "Deleted",
    "AccessPolicies",
    "EncryptionAtRestOptions",
    "NodeToNodeEncryptionOptions",
)


class Switch(Struct, frozen=True, kw_only=True, rename="pascal"):
    """An option that is on or off."""

    enabled: bool = False  # AWS leaves out what is off


class EndpointOptions(Struct, frozen=True, kw_only=True, rename="pascal"):
    """How the endpoint is reached."""

    enforce_https: bool = field(name="EnforceHTTPS", default=False)  # likewise


class Vpc(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The network that a domain is in."""

    vpc_id: str | None = field(name="VPCId", default=None)


class SignIn(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whether users of the domain's own are asked for, beside its policy (fine-grained access control)."""

    enabled: bool = False  # likewise
    anonymous_auth_enabled: bool = False  # likewise


@resource("aws.opensearch.domain", key="ARN")
class Domain(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A domain."""

    domain_name: str
    arn: str = field(name="ARN")
    deleted: bool = False  # AWS leaves it out of a domain that is in use
    access_policies: str = ""  # empty: it has none
    at_rest: Switch = field(name="EncryptionAtRestOptions", default=Switch())
    node_to_node: Switch = field(name="NodeToNodeEncryptionOptions", default=Switch())
    endpoint: EndpointOptions = field(name="DomainEndpointOptions", default=EndpointOptions())
    vpc: Vpc = field(name="VPCOptions", default=Vpc())
    sign_in: SignIn = field(name="AdvancedSecurityOptions", default=SignIn())


@aws.collects(
    Domain,
    at="region",
    call=("opensearch:ListDomainNames", "opensearch:DescribeDomains"),
    permissions=("es:ListDomainNames", "es:DescribeDomains"),
)
def domains(account: Account) -> Iterator[Body]:
    names = (each["DomainName"] for each in account.value("opensearch", "ListDomainNames", "DomainNames"))
    for batch in in_batches(names, _AT_ONCE):
        for domain in account.value("opensearch", "DescribeDomains", "DomainStatusList", DomainNames=batch):
            yield {
                **only(domain, *_KEPT),
                "DomainEndpointOptions": only(domain.get("DomainEndpointOptions", {}), "EnforceHTTPS"),
                "VPCOptions": only(domain.get("VPCOptions", {}), "VPCId"),
                "AdvancedSecurityOptions": only(
                    domain.get("AdvancedSecurityOptions", {}), "Enabled", "AnonymousAuthEnabled"
                ),
            }
