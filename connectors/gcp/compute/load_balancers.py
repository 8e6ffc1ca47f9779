"""Proxies that end TLS, their policies, and certificates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors.gcp._sdk.client import GoogleCloud, compute, in_every_place, of_kind
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.links import path_of, placed
from connectors.gcp.compute.networks import COMPUTE_OFF

HTTPS_PROXIES = compute("targetHttpsProxies.aggregatedList")
SSL_PROXIES = compute("targetSslProxies.list")
SSL_POLICIES = compute("sslPolicies.aggregatedList")
CERTIFICATES = compute("sslCertificates.aggregatedList")

_VERSIONS = ("TLS_1_0", "TLS_1_1", "TLS_1_2", "TLS_1_3")


@resource("gcp.compute.target_proxy", key="place", volatile=("fingerprint",))
class TargetProxy(Struct, frozen=True, kw_only=True, rename="camel"):
    """A proxy of a load balancer that ends TLS."""

    place: str
    name: str
    self_link: str
    ssl_policy: str = ""  # left out: Google's own default, which admits TLS 1.0


@gcp.collects(
    TargetProxy,
    at="project",
    call=(HTTPS_PROXIES.id, SSL_PROXIES.id),
    permissions=("compute.targetHttpsProxies.list", "compute.targetSslProxies.list"),
    unused=COMPUTE_OFF,
)
def target_proxies(client: GoogleCloud) -> Iterator[Body]:
    items = in_every_place("targetHttpsProxies")
    yield from placed(client.google.pages(HTTPS_PROXIES, key=items, project=client.project, maxResults=500))
    yield from placed(client.google.pages(SSL_PROXIES, key=of_kind(), project=client.project, maxResults=500))


@resource("gcp.compute.ssl_policy", key="place", volatile=("fingerprint",))
class SslPolicy(Struct, frozen=True, kw_only=True, rename="camel"):
    """Which versions and ciphers of TLS a proxy takes."""

    place: str
    name: str
    self_link: str
    min_tls_version: str
    profile: str


@gcp.collects(SslPolicy, at="project", call=SSL_POLICIES.id, permissions="compute.sslPolicies.list", unused=COMPUTE_OFF)
def ssl_policies(client: GoogleCloud) -> Iterator[Body]:
    items = in_every_place("sslPolicies")
    yield from placed(client.google.pages(SSL_POLICIES, key=items, project=client.project, maxResults=500))


class Managed(Struct, frozen=True, kw_only=True, rename="camel"):
    """A certificate that Google renews."""

    status: str


@resource(
    "gcp.compute.certificate",
    key="place",
    redact=("certificate", "selfManaged.certificate", "privateKey", "selfManaged.privateKey"),
)
class Certificate(Struct, frozen=True, kw_only=True, rename="camel"):
    """A certificate for load balancers."""

    place: str
    name: str
    self_link: str
    managed: Managed | None = None  # left out where somebody renews it
    expire_time: datetime | None = None  # left out until Google has issued the certificate


@gcp.collects(
    Certificate, at="project", call=CERTIFICATES.id, permissions="compute.sslCertificates.list", unused=COMPUTE_OFF
)
def certificates(client: GoogleCloud) -> Iterator[Body]:
    items = in_every_place("sslCertificates")
    yield from placed(client.google.pages(CERTIFICATES, key=items, project=client.project, maxResults=500))


@check(
    "gcp_compute_lb_modern_tls",
    title="Proxies that end TLS take TLS 1.2 or later only",
    severity="high",
    fix="Attach an SSL policy with the minimal version TLS 1.2 and the profile MODERN or RESTRICTED",
)
def modern_tls(proxy: TargetProxy, policies: All[SslPolicy]) -> Verdict:
    if not proxy.ssl_policy:
        return failed(f"{proxy.name} has no SSL policy, and takes TLS 1.0 by Google's default")
    for policy in policies:
        if path_of(policy.self_link) == path_of(proxy.ssl_policy):
            said = f"{proxy.name} takes {policy.min_tls_version} and later by {policy.name} ({policy.profile})"
            if policy.min_tls_version not in _VERSIONS:
                return unknown(said)
            return (
                passed(said) if _VERSIONS.index(policy.min_tls_version) >= _VERSIONS.index("TLS_1_2") else failed(said)
            )
    return unknown(f"{proxy.name} has the SSL policy {proxy.ssl_policy}, which is not in this project")


@check(
    "gcp_compute_certificate_not_expiring",
    title="Certificates do not expire soon",
    severity="high",
    fix="Renew the certificate, or let Google manage it",
)
def not_expiring(certificate: Certificate, *, now: datetime, min_left: timedelta = timedelta(days=30)) -> Verdict:
    ends = certificate.expire_time
    if certificate.managed is not None:
        if certificate.managed.status != "ACTIVE":
            return failed(f"{certificate.name} is managed by Google, and {certificate.managed.status}")
        if ends is None or ends > now:
            return passed(f"{certificate.name} is managed by Google, and active")
        return failed(f"{certificate.name} is managed by Google, and ended on {ends:%Y-%m-%d}")
    if ends is None:
        return unknown(f"Google does not say when {certificate.name} ends")
    left = ends - now
    said = f"{certificate.name} ends on {ends:%Y-%m-%d}, in {left.days} days"
    return passed(said) if left > min_left else failed(f"{said}; {min_left.days} have to be left")
