"""Checks of EKS: who reaches the API of a cluster, what it logs and encrypts, and whether AWS still mends it."""

from __future__ import annotations

from datetime import datetime

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws._exposure.network import MAX_PUBLIC_SHARE
from connectors.aws._exposure.ranges import ranges_gate
from connectors.aws._exposure.verdict import through, widest
from connectors.aws._policy.truth import Truth
from connectors.aws.eks.resources import Cluster, Version

_EVERYBODY = ("0.0.0.0/0", "::/0")
_ENCRYPTED_BY_ITSELF = (1, 28)
"""From this version on EKS encrypts all of the cluster's store with a key of its own.

https://docs.aws.amazon.com/eks/latest/userguide/envelope-encryption.html
"""


@check(
    "aws_eks_cluster_endpoint_restricted",
    title="The cluster's API is not reached from the whole internet",
    severity="high",
    fix="Close the public endpoint, or name the company's own ranges for it",
)
def cluster_endpoint_restricted(cluster: Cluster, *, max_public_share: float = MAX_PUBLIC_SHARE) -> Verdict:
    config = cluster.described.vpc_config
    if not config.endpoint_public_access:
        return passed(f"the endpoint of {cluster.name} is reached from its network only")
    named = config.public_access_cidrs
    exposure = widest(
        through(cluster.name, [ranges_gate(named or _EVERYBODY, version, "public endpoint")], max_public_share)
        for version in (4, 6)
    )
    if exposure.truth is Truth.YES:
        ranges = first_few(named, 4) if named else "no range named, which is every address"
        return failed(f"{exposure}: {exposure.share} by {ranges}; max_public_share is {max_public_share:g}")
    if exposure.truth is Truth.MAYBE:
        return unknown(str(exposure))
    return passed(f"the public endpoint of {cluster.name} lets in {first_few(named, 4)}")


@check(
    "aws_eks_cluster_audit_logging",
    title="The cluster logs what is asked of its API, and who asks",
    severity="medium",
    fix="Switch on the audit and authenticator logs of the control plane",
)
def cluster_audit_logging(
    cluster: Cluster, *, required_log_types: tuple[str, ...] = ("audit", "authenticator")
) -> Verdict:
    setups = cluster.described.logging.cluster_logging
    logged = {name for setup in setups if setup.enabled for name in setup.types}
    lacking = [name for name in required_log_types if name not in logged]
    if lacking:
        return failed(f"{cluster.name} does not log {first_few(lacking)}")
    return passed(f"{cluster.name} logs {first_few(sorted(logged), 6)}")


@check(
    "aws_eks_cluster_supported_version",
    title="The version of the cluster is in standard support",
    severity="medium",
    fix="Upgrade the cluster, one minor version at a time",
)
def cluster_supported_version(
    cluster: Cluster,
    versions: All[Version],
    *,
    now: datetime,
    accepted_support: tuple[str, ...] = ("STANDARD_SUPPORT",),
) -> Verdict:
    running = cluster.described.version
    found = next((item for item in versions if item.cluster_version == running), None)
    if found is None or not found.version_status:
        return unknown(f"AWS does not say whether it supports {running or 'the version'} of {cluster.name}")
    end = found.end_of_standard_support_date
    until = "" if end is None else f", standard support of which ends on {end:%Y-%m-%d}"
    said = f"{cluster.name} runs {running}, which is in the state {found.version_status}{until}"
    ended = found.version_status == "STANDARD_SUPPORT" and end is not None and end < now
    return passed(said) if found.version_status in accepted_support and not ended else failed(said)


@check(
    "aws_eks_cluster_secrets_encrypted",
    title="Secrets in the store of the cluster are encrypted",
    severity="medium",
    fix="Set a key of KMS for secrets, or upgrade to a version that encrypts by itself",
)
def cluster_secrets_encrypted(cluster: Cluster) -> Verdict:
    keys = [each.provider.key_arn for each in cluster.described.encryption_config if "secrets" in each.resources]
    if any(keys):
        return passed(f"secrets of {cluster.name} are encrypted with {first_few(filter(None, keys))}")
    number = _number(cluster.described.version)
    if number is None:
        return unknown(f"{cluster.name} has no key of its own, and AWS does not say its version")
    if number >= _ENCRYPTED_BY_ITSELF:
        return passed(f"{cluster.name} runs {cluster.described.version}, which EKS encrypts with a key of its own")
    return failed(f"{cluster.name} runs {cluster.described.version}, and no key of KMS is set for secrets")


def _number(version: str) -> tuple[int, int] | None:
    """Return a version such as 1.33 as numbers; None for a text that is none."""
    major, _, minor = version.partition(".")
    return (int(major), int(minor)) if major.isdecimal() and minor.isdecimal() else None
