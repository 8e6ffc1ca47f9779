"""Who from elsewhere may act in a project without a key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp

_POOLS = "iam.projects.locations.workloadIdentityPools"
POOLS = Operation("iam", "v1", f"{_POOLS}.list")
PROVIDERS = Operation("iam", "v1", f"{_POOLS}.providers.list")


@resource("gcp.iam.workload_identity_provider", key="name")
class Provider(Struct, frozen=True, kw_only=True, rename="camel"):
    """A provider of identities, with its pool. Google leaves out what is false or empty."""

    name: str
    state: str
    pool_disabled: bool
    disabled: bool = False
    attribute_condition: str = ""
    aws: dict[str, Any] | None = None  # the account that may federate; None: another kind of provider


@gcp.collects(
    Provider,
    at="project",
    call=(POOLS.id, PROVIDERS.id),
    permissions=(
        "iam.googleapis.com/workloadIdentityPools.list",
        "iam.googleapis.com/workloadIdentityPoolProviders.list",
    ),
)
def providers(client: GoogleCloud) -> Iterator[Body]:
    parent = f"{client.name}/locations/global"
    for pool in client.whatever.pages(POOLS, key="workloadIdentityPools", parent=parent, pageSize=1000):
        listed = client.whatever.pages(
            PROVIDERS, key="workloadIdentityPoolProviders", parent=pool["name"], pageSize=100
        )
        for provider in listed:
            yield {**provider, "poolDisabled": pool.get("disabled", False)}


@check(
    "gcp_iam_workload_pool_has_condition",
    title="Workload identity providers restrict who may federate",
    severity="high",
    fix="Add an attribute condition that names the organization, repository or tenant that may federate",
)
def has_condition(provider: Provider) -> Verdict:
    name = "/".join(provider.name.split("/")[-3::2])
    if provider.state != "ACTIVE" or provider.disabled or provider.pool_disabled:
        return not_applicable(f"{name} is off, so that nobody federates by it")
    if provider.aws is not None:
        return passed(f"{name} is for the AWS account {provider.aws.get('accountId')} only")
    condition = provider.attribute_condition.strip()
    if not condition or condition == "true":
        return failed(f"everybody whom the issuer of {name} gives a token may federate")
    return passed(f"{name} asks for {condition[:120]}")
