"""Load balancers: of the three newer types with their listeners, classic ones, and the TLS policies of AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from collector.core.resources import Body, resource
from connectors.aws._sdk.bodies import only
from connectors.aws._sdk.client import NO_CALL, Account
from connectors.aws._sdk.connector import aws

_READ_V2 = "elasticloadbalancing:DescribeLoadBalancers"
# What a listener answers or adds to a sign-in is text of the company's, and may be anything. No rule of an HTTP
# listener signs anybody in, and the rules of others are not read.
_TEXTS = (
    "Listeners.DefaultActions.FixedResponseConfig.MessageBody",
    "Listeners.DefaultActions.AuthenticateOidcConfig.AuthenticationRequestExtraParams.*",
    "Listeners.DefaultActions.AuthenticateCognitoConfig.AuthenticationRequestExtraParams.*",
    "Listeners.Rules.Actions.FixedResponseConfig.MessageBody",
)

_STOPPING = frozenset({"Block", "Captcha", "Challenge"})


class Zone(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A zone that a load balancer has nodes in."""

    subnet_id: str
    zone_name: str = ""  # AWS documents it as optional


class Attribute(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A setting of a load balancer, such as `access_logs.s3.enabled` = `true`."""

    key: str
    value: str = ""


class WebAcl(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The web ACL that filters requests (wafv2:GetWebACLForResource)."""

    name: str
    arn: str = field(name="ARN")
    stops: bool | None = None  # whether it may stop a request, or only counts; None: evidence from before it was read


class WebFilter(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Whether a web ACL filters what an application load balancer takes."""

    web_acl: WebAcl | None = field(name="WebACL", default=None)  # None: none does


class RedirectConfig(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Where a redirect goes; what is left out stays as in the request."""

    protocol: str = "#{protocol}"


class FixedResponseConfig(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What a listener answers itself."""

    status_code: str


class Action(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What is done with a request."""

    type: str
    redirect_config: RedirectConfig | None = None  # None: no redirect
    fixed_response_config: FixedResponseConfig | None = None  # None: no fixed response

    @property
    def is_harmless(self) -> bool:
        """Whether it sends the client to HTTPS, or refuses the request."""
        if self.redirect_config is not None:
            return self.redirect_config.protocol == "HTTPS"
        return self.fixed_response_config is not None and self.fixed_response_config.status_code[:1] in ("4", "5")


class Rule(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One rule of a listener: its priority, or `default`, and what it does."""

    priority: str
    actions: tuple[Action, ...]

    @property
    def serves(self) -> str:
        """What it does with a request but to send it to HTTPS or to refuse it; empty where nothing."""
        # Of several actions the last one answers; those before it ask who somebody is.
        return "" if self.actions and self.actions[-1].is_harmless else " and ".join(each.type for each in self.actions)


class Listener(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One listener, with its rules where it takes HTTP (elasticloadbalancing:DescribeRules)."""

    port: int
    protocol: str
    ssl_policy: str | None = None  # None: it does not end TLS
    rules: tuple[Rule, ...] = ()  # empty: it does not take HTTP


@resource(
    "aws.elb.load_balancer",
    key="LoadBalancerArn",
    redact=_TEXTS,
)
class LoadBalancer(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One application, network or gateway load balancer."""

    name: str = field(name="LoadBalancerName")
    type: str  # application, network or gateway
    scheme: str | None = None  # None: a gateway load balancer, which has no address of its own
    ip_address_type: str = "ipv4"
    zones: tuple[Zone, ...] = field(name="AvailabilityZones", default=())
    security_groups: tuple[str, ...] = ()  # empty: none apply, as in network load balancers of old
    listeners: tuple[Listener, ...]
    attributes: tuple[Attribute, ...] | None = None  # None: evidence from before they were read
    web_filter: WebFilter | None = None  # None: likewise

    def attribute(self, key: str) -> str | None:
        """Return a setting; None where AWS does not give it. May raise Unread."""
        return next((each.value for each in self.attributes or () if each.key == key), None)


class TlsPolicy(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A TLS policy with the protocols that it takes."""

    name: str
    ssl_protocols: tuple[str, ...]


@resource("aws.elb.tls_policies")
class TlsPolicies(Struct, frozen=True, kw_only=True, rename="pascal"):
    """All TLS policies that load balancers of a region can use."""

    region: str
    policies: tuple[TlsPolicy, ...]


class ClassicListener(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A listener of a classic load balancer: HTTP, HTTPS, TCP or SSL."""

    protocol: str
    load_balancer_port: int


class ListenerDescription(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A listener of a classic load balancer with the names of its policies."""

    listener: ClassicListener
    policy_names: tuple[str, ...] = ()


class PolicyAttribute(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One attribute of a policy, such as `Protocol-TLSv1` = `true`."""

    attribute_name: str
    attribute_value: str = ""


class PolicyDescription(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One policy of a classic load balancer."""

    policy_name: str
    policy_type_name: str
    attributes: tuple[PolicyAttribute, ...] = field(name="PolicyAttributeDescriptions", default=())


class ClassicAccessLog(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Where requests are logged."""

    enabled: bool
    bucket: str = field(name="S3BucketName", default="")  # left out where they are not


class ClassicAttributes(Struct, frozen=True, kw_only=True, rename="pascal"):
    """Settings of a classic load balancer (elasticloadbalancing:DescribeLoadBalancerAttributes)."""

    access_log: ClassicAccessLog


@resource("aws.elb.classic_load_balancer", key="LoadBalancerName")
class ClassicLoadBalancer(Struct, frozen=True, kw_only=True, rename="pascal"):
    """One classic load balancer."""

    name: str = field(name="LoadBalancerName")
    scheme: str = "internet-facing"  # AWS leaves it out outside a VPC, where all are on the internet
    listener_descriptions: tuple[ListenerDescription, ...]
    subnets: tuple[str, ...] = ()
    zones: tuple[str, ...] = field(name="AvailabilityZones", default=())
    security_groups: tuple[str, ...] = ()
    attributes: ClassicAttributes | None = None  # None: evidence from before they were read
    policies_of_listeners: tuple[PolicyDescription, ...]


@aws.collects(LoadBalancer, at="region", call="elbv2:DescribeLoadBalancers", permissions=_READ_V2)
def load_balancers(account: Account) -> Iterator[Body]:
    yield from account.pages("elbv2", "DescribeLoadBalancers", "LoadBalancers", PageSize=400)


@aws.part(
    LoadBalancer,
    "Listeners",
    call=("elbv2:DescribeListeners", "elbv2:DescribeRules"),
    permissions=("elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules"),
)
def listeners(account: Account, balancer: Body) -> Any:
    arn = balancer["LoadBalancerArn"]
    listed = list(account.pages("elbv2", "DescribeListeners", "Listeners", LoadBalancerArn=arn))
    for listener in listed:
        if listener.get("Protocol") == "HTTP":
            rules = account.pages("elbv2", "DescribeRules", "Rules", ListenerArn=listener["ListenerArn"])
            listener["Rules"] = list(rules)
    return listed


@aws.part(
    LoadBalancer,
    "Attributes",
    call="elbv2:DescribeLoadBalancerAttributes",
    permissions="elasticloadbalancing:DescribeLoadBalancerAttributes",
)
def attributes(account: Account, balancer: Body) -> Any:
    return account.value(
        "elbv2", "DescribeLoadBalancerAttributes", "Attributes", LoadBalancerArn=balancer["LoadBalancerArn"]
    )


@aws.part(LoadBalancer, "WebFilter", call="wafv2:GetWebACLForResource", permissions="wafv2:GetWebACLForResource")
def web_filter(account: Account, balancer: Body) -> Any:
    if balancer["Type"] != "application":
        return {"WebACL": None}
    answer = account.call("wafv2", "GetWebACLForResource", ResourceArn=balancer["LoadBalancerArn"])
    web_acl = answer.get("WebACL")
    return {"WebACL": None if web_acl is None else {**only(web_acl, "Name", "ARN"), "Stops": _stops(web_acl)}}


def _stops(web_acl: Body) -> bool:
    """Whether a web ACL may stop a request: by its own action, by one of a rule, or by a group that it lets act.

    https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-rule-group-override-options.html
    """
    if "Block" in web_acl.get("DefaultAction", {}):
        return True
    lists = ("Rules", "PreProcessFirewallManagerRuleGroups", "PostProcessFirewallManagerRuleGroups")
    rules = [rule for each in lists for rule in web_acl.get(each, ())]
    return any(
        _STOPPING.intersection(rule.get("Action", {})) or "None" in rule.get("OverrideAction", {}) for rule in rules
    )


@aws.collects(TlsPolicies, at="region", call=NO_CALL)
def tls_policies(account: Account) -> Iterator[Body]:
    yield {"AccountId": account.id, "Region": account.region}


@aws.part(
    TlsPolicies,
    "Policies",
    call="elbv2:DescribeSSLPolicies",
    permissions="elasticloadbalancing:DescribeSSLPolicies",
)
def policies(account: Account, _body: Body) -> Any:
    listed = account.pages("elbv2", "DescribeSSLPolicies", "SslPolicies", PageSize=400)
    return [{name: policy[name] for name in ("Name", "SslProtocols")} for policy in listed]


@aws.collects(ClassicLoadBalancer, at="region", call="elb:DescribeLoadBalancers", permissions=_READ_V2)
def classic_load_balancers(account: Account) -> Iterator[Body]:
    yield from account.pages("elb", "DescribeLoadBalancers", "LoadBalancerDescriptions", PageSize=400)


@aws.part(
    ClassicLoadBalancer,
    "PoliciesOfListeners",
    call="elb:DescribeLoadBalancerPolicies",
    permissions="elasticloadbalancing:DescribeLoadBalancerPolicies",
)
def policies_of_listeners(account: Account, balancer: Body) -> Any:
    return account.value(
        "elb", "DescribeLoadBalancerPolicies", "PolicyDescriptions", LoadBalancerName=balancer["LoadBalancerName"]
    )


@aws.part(
    ClassicLoadBalancer,
    "Attributes",
    call="elb:DescribeLoadBalancerAttributes",
    permissions="elasticloadbalancing:DescribeLoadBalancerAttributes",
)
def classic_attributes(account: Account, balancer: Body) -> Any:
    answer = account.value(
        "elb",
        "DescribeLoadBalancerAttributes",
        "LoadBalancerAttributes",
        LoadBalancerName=balancer["LoadBalancerName"],
    )
    return only(answer, "AccessLog")
