"""Checks of EKS: who reaches the API of a cluster."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws._exposure.network import MAX_PUBLIC_SHARE
from connectors.aws._exposure.ranges import ranges_gate
from connectors.aws._exposure.verdict import through, widest
from connectors.aws._policy.truth import Truth
from connectors.aws.eks.resources import Cluster

_EVERYBODY = ("0.0.0.0/0", "::/0")


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
