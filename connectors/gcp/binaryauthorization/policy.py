"""Which images may run, by the policy of Binary Authorization."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.links import last_of
from connectors.gcp._sdk.unused import off
from connectors.gcp.gke.clusters import Cluster
from connectors.gcp.serverless.resources import Service

_NAMED = 5
POLICY = Operation("binaryauthorization", "v1", "binaryauthorization.projects.getPolicy")


class Admission(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is asked of an image before it runs."""

    evaluation_mode: str
    enforcement_mode: str

    @property
    def holds(self) -> bool:
        """Whether an image is refused that is not as it should be."""
        return self.evaluation_mode != "ALWAYS_ALLOW" and self.enforcement_mode == "ENFORCED_BLOCK_AND_AUDIT_LOG"


class Exempt(Struct, frozen=True, kw_only=True, rename="camel"):
    """Images of which nothing is asked."""

    name_pattern: str


@resource("gcp.binaryauthorization.policy", key="name", volatile=("updateTime", "etag"))
class ImagePolicy(Struct, frozen=True, kw_only=True, rename="camel"):
    """The policy of a project. Google leaves out what is empty."""

    name: str
    default_admission_rule: Admission
    cluster_admission_rules: dict[str, Admission] = {}
    kubernetes_namespace_admission_rules: dict[str, Admission] = {}
    kubernetes_service_account_admission_rules: dict[str, Admission] = {}
    istio_service_identity_admission_rules: dict[str, Admission] = {}
    admission_whitelist_patterns: tuple[Exempt, ...] = ()


@gcp.collects(
    ImagePolicy,
    at="project",
    call=POLICY.id,
    permissions="binaryauthorization.policy.get",
    unused=off("binaryauthorization.googleapis.com"),
)
def image_policy(client: GoogleCloud) -> Iterator[Body]:
    yield client.google.ask(POLICY, name=f"{client.name}/policy")


@check(
    "gcp_binaryauthorization_enforced",
    title="Only attested images are admitted",
    severity="low",
    fix="Ask for attestations in the default rule, block what has none, and take out rules that let it pass",
)
def enforced(policy: ImagePolicy, clusters: All[Cluster], services: All[Service]) -> Verdict:
    """A policy is asked only by clusters and services of Cloud Run that say so."""
    rule = policy.default_admission_rule
    if not rule.holds:
        return failed(f"the default rule is {rule.evaluation_mode}, {rule.enforcement_mode}")
    others = {
        **policy.cluster_admission_rules,
        **policy.kubernetes_namespace_admission_rules,
        **policy.kubernetes_service_account_admission_rules,
        **policy.istio_service_identity_admission_rules,
    }
    open_ = sorted(name for name, each in others.items() if not each.holds)
    if open_:
        return failed(f"rules of their own let every image pass for {', '.join(open_)}")
    everything = [
        each.name_pattern for each in policy.admission_whitelist_patterns if set(each.name_pattern) <= set("*/")
    ]
    if everything:
        return failed(f"the pattern {everything[0]} exempts every image")
    unasked = [f"cluster {each.name}" for each in clusters if not each.binary_authorization.is_enforced]
    own: list[str] = []
    for service in services:
        admission = service.binary_authorization
        if not admission.use_default:
            (own if admission.policy else unasked).append(f"service {last_of(service.name)}")
    if unasked:
        more = f", and {len(unasked) - _NAMED} more" if len(unasked) > _NAMED else ""
        return failed(f"the policy is not asked by {', '.join(sorted(unasked)[:_NAMED])}{more}")
    return unknown(f"policies of their own decide for {', '.join(sorted(own)[:_NAMED])}") if own else passed()
